"""Columns of the catalogue's types against what else the catalogue says: nulls, lists, ranges, keys, freshness.

Values are seen batch by batch; what is kept of them is little, but for keys, which must be unique as a whole.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir.catalogue import Column, Table
from segrules.sources.fresh import Freshness
from segrules.sources.packed import decoded
from segrules.sources.plain import cells
from segrules.sources.reading import Name
from segrules.sources.samples import MOST, first_rows, named, place, rows_text, shown
from segrules.sources.unique import Unique, duplicates
from segrules.types.cells import Cell
from segrules.types.types import IntegerType, ListType, MoneyType, TextType, Type
from segrules.types.zones import zone as named_zone

Values: TypeAlias = pa.Array | pa.ChunkedArray
"""Some values of a column in its type."""


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What the checks of one table go by.

    `keys` are the columns that identify its rows, `unique` those of them whose values are compared with each other;
    `of_events` says that these are events and no customers.
    """

    table: Table
    keys: Collection[str]
    unique: Collection[str]
    of_events: bool
    zone: ZoneInfo
    as_of: datetime


class Checks:
    """The checks of one table, while its values are seen."""

    def __init__(self, given: Checked) -> None:
        self._given = given
        self._columns: dict[str, ColumnChecks] = {}

    def column(self, name: str) -> "ColumnChecks | None":
        """The checks of one column, None for one that the catalogue does not know."""
        column = self._given.table.columns.get(name)
        if column is None:
            return None
        return self._columns.setdefault(name, ColumnChecks(self._given, column))

    def see(self, start: int, columns: Mapping[str, Values], name: Name) -> None:
        """Look at some rows, of which the first is number `start`."""
        for each, values in columns.items():
            checks = self.column(each)
            if checks is not None:
                checks.see(start, values, name, columns.get(checks.written_in or ""))

    def findings(
        self, typed: Collection[str], whole: Collection[str], as_of: datetime | None = None
    ) -> Iterator[Finding]:
        """Findings about the columns `typed` (the others are not of their types); `whole` were seen to the end.

        Freshness is judged by another instant where `as_of` is given.
        """
        for name in typed:
            checks = self._columns.get(name)
            if checks is not None:
                yield from checks.findings(typed)
        fresh = self._given.table.fresh
        if fresh is not None and fresh.column in typed and fresh.column in whole:
            newest = self.column(fresh.column)
            if newest is not None and newest.freshness is not None:
                yield from newest.freshness.findings(as_of or self._given.as_of, self._given.zone)


