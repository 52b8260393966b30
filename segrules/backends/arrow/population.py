"""The customers: their keys, dense numbers in place of keys, and their attributes in batches."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from segrules.backends.arrow.derivations import derive
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.keys import KeyIndex, as_array
from segrules.backends.arrow.tables import RowFrame, table_frame
from segrules.backends.arrow.vectors import Array, Ints, Vector, joined
from segrules.diagnostics.finding import Finding, Severity
from segrules.ir.catalogue import Table
from segrules.lowering.scans import stored_columns
from segrules.sources.cast import arrow_type

if TYPE_CHECKING:
    from segrules.sources.opened import Keep
    from segrules.sources.stream import TableSource

SIZE = 1_048_576
"""How many customers a batch has where their own table is not read for it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """A table with one row at most for each customer: `rows` has each customer's row, -1 for who has none.

    `rows` is None where the table has a row for every customer, in the order of their numbers.
    """

    source: "TableSource"
    rows: Ints | None

    @property
    def table(self) -> Table:
        """The table of the catalogue."""
        return self.source.table


class Population:
    """All customers; a customer's dense number is its place in `keys`."""

    def __init__(
        self,
        setting: Setting,
        index: KeyIndex,
        own: "TableSource | None",
        chosen: Mapping[str, Vector],
        joined_tables: Sequence[_Joined],
    ) -> None:
        self.keys: pa.Array = index.array
        self.size: int = index.size
        self._setting = setting
        self._index = index
        self._own = own
        self._joined = joined_tables
        self._columns: dict[str, Vector] = dict(chosen)

    def codes(self, keys: Vector) -> Ints:
        """The dense number of each key, -1 where no customer has it or it is missing."""
        return self._index.codes(keys)

    def order(self) -> Array:
        """The dense numbers sorted by key: whole numbers by size, texts by code point."""
        return self._order

    @cached_property
    def _order(self) -> Ints:
        return self._index.order

    def batches(
        self,
        attributes: Collection[str],
        *,
        keep: "Keep | None" = None,
        size: int = SIZE,
    ) -> Iterator[tuple[int, int, Callable[[str], Vector]]]:
        """The customers in the order of their numbers: the first one's number, how many, and attributes by name.

        The customers' own table is read for the attributes that stand there; row groups for which `keep` is false are
        left out. All others are in memory; where none of the own table is asked for, `keep` has nothing to say.
        There is always a batch, if an empty one.
        """
        names = set(attributes) - {self._setting.catalogue.customers.key.name}
        for item in self._joined:
            self._load(item, names)
        own = names - self._columns.keys()
        if self._own is None or not own:
            for start in range(0, max(self.size, 1), size):
                rows = min(size, self.size - start)
                yield start, rows, self._in_memory(start, rows)
            return
        table = self._own.table
        stored = stored_columns(table, own)
        none = True
        for batch in self._own.batches(stored, size=size, keep=keep):
            frame = table_frame(self._setting, table, batch.columns, batch.rows)
            yield batch.start, batch.rows, self._in_memory(batch.start, batch.rows, frame.column)
            none = False
        if none:
            yield 0, 0, self._in_memory(0, 0, _no_rows(self._setting, table, stored).column)

    def _in_memory(self, start: int, rows: int, own: Callable[[str], Vector] | None = None) -> Callable[[str], Vector]:
        """The attributes of some customers by name; those that are not in memory come from `own`."""
        key = self._setting.catalogue.customers.key.name

        def column(name: str) -> Vector:
            if name == key:
                return self._index.vector(start, start + rows)
            if name in self._columns:
                return self._columns[name].slice(start, start + rows)
            if own is None:
                raise KeyError(name)
            return own(name)

        return column

    def _load(self, item: _Joined, names: Collection[str]) -> None:
        """Read columns of a joined table that are wanted and not yet in memory, one value for each customer."""
        wanted = {name for name in names if name in item.table.columns and name != item.table.key}
        wanted -= self._columns.keys()
        if wanted:
            for name, vector in _columns(self._setting, item.source, wanted).items():
                self._columns[name] = vector if item.rows is None else _scattered(vector, item.rows)


def populate(setting: Setting, sources: "Mapping[str, TableSource]", problems: list[Finding]) -> Population:
    """The customers of the catalogue. Where `problems` grows, a key is not right: the run has to stop."""
    customers = setting.catalogue.customers
    chosen: Mapping[str, Vector] = {}
    own: TableSource | None = None
    if customers.derivation is not None:
        derived = derive(setting, sources[customers.derivation.table], customers.derivation, problems)
        index, chosen = derived.index, derived.attributes
    else:
        assert customers.table is not None
        own = sources[customers.table]
        keys = _keys(setting, own, customers.key.name, problems)
        # Nobody reads on where there are problems.
        index = KeyIndex(pa.array([], pa.int64()) if keys is None else as_array(keys))
    joined_tables = [_join(setting, sources[name], index, problems) for name in customers.joined]
    return Population(setting, index, own, chosen, joined_tables)


def _keys(setting: Setting, source: "TableSource", name: str, problems: list[Finding]) -> Vector | None:
    """The keys of a table, of which none is missing and all differ; None where the source says otherwise."""
    keys = _columns(setting, source, {name})[name]
    wrong = [item for item in source.findings() if item.severity is Severity.ERROR]
    problems += wrong
    return None if wrong else replace(keys, present=None)


def _join(setting: Setting, source: "TableSource", index: KeyIndex, problems: list[Finding]) -> _Joined:
    table = source.table
    assert table.key is not None
    keys = _keys(setting, source, table.key, problems)
    if keys is None:
        return _Joined(source, None)
    codes = index.codes(keys)
    if len(codes) == index.size and (codes == np.arange(index.size)).all():
        return _Joined(source, None)
    rows = np.full(index.size, -1, np.int64)
    places = np.flatnonzero(codes >= 0)
    rows[codes[places]] = places
    return _Joined(source, rows)


def _columns(setting: Setting, source: "TableSource", names: Collection[str]) -> dict[str, Vector]:
    """Whole columns of a table, derived ones among them."""
    table = source.table
    stored = stored_columns(table, set(names))
    parts: list[dict[str, Vector]] = []
    for batch in source.batches(stored):
        frame = table_frame(setting, table, batch.columns, batch.rows)
        parts.append({name: frame.column(name) for name in names})
    if not parts:
        frame = _no_rows(setting, table, stored)
        return {name: frame.column(name) for name in names}
    return {name: joined([part[name] for part in parts]) for name in names}


def _no_rows(setting: Setting, table: Table, stored: Collection[str]) -> RowFrame:
    empty = {name: pa.array([], arrow_type(table.columns[name].type)) for name in stored}
    return table_frame(setting, table, empty, 0)


def _scattered(vector: Vector, rows: Ints) -> Vector:
    """The value of each customer's row; missing for who has none."""
    there = rows >= 0
    if len(vector):
        found = vector.take(np.maximum(rows, 0))
    else:
        found = replace(vector, data=np.zeros(len(rows), vector.data.dtype), present=None, none=None)
    present = there if found.present is None else found.present & there
    return replace(found, present=None if present.all() else present)
