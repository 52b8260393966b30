from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from segrules.diagnostics import codes
from segrules.ir.catalogue import Format
from segrules.sources.cast import Zones, as_stored, cast
from segrules.sources.plain import cells
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
    Type,
    UnknownType,
)
from tests.sources.build import cells_of, only, read_column

GBP = MoneyType("GBP")
D = Decimal
INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]


@pytest.mark.parametrize("stored", INTEGERS, ids=str)
@pytest.mark.parametrize("of", [IntegerType(), DecimalType(), FloatType(), GBP], ids=lambda of: type(of).__name__)
def test_whole_numbers_of_every_width_are_numbers(tmp_path: Path, stored: pa.DataType, of: Type) -> None:
    got = cells_of(read_column(tmp_path, pa.array([1, None, 127], stored), of, kind=Format.ARROW))
    assert got == [1, None, 127]
    wanted = int if isinstance(of, IntegerType) else Fraction
    assert [type(cell) for cell in got] == [wanted, type(None), wanted]


def test_largest_unsigned(tmp_path: Path) -> None:
    assert cells_of(read_column(tmp_path, pa.array([2**64 - 1], pa.uint64()), IntegerType())) == [2**64 - 1]


@pytest.mark.parametrize(
    "stored", [pa.decimal32(5, 2), pa.decimal64(9, 2), pa.decimal128(10, 2), pa.decimal256(60, 3)], ids=str
)
def test_decimals_of_every_width_are_exact(tmp_path: Path, stored: pa.DataType) -> None:
    values = pa.array([D("1.10"), None, D("-0.05")], stored)
    assert cells_of(read_column(tmp_path, values, GBP, kind=Format.ARROW)) == [Fraction(11, 10), None, Fraction(-1, 20)]


def test_decimal_of_negative_scale() -> None:
    values = pa.array([D("12E2")], pa.decimal128(5, -2))
    made = cast(as_stored(values), IntegerType(), Zones(ZoneInfo("UTC"), ZoneInfo("UTC")))
    assert made is not None
    assert made.values.to_pylist() == [1200]


def test_whole_decimals_are_whole_numbers(tmp_path: Path) -> None:
    assert cells_of(read_column(tmp_path, pa.array([D("2.00")], pa.decimal128(9, 2)), IntegerType())) == [2]


def test_broken_decimals_are_no_whole_numbers(tmp_path: Path) -> None:
    values = pa.array([D("2.50"), D("3.00"), None], pa.decimal128(9, 2))
    found = only(read_column(tmp_path, values, IntegerType()))
    assert found.code is codes.OTHER_TYPE
    assert found.message == "column `x` of table `t` holds values that are not whole, in 1 row"
    assert found.examples == ("`2.50` in row 1",)


def test_scale_is_a_bound_on_digits(tmp_path: Path) -> None:
    values = pa.array([D("2.500"), D("3.005")], pa.decimal128(9, 3))
    assert cells_of(read_column(tmp_path, values[:1], GBP, scale=2)) == [Fraction(5, 2)]
    found = only(read_column(tmp_path, values, GBP, scale=2))
    assert found.message.endswith("have more than 2 digits after the point, in 1 row")
    assert found.examples == ("`3.005` in row 2",)


def test_floats(tmp_path: Path) -> None:
    got = cells_of(read_column(tmp_path, [0.1, -0.0, nan, None, inf, -inf], FloatType()))
    assert got == [Fraction(0.1), 0, None, None, inf, -inf]
    assert [type(cell).__name__ for cell in got] == ["Fraction", "Fraction", "NoneType", "NoneType", "float", "float"]


@pytest.mark.parametrize("stored", [pa.float16(), pa.float32()], ids=str)
def test_narrow_floats(tmp_path: Path, stored: pa.DataType) -> None:
    got = cells_of(read_column(tmp_path, pa.array([1.5, None, nan], stored), FloatType()))
    assert got == [Fraction(3, 2), None, None]


