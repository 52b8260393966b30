"""Data that a Python program has in memory as a table of the catalogue: Arrow, data frames, mappings and paths.

No other library is loaded for it: what comes in is known by its own methods.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from segrules.diagnostics.errors import BadInput
from segrules.ir.catalogue import Catalogue, Table
from segrules.sources.blocks import Block, InMemory, Part, Prune, gathered
from segrules.sources.expected import Expected, expect
from segrules.sources.formats import FAILURES, refuse_twice
from segrules.sources.problems import TableProblems, as_finding
from segrules.sources.stream import TableSource, file_source
from segrules.sources.unreadable import Unreadable, first_line

_HELP = (
    "give a path, a pyarrow table, record batch, reader or dataset, a pandas or polars data frame, "
    "or a mapping of column names to arrays or lists"
)
_BROKEN = (*FAILURES, TypeError, OverflowError, KeyError)


def given_source(
    catalogue: Catalogue,
    table: Table,
    data: object,
    as_of: datetime,
    *,
    unique_keys: Collection[str] | None = None,
) -> TableSource:
    """A table of the catalogue out of what a program has: a path, or data whose columns have their names in the data.

    Data in memory are not copied where they have Arrow's form already; a reader is read to its end at once, and only
    the columns of the catalogue are kept. A path counts from the current folder, as one on the command line.
    `unique_keys` are the keys whose values are compared with each other, all of them where it is None.

    Raises:
        BadInput: `data` is nothing of the kind, or cannot be made into columns.
    """
    if isinstance(data, (str, os.PathLike)):
        path = os.fspath(data)
        if isinstance(path, str):
            return file_source(catalogue, table, Path(), as_of, path, unique_keys=unique_keys)
    wanted = frozenset(_physical(table))
    try:
        part = _part(table, data, wanted)
    except _BROKEN as error:
        raise BadInput(
            f"the data given for table `{table.name}` ({_kind(data)}) cannot be made into columns: {first_line(error)}",
            help=_HELP,
        ) from error
    expecting = lambda: expect(catalogue, table, as_of, unique_keys)  # noqa: E731
    return TableSource(table, _Given(table, part), expecting, in_memory=isinstance(part, InMemory))


def _physical(table: Table) -> Iterator[str]:
    for column in table.columns.values():
        yield column.physical
        if column.currency_column is not None:
            yield column.currency_column


@dataclass(frozen=True, slots=True, eq=False)
class _Given:
    """Data in memory: one part, and no file to hash."""

    table: Table
    part: Part

    def parts(self, expected: Expected) -> tuple[Part, ...]:
        """The one part there is."""
        try:
            refuse_twice(self.part.names, expected.wanted, self.part.shown)
        except Unreadable as error:
            raise TableProblems((as_finding(self.table, error),)) from None
        return (self.part,)

    def digest(self) -> None:
        """There is nothing to hash."""


def _part(table: Table, data: Any, wanted: Collection[str]) -> Part:
    match data:
        case pa.Table():
            return _of_table(data, wanted)
        case pa.RecordBatch():
            return _of_table(pa.Table.from_batches([data]), wanted)
        case pa.RecordBatchReader():
            return _of_reader(data, wanted)
        case Mapping():
            return _of_mapping(table, data, wanted)
        case _:
            return _by_its_methods(table, data, wanted)


def _by_its_methods(table: Table, data: Any, wanted: Collection[str]) -> Part:
    if _is_of(data, "pyarrow", "Dataset"):
        return _OfDataset(data)
    if _is_of(data, "pyarrow", "Scanner"):
        return _of_reader(data.to_reader(), wanted)
    if _is_of(data, "pandas", "DataFrame"):
        return _of_pandas(data, wanted)
    if _is_of(data, "polars", "LazyFrame"):
        data = data.collect()
    if isinstance(data, type):
        raise _wrong(table, data)
    if hasattr(data, "__arrow_c_stream__"):
        return _of_reader(_structures(table, data, pa.RecordBatchReader.from_stream), wanted)
    if hasattr(data, "__arrow_c_array__"):
        return _of_table(pa.Table.from_batches([_structures(table, data, pa.record_batch)]), wanted)
    raise _wrong(table, data)


def _structures(table: Table, data: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(data)
    except _BROKEN:
        raise _wrong(table, data) from None


def _wrong(table: Table, data: object) -> BadInput:
    return BadInput(f"the data given for table `{table.name}` are {_kind(data)}, which is no table", help=_HELP)


def _kind(data: object) -> str:
    of = type(data)
    name = of.__qualname__ if of.__module__ == "builtins" else f"{of.__module__}.{of.__qualname__}"
    return f"of type `{name}`"


def _of_table(table: pa.Table, wanted: Collection[str]) -> InMemory:
    names = tuple(table.schema.names)
    columns = {name: table.column(index) for index, name in enumerate(names) if name in wanted}
    return InMemory(names, columns, table.num_rows)


def _of_reader(reader: pa.RecordBatchReader, wanted: Collection[str]) -> InMemory:
    names = tuple(reader.schema.names)
    kept = [index for index, name in enumerate(names) if name in wanted]
    schema = pa.schema([reader.schema.field(index) for index in kept])
    chunks: list[list[pa.Array]] = [[] for _ in kept]
    rows = 0
    for batch in reader:
        rows += batch.num_rows
        for column, index in zip(chunks, kept, strict=True):
            column.append(batch.column(index))
    arrays = [pa.chunked_array(column, of.type) for column, of in zip(chunks, schema, strict=True)]
    return InMemory(names, dict(zip(schema.names, arrays, strict=True)), rows)


def _is_of(data: object, library: str, name: str) -> bool:
    """Whether data are of a class of a library, which need not be loaded for the question."""
    return any(of.__name__ == name and of.__module__.partition(".")[0] == library for of in type(data).__mro__)


def _of_pandas(frame: Any, wanted: Collection[str]) -> InMemory:
    names = tuple(str(name) for name in frame.columns)
    kept = [index for index, name in enumerate(names) if name in wanted]
    table = pa.Table.from_pandas(frame.iloc[:, kept], preserve_index=False)
    columns = {names[place]: table.column(index) for index, place in enumerate(kept)}
    return InMemory(names, columns, len(frame))


def _of_mapping(table: Table, data: Mapping[Any, Any], wanted: Collection[str]) -> InMemory:
    columns = {name: _column(table, name, values) for name, values in data.items() if name in wanted}
    counts = {name: len(column) for name, column in columns.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"`{name}` has {count:,}" for name, count in counts.items())
        raise BadInput(
            f"the columns given for table `{table.name}` have different numbers of rows: {told}",
            help="give every column the same number of values",
        )
    rows = next(iter(counts.values())) if counts else _length(data)
    return InMemory(tuple(str(name) for name in data), columns, rows)


def _length(data: Mapping[Any, Any]) -> int:
    return next((len(values) for values in data.values() if hasattr(values, "__len__")), 0)


def _column(table: Table, name: str, values: Any) -> pa.ChunkedArray:
    if isinstance(values, pa.ChunkedArray):
        return values
    if isinstance(values, (str, bytes)) or not _is_column(values):
        raise BadInput(
            f"column `{name}` given for table `{table.name}` is {_kind(values)}, expected an array or a list",
            help=_HELP,
        )
    try:
        if hasattr(values, "__arrow_c_stream__") and not _is_of(values, "pandas", "Series"):
            return pa.chunked_array(values)
        made = values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
    except _BROKEN as error:
        raise BadInput(
            f"column `{name}` given for table `{table.name}` cannot be made into an array: {first_line(error)}",
            help="give all values one type, for example as a pyarrow array",
        ) from error
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _is_column(values: Any) -> bool:
    marks = ("__arrow_c_array__", "__arrow_c_stream__", "__arrow_array__", "__array__")
    return isinstance(values, (pa.Array, Sequence)) or any(hasattr(values, mark) for mark in marks)


class _OfDataset:
    """A dataset of pyarrow, scanned anew for every pass."""

    shown = "the dataset given"
    spelled: frozenset[str] = frozenset()
    sound = False
    rows: int | None = None

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.names = tuple(dataset.schema.names)

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """What a scan of the columns gives."""
        del prune  # its fragments may be of any format
        names = [name for name in self.names if name in wanted]
        try:
            batches = self._dataset.scanner(columns=names or list(self.names[:1]), batch_size=size).to_batches()
            yield from gathered(batches, names, size)
        except FAILURES as error:
            raise Unreadable(f"{self.shown} cannot be read: {first_line(error)}") from None
