"""`segrules assess`: segments into privacy assessments, and which files changed."""

from typing import TYPE_CHECKING, Any

import click

from segrules.cli.console import print_error, print_json, progress_bar
from segrules.cli.exit import Exit
from segrules.cli.options import data_option, min_cell_option, named_tables, plain_format_option, project_argument
from segrules.diagnostics.errors import SegrulesError
from segrules.text.source import Source

if TYPE_CHECKING:
    from segrules.workspace.assessment.assess import Assessed


@click.command("assess", short_help="Write privacy assessments of segments.")
@project_argument
@click.argument("segments", metavar="[SEGMENT]...", nargs=-1)
@click.option("--out", type=click.Path(), help="The folder to write; left out, `assessments` of `segrules.toml`.")
@click.option(
    "--on",
    metavar="DAY",
    help="The day that an assessment bears where it says something new; today where left out.",
)
@click.option(
    "--as-of",
    metavar="DATE|TIMESTAMP|today|yesterday|now",
    help="Count the members in the data, too, at this instant; only a band is written.",
)
@data_option
@min_cell_option("Of 1 to N-1 members, say only that they are fewer than N.")
@plain_format_option
def command(
    folder: str,
    segments: tuple[str, ...],
    out: str | None,
    on: str | None,
    as_of: str | None,
    data: tuple[str, ...],
    min_cell: int,
    output_format: str,
) -> Exit:
    """Write a privacy assessment of each SEGMENT of the project in DIR, of all where none is named.

    Each is a Markdown file and a JSON file. What people decide has a file of its own, which is never replaced.
    """
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    try:
        rules = load(folder)
        sources.update(rules.sources)
        with progress_bar(wanted=output_format == "text") as progress:
            assessed = rules.assess(
                segments or None,
                out=out,
                on=on,
                as_of=as_of,
                data=named_tables(data) or None,
                min_cell=min_cell,
                progress=progress,
            )
    except SegrulesError as error:
        return print_error(error, output_format, sources)
    if output_format == "json":
        print_json(_json(assessed))
    else:
        _print(assessed)
    return Exit.FINE


def _print(assessed: "Assessed") -> None:
    count, unchanged = len(assessed.assessments), len(assessed.unchanged)
    click.echo(f"{count} segment{'' if count == 1 else 's'} assessed in {assessed.out}")
    for name in assessed.written:
        click.echo(f"  written: {name}")
    if unchanged:
        click.echo(f"  unchanged: {unchanged} file{'' if unchanged == 1 else 's'}")
    for name in assessed.leftover:
        click.echo(f"  about a segment that there is no more: {name}")


def _json(assessed: "Assessed") -> dict[str, Any]:
    from segrules.workspace.assessment.record import facts_json

    return {
        "out": str(assessed.out),
        "written": list(assessed.written),
        "unchanged": list(assessed.unchanged),
        "leftover": list(assessed.leftover),
        "assessments": {name: facts_json(made) for name, made in assessed.assessments.items()},
    }
