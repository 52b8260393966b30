"""Aggregates that have to see every value: medians, distinct values, the most frequent value.

What is kept are the values of the rows that match, beside their customers; of equal pairs of a chunk one is enough
where distinct values are counted.
"""

from collections.abc import Callable, Sequence

import numpy as np

from segrules.backends.arrow.aggregates.extremes import spread
from segrules.backends.arrow.aggregates.ordering import null_first, pairs, ranked
from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import Valued
from segrules.backends.arrow.days import local_days
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, joined
from segrules.ir import nodes as ir
from segrules.reference.windows import Clock
from segrules.types.types import Type

MANY = 2_000_000


class Values(Valued):
    """All values of the rows, beside their customers."""

    def __init__(self, customers: int, of: ir.Value | None) -> None:
        super().__init__(customers, of)
        self.codes: list[Ints] = []
        self.vectors: list[Vector] = []

    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Keep values."""
        if len(codes):
            self.codes.append(codes.astype(np.int32))
            self.vectors.append(vector)


class Distinct(Values):
    """The different values of each customer; now and then what stands there twice is dropped."""

    def __init__(self, customers: int, of: ir.Value | None) -> None:
        super().__init__(customers, of)
        self._length = 0
        self._limit = MANY

    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Keep values."""
        super().take_in(codes, vector, rows, kept)
        self._length += len(codes)
        if self._length > self._limit:
            codes, vector = different(self.codes, self.vectors)
            self.codes, self.vectors = [codes.astype(np.int32)], [vector]
            self._length = len(codes)
            self._limit = 2 * self._length + MANY


class Ordered(Values):
    """All values of the rows, with what orders the rows: for the most frequent value, whose ties go by it."""

    def __init__(self, customers: int, of: ir.Value, clock: Clock) -> None:
        super().__init__(customers, of)
        self._clock = clock
        self.times: list[Vector] = []
        self.order: list[list[Vector]] = []
        self.positions: list[Ints] = []

    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Keep values."""
        super().take_in(codes, vector, rows, kept)
        if len(codes):
            cut: Callable[[Vector], Vector] = (lambda v: v) if kept is None else (lambda v: v.take(kept))
            self.times.append(cut(rows.time))
            self.order.append([cut(column) for column in rows.order_by])
            self.positions.append(rows.positions if kept is None else rows.positions[kept])

    def ranks(self, chosen: Ints) -> tuple[Vector, Ints]:
        """The times of some rows, and their places in the order of this event's rows."""
        times = joined(self.times).take(chosen)
        order = [null_first(joined(column).take(chosen)) for column in zip(*self.order, strict=True)]
        positions = np.concatenate(self.positions)[chosen]
        place = np.empty(len(chosen), np.int64)
        place[np.lexsort((positions, *reversed(order), times.data))] = np.arange(len(chosen))
        return times, place


def different(codes: Sequence[Ints], vectors: Sequence[Vector]) -> tuple[Ints, Vector]:
    """Each value of a customer once."""
    made = ranked(joined(vectors))
    keys, width, back = pairs(np.concatenate(codes).astype(np.int64), made.numbers)
    keys = np.sort(keys)
    keys = keys[np.diff(keys, prepend=-1) != 0]
    owners = keys // width
    return owners, made.back(back(keys - owners * width))


def distinct(states: Sequence[Distinct], customers: int) -> Vector:
    """How many different values each customer has."""
    found = np.zeros(customers, np.int64)
    codes = [part for state in states for part in state.codes]
    if codes:
        owners, _ = different(codes, [part for state in states for part in state.vectors])
        found = np.bincount(owners, minlength=customers).astype(np.int64, copy=False)
    return Vector(Kind.NUMBER, found)


def median(states: Sequence[Values], of: Type, customers: int) -> Vector:
    """The lower middle value of each customer; none for those without values."""
    parts = [part for state in states for part in state.codes]
    if not parts:
        return spread(_NOTHING, np.zeros(0, np.int64), customers)
    codes = np.concatenate(parts).astype(np.int64)
    made = ranked(joined([part for state in states for part in state.vectors]), of)
    keys, width, back = pairs(codes, made.numbers)
    keys = np.sort(keys)
    counts = np.bincount(codes, minlength=customers)
    who = np.flatnonzero(counts)
    middle = (np.cumsum(counts) - counts + (counts - 1) // 2)[who]
    return spread(made.back(back(keys[middle] - who * width)), who, customers)


_NOTHING = Vector(Kind.NUMBER, np.zeros(0, np.int64))


def most_frequent(states: Sequence[Sequence[Ordered]], has_day: Flags | None, clock: Clock, customers: int) -> Vector:
    """The value that each customer's rows have most often, of several the one that was seen last.

    `states` stand by event in the order of their names; `has_day` is given where days and instants are mixed.
    """
    flat = [state for together in states for state in together if state.codes]
    if not flat:
        return spread(_NOTHING, np.zeros(0, np.int64), customers)
    codes = np.concatenate([part for state in flat for part in state.codes]).astype(np.int64)
    made = ranked(joined([part for state in flat for part in state.vectors]))
    keys, width, back = pairs(codes, made.numbers)
    found, counts = np.unique(keys, return_counts=True)
    owners = found // width
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    most = np.maximum.reduceat(counts, starts)
    tops = counts == np.repeat(most, np.diff(starts, append=len(owners)))
    winners = found[tops]
    contested = np.zeros(customers, np.bool_)
    contested[owners[tops][1:][np.diff(owners[tops]) == 0]] = True
    alone = winners[~contested[winners // width]]
    rows = np.flatnonzero(contested[codes])
    rows = rows[tops[np.searchsorted(found, keys[rows])]]
    if len(rows):
        rows = rows[_last_rows(rows, codes, states, has_day, clock)]
        alone = np.concatenate([alone, keys[rows]])
    return spread(made.back(back(alone % width)), alone // width, customers)


def _last_rows(
    rows: Ints, codes: Ints, states: Sequence[Sequence[Ordered]], has_day: Flags | None, clock: Clock
) -> Ints:
    """Which of some rows are the last ones of their customers."""
    major, names, inner = (np.zeros(len(rows), np.int64) for _ in range(3))
    start = 0
    for number, together in enumerate(states):
        for state in together:
            length = sum(len(part) for part in state.codes)
            mine = np.flatnonzero((rows >= start) & (rows < start + length))
            if len(mine):
                times, place = state.ranks(rows[mine] - start)
                major[mine] = times.data
                if has_day is not None and times.kind is Kind.INSTANT:
                    days = local_days(times.data, clock)
                    major[mine] = np.where(has_day[codes[rows[mine]]], days, times.data)
                # Invariant: segments of an event stand in the order of time.
                names[mine], inner[mine] = number, place + start
            start += length
    if len(states) > 1:
        order = np.lexsort((inner, names, major))
        inner[order] = np.arange(len(rows))
    # Invariant: the rows' numbers in `inner` are different, and in the order of the rows.
    best = np.full(int(codes.max()) + 1, -1, np.int64)
    np.maximum.at(best, codes[rows], inner)
    last: Ints = np.flatnonzero(inner == best[codes[rows]])
    return last
