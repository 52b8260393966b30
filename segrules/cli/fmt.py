"""`segrules fmt`: rule files into rule files of one layout."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from segrules.cli.console import print_error, print_findings_aside, print_message
from segrules.cli.exit import Exit
from segrules.diagnostics.errors import OutputProblem, SegrulesError
from segrules.diagnostics.finding import Finding
from segrules.text.source import Source

STDIN = "-"


@click.command("fmt", short_help="Lay out rule files in one way.")
@click.argument("places", metavar="PATH...", nargs=-1, required=True)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", "show_diff", is_flag=True, help="Write nothing; show what would change, with exit code 1.")
@click.option("--stdin-filename", default="<stdin>", metavar="NAME", help="What to call the text of standard input.")
def command(places: tuple[str, ...], only_check: bool, show_diff: bool, stdin_filename: str) -> Exit:
    """Lay out rule files in one way: white space changes, rules and comments do not.

    PATH is a file, a folder (all files in and below it that end in `.seg`), or `-` alone: then the text comes from
    standard input and goes to standard output.
    """
    if STDIN in places:
        if places != (STDIN,):
            raise click.UsageError("`-` stands alone, without other paths")
        return _stdin(stdin_filename, only_check=only_check, show_diff=show_diff)
    return _files(places, only_check=only_check, show_diff=show_diff)


def _stdin(name: str, *, only_check: bool, show_diff: bool) -> Exit:
    from segrules.workspace.layout import format_bytes

    made = format_bytes(sys.stdin.buffer.read(), name)
    if made.after is None:
        return _not_laid_out(made.shown, made.findings, made.source, made.refused)
    if show_diff:
        click.echo(made.diff(), nl=False)
    elif not only_check:
        sys.stdout.buffer.write(made.after)
        sys.stdout.buffer.flush()
        return Exit.FINE
    return Exit.FINDINGS if made.changes else Exit.FINE


def _files(places: tuple[str, ...], *, only_check: bool, show_diff: bool) -> Exit:
    from segrules.workspace.layout import files_at, format_files, write_file

    try:
        paths, findings = files_at(places)
    except SegrulesError as error:
        return print_error(error, "text")
    ends = {Exit.FINE}
    if findings:
        ends.add(_not_laid_out("", findings, None, None))
    counts = {"changed": 0, "same": 0}
    writes = not (only_check or show_diff)
    for path, made in zip(paths, format_files(paths), strict=True):
        if made.after is None:
            ends.add(_not_laid_out(made.shown, made.findings, made.source, made.refused))
            continue
        try:
            if made.changes and writes:
                write_file(path, made.after)
        except OutputProblem as error:
            ends.add(print_error(error, "text"))
            continue
        counts["changed" if made.changes else "same"] += 1
        if made.changes and not writes:
            ends.add(Exit.FINDINGS)
            click.echo(made.diff() if show_diff else f"{made.shown} would change\n", nl=False)
    click.echo(_summary(paths, counts, writes=writes), err=True)
    return max(ends)


def _not_laid_out(shown: str, findings: Sequence[Finding], source: Source | None, refused: str | None) -> Exit:
    """Say why a file stays as it is; the exit code for it."""
    if refused is not None:
        print_message(
            f"`{shown}` stays as it is: laid out, {refused}",
            "this is a mistake in segrules; please report it with the file",
        )
        return Exit.FAILURE
    print_findings_aside(findings, {} if source is None else {source.path: source})
    return Exit.INPUT


def _summary(paths: tuple[Path, ...], counts: dict[str, int], *, writes: bool) -> str:
    """How many files changed, or would.

    >>> _summary((), {"changed": 0, "same": 0}, writes=True)
    'no rule files'
    >>> _summary((Path("a"), Path("b")), {"changed": 1, "same": 0}, writes=False)
    '1 file would change, 1 cannot be read or written'
    """
    changed, same = counts["changed"], counts["same"]
    other = len(paths) - changed - same
    said = [
        (changed, "changed" if writes else "would change"),
        (same, "unchanged" if writes else "would stay as they are" if same > 1 else "would stay as it is"),
        (other, "cannot be read or written"),
    ]
    parts = [f"{number} {what}" for number, what in said if number]
    if not parts:
        return "no rule files"
    number, _, what = parts[0].partition(" ")
    return ", ".join([f"{number} {'file' if number == '1' else 'files'} {what}", *parts[1:]])
