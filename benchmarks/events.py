"""Workload B: behavioural rules over many events of many customers."""

import polars as pl
import pyarrow as pa

from benchmarks import floor, render_duckdb, render_polars
from benchmarks.conditions import EventRule
from benchmarks.data import KEY, events, keys
from benchmarks.measure import Contender, Timing, race
from benchmarks.rules_made import event_rules
from benchmarks.workload import OURS, Outcome, Settings, Table, ours, polars, say

RULES = 50


def ten_million(settings: Settings) -> Outcome:
    """All engines, events in no order and sorted by customer."""
    count, people = settings.rows(10_000_000, 1_000_000), settings.rows(1_000_000, 100_000)
    outcome = Outcome(
        "events",
        "Events",
        f"{count:,} events of {people:,} customers over two years, of six kinds in one table; a tenth of the customers "
        "have two fifths of the events.\n"
        f"{RULES} behavioural conditions: did, did not, so many times, total, different products, days since the "
        "last; over the last 30, 90 or 365 days or ever; half of them look at amount and channel as well.\n"
        "No property of an event is missing, and one event in a thousand is of an unknown customer.\n"
        "segrules holds the tables: events are checked, and their customers looked up, before the first round; in the "
        "row `tables given anew` that is part of the time.\n"
        "The rivals may have kinds and channels as Enum and amounts as whole hundredths (Polars) or their own tables "
        "(DuckDB) beforehand, and each kind of event is grouped by itself, which came out fastest for both.",
    )
    who = keys(people)
    for by_customer in (False, True):
        table = events(count, who, by_customer=by_customer)
        heading = f"{count:,} events, {'sorted by customer and time' if by_customer else 'in no order'}"
        say(heading)
        outcome.tables.append(Table(heading, _race(settings, outcome, table, who, by_customer)))
    return outcome


def _race(settings: Settings, outcome: Outcome, table: pa.Table, who: pa.Array, by_customer: bool) -> list[Timing]:
    rules = event_rules(RULES)
    people = pa.table({KEY: who})
    frame, joined = render_polars.prepared(table), pl.DataFrame({KEY: who.to_numpy()})
    if by_customer:
        frame = frame.set_sorted(KEY)
    plan = render_polars.behaviour_plan(frame, joined, rules)
    streaming = render_polars.behaviour_plan(frame, joined, rules, "streaming")
    connection = render_duckdb.connected()
    render_duckdb.store(connection, "events", table)
    render_duckdb.store(connection, "people", people)
    query = render_duckdb.behaviour_query(rules)
    contenders = [
        *ours(settings, outcome, "50 rules", rules, {"customers": people, "events": table}, anew=True),
        *polars(plan, streaming),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, query), allowance=20),
        _floor(table),
    ]
    return race(contenders, settings.rounds, say)


def growth(settings: Settings) -> Outcome:
    """Whether an event costs the same in a short and in a long table."""
    sizes = (300_000, 1_000_000) if settings.quick else (3_000_000, 10_000_000, 30_000_000)
    people = settings.rows(1_000_000, 100_000)
    outcome = Outcome(
        "events-growth",
        "Does an event cost the same in a longer table?",
        f"The same {RULES} conditions and {people:,} customers, events in no order.",
    )
    who, rules = keys(people), event_rules(RULES)
    timings: list[Timing] = []
    for count in sizes:
        table = events(count, who)
        given = {"customers": pa.table({KEY: who}), "events": table}
        frame, joined = render_polars.prepared(table), pl.DataFrame({KEY: who.to_numpy()})
        contenders = [
            *ours(settings, outcome, "50 rules", rules, given, name=f"{OURS}, {count:,} events"),
            _streaming(f"Polars streaming, {count:,} events", frame, joined, rules),
        ]
        for timing in race(contenders, min(3, settings.rounds), say):
            timing.rows = count
            timings.append(timing)
    outcome.tables.append(Table("By number of events", timings))
    return outcome


def _streaming(name: str, frame: pl.DataFrame, people: pl.DataFrame, rules: list[EventRule]) -> Contender:
    plan = render_polars.behaviour_plan(frame, people, rules, "streaming")
    return Contender(name, lambda: render_polars.counts(plan, "streaming"), allowance=20)


def _floor(table: pa.Table) -> Contender:
    return Contender(
        "floor: reading the columns once", lambda: floor.read_once(table, table.column_names), compared=False
    )
