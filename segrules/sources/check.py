"""Columns of the catalogue's types against what else the catalogue says: nulls, lists, ranges, keys, freshness."""

from calendar import monthrange
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import assert_never
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir.catalogue import Column, Fresh, Table
from segrules.ir.windows import Period, Unit
from segrules.sources.conform import place
from segrules.sources.plain import cells
from segrules.sources.samples import MOST, Rows, first_rows, named, rows_text, shown
from segrules.types.cells import Cell
from segrules.types.types import ListType, MoneyType, TextType, Type
from segrules.types.zones import zone as named_zone

Columns = Mapping[str, pa.ChunkedArray]
"""The columns of one table that have their types, by the catalogue's names."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What the checks of one table look at.

    `keys` are the columns that identify its rows; `of_events` says that these are events and no customers.
    """

    table: Table
    columns: Columns
    keys: Collection[str]
    of_events: bool
    rows: Rows
    zone: ZoneInfo
    as_of: datetime


def check(given: Checked) -> Iterator[Finding]:
    """All findings about the values of a table; columns that could not be typed are passed over."""
    for name, values in given.columns.items():
        column = given.table.columns.get(name)
        if column is None:
            continue
        yield from _key(given, column, values) if name in given.keys else _nulls(given, column, values)
        yield from _listed(given, column, values)
        yield from _ranged(given, column, values)
        yield from _currency(given, column, values)
    if given.table.fresh is not None:
        yield from _fresh(given, given.table.fresh)


def _where(given: Checked, column: Column) -> str:
    return f"column `{column.physical}` of table `{given.table.name}`"


def _nulls(given: Checked, column: Column, values: pa.ChunkedArray) -> Iterator[Finding]:
    if not column.nullable and values.null_count:
        yield finding(
            codes.NULL_FOUND,
            f"{_where(given, column)} is null in {rows_text(values.null_count)}, where null may not be",
            place(column.span),
            help="complete the data, or let the column be null in the catalogue",
            examples=(given.rows.name(row) for row in first_rows(pc.is_null(values))),
        )


def _key(given: Checked, column: Column, values: pa.ChunkedArray) -> Iterator[Finding]:
    if values.null_count:
        yield finding(
            codes.MISSING_KEY,
            f"the key `{column.physical}` of table `{given.table.name}` is null in {rows_text(values.null_count)}",
            place(column.span),
            help="every row needs a key: complete the data or leave these rows out",
            examples=(given.rows.name(row) for row in first_rows(pc.is_null(values))),
        )
    counted = pc.value_counts(values.drop_null())
    counts = counted.field(1)
    twice = pc.greater(counts, 1)
    many = pc.sum(twice).as_py() or 0
    if many:
        rows = pc.sum(counts.filter(twice)).as_py()
        some = cells(column.type, pa.chunked_array([counted.field(0).filter(twice)[:MOST]]))
        times = counts.filter(twice)[:MOST].to_pylist()
        yield finding(
            codes.DUPLICATE_EVENT if given.of_events else codes.DUPLICATE_CUSTOMER,
            f"the key `{column.physical}` of table `{given.table.name}` has {_values(many)} that "
            f"{'stands' if many == 1 else 'stand'} more than once, in {rows_text(rows)} together",
            place(column.span),
            help="keep one row for every key",
            examples=(f"{shown(cell)} in {rows_text(count)}" for cell, count in zip(some, times, strict=True)),
        )


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count:,} values"


def _listed(given: Checked, column: Column, values: pa.ChunkedArray) -> Iterator[Finding]:
    match column.type:
        case TextType(values=allowed) | ListType(values=allowed):
            if allowed is None:
                return
        case _:
            return
    flat = pc.list_flatten(values) if isinstance(column.type, ListType) else values
    known = frozenset(allowed)
    yield from _refused(
        given,
        column,
        flat,
        TextType(),
        codes.VALUE_NOT_LISTED,
        lambda cell: cell not in known,
        "holds values that are not in its list",
        f"the list has {named(allowed)}: add the values there, or correct the data",
    )


def _ranged(given: Checked, column: Column, values: pa.ChunkedArray) -> Iterator[Finding]:
    if column.minimum is None and column.maximum is None:
        return
    zone = given.zone if column.zone is None else named_zone(column.zone)

    def outside(cell: Cell) -> bool:
        return _before(cell, column.minimum, zone) or _after(cell, column.maximum, zone)

    ends = pc.min_max(values)
    extremes = pa.chunked_array([pa.array([ends["min"], ends["max"]], values.type)])
    if not any(outside(cell) for cell in cells(column.type, extremes) if cell is not None):
        return
    least = "" if column.minimum is None else f"at least {shown(column.minimum)}"
    most = "" if column.maximum is None else f"at most {shown(column.maximum)}"
    yield from _refused(
        given,
        column,
        values,
        column.type,
        codes.OUT_OF_RANGE,
        outside,
        "holds values outside its range",
        f"the catalogue allows {' and '.join(filter(None, (least, most)))}",
    )


