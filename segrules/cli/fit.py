"""`segrules fit`: a project and its data into the cut points of its frozen scores, and into what changed."""

from typing import TYPE_CHECKING, Any

import click

from segrules.cli.console import findings_json, print_findings, print_json, progress_bar
from segrules.cli.exit import Exit, exit_for
from segrules.cli.options import data_option, fail_on_option, named_tables, output_format_option, project_argument
from segrules.cli.output import Output
from segrules.diagnostics.errors import SegrulesError
from segrules.text.source import Source

if TYPE_CHECKING:
    from segrules.workspace.fit import Change, FitResult


@click.command("fit", short_help="Find the cut points of frozen bands and lock them.")
@project_argument
@click.option(
    "--as-of",
    required=True,
    metavar="DATE|TIMESTAMP|today|yesterday|now",
    help="The instant of the data; of a date it is the first instant, in the catalogue's time zone.",
)
@data_option
@click.option("--scores", metavar="A,B", help="Fit only these scores; the lines of all others stay.")
@click.option(
    "--method",
    type=click.Choice(["rank", "type7", "qcut"]),
    default="rank",
    show_default=True,
    help="`rank` cuts as fresh bands do; `type7` at quantiles as R and numpy have them, `qcut` as pandas.qcut does.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change and write nothing.")
@output_format_option
@fail_on_option
def command(
    folder: str,
    as_of: str,
    data: tuple[str, ...],
    scores: str | None,
    method: str,
    dry_run: bool,
    output_format: str,
    fail_on: str,
) -> Exit:
    """Find the cut points of scores with `bands frozen` in DIR and write them to its `segrules.lock`."""
    from segrules.workspace.load import load

    sources: dict[str, Source] = {}
    output = Output("fit", folder, output_format, fail_on)
    try:
        rules = load(folder)
        sources.update(rules.sources)
        with progress_bar(wanted=output_format == "text") as progress:
            fitted = rules.fit(
                as_of, data=named_tables(data), scores=scores, method=method, write=not dry_run, progress=progress
            )
    except SegrulesError as error:
        return output.refuse(error, sources)
    if output_format == "json":
        print_json(_json(fitted))
    elif output_format == "text":
        _print(fitted, sources, dry_run=dry_run)
    else:
        output.findings(fitted.findings, sources)
    return exit_for(fitted.findings, fail_on)


def _print(fitted: "FitResult", sources: dict[str, Source], *, dry_run: bool) -> None:
    click.echo(f"as of {fitted.as_of.isoformat()}\n")
    for item in fitted.changes:
        before = f" (was {_cuts(item.before)})" if item.turn == "changed" and item.before != item.after else ""
        shown = _cuts(item.before if item.after is None else item.after)
        click.echo(f"{item.turn.value:9}  {item.score}.{item.rank}: {shown}{before}")
    click.echo()
    if fitted.findings:
        print_findings(fitted.findings, sources)
        click.echo()
    if dry_run:
        click.echo("nothing was written")
    else:
        click.echo(f"{'written to' if fitted.written else 'nothing to change in'} {fitted.lock}")


def _cuts(cuts: tuple[Any, ...] | None) -> str:
    return ", ".join(str(cut) for cut in cuts or ()) or "no cut points"


def _json(fitted: "FitResult") -> dict[str, Any]:
    return {
        "as_of": fitted.as_of.isoformat(),
        "lock": str(fitted.lock),
        "written": fitted.written,
        "changes": [_change(item) for item in fitted.changes],
        "findings": findings_json(fitted.findings),
    }


def _change(item: "Change") -> dict[str, Any]:
    before, after = (None if cuts is None else [str(cut) for cut in cuts] for cuts in (item.before, item.after))
    return {"score": item.score, "rank": item.rank, "turn": item.turn.value, "before": before, "after": after}