@pytest.mark.parametrize("of", [IntegerType(), DecimalType(), GBP], ids=lambda of: type(of).__name__)
def test_floats_are_not_exact(tmp_path: Path, of: Type) -> None:
    found = only(read_column(tmp_path, [1.0, None], of))
    assert found.code is codes.OTHER_TYPE
    assert found.message.startswith("column `x` of table `t` holds `double`, expected ")
    assert found.help is not None
    assert "store" in found.help


TEXTS = ["a", None, "", "ä", "a"]


@pytest.mark.parametrize(
    "values",
    [
        pa.array(TEXTS),
        pa.array(TEXTS, pa.large_string()),
        pa.array(TEXTS, pa.string_view()),
        pa.array(TEXTS).dictionary_encode(),
        pa.array(TEXTS, pa.large_string()).dictionary_encode(),
        pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 2, 0], pa.uint8()), pa.array(["a", "", "ä"])),
        pa.chunked_array([TEXTS[:2], [], TEXTS[2:]]),
        pa.chunked_array([pa.array(TEXTS[:2]).dictionary_encode(), pa.array(TEXTS[2:]).dictionary_encode()]),
        pa.array(["skipped", *TEXTS])[1:],
    ],
    ids=lambda values: str(values.type),
)
def test_text_in_every_packing_and_empty_text_is_not_null(tmp_path: Path, values: Any) -> None:
    for kind in (Format.PARQUET, Format.ARROW):
        assert cells_of(read_column(tmp_path, values, TextType(), kind=kind)) == TEXTS


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            pa.DictionaryArray.from_arrays(pa.array([1, None, 0]), pa.array(["a", "b"], pa.string_view())),
            ["b", None, "a"],
        ),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.uint8()), pa.array(["a", None])), ["a", None]),
        (
            pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["a", None])),
            ["a", "a", None],
        ),
        (pa.array(["{}"], pa.json_()), ["{}"]),
    ],
    ids=["dictionary of views", "null in a dictionary", "runs", "extension"],
)
def test_packings_that_only_arrow_files_have(tmp_path: Path, values: Any, expected: list[Any]) -> None:
    assert cells_of(read_column(tmp_path, values, TextType(), kind=Format.ARROW)) == expected


@pytest.mark.parametrize(
    ("values", "of", "expected"),
    [
        ([1, None, 1], IntegerType(), [1, None, 1]),
        ([D("1.5"), None], GBP, [Fraction(3, 2), None]),
        ([date(2026, 1, 1)], DateType(), [date(2026, 1, 1)]),
        ([datetime(2026, 1, 1)], TimestampType(), [datetime(2026, 1, 1, tzinfo=UTC)]),
    ],
)
def test_dictionaries_of_other_things_than_text(tmp_path: Path, values: Any, of: Type, expected: list[Any]) -> None:
    encoded = pa.array(values).dictionary_encode()
    assert cells_of(read_column(tmp_path, encoded, of, kind=Format.ARROW)) == expected


def test_text_that_is_not_utf8(tmp_path: Path) -> None:
    offsets = pa.array([0, 1], pa.int32()).buffers()[1]
    broken = pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(b"\xff")])
    found = only(read_column(tmp_path, broken, TextType()))
    assert found.code is codes.OTHER_TYPE
    assert "UTF8" in found.message


@pytest.mark.parametrize(
    "stored",
    [
        pa.list_(pa.string()),
        pa.large_list(pa.large_string()),
        pa.list_(pa.dictionary(pa.int32(), pa.string())),
        pa.list_(pa.string_view()),
    ],
    ids=str,
)
def test_lists(tmp_path: Path, stored: pa.DataType) -> None:
    values = [["a", "b"], None, [], ["b"]]
    expected = [("a", "b"), None, (), ("b",)]
    assert cells_of(read_column(tmp_path, pa.array(values, stored), ListType())) == expected
    assert cells_of(read_column(tmp_path, pa.array([["z"], *values], stored)[1:], ListType())) == expected


@pytest.mark.parametrize(
    "stored", [pa.list_view(pa.string()), pa.large_list_view(pa.string()), pa.list_(pa.string(), 1)], ids=str
)
def test_list_views_and_fixed_lists(stored: pa.DataType) -> None:
    plain = as_stored(pa.array([["z"], ["a"], None], stored)[1:])
    plain.validate(full=True)
    assert cells(ListType(), pa.chunked_array([plain])) == [("a",), None]


