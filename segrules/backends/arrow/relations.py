"""Related rows, and customers who share a key, for all customers: codes for each customer, counts for each key."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from segrules.backends.arrow.held import HeldSource, HeldTable
from segrules.backends.arrow.ignored import IgnoredCounts
from segrules.backends.arrow.keys import KeyIndex, as_array, distinct_sorted
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.population import Population, scattered, whole_keys
from segrules.backends.arrow.scanning import Tabular, whole_columns
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector, joined
from segrules.diagnostics.finding import Finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.reference.outcome import Reason

if TYPE_CHECKING:
    from segrules.backends.arrow.customers import CustomerFrame
    from segrules.backends.arrow.frames import Setting

_NO_ROW, _NO_KEY = -1, -2


class Relations:
    """What the relations of a catalogue lead to.

    A customer's row in a related table is a place in it, `_NO_ROW` where no row has the key and `_NO_KEY` where the key
    is missing. Customers who share a key have the same number, `_NO_KEY` those without one.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._rows: dict[str, Array] = {}
        self._columns: dict[tuple[str, str], Vector] = {}
        self._sharing: dict[str, Array] = {}
        self._keys: dict[str, int] = {}
        self._counts: dict[ir.NumberOfRelated, _Counts] = {}

    # --- reading

    def read(
        self,
        setting: "Setting",
        sources: Mapping[str, Tabular],
        population: Population,
        asked: tuple[Mapping[str, Collection[str]], Collection[str]],
        telling: tuple[IgnoredCounts, list[Finding]],
    ) -> None:
        """Number the rows and the keys of the relations that are `asked`: columns by relation, and who is counted.

        Where the problems (second in `telling`) grow, a key of a related table is not right: the run has to stop.
        """
        (columns, shared), (ignored, problems) = asked, telling
        relations = self._catalogue.relations
        keys = _attributes(population, {relations[name].column for name in (*columns, *shared)})
        for name, wanted in columns.items():
            source, column = sources[relations[name].table], relations[name].column
            table_key = source.table.key
            assert table_key is not None
            found = whole_keys(setting, source, table_key, problems)
            if found is None:
                continue
            make = partial(_numbered, found)
            index = source.held.index(table_key, make) if isinstance(source, HeldSource) else make()
            self._rows[name] = self._codes(sources, column, keys[column], index)
            for each, vector in whole_columns(setting, source, wanted).items():
                self._columns[name, each] = vector
        for name in shared:
            column = relations[name].column
            own, held = keys[column], self._held(sources, column)
            make = partial(_different, own)
            index = make() if held is None else held.different(column, make)
            self._keys[name] = index.size
            self._sharing[name] = self._codes(sources, column, own, index)
            if own.present is not None:
                ignored.add(relations[name].members, Reason.NO_KEY, population.key_vector(), ~own.present)

    def _codes(self, sources: Mapping[str, Tabular], column: str, own: Vector, index: KeyIndex) -> Array:
        held = self._held(sources, column)
        return _coded(index.codes(own) if held is None else held.codes(column, own, index), own)

    def _held(self, sources: Mapping[str, Tabular], column: str) -> HeldTable | None:
        """The customers' own table, where it is held and the column stands in it."""
        name = self._catalogue.customers.table
        source = None if name is None else sources[name]
        if not isinstance(source, HeldSource) or column not in source.table.columns:
            return None
        return source.held if source.table.columns[column].derive is None else None

    # --- counting

    def count(self, asked: Collection[ir.NumberOfRelated], frames: "Iterable[tuple[int, CustomerFrame]]") -> None:
        """Count the customers of whom conditions are true, and of whom they may be, by key.

        `frames` are all customers in stretches, each with the number of its first.
        """
        made = {node: _Counts(self._keys[node.relation]) for node in asked}
        for start, frame in frames:
            for node, counts in made.items():
                planes = frame.truth(node.condition)
                codes = self._sharing[node.relation][start : start + frame.rows]
                counts.add(codes, planes)
        self._counts |= made

    # --- values

    def value(self, node: ir.RelatedColumn | ir.NumberOfRelated, start: int, stop: int) -> Vector:
        """A value of the customers `start` up to `stop`."""
        if isinstance(node, ir.NumberOfRelated):
            return self._counts[node].of(self._sharing[node.relation][start:stop])
        rows = self._rows[node.relation][start:stop]
        found = scattered(self._columns[node.relation, node.column], rows)
        none = rows == _NO_ROW
        return replace(found, none=none if none.any() else None)


class _Counts:
    """By key, how many customers there are of whom a condition is true, and of how many it is unknown."""

    def __init__(self, keys: int) -> None:
        self._sure = np.zeros(keys, np.int64)
        self._doubtful: Ints | None = None

    def add(self, codes: Array, planes: Planes) -> None:
        """Count some customers; those without a key are nobody's."""
        there = codes >= 0
        _count(self._sure, codes[planes.true & there])
        if planes.is_certain:
            return
        doubtful = codes[planes.unknown & there]
        if len(doubtful):
            if self._doubtful is None:
                self._doubtful = np.zeros(len(self._sure), np.int64)
            _count(self._doubtful, doubtful)

    def of(self, codes: Array) -> Vector:
        """The count of each customer's key; missing without one."""
        there = codes >= 0
        present = None if there.all() else there
        if not len(self._sure):
            return Vector(Kind.NUMBER, np.zeros(len(codes), np.int64), present)
        at = np.maximum(codes, 0)
        sure = self._sure[at]
        return Vector(Kind.NUMBER, sure, present, upper=None if self._doubtful is None else sure + self._doubtful[at])


def _numbered(keys: Vector) -> KeyIndex:
    return KeyIndex(as_array(keys))


def _different(keys: Vector) -> KeyIndex:
    present = keys if keys.present is None else keys.take(np.flatnonzero(keys.present))
    return KeyIndex(distinct_sorted(replace(present, present=None)))


def _count(counts: Ints, codes: Array) -> None:
    if len(counts) > len(codes):
        np.add.at(counts, codes, 1)
    else:
        counts += np.bincount(codes, minlength=len(counts))


def _coded(codes: Ints, keys: Vector) -> Array:
    """Codes in half the room where they fit, with a mark for keys that are missing."""
    # A copy, since held tables keep the codes.
    found: Array = codes.astype(np.int32 if len(codes) < 2**31 else np.int64)
    if keys.present is not None:
        found[~keys.present] = _NO_KEY
    return found


def _attributes(population: Population, names: Collection[str]) -> dict[str, Vector]:
    """Attributes of all customers."""
    parts: dict[str, list[Vector]] = {name: [] for name in names}
    if names:
        for _, _, columns in population.batches(names):
            for name, found in parts.items():
                found.append(columns(name))
    return {name: joined(found) for name, found in parts.items()}
