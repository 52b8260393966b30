"""Tokens into lines: what stands on which line, how far in, and where a long condition breaks."""

from dataclasses import dataclass

from segrules.formatter.comments import Gaps
from segrules.syntax.concrete import Concrete, Group, Part
from segrules.syntax.terminals import BLOCK_HEAD, CLAUSE_HEAD

WIDTH = 120
"""Columns of a line, where its tokens can be broken at all."""
READABLE = 60
"""Columns up to which a condition with `and`, `or`, `then` or `without` stays on one line."""
COMPARISON = 100
"""Columns up to which a comparison, a sum or a difference stays on one line."""
INDENT = 2

_OPERATIONS = frozenset({"compare", "add", "subtract"})
_NO_SPACE_BEFORE = frozenset({"COMMA", "RPAR", "RSQB", "DOT"})
_NO_SPACE_AFTER = frozenset({"LPAR", "LSQB", "DOT"})
_OPENING = frozenset({"LPAR", "LSQB"})
_NAMES_END = frozenset({"NAME", "QUOTED_NAME", "RPAR", "RSQB", "PERIOD_UNIT", "AGO", "AHEAD", "EVER"})
_LITERALS = frozenset({"NUMBER", "PERCENT", "STRING", "DATE", "TIMESTAMP", "BOOLEAN"})
_ENDS_OPERAND = _NAMES_END | _LITERALS
"""Behind these a minus subtracts; elsewhere it is a sign, and stands at its number."""


@dataclass(slots=True)
class Line:
    """A line: its text, its tokens, and its level: 0 for the head of a block, 1 for a clause's first line, else 2."""

    text: str
    first: int
    end: int
    level: int


