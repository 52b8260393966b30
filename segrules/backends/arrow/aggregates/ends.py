"""The first or last row per customer: by time, then by `order_by`, then by place in the table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segrules.backends.arrow.aggregates.extremes import spread
from segrules.backends.arrow.aggregates.ordering import null_first
from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import State
from segrules.backends.arrow.days import local_days
from segrules.backends.arrow.vectors import Flags, Ints, Kind, Vector, joined
from segrules.ir import nodes as ir
from segrules.reference.windows import Clock

_INT64 = np.iinfo(np.int64)
SPARE = 100_000


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Rows that were best when they came: what `of` is there, and what orders rows of one time."""

    values: Vector
    positions: Ints
    order: list[Vector]

    def take(self, rows: Ints) -> "Candidates":
        """Some of them."""
        return Candidates(self.values.take(rows), self.positions[rows], [column.take(rows) for column in self.order])


class Ends(State):
    """The last row of each customer (the first where not `last`) and what `of` is there.

    `places` says which of the candidates (of all chunks, one after the other) a customer has, -1 being none.
    With `by_day` the days come first and times after them, as where days and instants stand in one list.
    """

    def __init__(self, customers: int, of: ir.Value | None, clock: Clock, *, last: bool, by_day: bool) -> None:
        super().__init__(customers)
        self.of = of
        self.last = last
        self._clock = clock
        self._by_day = by_day
        self.major: Ints = np.full(customers, _INT64.min if last else _INT64.max, np.int64)
        self.places: Ints = np.full(customers, -1, np.int64)
        self._parts: list[Candidates] = []
        self._length = 0
        self._reached = -1

    def add(self, rows: Rows) -> None:
        """Compare rows with the candidates so far."""
        codes, major, order = rows.codes, *self._keys(rows)
        in_file_order = not order and rows.start > self._reached
        self._reached = max(self._reached, rows.stop - 1)
        before = self.major[codes]
        near = np.flatnonzero(major >= before if self.last else major <= before)
        (np.maximum if self.last else np.minimum).at(self.major, codes[near], major[near])
        near = near[major[near] == self.major[codes[near]]]
        if in_file_order and not self.last:
            near = near[major[near] != before[near]]
        if not len(near):
            return
        fresh = codes[near][major[near] != before[near]]
        self._parts.append(Candidates(rows.value(self.of), rows.positions, order).take(near))
        places = np.arange(len(near)) + self._length
        self._length += len(near)
        self.places[fresh] = -1
        if in_file_order:
            step = 1 if self.last else -1
            # Of several rows of one customer the one assigned last stays: that is how numpy assigns.
            self.places[codes[near][::step]] = places[::step]
        else:
            self._settle(codes[near], places)
        if self._length > 4 * self.customers + SPARE:
            self._tidy()

    def _keys(self, rows: Rows) -> tuple[Ints, list[Vector]]:
        """What rows are ordered by first, and what after that."""
        time = rows.time
        major = time.data.astype(np.int64, copy=False)
        if self._by_day and time.kind is Kind.INSTANT:
            return local_days(major, self._clock), [time, *rows.order_by]
        return major, rows.order_by

    def _settle(self, codes: Ints, places: Ints) -> None:
        """Give customers their row out of new candidates and the one they have, all of the same time."""
        counts = np.bincount(codes, minlength=self.customers)
        contested = (counts[codes] > 1) | (self.places[codes] >= 0)
        self.places[codes[~contested]] = places[~contested]
        codes, places = codes[contested], places[contested]
        if not len(codes):
            return
        rivals = np.unique(codes)
        rivals = rivals[self.places[rivals] >= 0]
        codes, places = np.concatenate([codes, rivals]), np.concatenate([places, self.places[rivals]])
        candidates = self._candidates().take(places)
        ranks = [null_first(column) for column in candidates.order]
        order = np.lexsort((candidates.positions, *reversed(ranks), codes))
        ends = np.flatnonzero(np.diff(codes[order], append=-1) if self.last else np.diff(codes[order], prepend=-1))
        chosen = order[ends]
        self.places[codes[chosen]] = places[chosen]

    def _candidates(self) -> Candidates:
        parts = self._parts
        if len(parts) > 1:
            columns = zip(*(part.order for part in parts), strict=True)
            self._parts = [
                Candidates(
                    joined([part.values for part in parts]),
                    np.concatenate([part.positions for part in parts]),
                    [joined(column) for column in columns],
                )
            ]
        return self._parts[0]

    def _tidy(self) -> None:
        codes = np.flatnonzero(self.places >= 0)
        self._parts = [self._candidates().take(self.places[codes])]
        self._length = len(codes)
        self.places[codes] = np.arange(len(codes))

    def values(self) -> Vector:
        """What `of` is in all candidates."""
        return self._candidates().values


def end(states: Sequence[Ends], by_day: Sequence[Ends], has_day: Flags | None, customers: int) -> Vector:
    """The values of the first or last rows over all states, which stand in the order of the events' names.

    `by_day` are the same rows and more by their days; they decide for customers with a row that is a plain day.
    """
    everything = [state for state in (*states, *by_day) if (state.places >= 0).any()]
    if not everything:
        return spread(Vector(Kind.NUMBER, np.zeros(0, np.int64)), np.zeros(0, np.int64), customers)
    starts, start = {}, 0
    parts = []
    for state in everything:
        parts.append(state.values())
        starts[id(state)] = start
        start += len(parts[-1])
    place = _best([state for state in states if id(state) in starts], starts, customers)
    if has_day is not None:
        place = np.where(has_day, _best([state for state in by_day if id(state) in starts], starts, customers), place)
    codes = np.flatnonzero(place >= 0)
    return spread(joined(parts).take(place[codes]), codes, customers)


def _best(states: Sequence[Ends], starts: dict[int, int], customers: int) -> Ints:
    """The place of each customer's row among all candidates; -1 where there is none."""
    place = np.full(customers, -1, np.int64)
    best = np.zeros(customers, np.int64)
    for state in states:
        # On equal times the rows of the earlier event come first.
        nearer = state.major >= best if state.last else state.major < best
        better = (state.places >= 0) & (nearer | (place < 0))
        place[better] = state.places[better] + starts[id(state)]
        best[better] = state.major[better]
    return place
