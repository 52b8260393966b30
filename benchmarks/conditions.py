"""The rules of the benchmarks in a form of their own, which is rendered for every engine.

Neither segrules' nodes nor any rival's expressions: what is compared must not come from one of those compared.
Windows carry both the words of the language and the days that the generator worked out by itself, so that equal
members show that segrules and the generator agree on them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

Value: TypeAlias = int | float | Decimal | str
"""A constant: float beside float columns, Decimal beside money and decimal columns."""

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Compare:
    """A column beside a constant; unknown where the column is null."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """A column between two constants, both ends in."""

    column: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column that has one of some values; unknown where it is null."""

    column: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class DateRange:
    """A date from `first` up to but not including `end`; `words` say the same in the language."""

    column: str
    words: str
    first: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class IsKnown:
    """A column that is not null: true or false, never unknown."""

    column: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean column by its bare name."""

    column: str


@dataclass(frozen=True, slots=True)
class InSegment:
    """What an earlier rule says, three-valued."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All of them, in Kleene's sense."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """One of them at least, in Kleene's sense."""

    parts: "tuple[Condition, ...]"


Atom: TypeAlias = Compare | Between | OneOf | DateRange | IsKnown | Flag
Condition: TypeAlias = Atom | InSegment | Not | And | Or


@dataclass(frozen=True, slots=True)
class Rule:
    """A segment: its members are those for whom the condition is known to be true."""

    name: str
    condition: Condition


Measure: TypeAlias = Literal["did", "did not", "times", "total", "distinct", "days since"]


@dataclass(frozen=True, slots=True)
class EventRule:
    """A segment of customers by one behavioural condition.

    `at_least` bounds times, total (of `amount`) and distinct (values of `product`); for `days since` it is the
    greatest number of days. `days` is the window, counted back from the run's midnight, None for ever.
    """

    name: str
    kind: str
    measure: Measure
    where: Condition | None
    days: int | None
    at_least: int | Decimal = 1


def walk(condition: Condition) -> Iterator[Condition]:
    """The condition and everything in it, outermost first."""
    yield condition
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case _:
            pass


def atoms(conditions: Iterable[Condition]) -> list[Atom]:
    """The different atoms, in order of appearance."""
    found: dict[Atom, None] = {}
    for condition in conditions:
        for node in walk(condition):
            if isinstance(node, Compare | Between | OneOf | DateRange | IsKnown | Flag):
                found.setdefault(node)
    return list(found)


def columns(conditions: Iterable[Condition]) -> list[str]:
    """The different columns that are read, in order of appearance."""
    return list(dict.fromkeys(atom.column for atom in atoms(conditions)))


def referenced(rules: Sequence[Rule]) -> list[str]:
    """Names of the rules that other rules refer to, in order of definition."""
    mentioned = {node.name for rule in rules for node in walk(rule.condition) if isinstance(node, InSegment)}
    return [rule.name for rule in rules if rule.name in mentioned]


def levels(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Those rules that others refer to, each group reading only groups before it."""
    wanted = set(referenced(rules))
    depth: dict[str, int] = {}
    groups: list[list[Rule]] = []
    for rule in rules:
        reads = [node.name for node in walk(rule.condition) if isinstance(node, InSegment)]
        depth[rule.name] = 1 + max((depth[name] for name in reads), default=-1)
        if rule.name in wanted:
            while len(groups) <= depth[rule.name]:
                groups.append([])
            groups[depth[rule.name]].append(rule)
    return groups
