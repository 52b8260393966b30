"""Places of segrules, lines and columns from 1 in characters, into the positions of an editor, from 0 in its units."""

from dataclasses import dataclass

from segrules.text.source import Source
from segrules.text.span import Span

_BEYOND = 0x10000
"""The first character that takes two units of UTF-16."""


@dataclass(frozen=True, slots=True)
class Units:
    """How an editor counts within a line: `utf-8`, `utf-16` or `utf-32`."""

    encoding: str = "utf-16"

    def width(self, text: str) -> int:
        r"""How many units a piece of a line takes.

        >>> Units("utf-16").width("a\U0001f600"), Units("utf-8").width("ä"), Units("utf-32").width("ä")
        (3, 2, 1)
        """
        if self.encoding == "utf-32":
            return len(text)
        if self.encoding == "utf-8":
            return len(text.encode("utf-8", "replace"))
        return len(text) + sum(ord(character) >= _BEYOND for character in text)

    def to_editor(self, source: Source | None, line: int, column: int) -> tuple[int, int]:
        """Line and character of an editor for a place; 0, 0 for a file as a whole."""
        if line < 1:
            return 0, 0
        before = source.line(line)[: max(column, 1) - 1] if source is not None else ""
        return line - 1, self.width(before)

    def from_editor(self, source: Source, line: int, character: int) -> tuple[int, int]:
        """Line and column for a position, which may lie beyond the line or the text: then its end is meant."""
        if line < 0:
            return 1, 1
        if line >= len(source.lines):
            return len(source.lines), len(source.lines[-1]) + 1
        text = source.lines[line]
        if self.encoding == "utf-32":
            return line + 1, min(max(character, 0), len(text)) + 1
        used = 0
        for number, one in enumerate(text):
            if used >= character:
                return line + 1, number + 1
            used += self.width(one)
        return line + 1, len(text) + 1


def covers(span: Span, line: int, column: int) -> bool:
    """Whether a caret at this place touches the span; its end counts, since a caret stands behind what was typed."""
    return (span.line, span.column) <= (line, column) <= (span.end_line, span.end_column)


def offset(source: Source, line: int, column: int) -> int:
    """The number of characters before a place."""
    return sum(len(text) + 1 for text in source.lines[: line - 1]) + column - 1


def place(source: Source, at: int) -> tuple[int, int]:
    """Line and column of a number of characters."""
    before = source.text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
