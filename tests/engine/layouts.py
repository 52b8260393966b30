"""Plain columns into Arrow data that hold the same values, in every physical layout that there is for them.

A layout is chosen first, as plain data that a failing test can print, and then applied.
"""

import io
import itertools
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import dataset as ds
from pyarrow import ipc
from pyarrow import parquet as pq
from pyarrow import types as at

from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.sources.clocks import EPOCH
from segrules.types.cells import Cell, Tables
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
)
from tests.engine.picking import Pick, chance

Stored = Callable[[Sequence[Cell]], pa.Array]
"""Makes one chunk of a column; it has been told all values of the column beforehand."""


class Unfit(Exception):
    """The values do not fit into a packing."""


CONTAINERS = (
    "table", "reader", "record batch", "dataset", "scanner", "mapping", "parquet", "parquet file", "parquet folder",
    "arrow file", "arrow stream", "pandas", "polars", "lazy polars", "stream",
)  # fmt: skip
WRAPPINGS = ("plain", "dictionary", "odd dictionary", "two dictionaries", "runs")
INDICES = ("int32", "int8", "uint8", "int16", "uint16", "uint32", "int64", "uint64")

PACKINGS: Mapping[type[Type], tuple[str, ...]] = {
    IntegerType: (
        "int64", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64", "decimal128", "decimal256", "scaled",
        "decimal32", "decimal64",
    ),
    DecimalType: ("decimal128", "decimal256", "wide", "int64", "tight", "decimal32", "decimal64", "negative scale"),
    MoneyType: ("decimal128", "decimal256", "wide", "int64", "tight", "decimal32", "decimal64", "negative scale"),
    FloatType: ("float64", "nan", "minus zero", "float32", "float16", "int64", "decimal128"),
    BooleanType: ("bool",),
    TextType: ("string", "large_string", "string_view"),
    DateType: ("date32", "date64", "midnight", "midnight s"),
    TimestampType: ("us", "ms", "s", "ns", "elsewhere", "local", "local ms"),
    ListType: (
        "list", "large_list", "list_view", "large_list_view", "of large_string", "of dictionary", "of views", "fixed",
    ),
}  # fmt: skip
"""How the values of a type may be stored, the common way first; one that does not fit falls back to that."""


@dataclass(frozen=True)
class ColumnLayout:
    """How a column is stored: its packing, what wraps it, where chunks begin, how many rows are sliced away."""

    packing: str = ""
    wrapping: str = "plain"
    index: str = "int32"
    cuts: tuple[int, ...] = ()
    before: int = 0
    after: int = 0
    null_type: bool = False


@dataclass(frozen=True)
class TableLayout:
    """How a table is handed over. `order` moves columns about, `extra` is how many columns nobody asked for."""

    container: str = "table"
    columns: Mapping[str, ColumnLayout] = field(default_factory=dict)
    order: int = 0
    extra: int = 0
    rows: int = 3


def table_layout(pick: Pick, table: Table, columns: Mapping[str, Sequence[Cell]]) -> TableLayout:
    """A random layout."""
    count = len(next(iter(columns.values()), ()))
    plain = not chance(pick, 2)
    if plain and not chance(pick, 2):
        return TableLayout(pick(CONTAINERS))
    named = {name: column_layout(pick, table.columns[name].type, count) for name in columns}
    return TableLayout(pick(CONTAINERS), named, pick((0, 1, 2, 5)), pick((0, 1, 2)), pick((3, 1, 2, 7)))


def column_layout(pick: Pick, of: Type, count: int) -> ColumnLayout:
    """A random layout of one column of `count` rows."""
    sliced = chance(pick, 2)
    cuts = sorted(pick(range(count + 1)) for _ in range(pick((0, 0, 1, 2, 4))))
    return ColumnLayout(
        pick(PACKINGS[type(of)]),
        pick(WRAPPINGS) if chance(pick, 3) else "plain",
        pick(INDICES),
        tuple(cuts),
        pick((1, 3, 8, 11)) if sliced else 0,
        pick((0, 1, 5)) if sliced else 0,
        chance(pick, 2),
    )


