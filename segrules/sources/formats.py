"""Bytes of one file into Arrow columns: Parquet, Arrow IPC (file or stream) and CSV."""

import codecs
import csv
import io
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc
from pyarrow import parquet as pq

from segrules.ir.catalogue import CsvOptions, Format
from segrules.sources.unreadable import Unreadable, first_line

if TYPE_CHECKING:
    from _csv import Reader

_PARQUET = b"PAR1"
_ENCRYPTED_PARQUET = b"PARE"
_ARROW_FILE = b"ARROW1"
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_CSV_BATCH = 4_096
_LARGEST_CHUNK = 2**30
_FAILURES = (OSError, ValueError, pa.ArrowException)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The columns of one file that were asked for and are there.

    `names` are all columns of the file. Columns in `spelled` are text that stands for values of the catalogue's
    type: all of a CSV file, and Hive partitions. `lines` has the line of every row where rows are lines of text.
    """

    shown: str
    names: tuple[str, ...]
    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    spelled: frozenset[str] = frozenset()
    lines: Sequence[int] | None = None

    def with_partitions(self, partitions: Sequence[tuple[str, str | None]]) -> "Piece":
        """The piece with a column of one value for every partition; a column of the file of that name gives way."""
        added = {
            name: pa.chunked_array([pa.repeat(pa.scalar(value, pa.string()), self.rows)]) for name, value in partitions
        }
        names = tuple(dict.fromkeys((*self.names, *added)))
        return Piece(
            self.shown, names, {**self.columns, **added}, self.rows, self.spelled | frozenset(added), self.lines
        )


def read_piece(data: bytes, kind: Format, shown: str, wanted: Collection[str], options: CsvOptions) -> Piece:
    """Read the `wanted` columns of a file; columns that are not there are left to the caller to miss.

    Raises:
        Unreadable: the bytes are not such a file, are cut short or damaged, or name a wanted column twice.
    """
    match kind:
        case Format.PARQUET:
            return _parquet(data, shown, wanted)
        case Format.ARROW:
            return _arrow(data, shown, wanted)
        case Format.CSV:
            return _csv(data, shown, wanted, options)


def _parquet(data: bytes, shown: str, wanted: Collection[str]) -> Piece:
    if data[:4] == _ENCRYPTED_PARQUET:
        raise Unreadable(f"`{shown}` is an encrypted Parquet file")
    if data[:4] != _PARQUET:
        raise Unreadable(f"`{shown}` is not a Parquet file", _looks_like(data))
    if data[-4:] != _PARQUET or len(data) < 12:
        raise Unreadable(f"the Parquet file `{shown}` is cut short", "write or copy the file again")
    try:
        # Old writers' times (INT96) reach beyond what nanoseconds can count, and would wrap around without a word.
        file = pq.ParquetFile(pa.BufferReader(data), coerce_int96_timestamp_unit="us")
        names = tuple(file.schema_arrow.names)
        _refuse_twice(names, wanted, shown)
        table = file.read(columns=[name for name in names if name in wanted])
        return _piece(shown, names, table, wanted, file.metadata.num_rows)
    except _FAILURES as error:
        raise Unreadable(f"the Parquet file `{shown}` is damaged: {first_line(error)}") from None


def _arrow(data: bytes, shown: str, wanted: Collection[str]) -> Piece:
    if not data or data[:4] == _PARQUET or data[:4] == b"FEA1":
        raise Unreadable(f"`{shown}` is not an Arrow file", _looks_like(data))
    is_file = data[: len(_ARROW_FILE)] == _ARROW_FILE
    try:
        reader = (ipc.open_file if is_file else ipc.open_stream)(pa.BufferReader(data))
        names = tuple(reader.schema.names)
        _refuse_twice(names, wanted, shown)
        table = reader.read_all()
        # A stream may end anywhere between two batches without the reader's noticing; every writer marks its end.
        if not is_file and not data.endswith(_END_OF_STREAM):
            raise Unreadable(f"the Arrow stream `{shown}` is cut short", "write or copy the file again")
        return _piece(shown, names, table, wanted, table.num_rows)
    except _FAILURES as error:
        what = "Arrow file" if is_file else "Arrow stream"
        raise Unreadable(f"`{shown}` cannot be read as an {what}: {first_line(error)}", _looks_like(data)) from None


def _piece(shown: str, names: tuple[str, ...], table: pa.Table, wanted: Collection[str], rows: int) -> Piece:
    columns = {name: table.column(name) for name in names if name in wanted}
    return Piece(shown, names, columns, rows)


def _refuse_twice(names: Sequence[str], wanted: Collection[str], shown: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1 and name in wanted]
    if twice:
        raise Unreadable(f"`{shown}` has more than one column `{twice[0]}`", "give every column its own name")


def _looks_like(data: bytes) -> str | None:
    if not data:
        return "the file is empty"
    if data[:4] == _PARQUET:
        return "the file looks like Parquet: declare `format: parquet`"
    if data[: len(_ARROW_FILE)] == _ARROW_FILE:
        return "the file looks like Arrow: declare `format: arrow`"
    if data[:4] == b"FEA1":
        return "the file is Feather version 1: write it again as Arrow IPC"
    if data[:2] == b"\x1f\x8b":
        return "the file is compressed: unpack it"
    head = data[:1024]
    if b"\x00" not in head and any(mark in head.partition(b"\n")[0] for mark in (b",", b";", b"\t", b"|")):
        return "the file looks like CSV: declare `format: csv`"
    return None


def _csv(data: bytes, shown: str, wanted: Collection[str], options: CsvOptions) -> Piece:
    if data[:4] == _PARQUET or data[: len(_ARROW_FILE)] == _ARROW_FILE or data[:2] == b"\x1f\x8b":
        raise Unreadable(f"`{shown}` is not a CSV file", _looks_like(data))
    text = _decoded(data, shown, options.encoding)
    try:
        # `strict` so that a quote that is never closed stops the run and does not swallow the rows behind it.
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=options.delimiter, strict=True)
    except (TypeError, ValueError):
        raise Unreadable(f"the delimiter `{options.delimiter}` is not one character") from None
    try:
        names = tuple(next(rows, ()))
        if not names:
            raise Unreadable(f"the CSV file `{shown}` has no line of column names")
        _refuse_twice(names, wanted, shown)
        return _csv_rows(rows, shown, names, [name for name in names if name in wanted], options.nulls)
    except csv.Error as error:
        raise Unreadable(
            f"the CSV file `{shown}` is malformed in line {rows.line_num}: {first_line(error)}",
            "a quoted value ends with a quote, and a quote inside it is written twice",
        ) from None
    except UnicodeEncodeError:
        raise Unreadable(f"the CSV file `{shown}` holds half characters (lone surrogates)") from None


def _decoded(data: bytes, shown: str, encoding: str) -> str:
    try:
        return codecs.decode(data, encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            f"the CSV file `{shown}` is not written in `{encoding}` (line {line})",
            "declare the encoding of the file, for example `encoding: cp1252`",
        ) from None
    except (LookupError, ValueError, TypeError, AttributeError):
        raise Unreadable(f"the encoding `{encoding}` is not known") from None


def _csv_rows(rows: "Reader", shown: str, names: tuple[str, ...], kept: Sequence[str], nulls: Sequence[str]) -> Piece:
    places = [names.index(name) for name in kept]
    lines = array("q")
    ragged: list[str] = []
    uneven = 0
    chunks: list[list[pa.Array]] = [[] for _ in kept]

    def records() -> Iterator[list[str]]:
        nonlocal uneven
        line = rows.line_num + 1
        for record in rows:
            if len(record) == len(names):
                lines.append(line)
                yield record
            elif record:  # a blank line is no row
                uneven += 1
                if len(ragged) < 5:
                    ragged.append(f"line {line}: {len(record)} values")
            line = rows.line_num + 1

    read = records()
    while batch := list(islice(read, _CSV_BATCH)):
        for chunk, place in zip(chunks, places, strict=True):
            chunk.append(_with_nulls(pa.array([record[place] for record in batch], pa.string()), nulls))
    if uneven:
        raise Unreadable(
            f"{uneven:,} lines of the CSV file `{shown}` do not have {len(names):,} values",
            "check the delimiter, and quote values that contain it",
            tuple(ragged),
        )
    columns = {name: _merged(pa.chunked_array(chunk, pa.string())) for name, chunk in zip(kept, chunks, strict=True)}
    return Piece(shown, names, columns, len(lines), frozenset(kept), lines)


def _merged(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # One chunk lets every distinct text be parsed once; but a chunk of text has room for 2 GiB only.
    return pa.chunked_array([column.combine_chunks()]) if column.nbytes < _LARGEST_CHUNK else column


def _with_nulls(values: pa.Array, nulls: Sequence[str]) -> pa.Array:
    if not nulls:
        return values
    is_null = pc.is_in(values, value_set=pa.array(nulls, pa.string()))
    return pc.if_else(is_null, pa.scalar(None, pa.string()), values)
