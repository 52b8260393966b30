"""`segrules demo`: an example project of the package into a folder, run once."""

from pathlib import Path

import click

from segrules.cli.console import print_error
from segrules.cli.exit import Exit
from segrules.cli.run import run_project
from segrules.diagnostics.errors import SegrulesError
from segrules.workspace.demo import AS_OF, DEFAULT, write_example


@click.command("demo", short_help="Write an example project and run it.")
@click.argument("words", nargs=-1, required=True, metavar="[NAME] DIR")
def command(words: tuple[str, ...]) -> Exit:
    """Write an example project, data included, into the new folder DIR and run it.

    NAME is the example, online_retail unless given.
    """
    if len(words) > 2:
        raise click.UsageError("`demo` takes the name of an example, which may be left out, and a folder")
    name, folder = (DEFAULT, words[0]) if len(words) == 1 else words
    try:
        write_example(name, Path(folder))
    except SegrulesError as error:
        return print_error(error, "text")
    click.echo(f"the example `{name}` is written to {folder}; its rules are the files that end in .seg\n")
    return run_project(folder, "text", "error", {"as_of": AS_OF.get(name, "today"), "out": str(Path(folder) / "out")})
