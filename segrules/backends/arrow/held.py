"""Tables that stay in memory between evaluations: their columns are read, checked and made into vectors once.

What depends on the instant of an evaluation (derived columns, which rows are seen, whether data are fresh) is worked
out anew each time; so is everything that depends on rules.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from threading import RLock
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from segrules.backends.arrow.bind import bind
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.keys import KeyIndex
from segrules.backends.arrow.tables import RowFrame, derived_columns
from segrules.backends.arrow.vectors import Ints, Kind, Vector, joined
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Catalogue, Table
from segrules.ir.nodes import Expression
from segrules.sources.cast import arrow_type
from segrules.sources.loaded import ClockChange
from segrules.sources.opened import Batch, Keep
from segrules.sources.stream import ROWS, TableSource


class HeldTable:
    """The columns of one table, each read when it is first asked for. For any number of threads."""

    def __init__(self, catalogue: Catalogue, source: TableSource) -> None:
        self.catalogue = catalogue
        self.source = source
        self.lock = RLock()
        self._columns: dict[str, Vector] = {}
        self._indexes: dict[str, KeyIndex] = {}
        self._different: dict[str, KeyIndex] = {}
        self._codes: WeakKeyDictionary[KeyIndex, dict[str, Ints]] = WeakKeyDictionary()

    def columns(self, names: Collection[str]) -> dict[str, Vector]:
        """Whole stored columns.

        Raises:
            TableProblems: they cannot be read.
        """
        with self.lock:
            unread = set(names) - self._columns.keys()
            if unread:
                parts: dict[str, list[Vector]] = {name: [] for name in unread}
                for batch in self.source.batches(unread):
                    for name, found in parts.items():
                        found.append(self._bound(name, batch.columns[name]))
                self._columns |= {
                    name: _narrowed(joined(found or [self._bound(name, None)])) for name, found in parts.items()
                }
            return {name: self._columns[name] for name in names}

    def index(self, column: str, make: Callable[[], KeyIndex]) -> KeyIndex:
        """The keys that stand in a column, all of which differ, numbered."""
        with self.lock:
            if column not in self._indexes:
                self._indexes[column] = make()
            return self._indexes[column]

    def different(self, column: str, make: Callable[[], KeyIndex]) -> KeyIndex:
        """The different values of a column, numbered."""
        with self.lock:
            if column not in self._different:
                self._different[column] = make()
            return self._different[column]

    def codes(self, column: str, keys: Vector, index: KeyIndex) -> Ints:
        """The numbers in an index of all rows, by the keys in a column."""
        with self.lock:
            known = self._codes.setdefault(index, {})
            if column not in known:
                known[column] = index.codes(keys)
            return known[column]

    def at(self, as_of: datetime) -> "HeldSource":
        """The table for one evaluation."""
        return HeldSource(self, as_of)

    def _bound(self, name: str, array: pa.Array | None) -> Vector:
        of = self.source.table.columns[name].type
        return bind(of, pa.array([], arrow_type(of)) if array is None else array)


@dataclass(frozen=True, slots=True, eq=False)
class HeldSource:
    """A held table at one instant; what `TableSource` tells, this tells, too."""

    held: HeldTable
    as_of: datetime
    in_memory: bool = True

    @property
    def table(self) -> Table:
        """The table of the catalogue."""
        return self.held.source.table

    @property
    def rows(self) -> int | None:
        """How many rows there are; None where that is not known yet, or nothing can be read."""
        with self.held.lock:
            return self.held.source.rows

    @property
    def hash(self) -> str | None:
        """The hash of the files; None for what was given in memory."""
        with self.held.lock:
            return self.held.source.hash

    @property
    def stored(self) -> Mapping[str, pa.DataType]:
        """The types in the data of the columns read so far."""
        with self.held.lock:
            return dict(self.held.source.stored)

    def findings(self) -> tuple[Finding, ...]:
        """All that was found in what was read so far, freshness judged by the instant of this evaluation."""
        with self.held.lock:
            return self.held.source.findings(self.as_of)

    def clock_changes(self) -> tuple[ClockChange, ...]:
        """Local times at a clock change, in what was read so far."""
        with self.held.lock:
            return self.held.source.clock_changes()

    def batches(self, columns: Collection[str], *, size: int = ROWS, keep: Keep | None = None) -> Iterator[Batch]:
        """The rows as they were given; for what is looked at once, such as examples in findings."""
        with self.held.lock:
            yield from list(self.held.source.batches(columns, size=size, keep=keep))

    def frames(self, setting: Setting, stored: Collection[str], size: int) -> Iterator[tuple[int, RowFrame]]:
        """The rows in stretches of `size`, sharing memory; none for a table without rows."""
        columns = self.held.columns(stored)
        rows = len(next(iter(columns.values()))) if columns else 0
        derived = derived_columns(self.table)
        for start in range(0, rows, size):
            stop = min(start + size, rows)
            yield start, _Stretch(setting, self.held, columns, derived, start, stop)


class _Stretch(RowFrame):
    """Some rows of a held table."""

    def __init__(
        self,
        setting: Setting,
        held: HeldTable,
        columns: Mapping[str, Vector],
        derived: Mapping[str, Expression],
        start: int,
        stop: int,
    ) -> None:
        super().__init__(setting, stop - start, lambda name: columns[name].slice(start, stop), derived)
        self._held = held
        self._whole = columns
        self._start, self._stop = start, stop

    def coded(self, column: str, index: KeyIndex) -> Ints:
        """The customers' numbers, found once for the whole table where the column is stored."""
        if column not in self._whole:
            return super().coded(column, index)
        return self._held.codes(column, self._whole[column], index)[self._start : self._stop]


def _narrowed(vector: Vector) -> Vector:
    """Whole numbers in the fewest bytes that hold them all; what stands where there is no value becomes 0."""
    if vector.kind is not Kind.NUMBER or not len(vector):
        return vector
    data = vector.data if vector.present is None else np.where(vector.present, vector.data, 0)
    least, most = int(data.min()), int(data.max())
    for of in (np.int8, np.int16, np.int32):
        bounds = np.iinfo(of)
        if bounds.min <= least and most <= bounds.max:
            return replace(vector, data=data.astype(of))
    return vector
