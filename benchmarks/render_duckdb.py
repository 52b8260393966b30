"""Rules as DuckDB SQL, as an expert writes it: a common table expression with every atom once, then the rules."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

import duckdb
import pyarrow as pa

from benchmarks.conditions import (
    And,
    Atom,
    Between,
    Compare,
    Condition,
    DateRange,
    EventRule,
    Flag,
    InSegment,
    IsKnown,
    Not,
    OneOf,
    Or,
    Rule,
    Value,
    atoms,
    levels,
)
from benchmarks.data import AS_OF_INSTANT, ATTRIBUTES, CHANNELS, KEY, KINDS

Counts: TypeAlias = dict[str, int]
_TEXTS = {column.name: column.texts for column in ATTRIBUTES if column.texts}
_EVENT_TEXTS = {"kind": KINDS, "channel": CHANNELS}


def connected() -> duckdb.DuckDBPyConnection:
    """A database in memory that does not draw progress bars."""
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    return connection


def store(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    """Copies the table into DuckDB's own format, texts as ENUM: what it may do beforehand."""
    connection.register("handed_over", table)
    texts = _EVENT_TEXTS if "time" in table.column_names else _TEXTS
    selected = []
    for column in table.column_names:
        if column in texts:
            kind = f"{name}_{column}"
            connection.execute(
                f"create or replace type {kind} as enum ({', '.join(_literal(t) for t in texts[column])})"
            )
            selected.append(f"{column}::varchar::{kind} as {column}")
        else:
            selected.append(column)
    connection.execute(f"create or replace table {name} as select {', '.join(selected)} from handed_over")
    connection.unregister("handed_over")


def membership_query(rules: Sequence[Rule], source: str) -> str:
    """One boolean column for each rule."""
    steps, last, names = _steps(rules, source)
    picked = ", ".join(f"{_sql(rule.condition, names)} as {rule.name}" for rule in rules)
    return f"with {steps} select {picked} from {last}"


def counting_query(rules: Sequence[Rule], source: str, hoisted: Condition | None = None) -> str:
    """One row with the number of members of each rule; `hoisted` is a condition that an expert saw in all of them."""
    where = "" if hoisted is None else f" where {_sql(hoisted, {})}"
    steps, last, names = _steps(rules, source + where)
    # `count_if` took two thirds of the time of `count(*) filter (where ...)`.
    picked = ", ".join(f"count_if({_sql(rule.condition, names)}) as {rule.name}" for rule in rules)
    return f"with {steps} select {picked} from {last}"


def counts(connection: duckdb.DuckDBPyConnection, query: str) -> Counts:
    """The one row of a counting query."""
    cursor = connection.execute(query)
    names = [str(column[0]) for column in cursor.description or ()]
    return dict(zip(names, (int(value) for value in cursor.fetchall()[0]), strict=True))


def membership_counts(connection: duckdb.DuckDBPyConnection, query: str) -> Counts:
    """Fetches the membership as an Arrow table, then counts."""
    table = connection.sql(query).to_arrow_table()
    return {name: _trues(table[name]) for name in table.column_names}


def _trues(column: pa.ChunkedArray) -> int:
    return sum(chunk.true_count for chunk in column.chunks)


def _steps(rules: Sequence[Rule], source: str) -> tuple[str, str, dict[Atom, str]]:
    conditions = [rule.condition for rule in rules]
    names = {atom: f"a{number}" for number, atom in enumerate(atoms(conditions))}
    picked = ", ".join(f"{_sql(atom, {})} as {name}" for atom, name in names.items())
    steps, last = [f"atoms as (select {picked} from {source})"], "atoms"
    for number, level in enumerate(levels(rules)):
        made = ", ".join(f"{_sql(rule.condition, names)} as {rule.name}" for rule in level)
        steps.append(f"level_{number} as (select *, {made} from {last})")
        last = f"level_{number}"
    return ", ".join(steps), last, names


def _sql(node: Condition, names: dict[Atom, str]) -> str:
    """The condition over the named atoms, or over columns where an atom has no name."""
    match node:
        case InSegment(name):
            return name
        case Not(part):
            return f"(not {_sql(part, names)})"
        case And(parts):
            return "(" + " and ".join(_sql(part, names) for part in parts) + ")"
        case Or(parts):
            return "(" + " or ".join(_sql(part, names) for part in parts) + ")"
        case _ if node in names:
            return names[node]
        case Compare(column, operator, value):
            return f"({column} {'<>' if operator == '!=' else operator} {_literal(value)})"
        case Between(column, low, high):
            return f"({column} between {_literal(low)} and {_literal(high)})"
        case OneOf(column, values):
            return f"({column} in ({', '.join(_literal(value) for value in values)}))"
        case DateRange(column, _, first, end):
            bounds = [] if first is None else [f"{column} >= date '{first}'"]
            bounds += [] if end is None else [f"{column} < date '{end}'"]
            return f"({' and '.join(bounds)})"
        case IsKnown(column):
            return f"({column} is not null)"
        case Flag(column):
            return column


def _literal(value: Value) -> str:
    match value:
        case str():
            return "'" + value.replace("'", "''") + "'"
        case float():
            return f"{value!r}::double"
        case Decimal():
            return f"{value}::decimal(12, 2)"
        case _:
            return str(value)


# --- events ----------------------------------------------------------------------------------------


def behaviour_query(rules: Sequence[EventRule], events: str = "events", people: str = "people") -> str:
    """Aggregates with `filter` by kind and customer, joined to all customers, and how many pass each test.

    All windows of `did`, `did not` and `days since` over the same rows share one aggregate, the latest time.
    """
    kinds: dict[str, dict[str, str]] = {}
    tests = []
    for rule in rules:
        aggregates = kinds.setdefault(rule.kind, {})
        days = int(rule.at_least) if rule.measure == "days since" else rule.days
        start = None if days is None else f"timestamptz '{AS_OF_INSTANT - timedelta(days)}'"
        latest = rule.measure in ("did", "did not", "days since")
        bounds = [] if rule.where is None else [_sql(rule.where, {})]
        bounds += [] if start is None or latest else [f"time >= {start}"]
        rows = f" filter (where {' and '.join(bounds)})" if bounds else ""
        name = aggregates.setdefault(f"{_AGGREGATES[rule.measure]}{rows}", f"{rule.kind}_{len(aggregates)}")
        if latest:
            did = f"{name} is not null" if start is None else f"coalesce({name} >= {start}, false)"
            tests.append(f"not ({did})" if rule.measure == "did not" else did)
        else:
            tests.append(f"{name} >= {_literal(rule.at_least)}")
    steps, joins = [], []
    for kind, aggregates in kinds.items():
        made = ", ".join(f"{aggregate} as {name}" for aggregate, name in aggregates.items())
        steps.append(f"of_{kind} as (select {KEY}, {made} from {events} where kind = {_literal(kind)} group by {KEY})")
        joins.append(f"left join of_{kind} using ({KEY})")
    picked = ", ".join(f"count_if({test}) as {rule.name}" for rule, test in zip(rules, tests, strict=True))
    return f"with {', '.join(steps)} select {picked} from {people} {' '.join(joins)}"


_AGGREGATES = {
    "did": "max(time)",
    "did not": "max(time)",
    "days since": "max(time)",
    "times": "count(*)",
    "total": "sum(amount)",
    "distinct": "count(distinct product)",
}
