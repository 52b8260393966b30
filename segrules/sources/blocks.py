"""Parts of a table (its files, or data in memory) as blocks of rows, columns still as they are stored."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import pyarrow as pa
from pyarrow import types as at

from segrules.ir.catalogue import Column, Table
from segrules.sources.cast import Zones, is_text
from segrules.sources.formats import FAILURES
from segrules.sources.packed import constant, packed_text
from segrules.sources.plain import cells
from segrules.sources.sound import check_codes
from segrules.sources.spelled import parse
from segrules.sources.unreadable import Unreadable, first_line
from segrules.types.cells import Cell

Stored = Mapping[str, pa.Array]
"""Columns as they are stored, by their names in the data."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The least and the greatest value of a column in a row group, exactly, and how many rows are null.

    What is not known is None. Where all rows are null, `nulls` is `rows` and there is no least and no greatest value.
    Infinities and all other numbers count, NaN is null.
    """

    minimum: Cell
    maximum: Cell
    nulls: int | None
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of a part: the number of the first one in its part, how many there are, and their columns.

    `lines` has the line of every row where rows are lines of text.
    """

    start: int
    rows: int
    columns: Stored
    lines: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Prune:
    """Which row groups need not be read.

    `keep` is told the number of the first row in the part, the number of rows, and statistics by the catalogue's
    names of `columns`; columns are left out where nothing exact is known.
    """

    table: Table
    columns: Mapping[str, Column]
    zones: Mapping[str, Zones]
    keep: Callable[[int, int, Mapping[str, Statistics]], bool]


class Part(Protocol):
    """A file of a table, or data in memory."""

    @property
    def shown(self) -> str:
        """What to call it in messages."""

    @property
    def names(self) -> tuple[str, ...]:
        """All its columns."""

    @property
    def rows(self) -> int | None:
        """How many rows it has, None where that is not known without reading them."""

    @property
    def spelled(self) -> frozenset[str]:
        """Columns of text that stands for values of the catalogue's type."""

    @property
    def sound(self) -> bool:
        """Whether it comes out of a library in this process, and not out of a file that may be damaged."""

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """Blocks of at most `size` rows with the `wanted` columns, all of which are there.

        Raises:
            Unreadable: the part is damaged.
        """


def slices(columns: Mapping[str, pa.ChunkedArray], rows: int, size: int, start: int = 0) -> Iterator[Block]:
    """Blocks of `size` rows of whole columns; only what crosses chunks is copied."""
    for first in range(0, max(rows, 1), size):
        count = min(size, rows - first)
        yield Block(start + first, count, {name: one(of.slice(first, count)) for name, of in columns.items()})


