"""The parts of a table, opened: rows into typed batches, and what was found in them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from segrules.diagnostics.finding import Finding
from segrules.sources.blocks import Block, Part, Prune, Statistics
from segrules.sources.cast import arrow_type
from segrules.sources.check import Checks
from segrules.sources.conform import missing_column
from segrules.sources.covered import Covered
from segrules.sources.expected import Expected
from segrules.sources.loaded import ClockChange
from segrules.sources.reading import Name, Reading

Keep = Callable[[Mapping[str, Statistics]], bool]
"""Whether a row group is wanted, by what is known exactly of its columns; columns may be missing there."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some rows: the number of the first one in the whole table, how many, and their columns.

    Columns stand by the catalogue's names and have the catalogue's types, each in one array (which may have an
    offset); text may be plain, wide, or in a dictionary of `string` without nulls. The width of numbers may differ
    from batch to batch where files differ. Where a value does not fit there is null, and a finding.

    Lists are `list<string>` without nulls among their entries, and what is null has no entries: `flatten`,
    `list_parent_indices` and functions on the flattened texts are right. All text is valid UTF-8.
    """

    start: int
    rows: int
    columns: Mapping[str, pa.Array]


class Opened:
    """The parts of a table, and what was found in them."""

    def __init__(self, expected: Expected, parts: tuple[Part, ...]) -> None:
        self._expected = expected
        self._parts = parts
        self._checks = Checks(expected.checked)
        self._columns: dict[str, _Column] = {}
        self._rows = _sum([part.rows for part in parts])

    @property
    def rows(self) -> int | None:
        """How many rows there are, None where that is not known yet."""
        return self._rows

    def stored(self) -> dict[str, pa.DataType]:
        """The types in the data of the columns read so far."""
        found = {name: self._columns[name].stored for name in self._in_order()}
        return {name: kind for name, kind in found.items() if kind is not None}

    def findings(self, as_of: datetime | None = None) -> tuple[Finding, ...]:
        """What was found so far; freshness is judged by another instant where `as_of` is given."""
        read = {name: self._columns[name] for name in self._in_order()}
        typed = {name: column for name, column in read.items() if not column.problems()}
        whole = {name for name in typed if read[name].known.count == self._rows}
        about_types = (item for column in read.values() for item in (*column.problems(), *column.reading.notes()))
        return (*about_types, *self._checks.findings(typed, whole, as_of))

    def clock_changes(self) -> tuple[ClockChange, ...]:
        """Local times at a clock change, so far."""
        return tuple(item for name in self._in_order() for item in self._columns[name].reading.clock_changes())

    def batches(self, columns: Collection[str], size: int, keep: Keep | None) -> Iterator[Batch]:
        """The rows with these columns, see `TableSource.batches`."""
        read = self._read(columns)
        start = 0
        for part in self._parts:
            stop = start
            prune = None if keep is None else self._prune(part, columns, keep, start)
            wanted = {column.physical for column in read.values() if column.missing is None}
            for block in part.blocks(wanted, size, prune):
                found = self._see(part, start, block, read)
                stop = start + block.start + block.rows
                if block.rows:
                    yield Batch(start + block.start, block.rows, {name: found[name] for name in columns})
            start = stop if part.rows is None else start + part.rows
        self._rows = start

    def _in_order(self) -> list[str]:
        return [name for name in self._expected.columns if name in self._columns]

    def _read(self, columns: Collection[str]) -> dict[str, "_Column"]:
        """The columns to read: those asked for, and the currencies of their amounts."""
        for name in columns:
            if name not in self._expected.columns:
                raise KeyError(f"table `{self._expected.table.name}` has no stored column `{name}`")
        written = {self._expected.columns[name].currency_column for name in columns}
        names = [name for name in self._expected.columns if name in columns or name in written]
        return {name: self._column(name) for name in names}

    def _column(self, name: str) -> "_Column":
        if name not in self._columns:
            self._columns[name] = _Column(self._expected, name, self._parts)
        return self._columns[name]

    def _see(self, part: Part, before: int, block: Block, read: Mapping[str, "_Column"]) -> dict[str, pa.Array]:
        """The columns of a block in their types; what is new there is checked."""
        start = before + block.start
        naming = self._naming(part, start, block)
        new: dict[str, list[tuple[int, int]]] = {}
        found: dict[str, pa.Array] = {}
        for name, column in read.items():
            new[name] = column.covered.add(start, start + block.rows)
            column.known.add(start, start + block.rows)
            found[name] = column.see(part, start, block, new[name], naming)
        for name, column in read.items():
            checks = self._checks.column(name) if column.missing is None else None
            if checks is None:
                continue
            written = found.get(checks.written_in or "")
            for first, stop in new[name]:
                at, count = first - start, stop - first
                pair = None if written is None else written.slice(at, count)
                checks.see(first, found[name].slice(at, count), naming, pair)
        return found

    def _naming(self, part: Part, start: int, block: Block) -> Name:
        def name(row: int) -> str:
            line = None if block.lines is None else block.lines[row - start]
            place = f"row {row - start + block.start + 1:,}" if line is None else f"line {line:,}"
            return f"{place} of `{part.shown}`" if len(self._parts) > 1 else place

        return name

    def _prune(self, part: Part, columns: Collection[str], keep: Keep, before: int) -> Prune:
        fresh = self._expected.table.fresh
        newest = None if fresh is None or fresh.column not in columns else self._checks.column(fresh.column)

        def told(start: int, rows: int, known: Mapping[str, Statistics]) -> bool:
            if keep(known):
                return True
            # What is left out may hold the newest value: its statistics say so as well as its rows.
            if fresh is not None and newest is not None and newest.freshness is not None and fresh.column in known:
                newest.freshness.see_newest(known[fresh.column].maximum)
                self._columns[fresh.column].known.add(before + start, before + start + rows)
            return False

        wanted = {name: self._expected.columns[name] for name in columns}
        return Prune(self._expected.table, wanted, self._expected.zones, told)


class _Column:
    """A column of the data while it is read: its rows that were read, and those of which all that matters is known."""

    def __init__(self, expected: Expected, name: str, parts: tuple[Part, ...]) -> None:
        column = expected.columns[name]
        self.physical = column.physical
        self.missing = missing_column(column, expected.table, parts)
        self.reading = Reading(column, expected.table, expected.zones[name], packed=True)
        self.covered, self.known = Covered(), Covered()
        self._empty = arrow_type(column.type)

    @property
    def stored(self) -> pa.DataType | None:
        return None if self.missing is not None else self.reading.stored or self.reading.common

    def problems(self) -> tuple[Finding, ...]:
        return self.reading.findings() if self.missing is None else (self.missing,)

    def see(self, part: Part, start: int, block: Block, new: list[tuple[int, int]], name: Name) -> pa.Array:
        if self.missing is not None or self.physical not in block.columns:
            return pa.nulls(block.rows, self._empty)
        array, spelled = block.columns[self.physical], self.physical in part.spelled
        found = self.reading.bring(array, spelled=spelled, looked=not new and block.rows > 0, sound=part.sound)
        if found is None:
            return pa.nulls(block.rows, self._empty)
        if not block.rows or new == [(start, start + block.rows)]:
            self.reading.note(start, found, name)
        else:
            self._note_pieces(part, array, start, new, name)
        return found.made.values

    def _note_pieces(self, part: Part, array: pa.Array, start: int, new: list[tuple[int, int]], name: Name) -> None:
        spelled = self.physical in part.spelled
        for first, stop in new:
            piece = self.reading.bring(array.slice(first - start, stop - first), spelled=spelled, sound=part.sound)
            if piece is not None:
                self.reading.note(first, piece, name)


def _sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None
