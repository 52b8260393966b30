"""Rows that look for other rows of the same customer, with equal keys, in a stretch of time.

Those that are looked for are sorted once by customer, keys and time, so that what one row looks for lies side by side,
and two binary searches find where. A key without a value may or may not be equal to anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from segrules.backends.arrow.grouping import identity, together
from segrules.backends.arrow.vectors import Flags, Ints, Vector, joined

PIECE = 1 << 18
"""How many pairs of rows are looked at together at most."""

_SAFE = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Rows by their customers and keys."""

    codes: Ints
    keys: Sequence[Vector]

    def __len__(self) -> int:
        return len(self.codes)


class Found:
    """For each of the lookers `which`: the sought rows `order[start]` up to `order[stop]`.

    `looker_groups` and `sought_groups` (of the rows `among`) are equal where customer and keys are.
    """

    def __init__(
        self,
        which: Ints,
        among: Ints,
        groups: tuple[Ints, Ints, int],
        times: tuple[Ints, Ints, Ints],
    ) -> None:
        self.which = which
        self.among = among
        self.looker_groups, self.sought_groups, bound = groups
        first, last, time = times
        packed, lowest, highest = _packed(self.looker_groups, self.sought_groups, bound, first, last, time)
        self._packed = packed
        ordered = np.sort(packed)
        self.start: Ints = np.searchsorted(ordered, lowest, side="left")
        self.stop: Ints = np.maximum(np.searchsorted(ordered, highest, side="right"), self.start)

    @cached_property
    def order(self) -> Ints:
        """The numbers of the sought rows, sorted."""
        found: Ints = self.among[np.argsort(self._packed)]
        return found

    @property
    def counts(self) -> Ints:
        """How many rows each looker finds."""
        return self.stop - self.start

    def pairs(self, done: Flags) -> Iterator[tuple[Ints, Ints]]:
        """Lookers and the rows that they find, piece by piece; of lookers that are not `done` when a piece is made."""
        counts = self.counts
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        for start in range(0, total, PIECE):
            numbers = np.arange(start, min(start + PIECE, total))
            place = np.searchsorted(ends, numbers, side="right")
            kept = ~done[self.which[place]]
            place, numbers = place[kept], numbers[kept]
            if len(place):
                found = self.start[place] + numbers - (ends[place] - counts[place])
                yield self.which[place], self.order[found]


def lookups(
    lookers: Side, first: Ints, last: Ints, sought: Side, time: Ints, rows: Ints, *, surely: bool
) -> Iterator[Found]:
    """What each looker finds among the sought `rows` whose time lies from its `first` to its `last`, both ends in.

    With `surely` keys have to be equal for certain; else a key without a value may be equal to any. Lookers may come
    up several times, with different rows.
    """
    codes = [_codes(one, other) for one, other in zip(lookers.keys, sought.keys, strict=True)]
    blank, blanks = _blanks([one for one, _, _ in codes], len(lookers)), _blanks([o for _, o, _ in codes], len(sought))
    everyone = np.arange(len(lookers))
    for mine in np.unique(blank).tolist():
        for theirs in np.unique(blanks[rows]).tolist():
            if surely and (mine or theirs):
                continue
            which = everyone[blank == mine]
            among = rows[blanks[rows] == theirs]
            shared = [code for place, code in enumerate(codes) if not (mine | theirs) >> place & 1]
            groups = _groups(lookers.codes[which], sought.codes[among], [(a[which], b[among], n) for a, b, n in shared])
            if len(among):
                yield Found(which, among, groups, (first[which], last[which], time[among]))


def _codes(one: Vector, other: Vector) -> tuple[Ints, Ints, int]:
    """Numbers for the values of two columns that are equal where the values are, 0 for none; and their bound."""
    codes, bound = identity(joined([one, other]))
    return codes[: len(one)], codes[len(one) :], bound


def _blanks(keys: Sequence[Ints], rows: int) -> Ints:
    """Which of its keys each row lacks, a bit for each."""
    found = np.zeros(rows, np.int64)
    for place, codes in enumerate(keys):
        found |= (codes == 0).astype(np.int64) << place
    return found


def _groups(mine: Ints, theirs: Ints, keys: Sequence[tuple[Ints, Ints, int]]) -> tuple[Ints, Ints, int]:
    """Customers and keys as one number, for lookers and sought rows, and its bound."""
    size = max(int(mine.max(initial=0)), int(theirs.max(initial=0))) + 1
    if not keys:
        return mine, theirs, size
    parts = [(np.concatenate([mine, theirs]), size), *((np.concatenate([a, b]), bound) for a, b, bound in keys)]
    codes, bound = together(parts)
    return codes[: len(mine)], codes[len(mine) :], bound


def _packed(mine: Ints, theirs: Ints, bound: int, first: Ints, last: Ints, time: Ints) -> tuple[Ints, Ints, Ints]:
    """Group and time of the sought rows as one number each; and the least and the largest that a looker looks for."""
    base = int(time.min())
    width = int(time.max()) - base + 1
    if bound * width >= _SAFE:
        # Ranks of times are fewer than times; ranks of groups are fewer than groups.
        ranks = np.unique(time)
        first, last = np.searchsorted(ranks, first, side="left"), np.searchsorted(ranks, last, side="right") - 1
        time, base, width = np.searchsorted(ranks, time), 0, len(ranks)
        distinct, codes = np.unique(np.concatenate([mine, theirs]), return_inverse=True)
        mine, theirs, bound = codes[: len(mine)], codes[len(mine) :], len(distinct)
    lowest = mine * width + np.minimum(np.maximum(first, base) - base, width)
    highest = mine * width + np.maximum(np.minimum(last, base + width - 1) - base, -1)
    return theirs * width + (time - base), lowest, highest
