"""Workload C: the same kind of rules straight from a Parquet file, and a file of which most need not be read."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import floor, render_duckdb, render_polars
from benchmarks.conditions import columns
from benchmarks.data import ATTRIBUTES, customers
from benchmarks.measure import Contender, race
from benchmarks.rules_made import attribute_rules, date_range, recent_rules
from benchmarks.workload import Outcome, Settings, Table, ours, polars, say

GROUP_ROWS = 131_072
TEXTS = [column.name for column in ATTRIBUTES if column.kind == "text"]


def streaming(settings: Settings) -> Outcome:
    """200 rules from a file of about thirty row groups."""
    rows, count = settings.rows(4_000_000, 500_000), settings.rows(200, 50)
    outcome = Outcome(
        "parquet",
        "From a Parquet file",
        f"{rows:,} customers in one file, zstd, {GROUP_ROWS:,} rows in a row group, in the system's file cache.\n"
        "Decoding is part of the time; the floor is decoding the needed columns with pyarrow and nothing else.\n"
        "Polars makes Enum and whole hundredths of the columns on the way, as above.",
    )
    path = write(settings, customers(rows), "customers.parquet")
    rules = attribute_rules(count)
    needed = columns(rule.condition for rule in rules)
    connection = render_duckdb.connected()
    query = render_duckdb.counting_query(rules, _read(path))
    contenders = [
        *ours(settings, outcome, f"{count} rules", rules, {"customers": str(path)}, customers_path=str(path)),
        *polars(render_polars.scanned_plan(path, rules)),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, query), allowance=25),
        _floor(path, needed),
    ]
    heading = f"{count:,} rules, {rows:,} customers, {path.stat().st_size / 1e6:,.0f} MB"
    say(heading)
    outcome.tables.append(Table(heading, race(contenders, min(5, settings.rounds), say)))
    return outcome


def pruning(settings: Settings) -> Outcome:
    """Rules that all ask for a recent signup, in a file that is in order of signup."""
    rows = settings.rows(4_000_000, 500_000)
    outcome = Outcome(
        "parquet-pruning",
        "A condition that all rules share",
        f"{rows:,} customers in order of signup, and 20 rules that all ask for a signup in the last 60 days, each with "
        "more conditions of its own.\n"
        "An engine that sees the common condition need not read most row groups.\n"
        "For Polars and DuckDB there are two ways: the rules as they are, and with the common condition moved into a "
        "filter by hand.",
    )
    path = write(settings, customers(rows, clustered=True), "clustered.parquet")
    rules = recent_rules(20)
    needed = columns(rule.condition for rule in rules)
    common = date_range("signup", "last", 60)
    connection = render_duckdb.connected()
    as_they_are, filtered = (render_polars.scanned_plan(path, rules, where) for where in (None, common))
    plain, hoisted = (render_duckdb.counting_query(rules, _read(path), where) for where in (None, common))
    contenders = [
        *ours(settings, outcome, "20 rules", rules, {"customers": str(path)}, customers_path=str(path)),
        Contender("Polars, filtered by hand", lambda: render_polars.counts(filtered)),
        Contender("DuckDB, filtered by hand", lambda: render_duckdb.counts(connection, hoisted)),
        Contender("Polars", lambda: render_polars.counts(as_they_are)),
        Contender("DuckDB", lambda: render_duckdb.counts(connection, plain)),
        _floor(path, needed),
    ]
    heading = f"20 rules, {rows:,} customers, {path.stat().st_size / 1e6:,.0f} MB"
    say(heading)
    outcome.tables.append(Table(heading, race(contenders, settings.rounds, say)))
    return outcome


def write(settings: Settings, table: pa.Table, name: str) -> Path:
    """The table as a Parquet file of many row groups."""
    path = settings.scratch / name
    pq.write_table(table, path, compression="zstd", row_group_size=GROUP_ROWS)
    return path


def _read(path: Path) -> str:
    return f"read_parquet('{path}')"


def _floor(path: Path, needed: list[str]) -> Contender:
    texts = [name for name in TEXTS if name in needed]
    return Contender("floor: decoding the columns", lambda: floor.decode_once(path, needed, texts), compared=False)
