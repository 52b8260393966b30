import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import dataset as ds
from pyarrow import feather

from segrules.diagnostics import codes
from segrules.diagnostics.errors import BadInput
from segrules.ir.catalogue import Column, Format, Table
from segrules.sources.given import given_source
from segrules.sources.problems import TableProblems
from segrules.sources.read import read_typed
from segrules.sources.stream import TableSource
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
)
from tests.sources.build import AS_OF, catalogue, column, table, write
from tests.sources.streams import SIZES, all_cells, drain, same
from tests.sources.test_stream import EVERYTHING, everything

X = column("x", IntegerType())
Y = column("y", TextType())
BOTH = table("t", X, Y)


def source_of(data: object, *columns: Column, **more: Any) -> TableSource:
    of = table("t", *columns, **more) if columns else BOTH
    return given_source(catalogue(of), of, data, AS_OF)


def same_as_file(root: Path, data: pa.Table, *columns: Column, **more: Any) -> None:
    """Assert that data in memory give what the same data in a file give."""
    feather.write_feather(data, root / "t", compression="uncompressed")
    of = table("t", *columns, kind=Format.ARROW, **more)
    whole = read_typed(catalogue(of), of, root, AS_OF, None)
    for size in SIZES:
        source = given_source(catalogue(of), of, data, AS_OF)
        batches = drain(source, size)
        assert [batch.rows for batch in batches[:-1]] == [size] * (len(batches) - 1)
        same(whole, source, batches)
        same(whole, source, drain(source, size + 2))
        assert source.hash is None


def views(values: pa.Array) -> list[pa.Array | pa.ChunkedArray]:
    """The same values in one chunk, in several, and as a slice of more."""
    several = pa.chunked_array([values.slice(0, 3), values.slice(3, 0), values.slice(3)])
    return [values, several, pa.concat_arrays([values.slice(2), values]).slice(len(values) - 2)]


@pytest.mark.parametrize("view", [0, 1, 2])
def test_every_type(tmp_path: Path, view: int) -> None:
    data = pa.table({name: views(pa.array(values))[view] for name, values in everything().items()})
    same_as_file(tmp_path, data, *EVERYTHING)


TEXTS = ["a", None, "b", "a", "", "ä", "a"]


@pytest.mark.parametrize("view", [0, 1, 2])
@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int32(), pa.string()),
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.uint32(), pa.large_string()),
    ],
)
def test_text_of_every_kind(tmp_path: Path, kind: Any, view: int) -> None:
    values = views(
        pa.array(TEXTS).dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else pa.array(TEXTS, kind)
    )[view]
    data = pa.table({"x": values, "money": [Decimal(1)] * 7})
    of = column("x", TextType(("a", "b")), nullable=False)
    same_as_file(tmp_path, data, of, column("money", MoneyType("GBP"), currency_column="x"))
    same_as_file(tmp_path, data, column("x", TextType()), key="x")
    source = source_of(data, column("x", TextType()))
    for batch in drain(source, 4):
        assert pa.types.is_dictionary(batch.columns["x"].type) == pa.types.is_dictionary(kind)


def test_dictionaries_with_null_among_their_entries(tmp_path: Path) -> None:
    entries = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 1], pa.int8()), pa.array(["a", None]))
    data = pa.table({"x": entries})
    source = source_of(data, column("x", TextType(), nullable=False))
    batches = drain(source)
    assert all_cells(source.table, batches, "x") == ["a", None, None, None]
    assert batches[0].columns["x"].null_count == 3
    assert source.findings()[0].message.endswith("is null in 3 rows, where null may not be")


def test_entries_that_no_row_has_are_no_mistake() -> None:
    entries = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array(["a", "never"]))
    source = source_of(pa.table({"x": entries}), column("x", TextType(("a",))))
    drain(source)
    assert source.findings() == ()


