"""The one place where tests call the engine, and what it is compared with."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from segrules.backends.arrow.evaluate import evaluate
from segrules.backends.arrow.scanning import Tabular
from segrules.diagnostics.finding import Finding, has_errors
from segrules.evaluation.held import HeldTables
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.reference.evaluate import evaluate as evaluate_by_reference
from segrules.reference.outcome import Outcome
from segrules.reference.problems import DataProblem
from segrules.sources.cast import as_stored
from segrules.sources.given import given_source
from segrules.sources.plain import cells
from segrules.sources.problems import TableProblems
from segrules.types.cells import Tables

_ANY_TIME = datetime(2026, 11, 1, tzinfo=UTC)
_EARLIER = datetime(2024, 2, 29, 12, tzinfo=UTC)

Seen = Outcome | frozenset[str]
"""What an engine gives back: an outcome, or the names of the findings with which it stops."""


class StoppedByReading(DataProblem):
    """What was read does not fit the catalogue, and nothing was worked out of it.

    With either engine a run ends there. The reference interpreter alone, which is given plain cells, goes on and may
    find more.
    """


class WhileReading(frozenset[str]):
    """The findings with which reading stopped."""

    def is_part_of(self, other: object) -> bool:
        """Whether the interpreter stops too, with these findings among others."""
        return isinstance(other, frozenset) and bool(self) and self <= other


def engine_outcome(
    rules: Rules,
    tables: Mapping[str, Any],
    as_of: datetime,
    segments: Collection[str],
    *,
    three_valued: bool = True,
    held: bool = False,
) -> Outcome:
    """What the Arrow engine makes of tables in whatever form; what it found while reading stops it first of all.

    Tables that are `held` have been evaluated at another instant before.
    """
    catalogue = rules.catalogue
    sources: Mapping[str, Tabular]
    if held:
        kept = HeldTables(catalogue, tables)
        with suppress(DataProblem, TableProblems):
            evaluate(rules, {name: table.at(_EARLIER) for name, table in kept.items()}, _EARLIER, segments)
        sources = {name: table.at(as_of) for name, table in kept.items()}
    else:
        sources = {name: given_source(catalogue, catalogue.tables[name], data, as_of) for name, data in tables.items()}
    try:
        found = evaluate(rules, sources, as_of, segments, three_valued=three_valued)
    except (DataProblem, TableProblems):
        _stop_at_errors(sources)
        raise
    _stop_at_errors(sources)
    return found.outcome()


def _stop_at_errors(sources: Mapping[str, Tabular]) -> None:
    errors = [item for source in sources.values() for item in source.findings() if has_errors([item])]
    if errors:
        raise StoppedByReading(errors)


def by_engine(
    rules: Rules,
    tables: Mapping[str, Any],
    as_of: datetime,
    segments: Collection[str],
    *,
    three_valued: bool = True,
    held: bool = False,
) -> Seen:
    """The engine's outcome, or with what it stops."""
    try:
        return engine_outcome(rules, tables, as_of, segments, three_valued=three_valued, held=held)
    except StoppedByReading as problem:
        return WhileReading(finding.code.name for finding in problem.findings)
    except DataProblem as problem:
        return frozenset(finding.code.name for finding in problem.findings)


def by_reference(
    rules: Rules, tables: Tables, as_of: datetime, segments: Collection[str], *, three_valued: bool = True
) -> Seen:
    """The reference's outcome, or with what it stops; who is in doubt does not qualify if not `three_valued`."""
    try:
        outcome = evaluate_by_reference(rules, tables, as_of, segments)
        if three_valued:
            return outcome
        known = {name: tuple(flag is True for flag in flags) for name, flags in outcome.qualifying.items()}
        return replace(outcome, qualifying=known)
    except DataProblem as problem:
        return frozenset(finding.code.name for finding in problem.findings)


def read_back(catalogue: Catalogue, tables: Mapping[str, Any], as_of: datetime = _ANY_TIME, size: int = 3) -> Tables:
    """The plain cells that reading gives for tables in whatever form, in batches of `size` rows."""
    read: dict[str, dict[str, Any]] = {}
    problems: list[Finding] = []
    for name, data in tables.items():
        table = catalogue.tables[name]
        source = given_source(catalogue, table, data, as_of)
        columns = {column.name: column.type for column in table.columns.values() if column.derive is None}
        read[name] = {column: [] for column in columns}
        try:
            for batch in source.batches(columns, size=size):
                for column, of in columns.items():
                    read[name][column] += cells(of, pa.chunked_array([as_stored(batch.columns[column])]))
        except TableProblems:
            pass
        problems += source.findings()
    if has_errors(problems):
        raise DataProblem(problems)
    return read
