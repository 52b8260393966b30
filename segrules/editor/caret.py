"""A place in a half-typed rule file into the word that is being typed there, and what stands before it."""

import re
from dataclasses import dataclass

from segrules.editor.positions import offset
from segrules.syntax.before import Before, before
from segrules.text.source import Source
from segrules.text.span import Span

_STRETCH = re.compile(r'"(?:\\.|[^"\\\n])*"?|`[^`\n]*`?|#.*')
_WORD = re.compile(r"[^\W\d]\w*\Z")


@dataclass(frozen=True, slots=True)
class Caret:
    """What is typed: `typed` is the piece before the caret, in quotes where `quote` is set, and `span` its place.

    `closed` says that the closing quote is there. In a comment `before` is None and `typed` all of it.
    """

    typed: str
    span: Span
    quote: str = ""
    closed: bool = False
    before: Before | None = None
    at_line_start: bool = False


def caret_at(source: Source, line: int, column: int) -> Caret:
    """What is typed at a place."""
    text, at = source.line(line), column - 1
    for match in _STRETCH.finditer(text):
        if match.start() < at and (at < match.end() or (at == match.end() and _goes_on(match.group()))):
            return _within(source, line, match.start(), at, match.group())
    word = _WORD.search(text[:at])
    start = at if word is None else word.start()
    span = Span(source.path, line, start + 1, line, at + 1)
    first = not text[:start].strip()
    return Caret(text[start:at], span, before=before(source.text, offset(source, line, start + 1)), at_line_start=first)


def _goes_on(stretch: str) -> bool:
    """Whether what is typed at the end of a comment or of something in quotes still belongs to it."""
    closed = len(stretch) > 1 and stretch[-1] == stretch[0]
    return stretch[0] == "#" or not closed


def _within(source: Source, line: int, start: int, at: int, stretch: str) -> Caret:
    text = source.line(line)
    if stretch[0] == "#":
        return Caret(text[start:at], Span(source.path, line, start + 1, line, at + 1))
    closed = not _goes_on(stretch)
    end = start + len(stretch) - 1 if closed else at
    span = Span(source.path, line, start + 2, line, end + 1)
    found = before(source.text, offset(source, line, start + 1))
    return Caret(text[start + 1 : at], span, stretch[0], closed, found)
