"""What the steps of a run cost, roughly: one table of prices, and what single tests and aggregates come to by it.

Prices are nanoseconds of one thread of one processor (Zen 4). They rank clauses against each other; they do not say
how long a run takes, which depends on the machine, on how often steps are shared, and on reading the data.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from segrules.ir import nodes as ir
from segrules.ir.walk import descendants, event_names
from segrules.lowering import leaves
from segrules.lowering.stages import Source
from segrules.reference.population import Crowd
from segrules.types.types import BooleanType, DecimalType, FloatType, ListType, MoneyType, TextType

Per = str
"""`customer`, or `event`: a row of the events in the window, however many these are."""


@dataclass(frozen=True, slots=True)
class Price:
    """Nanoseconds for each customer or event, and where the figure is from."""

    nanoseconds: float
    per: Per
    source: str


_MEASURED = "measured in trials of 200 rules over 1 M customers"
_MEASURED_EVENTS = "measured in trials of 50 conditions over 10 M events"
_MEASURED_SAMPLES = "measured in a trial of samples of 1 M customers"
_ASSUMED = "assumed"

PRICES: Mapping[str, Price] = {
    "number": Price(0.09, "customer", _MEASURED),
    "float": Price(0.13, "customer", _MEASURED),
    "decimal": Price(0.13, "customer", _ASSUMED + ", as float"),
    "text": Price(0.05, "customer", _MEASURED + "; the test itself is made once for each distinct text"),
    "flag": Price(0.05, "customer", _ASSUMED + ", as text"),
    "known": Price(0.05, "customer", _ASSUMED + ", as text"),
    "list": Price(0.5, "customer", _ASSUMED),
    "calculated": Price(2.0, "customer", _ASSUMED),
    "sample": Price(200.0, "customer", _MEASURED_SAMPLES),
    "anniversary": Price(5.0, "customer", _ASSUMED),
    "consent": Price(1.0, "customer", _ASSUMED),
    "suppression": Price(0.05, "customer", _ASSUMED + ", as text"),
    "operation": Price(0.035, "customer", _MEASURED),
    "score": Price(150.0, "customer", _ASSUMED + ": one sort"),
    "related": Price(5.0, "customer", _ASSUMED + ": the condition itself, and one count for each customer"),
    "ranked": Price(30.0, "customer", _ASSUMED + ": one partial sort"),
    "added": Price(2.0, "customer", _ASSUMED),
    "flagged": Price(2.0, "event", _MEASURED_EVENTS),
    "summed": Price(4.0, "event", _MEASURED_EVENTS),
    "sorted": Price(30.0, "event", _ASSUMED + ": one sort"),
    "chained": Price(100.0, "event", _ASSUMED + ": sorted by customer and time, looked up from the step before"),
    "row test": Price(0.2, "event", _ASSUMED),
}
"""Every figure of the model."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Nanoseconds for each customer, and for each event in the windows, by kind of event."""

    customer: float = 0.0
    events: Mapping[str, float] = field(default_factory=dict)


def total(costs: Iterable[Cost]) -> Cost:
    """The sum."""
    customer, events = 0.0, defaultdict[str, float](float)
    for cost in costs:
        customer += cost.customer
        for name, price in cost.events.items():
            events[name] += price
    return Cost(customer, {name: events[name] for name in sorted(events)})


def leaf_kind(leaf: leaves.Leaf, values: Sequence[ir.Value]) -> str:
    """Which price a leaf has."""
    match leaf:
        case leaves.AtLeast(value):
            return _number_kind(values[value])
        case leaves.Member():
            return "text"
        case leaves.IsSet():
            return "flag"
        case leaves.IsKnown() | leaves.IsNone():
            return "known"
        case leaves.HasConsent():
            return "consent"
        case leaves.Suppressed():
            return "suppression"
        case leaves.Tested(atom):
            return _tested_kind(atom)
        case _:
            assert_never(leaf)


def _number_kind(value: ir.Value) -> str:
    if isinstance(value, ir.Arithmetic | ir.YearsSince | ir.PartOf | ir.DaysSince):
        return "calculated"
    match value.type:
        case FloatType():
            return "float"
        case DecimalType() | MoneyType():
            return "decimal"
        case _:
            return "number"


def _tested_kind(atom: ir.Condition) -> str:
    match atom:
        case ir.Anniversary():
            return "anniversary"
        case ir.InSample():
            return "sample"
        case ir.ListTest():
            return "list"
        case ir.TextTest() | ir.InListFile():
            return "text"
        case ir.Compare(_, value) | ir.Between(value) | ir.OneOf(value):
            match value.type:
                case TextType():
                    return "text"
                case BooleanType():
                    return "flag"
                case ListType():
                    return "list"
                case _:
                    return _number_kind(value)
        case _:
            return "calculated"


def leaf_cost(leaf: leaves.Leaf, values: Sequence[ir.Value]) -> Cost:
    """One leaf, once what it tests is there."""
    return Cost(PRICES[leaf_kind(leaf, values)].nanoseconds)


def operations_cost(count: int) -> Cost:
    """So many operations on rows of bits."""
    return Cost(count * PRICES["operation"].nanoseconds)


def source_kind(source: Source) -> str:
    """Which price a value of events, or of other customers, has."""
    if isinstance(source, ir.NumberOfRelated):
        return "related"
    if isinstance(source, ir.EventTime):
        return "flagged"
    if source.events.links:
        return "chained"
    if isinstance(source, ir.UnitsOf | ir.UnitsWith | ir.DaysBetween):
        return rhythm_kind(source)
    match source.kind:
        case ir.AggregateKind.NUMBER | ir.AggregateKind.TOTAL | ir.AggregateKind.AVERAGE:
            return "summed"
        case ir.AggregateKind.SMALLEST | ir.AggregateKind.LARGEST | ir.AggregateKind.FIRST | ir.AggregateKind.LAST:
            return "summed"
        case _:
            return "sorted"


def rhythm_kind(source: ir.Rhythm) -> str:
    """Which price a value of when rows happened has: what is more than counted has to see rows side by side."""
    average = isinstance(source, ir.DaysBetween) and source.kind is ir.AggregateKind.AVERAGE
    return "summed" if average or isinstance(source, ir.UnitsWith) else "sorted"


def crowd_kind(node: Crowd) -> str:
    """Which price something about everybody has, for each customer or each row."""
    if isinstance(node, ir.Top):
        return "ranked"
    summed = node.kind in (ir.FigureKind.TOTAL, ir.FigureKind.AVERAGE)
    if node.events is not None:
        return "summed" if summed else "sorted"
    return "added" if summed else "ranked"


def crowd_cost(node: Crowd) -> Cost:
    """Something about everybody: for each customer, or for each event that is in its window."""
    price = PRICES[crowd_kind(node)].nanoseconds
    if isinstance(node, ir.Top) or node.events is None:
        return Cost(price)
    return Cost(0.0, dict.fromkeys(sorted(set(node.events.names)), price))


def source_cost(source: Source) -> Cost:
    """One value of events: for each event that is in its window. One of other customers: for each customer."""
    price = PRICES[source_kind(source)].nanoseconds
    if isinstance(source, ir.NumberOfRelated):
        return Cost(price)
    if source.events.where is not None:
        tests = sum(1 for node in descendants(source.events.where) if isinstance(node, ir.Property))
        price += PRICES["row test"].nanoseconds * tests
    return Cost(0.0, dict.fromkeys(sorted(event_names(source.events)), price))
