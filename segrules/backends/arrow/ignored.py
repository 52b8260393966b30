"""Rows that take no part, counted over all batches with a few examples, and rows described for findings."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow import texts
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.scanning import Tabular
from segrules.backends.arrow.tables import table_frame
from segrules.backends.arrow.vectors import Array, Flags, Kind, Vector, results
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Catalogue, Table
from segrules.reference.outcome import Ignored, Reason
from segrules.reference.values import Absent
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds
from segrules.types.types import DateType, Type

EXAMPLES = 5

_REASONS = (Reason.NOBODY, Reason.UNKNOWN_CUSTOMER, Reason.NOT_YET)


@dataclass
class _Count:
    """How many rows, and the five texts among their examples that come first."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, count: int, examples: Iterable[str]) -> None:
        self.count += count
        self.examples = sorted({*self.examples, *examples})[:EXAMPLES]


class IgnoredCounts:
    """What was left out, by event (or what a relation leads to) and reason; `None` stands for the consents."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str | None, Reason], _Count] = {}

    def add(self, event: str | None, reason: Reason, of: Vector, rows: Flags) -> None:
        """Count rows; their examples are what `of` has there, times or keys (null shows as `None`)."""
        count = int(np.count_nonzero(rows))
        if count:
            known = self._counts.setdefault((event, reason), _Count())
            full = len(known.examples) == EXAMPLES
            known.add(count, _smallest(of, rows, known.examples[-1] if full else None))

    def all(self, catalogue: Catalogue) -> tuple[Ignored, ...]:
        """All that was counted, in the order of the catalogue's events, then consents, then relations."""
        order = [(name, reason) for name in (*catalogue.events, None) for reason in _REASONS]
        order += [(relation.members, Reason.NO_KEY) for relation in catalogue.relations.values()]
        found = [(name, reason, self._counts[name, reason]) for name, reason in order if (name, reason) in self._counts]
        return tuple(
            Ignored("consent" if name is None else name, reason, item.count, tuple(item.examples))
            for name, reason, item in found
        )


def _smallest(of: Vector, rows: Flags, below: str | None) -> list[str]:
    """The first five different texts of some rows, among those before `below`."""
    found = ["None"] if of.present is not None and bool((rows & ~of.present).any()) else []
    if of.present is not None:
        rows = rows & of.present
    match of.kind:
        case Kind.DAY | Kind.INSTANT:
            # Texts of days and instants in UTC are ordered as these are.
            return found + _least_times(of, of.data[rows])
        case Kind.CODE if texts.are_texts(of):
            used = np.flatnonzero(np.bincount(of.data[rows], minlength=1))
            return found + _first_texts(of.dictionary.take(pa.array(used)), below)
        case Kind.NUMBER if of.denominator == 1 and of.divisors is None:
            return found + _first_texts(pc.unique(pa.array(of.data[rows])).cast(pa.string()), below)
        case _:
            return found + [str(value) for value in results(of, np.flatnonzero(rows))]


def _first_texts(words: pa.Array, below: str | None) -> list[str]:
    if below is not None:
        words = words.filter(pc.less(words, below))
    if len(words) > EXAMPLES:
        words = pc.unique(words)
        words = words.take(pc.bottom_k_unstable(words, EXAMPLES))
    found: list[str] = words.to_pylist()
    return found


def _least_times(of: Vector, data: Array) -> list[str]:
    found: list[Any] = []
    while len(data) and len(found) < EXAMPLES:
        found.append(data.min())
        data = data[data > found[-1]]
    times = results(Vector(of.kind, np.array(found, np.int64)))
    return [plain(time) for time in times]


# --- times ----------------------------------------------------------------------------------------


def as_time(vector: Vector, of: Type) -> Vector:
    """A column of days or instants as such, whatever way its values came about."""
    if vector.kind in (Kind.DAY, Kind.INSTANT):
        return vector
    days = isinstance(of, DateType)
    there = np.zeros(0, np.int64) if vector.kind is not Kind.OBJECT else np.flatnonzero(vector.known)
    data = np.zeros(len(vector), np.int64)
    number: Callable[[Any], int] = day_number if days else microseconds
    data[there] = [number(value) for value in vector.data[there]]
    present = np.zeros(len(vector), np.bool_)
    present[there] = True
    return Vector(Kind.DAY if days else Kind.INSTANT, data, present)


def seen(time: Vector, clock: Clock) -> Flags:
    """Which rows are before `as_of`, or dated by a day that is over; anything where there is no time."""
    flags: Flags = time.data < (microseconds(clock.as_of) if time.kind is Kind.INSTANT else day_number(clock.today))
    return flags


# --- rows without a time --------------------------------------------------------------------------


class WithoutTime:
    """Rows that lack a time, which stops the run: how many, and where the first of them stand."""

    def __init__(self) -> None:
        self.count = 0
        self._rows: list[int] = []

    def add(self, start: int, rows: Flags) -> None:
        """Count the rows of a batch that begins at `start`."""
        self.count += int(np.count_nonzero(rows))
        if len(self._rows) < EXAMPLES:
            self._rows += [start + int(row) for row in np.flatnonzero(rows)[: EXAMPLES - len(self._rows)]]

    def finding(self, message: str, help_: str, setting: Setting, source: Tabular) -> Finding:
        """The finding; `message` has a place for how many rows there are. Reads the examples' rows once more."""
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        examples = described(setting, source, self._rows)
        return finding(codes.MISSING_TIME, message.format(rows), help=help_, examples=examples)


def described(setting: Setting, source: Tabular, rows: Collection[int]) -> list[str]:
    """The first three values of some rows, with the names of their columns."""
    table: Table = source.table
    stored = [column.name for column in table.columns.values() if column.derive is None]
    derived = [column.name for column in table.columns.values() if column.derive is not None]
    found: list[str] = []
    for batch in source.batches(stored):
        inside = [row - batch.start for row in rows if batch.start <= row < batch.start + batch.rows]
        if inside:
            columns = {name: batch.columns[name].take(pa.array(inside)) for name in stored}
            frame = table_frame(setting, table, columns, len(inside))
            cells = [(name, results(frame.column(name))) for name in (*stored, *derived)]
            for at in range(len(inside)):
                shown = [(name, values[at]) for name, values in cells if not isinstance(values[at], Absent)]
                found.append(", ".join(f"{name} {plain(value)}" for name, value in shown[:3]))
        if len(found) == len(rows):
            break
    return found


def plain(value: object) -> str:
    """A value as findings and examples show it."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
