"""The pieces of a table into whole columns of the catalogue's types, with a finding for all that does not fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Column, Table
from segrules.sources.cast import Zones, arrow_type
from segrules.sources.formats import Piece
from segrules.sources.loaded import ClockChange
from segrules.sources.reading import Reading, common_type
from segrules.sources.samples import MOST, Rows, named, place


@dataclass(frozen=True, slots=True, eq=False)
class Conformed:
    """A column in its catalogue's type (None where it could not be brought there) and what was found.

    `stored` is its type in the data, with dictionaries and other packing undone.
    """

    values: pa.ChunkedArray | None
    findings: tuple[Finding, ...] = ()
    clock_changes: tuple[ClockChange, ...] = ()
    stored: pa.DataType | None = None


class Described(Protocol):
    """A file, or data in memory, of which the columns' names are known."""

    @property
    def shown(self) -> str:
        """What to call it."""

    @property
    def names(self) -> tuple[str, ...]:
        """All its columns."""


def conform(column: Column, table: Table, pieces: Sequence[Piece], zones: Zones) -> Conformed:
    """Bring a stored column to its type, over all files of its table."""
    missing = missing_column(column, table, pieces)
    if missing is not None:
        return Conformed(None, (missing,))
    reading = Reading(column, table, zones)
    rows = Rows(pieces)
    arrays: list[pa.Array] = []
    for start, array, spelled in _chunks(column.physical, pieces):
        found = reading.bring(array, spelled=spelled)
        if found is not None:
            reading.note(start, found, rows.name)
            arrays.append(found.made.values)
    problems, notes, changes = reading.findings(), reading.notes(), reading.clock_changes()
    joined = None if problems else join(arrays, arrow_type(column.type))
    if joined is None:
        return Conformed(None, problems + notes, changes, reading.stored)
    return Conformed(joined, notes, changes, reading.stored or joined.type)


def join(arrays: Sequence[pa.Array], default: pa.DataType) -> pa.ChunkedArray | None:
    """Chunks of one type; files may store a column in several widths or scales, which one wider type then holds.

    None where no type holds all values exactly.
    """
    of = common_type({array.type for array in arrays if array.null_count < len(array)}, default)
    if of is None:
        return None
    chunks = [pa.nulls(len(array), of) if array.null_count == len(array) else array.cast(of) for array in arrays]
    return pa.chunked_array(chunks, of)


def missing_column(column: Column, table: Table, pieces: Sequence[Described]) -> Finding | None:
    """The finding about a column that not all files have."""
    missing = [piece for piece in pieces if column.physical not in piece.names]
    return _missing(column, table, pieces, missing) if missing else None


def _chunks(name: str, pieces: Sequence[Piece]) -> Iterator[tuple[int, pa.Array, bool]]:
    start = 0
    for piece in pieces:
        row = start
        for chunk in piece.columns[name].chunks:
            yield row, chunk, name in piece.spelled
            row += len(chunk)
        start += piece.rows


def _missing(column: Column, table: Table, pieces: Sequence[Described], missing: Sequence[Described]) -> Finding:
    names = list(dict.fromkeys(name for piece in missing for name in piece.names))
    near = did_you_mean(column.physical, names)
    if len(missing) == len(pieces):
        message = f"the data of table `{table.name}` have no column `{column.physical}`"
        examples: tuple[str, ...] = ()
    else:
        some = f"{len(missing):,} of {len(pieces):,} files"
        message = f"column `{column.physical}` is missing in {some} of table `{table.name}`"
        examples = tuple(f"`{piece.shown}`" for piece in missing[:MOST])
    if f"/{column.physical}=" in missing[0].shown:
        near = f"`{column.physical}` is in the names of the folders: declare them as Hive partitions"
    elsewhere = getattr(missing[0], "elsewhere", {})
    near = elsewhere.get(column.physical, near)
    there = f"the data have {named(names)}" if names else "the data have no columns"
    return finding(codes.MISSING_COLUMN, message, place(column.span), help=near or there, examples=examples)
