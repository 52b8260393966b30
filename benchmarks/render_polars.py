"""Rules as Polars expressions, in the forms that came out fastest in trials (see the comments).

Polars has Kleene's `and`, `or` and `not`, and null comparisons are null, so that no condition has to be rewritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from operator import and_, or_
from pathlib import Path
from typing import Literal, TypeAlias

import polars as pl
import pyarrow as pa

from benchmarks.conditions import (
    And,
    Between,
    Compare,
    Condition,
    DateRange,
    EventRule,
    Flag,
    InSegment,
    IsKnown,
    Measure,
    Not,
    OneOf,
    Or,
    Rule,
    Value,
    atoms,
    levels,
)
from benchmarks.data import AS_OF_INSTANT, ATTRIBUTES, KEY, hundredths

Engine: TypeAlias = Literal["in-memory", "streaming"]
Counts: TypeAlias = dict[str, int]


def constant(value: Value) -> pl.Expr:
    """A constant beside a column; decimals are compared as whole hundredths."""
    return pl.lit(int(value * 100) if isinstance(value, Decimal) else value)


def prepared(table: pa.Table) -> pl.DataFrame:
    """What Polars may have made of the table beforehand: texts as Enum, decimals as whole hundredths."""
    for index, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(index, field.name, hundredths(table[field.name]))
    return enumerated(_frame(table))


def enumerated(frame: pl.DataFrame) -> pl.DataFrame:
    """Texts as Enum: comparisons with it take a fortieth of the time."""
    texts = [name for name, kind in frame.schema.items() if kind in (pl.String, pl.Categorical)]
    return frame.with_columns(
        pl.col(name).cast(pl.Enum(frame[name].unique().drop_nulls().cast(pl.String).sort())) for name in texts
    ).rechunk()


def _frame(table: pa.Table) -> pl.DataFrame:
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)
    return made


def condition(node: Condition, named: Mapping[Condition, str] | None = None) -> pl.Expr:
    """The condition as an expression; other segments, and atoms that have a name, are columns."""

    def within(part: Condition) -> pl.Expr:
        return condition(part, named)

    if named and node in named:
        return pl.col(named[node])
    match node:
        case Compare():
            return _comparison(node)
        case Between(column, low, high):
            return (pl.col(column) >= constant(low)) & (pl.col(column) <= constant(high))
        case OneOf(column, values):
            # `is_in` takes as long as nine comparisons on texts, and as long as two on Enum.
            return reduce(or_, (pl.col(column) == constant(value) for value in values))
        case DateRange(column, _, first, end):
            bounds = [] if first is None else [pl.col(column) >= pl.lit(first)]
            bounds += [] if end is None else [pl.col(column) < pl.lit(end)]
            return reduce(and_, bounds)
        case IsKnown(column):
            return pl.col(column).is_not_null()
        case Flag(column) | InSegment(column):
            return pl.col(column)
        case Not(part):
            return ~within(part)
        case And(parts):
            return reduce(and_, map(within, parts))
        case Or(parts):
            return reduce(or_, map(within, parts))


def _comparison(node: Compare) -> pl.Expr:
    left, right = pl.col(node.column), constant(node.value)
    match node.operator:
        case "=":
            return left == right
        case "!=":
            return left != right
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right


def selected(frame: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    """One column for each rule: first every atom once, then the rules that others refer to, then all.

    That took three quarters of the time of leaving the sharing to Polars' own elimination of common expressions.
    """
    named: dict[Condition, str] = {
        atom: f"atom_{number}" for number, atom in enumerate(atoms(rule.condition for rule in rules))
    }
    frame = frame.select(condition(atom).alias(name) for atom, name in named.items())
    done: set[str] = set()
    for level in levels(rules):
        frame = frame.with_columns(condition(rule.condition, named).alias(rule.name) for rule in level)
        done |= {rule.name for rule in level}
    return frame.select(
        pl.col(rule.name) if rule.name in done else condition(rule.condition, named).alias(rule.name) for rule in rules
    )


def plan(frame: pl.LazyFrame, rules: Sequence[Rule]) -> pl.LazyFrame:
    """One row with the number of members of each rule."""
    return selected(frame, rules).select(pl.all().sum())


def counts(plan: pl.LazyFrame, engine: Engine = "in-memory") -> Counts:
    """The one row of a plan; planning it anew is part of the work, building its expressions is not."""
    return {name: int(value) for name, value in plan.collect(engine=engine).row(0, named=True).items()}


def membership(table: pa.Table, rules: Sequence[Rule]) -> Counts:
    """From plain Arrow columns to a frame of one boolean column for each rule."""
    made = selected(_fitted(_frame(table).lazy()), rules).collect()
    return {name: int(made[name].sum()) for name in made.columns}


def scanned_plan(path: Path, rules: Sequence[Rule], hoisted: Condition | None = None) -> pl.LazyFrame:
    """The plan from a Parquet file; `hoisted` is a condition that an expert saw in all rules."""
    frame = pl.scan_parquet(path)
    filtered = frame if hoisted is None else frame.filter(condition(hoisted))
    return plan(_fitted(filtered), rules)


def _fitted(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Texts as Enum and decimals as whole hundredths, on the way: half the CPU time of comparing them as they are."""
    return frame.with_columns(
        pl.col(column.name).cast(pl.Enum(column.texts))
        if column.kind == "text"
        else (pl.col(column.name) * 100).cast(pl.Int64)
        for column in ATTRIBUTES
        if column.kind in ("text", "money", "decimal")
    )


