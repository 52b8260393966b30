"""A table of the catalogue that is read again and again, in batches of columns in the catalogue's types.

    source = file_source(catalogue, table, root, as_of)
    for batch in source.batches({"id", "country"}):
        ...
    source.findings()

What the data say against the catalogue is found while they are read and told by `findings`; only a file that cannot
be read, or not to its end, stops `batches`, with `TableProblems`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from segrules.diagnostics.errors import BadData
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Catalogue, Table
from segrules.sources import hashes
from segrules.sources.blocks import Part
from segrules.sources.expected import Expected, expect
from segrules.sources.files import Opener, open_file
from segrules.sources.loaded import ClockChange
from segrules.sources.opened import Batch, Keep, Opened
from segrules.sources.places import Place, find, format_of
from segrules.sources.problems import TableProblems, as_finding, cut
from segrules.sources.seen import Changed
from segrules.sources.unreadable import Unreadable

ROWS = 1_048_576
"""How many rows a batch has."""


class Data(Protocol):
    """Where the parts of a table come from."""

    def parts(self, expected: Expected) -> tuple[Part, ...]:
        """All parts, in order.

        Raises:
            TableProblems: some of them cannot be read.
        """

    def digest(self) -> str | None:
        """The hash of the files; None for what is no file.

        Raises:
            Unreadable: some of them cannot be read.
        """


class TableSource:
    """A table and all that was found in it so far. Not for several threads at once."""

    def __init__(self, table: Table, data: Data, expecting: Callable[[], Expected], *, in_memory: bool = False) -> None:
        self.table = table
        self.in_memory = in_memory
        self._data = data
        self._expecting = expecting
        self._opened: Opened | None = None
        self._problems: tuple[Finding, ...] = ()
        self._digest: str | None = None

    @property
    def rows(self) -> int | None:
        """How many rows there are; None where that is not known without reading, or nothing can be read."""
        try:
            return self._open().rows
        except TableProblems:
            return None

    @property
    def hash(self) -> str | None:
        """The hash of the files, as `Loaded.hashes` has it; None for data in memory, and where files cannot be read.

        Raises:
            BadData: the files are others than those that were read.
        """
        if self._digest is None:
            try:
                self._digest = self._data.digest()
            except Changed as error:
                self._problems = (as_finding(self.table, error),)
                raise BadData("the data changed while they were read", self._problems) from None
            except Unreadable as error:
                self._problems = self._problems or (as_finding(self.table, error),)
        return self._digest

    @property
    def stored(self) -> Mapping[str, pa.DataType]:
        """The types in the data of the columns read so far, dictionaries and other packing undone."""
        return {} if self._opened is None else self._opened.stored()

    def batches(self, columns: Collection[str], *, size: int = ROWS, keep: Keep | None = None) -> Iterator[Batch]:
        """The rows of the table with these stored columns, in order, in batches of `size` rows where that is cheap.

        Row groups of Parquet files for which `keep` is false are left out; later batches count them all the same.
        A column that has another type than the catalogue says is null in every row, and one that is missing too:
        `findings` then has an error.

        Raises:
            KeyError: a column is not stored in this table.
            TableProblems: a file cannot be read, or not to its end; `findings` then says so, too.
        """
        try:
            yield from self._open().batches(columns, size, keep)
        except Unreadable as error:
            self._problems = (as_finding(self.table, error),)
            raise TableProblems(self._problems) from None

    def findings(self, as_of: datetime | None = None) -> tuple[Finding, ...]:
        """All that was found in what was read so far, each row counted once however often it was read.

        Freshness is judged by another instant where `as_of` is given.
        """
        if self._problems or self._opened is None:
            return self._problems
        return self._opened.findings(as_of)

    def clock_changes(self) -> tuple[ClockChange, ...]:
        """Local times at a clock change, in what was read so far."""
        return () if self._problems or self._opened is None else self._opened.clock_changes()

    def _open(self) -> "Opened":
        if self._problems:
            raise TableProblems(self._problems)
        if self._opened is None:
            try:
                expected = self._expecting()
                self._opened = Opened(expected, self._data.parts(expected))
            except TableProblems as problems:
                self._problems = problems.findings
                raise
        return self._opened


@dataclass(slots=True, eq=False)
class _Files:
    """The files at an address."""

    table: Table
    address: str
    base: Path
    overridden: bool
    place: Place | None = None

    def parts(self, expected: Expected) -> tuple[Part, ...]:
        """All files, looked into."""
        kind = (format_of(self.address) if self.overridden else None) or self.table.format
        parts: list[Part] = []
        problems: list[Finding] = []
        try:
            place = self._found()
        except Unreadable as error:
            raise TableProblems((as_finding(self.table, error),)) from None
        for file in place.files:
            try:
                parts.append(
                    open_file(Opener(place.filesystem, file, place.seen), kind, expected.wanted, self.table.csv)
                )
            except Unreadable as error:
                problems.append(as_finding(self.table, error))
        if problems:
            raise TableProblems(cut(self.table, problems))
        return tuple(parts)

    def digest(self) -> str:
        """The hash of all files."""
        return hashes.of_place(self._found())

    def _found(self) -> Place:
        if self.place is None:
            self.place = find(self.address, self.base, hive=self.table.hive)
        return self.place


def file_source(
    catalogue: Catalogue,
    table: Table,
    root: Path,
    as_of: datetime,
    override: str | None = None,
    *,
    unique_keys: Collection[str] | None = None,
) -> TableSource:
    """The files of a table, at its path in the catalogue (relative to `root`) or at `override`, as `read_typed` has it.

    `unique_keys` are the keys whose values are compared with each other, all of them where it is None; comparing
    takes the whole key into memory. Nothing is opened before it is asked for.
    """
    address, base = (table.path, root) if override is None else (override, Path.cwd())
    files = _Files(table, address, base, override is not None)
    return TableSource(table, files, lambda: expect(catalogue, table, as_of, unique_keys))
