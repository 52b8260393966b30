"""Data that a Python program has in memory as a table of the catalogue: Arrow, data frames, mappings and paths.

No other library is loaded for it: what comes in is known by its own methods.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import types as at

from segrules.diagnostics.errors import BadInput
from segrules.ir.catalogue import Catalogue, Table
from segrules.sources.blocks import Block, InMemory, Part, Prune, gathered
from segrules.sources.expected import Expected, expect
from segrules.sources.formats import FAILURES, refuse_twice
from segrules.sources.problems import TableProblems, as_finding
from segrules.sources.stream import TableSource, file_source
from segrules.sources.unreadable import Unreadable, first_line

_HELP = (
    "give a path, a pyarrow table, record batch (or several), reader or dataset, a pandas or polars data frame, "
    "or a mapping of column names to arrays or lists"
)


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
            if not path:
                raise BadInput(f"the path of table `{table.name}` is empty", help="name a file or a folder")
            return file_source(catalogue, table, Path(), as_of, path, unique_keys=unique_keys)
    wanted = frozenset(_physical(table))
    try:
        part = _part(table, data, wanted)
    except BadInput:
        raise
    except Exception as error:
        # Drivers of databases raise exceptions of their own, and so does whatever a lazy frame reads.
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
            return _of_reader(_filled(table, data), data.schema, wanted)
        case Mapping():
            return _of_mapping(table, data, wanted)
        case list() | tuple() | Iterator() if not hasattr(data, "__arrow_c_stream__"):
            return _of_batches(table, data, wanted)
        case _:
            return _by_its_methods(table, data, wanted)


def _by_its_methods(table: Table, data: Any, wanted: Collection[str]) -> Part:
    if _is_of(data, "pyarrow", "Dataset"):
        return _OfDataset(data)
    if _is_of(data, "pyarrow", "Scanner"):
        reader = data.to_reader()
        return _of_reader(reader, reader.schema, wanted)
    if _is_of(data, "pandas", "DataFrame"):
        return _of_pandas(table, data, wanted)
    if _is_of(data, "polars", "LazyFrame"):
        data = data.collect()
    if isinstance(data, type):
        raise _wrong(table, data)
    if hasattr(data, "__arrow_c_stream__"):
        reader = _structures(table, data, pa.RecordBatchReader.from_stream)
        return _of_reader(_filled(table, reader) if _is_read_once(data) else reader, reader.schema, wanted)
    if hasattr(data, "__arrow_c_array__"):
        return _of_table(pa.Table.from_batches([_structures(table, data, pa.record_batch)]), wanted)
    raise _wrong(table, data)


def _structures(table: Table, data: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(data)
    except (TypeError, pa.ArrowInvalid) as error:
        raise _wrong(table, data) from error


def _is_read_once(data: Any) -> bool:
    return hasattr(data, "__next__") or hasattr(data, "read_next_batch")


def _filled(table: Table, batches: Iterable[Any]) -> Iterator[Any]:
    """What a reader gives, which must be something: one that was read before gives nothing, and no error."""
    batch = None
    for batch in batches:
        yield batch
    if batch is None:
        raise BadInput(
            f"the reader given for `{table.name}` gave no batch; was it used before?",
            help="give a new reader, or for no rows a table: `reader.read_all()`",
        )


def _of_batches(table: Table, data: Iterable[Any], wanted: Collection[str]) -> InMemory:
    """Record batches and tables one after the other, which may be a generator's."""
    batches = iter(data if isinstance(data, (list, tuple)) else _filled(table, data))
    first = next(batches, None)
    if not isinstance(first, (pa.RecordBatch, pa.Table)):
        raise _wrong(table, data)
    return _of_reader(chain([first], batches), first.schema, wanted)


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