def test_data_of_the_right_type_are_not_copied() -> None:
    count = 1_000
    data = pa.table(
        {
            "whole": pa.array(range(count)),
            "about": pa.array([0.5] * count),
            "flag": [True] * count,
            "text": pa.array(["a", "b"] * (count // 2)).dictionary_encode(),
            "wide": pa.array(["a"] * count, pa.large_string()),
            "moment": pa.array(range(count)).cast(pa.timestamp("us", "UTC")),
            "day": pa.array(range(count), pa.int32()).cast(pa.date32()),
            "exact": pa.array([Decimal("1.5")] * count),
        }
    )
    columns = (
        column("whole", IntegerType()),
        column("about", FloatType()),
        column("flag", BooleanType()),
        column("text", TextType()),
        column("wide", TextType()),
        column("moment", TimestampType()),
        column("day", DateType()),
        column("exact", DecimalType()),
    )
    source = source_of(data, *columns)
    for batch in drain(source, 300):
        for name, array in batch.columns.items():
            whole = data.column(name).chunk(0)
            assert array.buffers()[1].address == whole.buffers()[1].address, name
    assert source.rows == count


class Streams:
    """What any library may give."""

    def __init__(self, data: pa.Table) -> None:
        self._data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._data.__arrow_c_stream__(requested_schema)


class Arrays:
    def __init__(self, data: pa.RecordBatch) -> None:
        self._data = data

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._data.__arrow_c_array__(requested_schema)


DATA = pa.table({"x": [1, None, 3], "y": ["a", "b", None], "more": [1, 2, 3]})

GIVEN: dict[str, Callable[[], Any]] = {
    "table": lambda: DATA,
    "batch": lambda: DATA.to_batches()[0],
    "reader": lambda: DATA.to_reader(max_chunksize=2),
    "dataset": lambda: ds.dataset(DATA),
    "scanner": lambda: ds.dataset(DATA).scanner(),
    "pandas": lambda: DATA.to_pandas(types_mapper=pd.ArrowDtype),
    "pandas objects": lambda: pd.DataFrame(
        {"y": ["a", "b", None], "x": pd.array([1, None, 3], "Int64")}, index=[7, 8, 9]
    ),
    "stream": lambda: Streams(DATA),
    "array": lambda: Arrays(DATA.to_batches()[0]),
    "mapping of arrays": lambda: {"x": DATA["x"], "y": DATA["y"].chunk(0), "other": 5},
    "mapping of lists": lambda: {"y": ("a", "b", None), "x": [1, None, 3]},
    "mapping of series": lambda: {"y": pd.Series(["a", "b", None]), "x": pd.Series([1, None, 3], dtype="Int64")},
    "mapping of streams": lambda: {"y": DATA["y"], "x": StreamsColumn()},
}


class StreamsColumn:
    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return DATA["x"].__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize("name", GIVEN)
def test_what_may_be_given(name: str) -> None:
    source = source_of(GIVEN[name]())
    for size in SIZES:
        batches = drain(source, size)
        assert all_cells(BOTH, batches, "x") == [1, None, 3]
        assert all_cells(BOTH, batches, "y") == ["a", "b", None]
    assert (source.findings(), source.rows, source.hash) == ((), 3, None)


def test_polars() -> None:
    pl = pytest.importorskip("polars")
    frame = pl.DataFrame({"x": [1, None, 3], "y": ["a", "b", None], "z": ["p", "q", "p"], "w": ["p", None, "p"]})
    frame = frame.with_columns(pl.col("z").cast(pl.Categorical), pl.col("w").cast(pl.Enum(["q", "p"])))
    of = (X, Y, column("z", TextType(("p", "q"))), column("w", TextType(("p",))))
    for data in (frame, frame.lazy()):
        source = source_of(data, *of)
        batches = drain(source, 2)
        assert all_cells(source.table, batches, "y") == ["a", "b", None]
        assert all_cells(source.table, batches, "z") == ["p", "q", "p"]
        assert all_cells(source.table, batches, "w") == ["p", None, "p"]
        assert pa.types.is_dictionary(batches[0].columns["z"].type)
        assert pa.types.is_dictionary(batches[0].columns["w"].type)
        assert source.findings() == ()


def test_numpy_arrays() -> None:
    columns = {"x": np.array([1, 2, 3]), "f": np.array([0.5, np.nan, 1.0]), "d": np.array(["2026-01-01"] * 3, "M8[D]")}
    source = source_of(columns, X, column("f", FloatType()), column("d", DateType()))
    batches = drain(source)
    assert all_cells(source.table, batches, "f") == [0.5, None, 1.0]
    assert all_cells(source.table, batches, "d") == [date(2026, 1, 1)] * 3


def test_pandas_times_are_local_and_its_midnights_are_days() -> None:
    frame = pd.DataFrame({"d": [datetime(2026, 1, 1)] * 2, "t": [datetime(2026, 7, 1, 12), None]})
    source = source_of(frame, column("d", DateType()), column("t", TimestampType()))
    batches = drain(source)
    assert all_cells(source.table, batches, "d") == [date(2026, 1, 1)] * 2
    (first, none) = all_cells(source.table, batches, "t")
    assert str(first) == "2026-07-01 11:00:00+00:00"
    assert none is None


def test_reader_is_read_once_and_keeps_what_the_catalogue_names() -> None:
    source = source_of(DATA.to_reader())
    assert len(drain(source)) == len(drain(source)) == 1
    missing = source_of(DATA.to_reader(), column("mor", IntegerType()))
    drain(missing)
    assert missing.findings()[0].help == "did you mean `more`?"


def test_path(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1], "y": ["a"]})
    (tmp_path / "t.csv").write_text("x,y\n1,a\n")
    for path in (tmp_path / "t.parquet", str(tmp_path / "t.parquet"), tmp_path / "t.csv"):
        source = source_of(path)
        assert all_cells(BOTH, drain(source), "x") == [1]
        assert source.hash is not None


