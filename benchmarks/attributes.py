"""Workload A: many rules over the attributes of customers, in memory."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from benchmarks import floor, render_duckdb, render_pandas, render_polars, render_pyarrow
from benchmarks.conditions import Rule, columns
from benchmarks.data import customers, encoded
from benchmarks.measure import Contender, race
from benchmarks.rules_made import attribute_rules
from benchmarks.workload import Outcome, Settings, Table, ours, polars, say


def warm(settings: Settings) -> Outcome:
    """20, 200 and 1,000 rules over columns that everyone could prepare as they like."""
    rows = settings.rows(1_000_000, 200_000)
    outcome = Outcome(
        "attributes",
        "Attributes, prepared columns",
        f"{rows:,} customers with twenty attributes: twelve numbers (integers, floats, exact decimals), two dates, two "
        "booleans and four texts of 4 to 60 different values; one value in twenty is missing.\n"
        "Every rule is a nest of three to eight conditions, and one rule in seven refers to an earlier one.\n"
        "Everyone may prepare the columns beforehand, untimed: segrules holds the table, so that its columns are "
        "checked and encoded once; texts are dictionaries for pyarrow, Enum for Polars, ENUM for DuckDB, which also "
        "has the table in its own format; Polars has decimals as whole hundredths.\n"
        "In the row `tables given anew` segrules checks and encodes everything in each run.\n"
        "segrules makes every segment's mask and the counts; the others are asked for the counts only.",
    )
    table = customers(rows)
    prepared = encoded(table)
    connection = render_duckdb.connected()
    render_duckdb.store(connection, "people", table)
    for count in (20, 100) if settings.quick else (20, 200, 1000):
        rules = attribute_rules(count)
        heading = f"{count:,} rules, {rows:,} customers"
        say(heading)
        contenders = [
            *ours(settings, outcome, f"{count} rules", rules, {"customers": prepared}, anew=True),
            *_rivals(prepared, connection, rules),
            _floor(prepared, rules),
        ]
        outcome.tables.append(Table(heading, race(contenders, settings.rounds, say)))
    return outcome


def cold(settings: Settings) -> Outcome:
    """Plain columns in, one boolean column for each rule out: what a nightly job sees."""
    rows, count = settings.rows(1_000_000, 200_000), settings.rows(200, 50)
    outcome = Outcome(
        "attributes-cold",
        "Attributes, plain columns in and boolean columns out",
        "The same customers as a warehouse hands them over: plain texts and exact decimals in Arrow.\n"
        "Nothing is prepared; turning texts into codes is part of the time, and so is making one boolean column "
        "for every rule.\n"
        "Polars is told which texts can occur, and makes Enum and whole hundredths of the columns on the way, which is "
        "faster than to compare them as they are.",
    )
    table, rules = customers(rows), attribute_rules(count)
    connection = render_duckdb.connected()
    connection.register("people", table)
    query = render_duckdb.membership_query(rules, "people")
    contenders = [
        *ours(settings, outcome, f"{count} rules", rules, {"customers": table}, masks=True),
        Contender("Polars", lambda: render_polars.membership(table, rules)),
        Contender("DuckDB", lambda: render_duckdb.membership_counts(connection, query), allowance=25),
        _floor(table, rules),
    ]
    heading = f"{count:,} rules, {rows:,} customers"
    outcome.tables.append(Table(heading, race(contenders, settings.rounds, say)))
    return outcome


def large(settings: Settings) -> Outcome:
    """Ten million customers: does the cost for one stay the same?"""
    rows, count = settings.rows(10_000_000, 500_000), settings.rows(200, 50)
    outcome = Outcome(
        "attributes-large",
        "Attributes, many customers",
        "Prepared columns as in the first workload, more customers, fewer runs.",
    )
    table, rules = customers(rows), attribute_rules(count)
    prepared = encoded(table)
    plan = render_polars.plan(render_polars.prepared(prepared).lazy(), rules)
    contenders = [
        *ours(settings, outcome, f"{count} rules", rules, {"customers": prepared}),
        *polars(plan),
        _floor(prepared, rules),
    ]
    del table
    heading = f"{count:,} rules, {rows:,} customers"
    outcome.tables.append(Table(heading, race(contenders, min(3, settings.rounds), say)))
    return outcome


def small(settings: Settings) -> Outcome:
    """One small case with pandas, which has another logic."""
    rows = settings.rows(100_000, 50_000)
    outcome = Outcome(
        "attributes-pandas",
        "Attributes, a small case with pandas",
        "`DataFrame.eval` knows true and false only: a comparison with a missing value is false, and `not` makes it "
        "true.\n"
        "So pandas lets people in of whom nothing is known, and its counts are not held against the others'.",
    )
    table, rules = customers(rows), attribute_rules(20)
    prepared = encoded(table)
    frame = render_pandas.prepared(table)
    plan = render_polars.plan(render_polars.prepared(table).lazy(), rules)
    contenders = [
        *ours(settings, outcome, "20 rules", rules, {"customers": prepared}),
        *polars(plan),
        Contender("pandas eval", lambda: render_pandas.counts(frame, rules), compared=False),
        _floor(prepared, rules),
    ]
    timings = race(contenders, settings.rounds, say)
    other = next((timing.differing for timing in timings if timing.differing is not None), None)
    remark = "" if other is None else f"pandas has other members than the rest in {other} of {len(rules)} rules."
    outcome.tables.append(Table(f"20 rules, {rows:,} customers", timings, remark))
    return outcome


def _rivals(prepared: pa.Table, connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> list[Contender]:
    needed = columns(rule.condition for rule in rules)
    frame = render_polars.prepared(prepared).select(needed)
    plan = render_polars.plan(frame.lazy(), rules)
    query = render_duckdb.counting_query(rules, "people")
    return [
        *polars(plan),
        Contender("pyarrow.compute", lambda: render_pyarrow.counts(prepared, rules), allowance=20),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, query), allowance=25),
    ]


def _floor(table: pa.Table, rules: Sequence[Rule]) -> Contender:
    needed = columns(rule.condition for rule in rules)
    return Contender("floor: reading the columns once", lambda: floor.read_once(table, needed), compared=False)