def one(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array, copied only where it has several.

    Where Arrow cannot join them as they are, dictionaries of text get wider codes, others are undone, and text that
    is too long for one array becomes wide text.

    Raises:
        pa.ArrowException: they cannot be joined at all, being damaged.
        ValueError: they are damaged.
    """
    # What is empty may come with buffers that are too short even for nothing; Arrow fails to join those.
    chunks = [chunk for chunk in column.chunks if len(chunk)]
    if len(chunks) < 2:
        return chunks[0] if chunks else pa.nulls(0, column.type)
    for chunk in chunks:
        # Arrow joins without a look: codes beyond a dictionary would read what is not there.
        chunk.validate()
        if at.is_dictionary(chunk.type):
            check_codes(chunk)
    if at.is_dictionary(column.type) and not is_text(column.type):
        # They are undone later on anyway; and Arrow makes other numbers of half floats when it joins dictionaries.
        return pa.concat_arrays([packed_text(chunk) for chunk in chunks])
    try:
        return pa.concat_arrays(chunks)
    except pa.ArrowException:
        return _joined([packed_text(chunk) for chunk in chunks])


def _joined(chunks: Sequence[pa.Array]) -> pa.Array:
    if at.is_dictionary(chunks[0].type):
        chunks = [pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), chunk.dictionary) for chunk in chunks]
    try:
        return pa.concat_arrays(chunks)
    except pa.ArrowException:
        if not is_text(chunks[0].type):
            raise
        # An array of text has room for 2 GiB only.
        return pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in chunks])


def gathered(batches: Iterable[pa.RecordBatch], names: Collection[str], size: int) -> Iterator[Block]:
    """Record batches of any size as blocks of `size` rows; only what crosses batches is copied."""
    start = rows = 0
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows < size:
            continue
        whole = rows - rows % size
        table = pa.Table.from_batches(held)
        yield from slices(_columns(table.slice(0, whole), names), whole, size, start)
        start += whole
        rows -= whole
        held = table.slice(whole).to_batches() if rows else []
    if held:
        yield from slices(_columns(pa.Table.from_batches(held), names), rows, size, start)


def _columns(table: pa.Table, names: Collection[str]) -> dict[str, pa.ChunkedArray]:
    return {name: table.column(name) for name in names}


@dataclass(frozen=True, slots=True, eq=False)
class InMemory:
    """A table in memory as a part."""

    names: tuple[str, ...]
    columns: Mapping[str, pa.ChunkedArray]
    rows: int
    shown: str = "the data given"
    spelled: frozenset[str] = frozenset()
    sound: bool = True
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """What to do about columns that are there, but not as columns of that name."""

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """Slices of the columns."""
        del prune  # nothing is gained by leaving rows out that are there already
        try:
            if self.rows:
                yield from slices({name: self.columns[name] for name in wanted}, self.rows, size)
            else:
                # Columns without chunks have no type that could be wrong.
                yield Block(0, 0, {name: one(of) for name in wanted if (of := self.columns[name]).num_chunks})
        except FAILURES as error:
            raise Unreadable(f"{self.shown} cannot be read: {first_line(error)}") from None


@dataclass(frozen=True, slots=True, eq=False)
class Partitioned:
    """A part with a column of one value for every `name=value` folder; a column of the file of that name gives way."""

    part: Part
    partitions: Mapping[str, str | None]
    shown: str = field(init=False)
    names: tuple[str, ...] = field(init=False)
    rows: int | None = field(init=False)
    spelled: frozenset[str] = field(init=False)
    sound: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.part.shown)
        object.__setattr__(self, "names", tuple(dict.fromkeys((*self.part.names, *self.partitions))))
        object.__setattr__(self, "rows", self.part.rows)
        object.__setattr__(self, "spelled", self.part.spelled | frozenset(self.partitions))

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """The blocks of the file, and what its folders say."""
        within = [name for name in wanted if name not in self.partitions]
        added = {name: value for name, value in self.partitions.items() if name in wanted}
        for block in self.part.blocks(within, size, prune and self._told(prune)):
            columns = {name: constant(value, block.rows) for name, value in added.items()}
            yield replace(block, columns={**block.columns, **columns})

    def _told(self, prune: Prune) -> Prune:
        within = {name: column for name, column in prune.columns.items() if column.physical not in self.partitions}
        of_folders = {name: column for name, column in prune.columns.items() if name not in within}
        values = {name: self._value(column, prune) for name, column in of_folders.items()}

        def keep(start: int, rows: int, known: Mapping[str, Statistics]) -> bool:
            added = {name: _of_one(value[0], rows) for name, value in values.items() if value is not None}
            return prune.keep(start, rows, {**known, **added})

        return replace(prune, columns=within, keep=keep)

    def _value(self, column: Column, prune: Prune) -> tuple[Cell] | None:
        text = self.partitions[column.physical]
        made = parse(constant(text, 1), column.type, prune.table.csv, prune.zones[column.name])
        if made is None or made.times is not None:
            return None
        (cell,) = cells(column.type, pa.chunked_array([made.values]))
        return None if cell is None and text is not None else (cell,)


def _of_one(cell: Cell, rows: int) -> Statistics:
    return Statistics(cell, cell, rows if cell is None else 0, rows)