def test_null_as_an_entry_of_a_list(tmp_path: Path) -> None:
    found = only(read_column(tmp_path, [["z"], ["a", None], None, [None, None], ["b"]], ListType()))
    assert found.message.endswith("have null as an entry, in 2 rows")
    assert [example.rpartition(" in ")[2] for example in found.examples] == ["row 2", "row 4"]


@pytest.mark.parametrize(
    ("values", "of"),
    [
        (["1"], IntegerType()),
        (["1"], GBP),
        (["1"], DateType()),
        (["true"], BooleanType()),
        ([1], BooleanType()),
        ([1], TextType()),
        ([True], IntegerType()),
        ([b"a"], TextType()),
        (["a"], ListType()),
        ([[1]], ListType()),
        ([date(2026, 1, 1)], TimestampType()),
        ([datetime(2026, 1, 1, tzinfo=UTC)], DateType()),
        ([{"a": 1}], TextType()),
        ([["a"]], TextType()),
        ([1], UnknownType()),
    ],
)
def test_other_type(tmp_path: Path, values: Any, of: Type) -> None:
    found = only(read_column(tmp_path, values, of))
    assert found.code is codes.OTHER_TYPE
    assert "expected" in found.message
    assert found.help


@pytest.mark.parametrize(
    "of",
    [
        IntegerType(),
        DecimalType(),
        FloatType(),
        GBP,
        BooleanType(),
        TextType(),
        DateType(),
        TimestampType(),
        ListType(),
    ],
    ids=lambda of: type(of).__name__,
)
def test_column_of_nulls_has_every_type(tmp_path: Path, of: Type) -> None:
    assert cells_of(read_column(tmp_path, pa.nulls(2), of)) == [None, None]


def test_booleans(tmp_path: Path) -> None:
    got = cells_of(read_column(tmp_path, [True, None, False], BooleanType()))
    assert [cell is expected for cell, expected in zip(got, [True, None, False], strict=True)] == [True] * 3


@pytest.mark.parametrize("stored", [pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns")], ids=str)
def test_dates(tmp_path: Path, stored: pa.DataType) -> None:
    values = pa.array([date(1969, 12, 31), None, date(2026, 2, 28)], pa.date32()).cast(stored)
    got = cells_of(read_column(tmp_path, values, DateType(), kind=Format.ARROW))
    assert got == [date(1969, 12, 31), None, date(2026, 2, 28)]
    assert type(got[0]) is date


def test_times_of_day_are_no_dates(tmp_path: Path) -> None:
    values = pa.array([datetime(1960, 1, 1, 12), datetime(2026, 1, 1)], pa.timestamp("ms"))
    found = only(read_column(tmp_path, values, DateType()))
    assert found.message.endswith("have a time of day, in 1 row")
    assert found.examples == ("`1960-01-01 12:00:00.000` in row 1",)
    assert found.help == "declare `type: timestamp`, or store the day alone"


@pytest.mark.parametrize("day", [-719_163, 2_932_897, 2**31 - 1, -(2**31)])
def test_days_without_a_year(tmp_path: Path, day: int) -> None:
    found = only(read_column(tmp_path, pa.array([0, day], pa.int32()).cast(pa.date32()), DateType()))
    assert found.message.endswith("lie outside the years 1 to 9999, in 1 row")
    assert len(found.examples) == 1


def test_first_and_last_day(tmp_path: Path) -> None:
    values = pa.array([-719_162, 2_932_896], pa.int32()).cast(pa.date32())
    assert cells_of(read_column(tmp_path, values, DateType())) == [date.min, date.max]


def test_types_in_the_data_are_kept(tmp_path: Path) -> None:
    values = pa.array(["a"], pa.large_string()).dictionary_encode()
    assert read_column(tmp_path, values, TextType()).types == {"t": {"x": pa.string()}}
    assert read_column(tmp_path, pa.array([1], pa.int16()), GBP).types == {"t": {"x": pa.int16()}}
