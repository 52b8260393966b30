"""`segrules plan`: rules into what a run of them reads, shares and works out."""

import click

from segrules.cli.console import print_error, print_json
from segrules.cli.exit import Exit
from segrules.cli.options import plain_format_option, project_argument
from segrules.diagnostics.errors import SegrulesError
from segrules.text.source import Source


@click.command("plan", short_help="Say what a run reads, shares and costs.")
@project_argument
@click.argument("segment", metavar="[SEGMENT]", required=False)
@click.option("--ops", is_flag=True, help="Print the flat program itself: rows of bits and operations on them.")
@plain_format_option
def command(folder: str, segment: str | None, ops: bool, output_format: str) -> Exit:
    """Say what a run of the project in DIR reads, shares and works out, and estimate what each clause costs.

    With SEGMENT only that segment and what it refers to. Neither data nor an instant are needed.
    """
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    try:
        rules = load(folder)
        sources.update(rules.sources)
        made = rules.plan(segment)
    except SegrulesError as error:
        return print_error(error, output_format, sources)
    if output_format == "json":
        print_json({"plan": made.to_json() | ({"operations": list(made.operations)} if ops else {})})
    elif ops:
        click.echo("\n".join(made.operations))
    else:
        click.echo(str(made), nl=False)
    return Exit.FINE
