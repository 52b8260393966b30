"""The files of a table, opened for reading again and again: only the columns asked for, in blocks of rows.

Nothing of a file stays open between two passes. What is read each time must be the file that was read before: one
that somebody has changed since is refused, here and where it is hashed.
"""

import codecs
import io
from array import array
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from pyarrow import fs, ipc
from pyarrow import parquet as pq

from segrules.ir.catalogue import CsvOptions, Format
from segrules.sources.blocks import Block, Part, Partitioned, Prune, gathered, slices
from segrules.sources.formats import (
    FAILURES,
    HEAD,
    CsvRows,
    alone,
    check_arrow,
    check_csv,
    check_end_of_stream,
    check_parquet,
    damaged_arrow,
    damaged_parquet,
    not_decoded,
    refuse_twice,
)
from segrules.sources.places import File
from segrules.sources.plain_csv import PlainCsv
from segrules.sources.row_groups import small_dictionaries, statistics
from segrules.sources.seen import Seen
from segrules.sources.unreadable import Unreadable, first_line

_PIECE = 2**20


@dataclass(frozen=True, slots=True, eq=False)
class Opener:
    """One file, which can be opened anew for every pass."""

    filesystem: fs.FileSystem
    file: File
    seen: Seen

    @property
    def shown(self) -> str:
        """What to call it."""
        return self.file.shown

    def open(self) -> AbstractContextManager[pa.NativeFile]:
        """Open it.

        Raises:
            Unreadable: it is not there any more, may not be read, or changed since it was opened first.
        """
        return self._watched(self._open)

    def mapped(self) -> AbstractContextManager[pa.NativeFile]:
        """Open it, on this machine as memory that the system reads as needed."""
        return self._watched(self._mapped)

    @contextmanager
    def _watched(self, opening: Callable[[], pa.NativeFile]) -> Iterator[pa.NativeFile]:
        where = (self.filesystem, self.file.path, self.shown)
        with self.seen.watched(*where), opening() as opened:
            if isinstance(self.filesystem, fs.LocalFileSystem):
                # Who takes a few rows only never comes to the end, where it is compared again.
                self.seen.compare(*where)
            yield opened

    def _open(self) -> pa.NativeFile:
        try:
            return self.filesystem.open_input_file(self.file.path)
        except FAILURES as error:
            raise Unreadable(f"`{self.shown}` cannot be read: {first_line(error)}") from None

    def _mapped(self) -> pa.NativeFile:
        if not isinstance(self.filesystem, fs.LocalFileSystem):
            return self._open()
        try:
            return pa.memory_map(self.file.path, "r")
        except FAILURES:
            return self._open()

    def ends(self) -> tuple[bytes, bytes, int]:
        """Its first bytes, its last eight, and how many it has."""
        with self.open() as opened:
            try:
                size = opened.size()
                head = opened.read(HEAD)
                opened.seek(max(size - 8, 0))
                return head, opened.read(8), size
            except FAILURES as error:
                raise Unreadable(f"`{self.shown}` cannot be read: {first_line(error)}") from None


def open_file(opener: Opener, kind: Format, wanted: Collection[str], options: CsvOptions) -> Part:
    """Look into a file, so far as it takes to know its columns; `wanted` are all that may be asked for.

    Raises:
        Unreadable: it is not such a file, is cut short or damaged, or names a wanted column twice.
    """
    part = _opened(opener, kind, wanted, options)
    return Partitioned(part, dict(opener.file.partitions)) if opener.file.partitions else part


def _opened(opener: Opener, kind: Format, wanted: Collection[str], options: CsvOptions) -> Part:
    match kind:
        case Format.PARQUET:
            return ParquetPart(opener, wanted)
        case Format.ARROW:
            return ArrowPart(opener, wanted)
        case Format.CSV:
            return CsvPart(opener, wanted, options)


