"""When a customer's rows happened: calendar units that hold them, streaks of such units, days from row to row."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import assert_never

from segrules.ir import nodes as ir
from segrules.ir.calendar import unit_start
from segrules.ir.windows import Period, Unit
from segrules.reference.values import MISSING, NONE, Doubt, Result, judged
from segrules.reference.windows import Clock
from segrules.reference.world import EventRow


def rhythm(
    node: ir.UnitsOf | ir.DaysBetween, sure: Sequence[EventRow], doubtful: Sequence[EventRow], clock: Clock
) -> Result:
    """A value made of the days of rows; missing where a row is in doubt."""
    if doubtful:
        return MISSING
    days = sorted(clock.day_of(row.time) for row in sure)
    match node:
        case ir.UnitsOf(kind, unit):
            starts = sorted({unit_start(day, unit, 0) for day in days})
            return len(starts) if kind is ir.UnitsKind.DISTINCT else _longest_streak(starts, unit)
        case ir.DaysBetween(kind):
            return _gap(kind, sorted((later - day).days for day, later in pairwise(days)))
        case _:
            assert_never(node)


def _longest_streak(starts: Sequence[date], unit: Unit) -> int:
    """How many units follow one another without a gap at most; given by their first days, in order."""
    longest = length = 0
    before = None
    for start in starts:
        length = length + 1 if before == unit_start(start, unit, 1) else 1
        longest, before = max(longest, length), start
    return longest


def _gap(kind: ir.AggregateKind, gaps: Sequence[int]) -> Result:
    """What `kind` makes of the days between rows, given from small to large."""
    if not gaps:
        return NONE
    match kind:
        case ir.AggregateKind.AVERAGE:
            return Fraction(sum(gaps), len(gaps))
        case ir.AggregateKind.MEDIAN:
            return gaps[(len(gaps) - 1) // 2]
        case ir.AggregateKind.SMALLEST:
            return gaps[0]
        case ir.AggregateKind.LARGEST:
            return gaps[-1]
        case _:
            raise AssertionError(kind)


def units_with(
    whole: Period,
    enough: Callable[[int], bool],
    sure: Sequence[EventRow],
    doubtful: Sequence[EventRow],
    clock: Clock,
) -> Result:
    """In how many of the whole units before the current one the number of rows is `enough`.

    In each unit rows in doubt may count or not; so the units are a count in doubt themselves.
    """
    surely = _by_unit(sure, whole, clock)
    perhaps = _by_unit(doubtful, whole, clock)
    busy = surely.keys() | perhaps.keys()
    truths = [
        judged(enough, Doubt(frozenset(range(surely[start], surely[start] + perhaps[start] + 1)))) for start in busy
    ]
    empty = whole.count - len(busy) if enough(0) else 0
    least = empty + truths.count(True)
    most = least + truths.count(None)
    return least if least == most else Doubt(frozenset(range(least, most + 1)))


def _by_unit(rows: Sequence[EventRow], whole: Period, clock: Clock) -> Counter[date]:
    """How many of the rows have their local day in each of the whole units, by the first day of the unit."""
    first, end = (unit_start(clock.today, whole.unit, back) for back in (whole.count, 0))
    starts = (unit_start(clock.day_of(row.time), whole.unit, 0) for row in rows)
    return Counter(start for start in starts if first <= start < end)
