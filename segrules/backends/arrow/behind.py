"""From when to when a row may follow another one, as days or as instants; whole columns at once."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from segrules.backends.arrow.days import local_days
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector
from segrules.ir import nodes as ir
from segrules.ir.calendar import shifted
from segrules.ir.windows import SUB_DAY, Period, Unit
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds

_FOREVER = 2**62
_TICKS = {Unit.MINUTE: 60_000_000, Unit.HOUR: 3_600_000_000}
_NEXT = Period(1, Unit.DAY)


def stretch_behind(step: Vector, rows: Vector, link: ir.Link, clock: Clock) -> tuple[Ints, Ints, Ints]:
    """The first and last time at which a row may follow each of `step`'s, and the times of `rows` on the same scale.

    Days where one of the two is a day alone, else instants. Equal times follow for `without` and not for `then`.
    """
    later = 1 if link.kind is ir.LinkKind.THEN else 0
    if step.kind is rows.kind is Kind.INSTANT:
        at = _whole(step.data)
        return at + later, _last_instants(at, link.within, clock), _whole(rows.data)
    days = _days(step, clock)
    return days + later, _last_days(days, link.within), _days(rows, clock)


def _last_days(days: Ints, within: Period | None) -> Ints:
    if within is None:
        return np.full(len(days), _FOREVER)
    return _for_each(days, lambda day: day_number(shifted(day, within, 1)))


def _last_instants(at: Ints, within: Period | None, clock: Clock) -> Ints:
    if within is None:
        return np.full(len(at), _FOREVER)
    if within.unit in SUB_DAY:
        return at + within.count * _TICKS[within.unit]
    # Up to and without the start of the day after the last one.
    return _for_each(
        local_days(at, clock), lambda day: microseconds(clock.start(shifted(shifted(day, within, 1), _NEXT, 1))) - 1
    )


def _for_each(days: Ints, of: Callable[[date], int]) -> Ints:
    """What each different day gives."""
    if not len(days):
        return days
    first, last = int(days.min()), int(days.max())
    occurs = np.zeros(last - first + 1, np.bool_)
    occurs[days - first] = True
    table = np.zeros(len(occurs), np.int64)
    table[occurs] = [of(date(1970, 1, 1) + timedelta(days=first + day)) for day in np.flatnonzero(occurs).tolist()]
    found: Ints = table[days - first]
    return found


def _days(time: Vector, clock: Clock) -> Ints:
    return _whole(time.data) if time.kind is Kind.DAY else local_days(_whole(time.data), clock)


def _whole(data: Array) -> Ints:
    return data.astype(np.int64, copy=False)
