"""Bytes of one file into Arrow columns: Parquet, Arrow IPC (file or stream) and CSV."""

import codecs
import csv
import io
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc
from pyarrow import parquet as pq
from pyarrow import types as at

from segrules.ir.catalogue import CsvOptions, Format
from segrules.sources.unreadable import Unreadable, first_line

_PARQUET = b"PAR1"
_ENCRYPTED_PARQUET = b"PARE"
_ARROW_FILE = b"ARROW1"
_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_CSV_BATCH = 4_096
_LARGEST_CHUNK = 2**30
FAILURES = (OSError, ValueError, pa.ArrowException)
"""What pyarrow raises about files that are not in order."""

HEAD = 1_024
"""How many bytes of a file are enough to see what it may be."""


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


def check_parquet(head: bytes, tail: bytes, size: int, shown: str) -> None:
    """Refuse what cannot be a whole Parquet file, by its first bytes and its last four.

    Raises:
        Unreadable: it is none, is cut short or encrypted.
    """
    if head[:4] == _ENCRYPTED_PARQUET:
        raise Unreadable(f"`{shown}` is an encrypted Parquet file")
    if head[:4] != _PARQUET:
        raise Unreadable(f"`{shown}` is not a Parquet file", looks_like(head))
    if tail[-4:] != _PARQUET or size < 12:
        raise Unreadable(f"the Parquet file `{shown}` is cut short", "write or copy the file again")


def alone(schema: pa.Schema, names: Iterable[str]) -> bool:
    """Whether row groups with these columns must be read one by one.

    Arrow refuses to read dictionaries inside of lists from several at once: each has a dictionary of its own.
    """
    return any(_has_dictionary(field.type) for name in names if at.is_nested((field := schema.field(name)).type))


def _has_dictionary(kind: pa.DataType) -> bool:
    inner = [kind.field(index).type for index in range(kind.num_fields)]
    return bool(at.is_dictionary(kind)) or any(_has_dictionary(each) for each in inner)


def damaged_parquet(shown: str, error: Exception) -> Unreadable:
    """What a library found wrong with a Parquet file."""
    return Unreadable(f"the Parquet file `{shown}` is damaged: {first_line(error)}")


def _parquet(data: bytes, shown: str, wanted: Collection[str]) -> Piece:
    check_parquet(data[:HEAD], data[-4:], len(data), shown)
    try:
        # Old writers' times (INT96) reach beyond what nanoseconds can count, and would wrap around without a word.
        file = pq.ParquetFile(pa.BufferReader(data), coerce_int96_timestamp_unit="us")
        names = tuple(file.schema_arrow.names)
        refuse_twice(names, wanted, shown)
        kept = [name for name in names if name in wanted]
        if alone(file.schema_arrow, kept) and file.num_row_groups > 1:
            table = pa.concat_tables([file.read_row_group(group, columns=kept) for group in range(file.num_row_groups)])
        else:
            table = file.read(columns=kept)
        return _piece(shown, names, table, wanted, file.metadata.num_rows)
    except FAILURES as error:
        raise damaged_parquet(shown, error) from None


def check_arrow(head: bytes, shown: str) -> bool:
    """Refuse what cannot be Arrow IPC; whether it is a file (and no stream), by its first bytes.

    Raises:
        Unreadable: it is something else.
    """
    if not head or head[:4] == _PARQUET or head[:4] == b"FEA1":
        raise Unreadable(f"`{shown}` is not an Arrow file", looks_like(head))
    return head[: len(_ARROW_FILE)] == _ARROW_FILE


def check_end_of_stream(tail: bytes, shown: str) -> None:
    """Refuse a stream without its end.

    A stream may end anywhere between two batches without the reader's noticing; every writer marks its end.

    Raises:
        Unreadable: the last eight bytes are no mark.
    """
    if not tail.endswith(_END_OF_STREAM):
        raise Unreadable(f"the Arrow stream `{shown}` is cut short", "write or copy the file again")


def damaged_arrow(shown: str, error: Exception, head: bytes, *, is_file: bool) -> Unreadable:
    """What a library found wrong with an Arrow file or stream."""
    what = "Arrow file" if is_file else "Arrow stream"
    return Unreadable(f"`{shown}` cannot be read as an {what}: {first_line(error)}", looks_like(head))


def _arrow(data: bytes, shown: str, wanted: Collection[str]) -> Piece:
    is_file = check_arrow(data[:HEAD], shown)
    try:
        reader = (ipc.open_file if is_file else ipc.open_stream)(pa.BufferReader(data))
        names = tuple(reader.schema.names)
        refuse_twice(names, wanted, shown)
        table = reader.read_all()
        if not is_file:
            check_end_of_stream(data[-8:], shown)
        return _piece(shown, names, table, wanted, table.num_rows)
    except FAILURES as error:
        raise damaged_arrow(shown, error, data[:HEAD], is_file=is_file) from None


def _piece(shown: str, names: tuple[str, ...], table: pa.Table, wanted: Collection[str], rows: int) -> Piece:
    columns = {name: table.column(name) for name in names if name in wanted}
    return Piece(shown, names, columns, rows)


def refuse_twice(names: Sequence[str], wanted: Collection[str], shown: str) -> None:
    """Refuse two columns of one name, where the name is wanted.

    Raises:
        Unreadable: there are two.
    """
    twice = [name for name, count in Counter(names).items() if count > 1 and name in wanted]
    if twice:
        raise Unreadable(f"`{shown}` has more than one column `{twice[0]}`", "give every column its own name")


