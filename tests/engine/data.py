"""Random instants and random rows for a catalogue, as plain cells that like to lie on edges."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, assert_never

from segrules.ir.calendar import shifted, unit_start
from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.ir.windows import Period, Unit
from segrules.reference.windows import Clock
from segrules.sources.clocks import EPOCH, first_and_last
from segrules.types.cells import Cell, Key, Tables
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    UnknownType,
)
from tests.engine.picking import Pick, chance, several
from tests.engine.relations import ACCOUNTS, account_keys, shared

INF = float("inf")
TICK = timedelta(microseconds=1)

INSTANTS = (
    datetime(2026, 11, 1, 12, tzinfo=UTC),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # clocks in London and on Lord Howe went back or forth this month
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 13, 5, 7, 123456, tzinfo=UTC),
    datetime(2023, 2, 28, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2018, 11, 4, 3, tzinfo=UTC),  # the first instant of a day that has no midnight in São Paulo
    datetime(2012, 1, 1, tzinfo=UTC),  # in Apia a day was left out just before
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(1, 1, 3, tzinfo=UTC),
    datetime(9999, 12, 29, tzinfo=UTC),
)

SMALL = (0, 1, 2, 3, -1, 10)
WHOLE = (0, 1, -1, 127, 128, 255, 2**31, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63), 2**62)
HUGE = (0, 1, 2**63, 2**64 - 1, -(2**63) - 1, 10**30, 2**63 - 1)
DECIMALS = tuple(map(Fraction, ("0", "1", "0.1", "2.5", "-3.5", "0.01", "2", "10")))
WIDE_DECIMALS = tuple(
    map(
        Fraction,
        (
            "0",
            "9223372036854775807",
            "12345678901234567890.123456789",
            "-99999999999999999999.99",
            "0.000000000000000001",
        ),
    )
)
AMOUNTS = tuple(map(Fraction, ("0", "1", "0.99", "1.01", "2", "-1", "10.5", "100")))
WIDE_AMOUNTS = tuple(map(Fraction, ("1", "92233720368547758.07", "-92233720368547758.08", "99999999999999999999.99")))
DOUBLES: tuple[Cell, ...] = (*(Fraction(number) for number in (0.0, 0.1, 0.2, 0.3, 1.0, -1.0, 0.25, 2.5)), INF, -INF)
WILD_DOUBLES: tuple[Cell, ...] = (
    *(Fraction(number) for number in (0.1, 1e16, 1.0, -1e16, 1e308, -1e308, 5e-324, 1.7976931348623157e308, 2.0**53)),
    INF,
)
TENTHS: tuple[Cell, ...] = tuple(
    map(Fraction, ("0.1", "0.2", "0.3", "1", "0", "-0.7"))
)  # in a column of doubles, stored as decimals
WORDS = ("", "web", "a", "DE", "WEB", "shop", "Straße", "b")
STRANGE = (
    "",
    "e\u0301",
    "\u00e9",
    "\U0001f600 web",
    "İI\u0131i",
    "a\0b",
    "web\n",
    "x" * 300 + "web",
    " web",
    "\u1e9eß",
    "K\u212a",
)


def instants(pick: Pick) -> datetime:
    """An instant of a run."""
    return pick(INSTANTS)


class Cells:
    """Pools of cells for the columns of a catalogue, edges of the windows around one instant among them."""

    def __init__(self, pick: Pick, catalogue: Catalogue, as_of: datetime) -> None:
        self._pick = pick
        self._catalogue = catalogue
        self._clock = Clock(as_of, catalogue.zone)
        self.days = _days(self._clock.today)
        self.moments = _moments(self._clock)

    def pool(self, column: Column) -> Sequence[Cell]:
        """What may stand in a column; tame most of the time, sometimes wide."""
        wide = chance(self._pick, 6)
        match column.type:
            case BooleanType():
                return (True, False)
            case IntegerType():
                return self._pick((WHOLE, HUGE)) if wide else SMALL
            case DecimalType():
                return WIDE_DECIMALS if wide else DECIMALS
            case MoneyType():
                return WIDE_AMOUNTS if wide else AMOUNTS
            case FloatType():
                return self._pick((WILD_DOUBLES, TENTHS)) if wide else DOUBLES
            case TextType(values=listed):
                return listed if listed is not None else STRANGE if wide else WORDS
            case DateType():
                return self.days if not wide else (date.min, date.max, date(2000, 2, 29), date(1904, 2, 29))
            case TimestampType():
                return self.moments
            case ListType(values=listed):
                words = listed or (STRANGE if wide else WORDS)
                return ((), words[:1], (words[0], words[1]), words[1:3], (words[1], words[1], words[0]))
            case UnknownType():
                raise AssertionError("a column without a type")
            case _:
                assert_never(column.type)


def tables(pick: Pick, catalogue: Catalogue, as_of: datetime, customers: int, rows: int, dirt: int = 0) -> Tables:
    """Columns of plain cells for every table: at most so many customers and rows.

    Once in `dirt` times (never for 0) there is something in the data that must stop a run.
    """
    return _Tables(pick, catalogue, as_of, dirt).made(customers, rows)


class _Tables:
    def __init__(self, pick: Pick, catalogue: Catalogue, as_of: datetime, dirt: int) -> None:
        self._pick = pick
        self._catalogue = catalogue
        self._cells = Cells(pick, catalogue, as_of)
        self._dirt = dirt
        self._holders = _holders(catalogue)
        self._sure = _sure(catalogue)

    def made(self, customers: int, rows: int) -> Tables:
        keys = _keys(self._catalogue, customers)
        return {
            table.name: self._table(table, keys, customers if table.name in ("people", "more") else rows)
            for table in self._catalogue.tables.values()
        }

    def _table(self, table: Table, keys: Sequence[Key], most: int) -> dict[str, list[Cell]]:
        unique = table.key is not None and (table.name, table.key) in self._holders
        count = self._pick(range(most, -1, -1)) if most < 10 else most
        count = min(count, len(keys)) if unique else count
        columns = (column for column in table.columns.values() if column.derive is None)
        return {column.name: self._column(table, column, keys, count) for column in columns}

    def _column(self, table: Table, column: Column, keys: Sequence[Key], count: int) -> list[Cell]:
        pick, at = self._pick, (table.name, column.name)
        own: list[Cell]
        if table.name == ACCOUNTS and column.name == table.key:
            own = [*account_keys(self._catalogue, count)]
            return self._spoilt(own, own)
        if column.name == "account_ref":
            return several(pick, shared(self._catalogue, account_keys(self._catalogue, max(count // 3, 3))), count)
        if at in self._holders:
            if column.name == table.key:
                own = [*keys[:count]]
                return self._spoilt(own, own)
            stranger: Key = "stranger" if isinstance(column.type, TextType) else 10**6
            return several(pick, (*keys, *keys, stranger, None), count)
        if column.name in ("line_id", "stay_id"):
            order = list(range(count))
            if isinstance(column.type, TextType):
                return [f"{'0' if number % 2 else ''}{number}" for number in order]
            return [number if number % 3 else -number for number in order]
        if column.name == "invoice":
            pool: Sequence[Cell] = (1, 2, None, 3) if isinstance(column.type, IntegerType) else ("i", "ii", "", None)
            return several(pick, pool, count)
        if at in self._sure:
            return self._spoilt(several(pick, self._cells.pool(column), count), [None])
        if column.name in ("status", "sms_state") or (
            column.name == "email_state" and isinstance(column.type, TextType)
        ):
            states: Sequence[Cell] = ("granted", "no", "yes", "withdrawn", "pending", None)
            return self._spoilt(several(pick, states, count), ["perhaps"])
        if column.name in ("only_product", "product") and not chance(pick, 4):
            return several(pick, ("p", None), count)
        nulls = pick(((), (None,), (None, None, None)))
        if chance(pick, 12):
            return [None] * count
        return several(pick, (*self._cells.pool(column), *nulls), count)

    def _spoilt(self, cells: list[Cell], with_: Sequence[Cell]) -> list[Cell]:
        """The cells, or one of them replaced by something that does not belong there."""
        if not self._dirt or not cells or not chance(self._pick, self._dirt):
            return cells
        spoilt = list(cells)
        spoilt[self._pick(range(len(cells)))] = self._pick((None, *with_))
        return spoilt


def _keys(catalogue: Catalogue, count: int) -> list[Key]:
    if isinstance(catalogue.customers.key.type, TextType):
        # Sorted by code point, which is neither the order of numbers nor that of UTF-16.
        return [
            *(("b", "a", "", "10", "9", "\uffee", "\U0001f600")[:count]),
            *(f"k{number}" for number in range(7, count)),
        ]
    return [*((3, 1, -5, 2**40, 0, 7, 2)[:count]), *range(107, 100 + count)]


def _holders(catalogue: Catalogue) -> set[tuple[str, str]]:
    """The columns that hold keys of customers."""
    customers, table = catalogue.customers, catalogue.consents.table
    found = {(event.table, event.customer) for event in catalogue.events.values()}
    found |= {(item.table, item.customer) for item in catalogue.suppressions.values()}
    found |= {(name, catalogue.tables[name].key or "") for name in customers.joined}
    found |= {("people", item.column) for item in catalogue.relations.values() if item.table == "people"}
    if customers.table is not None:
        found.add((customers.table, customers.key.name))
    if customers.derivation is not None:
        found.add((customers.derivation.table, customers.derivation.key))
    if table is not None:
        found.add((table.table, table.customer))
    return found


def _sure(catalogue: Catalogue) -> set[tuple[str, str]]:
    """The columns in which a null stops the run."""
    found = {(event.table, event.time) for event in catalogue.events.values() if event.time != "due"}
    if catalogue.consents.table is not None:
        found.add((catalogue.consents.table.table, catalogue.consents.table.time))
    return found


def _days(today: date) -> list[date]:
    steps = (
        Period(1, Unit.DAY), Period(7, Unit.DAY), Period(8, Unit.DAY), Period(30, Unit.DAY), Period(31, Unit.DAY),
        Period(1, Unit.MONTH), Period(1, Unit.YEAR), Period(20, Unit.YEAR),
    )  # fmt: skip
    back = [shifted(today, step, -1) for step in steps]
    ahead = [shifted(today, step, 1) for step in (steps[0], steps[3], steps[6])]
    starts = [
        unit_start(today, unit, n) for unit, n in ((Unit.WEEK, 0), (Unit.MONTH, 0), (Unit.WEEK, 2), (Unit.YEAR, 0))
    ]
    return list(dict.fromkeys([*back, today, *ahead, *starts, date(2000, 2, 29), date(2023, 2, 28), date(2024, 3, 1)]))


def _moments(clock: Clock) -> list[datetime]:
    near = [clock.start(day) for day in _days(clock.today)]
    hours = [timedelta(hours=-3), timedelta(hours=-24), timedelta(microseconds=-1), timedelta(0), timedelta(hours=30)]
    first, last = (EPOCH + timedelta(microseconds=edge) for edge in first_and_last(clock.zone))
    found: list[datetime] = []
    for moment, step in [(clock.as_of, step) for step in hours] + [
        (moment, step) for moment in near for step in (-TICK, TICK - TICK)
    ]:
        try:
            found.append(moment + step)
        except OverflowError:
            continue
    return [moment for moment in dict.fromkeys(found) if first <= moment <= last]


def shown(value: Any) -> str:
    """A cell as Python code that makes it."""
    if isinstance(value, Fraction):
        return repr(int(value)) if value.denominator == 1 else f"Fraction({str(value)!r})"
    return repr(value)
