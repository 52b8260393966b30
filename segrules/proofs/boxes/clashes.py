"""Which boxes do not meet, for all pairs at once.

The numbers of an axis are cut into regions by all ends that occur on it, and a box is the set of regions that it
touches, as bits. Two boxes clash where on some axis they have no bit in common.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from segrules.proofs.boxes.axes import Axis
from segrules.proofs.boxes.boxes import Box
from segrules.proofs.boxes.ranges import End, Ranges, after

WORD = 64
CELLS = 4_000_000
"""Pairs of boxes that are looked at in one go; bounds the memory."""

Bits = NDArray[np.uint64]
Table = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Column:
    """The boxes that are bounded on one axis, by their places, and the regions of each, a word per row of `words`."""

    cuts: list[End]
    places: NDArray[np.intp]
    words: Bits
    shared: bool
    """All have a region in common, so that no two clash here."""


class Clashes:
    """The boxes of some formulas in one row, `boxes[i]` of formula `owners[i]`; ready to be compared."""

    def __init__(self, of: Sequence[Sequence[Box]]) -> None:
        self._count = len(of)
        self.boxes: tuple[Box, ...] = tuple(box for boxes in of for box in boxes)
        self.owners: NDArray[np.intp] = np.array([at for at, boxes in enumerate(of) for _ in boxes], dtype=np.intp)
        # Invariant: the boxes of formula i are `boxes[starts[i]:starts[i + 1]]`.
        self._starts = [0, *accumulate(map(len, of))]
        bounded: dict[Axis, list[int]] = {}
        for place, box in enumerate(self.boxes):
            for axis in box.ranges:
                bounded.setdefault(axis, []).append(place)
        self._columns = {axis: self._column(axis, places) for axis, places in bounded.items()}

    def _column(self, axis: Axis, places: list[int]) -> _Column:
        all_ranges = [self.boxes[place].ranges[axis] for place in places]
        cuts = sorted({cut for ranges in set(all_ranges) for range_ in ranges for cut in _cuts(range_, axis)})
        known: dict[Ranges, int] = {ranges: _regions(ranges, cuts) for ranges in set(all_ranges)}
        words = _packed([known[ranges] for ranges in all_ranges], len(cuts))
        shared = bool(np.bitwise_and.reduce(words, axis=0).any())
        return _Column(cuts, np.array(places, dtype=np.intp), words, shared)

    def of_box(self, box: Box) -> Table:
        """For each box, whether it clashes with this one, which may be a box from elsewhere."""
        clash = np.zeros(len(self.boxes), dtype=np.bool_)
        for axis, ranges in box.ranges.items():
            column = self._columns.get(axis)
            if column is not None:
                own = _packed([_regions(ranges, column.cuts)], len(column.cuts))
                clash[column.places] |= _apart(column.words, own)[:, 0]
        return clash

    def boxes_apart(self) -> Table:
        """For each two boxes, whether they clash."""
        return self._block([range(len(self.boxes))], 0)

    def disjoint(self, rows: Sequence[int] | None = None) -> Table:
        """Which formulas have no customer in common: a row for each of `rows` (all of them), a column for each formula.

        `rows` has each place once. A formula that cannot hold is disjoint with all, itself included.
        """
        chosen = range(self._count) if rows is None else rows
        made = np.ones((len(chosen), self._count), dtype=np.bool_)
        filled = [row for row in range(self._count) if self._length(row)]
        for batch in self._batches([(at, row) for at, row in enumerate(chosen) if self._length(row)]):
            # Where all are asked for, what lies left of the diagonal is known from above it.
            right = [column for column in filled if rows is not None or column >= batch[0][1]]
            first = self._starts[right[0]]
            clash = self._block([range(self._starts[row], self._starts[row + 1]) for _, row in batch], first)
            tops = [0, *accumulate(self._length(row) for _, row in batch[:-1])]
            clash = np.logical_and.reduceat(clash, [self._starts[column] - first for column in right], axis=1)
            clash = np.logical_and.reduceat(clash, tops, axis=0)
            here = [at for at, _ in batch]
            made[np.ix_(here, right)] = clash
            if rows is None:
                made[np.ix_(right, here)] = clash.T
        return made

    def _length(self, row: int) -> int:
        return self._starts[row + 1] - self._starts[row]

    def _batches(self, some: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
        """Rows that are looked at together."""
        most = max(1, CELLS // max(1, len(self.boxes)))
        batches: list[list[tuple[int, int]]] = []
        size = most
        for at, row in some:
            if size + self._length(row) > most:
                batches.append([])
                size = 0
            batches[-1].append((at, row))
            size += self._length(row)
        return batches

    def _block(self, rows: list[range], first: int) -> Table:
        """Whether the boxes at these places (rows) clash with those from `first` on (columns)."""
        places = [place for row in rows for place in row]
        clash = np.zeros((len(places), len(self.boxes) - first), dtype=np.bool_)
        row_of = np.full(len(self.boxes), -1, dtype=np.intp)
        row_of[places] = np.arange(len(places))
        for column in self._columns.values():
            if column.shared:
                continue
            left = row_of[column.places] >= 0
            right = column.places >= first
            if left.any() and right.any():
                apart = _apart(column.words[left], column.words[right])
                clash[np.ix_(row_of[column.places[left]], column.places[right] - first)] |= apart
        return clash


def _cuts(range_: tuple[End, End], axis: Axis) -> tuple[End, End]:
    return range_[0], after(range_[1], whole=axis.whole)


def _regions(ranges: Ranges, cuts: list[End]) -> int:
    """The regions that a set touches, as bits; region i goes from cut i to before the next."""
    bits = 0
    for low, high in ranges:
        first, last = max(0, bisect_right(cuts, low) - 1), bisect_right(cuts, high)
        if first < last:
            bits |= (1 << last) - (1 << first)
    return bits


def _packed(bits: list[int], count: int) -> Bits:
    """A row of words for each set of bits."""
    length = max(1, -(-count // WORD))
    raw = b"".join(item.to_bytes(length * 8, "little") for item in bits)
    return np.frombuffer(raw, dtype="<u8").astype(np.uint64).reshape(len(bits), length)


def _apart(some: Bits, others: Bits) -> Table:
    """For each pair, whether it has no bit in common."""
    apart: Table = (some[:, None, 0] & others[None, :, 0]) == 0
    for word in range(1, some.shape[1]):
        apart &= (some[:, None, word] & others[None, :, word]) == 0
    return apart
