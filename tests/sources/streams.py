"""Streaming a table in many ways beside reading it whole."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from segrules.diagnostics.finding import Finding, has_errors
from segrules.ir.catalogue import Table
from segrules.sources.opened import Batch, Keep
from segrules.sources.plain import cells
from segrules.sources.problems import TableProblems
from segrules.sources.read import TypedTable, read_typed
from segrules.sources.stream import TableSource, file_source
from segrules.types.cells import Cell
from tests.sources.build import AS_OF, catalogue

SIZES = (1, 3, 7, 1_000)


def source_of(root: Path, table: Table, as_of: datetime = AS_OF, **more: str) -> TableSource:
    return file_source(catalogue(table, **more), table, root, as_of)


def stored_names(table: Table) -> list[str]:
    return [name for name, column in table.columns.items() if column.derive is None]


def all_cells(table: Table, batches: Collection[Batch], name: str) -> list[Cell]:
    return [cell for batch in batches for cell in cells_of_array(table, name, batch.columns[name])]


def cells_of_array(table: Table, name: str, array: pa.Array) -> list[Cell]:
    packed = pa.types.is_dictionary(array.type) or pa.types.is_string_view(array.type)
    plain = array.cast(pa.string()) if packed else array
    return cells(table.columns[name].type, pa.chunked_array([plain]))


def drain(source: TableSource, size: int = 1_000, keep: Keep | None = None) -> list[Batch]:
    batches = list(source.batches(stored_names(source.table), size=size, keep=keep))
    place = 0
    for batch in batches:
        assert batch.start >= place
        place = batch.start + batch.rows
        assert 0 < batch.rows <= size
        assert all(len(array) == batch.rows for array in batch.columns.values())
        for array in batch.columns.values():
            array.validate(full=True)
    return batches


def same_as_whole(
    root: Path, table: Table, as_of: datetime = AS_OF, *, sizes: Sequence[int] = SIZES, **more: str
) -> TypedTable:
    """Assert that streaming a table gives what reading it whole gives, in batches of any size and in two passes."""
    whole = read_typed(catalogue(table, **more), table, root, as_of, None)
    for size in sizes:
        source = source_of(root, table, as_of, **more)
        same(whole, source, drain_or_stop(source, size))
        same(whole, source, drain_or_stop(source, size + 2))
        assert source.hash == whole.hash or not whole.hash
        by_column = source_of(root, table, as_of, **more)
        for name in stored_names(table):
            try:
                list(by_column.batches([name], size=size))
            except TableProblems:
                break
        assert by_column.findings() == whole.findings
    return whole


def drain_or_stop(source: TableSource, size: int) -> list[Batch] | None:
    told: tuple[Finding, ...] = ()
    try:
        return drain(source, size)
    except TableProblems as problems:
        told = problems.findings
    assert told == source.findings() != ()
    return None


def kind_of(stored: pa.DataType) -> str:
    """The type, but for the scale of decimals: in text it is that of the first block."""
    return "decimal" if pa.types.is_decimal(stored) else str(stored)


def same(whole: TypedTable, source: TableSource, batches: list[Batch] | None) -> None:
    assert source.findings() == whole.findings
    assert source.clock_changes() == whole.clock_changes
    if batches is None or has_errors(whole.findings):
        return
    assert {name: kind_of(kind) for name, kind in source.stored.items()} == {
        name: kind_of(kind) for name, kind in whole.stored.items()
    }
    for name, column in whole.columns.items():
        expected = cells(source.table.columns[name].type, column)
        assert all_cells(source.table, batches, name) == expected
        assert source.rows == len(column)
        assert sum(batch.rows for batch in batches) == len(column)
