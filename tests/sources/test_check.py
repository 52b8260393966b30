from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Column, Fresh
from segrules.ir.nodes import Property
from segrules.ir.windows import Period, Unit
from segrules.sources.read import read_tables
from segrules.text.span import Span
from segrules.types.types import (
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)
from tests.sources.build import AS_OF, catalogue, cells_of, column, load, only, read_column, read_csv, table, write

GBP = MoneyType("GBP")


def test_value_outside_a_closed_list(tmp_path: Path) -> None:
    values = pa.array(["web", "trade", None, "Web", "", "Web"]).dictionary_encode()
    found = only(read_column(tmp_path, values, TextType(("web", "trade"))))
    assert found.code is codes.VALUE_NOT_LISTED
    assert found.message == "column `x` of table `t` holds values that are not in its list, in 3 rows"
    assert found.examples == ("`Web` in 2 rows", "`` in 1 row")
    assert found.help == "the list has `web`, `trade`: add the values there, or correct the data"


def test_entries_outside_a_closed_list(tmp_path: Path) -> None:
    values = [["a", "c"], None, ["c", "d"], []]
    found = only(read_column(tmp_path, values, ListType(("a", "b"))))
    assert found.message.endswith("in 3 entries")
    assert found.examples == ("`c` in 2 rows", "`d` in 1 row")
    assert cells_of(read_column(tmp_path, [["a"]], ListType(("a", "b")))) == [("a",)]


@pytest.mark.parametrize(
    ("values", "of"),
    [
        ([1, None, None], IntegerType()),
        ([1.0, nan, None], FloatType()),
        (["", None, None], TextType()),
        ([["a"], None, None], ListType()),
    ],
)
def test_null_where_none_may_be(tmp_path: Path, values: Any, of: Type) -> None:
    found = only(read_column(tmp_path, pa.array(values), of, nullable=False))
    assert found.code is codes.NULL_FOUND
    assert found.message == "column `x` of table `t` is null in 2 rows, where null may not be"
    assert found.examples == ("row 2", "row 3")


@pytest.mark.parametrize(
    ("values", "of", "low", "high", "examples"),
    [
        (pa.array([-1, 0, 120, 121]), IntegerType(), Fraction(0), Fraction(120), ("`-1` in 1 row", "`121` in 1 row")),
        (pa.array([1, 2]), IntegerType(), Fraction(3, 2), None, ("`1` in 1 row",)),
        (pa.array([Decimal("0.10"), Decimal("0.09")]), GBP, Fraction(1, 10), None, ("`0.09` in 1 row",)),
        (pa.array([Decimal("-5.00")] * 2, pa.decimal32(5, 2)), GBP, Fraction(0), None, ("`-5` in 2 rows",)),
        (pa.array([0.5, inf, nan]), FloatType(), Fraction(0), Fraction(1), ("`inf` in 1 row",)),
        (pa.array([date(1899, 1, 1)]), DateType(), date(1900, 1, 1), None, ("`1899-01-01` in 1 row",)),
        (
            pa.array([datetime(2026, 3, 31, 22, 59), datetime(2026, 3, 31, 23)], pa.timestamp("us", "UTC")),
            TimestampType(),
            None,
            date(2026, 3, 31),  # the local day, whose last minute is 22:59 UTC
            ("`2026-03-31 23:00:00+00:00` in 1 row",),
        ),
        (
            pa.array([datetime(2026, 7, 1), datetime(2026, 7, 1, 0, 1)], pa.timestamp("us")),
            TimestampType(),
            None,
            datetime(2026, 7, 1),
            ("`2026-06-30 23:01:00+00:00` in 1 row",),
        ),
    ],
)
def test_value_out_of_range(
    tmp_path: Path, values: Any, of: Type, low: Any, high: Any, examples: tuple[str, ...]
) -> None:
    found = only(read_column(tmp_path, values, of, minimum=low, maximum=high))
    assert found.code is codes.OUT_OF_RANGE
    assert found.examples == examples
    assert found.help is not None
    assert found.help.startswith("the catalogue allows ")


@pytest.mark.parametrize("values", [[], [None], [0, 5]])
def test_both_ends_of_a_range_are_in_and_nulls_are_in_every_range(tmp_path: Path, values: list[int]) -> None:
    column_values = pa.array(values, pa.int64())
    got = cells_of(read_column(tmp_path, column_values, IntegerType(), minimum=Fraction(0), maximum=Fraction(5)))
    assert got == values


def keyed(tmp_path: Path, values: Any, of: Type) -> tuple[Finding, ...]:
    return load(tmp_path, table(write(tmp_path, {"id": values}), column("id", of, nullable=False), key="id")).findings


def test_duplicate_keys(tmp_path: Path) -> None:
    (found,) = keyed(tmp_path, ["a", "b", "a", "c", "b", "b"], TextType())
    assert found.code is codes.DUPLICATE_CUSTOMER
    assert found.message == "the key `id` of table `t` has 2 values that stand more than once, in 5 rows together"
    assert found.examples == ("`a` in 2 rows", "`b` in 3 rows")


def test_keys_that_differ_in_case_are_different(tmp_path: Path) -> None:
    assert keyed(tmp_path, ["a", "A", "a "], TextType()) == ()


def test_missing_keys_are_one_finding(tmp_path: Path) -> None:
    (found,) = keyed(tmp_path, [1, None, None, 2], IntegerType())
    assert found.code is codes.MISSING_KEY
    assert found.message == "the key `id` of table `t` is null in 2 rows"
    assert found.examples == ("row 2", "row 3")


def test_customers_have_a_key_even_where_their_table_names_none(tmp_path: Path) -> None:
    given = catalogue(
        table(write(tmp_path, {"id": [1, 1]}), column("id", IntegerType()), name="people"), customers="people"
    )
    (found,) = read_tables(given, tmp_path, AS_OF, {}).findings
    assert found.code is codes.DUPLICATE_CUSTOMER