# --- events ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is made of the events of one kind: masks over rows, and aggregates of them by customer."""

    masks: dict[str, pl.Expr]
    aggregates: dict[str, pl.Expr]


def behaviour_plan(
    frame: pl.DataFrame, people: pl.DataFrame, rules: Sequence[EventRule], engine: Engine = "in-memory"
) -> pl.LazyFrame:
    """One row with the number of customers who fit each behavioural rule.

    Each kind of event is filtered, grouped and joined to the customers by itself, which took half the time of one
    `group_by` over all kinds.
    """
    kinds, tests = behaviour(rules, engine)
    joined = people.lazy().select(KEY)
    for kind, made in kinds.items():
        rows = frame.lazy().filter(pl.col("kind") == pl.lit(kind)).with_columns(**made.masks)
        joined = joined.join(rows.group_by(KEY).agg(**made.aggregates), on=KEY, how="left")
    return joined.select(tests[rule.name].sum().alias(rule.name) for rule in rules)


def behaviour(rules: Sequence[EventRule], engine: Engine) -> tuple[dict[str, Behaviour], dict[str, pl.Expr]]:
    """What is made of each kind, and for each rule the test of a customer's aggregates.

    All windows of `did`, `did not` and `days since` over the same rows share one aggregate, the latest time.
    """
    kinds: dict[str, Behaviour] = {}
    tests: dict[str, pl.Expr] = {}
    for rule in rules:
        made = kinds.setdefault(rule.kind, Behaviour({}, {}))
        rows, name = None, f"{rule.kind} {rule.where}"
        if rule.where is not None:
            made.masks[name] = condition(rule.where)
            rows = pl.col(name)
        days = int(rule.at_least) if rule.measure == "days since" else rule.days
        start = None if days is None else pl.lit(AS_OF_INSTANT - timedelta(days))
        if rule.measure in ("did", "did not", "days since"):
            latest = f"{name} latest"
            made.aggregates[latest] = _chosen("time", rows, engine).max()
            did = pl.col(latest).is_not_null() if start is None else (pl.col(latest) >= start).fill_null(False)
            tests[rule.name] = ~did if rule.measure == "did not" else did
        else:
            if start is not None:
                rows = pl.col("time") >= start if rows is None else rows & (pl.col("time") >= start)
            name = f"{name} {rule.measure} {days}"
            made.aggregates[name] = _aggregate(rule.measure, rows, engine)
            bound = int(rule.at_least * 100) if rule.measure == "total" else int(rule.at_least)
            tests[rule.name] = (pl.col(name) >= bound).fill_null(False)
    return kinds, tests


def _aggregate(measure: Measure, rows: pl.Expr | None, engine: Engine) -> pl.Expr:
    match measure:
        case "total":
            return _chosen("amount", rows, engine).sum()
        case "distinct":
            return (pl.col("product") if rows is None else pl.col("product").filter(rows)).n_unique()
        case _:
            return pl.len() if rows is None else rows.sum()


def _chosen(column: str, rows: pl.Expr | None, engine: Engine) -> pl.Expr:
    """The column's values in some rows, in the form that is faster with this engine."""
    if rows is None:
        return pl.col(column)
    return pl.col(column).filter(rows) if engine == "in-memory" else pl.when(rows).then(pl.col(column))
