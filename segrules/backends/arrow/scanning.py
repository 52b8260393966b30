"""The rows of a table as frames, whether they are streamed or held in memory."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.held import HeldSource
from segrules.backends.arrow.tables import RowFrame, table_frame
from segrules.backends.arrow.vectors import Vector, joined
from segrules.ir.origins import stored_columns
from segrules.sources.cast import arrow_type
from segrules.sources.stream import ROWS, TableSource

if TYPE_CHECKING:
    from segrules.sources.opened import Keep

Tabular: TypeAlias = TableSource | HeldSource
"""A table that can be read again and again."""


def frames_of(
    setting: Setting, source: Tabular, columns: Collection[str], *, size: int = ROWS, keep: "Keep | None" = None
) -> Iterator[tuple[int, RowFrame]]:
    """The rows in order, in stretches of at most `size`: the number of the first one, and the rows.

    `columns` may name derived ones. Row groups of files for which `keep` is false are left out.

    Raises:
        TableProblems: the table cannot be read.
    """
    stored = stored_columns(source.table, set(columns))
    if isinstance(source, HeldSource):
        yield from source.frames(setting, stored, size)
        return
    for batch in source.batches(stored, size=size, keep=keep):
        yield batch.start, table_frame(setting, source.table, batch.columns, batch.rows)


def whole_columns(setting: Setting, source: Tabular, names: Collection[str]) -> dict[str, Vector]:
    """Whole columns of a table, derived ones among them.

    Raises:
        TableProblems: the table cannot be read.
    """
    parts: list[dict[str, Vector]] = []
    size = max(source.rows or 0, 1) if isinstance(source, HeldSource) else ROWS
    for _, frame in frames_of(setting, source, names, size=size):
        parts.append({name: frame.column(name) for name in names})
    if not parts:
        empty = no_rows(setting, source, names)
        return {name: empty.column(name) for name in names}
    return {name: joined([part[name] for part in parts]) for name in names}


def no_rows(setting: Setting, source: Tabular, names: Collection[str]) -> RowFrame:
    """A table without rows."""
    columns = source.table.columns
    empty = {name: pa.array([], arrow_type(columns[name].type)) for name in stored_columns(source.table, set(names))}
    return table_frame(setting, source.table, empty, 0)