@pytest.mark.parametrize("data", [5, None, [1, 2], [{"x": 1}], pa.array([1]), pa.Table, b"path", object()])
def test_what_is_no_table(data: object) -> None:
    with pytest.raises(BadInput, match="the data given for table `t`") as caught:
        source_of(data)
    assert type(data).__name__ in caught.value.message
    assert caught.value.help is not None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"x": [1], "y": ["a", "b"]}, "different numbers of rows: `x` has 1, `y` has 2"),
        ({"x": 5}, "column `x` given for table `t` is of type `int`, expected an array or a list"),
        ({"x": "abc"}, "column `x` given for table `t` is of type `str`"),
        ({"x": [1, "a"]}, "column `x` given for table `t` cannot be made into an array"),
        ({"x": [2**70]}, "column `x` given for table `t` cannot be made into an array"),
        ({"x": [object()]}, "column `x` given for table `t` cannot be made into an array"),
        (pd.DataFrame({"x": [1, "a"]}), "cannot be made into columns"),
    ],
)
def test_columns_that_are_none(data: object, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        source_of(data)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


def test_column_twice() -> None:
    source = source_of(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"]), X)
    assert source.rows is None
    assert "more than one column `x`" in source.findings()[0].message


def test_missing_and_other_types_are_findings() -> None:
    source = source_of({"x": [1.5]})
    (batch,) = drain(source)
    assert batch.columns["x"].to_pylist() == [None]
    assert [item.code for item in source.findings()] == [codes.OTHER_TYPE, codes.MISSING_COLUMN]


def test_no_rows() -> None:
    empty: list[object] = [
        DATA.schema.empty_table(),
        {"x": [], "y": []},
        pa.table({"x": pa.nulls(0), "y": pa.nulls(0)}),
    ]
    for data in empty:
        source = source_of(data, X, Y, key="x")
        assert drain(source) == []
        assert (source.findings(), source.rows) == ((), 0)


def test_other_libraries_are_not_loaded() -> None:
    code = "import sys, segrules.sources.given; print(sorted({'pandas', 'polars'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.none() | st.integers(-9, 9), max_size=9), max_size=4),
    st.sampled_from(
        [pa.int64(), pa.int16(), pa.float64(), pa.string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
    ),
    st.integers(1, 12),
)
def test_chunks_of_any_kind(chunks: list[list[int | None]], kind: Any, size: int) -> None:
    is_number = not (pa.types.is_dictionary(kind) or kind in (pa.string(), pa.string_view()))
    plain = [[None if cell is None else cell if is_number else str(cell) for cell in chunk] for chunk in chunks]
    column_type = FloatType() if kind == pa.float64() else IntegerType() if is_number else TextType()
    values = pa.chunked_array([pa.array(chunk, kind) for chunk in plain], kind)
    source = source_of(pa.table({"x": values}), column("x", column_type, nullable=False))
    expected = [cell for chunk in plain for cell in chunk]
    assert all_cells(source.table, drain(source, size), "x") == expected
    assert bool(source.findings()) == (None in expected)


MIXED = "column `x` of table `t` mixes times with and without a zone"
LOCAL, EXACT = datetime(2026, 7, 1), datetime(2026, 6, 30, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize("times", [[LOCAL, EXACT], [EXACT, None, LOCAL], [EXACT, EXACT, LOCAL, pd.NaT]])
def test_times_with_and_without_a_zone(times: list[Any]) -> None:
    objects = pd.Series(times, dtype=object)
    for data in ({"x": times}, {"x": objects}, {"x": objects.to_numpy()}, pd.DataFrame({"x": objects})):
        with pytest.raises(BadInput) as caught:
            source_of(data, column("x", TimestampType()))
        assert caught.value.message == MIXED


@pytest.mark.parametrize(
    "times", [[LOCAL, None, LOCAL], [None, EXACT, pd.NaT, EXACT.astimezone(ZoneInfo("Asia/Tokyo"))]]
)
def test_times_of_one_kind_may_have_nulls(times: list[Any]) -> None:
    objects = pd.Series(times, dtype=object)
    for data in ({"x": times}, {"x": objects}, {"x": objects.to_numpy()}, pd.DataFrame({"x": objects})):
        source = source_of(data, column("x", TimestampType()))
        found = all_cells(source.table, drain(source), "x")
        assert [cell is None for cell in found] == [bool(pd.isna(time)) for time in times]
        assert {EXACT, datetime(2026, 6, 30, 23, tzinfo=UTC)} >= {cell for cell in found if cell is not None}


def test_reader_that_was_used_before() -> None:
    used = DATA.to_reader()
    source_of(used)
    gone = iter(DATA.to_batches())
    source_of(gone)
    for data in (used, gone):
        with pytest.raises(BadInput) as caught:
            source_of(data)
        assert caught.value.message == "the reader given for `t` gave no batch; was it used before?"
    empty = pa.RecordBatch.from_pylist([], DATA.schema)
    assert source_of(pa.RecordBatchReader.from_batches(DATA.schema, [empty])).rows == 0


def test_polars_frame_without_rows() -> None:
    pl = pytest.importorskip("polars")
    assert source_of(pl.from_arrow(DATA.schema.empty_table())).rows == 0


def test_several_batches() -> None:
    batches = DATA.to_batches(max_chunksize=1)
    for data in (batches, tuple(batches), (each for each in batches), [DATA], [batches[0], DATA.slice(1)]):
        source = source_of(data)
        assert all_cells(source.table, drain(source), "x") == DATA.column("x").to_pylist()


@pytest.mark.parametrize("other", [pa.table({"y": ["a"]}), pa.table({"y": ["a"], "x": [1]}), 5])
def test_batches_that_differ(other: Any) -> None:
    first = pa.table({"x": [1], "y": ["a"]})
    with pytest.raises(BadInput, match=r"given for table `t` .*batch 2") as caught:
        source_of([first, other])
    assert isinstance(caught.value.__cause__, (TypeError, ValueError))


def test_reader_whose_batches_have_another_schema() -> None:
    schema = pa.schema({"y": pa.string(), "x": pa.int64()})
    reader = pa.RecordBatchReader.from_batches(schema, (each for each in pa.table({"z": [1]}).to_batches()))
    with pytest.raises(BadInput, match="given for table `t`") as caught:
        source_of(reader)
    assert caught.value.__cause__ is not None


class _Driver:
    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __arrow_c_stream__(self, requested: object = None) -> object:
        raise self._error


class _DriverError(Exception):
    pass


@pytest.mark.parametrize("error", [RuntimeError("no connection"), _DriverError("no connection"), OSError("gone")])
def test_what_a_driver_raises(error: Exception) -> None:
    def batches() -> Any:
        yield from DATA.to_batches()
        raise error

    for data in (_Driver(error), batches()):
        with pytest.raises(BadInput, match="given for table `t`") as caught:
            source_of(data)
        assert caught.value.__cause__ is error
        assert str(error) in caught.value.message


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_who_stops_the_program_is_not_held_back(error: type[BaseException]) -> None:
    with pytest.raises(error):
        source_of(_Driver(error()))


def test_lazy_frame_that_cannot_be_collected() -> None:
    pl = pytest.importorskip("polars")
    lazy = pl.LazyFrame({"x": [1]}).with_columns(pl.col("nope") + 1)
    with pytest.raises(BadInput, match=r"given for table `t` .* cannot be made into columns: .*nope") as caught:
        source_of(lazy)
    assert caught.value.__cause__ is not None


def test_empty_path() -> None:
    with pytest.raises(BadInput, match="the path of table `t` is empty"):
        source_of("")


def test_periods_are_no_whole_numbers() -> None:
    frame = pd.DataFrame({"x": pd.period_range("2026-01", periods=3, freq="M")})
    source = source_of(frame, X)
    drain(source)
    (found,) = source.findings()
    assert found.code is codes.OTHER_TYPE
    assert "holds `extension<pandas.period" in found.message


def test_column_that_is_the_index_of_a_frame() -> None:
    frame = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    for data, there in (
        (frame.set_index("x"), "`x` is in the index: give `frame.reset_index()`"),
        (frame.set_index(["x", "y"]), "`x` is in the index: give `frame.reset_index()`"),
        (frame.set_axis(pd.MultiIndex.from_tuples([("x", ""), ("y", "")]), axis=1), "have several levels"),
    ):
        source = source_of(data)
        drain(source)
        assert there in (source.findings()[0].help or "")


def test_dataset_that_changes_between_passes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n1,a\n")
    source = source_of(ds.dataset(tmp_path / "t.csv", format="csv"))
    drain(source)
    drain(source)
    (tmp_path / "t.csv").write_text("x,y\n1,a\n2,b\n")
    with pytest.raises(TableProblems, match="the dataset given changed while it was read"):
        drain(source)


def test_a_table_type_is_known() -> None:
    assert isinstance(source_of(DATA).table, Table)
