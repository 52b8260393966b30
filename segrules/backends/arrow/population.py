"""The customers: their keys, dense numbers in place of keys, and their attributes in batches."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from segrules.backends.arrow.derivations import derive
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.held import HeldSource
from segrules.backends.arrow.keys import KeyIndex, as_array
from segrules.backends.arrow.scanning import Tabular, frames_of, no_rows, whole_columns
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Array, Ints, Vector
from segrules.diagnostics.finding import Finding, Severity
from segrules.ir.catalogue import Table

if TYPE_CHECKING:
    from segrules.sources.opened import Keep

SIZE = 1_048_576
"""How many customers a batch has where their own table is not read for it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Joined:
    """A table with one row at most for each customer: `rows` has each customer's row, -1 for who has none.

    `rows` is None where the table has a row for every customer, in the order of their numbers.
    """

    source: Tabular
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
        own: Tabular | None,
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

    def owners(self, frame: RowFrame, column: str) -> Ints:
        """The dense number of each row's customer by the key in a column, -1 where there is none."""
        return frame.coded(column, self._index)

    def key_vector(self) -> Vector:
        """The keys of all customers."""
        return self._index.vector(0, self.size)

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
        none = True
        for start, frame in frames_of(self._setting, self._own, own, size=size, keep=keep):
            yield start, frame.rows, self._in_memory(start, frame.rows, frame.column)
            none = False
        if none:
            yield 0, 0, self._in_memory(0, 0, no_rows(self._setting, self._own, own).column)

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
            for name, vector in whole_columns(self._setting, item.source, wanted).items():
                self._columns[name] = vector if item.rows is None else scattered(vector, item.rows)


def populate(setting: Setting, sources: Mapping[str, Tabular], problems: list[Finding]) -> Population:
    """The customers of the catalogue. Where `problems` grows, a key is not right: the run has to stop."""
    customers = setting.catalogue.customers
    chosen: Mapping[str, Vector] = {}
    own: Tabular | None = None
    joined_tables: list[_Joined] = []
    if customers.derivation is not None:
        derived = derive(setting, sources[customers.derivation.table], customers.derivation, problems)
        index, chosen = derived.index, derived.attributes
    else:
        assert customers.table is not None
        table = sources[customers.table]
        keys = whole_keys(setting, table, customers.key.name, problems)
        # Nobody reads on where there are problems.
        if keys is None:
            index = KeyIndex(pa.array([], pa.int64()))
        elif isinstance(table, HeldSource):
            index = table.held.index(customers.key.name, partial(_numbered, keys))
            joined_tables.append(_Joined(table, None))
        else:
            index, own = _numbered(keys), table
    joined_tables += [_join(setting, sources[name], index, problems) for name in customers.joined]
    return Population(setting, index, own, chosen, joined_tables)


def _numbered(keys: Vector) -> KeyIndex:
    return KeyIndex(as_array(keys))


def whole_keys(setting: Setting, source: Tabular, name: str, problems: list[Finding]) -> Vector | None:
    """The keys of a table, of which none is missing and all differ; None where the source says otherwise."""
    keys = whole_columns(setting, source, {name})[name]
    wrong = [item for item in source.findings() if item.severity is Severity.ERROR]
    problems += wrong
    return None if wrong else replace(keys, present=None)


def _join(setting: Setting, source: Tabular, index: KeyIndex, problems: list[Finding]) -> _Joined:
    table = source.table
    assert table.key is not None
    keys = whole_keys(setting, source, table.key, problems)
    if keys is None:
        return _Joined(source, None)
    codes = source.held.codes(table.key, keys, index) if isinstance(source, HeldSource) else index.codes(keys)
    if len(codes) == index.size and (codes == np.arange(index.size)).all():
        return _Joined(source, None)
    rows = np.full(index.size, -1, np.int64)
    places = np.flatnonzero(codes >= 0)
    rows[codes[places]] = places
    return _Joined(source, rows)


def scattered(vector: Vector, rows: Ints) -> Vector:
    """The value of each customer's row; missing for who has none."""
    there = rows >= 0
    if len(vector):
        found = vector.take(np.maximum(rows, 0))
    else:
        found = replace(vector, data=np.zeros(len(rows), vector.data.dtype), present=None, none=None)
    present = there if found.present is None else found.present & there
    return replace(found, present=None if present.all() else present)
