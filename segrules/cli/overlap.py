"""`segrules overlap`: segments into who can be in two of them at once, and how many are."""

import shutil
import sys

import click

from segrules.cli.console import findings_json, print_error, print_findings, print_json, progress_bar
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import data_option, min_cell_option, named_tables, plain_format_option, project_argument
from segrules.diagnostics.errors import SegrulesError
from segrules.text.source import Source


@click.command("overlap", short_help="Say which segments can share customers, and how many they do.")
@project_argument
@click.option("--segments", metavar="A,B", help="Look only at these segments; left out, at all active ones.")
@click.option(
    "--as-of",
    metavar="DATE|TIMESTAMP|today|yesterday|now",
    help="Count in the data, too, at this instant; that nobody can be in two is proved for every instant.",
)
@data_option
@min_cell_option("Hide counts of 1 to N-1 customers, and what would tell them.")
@click.option("--include", multiple=True, type=click.Choice(["draft"]), help="Look at draft segments, too.")
@click.option("--cache/--no-cache", default=True, help="Whether to keep what is proved in DIR/.segrules_cache.")
@plain_format_option
def command(
    folder: str,
    segments: str | None,
    as_of: str | None,
    data: tuple[str, ...],
    min_cell: int,
    include: tuple[str, ...],
    cache: bool,
    output_format: str,
) -> Exit:
    """Say of each two segments of the project in DIR whether anybody can be in both, for any customers.

    Of two segments alone it shows such a customer, or what excludes one. With `--as-of` it also counts in the data.
    """
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    try:
        rules = load(folder)
        sources.update(rules.sources)
        with progress_bar(wanted=output_format == "text") as progress:
            found = rules.overlap(
                segments,
                as_of=as_of,
                data=named_tables(data) or None,
                min_cell=min_cell,
                include=include,
                cache=cache,
                progress=progress,
            )
    except SegrulesError as error:
        return print_error(error, output_format, sources)
    if output_format == "json":
        print_json({**found.to_json(), "findings": findings_json(found.findings)})
    else:
        click.echo(found.text(_width()), nl=False)
        if found.findings:
            click.echo()
            print_findings(found.findings, sources)
    return exit_for(found.findings, "error")


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
