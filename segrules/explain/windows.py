"""Windows of time into words."""

from datetime import date, datetime
from typing import assert_never

from segrules.explain.literals import instant_words
from segrules.ir.windows import (
    AfterDay,
    Before,
    BetweenAgo,
    Ever,
    FromTo,
    InLast,
    InNext,
    MoreThanAgo,
    MoreThanAhead,
    OnDay,
    Period,
    Since,
    ThisUnit,
    Unit,
    WholeUnits,
    Window,
)


def window_words(window: Window, zone: str) -> str:
    """The window as it stands behind "has an event" or "is"; nothing for `ever`; instants as local time of `zone`.

    >>> window_words(BetweenAgo(Period(1, Unit.HOUR), Period(7, Unit.DAY)), "UTC")
    'between 1 hour and 7 days ago'
    """
    match window:
        case InLast(period):
            return f"in the last {period_words(period)}"
        case MoreThanAgo(period):
            return f"more than {period_words(period)} ago"
        case BetweenAgo(near, far):
            start = str(near.count) if near.unit is far.unit else period_words(near)
            return f"between {start} and {period_words(far)} ago"
        case WholeUnits(Period(count, unit)):
            current = "today" if unit is Unit.DAY else f"this {unit}"
            return f"in the last {count} whole {unit}{'s' * (count != 1)}, {current} left out"
        case ThisUnit(unit):
            return "today so far" if unit is Unit.DAY else f"in this {unit} so far"
        case InNext(period):
            return f"in the next {period_words(period)}, today first"
        case MoreThanAhead(period):
            return f"more than {period_words(period)} ahead"
        case Since(start_at):
            return f"since {_moment(start_at, zone)}"
        case Before(end):
            return f"before {_moment(end, zone)}"
        case OnDay(day):
            return f"on {day}"
        case AfterDay(day):
            return f"after {day}"
        case FromTo(first, last):
            return f"from {first} to {last}, both days included"
        case Ever():
            return ""
        case _:
            assert_never(window)


def period_words(period: Period) -> str:
    """A period as `1 day`, `30 days`."""
    return f"{period.count} {period.unit}{'s' * (period.count != 1)}"


def _moment(moment: date | datetime, zone: str) -> str:
    return instant_words(moment, zone) if isinstance(moment, datetime) else moment.isoformat()
