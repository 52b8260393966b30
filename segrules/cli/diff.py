"""`segrules diff`: two versions of a project into what changed in what the rules mean."""

import sys
from pathlib import Path

import click

from segrules.cli.console import print_error, print_json, print_message, progress_bar
from segrules.cli.exit import Exit
from segrules.cli.options import data_option, min_cell_option, named_tables, output_file_option
from segrules.cli.output import Output, add_to_summary, in_repository
from segrules.diagnostics.errors import SegrulesError
from segrules.diagnostics.nearest import did_you_mean
from segrules.workspace.diffs.result import FAIL_WORDS


def _words(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> frozenset[str]:
    words = [word.strip() for item in given for word in item.split(",")]
    for word in words:
        if word not in FAIL_WORDS:
            listed = "there is " + ", ".join(f"`{known}`" for known in FAIL_WORDS)
            raise click.BadParameter(f"`{word}` is no kind of change; {did_you_mean(word, FAIL_WORDS) or listed}")
    return frozenset(words)


@click.command("diff", short_help="Say what changed in what the rules mean.")
@click.argument("before", metavar="BASE")
@click.argument("after", metavar="[HEAD]", required=False)
@click.option(
    "--project",
    metavar="DIR",
    default=".",
    show_default=True,
    type=click.Path(),
    help="The folder of the project, of which revisions are read.",
)
@click.option(
    "--as-of",
    metavar="DATE|TIMESTAMP|today|yesterday|now",
    help="Count in the data, too, who enters and leaves at this instant.",
)
@data_option
@min_cell_option("Hide counts of 1 to N-1 customers, and what would tell them.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="WORD,WORD",
    callback=_words,
    help=f"Kinds of change that make the exit code 1: {', '.join(FAIL_WORDS)}.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "markdown", "github"]),
    default="text",
    show_default=True,
    help="How to print; `markdown` is a comment for a pull request, `github` annotates its lines.",
)
@output_file_option
def command(
    before: str,
    after: str | None,
    project: str,
    as_of: str | None,
    data: tuple[str, ...],
    min_cell: int,
    fail_on: frozenset[str],
    output_format: str,
) -> Exit:
    """Compare two versions of a project: BASE and HEAD are folders or git revisions.

    `main` alone compares `main` with the files as they are; `main..HEAD` compares two commits, `main...HEAD` the last
    one with the commit at which they parted. With `--as-of` both are run over the same data, those of HEAD.
    """
    from segrules.workspace.diffs.versions import diff, is_project

    # Lines are those of the later version, which may be a folder of its own.
    folder = after if after is not None and is_project(after) else project
    try:
        with progress_bar(wanted=output_format == "text") as progress:
            found = diff(
                before,
                after,
                project=project,
                data=named_tables(data) or None,
                as_of=as_of,
                min_cell=min_cell,
                progress=progress,
            )
    except SegrulesError as error:
        return _refuse(error, folder, output_format)
    if output_format == "json":
        print_json({**found.to_json(), "failing": list(found.failing(fail_on))})
    elif output_format == "markdown":
        sys.stdout.write(found.markdown())
    elif output_format == "github":
        from segrules.cli.formats.markdown import SUMMARY
        from segrules.workspace.diffs.github import diff_github

        sys.stdout.write(diff_github(found, in_repository(Path(folder))))
        sys.stdout.flush()
        add_to_summary(lambda written: found.markdown(SUMMARY - written))
    else:
        click.echo(found.text(), nl=False)
    if found.moves is not None and found.moves.problem is not None:
        print_message(found.moves.problem.text, found.moves.problem.help, warning=True)
    failing = found.failing(fail_on)
    if not failing:
        return Exit.FINE
    shown = ", ".join(f"`{name}`" for name in failing[:8]) + (f" and {len(failing) - 8:,} more" if failing[8:] else "")
    print_message(f"changed in a way that `--fail-on` names: {shown}")
    return Exit.FINDINGS


def _refuse(error: SegrulesError, project: str, output_format: str) -> Exit:
    """Say why nothing could be compared, where a comment is wanted in words that can stand in place of an old one."""
    if output_format not in ("markdown", "github"):
        return print_error(error, output_format)
    if output_format == "markdown":
        from segrules.workspace.diffs.markdown import MARKER, QUIET

        sys.stdout.write(f"{MARKER}\n{QUIET}\n")
    return Output("diff", project, output_format).refuse(error)
