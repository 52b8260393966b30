"""Rows that look for other rows of the same customer, with equal keys, in a stretch of time.

Those that are looked for are sorted once by customer, keys and time, so that what one row looks for lies side by side,
and is found by halving the stretch of its customer and keys. A key without a value may or may not equal any other.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from segrules.backends.arrow.vectors import Flags, Ints

PIECE = 1 << 18
"""How many pairs of rows are looked at together at most."""

_BITS = 62
_SPARE = 1 << 20
_MANY = 1 << 16

Codes = tuple[Ints, int]
"""Whole numbers from 0 on, and a bound that they stay below."""


class Found:
    """For each of the lookers `which`: the sought rows that its customer, keys and stretch of time give."""

    def __init__(self, index: "_Index", which: Ints, groups: Ints, first: Ints, last: Ints) -> None:
        self.which = which
        self._index = index
        self._groups, self._last = groups, last
        self._start, self._end = index.stretches(groups, first)

    @property
    def any(self) -> Flags:
        """Which lookers find a row."""
        found = self._start < self._end
        place = np.flatnonzero(found)
        found[place] = self._index.time[self._start[place]] <= self._last[place]
        return found

    def others(self, own: Ints) -> Flags:
        """Which lookers find a row besides their own one: `own` is its number for each looker, -1 for none."""
        found = self.any
        place = np.flatnonzero(found)
        mine = own[self.which[place]]
        itself = self._index.holds(mine, self._groups[place])
        counts = self._stop[place] - self._start[place]
        found[place] = counts > itself
        return found

    @cached_property
    def _stop(self) -> Ints:
        return _halved(self._index.time, self._start, self._end, self._last + 1)

    def pairs(self, done: Flags) -> Iterator[tuple[Ints, Ints]]:
        """Lookers and the rows that they find, piece by piece; of lookers that are not `done` when a piece is made."""
        counts = self._stop - self._start
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        for start in range(0, total, PIECE):
            numbers = np.arange(start, min(start + PIECE, total))
            place = np.searchsorted(ends, numbers, side="right")
            kept = ~done[self.which[place]]
            place, numbers = place[kept], numbers[kept]
            if len(place):
                found = self._start[place] + numbers - (ends[place] - counts[place])
                yield self.which[place], self._index.rows[found]


class Sought:
    """Rows that are looked for: `rows` of a table whose customers, keys (0 for no value) and times are given."""

    def __init__(self, codes: Ints, keys: Sequence[Codes], time: Ints, rows: Ints) -> None:
        self._codes, self._keys, self._time = codes, keys, time
        self._blanks = _blanks([key for key, _ in keys], rows)
        self._rows = rows
        self._indexes: dict[tuple[int, int], _Index] = {}

    def found(self, codes: Ints, keys: Sequence[Ints], first: Ints, last: Ints, *, surely: bool) -> Iterator[Found]:
        """What lookers find from `first` to `last`, both ends in, by their customers and keys.

        With `surely` keys have to be equal for certain; else a key without a value may equal any. Lookers may come up
        several times, with different rows.
        """
        blank = _blanks(keys, np.arange(len(codes)))
        for mine in _distinct(blank):
            which = np.flatnonzero(blank == mine)
            for theirs in _distinct(self._blanks):
                if surely and (mine or theirs):
                    continue
                index = self._index(theirs, mine | theirs)
                shared = [key[which] for place, key in enumerate(keys) if not (mine | theirs) >> place & 1]
                groups = index.groups([codes[which], *shared])
                if len(which) > _MANY:
                    # Side by side they look at the same rows, which then are at hand.
                    order = np.argsort(index.marks(groups, first[which]))
                    yield Found(index, which[order], groups[order], first[which[order]], last[which[order]])
                else:
                    yield Found(index, which, groups, first[which], last[which])

    def _index(self, blank: int, left_out: int) -> "_Index":
        """The rows that lack just these keys, by customer and all keys that are not left out."""
        if (blank, left_out) not in self._indexes:
            rows = self._rows[self._blanks == blank]
            shared = [key for place, key in enumerate(self._keys) if not left_out >> place & 1]
            bound = int(self._codes.max(initial=0)) + 1
            parts = [(self._codes[rows], bound), *((key[rows], size) for key, size in shared)]
            self._indexes[blank, left_out] = _Index(parts, self._time[rows], rows)
        return self._indexes[blank, left_out]


class _Index:
    """Rows sorted by group (customer and keys) and time."""

    def __init__(self, parts: Sequence[Codes], time: Ints, rows: Ints) -> None:
        self._bounds = [bound for _, bound in parts]
        self._squeezed: dict[int, tuple[Ints, Ints]] = {}
        group = self._combined([part for part, _ in parts], learn=True)
        order = _order(group, time)
        self.rows: Ints = rows[order]
        self.time: Ints = time[order]
        sorted_groups = group[order]
        changes = sorted_groups[1:] != sorted_groups[:-1]
        begins = np.flatnonzero(np.insert(changes, 0, True)) if len(rows) else rows
        self._distinct: Ints = sorted_groups[begins]
        self._begins: Ints = np.append(begins, len(rows))
        self._base = int(time.min(initial=0))
        self._top = int(time.max(initial=0)) - self._base
        self._room = min(self._top.bit_length(), _BITS - len(begins).bit_length())
        self._marks = self.marks(np.insert(np.cumsum(changes), 0, 0) if len(rows) else rows, self.time)

    def groups(self, parts: Sequence[Ints]) -> Ints:
        """The numbers of lookers' groups among those that there are; -1 for groups without a row."""
        return places_in(self._distinct, self._combined(parts, learn=False))

    def marks(self, groups: Ints, time: Ints) -> Ints:
        """Group and time in one number, in the order of the rows; times that lie close together may share one."""
        since = np.clip(time - self._base, 0, self._top) >> max(self._top.bit_length() - self._room, 0)
        found: Ints = (groups << self._room) | since
        return found

    def stretches(self, groups: Ints, first: Ints) -> tuple[Ints, Ints]:
        """Where the rows of groups begin that are not before `first`, and where they end; no row for no such group."""
        end = np.where(groups < 0, 0, self._begins[groups + 1])
        start = np.minimum(np.searchsorted(self._marks, self.marks(groups, first)), end)
        # Of rows that share a mark some may be too early; that is most often one, the looker itself.
        early = self._early(np.flatnonzero(start < end), start, first)
        start[early] += 1
        early = self._early(early[start[early] < end[early]], start, first)
        start[early] = _halved(self.time, start[early], end[early], first[early])
        return start, end

    def _early(self, which: Ints, start: Ints, first: Ints) -> Ints:
        return which[self.time[start[which]] < first[which]]

    def holds(self, rows: Ints, groups: Ints) -> Flags:
        """Whether rows (by their numbers, -1 for none) stand in these groups."""
        group, sorted_rows = self._groups_of_rows
        place = places_in(sorted_rows, rows)
        found: Flags = (place >= 0) & (group[place] == groups)
        return found

    @cached_property
    def _groups_of_rows(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.rows)
        group = np.repeat(np.arange(len(self._distinct)), np.diff(self._begins))
        return group[order], self.rows[order]

    def _combined(self, parts: Sequence[Ints], *, learn: bool) -> Ints:
        """Customer and keys in one number; where that would be too large, what there is is numbered first."""
        codes, bound = parts[0].astype(np.int64, copy=False), self._bounds[0]
        for place, (part, size) in enumerate(zip(parts[1:], self._bounds[1:], strict=True)):
            if bound * size > 1 << _BITS:
                # Invariant: there are fewer than 2**31 rows, so that two numbers of rows fit in one.
                if learn:
                    self._squeezed[place] = np.unique(codes), np.unique(part)
                ours, theirs = self._squeezed[place]
                codes, part = places_in(ours, codes), places_in(theirs, part)
                bound, size = len(ours), len(theirs)
            # What is not among the rows has -1, and so has everything that is joined to it.
            codes = np.where((codes < 0) | (part < 0), -1, codes * size + part)
            bound *= size
        return codes


