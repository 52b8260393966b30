r"""Patterns of `matches` into automata, as far as they are plainly regular; others are left alone.

Read as RE2 reads them: `.` is anything but a line break, `$` is the very end, `\d`, `\w` and `\s` are ASCII only.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

Ranges = tuple[tuple[int, int], ...]
"""Code points from and to, both ends in."""

LAST = 0x10FFFF
_MOST_PLACES = 600
_LINE_BREAK = ord("\n")
_DIGITS: Ranges = ((ord("0"), ord("9")),)
WORD: Ranges = (*_DIGITS, (ord("A"), ord("Z")), (ord("_"), ord("_")), (ord("a"), ord("z")))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_SIGNS = {"t": 9, "n": 10, "f": 12, "r": 13}


class Edge(StrEnum):
    """What a pattern asks of a place between letters."""

    START = "^"
    END = "$"
    OF_WORD = r"\b"


class NotRegular(Exception):
    """A pattern has a construct that is not followed here."""


def opposite(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """All code points but these."""
    found: list[tuple[int, int]] = []
    after = 0
    for low, high in sorted(ranges):
        if low > after:
            found.append((after, low - 1))
        after = max(after, high + 1)
    return (*found, (after, LAST)) if after <= LAST else tuple(found)


_EDGES = {"A": Edge.START, "z": Edge.END, "b": Edge.OF_WORD}
_SETS = {"d": _DIGITS, "w": WORD, "s": _SPACE}
_SETS |= {name.upper(): opposite(ranges) for name, ranges in _SETS.items()}


@dataclass(frozen=True, slots=True)
class _Letter:
    ranges: Ranges


@dataclass(frozen=True, slots=True)
class _Edge:
    edge: Edge


@dataclass(frozen=True, slots=True)
class _Sequence:
    items: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Either:
    items: "tuple[_Node, ...]"


@dataclass(frozen=True, slots=True)
class _Repeat:
    item: "_Node"
    low: int
    high: int | None


_Node = _Letter | _Edge | _Sequence | _Either | _Repeat


@dataclass(slots=True)
class Places:
    """An automaton with places; `free` moves need no letter, but perhaps an edge."""

    letters: list[tuple[Ranges, int] | None] = field(default_factory=list)
    free: list[list[tuple[Edge | None, int]]] = field(default_factory=list)
    """Of each place, where it leads without a letter: always, or at an edge."""
    start: int = 0
    end: int = 0

    def place(self) -> int:
        """A new place."""
        if len(self.letters) >= _MOST_PLACES:
            raise NotRegular
        self.letters.append(None)
        self.free.append([])
        return len(self.letters) - 1

    @property
    def sees_words(self) -> bool:
        """Whether it asks for the edge of a word."""
        return any(edge is Edge.OF_WORD for moves in self.free for edge, _ in moves)

    def reached(self, places: Iterable[int], edges: Collection[Edge] = ()) -> frozenset[int]:
        """These places and those to which they lead without a letter, at these edges."""
        found = set(places)
        waiting = list(found)
        while waiting:
            for edge, to in self.free[waiting.pop()]:
                if (edge is None or edge in edges) and to not in found:
                    found.add(to)
                    waiting.append(to)
        return frozenset(found)


def places(pattern: str) -> Places:
    """The automaton of a pattern.

    Raises:
        NotRegular: it has a construct that is not followed here.
    """
    made = Places()
    made.start = made.place()
    made.end = _build(made, _Reader(pattern).read(), made.start)
    return made


def _build(into: Places, node: _Node, start: int) -> int:
    """Adds a part of a pattern; gives the place behind it."""
    match node:
        case _Letter(ranges):
            end = into.place()
            here = into.place()
            into.free[start].append((None, here))
            into.letters[here] = (ranges, end)
            return end
        case _Edge(edge):
            end = into.place()
            into.free[start].append((edge, end))
            return end
        case _Sequence(items):
            for item in items:
                start = _build(into, item, start)
            return start
        case _Either(items):
            end = into.place()
            for item in items:
                into.free[_build(into, item, start)].append((None, end))
            return end
        case _Repeat(item, low, high):
            for _ in range(low):
                start = _build(into, item, start)
            if high is None:
                again = into.place()
                into.free[start].append((None, again))
                into.free[_build(into, item, again)].append((None, again))
                return again
            end = into.place()
            into.free[start].append((None, end))
            for _ in range(high - low):
                start = _build(into, item, start)
                into.free[start].append((None, end))
            return end


def _has_edge(node: _Node) -> bool:
    match node:
        case _Edge():
            return True
        case _Sequence(items) | _Either(items):
            return any(_has_edge(item) for item in items)
        case _Repeat(item):
            return _has_edge(item)
        case _Letter():
            return False


class _Reader:
    """Reads a pattern; what could be read in two ways is not read."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def read(self) -> _Node:
        node = self._either(depth=0)
        if self._at < len(self._pattern):
            raise NotRegular
        return node

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        sign = self._next()
        if not sign:
            raise NotRegular
        self._at += 1
        return sign

    def _either(self, depth: int) -> _Node:
        if depth > 50:
            raise NotRegular
        items = [self._sequence(depth)]
        while self._next() == "|":
            self._at += 1
            items.append(self._sequence(depth))
        return items[0] if len(items) == 1 else _Either(tuple(items))

    def _sequence(self, depth: int) -> _Node:
        items: list[_Node] = []
        while self._next() not in ("", "|", ")"):
            items.append(self._repeated(self._item(depth)))
        return _Sequence(tuple(items))

    def _item(self, depth: int) -> _Node:
        sign = self._take()
        if sign == "(":
            if self._next() == "?":
                self._at += 1
                if self._take() != ":":
                    raise NotRegular
            node = self._either(depth + 1)
            if self._take() != ")":
                raise NotRegular
            return node
        if sign == "[":
            return _Letter(self._set())
        if sign == "\\":
            return self._escaped()
        if sign in "^$":
            return _Edge(Edge(sign))
        if sign == ".":
            return _Letter(opposite(((_LINE_BREAK, _LINE_BREAK),)))
        if sign in "*+?{}])":
            raise NotRegular
        return _Letter(((ord(sign), ord(sign)),))

    def _escaped(self) -> _Node:
        sign = self._take()
        if sign in _EDGES:
            return _Edge(_EDGES[sign])
        return _Letter(_behind_backslash(sign))

    def _set(self) -> Ranges:
        inverted = self._next() == "^"
        if inverted:
            self._at += 1
        found: list[tuple[int, int]] = []
        while (sign := self._take()) != "]" or not found:
            if sign in "[]":
                raise NotRegular
            ranges = _behind_backslash(self._take()) if sign == "\\" else ((ord(sign), ord(sign)),)
            if sign == "-" and found and self._next() != "]":
                raise NotRegular
            if self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                other = self._take()
                end = _behind_backslash(self._take()) if other == "\\" else ((ord(other), ord(other)),)
                ranges = _between(ranges, end, other)
            found.extend(ranges)
        return opposite(found) if inverted else tuple(sorted(found))

    def _repeated(self, item: _Node) -> _Node:
        low, high = 1, None
        match self._next():
            case "*":
                low = 0
            case "+":
                pass
            case "?":
                low, high = 0, 1
            case "{":
                low, high = self._bounds()
            case _:
                return item
        self._at += 1
        if self._next() == "?":
            # Taking as little as possible finds the same texts.
            self._at += 1
        if self._next() in ("*", "+", "?", "{") or _has_edge(item):
            raise NotRegular
        return _Repeat(item, low, high)

    def _bounds(self) -> tuple[int, int | None]:
        """Reads up to the closing brace."""
        end = self._pattern.find("}", self._at)
        first, comma, second = self._pattern[self._at + 1 : end].partition(",")
        if end < 0 or not _number(first) or not (second == "" or _number(second)):
            raise NotRegular
        self._at = end
        high = int(second) if second else None if comma else int(first)
        if high is not None and high < int(first):
            raise NotRegular
        return int(first), high


def _number(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and len(digits) <= 4


def _behind_backslash(sign: str) -> Ranges:
    if sign in _SETS:
        return _SETS[sign]
    if sign in _SIGNS:
        return ((_SIGNS[sign], _SIGNS[sign]),)
    if sign.isalnum() or not sign.isascii() or not sign.isprintable() or sign in "_ ":
        raise NotRegular
    return ((ord(sign), ord(sign)),)


def _between(low: Ranges, high: Ranges, sign: str) -> Ranges:
    ends = (*low, *high)
    if len(ends) != 2 or any(one != other for one, other in ends) or sign in "[]" or ends[0][0] > ends[1][0]:
        raise NotRegular
    return ((ends[0][0], ends[1][0]),)
