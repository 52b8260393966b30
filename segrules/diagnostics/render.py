"""Findings into what people and programs read: text with the line and a caret, and JSON.

Text is made of styled pieces, so that the same lines are coloured on a terminal and plain elsewhere.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segrules.diagnostics.finding import Finding, Severity, in_order
from segrules.text.source import Source
from segrules.text.span import Span

JSON_FORMAT = 1
"""Version of the JSON shape; it grows when a reader of the old shape would be misled."""

SHOWN = 50
"""How many findings a text shows unless told otherwise."""

_TAB = 4
_WIDEST = 120
_CUT = "..."
_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of output in one style (a style of rich; empty for none)."""

    text: str
    style: str = ""


def render_text(
    findings: Iterable[Finding], sources: Mapping[str, Source], *, shown: int = SHOWN, silenced: int = 0
) -> str:
    """Plain text: every finding with its line, then how many are hidden, then a count; ends with a line end."""
    return "".join(piece.text for piece in render_pieces(findings, sources, shown=shown, silenced=silenced))


def render_pieces(
    findings: Iterable[Finding], sources: Mapping[str, Source], *, shown: int = SHOWN, silenced: int = 0
) -> Iterator[Piece]:
    """The pieces of the text. Where there are more than `shown`, the weightiest stay; order is by place."""
    everything = in_order(findings)
    chosen = _weightiest(everything, shown)
    for item in chosen:
        yield from _finding(item, sources)
        yield Piece("\n")
    hidden = len(everything) - len(chosen)
    if hidden:
        yield Piece(f"{hidden} more not shown\n", "dim")
    yield Piece(summary_line(everything, silenced) + "\n", "bold")


def summary_line(findings: Iterable[Finding], silenced: int = 0) -> str:
    """How many of each severity: `2 errors, 1 warning`, or `no findings`; and how many others are silenced."""
    counts = dict.fromkeys(Severity, 0)
    for item in findings:
        counts[item.severity] += 1
    words = [f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in counts.items() if count]
    words = words or ["no findings"]
    return ", ".join([*words, f"{silenced} silenced"] if silenced else words)


def render_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """The findings as JSON values: `{"format": 1, "findings": [...]}`; places that there are not are null."""
    return {"format": JSON_FORMAT, "findings": [finding_json(item) for item in in_order(findings)]}


def finding_json(item: Finding) -> dict[str, Any]:
    """One finding as JSON values."""
    return {
        "code": item.code.number,
        "name": item.code.name,
        "severity": item.severity.value,
        "message": item.message,
        **_place_json(item.span),
        "help": item.help,
        "related": [{"message": related.message, **_place_json(related.span)} for related in item.related],
        "examples": list(item.examples),
        **({} if item.evidence is None else {"witness": dict(item.evidence.content)}),
    }


def _place_json(span: Span | None) -> dict[str, Any]:
    if span is None or not span.path:
        return dict.fromkeys(("path", "line", "column", "end_line", "end_column"))
    places = (span.line, span.column, span.end_line, span.end_column)
    named = dict(zip(("line", "column", "end_line", "end_column"), (place or None for place in places), strict=True))
    return {"path": span.path, **named}


def _weightiest(findings: Sequence[Finding], shown: int) -> tuple[Finding, ...]:
    if len(findings) <= shown:
        return tuple(findings)
    return in_order(sorted(findings, key=lambda item: _WEIGHT[item.severity])[:shown])


def _finding(item: Finding, sources: Mapping[str, Source]) -> Iterator[Piece]:
    if item.span is not None and item.span.path:
        yield Piece(f"{_place(item.span)}: ", "bold")
    yield Piece(item.severity.value, _STYLE[item.severity])
    yield Piece(f" {item.code}", "dim")
    yield Piece(f": {printable(item.message)}\n")
    yield from excerpt(item.span, sources, _STYLE[item.severity])
    if item.examples:
        yield Piece("  for example: ", "dim")
        yield Piece(", ".join(printable(example) for example in item.examples) + "\n")
    if item.help:
        yield Piece("  help: ", "bold green")
        yield Piece(printable(item.help) + "\n")
    for related in item.related:
        yield Piece("  ")
        if related.span.path:
            yield Piece(f"{_place(related.span)}: ", "bold")
        yield Piece(printable(related.message) + "\n")
        yield from excerpt(related.span, sources, "bold blue")
    if item.evidence is not None:
        yield Piece("  this customer shows it; as a test it can be pasted into the rules:\n", "dim")
        for line in item.evidence.test.splitlines():
            yield Piece(f"    {printable(line)}\n")


def _place(span: Span) -> str:
    path = printable(span.path)
    return f"{path}:{span.line}:{span.column}" if span.line else path


def excerpt(span: Span | None, sources: Mapping[str, Source], style: str) -> Iterator[Piece]:
    """The line of `span` with carets below; a span over several lines is marked to the end of its first."""
    source = sources.get(span.path) if span is not None else None
    if span is None or source is None or not 0 < span.line <= len(source.lines):
        return
    line = source.line(span.line)
    start = min(max(span.column, 1), len(line) + 1) - 1
    end = min(span.end_column - 1, len(line)) if span.end_line == span.line else len(line)
    before, marked, after = _in_cells(line, start, max(end, start))
    before, marked, after = _cropped(before, marked, after)
    number = f"{span.line:>5}"
    yield Piece(f"{number} | ", "blue")
    yield Piece(f"{before}{marked}{after}".rstrip() + "\n")
    yield Piece(f"{' ' * len(number)} | ", "blue")
    yield Piece(f"{' ' * _width(before)}{'^' * max(_width(marked), 1)}\n", style)


def _in_cells(line: str, start: int, end: int) -> tuple[str, str, str]:
    """The line cut at the two places, tabs turned into spaces and what a terminal would obey made harmless."""
    before = _expand(line[:start], 0)
    marked = _expand(line[start:end], _width(before))
    return before, marked, _expand(line[end:], _width(before) + _width(marked))


def _expand(text: str, column: int) -> str:
    """Tabs as spaces up to the next stop, where `column` cells stand before the text."""
    done = ""
    for index, part in enumerate(text.split("\t")):
        if index:
            done += " " * (_TAB - (column + _width(done)) % _TAB)
        done += printable(part)
    return done


def _cropped(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """A very long line is shown around its mark only."""
    if _width(before) + _width(marked) + _width(after) <= _WIDEST:
        return before, marked, after
    if len(marked) > _WIDEST:
        marked, after = marked[:_WIDEST], _CUT
    room = max(_WIDEST - len(marked), _WIDEST // 3) // 2
    if len(before) > room:
        before = _CUT + before[-room:]
    if len(after) > room:
        after = after[:room] + _CUT
    return before, marked, after


def printable(text: str) -> str:
    r"""The text with control characters and marks that turn the direction of writing replaced, one for one.

    >>> printable("a\x1b[31mb") == "a\ufffd[31mb"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI else c for c in text)


def _width(text: str) -> int:
    """Cells that the text takes on a terminal: wide characters and emoji take two, marks upon others none."""
    if text.isascii():
        return len(text)
    cells = 0
    before = ""
    for character in text:
        cells += _cells(character, before)
        before = character
    return cells


def _cells(character: str, before: str) -> int:
    if character == _EMOJI_STYLE:
        # It asks for the coloured, two cells wide form of a narrow character.
        return 1 if before and unicodedata.east_asian_width(before) not in "WF" else 0
    if before == _JOINER or (character in _SKIN_TONES and before):
        return 0
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