def test_findings_over_several_files_count_rows_of_each(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1, 2]}, "lines/a.parquet")
    write(tmp_path, {"x": pa.array([3, None])}, "lines/b.parquet")
    found = only(load(tmp_path, table("lines", column("x", IntegerType(), nullable=False))))
    assert found.examples == ("row 2 of `lines/b.parquet`",)


def fresh(tmp_path: Path, newest: Any, within: Period, of: Type, as_of: datetime = AS_OF) -> tuple[Finding, ...]:
    values = newest if isinstance(newest, list) else [None, newest]
    path = write(tmp_path, {"x": pa.array(values, pa.date32()) if isinstance(of, DateType) else pa.array(values)})
    return load(tmp_path, table(path, column("x", of), fresh=Fresh("x", within)), as_of=as_of).findings


T = TimestampType()
MAY = datetime(2026, 5, 31, 12, tzinfo=UTC)  # one o'clock in London


@pytest.mark.parametrize(
    ("newest", "within", "of", "stale"),
    [
        (MAY - timedelta(hours=2), Period(2, Unit.HOUR), T, False),
        (MAY - timedelta(hours=2, microseconds=1), Period(2, Unit.HOUR), T, True),
        (MAY - timedelta(minutes=31), Period(30, Unit.MINUTE), T, True),
        (MAY - timedelta(days=3), Period(3, Unit.DAY), T, False),
        (MAY - timedelta(days=3, seconds=1), Period(3, Unit.DAY), T, True),
        (MAY - timedelta(days=8), Period(1, Unit.WEEK), T, True),
        (datetime(2026, 2, 28, 13, tzinfo=UTC), Period(3, Unit.MONTH), T, False),
        (datetime(2026, 2, 28, 12, 59, tzinfo=UTC), Period(1, Unit.QUARTER), T, True),
        (datetime(2025, 5, 31, 12, tzinfo=UTC), Period(1, Unit.YEAR), T, False),
        (MAY + timedelta(days=1), Period(1, Unit.DAY), T, False),
        (date(2026, 5, 28), Period(3, Unit.DAY), DateType(), False),
        (date(2026, 5, 27), Period(3, Unit.DAY), DateType(), True),
        (date(1, 1, 1), Period(9_999, Unit.YEAR), DateType(), False),
        (MAY, Period(10**12, Unit.HOUR), T, False),
        ([], Period(3, Unit.DAY), DateType(), True),
        ([None], Period(3, Unit.DAY), DateType(), True),
    ],
)
def test_stale_data(tmp_path: Path, newest: Any, within: Period, of: Type, stale: bool) -> None:
    found = fresh(tmp_path, newest, within, of, MAY)
    assert [item.code for item in found] == ([codes.STALE_DATA] if stale else [])


def test_words_about_stale_data(tmp_path: Path) -> None:
    (found,) = fresh(tmp_path, date(2026, 5, 1), Period(1, Unit.WEEK), DateType(), MAY)
    assert found.message == (
        "column `x` of table `t` is stale: its newest value is `2026-05-01`, expected one within 1 week before "
        "`2026-05-31 13:00:00+01:00`"
    )
    (none,) = fresh(tmp_path, [], Period(2, Unit.WEEK), DateType(), MAY)
    assert "holds no value, expected one within 2 weeks" in none.message


@pytest.mark.parametrize("declared", [True, False])
def test_rows_in_another_currency(tmp_path: Path, declared: bool) -> None:
    path = write(
        tmp_path,
        {
            "amount": pa.array([Decimal("1.00"), Decimal("2.00"), None, Decimal("4.00"), Decimal("5.00")]),
            "cur": ["GBP", "EUR", "EUR", None, "EUR"],
        },
    )
    amount = column("amount", GBP, currency_column="currency" if declared else "cur")
    more: tuple[Column, ...] = (column("currency", TextType(), physical="cur"),) if declared else ()
    loaded = load(tmp_path, table(path, amount, *more))
    found = only(loaded)
    assert found.code is codes.OTHER_CURRENCY
    assert found.message == "column `amount` of table `t` has amounts in other currencies than GBP, in 3 rows"
    assert found.examples == ("`EUR` in 2 rows", "null in 1 row")


def test_column_of_currencies_is_read_for_the_check_only(tmp_path: Path) -> None:
    path = write(tmp_path, {"amount": pa.array([Decimal("1.00")]), "cur": ["GBP"]})
    assert load(tmp_path, table(path, column("amount", GBP, currency_column="cur"))).tables == {"t": {"amount": [1]}}
    found = only(load(tmp_path, table(path, column("amount", GBP, currency_column="currency"))))
    assert found.code is codes.MISSING_COLUMN


def test_findings_point_at_the_catalogue(tmp_path: Path) -> None:
    span = Span("catalog.yaml", 7, 3, 7, 9)
    assert only(read_column(tmp_path, ["a"], IntegerType(), span=span)).span == span
    assert only(read_column(tmp_path, ["a"], IntegerType())).span is None


def test_derived_columns_are_not_in_the_data(tmp_path: Path) -> None:
    derived = column("double", DecimalType(), derive=Property("x", IntegerType()))
    loaded = load(tmp_path, table(write(tmp_path, {"x": [1]}), column("x", IntegerType()), derived))
    assert loaded.tables == {"t": {"x": [1]}}


def test_lines_of_csv_in_checks(tmp_path: Path) -> None:
    found = only(read_csv(tmp_path, "x,y\n\n1,1\n,2\n", column("x", IntegerType(), nullable=False)))
    assert found.examples == ("line 4",)
