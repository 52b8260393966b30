"""Instants and days as numbers, the way Arrow stores them: microseconds and days since 1970."""

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Microseconds from 1970 to an aware instant.

    >>> microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (instant - EPOCH) // _MICROSECOND


def day_number(day: date) -> int:
    """Days from 1970 to a day.

    >>> day_number(date(1970, 1, 3))
    2
    """
    return day.toordinal() - EPOCH_DAY
