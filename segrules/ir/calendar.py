"""Counting back and forth in the calendar: periods before and after a day, starts of weeks, months and years.

All functions stop at the first and last day that Python knows instead of failing.
"""

from datetime import date, timedelta

from segrules.ir.windows import Period, Unit

_MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


def shifted(day: date, period: Period, sign: int) -> date:
    """The day a period after (`sign` 1) or before (-1) another; months keep the day, clamped to the month's end.

    >>> from datetime import date
    >>> shifted(date(2024, 3, 31), Period(1, Unit.MONTH), -1)
    datetime.date(2024, 2, 29)
    """
    if period.unit in _MONTHS:
        return plus_months(day, sign * period.count * _MONTHS[period.unit])
    days = period.count * (7 if period.unit is Unit.WEEK else 1)
    try:
        return day + timedelta(days=sign * days)
    except OverflowError:
        return date.max if sign > 0 else date.min


def plus_months(day: date, months: int) -> date:
    """The same day some months on, or the last one of that month if it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year < date.min.year:
        return date.min
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def unit_start(day: date, unit: Unit, back: int) -> date:
    """The first day of the calendar unit that holds `day`, moved back `back` units; weeks start on Monday.

    >>> from datetime import date
    >>> unit_start(date(2024, 5, 16), Unit.WEEK, 1)
    datetime.date(2024, 5, 6)
    """
    match unit:
        case Unit.WEEK:
            return shifted(shifted(day, Period(day.weekday(), Unit.DAY), -1), Period(back, Unit.WEEK), -1)
        case Unit.MONTH | Unit.QUARTER | Unit.YEAR:
            length = _MONTHS[unit]
            first = date(day.year, day.month - (day.month - 1) % length, 1)
            return plus_months(first, -back * length)
        case _:
            return shifted(day, Period(back, Unit.DAY), -1)