def _order(group: Ints, time: Ints) -> Ints:
    """The rows by group, then by time."""
    if not len(time):
        return np.zeros(0, np.int64)
    base = int(time.min())
    bits = (int(time.max()) - base).bit_length()
    room = _BITS - int(group.max()).bit_length()
    # As much of the time as goes into one number with the group; rows that this does not tell apart are sorted again.
    key = (group << min(bits, room)) | ((time - base) >> max(bits - room, 0))
    rows = np.argsort(key)
    if bits > room:
        of_rows = key[rows]
        same = of_rows[1:] == of_rows[:-1]
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        among = rows[tied]
        rows[tied] = among[np.lexsort((time[among], key[among]))]
    return rows


def places_in(distinct: Ints, wanted: Ints) -> Ints:
    """The place of each number among sorted ones, -1 for those that are not there."""
    if not len(distinct):
        return np.full(len(wanted), -1, np.int64)
    low, high = int(distinct[0]), int(distinct[-1])
    if high - low < 4 * (len(distinct) + len(wanted)) + _SPARE:
        table = np.full(high - low + 3, -1, np.int64)
        table[distinct - low + 1] = np.arange(len(distinct))
        found: Ints = table[np.clip(wanted, low - 1, high + 1) - (low - 1)]
        return found
    # Numbers in order are found many times faster than numbers at random.
    order = np.argsort(wanted)
    place = np.zeros(len(wanted), np.int64)
    place[order] = np.minimum(np.searchsorted(distinct, wanted[order]), len(distinct) - 1)
    return np.where(distinct[place] == wanted, place, -1)


def _halved(time: Ints, begin: Ints, end: Ints, wanted: Ints) -> Ints:
    """For each stretch of sorted times the first place whose time is not before the wanted one."""
    low, high = begin.copy(), end.copy()
    open_ = np.flatnonzero(low < high)
    while len(open_):
        middle = (low[open_] + high[open_]) >> 1
        before = time[middle] < wanted[open_]
        low[open_[before]] = middle[before] + 1
        high[open_[~before]] = middle[~before]
        open_ = open_[low[open_] < high[open_]]
    return low


def _blanks(keys: Sequence[Ints], rows: Ints) -> Ints:
    """Which of its keys each row lacks, a bit for each."""
    found = np.zeros(len(rows), np.int64)
    for place, codes in enumerate(keys):
        found |= (codes[rows] == 0).astype(np.int64) << place
    return found


def _distinct(blanks: Ints) -> list[int]:
    return np.flatnonzero(np.bincount(blanks)).tolist()
