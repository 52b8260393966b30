"""The catalogue's tables into plain columns: found, read, brought to their types, checked and hashed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding, has_errors
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.sources.check import Checks
from segrules.sources.conform import Conformed, conform
from segrules.sources.expected import expect
from segrules.sources.formats import Piece, read_piece
from segrules.sources.hashes import of_table
from segrules.sources.loaded import ClockChange, Loaded
from segrules.sources.places import File, Place, find, format_of
from segrules.sources.plain import cells
from segrules.sources.problems import TableProblems, as_finding, cut
from segrules.sources.samples import Rows, named
from segrules.sources.unreadable import Unreadable, first_line
from segrules.types.cells import Cell


@dataclass(frozen=True, slots=True, eq=False)
class TypedTable:
    """A table in Arrow, every column in the catalogue's type, for engines that stay in Arrow.

    `columns` lacks those that could not be brought to their types; then the findings hold an error.
    `hash` is None where a file could not be read. `stored` has the types in the data.
    """

    columns: Mapping[str, pa.ChunkedArray]
    findings: tuple[Finding, ...]
    clock_changes: tuple[ClockChange, ...] = ()
    hash: str | None = None
    stored: Mapping[str, pa.DataType] = field(default_factory=dict)


def read_tables(
    catalogue: Catalogue,
    root: Path,
    as_of: datetime,
    overrides: Mapping[str, str],
    tables: Collection[str] | None = None,
) -> Loaded:
    """Read the catalogue's tables, or only those named in `tables`, whole and checked.

    `root` is the catalogue's folder, from which its paths count. `overrides` gives other paths by table name; those
    count from the current folder, and their ending, where it is a known one, decides on their format.
    `as_of` is an instant, with a zone; only freshness is judged by it, no row is left out.

    Never raises for what is in the data: whatever does not fit the catalogue is a finding, all of them at once.
    """
    findings = list(_unknown(overrides, catalogue))
    read: dict[str, dict[str, list[Cell]]] = {}
    hashes: dict[str, str] = {}
    changes: list[ClockChange] = []
    stored: dict[str, Mapping[str, pa.DataType]] = {}
    for name, table in catalogue.tables.items():
        if tables is not None and name not in tables:
            continue
        typed = read_typed(catalogue, table, root, as_of, overrides.get(name))
        findings.extend(typed.findings)
        changes.extend(typed.clock_changes)
        if typed.hash is not None:
            hashes[name] = typed.hash
        if not has_errors(typed.findings):
            stored[name] = typed.stored
            read[name] = {column: cells(table.columns[column].type, values) for column, values in typed.columns.items()}
    return Loaded(read, hashes, tuple(findings), tuple(changes), stored)


def read_typed(catalogue: Catalogue, table: Table, root: Path, as_of: datetime, override: str | None) -> TypedTable:
    """Read one table and check it; what `read_tables` does before it makes plain cells."""
    address, base = (table.path, root) if override is None else (override, Path.cwd())
    try:
        expected = expect(catalogue, table, as_of)
        columns = expected.columns
        pieces, digest = _pieces(table, address, base, override is not None, columns)
    except TableProblems as problems:
        return TypedTable({}, problems.findings)
    made = {name: conform(column, table, pieces, expected.zones[name]) for name, column in columns.items()}
    typed = {name: result.values for name, result in made.items() if result.values is not None}
    checks = Checks(expected.checked)
    checks.see(0, typed, Rows(pieces).name)
    return TypedTable(
        {name: values for name, values in typed.items() if name in table.columns},
        (*(item for result in made.values() for item in result.findings), *checks.findings(typed, typed)),
        tuple(change for result in made.values() for change in result.clock_changes),
        digest,
        _stored_types(made),
    )


def _unknown(overrides: Mapping[str, str], catalogue: Catalogue) -> Iterator[Finding]:
    for name in overrides:
        if name not in catalogue.tables:
            yield finding(
                codes.CATALOGUE_NAME,
                f"the catalogue has no table `{name}`, whose data were given",
                help=did_you_mean(name, catalogue.tables) or f"the catalogue has {named(list(catalogue.tables))}",
            )


def _stored_types(made: Mapping[str, Conformed]) -> dict[str, pa.DataType]:
    return {name: result.stored for name, result in made.items() if result.stored is not None}


def _pieces(
    table: Table, address: str, base: Path, overridden: bool, columns: Mapping[str, Column]
) -> tuple[list[Piece], str]:
    """The files of a table, and their hash.

    Every file is read into memory once, so that what is hashed is what is read.
    """
    kind = (format_of(address) if overridden else None) or table.format
    wanted = frozenset(column.physical for column in columns.values())
    try:
        found = find(address, base, hive=table.hive)
    except Unreadable as error:
        raise TableProblems((as_finding(table, error),)) from None
    pieces: list[Piece] = []
    problems: list[Finding] = []
    digests: list[tuple[str, str]] = []
    for file in found.files:
        try:
            data = _bytes(found, file)
            digests.append((file.relative, sha256(data).hexdigest()))
            pieces.append(read_piece(data, kind, file.shown, wanted, table.csv).with_partitions(file.partitions))
        except Unreadable as error:
            problems.append(as_finding(table, error))
    if problems:
        raise TableProblems(cut(table, problems))
    return pieces, of_table(digests, folder=found.folder)


def _bytes(where: Place, file: File) -> bytes:
    with where.seen.watched(where.filesystem, file.path, file.shown):
        try:
            with where.filesystem.open_input_stream(file.path, compression=None) as stream:
                data: bytes = stream.read()
                return data
        except (OSError, ValueError, pa.ArrowException) as error:
            raise Unreadable(f"`{file.shown}` cannot be read: {first_line(error)}") from None
