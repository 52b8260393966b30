"""Whether the newest value of a table is as new as the catalogue asks."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Column, Fresh, Table
from segrules.ir.windows import Period, Unit
from segrules.sources.plain import cells
from segrules.sources.samples import place, shown
from segrules.types.cells import Cell


class Freshness:
    """The newest value of one column, while its values are seen."""

    def __init__(self, table: Table, column: Column, fresh: Fresh) -> None:
        self._table = table
        self._column = column
        self._fresh = fresh
        self._newest: Cell = None

    def see(self, values: pa.Array | pa.ChunkedArray) -> None:
        """Look at some values."""
        newest = pa.chunked_array([pa.array([pc.max(values)], values.type)])
        self.see_newest(cells(self._column.type, newest)[0])

    def see_newest(self, newest: Cell) -> None:
        """Take the newest of some values, null where there are none."""
        if _newer(newest, self._newest):
            self._newest = newest

    def findings(self, as_of: datetime, zone: ZoneInfo) -> Iterator[Finding]:
        """A finding where the newest value of all is too old."""
        local = as_of.astimezone(zone)
        limit = _earlier(local, self._fresh.within)
        newest = self._newest
        match newest:
            case datetime():
                stale = newest < limit
                newest = newest.astimezone(zone)
            case date():
                stale = newest < limit.date()
            case _:
                stale = True
        if stale:
            within = self._fresh.within
            what = "holds no value" if newest is None else f"is stale: its newest value is {shown(newest)}"
            unit = within.unit if within.count == 1 else f"{within.unit}s"
            yield finding(
                codes.STALE_DATA,
                f"column `{self._column.physical}` of table `{self._table.name}` {what}, "
                f"expected one within {within.count} {unit} before {shown(local)}",
                place(self._table.span),
                help="bring the data up to date, or set an earlier `as_of`",
            )


def _newer(one: Cell, other: Cell) -> bool:
    match one, other:
        case None, _:
            return False
        case _, None:
            return True
        case datetime(), datetime():
            return one > other
        case date(), date():
            return one > other
        case _:
            return False


def _earlier(local: datetime, period: Period) -> datetime:
    """The instant a period before: hours and minutes exactly, days and months at the same local time.

    Where an earlier month has no such day, its last day is meant; a period that began before the year 1 began then.
    """
    try:
        return _exactly_earlier(local, period)
    except (OverflowError, ValueError):
        return datetime.min.replace(tzinfo=UTC)


def _exactly_earlier(local: datetime, period: Period) -> datetime:
    match period.unit:
        case Unit.MINUTE:
            return local.astimezone(UTC) - timedelta(minutes=period.count)
        case Unit.HOUR:
            return local.astimezone(UTC) - timedelta(hours=period.count)
        case Unit.DAY:
            return local - timedelta(days=period.count)
        case Unit.WEEK:
            return local - timedelta(weeks=period.count)
        case Unit.MONTH:
            return _months_earlier(local, period.count)
        case Unit.QUARTER:
            return _months_earlier(local, 3 * period.count)
        case Unit.YEAR:
            return _months_earlier(local, 12 * period.count)
        case _:
            assert_never(period.unit)


def _months_earlier(local: datetime, months: int) -> datetime:
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))
