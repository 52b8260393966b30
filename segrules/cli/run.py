"""`segrules run`: a project and its data into members, and a table of their numbers."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from segrules.cli.console import (
    findings_json,
    print_findings,
    print_json,
    print_table,
    progress_bar,
)
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import data_option, fail_on_option, named_tables, output_format_option, project_argument
from segrules.cli.output import Output
from segrules.diagnostics.errors import SegrulesError, StrictRefusal
from segrules.text.source import Source

if TYPE_CHECKING:
    from segrules.evaluation.result import Result


@click.command("run", short_help="Find the members of segments and write them.")
@project_argument
@click.option(
    "--as-of",
    required=True,
    metavar="DATE|TIMESTAMP|today|yesterday|now",
    help="The instant of the run; of a date it is the first instant, in the catalogue's time zone.",
)
@click.option("--out", required=True, type=click.Path(), help="The folder to write; it appears whole or not at all.")
@data_option
@click.option("--segments", metavar="A,B", help="Run only these segments; partitions are always run.")
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["parquet", "csv", "arrow"]),
    default="parquet",
    show_default=True,
    help="The format of the tables.",
)
@click.option("--wide", is_flag=True, help="Write also one row per customer with one column per segment.")
@click.option("--include", multiple=True, type=click.Choice(["draft"]), help="Run draft segments, too.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier output.")
@click.option(
    "--engine",
    type=click.Choice(["arrow", "reference"]),
    default="arrow",
    show_default=True,
    help="The engine; `reference` defines what rules mean, slowly, and finds the same members.",
)
@click.option(
    "--lineage", type=click.Path(), metavar="FILE", help="Write events of OpenLineage to FILE, a line for each."
)
@click.option("--strict", is_flag=True, help="Write nothing where a finding makes the exit code 1.")
@output_format_option
@fail_on_option
def command(
    folder: str,
    as_of: str,
    out: str,
    data: tuple[str, ...],
    segments: str | None,
    file_format: str,
    wide: bool,
    include: tuple[str, ...],
    overwrite: bool,
    engine: str,
    lineage: str | None,
    strict: bool,
    output_format: str,
    fail_on: str,
) -> Exit:
    """Find the members of every active segment of the project in DIR and write them to a folder."""
    return run_project(
        folder,
        output_format,
        fail_on,
        {
            "as_of": as_of,
            "out": out,
            "data": named_tables(data),
            "segments": segments,
            "format": file_format,
            "wide": wide,
            "include": include,
            "overwrite": overwrite,
            "engine": engine,
            "lineage": lineage,
            "strict": strict,
        },
    )


def run_project(folder: str, output_format: str, fail_on: str, arguments: Mapping[str, Any]) -> Exit:
    """Load and run a project and print what came out; `arguments` are those of `RuleSet.run`."""
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    output = Output("run", folder, output_format, fail_on)
    try:
        rules = load(folder)
        sources.update(rules.sources)
        with progress_bar(wanted=output_format == "text") as progress:
            result = rules.run(**arguments, fail_on=fail_on, progress=progress)
    except SegrulesError as error:
        if isinstance(error, StrictRefusal) and output_format == "text":
            print_sizes(error.summary)
        return output.refuse(error, sources)
    if output_format == "json":
        print_json(
            {
                "summary": dict(result.summary()),
                "out": str(result.out),
                "files": list(result.files),
                "scores": {
                    score: {rank: "frozen" if report.frozen else "fresh" for rank, report in ranks.items()}
                    for score, ranks in sorted(result.ranks().items())
                },
                "population_figures": result.figures(),
                "findings": findings_json(result.findings),
            }
        )
    elif output_format == "text":
        _print_result(result, sources, folder, arguments.get("lineage"))
    else:
        output.findings(result.findings, sources)
    return exit_for(result.findings, fail_on)


def _print_result(result: "Result", sources: Mapping[str, Source], folder: str, lineage: str | None = None) -> None:
    print_sizes(result.summary())
    _print_held_out(result)
    _print_bands(result)
    _print_left_out(result)
    if result.findings:
        print_findings(result.findings, sources)
        click.echo()
    assert result.out is not None
    click.echo(f"written to {result.out}:")
    for name in result.files:
        click.echo(f"  {name}")
    if lineage is not None:
        click.echo(f"lineage written to {lineage}")
    click.echo("to try next:")
    for line in _next(result, folder):
        click.echo(f"  {line}")


def print_sizes(summary: Mapping[str, Any]) -> None:
    """The sizes of segments and partitions as tables."""
    customers = summary["customers"]
    click.echo(f"as of {summary['as_of']}, {customers:,} customers\n")
    segments = summary["segments"]
    if segments:
        held = any("arms" in size for size in segments.values())
        rows = [
            (
                name,
                f"{size['members']:,}",
                f"{size['share']:.1%}",
                f"{size['qualifying']:,}",
                *([f"{size['arms']['holdout']:,}" if "arms" in size else ""] if held else []),
            )
            for name, size in segments.items()
        ]
        print_table("segments", ("segment", "members", "share", "qualifying", *(["held out"] if held else [])), rows)
        click.echo()
    for name, entries in summary["partitions"].items():
        shares = [(entry, f"{count:,}", f"{count / max(customers, 1):.1%}") for entry, count in entries.items()]
        print_table(f"partition {name}", ("entry", "customers", "share"), shares)
        click.echo()


def _print_held_out(result: "Result") -> None:
    """A word to who sends, where members are held out."""
    if any("arms" in size for size in result.summary()["segments"].values()):
        click.echo("who is held out stands in the output, in the arm `holdout`: send to the arm `treated`\n")


def _print_bands(result: "Result") -> None:
    """Whether the cut points of each score were frozen or found in this run."""
    said = []
    for score, ranks in sorted(result.ranks().items()):
        frozen = [rank for rank, report in ranks.items() if report.frozen]
        which = "" if len(frozen) in (0, len(ranks)) else f" of {', '.join(frozen)}; the others are fresh"
        said.append(f"{score}: {'frozen' if frozen else 'fresh'} cut points{which}")
    if said:
        click.echo("\n".join((*said, "")))


def _print_left_out(result: "Result") -> None:
    """How many customers and rows population figures leave out."""
    said = [
        f"{score}.{rank}: {report.without_value:,} of the customers in question have no value and are in no band"
        for score, ranks in result.ranks().items()
        for rank, report in ranks.items()
        if report.without_value
    ]
    said += [
        f"{figure['words']}: {figure['without_value']:,} left out without a value, {figure['in_doubt']:,} in doubt"
        for figure in result.figures()
        if figure["without_value"] or figure["in_doubt"]
    ]
    if said:
        click.echo("\n".join((*said, "")))


def _next(result: "Result", folder: str) -> Sequence[str]:
    shown = f'"{folder}"' if " " in folder else folder
    segments = list(result.summary()["segments"])
    lines = [f"segrules show {shown} {segments[0]}   # the rule in plain English"] if segments else []
    codes = sorted({item.code.number for item in result.findings})
    if codes:
        lines.append(f"segrules finding {codes[0]}   # what a finding means")
    return [*lines, f"segrules check {shown}   # what is wrong or worth knowing in the rules"]
