"""CSV without quotes, which is most of it, as whole blocks of text columns; all else is left to `formats.CsvRows`.

A block is plain where every reader of CSV would find the same in it: no quotes, no blank lines, the same number of
values in every line, text of the file's encoding.
"""

import codecs
from collections.abc import Iterator, Sequence
from csv import Error, reader
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import csv

from segrules.ir.catalogue import CsvOptions

_BLOCK = 16 * 2**20
_LONGEST = 100_000
"""Python's own reader refuses values that are a little longer than this."""


@dataclass(slots=True)
class PlainCsv:
    """The plain blocks at the beginning of a CSV file, and where they end: the next byte, and its line."""

    names: Sequence[str]
    options: CsvOptions
    offset: int = 0
    line: int = 1

    def batches(self, opened: pa.NativeFile, kept: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, range]]:
        """The columns `kept` of the blocks before the first that is not plain, and the lines of their rows."""
        if not self._is_known() or not self._passed_header(opened):
            return
        rest = b""
        while piece := opened.read(_BLOCK):
            block, mark, rest = (rest + piece).rpartition(b"\n")
            if not mark:
                return
            yield from self._plain(block + mark, kept)
            if self.offset + len(rest) != opened.tell():
                return
        if rest:
            yield from self._plain(rest, kept)

    def _is_known(self) -> bool:
        mark = self.options.delimiter
        try:
            is_utf8 = codecs.lookup(self.options.encoding).name == "utf-8"
        except (LookupError, ValueError, TypeError):
            return False
        return is_utf8 and len(mark) == 1 and mark.isascii() and mark not in '"\r\n\0'

    def _passed_header(self, opened: pa.NativeFile) -> bool:
        head, mark, _ = opened.read(_LONGEST).partition(b"\n")
        if not mark or b"\r" in head[:-1] or not self._is_header(head):
            return False
        self.offset, self.line = len(head) + 1, 2
        opened.seek(self.offset)
        return True

    def _is_header(self, head: bytes) -> bool:
        # A name with a line feed goes on in the next line: then this is not all of the header.
        try:
            text = head.decode("utf-8").removeprefix("\ufeff")
            return list(reader([text], delimiter=self.options.delimiter, strict=True)) == [list(self.names)]
        except (UnicodeDecodeError, Error):
            return False

    def _plain(self, block: bytes, kept: Sequence[str]) -> Iterator[tuple[pa.RecordBatch, range]]:
        rows = _rows(block)
        read = self._read(block, kept) if rows is not None else None
        if read is None or read.num_rows != rows:
            return
        first = self.line
        self.offset += len(block)
        self.line += rows or 0
        for batch in read.to_batches():
            yield batch, range(first, first + batch.num_rows)
            first += batch.num_rows

    def _read(self, block: bytes, kept: Sequence[str]) -> pa.Table | None:
        places = {name: str(self.names.index(name)) for name in kept}
        try:
            block.decode("utf-8")
            table = csv.read_csv(
                pa.BufferReader(block),
                csv.ReadOptions(column_names=[str(place) for place in range(len(self.names))]),
                csv.ParseOptions(delimiter=self.options.delimiter, quote_char=False, ignore_empty_lines=False),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(places.values(), pa.string()),
                    include_columns=list(places.values()),
                    null_values=list(self.options.nulls),
                    strings_can_be_null=True,
                ),
            )
        except (UnicodeDecodeError, pa.ArrowException):
            return None
        return table.rename_columns(list(kept))


def _rows(block: bytes) -> int | None:
    """How many lines there are, None where the block is not plain."""
    # Arrow takes a byte order mark at the beginning of a block for none of its text.
    if (
        b'"' in block
        or b"\0" in block
        or block.startswith(codecs.BOM_UTF8)
        or block.count(b"\r") != block.count(b"\r\n")
    ):
        return None
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
    starts = np.concatenate([[-1], ends])
    lengths = np.diff(starts) if block.endswith(b"\n") else np.diff(np.append(starts, len(block)))
    shortest = 2 if b"\r" in block else 1
    return len(lengths) if lengths.min() > shortest and lengths.max() < _LONGEST else None
