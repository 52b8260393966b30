"""Results into the terminal: colour and tables where somebody looks, plain text and JSON elsewhere."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click

from segrules.cli.exit import Exit
from segrules.diagnostics.errors import BadInput, SegrulesError
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.render import Piece, finding_json, printable, render_pieces
from segrules.text.source import Source

JSON_FORMAT = 1
"""Version of the JSON that commands print."""

Row = Sequence[str]


def survive_any_encoding() -> None:
    """Let a console that lacks a character (cp1252, say) show another in its place, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def print_json(content: Mapping[str, Any]) -> None:
    """JSON on standard output, in ASCII, so that no encoding on the way can harm it."""
    click.echo(json.dumps({"format": JSON_FORMAT, **content}, indent=2))


def findings_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON values."""
    return [finding_json(item) for item in findings]


def print_findings(findings: Sequence[Finding], sources: Mapping[str, Source], *, silenced: int = 0) -> None:
    """Findings with their lines, and how many there are, on standard output."""
    print_pieces(render_pieces(findings, sources, silenced=silenced))


def print_findings_aside(findings: Sequence[Finding], sources: Mapping[str, Source]) -> None:
    """Findings with their lines on standard error, where standard output has something else."""
    _print_pieces(render_pieces(findings, sources), sys.stderr)


def print_pieces(pieces: Iterable[Piece]) -> None:
    """Styled text on standard output; styles only where it is a terminal."""
    _print_pieces(pieces, sys.stdout)


def _print_pieces(pieces: Iterable[Piece], stream: TextIO) -> None:
    if not stream.isatty():
        stream.write("".join(piece.text for piece in pieces))
        stream.flush()
        return
    from rich.console import Console
    from rich.text import Text

    text = Text.assemble(*((piece.text, piece.style) for piece in pieces))
    Console(file=stream, highlight=False, emoji=False).print(text, end="", soft_wrap=True)


def print_error(error: SegrulesError, output_format: str, sources: Mapping[str, Source] | None = None) -> Exit:
    """Say why a command could not do what it was asked, and give the exit code for it."""
    if output_format == "json":
        summary = getattr(error, "summary", None)
        print_json(
            {
                "error": {"message": error.message, "help": error.help},
                "summary": summary,
                "findings": findings_json(error.findings),
            }
        )
    else:
        if error.findings:
            print_findings(error.findings, {**error.sources, **(sources or {})})
        print_message(error.message, error.help)
    return Exit.INPUT if isinstance(error, BadInput) else Exit.FINDINGS


def print_message(message: str, help_: str | None = None, *, warning: bool = False) -> None:
    """One error, or one warning, on standard error, with its remedy."""
    head = Piece("warning", "bold yellow") if warning else Piece("error", "bold red")
    pieces = [head, Piece(f": {printable(message)}\n")]
    if help_:
        pieces += [Piece("help", "bold green"), Piece(f": {printable(help_)}\n")]
    _print_pieces(pieces, sys.stderr)


def print_table(title: str, header: Row, rows: Sequence[Row]) -> None:
    """A table whose first column is text and whose others are numbers, set to the right."""
    if not sys.stdout.isatty():
        click.echo(plain_table(title, header, rows))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for index, name in enumerate(header):
        table.add_column(Text(name), justify="right" if index else "left", no_wrap=index > 0)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(highlight=False, emoji=False).print(table)


def plain_table(title: str, header: Row, rows: Sequence[Row]) -> str:
    """The table in plain text.

    >>> print(plain_table("sizes", ("name", "n"), [("a", "10"), ("bcdef", "7")]))
    sizes
      name    n
      a      10
      bcdef   7
    """
    lines = [header, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    shown = [title]
    for line in lines:
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
        ]
        shown.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(shown)


@contextmanager
def progress_bar(*, wanted: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """What to tell about the steps of a long task: a bar on a terminal, nothing elsewhere or if it is not wanted."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}
        endless: set[str] = set()

        def tell(what: str, done: int, total: int) -> None:
            # A bar of unknown length moves until something else is told.
            for other in endless - {what}:
                bar.update(tasks[other], completed=1, total=1)
            endless.intersection_update({what})
            if what not in tasks:
                tasks[what] = bar.add_task(escape(what), total=total or None)
            if total:
                endless.discard(what)
                bar.update(tasks[what], completed=done, total=total)
            elif what not in endless:
                endless.add(what)
                bar.reset(tasks[what], total=None)

        yield tell
