"""Between which limits a value lies, as the catalogue and the kind of value say: nobody is 150 years old."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction
from functools import reduce

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.ir.rules import Rules
from segrules.ir.windows import WholeUnits

Limit = Fraction | date | None
"""A number, day or instant that still lies within; None where there is no limit."""

_DEEPEST = 20
"""So many defines in one another are followed."""

_TAKEN = (
    ir.AggregateKind.AVERAGE,
    ir.AggregateKind.MEDIAN,
    ir.AggregateKind.SMALLEST,
    ir.AggregateKind.LARGEST,
    ir.AggregateKind.FIRST,
    ir.AggregateKind.LAST,
    ir.AggregateKind.MOST_FREQUENT,
    ir.AggregateKind.ONLY,
)
"""Aggregates that lie where the values lie that they are made of."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the greatest that a value can be, both ends in; `always` where it is never missing or none."""

    low: Limit = None
    high: Limit = None
    always: bool = False


NO_LIMITS = Limits()
_FROM_ZERO = Limits(Fraction(0))


class LimitsOf:
    """Works out limits in one rule set."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def value(self, node: ir.Value, events: tuple[str, ...] = (), depth: int = 0) -> Limits:
        """The limits of a value; `events` are those whose row is in hand."""
        match node:
            case ir.Literal(value):
                return _constant(value)
            case ir.Attribute(name):
                return _column(self._rules.catalogue.customers.attributes.get(name))
            case ir.Property(name):
                columns = [self._rules.catalogue.events[event].properties.get(name) for event in events]
                return _widest(_column(column) for column in columns)
            case ir.RelatedColumn(relation, column):
                table = self._rules.catalogue.relations[relation].table
                return _column(self._rules.catalogue.tables[table].columns.get(column))
            case ir.Band(score, rank):
                bands = self._rules.scores[score].ranks[rank].bands
                return Limits(Fraction(bands.start), Fraction(bands.start + bands.count - 1))
            case ir.DefinedValue(name):
                body = self._rules.definitions[name].body
                return self.value(body, (), depth + 1) if depth < _DEEPEST and isinstance(body, ir.Value) else NO_LIMITS
            case ir.PartOf(ir.DatePart.MONTH):
                return Limits(Fraction(1), Fraction(12))
            case ir.DaysSince(ir.EventTime()):
                # A row is seen only when its time has come.
                return _FROM_ZERO
            case ir.UnitsWith(ir.Events(window=WholeUnits(period))):
                return Limits(Fraction(0), Fraction(period.count), always=True)
            case ir.UnitsOf() | ir.NumberOfRelated():
                return replace(_FROM_ZERO, always=isinstance(node, ir.UnitsOf))
            case ir.DaysBetween():
                return _FROM_ZERO
            case ir.Aggregate():
                return self._aggregate(node, depth)
            case ir.Figure(kind, of, selected) if kind is not ir.FigureKind.TOTAL:
                return replace(self.value(of, () if selected is None else selected.names, depth), always=False)
            case ir.Arithmetic(op, left, right):
                return _computed(op, self.value(left, events, depth), self.value(right, events, depth))
            case _:
                return NO_LIMITS

    def _aggregate(self, node: ir.Aggregate, depth: int) -> Limits:
        if node.kind in (ir.AggregateKind.NUMBER, ir.AggregateKind.DISTINCT):
            return replace(_FROM_ZERO, always=True)
        within = NO_LIMITS if node.of is None else self.value(node.of, node.events.names, depth)
        if node.kind in _TAKEN:
            return replace(within, always=False)
        if isinstance(within.low, Fraction) and within.low >= 0:
            return _FROM_ZERO
        return Limits(None, Fraction(0)) if isinstance(within.high, Fraction) and within.high <= 0 else NO_LIMITS


def _constant(value: ir.Constant) -> Limits:
    match value:
        case bool() | str() | tuple():
            return NO_LIMITS
        case int() | Fraction():
            return Limits(Fraction(value), Fraction(value), always=True)
        case date():
            return Limits(value, value, always=True)


def _column(column: Column | None) -> Limits:
    return NO_LIMITS if column is None else Limits(column.minimum, column.maximum)


def _widest(all_limits: Iterable[Limits]) -> Limits:
    """What holds of all of them; nothing does where there are none."""
    found = list(all_limits)
    return reduce(_either, found) if found else NO_LIMITS


def _either(one: Limits, other: Limits) -> Limits:
    low = None if None in (one.low, other.low) or below(other.low, one.low) is None else one.low
    if low is not None and below(other.low, one.low):
        low = other.low
    high = None if None in (one.high, other.high) or below(one.high, other.high) is None else one.high
    if high is not None and below(one.high, other.high):
        high = other.high
    return Limits(low, high, one.always and other.always)


def below(one: Limit, other: Limit) -> bool | None:
    """Whether the one limit lies below the other; None where either is missing or they are of two kinds."""
    match one, other:
        case Fraction(), Fraction():
            return one < other
        case datetime(), datetime():
            return one < other
        case date(), date() if not isinstance(one, datetime) and not isinstance(other, datetime):
            return one < other
        case _:
            return None


def _computed(op: ir.ArithmeticOp, left: Limits, right: Limits) -> Limits:
    """The limits of a sum, a difference, or a product with a constant."""
    always = left.always and right.always
    match op:
        case ir.ArithmeticOp.ADD:
            return Limits(_sum(left.low, right.low), _sum(left.high, right.high), always)
        case ir.ArithmeticOp.SUBTRACT:
            return Limits(_sum(left.low, _times(right.high, -1)), _sum(left.high, _times(right.low, -1)), always)
        case ir.ArithmeticOp.MULTIPLY if _one_number(left) is not None:
            return _scaled(right, _one_number(left), always)
        case ir.ArithmeticOp.MULTIPLY:
            return _scaled(left, _one_number(right), always)
        case ir.ArithmeticOp.DIVIDE:
            factor = _one_number(right)
            return _scaled(left, None if not factor else 1 / factor, always)


def _one_number(limits: Limits) -> Fraction | None:
    return limits.low if isinstance(limits.low, Fraction) and limits.low == limits.high else None


def _scaled(limits: Limits, factor: Fraction | None, always: bool) -> Limits:
    if factor is None:
        return replace(NO_LIMITS, always=always)
    ends = _times(limits.low, factor), _times(limits.high, factor)
    return Limits(*(ends if factor >= 0 else ends[::-1]), always)


def _sum(one: Limit, other: Limit) -> Limit:
    return one + other if isinstance(one, Fraction) and isinstance(other, Fraction) else None


def _times(one: Limit, factor: Fraction | int) -> Limit:
    return one * factor if isinstance(one, Fraction) else None