class ParquetPart:
    """A Parquet file, read by row groups."""

    spelled: frozenset[str] = frozenset()
    sound = False

    def __init__(self, opener: Opener, wanted: Collection[str]) -> None:
        head, tail, size = opener.ends()
        check_parquet(head, tail, size, opener.shown)
        self._opener = opener
        with opener.open() as opened:
            try:
                file = pq.ParquetFile(opened, coerce_int96_timestamp_unit="us")
                self._schema, self._metadata = file.schema_arrow, file.metadata
                self._dictionaries = small_dictionaries(file.metadata, file.schema_arrow, wanted)
            except FAILURES as error:
                raise damaged_parquet(opener.shown, error) from None
        self.shown = opener.shown
        self.names = tuple(self._schema.names)
        self.rows: int | None = self._metadata.num_rows
        refuse_twice(self.names, wanted, self.shown)

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """Blocks out of the row groups that are kept, some of them together where they are small."""
        kept = self._kept(prune)
        with self._opener.open() as opened:
            try:
                file = pq.ParquetFile(
                    opened,
                    metadata=self._metadata,
                    read_dictionary=[name for name in self._dictionaries if name in wanted],
                    coerce_int96_timestamp_unit="us",
                    pre_buffer=True,
                )
                for start, rows, groups in _runs(kept, size):
                    yield from self._run(file, start, rows, groups, wanted, size)
            except FAILURES as error:
                raise damaged_parquet(self.shown, error) from None

    def _run(
        self, file: Any, start: int, rows: int, groups: list[int], wanted: Collection[str], size: int
    ) -> Iterator[Block]:
        names = [name for name in self.names if name in wanted]
        if alone(self._schema, names) and len(groups) > 1:
            batches = (batch for group in groups for batch in file.read_row_group(group, columns=names).to_batches())
            for block in gathered(batches, names, size):
                yield Block(start + block.start, block.rows, block.columns)
            return
        if rows > 2 * size and names:
            batches = file.iter_batches(batch_size=size, row_groups=groups, columns=names)
            for block in gathered(batches, names, size):
                yield Block(start + block.start, block.rows, block.columns)
            return
        columns = {}
        if names:
            table = file.read_row_groups(groups, columns=names)
            columns = {name: table.column(name) for name in names}
        yield from slices(columns, rows, _even(rows, size), start)

    def _kept(self, prune: Prune | None) -> list[tuple[int, int, int]]:
        """The number, the first row and the number of rows of every row group that must be read."""
        kept, start = [], 0
        for group in range(self._metadata.num_row_groups):
            rows = self._metadata.row_group(group).num_rows
            if prune is None or prune.keep(start, rows, statistics(self._metadata, self._schema, group, prune)):
                kept.append((group, start, rows))
            start += rows
        return kept


def _runs(kept: Sequence[tuple[int, int, int]], size: int) -> Iterator[tuple[int, int, list[int]]]:
    """Row groups that stand side by side and have at most `size` rows together: first row, rows, numbers."""
    begin, rows = 0, 0
    groups: list[int] = []
    for group, start, count in kept:
        if groups and (group != groups[-1] + 1 or rows + count > size):
            yield begin, rows, groups
            groups, rows = [], 0
        if not groups:
            begin = start
        groups.append(group)
        rows += count
    if groups:
        yield begin, rows, groups


