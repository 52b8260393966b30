"""What goes into a file comes out of it as plain cells, whatever the format."""

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import feather
from pyarrow import parquet as pq

from segrules.ir.catalogue import CsvOptions, Format
from segrules.types.cells import Cell
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    TextType,
    TimestampType,
    Type,
)
from tests.sources.build import column, load, table


def as_cell(value: Any) -> Cell:
    match value:
        case bool():
            return value
        case Decimal():
            return Fraction(value)
        case float():
            return None if isnan(value) else Fraction(value) if isfinite(value) else value
        case list():
            return tuple(value)
        case _:
            return value  # type: ignore[no-any-return]


TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
KINDS: list[tuple[Type, pa.DataType, st.SearchStrategy[Any]]] = [
    (IntegerType(), pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (IntegerType(), pa.decimal128(38, 0), st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal)),
    (DecimalType(), pa.decimal128(20, 4), st.decimals(-(10**15), 10**15, places=4)),
    (DecimalType(), pa.decimal256(70, 20), st.decimals(-(10**9), 10**9, places=20)),
    (FloatType(), pa.float64(), st.floats()),
    (BooleanType(), pa.bool_(), st.booleans()),
    (TextType(), pa.string(), TEXT),
    (DateType(), pa.date32(), st.dates()),
    (TimestampType(), pa.timestamp("us", "UTC"), st.datetimes(datetime(1, 1, 2), timezones=st.just(UTC))),
    (ListType(), pa.list_(pa.string()), st.lists(TEXT, max_size=4)),
]


def write_parquet(data: pa.Table, path: Path) -> None:
    pq.write_table(data, path, row_group_size=3)


def write_arrow(data: pa.Table, path: Path) -> None:
    feather.write_feather(data, path, chunksize=3)


def write_csv(data: pa.Table, path: Path) -> None:
    spelled = ["null" if value is None else _quoted(_spelled(value)) for value in data["x"].to_pylist()]
    path.write_bytes("\r\n".join(["x,y", *(f"{value}," for value in spelled), ""]).encode())


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _spelled(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return f"{value:f}"
        case float():
            return repr(value)
        case datetime():
            return value.isoformat(" ")
        case _:
            return str(value)


@pytest.mark.parametrize(
    ("kind", "writer"), [(Format.PARQUET, write_parquet), (Format.ARROW, write_arrow), (Format.CSV, write_csv)]
)
@pytest.mark.parametrize(("of", "stored", "values"), KINDS, ids=lambda value: str(value))
@settings(max_examples=30)
@given(data=st.data())
def test_round_trip(
    kind: Format,
    writer: Callable[[pa.Table, Path], None],
    of: Type,
    stored: pa.DataType,
    values: st.SearchStrategy[Any],
    data: st.DataObject,
) -> None:
    if kind is Format.CSV:
        if isinstance(of, ListType):
            return
        values = values.filter(lambda value: value != "null")
    given_values = data.draw(st.lists(values | st.none(), max_size=8))
    with tempfile.TemporaryDirectory() as folder:
        writer(pa.table({"x": pa.array(given_values, stored, from_pandas=False)}), Path(folder, "t"))
        loaded = load(
            Path(folder),
            table("t", column("x", of), kind=kind, csv=CsvOptions(nulls=("null",))),
            zone="UTC",
        )
    assert loaded.findings == ()
    got = loaded.tables["t"]["x"]
    assert got == [as_cell(value) for value in given_values]
    assert all(_is_plain(of, cell) for cell in got)


def _is_plain(of: Type, cell: Cell) -> bool:
    match of, cell:
        case _, None:
            return True
        case BooleanType(), bool():
            return True
        case IntegerType(), int():
            return not isinstance(cell, bool)
        case ((DecimalType() | FloatType()), Fraction()):
            return True
        case FloatType(), float():
            return not isfinite(cell)
        case TextType(), str():
            return True
        case TimestampType(), datetime():
            return cell.tzinfo is UTC
        case DateType(), date():
            return not isinstance(cell, datetime)
        case ListType(), tuple():
            return all(isinstance(entry, str) for entry in cell)
        case _:
            return False