def _of_reader(batches: Iterable[Any], of: pa.Schema, wanted: Collection[str]) -> InMemory:
    names = tuple(of.names)
    kept = [index for index, name in enumerate(names) if name in wanted]
    schema = pa.schema([of.field(index) for index in kept])
    chunks: list[list[pa.Array]] = [[] for _ in kept]
    rows = 0
    for number, batch in enumerate(batches, 1):
        if not isinstance(batch, (pa.RecordBatch, pa.Table)):
            raise TypeError(f"batch {number:,} is {_kind(batch)}")
        if (batch.schema.names, batch.schema.types) != (of.names, of.types):
            raise ValueError(f"batch {number:,} has other columns than the schema says, or the same in other types")
        rows += batch.num_rows
        for column, index in zip(chunks, kept, strict=True):
            column.extend(pa.chunked_array(batch.column(index)).chunks)
    arrays = [pa.chunked_array(column, of.type) for column, of in zip(chunks, schema, strict=True)]
    return InMemory(names, dict(zip(schema.names, arrays, strict=True)), rows)


def _is_of(data: object, library: str, name: str) -> bool:
    """Whether data are of a class of a library, which need not be loaded for the question."""
    return any(of.__name__ == name and of.__module__.partition(".")[0] == library for of in type(data).__mro__)


def _of_pandas(of: Table, frame: Any, wanted: Collection[str]) -> InMemory:
    names = tuple(str(name) for name in frame.columns)
    kept = [index for index, name in enumerate(names) if name in wanted]
    table = pa.Table.from_pandas(frame.iloc[:, kept], preserve_index=False)
    columns = {names[place]: table.column(index) for index, place in enumerate(kept)}
    for index, place in enumerate(kept):
        if _holds_objects(frame.iloc[:, place]) and at.is_timestamp(table.column(index).type):
            _refuse_mixed_zones(of, names[place], frame.iloc[:, place])
    return InMemory(names, columns, len(frame), elsewhere=_elsewhere(frame))


def _elsewhere(frame: Any) -> dict[str, str]:
    """What to do about names that a frame has in its index, or as a part of its columns' names."""
    of_index = {str(name): f"`{name}` is in the index: give `frame.reset_index()`" for name in frame.index.names}
    parts = [part for name in frame.columns for part in name] if frame.columns.nlevels > 1 else []
    told = "the columns of the frame have several levels: give every column one name, a text"
    return of_index | {str(part): told for part in parts}


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
    except Exception as error:
        raise BadInput(
            f"column `{name}` given for table `{table.name}` cannot be made into an array: {first_line(error)}",
            help="give all values one type, for example as a pyarrow array",
        ) from error
    if at.is_timestamp(made.type) and (isinstance(values, Sequence) or _holds_objects(values)):
        _refuse_mixed_zones(table, name, values)
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _refuse_mixed_zones(table: Table, name: str, values: Iterable[Any]) -> None:
    """Refuse times of which some have a zone: Arrow asks the first one only, and takes the others for what it is."""
    if len({zoned for value in values if (zoned := _is_zoned(value)) is not None}) > 1:
        raise BadInput(
            f"column `{name}` of table `{table.name}` mixes times with and without a zone",
            help="give all times a zone, or none of them",
        )


def _holds_objects(values: Any) -> bool:
    return str(getattr(values, "dtype", "")) == "object"


def _is_zoned(value: Any) -> bool | None:
    """Whether a time has a zone; None for what is no time, and for those of pandas and numpy that stand for null."""
    if type(value).__name__ == "datetime64":
        return False if value == value else None
    if not isinstance(value, datetime) or value != value:
        return None
    return value.utcoffset() is not None


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
        self._counted: int | None = None
        self.names = tuple(dataset.schema.names)

    def blocks(self, wanted: Collection[str], size: int, prune: Prune | None) -> Iterator[Block]:
        """What a scan of the columns gives."""
        del prune  # its fragments may be of any format
        names = [name for name in self.names if name in wanted]
        rows = 0
        try:
            batches = self._dataset.scanner(columns=names or list(self.names[:1]), batch_size=size).to_batches()
            for block in gathered(batches, names, size):
                rows += block.rows
                yield block
        except FAILURES as error:
            raise Unreadable(f"{self.shown} cannot be read: {first_line(error)}") from None
        if self._counted not in (None, rows):
            raise Unreadable(f"{self.shown} changed while it was read", "run again when nobody writes it")
        self._counted = rows
