"""Rules as `.seg` text, columns as a catalogue, both written as a project that `segrules check` accepts."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

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
    Not,
    OneOf,
    Or,
    Rule,
    Value,
)
from benchmarks.data import ATTRIBUTES, EVENT_COLUMNS, KEY, KINDS, SCALES, Column

_KINDS = {column.name: column.kind for column in (*ATTRIBUTES, *EVENT_COLUMNS)}
_TYPES = {
    "money": "{{type: money, currency: GBP, scale: {scale}}}",
    "decimal": "{{type: decimal, scale: {scale}}}",
}


def project(folder: Path, rules: Sequence[Rule | EventRule], customers_path: str = "customers.parquet") -> Path:
    """Writes the folder of a project; a table of events is part of it where a rule is about events."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "segrules.toml").write_text("language = 1\n", encoding="utf-8")
    (folder / "catalog.yaml").write_text(catalogue(rules, customers_path), encoding="utf-8")
    (folder / "rules.seg").write_text("\n".join(segment(rule) for rule in rules), encoding="utf-8")
    return folder


def segment(rule: Rule | EventRule) -> str:
    """The rule as a segment."""
    words = behaviour(rule) if isinstance(rule, EventRule) else condition(rule.condition)
    return f"segment {rule.name}\n  where {words}\n"


def condition(node: Condition) -> str:
    """The condition in the language, with brackets around each `and` and `or` that stands within something."""
    match node:
        case Compare(column, operator, value):
            return f"{column} {operator} {_literal(column, value)}"
        case Between(column, low, high):
            return f"{column} between {_literal(column, low)} and {_literal(column, high)}"
        case OneOf(column, values):
            return f"{column} in [{', '.join(_literal(column, value) for value in values)}]"
        case DateRange(column, words, _, _):
            return f"{column} is {words}"
        case IsKnown(column):
            return f"{column} is known"
        case Flag(column):
            return column
        case InSegment(name):
            return f"in segment {name}"
        case Not(part):
            return f"not {_bracketed(part)}"
        case And(parts):
            return " and ".join(_bracketed(part) for part in parts)
        case Or(parts):
            return " or ".join(_bracketed(part) for part in parts)


def behaviour(rule: EventRule) -> str:
    """The behavioural condition in the language."""
    where = "" if rule.where is None else f" where ({condition(rule.where)})"
    window = "" if rule.days is None else f" in the last {rule.days} days"
    match rule.measure:
        case "did":
            return f"did {rule.kind}{where}{window}"
        case "did not":
            return f"did not {rule.kind}{where}{window}"
        case "times":
            return f"did {rule.kind}{where} at least {rule.at_least} times{window}"
        case "total":
            return f"total of {rule.kind}.amount{where}{window} >= {rule.at_least} GBP"
        case "distinct":
            return f"distinct {rule.kind}.product{where}{window} >= {rule.at_least}"
        case "days since":
            return f"days since last {rule.kind}{where} <= {rule.at_least}"


def _bracketed(node: Condition) -> str:
    return f"({condition(node)})" if isinstance(node, And | Or) else condition(node)


def _literal(column: str, value: Value) -> str:
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, Decimal) and _KINDS[column] == "money":
        return f"{value} GBP"
    return str(value)


def catalogue(rules: Sequence[Rule | EventRule], customers_path: str = "customers.parquet") -> str:
    """The catalogue of the tables that such rules are about."""
    about_events = any(isinstance(rule, EventRule) for rule in rules)
    lines = ["format: 1", "time_zone: UTC", "tables:", "  customers:", f"    path: {customers_path}"]
    lines += [f"    key: {KEY}", "    columns:", f"      {KEY}: {{type: integer, nullable: false}}"]
    lines += [f"      {column.name}: {_type(column)}" for column in ATTRIBUTES if not about_events]
    if about_events:
        lines += ["  events:", "    path: events.parquet", "    columns:"]
        lines += [f"      {KEY}: {{type: integer, nullable: false}}"]
        lines += [
            "      time: {type: timestamp, zone: UTC, nullable: false}",
            "      kind: {type: text, nullable: false}",
        ]
        lines += [f"      {column.name}: {_type(column, nullable=False)}" for column in EVENT_COLUMNS]
        lines += ["events:"]
        for kind in KINDS:
            lines += [f"  {kind}:", "    table: events", f"    customer: {KEY}", "    time: time"]
            lines += ["    order_by: [product]", f"    where: 'kind = {json.dumps(kind)}'"]
            lines += [f"    properties: [{', '.join(column.name for column in EVENT_COLUMNS)}]"]
    lines += ["customers: {table: customers}"]
    return "\n".join(lines) + "\n"


def _type(column: Column, *, nullable: bool = True) -> str:
    written = _TYPES.get(column.kind, column.kind).format(scale=SCALES.get(column.kind))
    if nullable:
        return written
    return f"{written[:-1]}, nullable: false}}" if written.startswith("{") else f"{{type: {written}, nullable: false}}"
