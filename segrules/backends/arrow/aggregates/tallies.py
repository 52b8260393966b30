"""How many rows each customer has in each of some whole units of the calendar: so many times per week."""

from collections.abc import Sequence

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
        self._keys: list[Ints] = []
        self._counts: list[Ints] = []
        self._length = 0
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
        self._keys.append(keys)
        self._counts.append(np.ones(len(keys), np.int64))
        self._length += len(keys)
        if self._length > self._limit:
            kept, counts = merged(self._keys, self._counts)
            self._keys, self._counts, self._length = [kept], [counts], len(kept)
            self._limit = 2 * self._length + MANY

    def counted(self) -> tuple[Ints, Ints]:
        """The keys of all pairs that have rows, in order, and how many."""
        if self._all is None:
            return merged(self._keys, self._counts)
        keys = np.flatnonzero(self._all)
        return keys, self._all[keys]


def merged(keys: Sequence[Ints], counts: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Equal keys as one, their numbers added up."""
    if not keys:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    together = np.concatenate(keys)
    order = np.argsort(together, kind="stable")
    together = together[order]
    starts = np.flatnonzero(np.diff(together, prepend=-1))
    sums = np.add.reduceat(np.concatenate(counts)[order], starts) if len(starts) else np.zeros(0, np.int64)
    return together[starts], sums


def numbers_with(node: ir.UnitsWith, sure: Sequence[Tally], doubtful: Sequence[Tally], customers: int) -> Vector:
    """In how many units of each customer the number of rows compares as `node` asks: with doubt, from so many up."""
    assert isinstance(node.events.window, WholeUnits)
    units = node.events.window.period.count
    keys, counts = _added(sure)
    if not doubtful:
        return Vector(Kind.NUMBER, _reached(node, keys, _tested(node, counts), units, customers))
    others, perhaps = _added(doubtful)
    busy = np.union1d(keys, others)
    low = np.zeros(len(busy), np.int64)
    low[np.searchsorted(busy, keys)] = counts
    high = low.copy()
    high[np.searchsorted(busy, others)] += perhaps
    surely, possibly = _certain(node, low, high), _possible(node, low, high)
    least, most = (_reached(node, busy, flags, units, customers) for flags in (surely, possibly))
    return Vector(Kind.NUMBER, least, upper=most)


def _added(tallies: Sequence[Tally]) -> tuple[Ints, Ints]:
    parts = [tally.counted() for tally in tallies]
    return parts[0] if len(parts) == 1 else merged([keys for keys, _ in parts], [counts for _, counts in parts])


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
