"""Rules as texts for `DataFrame.eval`, which is two-valued: null compares as false, and `not` makes it true."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from benchmarks.conditions import (
    And,
    Between,
    Compare,
    Condition,
    DateRange,
    Flag,
    InSegment,
    IsKnown,
    Not,
    OneOf,
    Or,
    Rule,
    Value,
)
from benchmarks.data import hundredths

Counts: TypeAlias = dict[str, int]


def prepared(table: pa.Table) -> pd.DataFrame:
    """A frame of NumPy columns: decimals as hundredths, dates as instants, texts as categories, no null booleans."""
    for index, field in enumerate(table.schema):
        if pa.types.is_decimal(field.type):
            table = table.set_column(index, field.name, hundredths(table[field.name]))
        elif pa.types.is_boolean(field.type):
            table = table.set_column(index, field.name, table[field.name].fill_null(False))
        elif pa.types.is_date(field.type):
            table = table.set_column(index, field.name, table[field.name].cast(pa.timestamp("s")))
    return table.to_pandas()  # type: ignore[no-any-return]


def counts(frame: pd.DataFrame, rules: Sequence[Rule]) -> Counts:
    """How many rows each rule takes, two-valued."""
    found = {}
    for rule in rules:
        mask = frame.eval(text(rule.condition))
        assert isinstance(mask, pd.Series)
        frame = frame.assign(**{rule.name: mask})
        found[rule.name] = int(mask.sum())
    return found


def text(node: Condition) -> str:
    """The condition as `DataFrame.eval` reads it."""
    match node:
        case Compare(column, operator, value):
            return f"({column} {'==' if operator == '=' else operator} {_literal(value)})"
        case Between(column, low, high):
            return f"({column} >= {_literal(low)} and {column} <= {_literal(high)})"
        case OneOf(column, values):
            return f"({column} in [{', '.join(_literal(value) for value in values)}])"
        case DateRange(column, _, first, end):
            bounds = [] if first is None else [f"{column} >= '{first}'"]
            bounds += [] if end is None else [f"{column} < '{end}'"]
            return f"({' and '.join(bounds)})"
        case IsKnown(column):
            return f"({column} == {column})"
        case Flag(column) | InSegment(column):
            return column
        case Not(part):
            return f"(not {text(part)})"
        case And(parts):
            return "(" + " and ".join(text(part) for part in parts) + ")"
        case Or(parts):
            return "(" + " or ".join(text(part) for part in parts) + ")"


def _literal(value: Value) -> str:
    return str(int(value * 100)) if isinstance(value, Decimal) else repr(value)
