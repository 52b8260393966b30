"""`segrules changelog`: the commits of a project into what each changed in what the rules mean."""

import sys

import click

from segrules.cli.console import print_error, print_json, progress_bar
from segrules.cli.exit import Exit
from segrules.cli.options import output_file_option
from segrules.diagnostics.errors import SegrulesError


@click.command("changelog", short_help="Say commit by commit what changed in what the rules mean.")
@click.argument("revisions", metavar="BASE..HEAD")
@click.option(
    "--project", metavar="DIR", default=".", show_default=True, type=click.Path(), help="The folder of the project."
)
@click.option(
    "--output-format",
    type=click.Choice(["markdown", "json"]),
    default="markdown",
    show_default=True,
    help="How to print.",
)
@output_file_option
def command(revisions: str, project: str, output_format: str) -> Exit:
    """Say of each commit from BASE to HEAD what it changed in what the rules mean, the newest first.

    Commits are those on the line of first parents, so that a merged pull request is one of them.
    """
    from segrules.workspace.diffs.changelog import changelog

    try:
        with progress_bar(wanted=sys.stderr.isatty()) as progress:
            found = changelog(revisions, project=project, progress=progress)
    except SegrulesError as error:
        return print_error(error, output_format)
    if output_format == "json":
        print_json(found.to_json())
    else:
        sys.stdout.write(found.markdown())
    return Exit.FINE
