"""Values of the typed tree into noun phrases."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Protocol, assert_never

from segrules.explain.chains import links_words, row_words
from segrules.explain.lines import listed, quoted
from segrules.explain.literals import exact, literal_words
from segrules.explain.population import figure_words
from segrules.explain.rhythm import rhythm_words
from segrules.explain.windows import window_words
from segrules.ir.nodes import (
    Aggregate,
    AggregateKind,
    Arithmetic,
    ArithmeticOp,
    Attribute,
    Band,
    Condition,
    ConsentState,
    DaysBetween,
    DaysSince,
    DefinedValue,
    Events,
    EventTime,
    Expression,
    Figure,
    Fixed,
    Literal,
    NumberOfRelated,
    PartOf,
    Property,
    RelatedColumn,
    StepProperty,
    UnitsOf,
    UnitsWith,
    Value,
    YearsSince,
)
from segrules.ir.rules import Rules
from segrules.types.types import DecimalType, FloatType

_ZERO_WITHOUT_ROWS = (
    AggregateKind.NUMBER,
    AggregateKind.TOTAL,
    AggregateKind.DISTINCT,
)


class Notes(Protocol):
    """Takes what a phrase has no room for, to be told below the line in which the phrase stands."""

    @property
    def rules(self) -> Rules:
        """The rules that the value is part of."""

    @property
    def in_row(self) -> bool:
        """Whether bare names are properties of a row, so that attributes need telling apart."""

    def define(self, name: str) -> None:
        """Tell what the define stands for."""

    def rank(self, score: str, rank: str) -> None:
        """Tell how the rank is made."""

    def rows(self, where: Condition) -> str:
        """The test on a row in a short phrase, or `… as below` where it has to be told below."""

    def each(self, condition: Condition) -> str:
        """What is asked of each customer of a relation in a short phrase, or `… as below`."""

    def among(self, what: str, among: Condition) -> None:
        """Tell whom something about everybody counts."""

    def parts(self, construct: str, parts: tuple[Expression, ...]) -> None:
        """Tell the parts of a construct that has no words of its own."""


def value_words(value: Value, notes: Notes, *, bare: bool = False) -> str:
    """The value as a noun phrase such as `total of x.y in the last 30 days`; `bare` leaves units of time away."""
    match value:
        case Literal():
            return literal_words(value, notes.rules.catalogue.zone, bare=bare)
        case Attribute(name=name):
            return f"`customer.{name}`" if notes.in_row else f"`{name}`"
        case Property(name=name):
            return f"`{name}`"
        case StepProperty(step, name):
            return f"`{name}` of {row_words(step)}"
        case ConsentState(channel=channel):
            return f"state of the consent for `{channel}`"
        case Band(score, rank):
            notes.rank(score, rank)
            first, best = band_range(notes.rules, score, rank)
            return f"`{rank}` band of `{score}` ({first} to {best}, {best} is best)"
        case DefinedValue(name=name):
            notes.define(name)
            return f"`{name}`"
        case Aggregate():
            return _aggregate(value, notes)
        case EventTime(which, events):
            return f"the {which} {listed(quoted(events.names), 'or')}" + rows_words(events, notes)
        case UnitsOf() | UnitsWith() | DaysBetween():
            return rhythm_words(value, rows_words(value.events, notes))
        case DaysSince(of):
            return f"number of days since {value_words(of, notes)}"
        case YearsSince(of):
            return f"whole years since {value_words(of, notes)}"
        case PartOf(part, of):
            return f"{part} of {value_words(of, notes)}"
        case Arithmetic():
            return _arithmetic(value, notes)
        case RelatedColumn(relation, column):
            return f"`customer.{relation}.{column}`" if notes.in_row else f"`{relation}.{column}`"
        case NumberOfRelated(relation, condition):
            counted = "" if isinstance(condition, Fixed) and condition.value else f" {notes.each(condition)}"
            return f"number of {members_words(relation, notes.rules)}{counted}"
        case Figure():
            rows = "" if value.events is None else rows_words(value.events, notes).removesuffix(",")
            return figure_words(value, value_words(value.of, notes).removesuffix(","), rows, notes)
        case _:
            assert_never(value)


def members_words(relation: str, rules: Rules) -> str:
    """The customers who share the key of a relation, such as `account.users`."""
    declared = rules.catalogue.relations[relation]
    return f"`{declared.members}` (customers with the same `{declared.column}`)"


def rows_words(events: Events, notes: Notes) -> str:
    """Window and test of the rows, as they stand behind the name of the events; begins with a space or comma."""
    window = window_words(events.window, notes.rules.catalogue.zone)
    only = "" if events.where is None else f", counting only rows {notes.rows(events.where)},"
    if events.links:
        and_only = f"{only.removesuffix(',')} and only those" if only else ", counting only those"
        only = f"{and_only} {links_words(events.links, notes.rows)},"
    return (f" {window}" if window else "") + only


def band_range(rules: Rules, score: str, rank: str) -> tuple[int, int]:
    """The lowest and the highest band, which is the best."""
    bands = rules.scores[score].ranks[rank].bands
    return bands.start, bands.start + bands.count - 1


def may_be_none(value: Value, rules: Rules) -> bool:
    """Whether there may be no such thing, as against a value that was not recorded."""
    return any(_leaf_may_be_none(leaf) for leaf in _leaves(value, rules))


def may_be_absent(value: Value, rules: Rules) -> bool:
    """Whether the value may be missing or none."""
    attributes = rules.catalogue.customers.attributes
    for leaf in _leaves(value, rules):
        match leaf:
            case Attribute(name=name):
                absent = attributes[name].nullable
            case NumberOfRelated():
                absent = True
            case Aggregate(kind):
                absent = kind is not AggregateKind.NUMBER
            case UnitsOf(events=events):
                absent = events.where is not None
            case _:
                absent = isinstance(leaf, Property | StepProperty) or _leaf_may_be_none(leaf)
        if absent:
            return True
    return False


def _leaves(value: Value, rules: Rules) -> Iterator[Value]:
    """What a value is computed from, through defines; without recursion, as defines may be many."""
    stack, seen = [value], set()
    while stack:
        match stack.pop():
            case DefinedValue(name=name):
                body = rules.definitions[name].body
                if name not in seen and isinstance(body, Value):
                    seen.add(name)
                    stack.append(body)
            case DaysSince(of) | YearsSince(of) | PartOf(_, of):
                stack.append(of)
            case Arithmetic(_, left, right):
                stack += [left, right]
            case leaf:
                yield leaf


def _leaf_may_be_none(leaf: Value) -> bool:
    match leaf:
        case ConsentState() | Band() | EventTime() | RelatedColumn() | DaysBetween() | Figure():
            return True
        case Aggregate(kind):
            return kind not in _ZERO_WITHOUT_ROWS
        case _:
            return False


def _aggregate(value: Aggregate, notes: Notes) -> str:
    events = value.events
    rows = rows_words(events, notes)
    named = listed(quoted(events.names), "or")
    if value.of is None:
        return f"number of {named} events{rows}"
    of = _taken(value.of, events, notes)
    match value.kind:
        case AggregateKind.NUMBER:
            return f"number of {named} events{rows}"
        case AggregateKind.DISTINCT:
            return f"number of different {of}{rows}"
        case AggregateKind.TOTAL | AggregateKind.AVERAGE | AggregateKind.MEDIAN:
            return f"{value.kind} {of}{rows}"
        case AggregateKind.SMALLEST | AggregateKind.LARGEST:
            return f"{value.kind.removesuffix(' of')} {of}{rows}"
        case AggregateKind.FIRST | AggregateKind.LAST | AggregateKind.MOST_FREQUENT | AggregateKind.ONLY:
            return f"{value.kind} {of}{rows}"
        case _:
            assert_never(value.kind)


def _taken(of: Value, events: Events, notes: Notes) -> str:
    if isinstance(of, Property):
        return listed([f"`{name}.{of.name}`" for name in events.names], "or")
    return f"({value_words(of, notes)}) of {listed(quoted(events.names), 'or')}"


def _arithmetic(value: Arithmetic, notes: Notes) -> str:
    left, right = (_operand(side, notes) for side in (value.left, value.right))
    match value.op:
        case ArithmeticOp.ADD:
            return f"{left} plus {right}"
        case ArithmeticOp.SUBTRACT:
            return f"{left} minus {right}"
        case ArithmeticOp.MULTIPLY:
            share = _share(value.left)
            if share is not None:
                return f"{share} of {right}"
            if isinstance(value.left, Literal) and value.left.value == -1:
                return f"minus {right}"
            return f"{left} times {right}"
        case ArithmeticOp.DIVIDE:
            return f"{left} divided by {right}"
        case _:
            assert_never(value.op)


def _operand(value: Value, notes: Notes) -> str:
    words = value_words(value, notes)
    return f"({words.removesuffix(',')})" if isinstance(value, Arithmetic) else words


def _share(value: Value) -> str | None:
    """A factor between nought and one as a percentage."""
    match value:
        case Literal(Fraction() as factor, DecimalType() | FloatType()) if 0 < factor < 1:
            shown = exact(factor * 100)
            return f"{shown}%" if "/" not in shown and len(shown) < 8 else None
        case _:
            return None
