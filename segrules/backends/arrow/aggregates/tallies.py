"""How many rows each customer has in each of some whole units of the calendar: so many times per week."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import State
from segrules.backends.arrow.days import local_days, unit_numbers
from segrules.backends.arrow.numbers import compared
from segrules.backends.arrow.vectors import Flags, Ints, Kind, Vector
from segrules.ir import nodes as ir
from segrules.ir.calendar import unit_start
from segrules.ir.windows import Period, WholeUnits
from segrules.reference.windows import Clock
from segrules.types.instants import day_number

DENSE = 1 << 24
"""With so many pairs of customer and unit each has a number of its own; with more, only pairs that occur are kept."""
MANY = 2_000_000


_NOTHING = np.zeros(0, np.int64), np.zeros(0, np.int64)


class Tally(State):
    """Numbers of rows by customer and unit; a pair of these is one key, ordered by customer and then unit."""

    def __init__(self, customers: int, whole: Period, clock: Clock) -> None:
        super().__init__(customers)
        self.units = whole.count
        self._unit = whole.unit
        self._clock = clock
        end = np.array([day_number(unit_start(clock.today, whole.unit, 0))], np.int64)
        self._first = int(unit_numbers(end, whole.unit)[0]) - whole.count
        self._all: Ints | None = np.zeros(customers * self.units, np.int64) if customers * self.units <= DENSE else None
        self._fresh: list[Ints] = []
        self._length = 0
        self._counted: tuple[Ints, Ints] = _NOTHING
        self._limit = MANY

    def add(self, rows: Rows) -> None:
        """Count rows."""
        self.count(rows.codes, rows.time)

    def count(self, codes: Ints, time: Vector) -> None:
        """Count rows by their customers and times."""
        days = time.data if time.kind is Kind.DAY else local_days(time.data, self._clock)
        numbers = unit_numbers(days.astype(np.int64, copy=False), self._unit) - self._first
        inside = (numbers >= 0) & (numbers < self.units)
        keys = codes * self.units + numbers
        if not inside.all():
            keys = keys[inside]
        if self._all is not None:
            np.add.at(self._all, keys, 1)
            return
        self._fresh.append(keys)
        self._length += len(keys)
        if self._length > self._limit:
            self._count_fresh()
            self._limit = 2 * len(self._counted[0]) + MANY

    def counted(self) -> tuple[Ints, Ints]:
        """The keys of all pairs that have rows, in order, and how many."""
        if self._all is None:
            self._count_fresh()
            return self._counted
        keys = np.flatnonzero(self._all)
        return keys, self._all[keys]

    def _count_fresh(self) -> None:
        if self._fresh:
            keys = np.sort(np.concatenate(self._fresh))
            starts = np.flatnonzero(np.diff(keys, prepend=-1))
            self._counted = added(self._counted, (keys[starts], np.diff(starts, append=len(keys))))
            self._fresh, self._length = [], 0


def added(one: tuple[Ints, Ints], other: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Keys in order with their numbers, two such lists as one."""
    if not len(one[0]) or not len(other[0]):
        return other if len(other[0]) else one
    keys, counts = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    return keys[order][starts], np.add.reduceat(counts[order], starts)


def numbers_with(node: ir.UnitsWith, sure: Sequence[Tally], doubtful: Sequence[Tally], customers: int) -> Vector:
    """In how many units of each customer the number of rows compares as `node` asks: with doubt, from so many up."""
    assert isinstance(node.events.window, WholeUnits)
    units = node.events.window.period.count
    keys, counts = reduce(added, (tally.counted() for tally in sure), _NOTHING)
    if not doubtful:
        return Vector(Kind.NUMBER, _reached(node, keys, _tested(node, counts), units, customers))
    others, perhaps = reduce(added, (tally.counted() for tally in doubtful))
    busy = np.union1d(keys, others)
    low = np.zeros(len(busy), np.int64)
    low[np.searchsorted(busy, keys)] = counts
    high = low.copy()
    high[np.searchsorted(busy, others)] += perhaps
    surely, possibly = _certain(node, low, high), _possible(node, low, high)
    least, most = (_reached(node, busy, flags, units, customers) for flags in (surely, possibly))
    return Vector(Kind.NUMBER, least, upper=most)


def _reached(node: ir.UnitsWith, keys: Ints, holds: Flags, units: int, customers: int) -> Ints:
    """How many units hold, those without any row included."""
    owners = keys // units
    found: Ints = np.bincount(owners[holds], minlength=customers).astype(np.int64, copy=False)
    if _tested(node, np.zeros(1, np.int64))[0]:
        found = found + units - np.bincount(owners, minlength=customers)
    return found


def _tested(node: ir.UnitsWith, counts: Ints) -> Flags:
    return compared(node.op, counts, np.array(node.times))


def _certain(node: ir.UnitsWith, low: Ints, high: Ints) -> Flags:
    """Where the comparison holds for every number from `low` to `high`."""
    both = _tested(node, low) & _tested(node, high)
    if node.op is ir.CompareOp.NE:
        both &= (high < node.times) | (low > node.times)
    return both


def _possible(node: ir.UnitsWith, low: Ints, high: Ints) -> Flags:
    """Where the comparison holds for some number from `low` to `high`."""
    some = _tested(node, low) | _tested(node, high)
    if node.op is ir.CompareOp.EQ:
        some |= (low <= node.times) & (node.times <= high)
    return some