def layouts(pick: Pick, catalogue: Catalogue, tables: Tables) -> dict[str, TableLayout]:
    """A random layout of every table."""
    return {name: table_layout(pick, catalogue.tables[name], columns) for name, columns in tables.items()}


# --- tables ---------------------------------------------------------------------------------------


def lay_out(table: Table, columns: Mapping[str, Sequence[Cell]], layout: TableLayout, zone: str) -> Any:
    """The columns of a table as a `pa.Table` or whatever else the layout says, with the names that the data have."""
    made: dict[str, pa.ChunkedArray] = {}
    for name, cells in columns.items():
        column = table.columns[name]
        made[column.physical] = stored(column, cells, layout.columns.get(name, ColumnLayout()), zone)
    count = len(next(iter(columns.values()), ()))
    for number in range(layout.extra):
        rows = pa.array(range(count), pa.int64())
        unasked = rows if "polars" in layout.container else pa.StructArray.from_arrays([rows], ["x"])
        made[f"unasked {number}"] = pa.chunked_array([unasked])
    names = [*made]
    turn = layout.order % max(len(names), 1)
    names = names[turn:] + names[:turn]
    if layout.order % 2:
        names.reverse()
    return _contained(pa.table({name: made[name] for name in names}), layout)


def _contained(table: pa.Table, layout: TableLayout) -> Any:
    match layout.container:
        case "reader":
            return pa.RecordBatchReader.from_batches(table.schema, _batches(table))
        case "stream":
            return _Stream(table)
        case "record batch" if len(found := _combined(table).to_batches()) == 1:
            return found[0]
        case "dataset":
            return ds.dataset(_batches(table), schema=table.schema)
        case "scanner":
            return ds.dataset(table).scanner(batch_size=layout.rows)
        case "mapping":
            return {name: table[name] for name in table.column_names}
        case "parquet":
            return _through_parquet(table, layout.rows)
        case "parquet file" | "parquet folder" | "arrow file" | "arrow stream":
            return _written(table, layout)
        case "pandas":
            return _pandas(table)
        case "polars":
            return _polars(table)
        case "lazy polars":
            frame = _polars(table)
            return frame.lazy() if hasattr(frame, "lazy") else frame
        case _:
            return table


def _combined(table: pa.Table) -> pa.Table:
    try:
        return table.combine_chunks()
    except pa.ArrowException:  # dictionaries with nulls
        return table


