"""`segrules show`: a definition into plain English."""

import click

from segrules.cli.console import print_error
from segrules.cli.exit import Exit
from segrules.cli.options import project_argument
from segrules.diagnostics.errors import SegrulesError
from segrules.text.source import Source


@click.command("show", short_help="Say in plain English what a segment means.")
@project_argument
@click.argument("name", metavar="SEGMENT")
@click.option("--prove", is_flag=True, help="Say also what is proved of every customer who could exist.")
def command(folder: str, name: str, prove: bool) -> Exit:
    """Say in plain English what a segment means, and which columns and events it reads.

    SEGMENT may also be a partition, a score, a define, a group or a policy of the project in DIR.
    """
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    try:
        rules = load(folder)
        sources.update(rules.sources)
        click.echo(rules.show(name, prove=prove), nl=False)
    except SegrulesError as error:
        return print_error(error, "text", sources)
    return Exit.FINE