def _even(rows: int, size: int) -> int:
    """The size of pieces of nearly the same size, at most `size`."""
    pieces = -(-rows // size)
    return -(-rows // pieces) if pieces else size


class ArrowPart:
    """An Arrow IPC file or stream, read by record batches."""

    spelled: frozenset[str] = frozenset()
    sound = False
    rows: int | None = None

    def __init__(self, opener: Opener, wanted: Collection[str]) -> None:
        self._head, tail, _ = opener.ends()
        self._is_file = check_arrow(self._head, opener.shown)
        self._opener = opener
        self.shown = opener.shown
        with opener.mapped() as opened:
            try:
                self.names = tuple((ipc.open_file if self._is_file else ipc.open_stream)(opened).schema.names)
            except FAILURES as error:
                raise self._damaged(error) from None
        refuse_twice(self.names, wanted, self.shown)
        if not self._is_file:
            check_end_of_stream(tail, self.shown)

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """Blocks out of the record batches."""
        del prune  # Arrow says nothing about its batches
        names = [name for name in self.names if name in wanted]
        with self._opener.mapped() as opened:
            try:
                yield from gathered(self._batches(opened, names), names, size)
            except FAILURES as error:
                raise self._damaged(error) from None

    def _batches(self, opened: pa.NativeFile, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        options = ipc.IpcReadOptions(included_fields=[self.names.index(name) for name in names or self.names[:1]])
        if self._is_file:
            reader = ipc.open_file(opened, options=options)
            yield from (reader.get_batch(index) for index in range(reader.num_record_batches))
        else:
            yield from ipc.open_stream(opened, options=options)

    def _damaged(self, error: Exception) -> Unreadable:
        return damaged_arrow(self.shown, error, self._head, is_file=self._is_file)


class CsvPart:
    """A CSV file, read some thousand lines at a time."""

    sound = False
    rows: int | None = None

    def __init__(self, opener: Opener, wanted: Collection[str], options: CsvOptions) -> None:
        check_csv(opener.ends()[0], opener.shown)
        self._opener = opener
        self._options = options
        self._wanted = wanted
        self.shown = opener.shown
        with closing(self._lines()) as lines, self._told():
            self.names = CsvRows(lines, self.shown, wanted, options).names
        self.spelled = frozenset(self.names)

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """Blocks of lines, all as text."""
        del prune  # nobody knows what is in text that was not read
        names = [name for name in self.names if name in wanted]
        read = names or self.names[:1]
        lines = array("q")
        with self._told():
            for block in gathered(self._batches(read, lines), names, size):
                yield replace(block, lines=lines[: block.rows])
                del lines[: block.rows]

    def _batches(self, names: Sequence[str], lines: "array[int]") -> Iterator[pa.RecordBatch]:
        """Batches of text, and the line of every row behind `lines`."""
        schema = pa.schema([(name, pa.string()) for name in names])
        yield pa.RecordBatch.from_arrays([pa.array([], pa.string()) for _ in names], schema=schema)
        plain = PlainCsv(self.names, self._options)
        with self._opener.open() as opened:
            for batch, numbers in plain.batches(opened, names):
                lines.extend(numbers)
                yield batch
        with closing(self._lines(plain.offset)) as text:
            resumed = (self.names, plain.line - 1) if plain.offset else None
            rows = CsvRows(text, self.shown, self._wanted, self._options, resumed)
            for columns in rows.batches(names):
                lines.extend(rows.lines)
                del rows.lines[:]
                yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _lines(self, offset: int = 0) -> Generator[str, None, None]:
        with self._opener.open() as opened:
            try:
                opened.seek(offset)
                text = io.TextIOWrapper(io.BufferedReader(opened, _PIECE), self._options.encoding, newline="")
                first = text.readline()
            except UnicodeDecodeError:
                raise
            except (LookupError, ValueError, TypeError, AttributeError):
                raise Unreadable(f"the encoding `{self._options.encoding}` is not known") from None
            yield first if offset else first.removeprefix("\ufeff")
            yield from text

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError:
            raise not_decoded(self.shown, self._options.encoding, self._undecodable()) from None
        except OSError as error:
            raise Unreadable(f"`{self.shown}` cannot be read: {first_line(error)}") from None

    def _undecodable(self) -> int:
        """The line of the first byte that cannot be decoded."""
        decoder = codecs.getincrementaldecoder(self._options.encoding)()
        lines = 0
        with self._opener.open() as opened:
            while True:
                piece = opened.read(_PIECE)
                try:
                    decoder.decode(piece, final=not piece)
                except UnicodeDecodeError as error:
                    # What the decoder held back belongs to the last line: no line feed is held back.
                    held = len(error.object) - len(piece)
                    return int(lines + piece.count(b"\n", 0, max(error.start - held, 0)) + 1)
                if not piece:
                    return int(lines + 1)
                lines += piece.count(b"\n")