class ColumnChecks:
    """The checks of one column, while its values are seen."""

    def __init__(self, given: Checked, column: Column) -> None:
        self._given = given
        self._column = column
        self._nulls = _Nulls()
        self._unlisted = _Refused()
        self._outside = _Refused()
        self._currencies = _Refused()
        self._known = _allowed(column.type)
        self._unique = Unique() if column.name in given.unique else None
        fresh = given.table.fresh
        is_fresh = fresh is not None and fresh.column == column.name
        self.freshness = Freshness(given.table, column, fresh) if is_fresh and fresh is not None else None
        self.written_in = column.currency_column if isinstance(column.type, MoneyType) else None

    def see(self, start: int, values: Values, name: Name, written: Values | None = None) -> None:
        """Look at some values; `written` are the currencies of the same rows, where a column has them."""
        if not self._column.nullable or self._column.name in self._given.keys:
            self._nulls.see(start, values, name)
        if self._unique is not None:
            self._unique.see(values)
        if self._known is not None:
            self._see_listed(values, self._known)
        if self._column.minimum is not None or self._column.maximum is not None:
            self._see_range(values)
        if written is not None and isinstance(self._column.type, MoneyType):
            self._see_currency(values, written, self._column.type.currency)
        if self.freshness is not None:
            self.freshness.see(values)

    def findings(self, typed: Collection[str]) -> Iterator[Finding]:
        """What was found so far; `typed` are the columns that could be brought to their types."""
        if self._column.name in self._given.keys:
            yield from self._missing_key()
            if self._unique is not None:
                yield from duplicates(self._given.table, self._column, self._unique, of_events=self._given.of_events)
        elif not self._column.nullable:
            yield from self._null_found()
        yield from self._listed()
        yield from self._ranged()
        if self.written_in in typed:
            yield from self._currency()

    def _see_listed(self, values: Values, known: pa.Array) -> None:
        flat = pc.list_flatten(values) if isinstance(self._column.type, ListType) else values
        # Entries that no row has are no mistake: only where there are others are the rows looked at.
        if isinstance(flat, pa.DictionaryArray) and pc.all(pc.is_in(flat.dictionary, value_set=known)).as_py():
            return
        flat = decoded(flat)
        listed = pc.is_in(flat, value_set=known.cast(flat.type))
        if not pc.all(listed).as_py():
            self._unlisted.see(TextType(), flat.filter(pc.and_(pc.invert(listed), pc.is_valid(flat))))

    def _see_range(self, values: Values) -> None:
        ends = pc.min_max(values)
        if isinstance(self._column.type, IntegerType):
            extremes: list[Cell] = [int(end.as_py()) for end in ends.values() if end.is_valid]
        else:
            pair = pa.array([ends["min"], ends["max"]], values.type)
            extremes = cells(self._column.type, pa.chunked_array([pair]))
        if any(self._is_outside(cell) for cell in extremes if cell is not None):
            self._outside.see(self._column.type, values.drop_null(), self._is_outside)

    def _is_outside(self, cell: Cell) -> bool:
        zone = self._given.zone if self._column.zone is None else named_zone(self._column.zone)
        return _before(cell, self._column.minimum, zone) or _after(cell, self._column.maximum, zone)

    def _see_currency(self, values: Values, written: Values, expected: str) -> None:
        # An amount without a currency may be in any.
        texts = decoded(written)
        other = pc.and_(pc.is_valid(values), pc.fill_null(pc.not_equal(texts, expected), True))
        if pc.any(other).as_py():
            self._currencies.see(TextType(), texts.filter(other))

    def _where(self) -> str:
        return f"column `{self._column.physical}` of table `{self._given.table.name}`"

    def _missing_key(self) -> Iterator[Finding]:
        if self._nulls.count:
            yield finding(
                codes.MISSING_KEY,
                f"the key `{self._column.physical}` of table `{self._given.table.name}` is null in "
                f"{rows_text(self._nulls.count)}",
                place(self._column.span),
                help="every row needs a key: complete the data or leave these rows out",
                examples=self._nulls.examples,
            )

    def _null_found(self) -> Iterator[Finding]:
        if self._nulls.count:
            yield finding(
                codes.NULL_FOUND,
                f"{self._where()} is null in {rows_text(self._nulls.count)}, where null may not be",
                place(self._column.span),
                help="complete the data, or let the column be null in the catalogue",
                examples=self._nulls.examples,
            )

    def _listed(self) -> Iterator[Finding]:
        match self._column.type:
            case TextType(values=allowed) | ListType(values=allowed) if allowed is not None:
                yield from self._refused(
                    codes.VALUE_NOT_LISTED,
                    self._unlisted,
                    "holds values that are not in its list",
                    f"the list has {named(allowed)}: add the values there, or correct the data",
                )
            case _:
                return

    def _ranged(self) -> Iterator[Finding]:
        least = "" if self._column.minimum is None else f"at least {shown(self._column.minimum)}"
        most = "" if self._column.maximum is None else f"at most {shown(self._column.maximum)}"
        yield from self._refused(
            codes.OUT_OF_RANGE,
            self._outside,
            "holds values outside its range",
            f"the catalogue allows {' and '.join(filter(None, (least, most)))}",
        )

    def _refused(self, code: Code, refused: "_Refused", what: str, remedy: str) -> Iterator[Finding]:
        if refused.count:
            is_list = isinstance(self._column.type, ListType)
            amount = f"{refused.count:,} entries" if is_list else rows_text(refused.count)
            yield finding(
                code,
                f"{self._where()} {what}, in {amount}",
                place(self._column.span),
                help=remedy,
                examples=refused.shown(),
            )

    def _currency(self) -> Iterator[Finding]:
        if isinstance(self._column.type, MoneyType) and self._currencies.count:
            yield finding(
                codes.OTHER_CURRENCY,
                f"{self._where()} has amounts in other currencies than {self._column.type.currency}, "
                f"in {rows_text(self._currencies.count)}",
                place(self._column.span),
                help="nothing converts between currencies: give each its own column, or leave these rows out",
                examples=self._currencies.shown(),
            )


@dataclass(slots=True)
class _Nulls:
    """How many rows are null, and what the first of them are called."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def see(self, start: int, values: Values, name: Name) -> None:
        if values.null_count:
            self.count += values.null_count
            if len(self.examples) < MOST:
                rows = first_rows(pc.is_null(values))[: MOST - len(self.examples)]
                self.examples.extend(name(start + row) for row in rows)


@dataclass(slots=True)
class _Refused:
    """How many values are refused, and how often the first different ones occur."""

    count: int = 0
    first: dict[Cell, int] = field(default_factory=dict)

    def see(self, of: Type, values: Values, refuse: Callable[[Cell], bool] | None = None) -> None:
        counted = pc.value_counts(values)
        found = cells(of, pa.chunked_array([counted.field(0)]))
        for cell, count in zip(found, counted.field(1).to_pylist(), strict=True):
            if refuse is None or refuse(cell):
                self.count += count
                if cell in self.first or len(self.first) < MOST:
                    self.first[cell] = self.first.get(cell, 0) + count

    def shown(self) -> Iterator[str]:
        return (f"{shown(cell)} in {rows_text(count)}" for cell, count in self.first.items())


def _allowed(of: Type) -> pa.Array | None:
    match of:
        case TextType(values=allowed) | ListType(values=allowed) if allowed is not None:
            # Null is in every list: what may be null is said elsewhere.
            return pa.array((*allowed, None), pa.string())
        case _:
            return None


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