class _Stream:
    """Something that knows nothing but Arrow's own protocol."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


_FOLDER = tempfile.TemporaryDirectory(prefix="segrules-layouts-")
_NUMBERS = itertools.cycle(range(1000))


def _written(table: pa.Table, layout: TableLayout) -> Any:
    """The path of files that hold the table; the table itself where the format has no such types."""
    path = Path(_FOLDER.name) / f"{next(_NUMBERS)}.{'parquet' if 'parquet' in layout.container else 'arrow'}"
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    odd = layout.rows % 2 == 1
    try:
        match layout.container:
            case "parquet file":
                _write_parquet(table, path, layout.rows, odd)
            case "parquet folder":
                path = path.with_suffix("")
                shutil.rmtree(path, ignore_errors=True)
                path.mkdir()
                middle = table.num_rows // 2
                _write_parquet(table.slice(0, middle), path / "1.parquet", layout.rows, odd)
                _write_parquet(table.slice(middle), path / "2.parquet", layout.rows, not odd)
            case "arrow file":
                with ipc.new_file(path, table.schema) as file:
                    file.write_table(table.unify_dictionaries(), max_chunksize=layout.rows)
            case _:
                with ipc.new_stream(path, table.schema) as stream:
                    stream.write_table(table, max_chunksize=layout.rows)
    except (pa.ArrowException, OSError):
        return table
    return path


def _write_parquet(table: pa.Table, path: Path, rows: int, odd: bool) -> None:
    pq.write_table(
        table, path, row_group_size=rows, use_dictionary=odd, write_statistics=not odd or rows != 7, data_page_size=1
    )
    # Lists of fixed size with nulls are written, but cannot be read.
    pq.read_table(path)


def _batches(table: pa.Table) -> list[pa.RecordBatch]:
    """The table in batches, empty ones at both ends and between."""
    arrays = [column.chunk(0).slice(0, 0) for column in table.columns]
    empty = pa.RecordBatch.from_arrays(arrays, schema=table.schema)
    found = table.to_batches()
    return [empty, *found[:1], empty, *found[1:], empty]


def _through_parquet(table: pa.Table, rows: int) -> pa.Table:
    """The table as it comes back from a Parquet file with tiny row groups; as it is where Parquet has no such types."""
    data = io.BytesIO()
    try:
        pq.write_table(table, data, row_group_size=rows)
        read: pa.Table = pq.ParquetFile(io.BytesIO(data.getvalue())).read()
    except (pa.ArrowException, OSError):
        return table
    return read


def _pandas(table: pa.Table) -> Any:
    import pandas as pd

    try:
        frame = table.to_pandas(types_mapper=pd.ArrowDtype)
        back = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError, NotImplementedError, OverflowError):
        return table
    return frame if same_values(back, table) else table


def _polars(table: pa.Table) -> Any:
    import polars as pl

    # On other types polars panics.
    if not all(_known_to_polars(column.type) for column in table.columns):
        return table
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame if same_values(frame.to_arrow(), table) else table


def _known_to_polars(kind: pa.DataType) -> bool:
    if at.is_dictionary(kind):
        return bool(at.is_string(kind.value_type) and kind.index_type in (pa.uint8(), pa.uint16(), pa.uint32()))
    if at.is_list(kind) or at.is_large_list(kind):
        return bool(at.is_string(kind.value_type) or at.is_large_string(kind.value_type))
    tests = (
        at.is_integer, at.is_float64, at.is_float32, at.is_boolean, at.is_string, at.is_large_string, at.is_string_view,
        at.is_date32, at.is_decimal128,
    )  # fmt: skip
    return any(test(kind) for test in tests) or (at.is_timestamp(kind) and kind.unit != "s")


def same_values(one: pa.Table, other: pa.Table) -> bool:
    """Whether a frame library has kept every column, its kind and its values."""
    for name in other.column_names:
        if name.startswith("unasked"):
            continue
        if name not in one.column_names or one.num_rows != other.num_rows:
            return False
        try:
            if _values(one[name]) != _values(other[name]):
                return False
        except (pa.ArrowException, ValueError, OverflowError):
            return False
    return True


def _values(column: pa.ChunkedArray) -> tuple[str, list[str]]:
    kind = column.type
    while at.is_dictionary(kind) or at.is_run_end_encoded(kind):
        kind = kind.value_type
    what = next((name for name, test in _KINDS.items() if test(kind)), str(kind))
    if at.is_temporal(kind) and at.is_timestamp(kind):
        what += str(kind.tz is None)
    column = pc.run_end_decode(column) if at.is_run_end_encoded(column.type) else column
    return what, [repr(value) for value in column.cast(kind).to_pylist()]


_KINDS: Mapping[str, Callable[[pa.DataType], bool]] = {
    "whole": at.is_integer,
    "decimal": at.is_decimal,
    "float": at.is_floating,
    "list": lambda kind: any(
        test(kind)
        for test in (
            at.is_list, at.is_large_list, at.is_list_view, at.is_large_list_view,
            at.is_fixed_size_list,
        )
    ),
    "text": lambda kind: at.is_string(kind) or at.is_large_string(kind) or at.is_string_view(kind),
    "time": at.is_timestamp,
}  # fmt: skip


# --- columns --------------------------------------------------------------------------------------


def stored(column: Column, cells: Sequence[Cell], layout: ColumnLayout, zone: str) -> pa.ChunkedArray:
    """The cells as a chunked array; whatever of the layout does not fit them is left out."""
    of = column.type
    if layout.null_type and cells and all(cell is None for cell in cells):
        return pa.chunked_array([pa.nulls(len(piece)) for piece in _pieces(cells, layout.cuts)])
    store = _store(of, [*cells, *_padding(of, 1, cells)], layout.packing, column.zone or zone)
    chunks = [_sliced(store, piece, of, layout, cells) for piece in _pieces(cells, layout.cuts)]
    wrap = _WRAP[layout.wrapping if not isinstance(of, ListType) else "plain"]
    try:
        wrapped = [wrap(chunk, layout, number) for number, chunk in enumerate(chunks)]
        return pa.chunked_array(wrapped, wrapped[0].type)
    except (pa.ArrowException, Unfit):
        return pa.chunked_array(chunks, chunks[0].type)


def _pieces(cells: Sequence[Cell], cuts: Sequence[int]) -> list[Sequence[Cell]]:
    ends = (0, *(cut for cut in cuts if cut <= len(cells)), len(cells))
    return [cells[start:end] for start, end in pairwise(ends)]


def _sliced(store: Stored, cells: Sequence[Cell], of: Type, layout: ColumnLayout, all_: Sequence[Cell]) -> pa.Array:
    """A chunk cut out of a longer one, whose other rows hold values that must never be seen."""
    before, after = _padding(of, layout.before, all_), _padding(of, layout.after, all_)
    return store([*before, *cells, *after]).slice(len(before), len(cells))


_POISON: Mapping[type[Type], tuple[Cell, ...]] = {
    IntegerType: (77, None, 5),
    DecimalType: (Fraction(77), None, Fraction(5)),
    MoneyType: (Fraction(77), None, Fraction(5)),
    FloatType: (Fraction(77), None, Fraction(5)),
    BooleanType: (True, None, False, True),
    TextType: ("sliced away", None, "web"),
    DateType: (date(2026, 10, 31), None),
    TimestampType: (datetime(2026, 10, 31, tzinfo=UTC), None),
    ListType: (("sliced away",), None),
}


def _padding(of: Type, count: int, cells: Sequence[Cell]) -> list[Cell]:
    poison = _POISON[type(of)]
    return [poison[number % len(poison)] for number in range(count)]


def _store(of: Type, cells: Sequence[Cell], packing: str, zone: str) -> Stored:
    """How the cells can be stored, as the packing has it if they fit."""
    way, packings = _WAYS[type(of)], PACKINGS[type(of)]
    for name in (packing, *packings):
        if name not in packings:
            continue
        try:
            store = way(name, cells, zone)
            store(cells)
            return store
        except (Unfit, pa.ArrowException, OverflowError, ValueError):
            continue
    raise Unfit(f"{of}: {cells}")


def _whole(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    if packing == "scaled":
        return lambda chunk: pa.array(_decimals(chunk), pa.decimal128(38, 3))
    if packing.startswith("decimal"):
        return _decimal(packing, cells, zone)
    return lambda chunk: pa.array([None if cell is None else _int(cell) for cell in chunk], pa.type_for_alias(packing))


def _decimal(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    numbers = [Fraction(cell) for cell in cells if isinstance(cell, int | Fraction)]
    if packing == "int64":
        return _whole(packing, cells, zone)
    scale = max((_scale(number) for number in numbers), default=0)
    digits = max((len(str(int(abs(number)))) for number in numbers), default=1)
    match packing:
        case "decimal32":
            kind = pa.decimal32(max(digits + scale, 1), scale)
        case "decimal64":
            kind = pa.decimal64(max(digits + scale, 1), scale)
        case "decimal256":
            kind = pa.decimal256(76, scale)
        case "tight":
            kind = (pa.decimal128 if digits + scale <= 38 else pa.decimal256)(digits + scale, scale)
        case "wide":
            kind = pa.decimal128(38, min(scale + 6, 38 - digits))
        case "negative scale":
            if scale or any(number % 100 for number in numbers if number not in (77, 5)):
                raise Unfit(packing)
            kind = pa.decimal128(20, 0)
        case _:
            kind = pa.decimal128(38, scale)
    return lambda chunk: pa.array(_decimals(chunk), kind)


def _float(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    exact = [cell for cell in cells if isinstance(cell, Fraction | int)]
    infinite = any(isinstance(cell, float) for cell in cells)
    if packing in ("int64", "decimal128"):
        if infinite or (packing == "int64" and any(cell.denominator != 1 for cell in exact)):
            raise Unfit(packing)
        return _decimal(packing, cells, zone)
    if any(Fraction(float(cell)) != cell for cell in exact):
        raise Unfit(packing)
    if packing in ("float32", "float16"):
        kind = pa.float32() if packing == "float32" else pa.float16()
        narrow = pa.array([float(cell) for cell in exact], pa.float64()).cast(kind, safe=False).cast(pa.float64())
        if narrow.to_pylist() != [float(cell) for cell in exact]:
            raise Unfit(packing)
        return lambda chunk: pa.array(_doubles(chunk, packing), pa.float64()).cast(kind)
    return lambda chunk: pa.array(_doubles(chunk, packing), pa.float64(), from_pandas=False)


def _doubles(chunk: Sequence[Cell], packing: str) -> list[float | None]:
    found: list[float | None] = []
    for place, cell in enumerate(chunk):
        if cell is None:
            found.append(float("nan") if packing == "nan" and place % 2 == 0 else None)
        elif cell == 0 and packing == "minus zero":
            found.append(-0.0)
        else:
            found.append(float(cell))  # type: ignore[arg-type]  # a number
    return found


def _bool(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    return lambda chunk: pa.array(chunk, pa.bool_())


def _text(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    return lambda chunk: pa.array(chunk, pa.type_for_alias(packing))


def _date(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    if packing.startswith("midnight"):
        kind = pa.timestamp("s" if packing.endswith("s") else "us")
        return lambda chunk: pa.array([_midnight(cell) for cell in chunk], kind)
    return lambda chunk: pa.array(chunk, pa.type_for_alias(packing))


def _midnight(cell: Cell) -> datetime | None:
    return datetime.combine(cell, time()) if isinstance(cell, date) else None


def _timestamp(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    if packing.startswith("local"):
        return _local(packing, cells, ZoneInfo(zone))
    unit = {"elsewhere": "us"}.get(packing, packing)
    kind = pa.timestamp(unit, "Asia/Kathmandu" if packing == "elsewhere" else "UTC")
    per = {"s": 10**6, "ms": 1000, "us": 1, "ns": 1}[unit]
    numbers = [_microseconds(cell) for cell in cells]
    if any(number is not None and number % per for number in numbers):
        raise Unfit(packing)
    times = 1000 if unit == "ns" else 1
    if any(number is not None and not -(2**63) <= number * times < 2**63 for number in numbers):
        raise Unfit(packing)

    def store(chunk: Sequence[Cell]) -> pa.Array:
        counted = [None if number is None else number * times // per for number in map(_microseconds, chunk)]
        return pa.array(counted, pa.int64()).cast(kind)

    return store


def _local(packing: str, cells: Sequence[Cell], zone: ZoneInfo) -> Stored:
    """Times without a zone, where each of them is the first on the clock that shows it."""
    unit = "ms" if packing.endswith("ms") else "us"

    def local(cell: Cell) -> datetime | None:
        return cell.astimezone(zone).replace(tzinfo=None, fold=0) if isinstance(cell, datetime) else None

    for cell in cells:
        shown = local(cell)
        if shown is not None and (
            shown.replace(tzinfo=zone).astimezone(UTC) != cell or (unit == "ms" and shown.microsecond % 1000)
        ):
            raise Unfit(packing)
    return lambda chunk: pa.array([local(cell) for cell in chunk], pa.timestamp(unit))


def _list(packing: str, cells: Sequence[Cell], zone: str) -> Stored:
    kinds = {
        "list": pa.list_(pa.string()),
        "large_list": pa.large_list(pa.string()),
        "list_view": pa.list_view(pa.string()),
        "large_list_view": pa.large_list_view(pa.string()),
        "of large_string": pa.list_(pa.large_string()),
        "of views": pa.list_(pa.string_view()),
        "of dictionary": pa.list_(pa.dictionary(pa.int8(), pa.string())),
    }
    if packing == "fixed":
        if {len(cell) for cell in cells if isinstance(cell, tuple)} != {1}:
            raise Unfit(packing)
        return lambda chunk: pa.array(_words(chunk), pa.list_(pa.string(), 1))
    return lambda chunk: pa.array(_words(chunk), kinds[packing])


def _words(chunk: Sequence[Cell]) -> list[list[str] | None]:
    return [list(cell) if isinstance(cell, tuple) else None for cell in chunk]


_WAYS: Mapping[type[Type], Callable[[str, Sequence[Cell], str], Stored]] = {
    IntegerType: _whole,
    DecimalType: _decimal,
    MoneyType: _decimal,
    FloatType: _float,
    BooleanType: _bool,
    TextType: _text,
    DateType: _date,
    TimestampType: _timestamp,
    ListType: _list,
}


def _scale(number: Fraction) -> int:
    for places in range(77):
        if 10**places % number.denominator == 0:
            return places
    raise Unfit(str(number))


def _decimals(chunk: Sequence[Cell]) -> list[Decimal | None]:
    return [_as_decimal(Fraction(cell)) if isinstance(cell, int | Fraction) else None for cell in chunk]


def _as_decimal(number: Fraction) -> Decimal:
    places = _scale(number)
    whole = number.numerator * (10**places // number.denominator)
    return Decimal((int(whole < 0), tuple(map(int, str(abs(whole)))), -places))


def _int(cell: Cell) -> int:
    assert isinstance(cell, int | Fraction)
    if cell.denominator != 1:
        raise Unfit(str(cell))
    return int(cell)


def _microseconds(cell: Cell) -> int | None:
    return (cell - EPOCH) // timedelta(microseconds=1) if isinstance(cell, datetime) else None


# --- wrappings ------------------------------------------------------------------------------------


def _plain(chunk: pa.Array, layout: ColumnLayout, number: int) -> pa.Array:
    return chunk


def _dictionary(chunk: pa.Array, layout: ColumnLayout, number: int) -> pa.Array:
    encoded = _encoded(chunk)
    return pa.DictionaryArray.from_arrays(encoded.indices.cast(pa.type_for_alias(layout.index)), encoded.dictionary)


def _two_dictionaries(chunk: pa.Array, layout: ColumnLayout, number: int) -> pa.Array:
    """Every second chunk has its dictionary the other way round."""
    encoded = _encoded(chunk)
    if number % 2 == 0 or not len(encoded.dictionary):
        return pa.DictionaryArray.from_arrays(encoded.indices, encoded.dictionary)
    turned = pc.subtract(pa.scalar(len(encoded.dictionary) - 1, pa.int32()), encoded.indices)
    return pa.DictionaryArray.from_arrays(
        turned, encoded.dictionary.take(pa.array(range(len(encoded.dictionary) - 1, -1, -1)))
    )


def _odd_dictionary(chunk: pa.Array, layout: ColumnLayout, number: int) -> pa.Array:
    """A dictionary with a null, with an entry that stands twice and with one that nothing points at.

    Nulls of the column are null indices or point at the null, in turn.
    """
    encoded = _encoded(chunk)
    values = encoded.dictionary.to_pylist()
    count = len(values)
    unused = [None] if not at.is_string(chunk.type) else [None, "unused"]
    entries = pa.array([*values, *unused, *values], chunk.type)
    indices: list[int | None] = []
    for row, index in enumerate(encoded.indices.to_pylist()):
        if index is None:
            indices.append(count if row % 2 else None)
        else:
            indices.append(index + count + len(unused) if row % 3 == 1 else index)
    padded = [0 if entries else None, None, *indices, None]
    made = pa.DictionaryArray.from_arrays(pa.array(padded, pa.type_for_alias(layout.index)), entries)
    return made.slice(2, len(indices))


def _encoded(chunk: pa.Array) -> pa.DictionaryArray:
    try:
        return chunk.dictionary_encode()
    except pa.ArrowException:
        raise Unfit("dictionary") from None


def _runs(chunk: pa.Array, layout: ColumnLayout, number: int) -> pa.Array:
    return pc.run_end_encode(chunk)


_WRAP: Mapping[str, Callable[[pa.Array, ColumnLayout, int], pa.Array]] = {
    "plain": _plain,
    "dictionary": _dictionary,
    "odd dictionary": _odd_dictionary,
    "two dictionaries": _two_dictionaries,
    "runs": _runs,
}
