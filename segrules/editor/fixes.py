"""A finding into the edits that mend it, or that silence it for a reason and a time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from segrules.diagnostics.codes import (
    EXPIRED_SILENCER,
    SYNTAX,
    UNUSED_DEFINITION,
    UNUSED_SILENCER,
    may_be_lowered,
)
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.nearest import meant_by
from segrules.editor.edits import Edit, text_at
from segrules.editor.keywords import keywords
from segrules.editor.project import tree
from segrules.syntax import nodes
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import SUFFIX

REASON = "say why"
"""What stands in a new silencer until somebody writes the reason."""
_SILENT_FOR = timedelta(days=90)
_IN_MESSAGE = re.compile(r"`([^`]+)`")
_INSTEAD = re.compile(r"the customer is `(customer\.[^`]+)`|stand alone: write `([^`]+)`")
_YAML = (".yaml", ".yml")
_NO_SILENCER = (UNUSED_SILENCER, EXPIRED_SILENCER)


@dataclass(frozen=True, slots=True)
class Fix:
    """What can be done about a finding: a title, and edits of the file that it stands in."""

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False
    silences: bool = False


def fixes(found: Finding, source: Source, day: date) -> tuple[Fix, ...]:
    """What can be done about a finding of this file; `day` is today."""
    if found.span is None or found.span.line < 1 or found.span.path != source.path:
        return ()
    return (*_mending(found, found.span, source), *_test(found, source), *_silencer(found, source, day))


def _mending(found: Finding, span: Span, source: Source) -> Iterator[Fix]:
    text = text_at(source, span)
    meant = meant_by(found.help)
    if meant is not None:
        yield from _replaced(found, span, text, meant)
    instead = _INSTEAD.search(found.help or "")
    if instead is not None:
        better = instead[1] or instead[2]
        yield Fix(f"Write `{better}`", (Edit(span, better),), preferred=True)
    if found.code is SYNTAX and text != text.lower() and text.lower() in keywords():
        yield Fix(f"Write `{text.lower()}`", (Edit(span, text.lower()),), preferred=True)
    if found.code is SYNTAX and text == "=" and source.line(span.line)[: span.column - 1].endswith("="):
        yield Fix("Write one `=`", (Edit(span, ""),), preferred=True)
    if found.code in _NO_SILENCER:
        yield Fix("Delete the silencer", (Edit(_with_line(source, span), ""),), preferred=True)
    if found.code is UNUSED_DEFINITION:
        block = next((item for item in tree(source).blocks if _is_about(item, span)), None)
        if block is not None and not isinstance(block, nodes.TestBlock):
            whole = _with_line(source, block.span)
            yield Fix(f"Delete `{block.name.text}`", (Edit(whole, ""),))


def _replaced(found: Finding, span: Span, text: str, meant: str) -> Iterator[Fix]:
    """The mistyped name within the span, which may be that of a larger reference, by the one that was meant."""
    wrong = next((word for word in _IN_MESSAGE.findall(found.message) if word in text), None)
    if wrong is None:
        return
    start = text.index(wrong)
    if "\n" in text[: start + len(wrong)]:
        return
    column = span.column + start
    place = Span(span.path, span.line, column, span.line, column + len(wrong))
    yield Fix(f"Change to `{meant}`", (Edit(place, meant),), preferred=True)


def _is_about(block: nodes.Block, span: Span) -> bool:
    made = isinstance(block, nodes.DefineBlock | nodes.ScoreBlock)
    return made and (block.span.line, block.span.column) <= (span.line, span.column) <= (
        block.span.end_line,
        block.span.end_column,
    )


def _with_line(source: Source, span: Span) -> Span:
    """The span, with the whole of its lines and an empty one behind them where nothing else stands there."""
    before = source.line(span.line)[: span.column - 1]
    behind = source.line(span.end_line)[span.end_column - 1 :]
    if behind.strip():
        return span
    if before.strip():
        kept = len(before.rstrip())
        return Span(span.path, span.line, kept + 1, span.end_line, len(source.line(span.end_line)) + 1)
    last = span.end_line
    if last < len(source.lines) and not source.line(last + 1).strip() and span.end_line > span.line:
        last += 1
    if last >= len(source.lines):
        return Span(span.path, span.line, 1, len(source.lines), len(source.lines[-1]) + 1)
    return Span(span.path, span.line, 1, last + 1, 1)


def _test(found: Finding, source: Source) -> Iterator[Fix]:
    if found.evidence is None or not source.path.lower().endswith(SUFFIX):
        return
    last = Span(source.path, len(source.lines), len(source.lines[-1]) + 1, len(source.lines), len(source.lines[-1]) + 1)
    gap = "\n" if source.text.endswith("\n") else "\n\n"
    yield Fix("Add the customer as a test", (Edit(last, f"{gap}{found.evidence.test.strip()}\n"),))


def _silencer(found: Finding, source: Source, day: date) -> Iterator[Fix]:
    path = source.path.lower()
    if found.span is None or not path.endswith((SUFFIX, *_YAML)) or not may_be_lowered(found.code):
        return
    if found.code.number in ("SEG011", *(code.number for code in _NO_SILENCER)):
        return
    line = source.line(found.span.line)
    indent = line[: len(line) - len(line.lstrip())]
    comment = f'{indent}# segrules: ignore[{found.code.name}] "{REASON}" until {day + _SILENT_FOR}\n'
    place = Span(source.path, found.span.line, 1, found.span.line, 1)
    yield Fix(f"Silence `{found.code.name}` here for 90 days", (Edit(place, comment),), silences=True)
