"""Windows of time: which times they hold for, line by line as the language page has its table.

D is the local day of `as_of`. A *time* is an instant; a *day* is a value of a column that knows days only.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import assert_never
from zoneinfo import ZoneInfo

from segrules.ir import windows as ir
from segrules.ir.calendar import plus_months, shifted, unit_start
from segrules.ir.catalogue import LeapDay
from segrules.types.zones import local_day, start_of_day, zone

_ONE_DAY = ir.Period(1, ir.Unit.DAY)
_SUB_DAY = {ir.Unit.MINUTE: timedelta(minutes=1), ir.Unit.HOUR: timedelta(hours=1)}
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


class Clock:
    """The one instant of a run, and the calendar around it."""

    def __init__(self, as_of: datetime, zone_name: str) -> None:
        self.as_of = as_of.astimezone(UTC)
        self.zone: ZoneInfo = zone(zone_name)
        self._starts: dict[date, datetime] = {}
        self._days: dict[datetime, date] = {}
        self._periods: dict[tuple[ir.Period, int], datetime] = {}

    @cached_property
    def today(self) -> date:
        """D, the local day of `as_of`."""
        return local_day(self.as_of, self.zone)

    def day_of(self, time: date | datetime) -> date:
        """The local day of an instant; a day is its own."""
        if not isinstance(time, datetime):
            return time
        if time not in self._days:
            self._days[time] = local_day(time, self.zone)
        return self._days[time]

    def start(self, day: date) -> datetime:
        """A day's first local instant."""
        if day not in self._starts:
            self._starts[day] = start_of_day(day, self.zone)
        return self._starts[day]

    def seen(self, time: date | datetime) -> bool:
        """Whether a row of this time is seen: before `as_of`, and a row dated by a day alone once that day is over."""
        return time < self.as_of if isinstance(time, datetime) else time < self.today

    def back(self, period: ir.Period) -> datetime:
        """`s(p)`: the start of the day a period before today; exactly so long before `as_of` for hours and minutes."""
        return self._moved(period, -1)

    def ahead(self, period: ir.Period) -> datetime:
        """`f(p)`: the same forwards."""
        return self._moved(period, 1)

    def _moved(self, period: ir.Period, sign: int) -> datetime:
        if (period, sign) not in self._periods:
            self._periods[period, sign] = self._move(period, sign)
        return self._periods[period, sign]

    def _move(self, period: ir.Period, sign: int) -> datetime:
        if period.unit not in _SUB_DAY:
            return self.start(shifted(self.today, period, sign))
        try:
            return self.as_of + sign * period.count * _SUB_DAY[period.unit]
        except OverflowError:
            return _EARLIEST if sign < 0 else _LATEST


def holds(window: ir.Window, time: date | datetime, clock: Clock) -> bool:
    """Whether a window holds for an instant or a day."""
    if isinstance(time, datetime):
        return _holds_for_instant(window, time, clock)
    return _holds_for_day(window, time, clock)


def _holds_for_instant(window: ir.Window, t: datetime, clock: Clock) -> bool:
    match window:
        case ir.Ever():
            return True
        case ir.InLast(p):
            return clock.back(p) <= t < clock.as_of
        case ir.MoreThanAgo(p):
            return t < clock.back(p)
        case ir.BetweenAgo(near, far):
            return clock.back(far) <= t < clock.back(near)
        case ir.WholeUnits(p):
            first, end = unit_start(clock.today, p.unit, p.count), unit_start(clock.today, p.unit, 0)
            return clock.start(first) <= t < clock.start(end)
        case ir.ThisUnit(unit):
            return clock.start(unit_start(clock.today, unit, 0)) <= t < clock.as_of
        case ir.InNext(p):
            return clock.as_of <= t < clock.ahead(p)
        case ir.MoreThanAhead(p):
            return clock.ahead(p) <= t
        case ir.Since(start):
            return _instant(start, clock) <= t
        case ir.Before(end):
            return t < _instant(end, clock)
        case ir.OnDay(day):
            return clock.start(day) <= t < clock.start(_next(day))
        case ir.AfterDay(day):
            return clock.start(_next(day)) <= t
        case ir.FromTo(first_day, last_day):
            return clock.start(first_day) <= t < clock.start(_next(last_day))
        case _:
            assert_never(window)