def _before(cell: Cell, bound: Fraction | date | datetime | None, zone: ZoneInfo) -> bool:
    return bound is not None and _compared(cell, bound, zone) < 0


def _after(cell: Cell, bound: Fraction | date | datetime | None, zone: ZoneInfo) -> bool:
    return bound is not None and _compared(cell, bound, zone) > 0


def _compared(cell: Cell, bound: Fraction | date | datetime, zone: ZoneInfo) -> int:
    """Minus one, zero or one; an instant is compared with a day by its local day, so both ends are whole days."""
    match cell, bound:
        case datetime(), datetime():
            end = bound if bound.tzinfo else bound.replace(tzinfo=zone)
            return (cell > end) - (cell < end)
        case datetime(), date():
            day = cell.astimezone(zone).date()
            return (day > bound) - (day < bound)
        case date(), datetime():
            return (cell > bound.date()) - (cell < bound.date())
        case date(), date():
            return (cell > bound) - (cell < bound)
        case ((int() | float() | Fraction()), Fraction()):
            return (cell > bound) - (cell < bound)
        case _:
            raise TypeError(f"a bound of {type(bound).__name__} for a value of {type(cell).__name__}")


def _refused(
    given: Checked,
    column: Column,
    values: pa.ChunkedArray,
    of: Type,
    code: Code,
    refuse: Callable[[Cell], bool],
    what: str,
    remedy: str,
) -> Iterator[Finding]:
    counted = pc.value_counts(values.drop_null())
    found = cells(of, pa.chunked_array([counted.field(0)]))
    bad = [(cell, count) for cell, count in zip(found, counted.field(1).to_pylist(), strict=True) if refuse(cell)]
    if bad:
        together = sum(count for _, count in bad)
        amount = f"{together:,} entries" if isinstance(column.type, ListType) else rows_text(together)
        yield finding(
            code,
            f"{_where(given, column)} {what}, in {amount}",
            place(column.span),
            help=remedy,
            examples=(f"{shown(cell)} in {rows_text(count)}" for cell, count in bad[:MOST]),
        )


def _currency(given: Checked, column: Column, values: pa.ChunkedArray) -> Iterator[Finding]:
    written = given.columns.get(column.currency_column or "")
    if not isinstance(column.type, MoneyType) or written is None:
        return
    expected = column.type.currency
    # An amount without a currency may be in any.
    other = pc.and_(pc.is_valid(values), pc.fill_null(pc.not_equal(written, expected), True))
    count = pc.sum(other).as_py() or 0
    if count:
        counted = pc.value_counts(written.filter(other)).to_pylist()[:MOST]
        yield finding(
            codes.OTHER_CURRENCY,
            f"{_where(given, column)} has amounts in other currencies than {expected}, in {rows_text(count)}",
            place(column.span),
            help="nothing converts between currencies: give each its own column, or leave these rows out",
            examples=(f"{shown(entry['values'])} in {rows_text(entry['counts'])}" for entry in counted),
        )


def _fresh(given: Checked, fresh: Fresh) -> Iterator[Finding]:
    column = given.table.columns.get(fresh.column)
    values = given.columns.get(fresh.column)
    if column is None or values is None:
        return
    newest_scalar = pa.chunked_array([pa.array([pc.max(values)], values.type)])
    newest = cells(column.type, newest_scalar)[0]
    local = given.as_of.astimezone(given.zone)
    limit = _earlier(local, fresh.within)
    match newest:
        case datetime():
            stale = newest < limit
        case date():
            stale = newest < limit.date()
        case _:
            stale = True
    if stale:
        what = "holds no value" if newest is None else f"is stale: its newest value is {shown(_local(newest, given))}"
        unit = fresh.within.unit if fresh.within.count == 1 else f"{fresh.within.unit}s"
        yield finding(
            codes.STALE_DATA,
            f"{_where(given, column)} {what}, expected one within {fresh.within.count} {unit} before {shown(local)}",
            place(given.table.span),
            help="bring the data up to date, or set an earlier `as_of`",
        )


def _local(cell: Cell, given: Checked) -> Cell:
    return cell.astimezone(given.zone) if isinstance(cell, datetime) else cell


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
