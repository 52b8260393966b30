"""A chunk sorted by event and bucket of time: the rows of an event in a window lie side by side.

One small key per row is sorted stably, so rows of a bucket stay in the order of the file; every column is fetched in
that order once, and only if something reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from segrules.backends.arrow.aggregates.spans import Cuts, Span
from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.numbers import at_least
from segrules.backends.arrow.tables import Customers, RowFrame
from segrules.backends.arrow.vectors import Array, Flags, Ints, Vector
from segrules.ir import nodes as ir

PIECE = 1 << 19
"""How many rows are sorted at once."""

_MOST_COMPARED = 256
"""With so many edges of windows each row is compared with all of them, which is faster than looking it up."""


class Group:
    """The rows of one event in a chunk, by bucket; `bounds` says where each bucket begins."""

    def __init__(self, chunk: Chunk, event: str, order: Ints | None, bounds: Ints) -> None:
        self.event = event
        self.bounds = bounds
        self.start = chunk.position
        self.stop = chunk.position + chunk.frame.rows
        self._chunk = chunk
        self._order = order
        # By identity: hashing conditions with long lists again and again would show.
        self._values: dict[int, Vector] = {}
        self._picked: dict[tuple[int, Span], Picked] = {}

    def __len__(self) -> int:
        return int(self.bounds[-1])

    @property
    def customers(self) -> Customers | None:
        """What is known of all customers."""
        return self._chunk.customers

    @cached_property
    def codes(self) -> Ints:
        """The customers of the rows."""
        codes = self._chunk.codes if self._order is None else self._chunk.codes[self._order]
        return codes.astype(np.int64, copy=False)

    @cached_property
    def frame(self) -> RowFrame:
        """The columns of the rows."""
        chunk = self._chunk
        if self._order is None:
            return RowFrame(
                chunk.frame.setting, len(self), chunk.frame.column, codes=self.codes, customers=chunk.customers
            )
        return chunk.frame.take(self._order, codes=self.codes, customers=chunk.customers)

    @cached_property
    def time(self) -> Vector:
        """When the rows happened."""
        # Invariant: rows that take part have a time.
        time = replace(self._chunk.time[self.event], present=None)
        return time if self._order is None else time.take(self._order)

    @cached_property
    def positions(self) -> Ints:
        """The numbers of the rows in their table."""
        order = np.arange(len(self)) if self._order is None else self._order
        return order + self._chunk.position

    @cached_property
    def order_by(self) -> list[Vector]:
        """The columns by which rows of one time are ordered."""
        return [self.frame.column(name) for name in self._chunk.events[self.event].order_by]

    def value(self, of: ir.Value) -> Vector:
        """What `of` is in each row."""
        if id(of) not in self._values:
            self._values[id(of)] = self.frame.value(of)
        return self._values[id(of)]

    def picked(self, where: ir.Condition | None, hull: Span) -> "Picked":
        """The rows in `hull` that satisfy a condition, and those in doubt; equal conditions are one object."""
        key = id(where), hull
        if key not in self._picked:
            self._picked[key] = Picked(self, where, hull)
        return self._picked[key]


class Picked:
    """The rows of a group in some buckets that surely satisfy a `where`, and those of whom that is unknown."""

    def __init__(self, group: Group, where: ir.Condition | None, hull: Span) -> None:
        self._group = group
        self._hull = hull
        first, stop = int(group.bounds[hull[0]]), int(group.bounds[hull[1]])
        self._sure: Ints | slice = slice(first, stop)
        self._bounds = group.bounds - first
        self._doubtful: Ints | None = None
        self._values: dict[int, Vector] = {}
        if where is not None and stop > first:
            self._test(where, first, stop)

    def _test(self, where: ir.Condition, first: int, stop: int) -> None:
        planes = self._group.frame.slice(first, stop).truth(where)
        passing = np.count_nonzero(planes.true)
        if not planes.is_certain and passing + np.count_nonzero(planes.false) < stop - first:
            self._doubtful = np.flatnonzero(planes.unknown) + first
        if passing < stop - first:
            self._sure = np.flatnonzero(planes.true) + first
            self._bounds = np.searchsorted(self._sure, self._group.bounds)

    def rows(self, span: Span) -> "Rows":
        """The rows in some buckets of the hull."""
        return Rows(self, int(self._bounds[span[0]]), int(self._bounds[span[1]]), self._group)

    def doubtful(self, span: Span) -> Ints | None:
        """The customers of the rows in doubt in some buckets."""
        if self._doubtful is None:
            return None
        first, stop = np.searchsorted(self._doubtful, self._group.bounds[list(span)])
        found: Ints = self._group.codes[self._doubtful[first:stop]]
        return found

    def doubtful_times(self, span: Span) -> Vector:
        """The times of the rows in doubt in some buckets, beside `doubtful`."""
        assert self._doubtful is not None
        first, stop = np.searchsorted(self._doubtful, self._group.bounds[list(span)])
        return self._group.time.take(self._doubtful[first:stop])

    def fetch(self, column: Array) -> Array:
        """The entries of a group's column that belong to sure rows."""
        found: Array = column[self._sure]
        return found

    @cached_property
    def codes(self) -> Ints:
        """The customers of the sure rows."""
        return self.fetch(self._group.codes)

    @cached_property
    def positions(self) -> Ints:
        """The places of the sure rows in their table."""
        return self.fetch(self._group.positions)

    def vector(self, vector: Vector) -> Vector:
        """The sure rows of a group's vector."""
        if isinstance(self._sure, slice):
            return vector.slice(self._sure.start, self._sure.stop)
        return vector.take(self._sure)

    @cached_property
    def time(self) -> Vector:
        """When the sure rows happened."""
        return self.vector(self._group.time)

    @cached_property
    def order_by(self) -> list[Vector]:
        """The columns that order sure rows of one time."""
        return [self.vector(column) for column in self._group.order_by]

    def value(self, of: ir.Value) -> Vector:
        """What `of` is in the sure rows."""
        if id(of) not in self._values:
            self._values[id(of)] = self.vector(self._group.value(of))
        return self._values[id(of)]


