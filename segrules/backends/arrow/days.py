"""Instants to local days and days to their parts, whole columns at once."""

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags, Ints
from segrules.ir.catalogue import LeapDay
from segrules.ir.windows import Unit
from segrules.reference.windows import Clock
from segrules.types.instants import EPOCH, day_number
from segrules.types.zones import local_day

_DAY = 86_400_000_000
_TABLE = 1_000_000
_FIRST, _LAST = day_number(date.min), day_number(date.max)


def local_days(instants: Ints, clock: Clock) -> Ints:
    """The local days (since 1970) of instants in microseconds; what lies outside the years 1 to 9999 is left at day 0.

    Method: no zone changes its offset twice within a day of UTC. Where it is one at both ends of a day it is so
    throughout; else the instant of the change is looked for. Only instants at the ends of time are read one by one.
    """
    days = np.floor_divide(instants, _DAY)
    of_row = _offsets(days, clock.zone)
    busy = np.isnan(of_row)
    local: Ints = np.floor_divide(instants + np.where(busy, 0, of_row).astype(np.int64), _DAY)
    rows = np.flatnonzero(busy)
    for day in np.unique(days[rows]).tolist():
        mine = rows[days[rows] == day]
        change = _change(day, clock.zone)
        if change is None:
            local[mine] = [_one(instant, clock) for instant in instants[mine].tolist()]
        else:
            at, before, after = change
            local[mine] = np.floor_divide(instants[mine] + np.where(instants[mine] < at, before, after), _DAY)
    return local


def _offsets(days: Ints, zone: ZoneInfo) -> Array:
    """The offset of each day of UTC, worked out once for every day that occurs."""
    if not len(days):
        return np.zeros(0)
    first, last = int(days.min()), int(days.max())
    if last - first < _TABLE:
        occurs = np.zeros(last - first + 1, np.bool_)
        occurs[days - first] = True
        table = np.zeros(last - first + 1)
        table[occurs] = [_offset(int(day) + first, zone) for day in np.flatnonzero(occurs)]
        return table[days - first]
    distinct, inverse = np.unique(days, return_inverse=True)
    return np.array([_offset(int(day), zone) for day in distinct])[inverse]


@lru_cache(maxsize=1 << 16)
def _offset(day: int, zone: ZoneInfo) -> float:
    """The offset (microseconds) all through a day of UTC, NaN where it changes or the day is at the ends of time."""
    if not _is_inner(day):
        return float("nan")
    start, end = _offset_at(day * _DAY, zone), _offset_at((day + 1) * _DAY, zone)
    return float(start) if start == end else float("nan")


def _change(day: int, zone: ZoneInfo) -> tuple[int, int, int] | None:
    """When the offset changes within a day of UTC, and what it is before and after; None at the ends of time."""
    if not _is_inner(day):
        return None
    early, late = day * _DAY, (day + 1) * _DAY
    before, after = _offset_at(early, zone), _offset_at(late, zone)
    while late - early > 1:
        middle = (early + late) // 2
        if _offset_at(middle, zone) == before:
            early = middle
        else:
            late = middle
    return late, before, after


def _is_inner(day: int) -> bool:
    return _FIRST + 2 <= day <= _LAST - 2


def _offset_at(instant: int, zone: ZoneInfo) -> int:
    """The offset at an instant, both in microseconds."""
    offset = (EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)


def _one(instant: int, clock: Clock) -> int:
    try:
        return day_number(local_day(EPOCH + timedelta(microseconds=instant), clock.zone))
    except OverflowError:
        return 0


def parts(days: Ints) -> tuple[Array, Array, Array]:
    """Year, month (1 to 12) and day of the month."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    number = months.astype(np.int64)
    return number // 12 + 1970, number % 12 + 1, (dates - months).astype(np.int64) + 1


def unit_numbers(days: Ints, unit: Unit) -> Ints:
    """The calendar units that hold days, numbered one after the other; weeks start on Monday."""
    if unit is Unit.DAY:
        return days
    if unit is Unit.WEEK:
        weeks: Ints = np.floor_divide(days + 3, 7)
        return weeks
    months: Ints = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    if unit is Unit.MONTH:
        return months
    length = 3 if unit is Unit.QUARTER else 12
    return np.floor_divide(months, length)


def weekdays(days: Ints) -> Array:
    """0 for Monday to 6 for Sunday."""
    return ((days + 3) % 7).astype(np.uint8)


def years_since(days: Ints, today: date, leap_day: LeapDay) -> Ints:
    """Whole years from days to today, as ages are counted."""
    year, month, day = parts(days)
    leaps = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    turn = month * 32 + day
    if not leaps:
        turn = np.where(turn == 2 * 32 + 29, 2 * 32 + 28 if leap_day is LeapDay.FEBRUARY_28 else 3 * 32 + 1, turn)
    result: Ints = today.year - year - (turn > today.month * 32 + today.day)
    return result


def in_years(days: Ints) -> Flags:
    """Which of these days lie in the years 1 to 9999."""
    return (days >= _FIRST) & (days <= _LAST)
