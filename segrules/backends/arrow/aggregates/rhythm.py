"""When rows happened, per customer: calendar units that hold rows, streaks of such units, days from row to row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import assert_never

import numpy as np

from segrules.backends.arrow.aggregates.extremes import spread
from segrules.backends.arrow.aggregates.ordering import pairs
from segrules.backends.arrow.aggregates.pairs import Distinct, different, distinct
from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import State
from segrules.backends.arrow.aggregates.tallies import Tally, numbers_with
from segrules.backends.arrow.days import local_days, unit_numbers
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector
from segrules.ir import nodes as ir
from segrules.ir.windows import Period, Unit, WholeUnits
from segrules.reference.windows import Clock

_INT64 = np.iinfo(np.int64)


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of state: its name, how one is made, whether it is to see the rows in doubt or a whole window at once."""

    what: str
    make: Callable[[], State]
    doubtful: bool = False
    whole: bool = False


def needs(node: ir.Rhythm, customers: int, clock: Clock) -> list[Need]:
    """The states that a value is made of."""
    match node:
        case ir.UnitsOf(_, unit):
            return [Need(f"{unit}s", lambda: Units(customers, unit, clock))]
        case ir.DaysBetween(ir.AggregateKind.AVERAGE):
            return [Need("first and last day", lambda: DaySpans(customers, clock))]
        case ir.DaysBetween():
            return [Need("days of all rows", lambda: AllDays(customers, clock))]
        case ir.UnitsWith(events):
            assert isinstance(events.window, WholeUnits)
            period = events.window.period
            make = lambda: Tally(customers, period, clock)  # noqa: E731
            found = [Need(_tally(period), make, whole=True)]
            if events.where is not None:
                found.append(Need(_tally(period, doubtful=True), make, doubtful=True, whole=True))
            return found
        case _:
            assert_never(node)


def value(node: ir.Rhythm, found: Callable[[str], Sequence[State]], customers: int) -> Vector:
    """The value of each customer, rows in doubt left aside; `found` gives the states of a name."""
    match node:
        case ir.UnitsOf(kind, unit):
            units = [state for state in found(f"{unit}s") if isinstance(state, Units)]
            return (distinct if kind is ir.UnitsKind.DISTINCT else longest_streak)(units, customers)
        case ir.DaysBetween(ir.AggregateKind.AVERAGE):
            return average([state for state in found("first and last day") if isinstance(state, DaySpans)], customers)
        case ir.DaysBetween(kind):
            return chosen(kind, [state for state in found("days of all rows") if isinstance(state, AllDays)], customers)
        case ir.UnitsWith(events):
            assert isinstance(events.window, WholeUnits)
            names = (_tally(events.window.period, doubtful=doubtful) for doubtful in (False, True))
            sure, doubtful = ([state for state in found(what) if isinstance(state, Tally)] for what in names)
            return numbers_with(node, sure, doubtful, customers)
        case _:
            assert_never(node)


def _tally(period: Period, *, doubtful: bool = False) -> str:
    """The name of a tally. It says how many units, as two periods may be one stretch: zones have left out days."""
    return f"{period.count} {period.unit}s" + (" in doubt" if doubtful else "")


class Units(Distinct):
    """The different calendar units of each customer's rows, as numbers."""

    def __init__(self, customers: int, unit: Unit, clock: Clock) -> None:
        super().__init__(customers, None)
        self._unit = unit
        self._clock = clock

    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Keep the units of times."""
        numbers = unit_numbers(_days(vector, self._clock), self._unit)
        super().take_in(codes, Vector(Kind.NUMBER, numbers.astype(np.int32, copy=False)), rows, kept)


class DaySpans(State):
    """How many rows each customer has, and the first and last of their days."""

    def __init__(self, customers: int, clock: Clock) -> None:
        super().__init__(customers)
        self._clock = clock
        self.counts: Ints = np.zeros(customers, np.int64)
        self.first: Ints = np.full(customers, _INT64.max, np.int64)
        self.last: Ints = np.full(customers, _INT64.min, np.int64)

    def add(self, rows: Rows) -> None:
        """Take in the days of rows."""
        codes, days = rows.codes, _days(rows.time, self._clock)
        np.add.at(self.counts, codes, 1)
        np.minimum.at(self.first, codes, days)
        np.maximum.at(self.last, codes, days)


class AllDays(State):
    """The days of all rows, beside their customers."""

    def __init__(self, customers: int, clock: Clock) -> None:
        super().__init__(customers)
        self._clock = clock
        self.codes: list[Ints] = []
        self.days: list[Array] = []

    def add(self, rows: Rows) -> None:
        """Take in the days of rows."""
        self.codes.append(rows.codes.astype(np.int32))
        self.days.append(_days(rows.time, self._clock).astype(np.int32))


def _days(time: Vector, clock: Clock) -> Ints:
    days = time.data if time.kind is Kind.DAY else local_days(time.data, clock)
    return days.astype(np.int64, copy=False)


def longest_streak(states: Sequence[Units], customers: int) -> Vector:
    """How many units in a row each customer has at most."""
    found = np.zeros(customers, np.int64)
    codes = [part for state in states for part in state.codes]
    if codes:
        owners, units = different(codes, [part for state in states for part in state.vectors])
        # Invariant: the units of a customer stand side by side, in the order of time.
        follows = (np.diff(owners) == 0) & (np.diff(units.data.astype(np.int64, copy=False)) == 1)
        starts = np.flatnonzero(np.concatenate([[True], ~follows]))
        np.maximum.at(found, owners[starts], np.diff(starts, append=len(owners)))
    return Vector(Kind.NUMBER, found)


def average(states: Sequence[DaySpans], customers: int) -> Vector:
    """The average number of days from row to row: all days from first to last, shared among the rows but one."""
    counts = np.zeros(customers, np.int64)
    first, last = np.full(customers, _INT64.max, np.int64), np.full(customers, _INT64.min, np.int64)
    for state in states:
        counts += state.counts
        first, last = np.minimum(first, state.first), np.maximum(last, state.last)
    several = counts > 1
    span = np.where(several, last, 0) - np.where(several, first, 0)
    return Vector(Kind.NUMBER, span, several, ~several, divisors=np.maximum(counts - 1, 1))


def chosen(kind: ir.AggregateKind, states: Sequence[AllDays], customers: int) -> Vector:
    """The lower middle, smallest or largest number of days from row to row; none with fewer than two rows."""
    codes, days = [part for state in states for part in state.codes], [part for state in states for part in state.days]
    if not codes:
        return spread(Vector(Kind.NUMBER, np.zeros(0, np.int64)), np.zeros(0, np.int64), customers)
    owners, ordered = _sorted(np.concatenate(codes).astype(np.int64), np.concatenate(days).astype(np.int64))
    same = np.diff(owners) == 0
    owners, gaps = _sorted(owners[1:][same], np.diff(ordered)[same])
    counts = np.bincount(owners, minlength=customers)
    who = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[who]
    match kind:
        case ir.AggregateKind.MEDIAN:
            places = starts + (counts[who] - 1) // 2
        case ir.AggregateKind.SMALLEST:
            places = starts
        case _:
            places = starts + counts[who] - 1
    return spread(Vector(Kind.NUMBER, gaps[places]), who, customers)


def _sorted(codes: Ints, numbers: Ints) -> tuple[Ints, Ints]:
    """Customers and numbers side by side, by customer and then number."""
    keys, width, back = pairs(codes, numbers)
    keys = np.sort(keys)
    owners = keys // width
    return owners, back(keys - owners * width)
