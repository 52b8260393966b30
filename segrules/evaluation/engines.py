"""The engines by name: each takes typed rules and where the tables are, and gives what it found and what it read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from segrules.backends.arrow.evaluate import evaluate as evaluate_with_arrow
from segrules.backends.arrow.found import Found, of_outcome
from segrules.backends.arrow.held import HeldTable
from segrules.backends.arrow.scanning import Tabular
from segrules.diagnostics.errors import BadData, BadRules
from segrules.diagnostics.finding import Finding, has_errors
from segrules.evaluation.needed import Kind, nodes_of
from segrules.ir.catalogue import Customers
from segrules.ir.nodes import TextOp, TextTest
from segrules.ir.rules import Rules
from segrules.lowering.lower import Lowered
from segrules.lowering.scans import Scans, scans
from segrules.reference.evaluate import evaluate as evaluate_with_reference
from segrules.reference.problems import BadPattern, DataProblem
from segrules.reference.text import folded_pattern
from segrules.sources.given import given_source
from segrules.sources.loaded import ClockChange
from segrules.sources.problems import TableProblems
from segrules.sources.read import read_tables
from segrules.sources.stream import file_source
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import TextType

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and how many there are (0: not known)."""


@dataclass(frozen=True, slots=True)
class Job:
    """What an engine is to do.

    `paths` replaces paths of tables, `given` has tables in memory; all others lie where the catalogue says, relative
    to `base`. `rules` are cut down to what is reached, `lowered` is their program.
    """

    rules: Rules
    as_of: datetime
    segments: tuple[str, ...]
    base: Path
    paths: Mapping[str, str]
    given: Mapping[str, Any]
    lowered: Lowered
    progress: Progress
    three_valued: bool = False


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What an engine found, and what is worth knowing about the data that it read.

    `hashes` gives those of the files that were read, by table: reading them once more, so only for who asks.
    """

    found: Found
    findings: tuple[Finding, ...]
    hashes: Callable[[], Mapping[str, str]]
    clock_changes: tuple[ClockChange, ...]


def with_arrow(job: Job) -> Evaluated:
    """Evaluate with the Arrow engine, reading what is needed, batch by batch.

    Raises:
        BadRules: a pattern cannot be run.
        BadData: the data cannot be read or do not fit the catalogue.
        BadInput: a table that was given is no table.
    """
    sources = {name: _source(job, name) for name in job.rules.catalogue.tables}
    problems: tuple[Finding, ...] = ()
    try:
        found = evaluate_with_arrow(
            job.rules,
            sources,
            job.as_of,
            job.segments,
            three_valued=job.three_valued,
            progress=job.progress,
            lowered=job.lowered,
        )
    except TableProblems:
        found = None
    except BadPattern as problem:
        raise _refused(job.rules, problem) from None
    except DataProblem as problem:
        found, problems = None, problem.findings
    wanted = scans(job.rules.catalogue, job.lowered)
    # What is judged as fresh or stale may be read by no rule.
    fresh = {name: sources[name].table.fresh for name in wanted}
    _read_rest(job, sources, {name: frozenset({item.column}) for name, item in fresh.items() if item is not None})
    findings = _findings(sources)
    if found is None or has_errors(findings):
        # The engine stops at the first thing that is wrong: the rest is looked for, so that all is said at once.
        _read_rest(job, sources, wanted)
        findings = _findings(sources)
    if has_errors(findings):
        raise BadData("nothing was run: the data cannot be read or do not fit the catalogue", findings)
    if found is None:
        raise BadData("nothing was run: the data do not fit the catalogue", (*findings, *problems))
    read = {name: source for name, source in sources.items() if source.stored}
    in_data = _type_in_data(job.rules.catalogue.customers, {name: source.stored for name, source in read.items()})
    if in_data is not None and pa.types.is_integer(in_data):
        found = replace(found, keys=found.keys.cast(in_data))
    return Evaluated(
        found,
        findings,
        lambda: {name: source.hash for name, source in read.items() if source.hash is not None},
        tuple(change for source in read.values() for change in source.clock_changes()),
    )


def with_reference(job: Job) -> Evaluated:
    """Evaluate with the reference interpreter, all tables in memory.

    Raises:
        BadRules: a pattern cannot be run.
        BadData: the data cannot be read or do not fit the catalogue.
    """
    assert not job.given, "the reference interpreter reads files"
    catalogue = job.rules.catalogue
    job.progress("reading data", 0, 1)
    loaded = read_tables(catalogue, job.base, job.as_of, job.paths)
    if has_errors(loaded.findings):
        raise BadData("nothing was run: the data cannot be read or do not fit the catalogue", loaded.findings)
    job.progress("reading data", 1, 1)
    try:
        outcome = evaluate_with_reference(job.rules, loaded.tables, job.as_of, job.segments, job.progress)
    except BadPattern as problem:
        raise _refused(job.rules, problem) from None
    except DataProblem as problem:
        raise BadData(
            "nothing was run: the data do not fit the catalogue", (*loaded.findings, *problem.findings)
        ) from None
    keys = key_array(
        outcome.keys,
        text=isinstance(catalogue.customers.key.type, TextType),
        in_data=_type_in_data(catalogue.customers, loaded.types),
    )
    entries = {
        name: (*(stage.name for stage in partition.stages), partition.otherwise)
        for name, partition in job.rules.partitions.items()
    }
    found = of_outcome(outcome, keys, entries, three_valued=job.three_valued)
    return Evaluated(found, loaded.findings, lambda: loaded.hashes, loaded.clock_changes)


ENGINES: Mapping[str, Callable[[Job], Evaluated]] = {"arrow": with_arrow, "reference": with_reference}
"""What `--engine` can name."""


def _refused(rules: Rules, problem: BadPattern) -> BadRules:
    """The error about a pattern that RE2 does not run, at the places where the rules have it."""
    at = [test.span for test in _text_tests(rules) if problem.pattern in (test.pattern, folded_pattern(test.pattern))]
    spans: list[Span | None] = [*dict.fromkeys(at)] or [None]
    findings = [replace(item, span=span) for item in problem.findings for span in spans]
    return BadRules("nothing was run: a pattern cannot be run", findings)


def _text_tests(rules: Rules) -> Iterator[TextTest]:
    kinds: tuple[tuple[Kind, Iterable[str]], ...] = (
        ("define", rules.definitions),
        ("score", rules.scores),
        ("segment", rules.segments),
        ("caps", rules.segments),
        ("partition", rules.partitions),
    )
    nodes = (node for kind, names in kinds for name in names for node in nodes_of(rules, (kind, name)))
    return (node for node in nodes if isinstance(node, TextTest) and node.op is TextOp.MATCHES)


def _read_rest(job: Job, sources: Mapping[str, Tabular], wanted: Scans) -> None:
    """Read the columns that are wanted and were not read yet, for what is found in them."""
    for name, columns in wanted.items():
        rest = columns - sources[name].stored.keys()
        if rest:
            with suppress(TableProblems):
                for batch in sources[name].batches(rest):
                    job.progress(f"reading `{name}`", batch.start, sources[name].rows or 0)


def _findings(sources: Mapping[str, Tabular]) -> tuple[Finding, ...]:
    return tuple(item for source in sources.values() for item in source.findings())


def _source(job: Job, name: str) -> Tabular:
    catalogue, table = job.rules.catalogue, job.rules.catalogue.tables[name]
    given = job.given.get(name)
    if isinstance(given, HeldTable):
        return given.at(job.as_of)
    if name in job.given:
        return given_source(catalogue, table, given, job.as_of)
    return file_source(catalogue, table, job.base, job.as_of, job.paths.get(name))


def key_array(keys: tuple[Key, ...], *, text: bool, in_data: pa.DataType | None) -> pa.Array:
    """The customers' keys in the type that their column has in the data.

    Text of every make becomes `string`. Whole numbers that the data do not hold as such (spelled in a CSV file,
    written as decimals) become `int64`, or `uint64` or `decimal256` where they need it.
    """
    if text:
        return pa.array(keys, pa.string())
    if in_data is not None and pa.types.is_integer(in_data):
        return pa.array(keys, in_data)
    low, high = (int(min(keys)), int(max(keys))) if keys else (0, 0)
    if low >= -(2**63) and high < 2**63:
        return pa.array(keys, pa.int64())
    return pa.array(keys, pa.uint64() if low >= 0 and high < 2**64 else pa.decimal256(76, 0))


def _type_in_data(customers: Customers, types: Mapping[str, Mapping[str, pa.DataType]]) -> pa.DataType | None:
    if customers.derivation is not None:
        return types.get(customers.derivation.table, {}).get(customers.derivation.key)
    return types.get(customers.table or "", {}).get(customers.key.name)