class Rows:
    """The rows of one event that surely satisfy a `where`, in one segment of time; bucket by bucket as in the file."""

    def __init__(self, picked: Picked, start: int, stop: int, group: Group) -> None:
        self._picked, self._first, self._end = picked, start, stop
        self.event = group.event
        self.start = group.start
        """The place of the chunk's first row in its table."""
        self.stop = group.stop
        """The place after its last one."""

    def __len__(self) -> int:
        return self._end - self._first

    @property
    def codes(self) -> Ints:
        """The customers."""
        return self._picked.codes[self._first : self._end]

    @property
    def positions(self) -> Ints:
        """The places of the rows in their table."""
        return self._picked.positions[self._first : self._end]

    @property
    def time(self) -> Vector:
        """When they happened."""
        return self._picked.time.slice(self._first, self._end)

    @property
    def order_by(self) -> list[Vector]:
        """What orders rows of one time."""
        return [column.slice(self._first, self._end) for column in self._picked.order_by]

    def value(self, of: ir.Value | None) -> Vector:
        """What `of` is in each row: its time where that is None."""
        return self.time if of is None else self._picked.value(of).slice(self._first, self._end)


# --- sorting --------------------------------------------------------------------------------------


def groups(chunk: Chunk, cuts: Mapping[str, Cuts], hulls: Mapping[str, Span]) -> Iterator[Group]:
    """The rows of each event by bucket; only buckets in the event's hull are filled.

    Events that share rows are sorted one after the other. A chunk comes in pieces so small that fetching its columns in
    another order does not leave the processor's cache.
    """
    for start in range(0, chunk.frame.rows, PIECE):
        piece = _piece(chunk, start, min(start + PIECE, chunk.frame.rows))
        for names in _disjoint([name for name in piece.events if name in hulls], piece.member):
            yield from _sorted(piece, names, cuts, hulls)


def _piece(chunk: Chunk, start: int, stop: int) -> Chunk:
    """Rows from `start` up to `stop`, sharing memory."""
    if stop - start == chunk.frame.rows:
        return chunk
    return Chunk(
        chunk.frame.slice(start, stop),
        chunk.codes[start:stop],
        {name: time.slice(start, stop) for name, time in chunk.time.items()},
        {name: None if flags is None else flags[start:stop] for name, flags in chunk.member.items()},
        chunk.customers,
        chunk.position + start,
        chunk.events,
    )


def _disjoint(names: Sequence[str], member: Mapping[str, Flags | None]) -> list[list[str]]:
    """Events put together so that no row belongs to two events of one list."""
    found: list[tuple[list[str], Flags]] = []
    for name in names:
        flags = member[name]
        if flags is None:
            found.append(([name], np.ones(1, dtype=np.bool_)))
            continue
        for together, taken in found:
            if len(taken) == len(flags) and not (taken & flags).any():
                together.append(name)
                taken |= flags
                break
        else:
            found.append(([name], flags.copy()))
    return [together for together, _ in found]


def _sorted(chunk: Chunk, names: Sequence[str], cuts: Mapping[str, Cuts], hulls: Mapping[str, Span]) -> Iterator[Group]:
    starts = np.cumsum([1, *(cuts[name].buckets for name in names)]).tolist()
    key = _keys(chunk, names, cuts, starts)
    counts = np.bincount(key, minlength=starts[-1])
    places = np.concatenate([[0], np.cumsum(counts)])
    whole = len(names) == 1 and np.count_nonzero(counts) == 1 and not counts[0]
    order = None if whole else np.argsort(key, kind="stable")
    for name, start, end in zip(names, starts, starts[1:], strict=False):
        hull = hulls[name]
        bounds = places[start : end + 1]
        first, stop = int(bounds[hull[0]]), int(bounds[hull[1]])
        if first == stop:
            continue
        if order is None:
            yield Group(chunk, name, None, bounds)
        else:
            yield Group(chunk, name, order[first:stop], np.clip(bounds, first, stop) - first)


def _keys(chunk: Chunk, names: Sequence[str], cuts: Mapping[str, Cuts], starts: Sequence[int]) -> Array:
    """Event and bucket of each row as one number; 0 is for rows of no event."""
    kind = _width(starts[-1])
    key: Array = np.zeros(chunk.frame.rows, kind)
    known: dict[tuple[int, int], Array] = {}
    for name, start in zip(names, starts, strict=False):
        member = chunk.member[name]
        if member is not None and not member.any():
            continue
        time, cut = chunk.time[name], cuts[name]
        assert time.kind is cut.kind
        made = time.data.ctypes.data, id(cut)
        if made not in known:
            known[made] = _buckets(time, cut, kind)
        mine = known[made] + kind(start)
        # Invariant: no row is in two of the events, so each row is added to once.
        key += mine if member is None else mine * member
    return key


def _width(numbers: int) -> Any:
    """The narrowest kind that counts so far; sorting costs more the wider it is."""
    return np.uint8 if numbers <= 1 << 8 else np.uint16 if numbers <= 1 << 16 else np.uint32


def _buckets(time: Vector, cuts: Cuts, kind: Any) -> Array:
    if len(cuts.places) > _MOST_COMPARED:
        looked_up: Array = np.searchsorted(np.array(cuts.places, np.int64), time.data, side="right").astype(kind)
        return looked_up
    found: Array = np.zeros(len(time), kind)
    for place in cuts.places:
        found += at_least(time, place)
    return found