def looks_like(data: bytes) -> str | None:
    """What a file may be that is not what it should be, from its first bytes."""
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


def check_csv(head: bytes, shown: str) -> None:
    """Refuse what cannot be CSV, by its first bytes.

    Raises:
        Unreadable: it is something else.
    """
    if head[:4] == _PARQUET or head[: len(_ARROW_FILE)] == _ARROW_FILE or head[:2] == b"\x1f\x8b":
        raise Unreadable(f"`{shown}` is not a CSV file", looks_like(head))


class CsvRows:
    """The records of a CSV file, in order, with the line of each.

    `lines` grows with the records that were taken; lines with another number of values are counted and passed over.
    `resumed` has the columns' names and the number of lines that were read before, where `text` begins behind them.
    """

    def __init__(
        self,
        text: Iterable[str],
        shown: str,
        wanted: Collection[str],
        options: CsvOptions,
        resumed: tuple[tuple[str, ...], int] | None = None,
    ) -> None:
        self._shown = shown
        self._nulls = options.nulls
        self._uneven = 0
        self._ragged: list[str] = []
        self.lines = array("q")
        try:
            # `strict` so that a quote that is never closed stops the run and does not swallow the rows behind it.
            self._rows = csv.reader(text, delimiter=options.delimiter, strict=True)
        except (TypeError, ValueError):
            raise Unreadable(f"the delimiter `{options.delimiter}` is not one character") from None
        self._before = 0
        if resumed is not None:
            self.names, self._before = resumed
            return
        with self._told():
            self.names = tuple(next(self._rows, ()))
        if not self.names:
            raise Unreadable(f"the CSV file `{shown}` has no line of column names")
        refuse_twice(self.names, wanted, shown)

    def batches(self, kept: Sequence[str]) -> Iterator[list[pa.Array]]:
        """The columns `kept` of some thousand records after the other, as text.

        Raises:
            Unreadable: quotes do not match, or, once all records are read, some lines have other numbers of values.
        """
        places = [self.names.index(name) for name in kept]
        records = self._records()
        with self._told():
            while batch := list(islice(records, _CSV_BATCH)):
                if not self._uneven:
                    yield [
                        with_nulls(pa.array([record[at] for record in batch], pa.string()), self._nulls)
                        for at in places
                    ]
        if self._uneven:
            some = "1 line" if self._uneven == 1 else f"{self._uneven:,} lines"
            do, values = "does" if self._uneven == 1 else "do", "value" if len(self.names) == 1 else "values"
            raise Unreadable(
                f"{some} of the CSV file `{self._shown}` {do} not have {len(self.names):,} {values}",
                "check the delimiter, and quote values that contain it",
                tuple(self._ragged),
            )

    def _records(self) -> Iterator[list[str]]:
        line = self._before + self._rows.line_num + 1
        for record in self._rows:
            if len(record) == len(self.names):
                self.lines.append(line)
                yield record
            elif record:  # a blank line is no row
                self._uneven += 1
                if len(self._ragged) < 5:
                    values = "value" if len(record) == 1 else "values"
                    self._ragged.append(f"line {line}: {len(record):,} {values}")
            line = self._before + self._rows.line_num + 1

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except csv.Error as error:
            line = self._before + self._rows.line_num
            is_too_long = "field limit" in str(error)
            raise Unreadable(
                f"the CSV file `{self._shown}` is malformed in line {line}: {first_line(error)}",
                "the value is too long; perhaps a quote before it is never closed"
                if is_too_long
                else "a quoted value ends with a quote, and a quote inside it is written twice",
            ) from None
        except UnicodeEncodeError:
            raise Unreadable(f"the CSV file `{self._shown}` holds half characters (lone surrogates)") from None


def _csv(data: bytes, shown: str, wanted: Collection[str], options: CsvOptions) -> Piece:
    check_csv(data[:HEAD], shown)
    rows = CsvRows(io.StringIO(_decoded(data, shown, options.encoding), newline=""), shown, wanted, options)
    kept = [name for name in rows.names if name in wanted]
    chunks: list[list[pa.Array]] = [[] for _ in kept]
    for batch in rows.batches(kept):
        for chunk, values in zip(chunks, batch, strict=True):
            chunk.append(values)
    columns = {name: _merged(pa.chunked_array(chunk, pa.string())) for name, chunk in zip(kept, chunks, strict=True)}
    return Piece(shown, rows.names, columns, len(rows.lines), frozenset(kept), rows.lines)


def not_decoded(shown: str, encoding: str, line: int) -> Unreadable:
    """A file that is not written in its encoding."""
    return Unreadable(
        f"the CSV file `{shown}` is not written in `{encoding}` (line {line})",
        "declare the encoding of the file, for example `encoding: cp1252`",
    )


def _decoded(data: bytes, shown: str, encoding: str) -> str:
    try:
        return codecs.decode(data, encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise not_decoded(shown, encoding, line) from None
    except (LookupError, ValueError, TypeError, AttributeError):
        raise Unreadable(f"the encoding `{encoding}` is not known") from None


def _merged(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # One chunk lets every distinct text be parsed once; but a chunk of text has room for 2 GiB only.
    return pa.chunked_array([column.combine_chunks()]) if column.nbytes < _LARGEST_CHUNK else column


def with_nulls(values: pa.Array, nulls: Sequence[str]) -> pa.Array:
    """Texts that stand for null into null."""
    if not nulls:
        return values
    is_null = pc.is_in(values, value_set=pa.array(nulls, pa.string()))
    return pc.if_else(is_null, pa.scalar(None, pa.string()), values)
