"""Everyone beside the reference interpreter, which defines what rules mean, on few customers: do all agree?"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pyarrow as pa

from benchmarks import render_duckdb, render_polars, render_pyarrow
from benchmarks.conditions import EventRule, Rule
from benchmarks.data import AS_OF_INSTANT, KEY, customers, encoded, events
from benchmarks.measure import Contender, Counts, race
from benchmarks.render_seg import catalogue, segment
from benchmarks.rules_made import attribute_rules, event_rules
from benchmarks.workload import Outcome, Settings, Table, ours, polars, say
from segrules.ir.rules import Rules
from segrules.reference.evaluate import evaluate
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.types.cells import Cell

Columns = Mapping[str, Mapping[str, list[Cell]]]


def agreement(settings: Settings) -> Outcome:
    """200 rules over attributes and 50 over events, small enough for the interpreter."""
    people = settings.rows(1000, 500)
    outcome = Outcome(
        "agreement",
        "Do all agree with the reference interpreter?",
        "The reference interpreter defines what rules mean, and is written to be read, not to be fast.\n"
        "Here it stands beside the others on few customers, with the same kind of data and rules as above, so that "
        "equal counts mean right counts.\n"
        "At this size the times say what a call costs before the first row.",
    )
    _attributes(settings, outcome, people)
    _events(settings, outcome, people)
    return outcome


def _attributes(settings: Settings, outcome: Outcome, people: int) -> None:
    table, rules = customers(people), attribute_rules(settings.rows(200, 50))
    prepared = encoded(table)
    plan = render_polars.plan(render_polars.prepared(table).lazy(), rules)
    connection = render_duckdb.connected()
    render_duckdb.store(connection, "people", table)
    query = render_duckdb.counting_query(rules, "people")
    heading = f"{len(rules)} rules, {people:,} customers"
    say(heading)
    contenders = [
        _reference(rules, {"customers": cells(table)}),
        *ours(settings, outcome, f"{len(rules)} rules", rules, {"customers": prepared}),
        *polars(plan),
        Contender("pyarrow.compute", lambda: render_pyarrow.counts(prepared, rules)),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, query)),
    ]
    outcome.tables.append(Table(heading, race(contenders, min(3, settings.rounds), say)))


def _events(settings: Settings, outcome: Outcome, people: int) -> None:
    who = customers(people)[KEY].combine_chunks()
    table, rules = events(10 * people, who), event_rules(50)
    known = pa.table({KEY: who})
    frame, joined = render_polars.prepared(table), pl.DataFrame({KEY: who.to_numpy()})
    plan = render_polars.behaviour_plan(frame, joined, rules)
    streaming = render_polars.behaviour_plan(frame, joined, rules, "streaming")
    connection = render_duckdb.connected()
    render_duckdb.store(connection, "events", table)
    render_duckdb.store(connection, "people", known)
    query = render_duckdb.behaviour_query(rules)
    heading = f"50 behavioural conditions, {people:,} customers, {10 * people:,} events"
    say(heading)
    contenders = [
        _reference(rules, {"customers": cells(known), "events": cells(table)}),
        *ours(settings, outcome, "50 behavioural conditions", rules, {"customers": known, "events": table}),
        *polars(plan, streaming),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, query)),
    ]
    outcome.tables.append(Table(heading, race(contenders, min(3, settings.rounds), say)))


def _reference(rules: Sequence[Rule | EventRule], data: Columns) -> Contender:
    """The interpreter; it is slow, so its first run is the only one."""
    bound, names = _bound(rules), [rule.name for rule in rules]

    def run() -> Counts:
        found = evaluate(bound, data, AS_OF_INSTANT, names)
        return {name: sum(found.members[name]) for name in names}

    return Contender("reference interpreter", run, allowance=0)


def _bound(rules: Sequence[Rule | EventRule]) -> Rules:
    read, findings = read_catalogue(Source("catalog.yaml", catalogue(rules)))
    assert read is not None, findings
    tree, findings = parse_file(Source("rules.seg", "\n".join(map(segment, rules))))
    assert not findings, findings
    bound, findings = bind([tree], read, lambda _: frozenset())
    assert not findings, findings
    return bound


def cells(table: pa.Table) -> Mapping[str, list[Cell]]:
    """The columns as the interpreter takes them: exact numbers as fractions."""
    return {
        name: [Fraction(value) if isinstance(value, Decimal) else value for value in table[name].to_pylist()]
        for name in table.column_names
    }
