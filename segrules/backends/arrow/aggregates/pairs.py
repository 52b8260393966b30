"""Aggregates that have to see every value: medians, distinct values and days, the most frequent value.

What is kept are the values of the rows that match, beside their customers; of equal pairs of a chunk one is enough
where distinct values are counted.
"""

from collections.abc import Callable, Sequence

import numpy as np

from segrules.backends.arrow.aggregates.extremes import spread
from segrules.backends.arrow.aggregates.ordering import null_first, pairs, ranked
from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import State, Valued
from segrules.backends.arrow.days import local_days
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, joined
from segrules.ir import nodes as ir
from segrules.reference.windows import Clock
from segrules.types.types import Type


class Values(Valued):
    """All values of the rows, or where `distinct` each value of a customer once in a chunk."""

    def __init__(self, customers: int, of: ir.Value, *, distinct: bool) -> None:
        super().__init__(customers, of)
        self._distinct = distinct
        self.codes: list[Ints] = []
        self.vectors: list[Vector] = []

    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Keep values."""
        if not len(codes):
            return
        if self._distinct:
            once = _once(codes, ranked(vector).numbers, self.customers)
            codes, vector = codes[once], vector.take(once)
        self.codes.append(codes.astype(np.int32))
        self.vectors.append(vector)


class Days(State):
    """The local days of each customer's rows."""

    def __init__(self, customers: int, clock: Clock) -> None:
        super().__init__(customers)
        self._clock = clock
        self.codes: list[Ints] = []
        self.vectors: list[Vector] = []

    def add(self, rows: Rows) -> None:
        """Keep the days of rows, each once for a customer in a chunk."""
        time, codes = rows.time, rows.codes
        days = time.data.astype(np.int64, copy=False)
        if time.kind is Kind.INSTANT:
            days = local_days(days, self._clock)
        once = _once(codes, days, self.customers)
        self.codes.append(codes[once].astype(np.int32))
        self.vectors.append(Vector(Kind.DAY, days[once].astype(np.int32)))


class Ordered(Values):
    """All values of the rows, with what orders the rows: for the most frequent value, whose ties go by it."""

    def __init__(self, customers: int, of: ir.Value, clock: Clock) -> None:
        super().__init__(customers, of, distinct=False)
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


def _once(codes: Ints, numbers: Ints, customers: int) -> Ints:
    """The rows that are left when each number stands once for a customer."""
    keys, width, _ = pairs(codes, numbers)
    if width * customers <= 8 * len(codes):
        first = np.full(width * customers, -1, np.int32)
        first[keys] = np.arange(len(keys), dtype=np.int32)
        return first[first >= 0].astype(np.int64)
    return np.unique(keys, return_index=True)[1]


def distinct(states: Sequence[Values | Days], customers: int) -> Vector:
    """How many different values each customer has."""
    found = np.zeros(customers, np.int64)
    codes = [part for state in states for part in state.codes]
    if codes:
        together = np.concatenate(codes).astype(np.int64)
        numbers = ranked(joined([part for state in states for part in state.vectors])).numbers
        once = together if len(codes) == 1 else together[_once(together, numbers, customers)]
        found = np.bincount(once, minlength=customers).astype(np.int64)
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
    found, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    owners = found // width
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    most = np.maximum.reduceat(counts, starts)
    tops = counts == np.repeat(most, np.diff(starts, append=len(owners)))
    winners = found[tops]
    contested = np.zeros(customers, np.bool_)
    contested[owners[tops][1:][np.diff(owners[tops]) == 0]] = True
    alone = winners[~contested[winners // width]]
    rows = np.flatnonzero(tops[places] & contested[codes])
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
    order = np.lexsort((inner, names, major, codes[rows]))
    last: Ints = order[np.flatnonzero(np.diff(codes[rows][order], append=-1))]
    return last
