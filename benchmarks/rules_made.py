"""Rules as a marketing department writes them, made up by chance from a seed.

Thresholds come from a short list of round numbers for each column, since people think in round numbers, and rules of
one company therefore share conditions. One rule in seven refers to an earlier one.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

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
    Measure,
    Not,
    OneOf,
    Operator,
    Or,
    Rule,
)
from benchmarks.data import AS_OF, ATTRIBUTES, CHANNELS, EVENT_AMOUNTS, KINDS, SEED, Column

REFERRING = 0.15
WINDOWS = (30, 90, 365, None)


def attribute_rules(count: int) -> list[Rule]:
    """Rules over the twenty attributes, of three to eight atoms each."""
    chance = Random(f"{SEED} attributes {count}")
    rules: list[Rule] = []
    for number in range(count):
        condition = _tree(chance, chance.randint(3, 8), chance.random() < 0.7)
        if rules and chance.random() < REFERRING:
            earlier: Condition = InSegment(chance.choice(rules).name)
            condition = And((Not(earlier) if chance.random() < 0.6 else earlier, condition))
        rules.append(Rule(f"segment_{number:04}", condition))
    return rules


def recent_rules(count: int) -> list[Rule]:
    """Rules that all ask for a signup in the last sixty days, and for one to three further things on two columns."""
    chance = Random(f"{SEED} recent {count}")
    columns = [column for column in ATTRIBUTES if column.name in {"orders", "lifetime_value"}]
    recent = date_range("signup", "last", 60)
    rules = []
    for number in range(count):
        others = [_atom(chance, chance.choice(columns)) for _ in range(chance.randint(1, 3))]
        rest = others[0] if len(others) == 1 else Or(tuple(others))
        rules.append(Rule(f"recent_{number:04}", And((recent, rest))))
    return rules


def event_rules(count: int) -> list[EventRule]:
    """Behavioural conditions: what was done, how often, for how much; half of them look at the rows' properties."""
    chance = Random(f"{SEED} events {count}")
    measures: tuple[Measure, ...] = ("did", "did not", "times", "times", "total", "distinct", "days since")
    rules: dict[EventRule, None] = {}
    while len(rules) < count:
        number = len(rules)
        measure = measures[number % len(measures)]
        where = _row_filter(chance) if number % 2 else None
        days = None if measure == "days since" else chance.choice(WINDOWS)
        rules.setdefault(EventRule("", chance.choice(KINDS), measure, where, days, _bound(chance, measure)))
    return [replace(rule, name=f"behaviour_{number:04}") for number, rule in enumerate(rules)]


def _bound(chance: Random, measure: Measure) -> int | Decimal:
    match measure:
        case "times":
            return chance.choice((2, 3, 5, 10))
        case "total":
            return Decimal(chance.choice((50, 100, 250, 500, 1000))).quantize(Decimal("0.01"))
        case "distinct":
            return chance.choice((2, 3, 5))
        case "days since":
            return chance.choice((7, 14, 30, 60, 90, 180))
        case _:
            return 1


def _row_filter(chance: Random) -> Condition:
    channel: Condition = Compare("channel", "=", chance.choice(CHANNELS))
    if chance.random() < 0.3:
        channel = OneOf("channel", tuple(chance.sample(CHANNELS, 2)))
    amount: Condition = Compare("amount", ">=", chance.choice(EVENT_AMOUNTS))
    return chance.choice((channel, amount, And((channel, amount)), And((channel, amount)), Or((channel, Not(amount)))))


def _tree(chance: Random, atoms: int, conjunction: bool) -> Condition:
    """Nested `and` and `or` by turns, with a `not` now and then."""
    if atoms == 1:
        atom: Condition = _atom(chance, chance.choice(ATTRIBUTES))
        return Not(atom) if chance.random() < 0.15 else atom
    parts: list[Condition] = []
    while atoms:
        size = min(atoms if parts else atoms - 1, chance.choice((1, 1, 2, 3)))
        part = _tree(chance, size, not conjunction)
        parts.append(Not(part) if size > 1 and chance.random() < 0.2 else part)
        atoms -= size
    return And(tuple(parts)) if conjunction else Or(tuple(parts))


def _atom(chance: Random, column: Column) -> Atom:
    if chance.random() < 0.04:
        return IsKnown(column.name)
    match column.kind:
        case "boolean":
            return Flag(column.name)
        case "text":
            return _text(chance, column)
        case "date":
            return _date(chance, column)
        case _:
            return _number(chance, column)


def _text(chance: Random, column: Column) -> Atom:
    if chance.random() < 0.45:
        operator: Operator = "=" if chance.random() < 0.75 else "!="
        return Compare(column.name, operator, chance.choice(column.texts))
    return OneOf(column.name, tuple(chance.sample(column.texts, min(len(column.texts) - 1, chance.randint(2, 5)))))


def _date(chance: Random, column: Column) -> Atom:
    near, far = sorted(chance.sample([int(cut) for cut in column.cuts], 2))
    if column.name == "contract_end":
        return date_range(column.name, chance.choice(("next", "ahead", "last")), near)
    way = chance.choice(("last", "ago", "between", "since"))
    return date_range(column.name, way, near, far)


def date_range(column: str, way: str, near: int, far: int = 0) -> DateRange:
    """A window of the language, and the days that it stands for."""
    back, further = AS_OF - timedelta(near), AS_OF - timedelta(far)
    match way:
        case "last":
            return DateRange(column, f"in the last {near} days", back, AS_OF)
        case "ago":
            return DateRange(column, f"more than {near} days ago", None, back)
        case "between":
            return DateRange(column, f"between {near} and {far} days ago", further, back)
        case "since":
            return DateRange(column, f"since {further.isoformat()}", further, None)
        case "next":
            return DateRange(column, f"in the next {near} days", AS_OF, AS_OF + timedelta(near))
        case _:
            return DateRange(column, f"more than {near} days ahead", AS_OF + timedelta(near), None)


def _number(chance: Random, column: Column) -> Atom:
    way = chance.random()
    if way < 0.2:
        low, high = sorted(chance.sample(column.cuts, 2))
        return Between(column.name, low, high)
    if way < 0.27 and column.kind == "integer":
        return OneOf(column.name, tuple(sorted(chance.sample(column.cuts, 3))))
    operators: tuple[Operator, ...] = (">=", ">=", ">", "<", "<=")
    return Compare(column.name, chance.choice(operators), chance.choice(column.cuts))
