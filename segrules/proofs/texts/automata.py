"""Small automata that read a text letter by letter, and what several of them can come to together.

Letters that no automaton tells apart are one class of letters, so that all of Unicode is a handful of classes.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from heapq import heappop, heappush
from itertools import pairwise
from typing import Protocol

from segrules.proofs.texts.patterns import LAST, WORD, Edge, Places, Ranges

_UPPER_A, _AFTER_UPPER_Z, _TO_SMALL = ord("A"), ord("Z") + 1, 32
_SURROGATES = (0xD800, 0xE000)
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PREFERRED = _LETTERS + "-_.@ !#$%&*+,/:;=?()<>[]^{|}~'`\"\\"
_RANKS = {ord(letter): rank for rank, letter in enumerate(_PREFERRED)}
_MOST_MEMBERS = 200
_MOST_OF_ONE = 2_000
_MOST_TURNS = 50_000


class TooMany(Exception):
    """More states, classes or texts than the limit."""


def small(letter: int) -> int:
    """A code point with A to Z made small."""
    return letter + _TO_SMALL if _UPPER_A <= letter < _AFTER_UPPER_Z else letter


class Automaton(Protocol):
    """Reads a text; `folds` where it reads A to Z as small letters."""

    @property
    def folds(self) -> bool:
        """Whether A to Z are read as small letters."""

    @property
    def letters(self) -> frozenset[int]:
        """Single letters that it tells from all others."""

    @property
    def sets(self) -> tuple[Ranges, ...]:
        """Sets of letters that it tells from the rest."""

    def start(self) -> Hashable:
        """The state before the first letter."""

    def step(self, state: Hashable, letter: int) -> Hashable:
        """The state after a letter."""

    def accepts(self, state: Hashable) -> bool:
        """Whether a text that ends in this state passes."""


@dataclass(frozen=True)
class Starts:
    """Passes what starts with a text; the state is the number of letters found, -1 once one was wrong."""

    text: str
    folds: bool

    @property
    def letters(self) -> frozenset[int]:
        """The letters of the text."""
        return frozenset(map(ord, self.text))

    @property
    def sets(self) -> tuple[Ranges, ...]:
        """None."""
        return ()

    def start(self) -> Hashable:
        """Nothing found yet."""
        return 0

    def step(self, state: Hashable, letter: int) -> Hashable:
        """One letter more, all there is, or wrong."""
        assert isinstance(state, int)
        if state in (-1, len(self.text)):
            return state
        return state + 1 if ord(self.text[state]) == letter else -1

    def accepts(self, state: Hashable) -> bool:
        """Whether all letters were found."""
        return state == len(self.text)


@dataclass(frozen=True)
class Finds:
    """Passes what contains a text, or ends with it where `at_end`; the state is how much of it was read last."""

    text: str
    at_end: bool
    folds: bool

    @property
    def letters(self) -> frozenset[int]:
        """The letters of the text."""
        return frozenset(map(ord, self.text))

    @property
    def sets(self) -> tuple[Ranges, ...]:
        """None."""
        return ()

    @cached_property
    def _back(self) -> list[int]:
        """Of each start of the text, how long its longest end is that starts the text, too."""
        back = [0] * (len(self.text) + 1)
        for size in range(2, len(self.text) + 1):
            known = back[size - 1]
            while known and self.text[known] != self.text[size - 1]:
                known = back[known]
            back[size] = known + (self.text[known] == self.text[size - 1])
        return back

    def start(self) -> Hashable:
        """Nothing found yet."""
        return 0

    def step(self, state: Hashable, letter: int) -> Hashable:
        """The longest start of the text that was read last."""
        assert isinstance(state, int)
        size = len(self.text)
        if not size or (state == size and not self.at_end):
            return state
        while state and (state == size or ord(self.text[state]) != letter):
            state = self._back[state]
        return state + (ord(self.text[state]) == letter)

    def accepts(self, state: Hashable) -> bool:
        """Whether the text was found, or read last where `at_end`."""
        return state == len(self.text)


@dataclass(frozen=True)
class Matches:
    """Passes that in which a pattern is found anywhere.

    The state is whether nothing was read, whether a letter of a word was read last, and a set of places; None once the
    pattern was found.
    """

    places: Places
    folds: bool

    @property
    def letters(self) -> frozenset[int]:
        """Letters that stand alone in the pattern."""
        return frozenset(low for ranges in self._ranges for low, high in ranges if len(ranges) == 1 and low == high)

    @property
    def sets(self) -> tuple[Ranges, ...]:
        """Sets of letters in the pattern."""
        return tuple(sorted(ranges for ranges in self._ranges if len(ranges) > 1 or ranges[0][0] != ranges[0][1]))

    @cached_property
    def _ranges(self) -> frozenset[Ranges]:
        words = {WORD} if self._sees_words else set()
        return frozenset(words.union(found[0] for found in self.places.letters if found is not None and found[0]))

    @cached_property
    def _sees_words(self) -> bool:
        return self.places.sees_words

    @cached_property
    def _anew(self) -> frozenset[int]:
        return self.places.reached((self.places.start,))

    def start(self) -> Hashable:
        """The places at the start of a text."""
        return None if self.places.end in self._anew else (True, False, self._anew)

    def step(self, state: Hashable, letter: int) -> Hashable:
        """The places behind a letter, and the first again: a pattern is found anywhere."""
        if state is None:
            return None
        in_word = self._sees_words and _is_in(letter, WORD)
        here = self._at_edge(state, in_word, at_end=False)
        moves = (self.places.letters[place] for place in here)
        behind = {move[1] for move in moves if move is not None and _is_in(letter, move[0])}
        found = self.places.reached(behind) | self._anew
        return None if self.places.end in here | found else (False, in_word, found)

    def accepts(self, state: Hashable) -> bool:
        """Whether the pattern was found, or is at the end."""
        return state is None or self.places.end in self._at_edge(state, False, at_end=True)

    def _at_edge(self, state: Hashable, in_word: bool, *, at_end: bool) -> frozenset[int]:
        """The places once it is known what comes next, a letter of a word or not."""
        assert isinstance(state, tuple)
        nothing_read, was_in_word, found = state
        edges = {Edge.START: nothing_read, Edge.END: at_end, Edge.OF_WORD: was_in_word != in_word}
        return self.places.reached(found, [edge for edge, holds in edges.items() if holds])


def _is_in(letter: int, ranges: Ranges) -> bool:
    return any(low <= letter <= high for low, high in ranges)


@dataclass
class Alphabet:
    """Classes of letters that no automaton tells apart, the class with the plainest letter first."""

    automata: Sequence[Automaton]
    ends: list[int] = field(init=False)
    parts: list[list[tuple[int, int]]] = field(init=False)
    _class_of_part: list[int] = field(init=False)
    _members: dict[int, tuple[int, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.ends = self._ends()
        exact = {letter for one in self.automata if not one.folds for letter in one.letters}
        folded = {letter for one in self.automata if one.folds for letter in one.letters}
        sets = [(one.folds, ranges) for one in self.automata for ranges in one.sets]
        grouped: dict[Hashable, list[tuple[int, int]]] = {}
        kinds: list[Hashable] = []
        for low, after in pairwise(self.ends):
            lower = small(low)
            kind: Hashable = None
            if low != _SURROGATES[0]:
                kind = (
                    low if low in exact else -1,
                    lower if lower in folded else -1,
                    *(_is_in(lower if folds else low, ranges) for folds, ranges in sets),
                )
                grouped.setdefault(kind, []).append((low, after - 1))
            kinds.append(kind)
        ordered = sorted(grouped, key=lambda kind: min(_plainness(low, high) for low, high in grouped[kind]))
        numbers = {kind: number for number, kind in enumerate(ordered)}
        self.parts = [grouped[kind] for kind in ordered]
        self._class_of_part = [numbers.get(kind, -1) for kind in kinds]

    def _ends(self) -> list[int]:
        ends = {0, *_SURROGATES, LAST + 1, _UPPER_A, _AFTER_UPPER_Z}
        for one in self.automata:
            of_one = {end for letter in one.letters for end in (letter, letter + 1)}
            of_one |= {end for ranges in one.sets for low, high in ranges for end in (low, high + 1)}
            if one.folds:
                ends |= {end - _TO_SMALL for end in of_one if _UPPER_A <= end - _TO_SMALL <= _AFTER_UPPER_Z}
            ends |= of_one
        return sorted(ends)

    def class_of(self, letter: str) -> int:
        """The class of a letter."""
        return self._class_of_part[bisect_right(self.ends, ord(letter)) - 1]

    def size(self, number: int) -> int:
        """How many letters a class has."""
        return sum(high - low + 1 for low, high in self.parts[number])

    def members(self, number: int) -> tuple[int, ...]:
        """Letters of a class, plain ones first, not all of them where there are very many."""
        if number not in self._members:
            found = [ord(letter) for letter in _PREFERRED if self.class_of(letter) == number]
            rest = [
                letter
                for low, high in self.parts[number]
                for letter in range(low, min(high, low + _MOST_MEMBERS) + 1)
                if letter not in _RANKS
            ]
            rest.sort(key=lambda letter: (not chr(letter).isprintable(), chr(letter).isspace(), letter))
            self._members[number] = (*found, *rest)[:_MOST_MEMBERS]
        return self._members[number]


def _plainness(low: int, high: int) -> int:
    """The rank of the plainest letter between two."""
    ranks = [_RANKS[letter] for letter in range(low, min(high, 127) + 1) if letter in _RANKS]
    return min(ranks, default=len(_PREFERRED) + low)


Signs = tuple[bool, ...]


class Product:
    """All automata reading the same text: their common states, as far as a text leads there.

    Raises:
        TooMany: there are more than `most` states.
    """

    def __init__(self, automata: Sequence[Automaton], most: int) -> None:
        self.alphabet = Alphabet(automata)
        self._classes: dict[str, int] = {}
        tables = [_table(one, self.alphabet) for one in automata]
        start = (0,) * len(tables)
        numbers = {start: 0}
        self.signs: list[Signs] = []
        self.steps: list[list[int]] = []
        self.came: list[tuple[int, int]] = [(-1, -1)]
        """Of each state, the one from which it is reached first, and by which class of letters."""
        waiting = [start]
        classes = len(self.alphabet.parts)
        for state in waiting:
            here = len(self.steps)
            rows = [table.steps[one] for table, one in zip(tables, state, strict=True)]
            after: list[int] = []
            for number, to in enumerate(zip(*rows, strict=True) if rows else [()] * classes):
                known = numbers.get(to)
                if known is None:
                    known = numbers[to] = len(waiting)
                    waiting.append(to)
                    self.came.append((here, number))
                    if known >= most:
                        raise TooMany
                after.append(known)
            self.steps.append(after)
            self.signs.append(tuple([table.accepts[one] for table, one in zip(tables, state, strict=True)]))

    def class_of(self, letter: str) -> int:
        """The class of a letter, remembered."""
        found = self._classes.get(letter)
        if found is None:
            found = self._classes[letter] = self.alphabet.class_of(letter)
        return found

    def read(self, text: str) -> Signs:
        """What the automata say of a text."""
        state = 0
        if len(self.steps) > 1:
            for letter in text:
                state = self.steps[state][self.class_of(letter)]
        return self.signs[state]

    @cached_property
    def ways(self) -> dict[Signs, tuple[int, ...]]:
        """What they can say, each with the states in which they say it, the one nearest to the start first."""
        found: dict[Signs, list[int]] = {}
        for state, signs in enumerate(self.signs):
            found.setdefault(signs, []).append(state)
        return {signs: tuple(states) for signs, states in found.items()}

    @cached_property
    def _before(self) -> list[list[int]]:
        before: list[list[int]] = [[] for _ in self.steps]
        for state, after in enumerate(self.steps):
            for to in dict.fromkeys(after):
                before[to].append(state)
        return before

    def path(self, state: int) -> list[tuple[int, int]]:
        """The shortest way to a state: states with the class of letters that leads on."""
        found: list[tuple[int, int]] = []
        while state:
            found.append(self.came[state])
            state = self.came[state][0]
        return found[::-1]

    def nearest(self, signs: Signs) -> tuple[str, str | None]:
        """A shortest text of which the automata say this, and another where one is seen at once."""
        state = self.ways[signs][0]
        path = self.path(state)
        letters = [chr(self.alphabet.members(number)[0]) for _, number in path]
        text = "".join(letters)
        for at, (_, number) in enumerate(path):
            if self.alphabet.size(number) > 1:
                other = chr(self.alphabet.members(number)[1])
                return text, "".join((*letters[:at], other, *letters[at + 1 :]))
        for at, one in enumerate((*(came for came, _ in path), state)):
            if one in self.steps[one]:
                again = chr(self.alphabet.members(self.steps[one].index(one))[0])
                return text, "".join((*letters[:at], again, *letters[at:]))
        return text, None

    def texts(self, signs: Signs) -> Iterator[str]:
        """Texts of which the automata say this, shorter ones first.

        Raises:
            TooMany: the search takes too long, or a class of letters was not gone through.
        """
        far = self._distances(self.ways[signs])
        ending = set(self.ways[signs])
        cut = False
        # Of a text read so far, its next letter is one of a class; the next of the same class waits behind it.
        heap: list[tuple[int, int, tuple[int, ...], int, int]] = []
        if 0 in far:
            heappush(heap, (far[0], 0, (), 0, 0))
        turns = 0
        while heap:
            turns += 1
            if turns > _MOST_TURNS:
                raise TooMany
            _, minus_length, order, place, state = heappop(heap)
            length = -minus_length
            if length:
                number = order[-2]
                members = self.alphabet.members(number)
                if place + 1 < len(members):
                    heappush(heap, (length + far[state], minus_length, (*order[:-1], place + 1), place + 1, state))
                elif len(members) < self.alphabet.size(number):
                    cut = True
            if state in ending:
                pairs = zip(order[::2], order[1::2], strict=True)
                yield "".join(chr(self.alphabet.members(number)[at]) for number, at in pairs)
            for number, to in enumerate(self.steps[state]):
                if to in far:
                    heappush(heap, (length + 1 + far[to], -length - 1, (*order, number, 0), 0, to))
        if cut:
            raise TooMany

    def _distances(self, ending: Sequence[int]) -> dict[int, int]:
        far = dict.fromkeys(ending, 0)
        waiting = list(ending)
        for state in waiting:
            for before in self._before[state]:
                if before not in far:
                    far[before] = far[state] + 1
                    waiting.append(before)
        return far


@dataclass
class _Table:
    steps: list[list[int]]
    accepts: list[bool]


def _table(automaton: Automaton, alphabet: Alphabet) -> _Table:
    """An automaton with numbered states, over classes of letters."""
    letters = [alphabet.members(number)[0] for number in range(len(alphabet.parts))]
    if automaton.folds:
        letters = [small(letter) for letter in letters]
    numbers: dict[Hashable, int] = {automaton.start(): 0}
    waiting = [automaton.start()]
    made = _Table([], [])
    for state in waiting:
        after: list[int] = []
        for letter in letters:
            to = automaton.step(state, letter)
            if to not in numbers:
                numbers[to] = len(waiting)
                waiting.append(to)
                if len(waiting) > _MOST_OF_ONE:
                    raise TooMany
            after.append(numbers[to])
        made.steps.append(after)
        made.accepts.append(automaton.accepts(state))
    return made