class Lines:
    """Builds the lines of a file, token by token; `gaps` tells where comments force a break."""

    def __init__(self, read: Concrete, gaps: Gaps) -> None:
        self.kinds = read.kinds
        self.words = read.words
        self.gaps = gaps
        self.lines: list[Line] = []
        self._text = ""
        self._level = 0
        self._begun = self._next = 0
        self._fresh = True
        self._pieces = _pieces(read)
        self._ends = [0]
        for piece in self._pieces:
            self._ends.append(self._ends[-1] + len(piece))

    # --- tokens

    @property
    def column(self) -> int:
        """Where the next token begins."""
        spaced = self._next < len(self._pieces) and self._pieces[self._next].startswith(" ")
        return len(self._text) + (spaced and not self._fresh)

    def width(self, start: int, end: int) -> int:
        """Columns of some tokens on one line, without a space before the first."""
        if start >= end:
            return 0
        return self._ends[end] - self._ends[start] - (self._pieces[start][0] == " ")

    def put(self, start: int, end: int) -> None:
        """Add tokens to the line as it is."""
        if start >= end:
            return
        text = "".join(self._pieces[start:end])
        self._text += text.removeprefix(" ") if self._fresh else text
        self._fresh = False
        self._next = end

    def pad(self, column: int) -> None:
        """Let the next token begin at a column, or one space behind the last token."""
        self._text = self._text.ljust(max(column, self.column))
        self._fresh = True

    def newline(self, column: int, level: int = 2) -> None:
        """End the line, and begin one at a column."""
        self.finish()
        self._text, self._level, self._fresh = " " * column, level, True

    def finish(self) -> None:
        """End the last line."""
        if self._next > self._begun:
            self.lines.append(Line(self._text, self._begun, self._next, self._level))
        self._begun = self._next

    # --- what fits, and what must break

    def flat(self, start: int, end: int, tail: int = 0, limit: int = WIDTH) -> bool:
        """Whether tokens fit on the rest of the line, with `tail` columns behind them, and hold no comment."""
        return self.column + self.width(start, end) + tail <= limit and not self.gaps.any_between(start, end)

    def may_begin_line(self, token: int) -> bool:
        """Whether a line may begin with a token: a name would be taken for the head of a clause before a word."""
        if self.kinds[token] != "NAME" or token + 1 >= len(self.words):
            return True
        line = "".join(self._pieces[token : token + 2]).strip()
        return not (BLOCK_HEAD.match(line) or CLAUSE_HEAD.match(line))

    # --- conditions and values

    def condition(self, part: Part, limit: int = READABLE) -> None:
        """The condition or value of a clause: `and` and `or` stand before the operands, which stand in one column."""
        if not isinstance(part, Group) or not self.breaks(part, self.column, limit):
            self.part(part)
            return
        column = self.column
        self.part(part.parts[0])
        for operator, operand in zip(part.parts[1::2], part.parts[2::2], strict=True):
            assert isinstance(operator, int)
            self.newline(column - len(self.words[operator]) - 1)
            self.put(operator, operator + 1)
            self.part(operand)

    def breaks(self, part: Part, column: int, limit: int = READABLE) -> str | None:
        """The operator at whose places a condition that begins at a column is broken, if it is."""
        if isinstance(part, Group) and part.name in ("and_", "or_"):
            fits = column + self.width(part.start, part.end) <= limit
            if not fits or self.gaps.any_between(part.start, part.end):
                return "and" if part.name == "and_" else "or"
        return None

    def part(self, part: Part, tail: int = 0) -> None:
        """A part at the current place, broken as its kind is where it does not fit; `tail` columns stand behind it."""
        if isinstance(part, int):
            self.put(part, part + 1)
            return
        if self.flat(part.start, part.end, tail, _limit(part)):
            self.put(part.start, part.end)
        elif part.name in ("and_", "or_"):
            self._chain(part, tail)
        elif part.name == "did" and _is_chain(part):
            self._steps(part, tail)
        elif part.name in _OPERATIONS:
            self._operation(part, tail)
        else:
            self.fill(part.parts, tail, self.column)

    def _chain(self, group: Group, tail: int) -> None:
        """Operands one below the other, each but the first behind its `and` or `or`."""
        column = self.column
        self.part(group.parts[0])
        for number in range(1, len(group.parts), 2):
            self.newline(column)
            self.part(group.parts[number])
            self.part(group.parts[number + 1], tail if number + 2 == len(group.parts) else 0)

    def _steps(self, group: Group, tail: int) -> None:
        """A sequence of events, each `then` and `without` below the `did`."""
        column = self.column
        *before, steps = group.parts
        assert isinstance(steps, Group)
        for part in before:
            self.part(part)
        for number, part in enumerate(steps.parts):
            if number:
                self.newline(column)
            self.part(part, tail if number + 1 == len(steps.parts) else 0)

    def _operation(self, group: Group, tail: int) -> None:
        """A comparison, sum or difference; what does not fit behind its left side goes below it."""
        column = self.column
        left, operator, *right = group.parts
        assert isinstance(operator, int)
        self.part(left)
        if not self.flat(operator, group.end, tail, COMPARISON) and self.column > column:
            self.newline(column)
        self.fill([operator, *right], tail, column)

    def fill(self, parts: list[Part], tail: int, hang: int) -> None:
        """Parts one behind the other; what does not fit begins a line at `hang`, items of a list below the first."""
        items_from: int | None = None
        for number, part in enumerate(parts):
            behind = self._closing(parts, number, tail)
            if self._begins_unit(parts, number):
                last = self._end_of_unit(parts, number)
                start, end = self._first(part), self._end(parts[last])
                fits = self.flat(start, end, self._closing(parts, last, tail))
                if self._commented_item(parts, number) or not (fits or self._breakable(parts[last])):
                    self._below(start, hang if items_from is None else items_from)
                if items_from is None and last + 1 < len(parts) and self._is(parts[last + 1], "COMMA"):
                    item = self._first(parts[last])
                    items_from = self.column + self.width(start, item) + (item > start and not self._glued(item))
            self.part(part, behind)

    def _begins_unit(self, parts: list[Part], number: int) -> bool:
        """Whether a line may begin here: words such as `was` and `by` stay with the group behind them."""
        before = parts[number - 1] if number else None
        follows = not isinstance(before, int) or self._is(before, "COMMA")
        return follows and not self._glued(self._first(parts[number]))

    def _end_of_unit(self, parts: list[Part], number: int) -> int:
        """The part that ends what begins at part `number`: the first group, or the last word before a comma."""
        while isinstance(parts[number], int) and number + 1 < len(parts):
            if self._is(parts[number + 1], "COMMA"):
                break
            number += 1
        return number

    def _commented_item(self, parts: list[Part], number: int) -> bool:
        """Whether an item of a list has comments between it and the item before."""
        if not number or not self._is(parts[number - 1], "COMMA"):
            return False
        start = self._first(parts[number])
        return bool(self.gaps[start].comments or self.gaps[start - 1].comments)

    def _first(self, part: Part) -> int:
        return part if isinstance(part, int) else part.start

    def _end(self, part: Part) -> int:
        return part + 1 if isinstance(part, int) else part.end

    def _below(self, token: int, column: int) -> None:
        if self.column > column and self.may_begin_line(token):
            self.newline(column)

    def _glued(self, token: int) -> bool:
        return not self._pieces[token].startswith(" ")

    def _is(self, part: Part, kind: str) -> bool:
        return isinstance(part, int) and self.kinds[part] == kind

    def _closing(self, parts: list[Part], number: int, tail: int) -> int:
        """Columns of what stands right behind a part: a comma, a closing bracket, or what the whole has behind it."""
        if number + 1 == len(parts):
            return tail
        behind = parts[number + 1]
        if isinstance(behind, int) and self.kinds[behind] in _NO_SPACE_BEFORE:
            return 1 + (tail if number + 2 == len(parts) else 0)
        return 0

    def _breakable(self, part: Part) -> bool:
        """Whether a part can be broken inside."""
        if isinstance(part, int):
            return False
        if part.name in ("and_", "or_", *_OPERATIONS) or any(self._is(item, "COMMA") for item in part.parts):
            return True
        return not _OPENING.isdisjoint(self.kinds[part.start : part.end])


def _limit(group: Group) -> int:
    """Columns up to which a group may stand on one line."""
    if group.name in _OPERATIONS:
        return COMPARISON
    return READABLE if group.name == "did" and _is_chain(group) else WIDTH


def _is_chain(group: Group) -> bool:
    steps = group.parts[-1]
    return isinstance(steps, Group) and len(steps.parts) > 1


def _pieces(read: Concrete) -> list[str]:
    """The text of each token, with a space in front where one stands on a line."""
    pieces = []
    before = operand_before = ""
    for kind, word in zip(read.kinds, read.words, strict=True):
        sign = before == "MINUS" and operand_before not in _ENDS_OPERAND
        glued = sign or kind in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER
        pieces.append(word if glued else f" {word}")
        before, operand_before = kind, before
    return pieces