def _holds_for_day(window: ir.Window, d: date, clock: Clock) -> bool:
    today = clock.today
    match window:
        case ir.Ever():
            return True
        case ir.InLast(p):
            return shifted(today, p, -1) <= d < today
        case ir.MoreThanAgo(p):
            return d < shifted(today, p, -1)
        case ir.BetweenAgo(near, far):
            return shifted(today, far, -1) <= d < shifted(today, near, -1)
        case ir.WholeUnits(p):
            return unit_start(today, p.unit, p.count) <= d < unit_start(today, p.unit, 0)
        case ir.ThisUnit(unit):
            return unit_start(today, unit, 0) <= d < today
        case ir.InNext(p):
            return today <= d < shifted(today, p, 1)
        case ir.MoreThanAhead(p):
            return shifted(today, p, 1) <= d
        case ir.Since(start):
            return clock.day_of(start) <= d
        case ir.Before(end):
            return d < clock.day_of(end)
        case ir.OnDay(day):
            return d == day
        case ir.AfterDay(day):
            return d > day
        case ir.FromTo(first, last):
            return first <= d <= last
        case _:
            assert_never(window)


def follows(one: date | datetime, other: date | datetime, within: ir.Period | None, clock: Clock) -> bool:
    """Whether `other` lies behind `one`, and no further than `within`; never at the same time.

    Hours and minutes are exact; all else counts local days, the last one to its end. Where one of them is a day alone,
    both are taken as days.
    """
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        day, later = clock.day_of(one), clock.day_of(other)
        return day < later and (within is None or later <= shifted(day, within, 1))
    if one >= other or within is None:
        return one < other
    if within.unit in _SUB_DAY:
        return other - one <= within.count * _SUB_DAY[within.unit]
    return other < clock.start(_next(shifted(clock.day_of(one), within, 1)))


def at_once(one: date | datetime, other: date | datetime, clock: Clock) -> bool:
    """Whether two times are equal: as days where one of them is a day alone."""
    if not isinstance(one, datetime) or not isinstance(other, datetime):
        return clock.day_of(one) == clock.day_of(other)
    return one == other


def known_for(since: date | datetime, period: ir.Period, clock: Clock) -> bool:
    """`known for at least p`: since the day a period before today, or earlier."""
    day = shifted(clock.today, period, -1)
    return since < clock.start(_next(day)) if isinstance(since, datetime) else since <= day


def has_anniversary(day: date, window: ir.Window, clock: Clock, leap_day: LeapDay) -> bool:
    """Whether a yearly copy of `day` lies in the window."""
    return any(_holds_for_day(window, copy, clock) for copy in _copies(day, window, clock, leap_day))


def anniversary(day: date, year: int, leap_day: LeapDay) -> date:
    """The copy of a day in another year; 29 February falls on the day that the catalogue says."""
    if (day.month, day.day) == (2, 29) and plus_months(date(year, 2, 1), 1) - date(year, 2, 1) == timedelta(days=28):
        return date(year, 2, 28) if leap_day is LeapDay.FEBRUARY_28 else date(year, 3, 1)
    return date(year, day.month, day.day)


def _copies(day: date, window: ir.Window, clock: Clock, leap_day: LeapDay) -> list[date]:
    """Copies in all years that a window can begin or end in, and the ones beside them."""
    near = {clock.today.year}
    match window:
        case ir.InLast(p) | ir.MoreThanAgo(p) | ir.WholeUnits(p):
            near.add(shifted(clock.today, p, -1).year)
        case ir.BetweenAgo(p, far):
            near |= {shifted(clock.today, p, -1).year, shifted(clock.today, far, -1).year}
        case ir.InNext(p) | ir.MoreThanAhead(p):
            near.add(shifted(clock.today, p, 1).year)
        case ir.Since(moment) | ir.Before(moment):
            near.add(clock.day_of(moment).year)
        case ir.OnDay(day_) | ir.AfterDay(day_):
            near.add(day_.year)
        case ir.FromTo(first, last):
            near |= {first.year, last.year}
        case ir.ThisUnit() | ir.Ever():
            pass
        case _:
            assert_never(window)
    years = {year + step for year in near for step in range(-2, 3)}
    return [anniversary(day, year, leap_day) for year in sorted(years) if 1 <= year <= 9999]


def _instant(moment: date | datetime, clock: Clock) -> datetime:
    return moment if isinstance(moment, datetime) else clock.start(moment)


def _next(day: date) -> date:
    return shifted(day, _ONE_DAY, 1)
