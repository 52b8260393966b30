"""Lines and comments into text: each comment at a line, blank lines where they say something."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from segrules.formatter.comments import NO_GAP, Comment, Gap, Gaps, Kind
from segrules.formatter.lines import INDENT, Line

BETWEEN_BLOCKS = 2
"""Blank lines kept at most between blocks; one is always there."""
_IN_COLUMN = 72
"""Columns of the longest line whose comment stands in one column with its neighbours'."""
_BEFORE_TRAILING = 2
"""Columns between a line and the comment behind it, at least."""


@dataclass(slots=True)
class _Row:
    """A line of text with the comments behind it; the second and later ones stand below the first."""

    text: str
    behind: list[Comment] = field(default_factory=list)


class Assembled:
    """The text of a file, and where the comments stand in it; `moved` says whether one stands at other tokens now."""

    def __init__(self, lines: list[Line], gaps: Gaps, columns: Callable[[int], int], tokens: int) -> None:
        self.moved = False
        self._gaps = gaps
        self._column = columns
        self._tokens = tokens
        self._placed: dict[int, Gap] = {}
        self._rows: list[_Row] = []
        for number, line in enumerate(lines):
            self._line(line, after_head=number > 0 and lines[number - 1].level == 0)
        self._end(lines)
        self.text = _text(self._rows)

    @property
    def gaps(self) -> Gaps:
        """The gaps as they are in the text."""
        return Gaps(self._placed)

    def _line(self, line: Line, *, after_head: bool) -> None:
        above, behind = self._comments_of(line)
        blanks = self._gaps[line.first].blanks
        if line.level == 0:
            self._block_level(above, blanks, self._column(line.first), last=False)
        else:
            indent = " " * (len(line.text) - len(line.text.lstrip(" ")))
            for number, comment in enumerate(above):
                self._blank_lines(0 if after_head and not number else min(comment.blanks, 1))
                self._rows.append(_Row(indent + comment.text))
            if line.level == 1:
                self._blank_lines(0 if after_head and not above else min(blanks, 1))
        self._rows.append(_Row(line.text, behind))
        self._place(line.first, above, blanks)
        if behind:
            self._place(line.end, behind, 0)

    def _comments_of(self, line: Line) -> tuple[list[Comment], list[Comment]]:
        """The comments that go above a line and behind it: those inside it move to where the line ends or begins."""
        above = [comment for comment in self._gaps[line.first].comments if comment.kind is Kind.OWN]
        inside = self._gaps.between(line.first, line.end)
        behind = [comment for comment in self._gaps[line.end].comments if comment.kind is not Kind.OWN]
        if not inside:
            return above, behind
        self.moved = True
        last = [] if behind or inside[-1].kind is Kind.OWN else [replace(inside.pop(), kind=Kind.TRAILING)]
        column = self._column(line.first)
        return [*above, *(Comment(item.text, Kind.OWN, 0, column) for item in inside)], behind or last

    def _block_level(self, above: list[Comment], blanks: int, column: int, *, last: bool) -> None:
        """The comments before the head of a block, or at the end of the file.

        Those set in further than the head, before all others, still belong to the block above.
        """
        inside = 0
        while self._rows and inside < len(above) and above[inside].column > column:
            self._blank_lines(min(above[inside].blanks, 1))
            self._rows.append(_Row(" " * INDENT + above[inside].text))
            inside += 1
        own = above[inside:]
        for number, comment in enumerate(own):
            self._blank_lines(self._kept(comment.blanks, at_least=0 if number else 1))
            self._rows.append(_Row(comment.text))
        if not last:
            self._blank_lines(self._kept(blanks, at_least=0 if own else 1))

    def _kept(self, blanks: int, *, at_least: int) -> int:
        return max(at_least, min(blanks, BETWEEN_BLOCKS)) if self._rows else 0

    def _end(self, lines: list[Line]) -> None:
        above = [comment for comment in self._gaps[self._tokens].comments if comment.kind is Kind.OWN]
        heads = [line for line in lines if line.level == 0]
        self._block_level(above, 0, self._column(heads[-1].first) if heads else 0, last=True)
        self._place(self._tokens, above, 0)

    def _blank_lines(self, count: int) -> None:
        self._rows += [_Row("")] * count

    def _place(self, number: int, comments: list[Comment], blanks: int) -> None:
        before = self._placed.get(number, NO_GAP)
        placed = Gap((*before.comments, *comments), blanks)
        if placed != NO_GAP:
            self._placed[number] = placed


def _text(rows: list[_Row]) -> str:
    """Rows into text; comments behind neighbouring lines stand in one column."""
    shown: list[str] = []
    number = 0
    while number < len(rows):
        if not rows[number].behind:
            shown.append(rows[number].text)
            number += 1
            continue
        end = number
        while end < len(rows) and rows[end].behind:
            end += 1
        run = rows[number:end]
        column = max((len(row.text) for row in run if len(row.text) <= _IN_COLUMN), default=0) + _BEFORE_TRAILING
        for row in run:
            at = max(column, len(row.text) + _BEFORE_TRAILING)
            first, *below = row.behind
            shown.append(row.text.ljust(at) + first.text)
            shown += [" " * at + comment.text for comment in below]
        number = end
    return "".join(f"{line}\n" for line in shown)
