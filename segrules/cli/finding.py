"""`segrules finding`: a code into the page that explains it."""

import sys

import click

from segrules.cli.console import print_message
from segrules.cli.exit import Exit
from segrules.diagnostics.codes import all_codes, by_text
from segrules.diagnostics.nearest import did_you_mean
from segrules.resources import finding_page


@click.command("finding", short_help="Explain a finding.")
@click.argument("code", required=False)
def command(code: str | None) -> Exit:
    """Explain a finding. CODE is its number (SEG201, or 201) or its name; without it all codes are listed."""
    if code is None:
        for item in all_codes():
            level = "off" if item.optional else item.severity.value
            click.echo(f"{item.number}  {level:<7}  {item.name}")
        return Exit.FINE
    found = by_text(code)
    if found is None:
        known = [name for item in all_codes() for name in (item.number, item.name)]
        print_message(
            f"there is no finding `{code}`", did_you_mean(code, known) or "`segrules finding` lists all of them"
        )
        return Exit.INPUT
    _print_page(finding_page(found.number))
    return Exit.FINE


def _print_page(page: str) -> None:
    if not sys.stdout.isatty():
        click.echo(page.rstrip("\n"))
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(page))
