"""Windows as half-open stretches of time between named edges, which become numbers once `as_of` is known.

Equal edges of different windows are equal objects: `in the last 30 days` ends where `more than 30 days ago` begins.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import assert_never

from segrules.ir import windows as ir
from segrules.ir.calendar import shifted, unit_start
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds

_FIRST, _LAST = day_number(date.min), day_number(date.max)
_BEFORE_ALL, _AFTER_ALL = -(2**63), 2**63 - 1


class Side(Enum):
    """On which side of `as_of` a period lies."""

    AGO = "ago"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Now:
    """`as_of` itself; for days the day of `as_of`."""


@dataclass(frozen=True, slots=True)
class Away:
    """A period before or after `as_of`: `s(p)` and `f(p)` of the language page; `later` counts days on from there."""

    period: ir.Period
    side: Side
    later: int = 0


@dataclass(frozen=True, slots=True)
class UnitStart:
    """The start of the calendar unit that holds `as_of`, moved back `back` units."""

    unit: ir.Unit
    back: int


@dataclass(frozen=True, slots=True)
class At:
    """A day, or `later` days after it."""

    day: date
    later: int = 0


@dataclass(frozen=True, slots=True)
class AtInstant:
    """An instant; for days the local day that holds it."""

    instant: datetime


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """So many days before the day of `as_of` (after it where negative), however far that is."""

    days: int


Edge = Now | Away | UnitStart | At | AtInstant | DaysAgo


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to and without `end`; open where None."""

    start: Edge | None
    end: Edge | None


def stretch(window: ir.Window) -> Stretch:
    """The two edges of a window, for instants and for days alike."""
    match window:
        case ir.Ever():
            return Stretch(None, None)
        case ir.InLast(p):
            return Stretch(Away(p, Side.AGO), Now())
        case ir.MoreThanAgo(p):
            return Stretch(None, Away(p, Side.AGO))
        case ir.BetweenAgo(near, far):
            return Stretch(Away(far, Side.AGO), Away(near, Side.AGO))
        case ir.WholeUnits(p):
            return Stretch(UnitStart(p.unit, p.count), UnitStart(p.unit, 0))
        case ir.ThisUnit(unit):
            return Stretch(UnitStart(unit, 0), Now())
        case ir.InNext(p):
            return Stretch(Now(), Away(p, Side.AHEAD))
        case ir.MoreThanAhead(p):
            return Stretch(Away(p, Side.AHEAD), None)
        case ir.Since(start):
            return Stretch(_at(start), None)
        case ir.Before(end):
            return Stretch(None, _at(end))
        case ir.OnDay(day):
            return Stretch(At(day), At(day, 1))
        case ir.AfterDay(day):
            return Stretch(At(day, 1), None)
        case ir.FromTo(first, last):
            return Stretch(At(first), At(last, 1))
        case _:
            assert_never(window)


def _at(moment: date | datetime) -> Edge:
    return AtInstant(moment) if isinstance(moment, datetime) else At(moment)


def as_day(edge: Edge, clock: Clock) -> int:
    """The edge as a day since 1970; like the calendar's functions it stops at the first and last day that there are."""
    match edge:
        case Now():
            return day_number(clock.today)
        case Away(period, side, later):
            return day_number(shifted(clock.today, period, -1 if side is Side.AGO else 1)) + later
        case UnitStart(unit, back):
            return day_number(unit_start(clock.today, unit, back))
        case At(day, later):
            return day_number(day) + later
        case AtInstant(instant):
            return day_number(clock.day_of(instant))
        case DaysAgo(days):
            return day_number(clock.today) - days
        case _:
            assert_never(edge)


def as_instant(edge: Edge, clock: Clock) -> int:
    """The edge as microseconds since 1970: the first instant of a day."""
    match edge:
        case Now():
            return microseconds(clock.as_of)
        case Away(period, side) if period.unit in ir.SUB_DAY:
            return microseconds(clock.back(period) if side is Side.AGO else clock.ahead(period))
        case AtInstant(instant):
            return microseconds(instant)
        case DaysAgo(days):
            return _start_of(day_number(clock.today) - days, clock)
        case _:
            return _start_of(min(as_day(edge, clock), _LAST), clock)


def _start_of(day: int, clock: Clock) -> int:
    """The first instant of a day, in microseconds; days beyond the calendar begin before or after all instants."""
    if day < _FIRST:
        return _BEFORE_ALL
    if day > _LAST:
        return _AFTER_ALL
    return microseconds(clock.start(date(1970, 1, 1) + timedelta(days=day)))
