"""What a rule means for one customer: every node of the typed tree, read beside the language page.

Slow and plain on purpose. Values are something, missing or none; conditions are true, false or unknown.
"""

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Protocol, assert_never

from segrules.ir import nodes as ir
from segrules.ir.build import compute, rounded
from segrules.ir.catalogue import Catalogue
from segrules.ir.windows import WholeUnits
from segrules.reference import chains, consent
from segrules.reference.aggregates import aggregate, order_key
from segrules.reference.related import Related
from segrules.reference.rhythm import rhythm, units_with
from segrules.reference.sampling import chosen
from segrules.reference.text import folded, text_test
from segrules.reference.values import (
    MISSING,
    NONE,
    Absent,
    Doubt,
    Result,
    Truth,
    absent,
    both,
    computed,
    either,
    judged,
    opposite,
)
from segrules.reference.windows import Clock, anniversary, has_anniversary, holds, known_for
from segrules.reference.world import ChainRow, Customer, EventRow, Row
from segrules.types.cells import Cell
from segrules.types.types import FloatType, IntegerType, TextType, Type

_COMPARISONS: dict[ir.CompareOp, Callable[[Any, Any], bool]] = {
    ir.CompareOp.EQ: operator.eq,
    ir.CompareOp.NE: operator.ne,
    ir.CompareOp.LT: operator.lt,
    ir.CompareOp.LE: operator.le,
    ir.CompareOp.GT: operator.gt,
    ir.CompareOp.GE: operator.ge,
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Interpreter:
    """Values and conditions of customers, and of single rows of the catalogue's tables.

    `known` gives what has been worked out for a definition, score, segment or partition by name and customer.
    """

    def __init__(self, catalogue: Catalogue, clock: Clock, known: "Known | None" = None) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._known = known

    # --- conditions

    def truth(self, node: ir.Condition, customer: Customer | None, row: Row | None = None) -> Truth:
        """Whether a condition holds for a customer, and inside an event's `where` for one row."""
        match node:
            case ir.And(items):
                return both(self.truth(item, customer, row) for item in items)
            case ir.Or(items):
                return either(self.truth(item, customer, row) for item in items)
            case ir.Not(item):
                return opposite(self.truth(item, customer, row))
            case ir.Compare():
                return self._compare(node, customer, row)
            case ir.Between():
                return self._between(node, customer, row)
            case ir.OneOf(value, choices, negated, ignoring_case):
                listed = {_cased(choice.value, ignoring_case) for choice in choices}
                return judged(
                    lambda a: (_cased(a, ignoring_case) in listed) != negated, self.value(value, customer, row)
                )
            case ir.InListFile(value, _, entries, negated, ignoring_case):
                listed_texts = {folded(entry) for entry in entries} if ignoring_case else entries
                return judged(
                    lambda a: (_cased(str(a), ignoring_case) in listed_texts) != negated,
                    self.value(value, customer, row),
                )
            case ir.TextTest(text_op, value, pattern, ignoring_case):
                return judged(
                    lambda a: text_test(text_op, a, pattern, ignoring_case=ignoring_case),
                    self.value(value, customer, row),
                )
            case ir.ListTest(list_op, value, choices, ignoring_case):
                return judged(lambda a: _listed(list_op, a, choices, ignoring_case), self.value(value, customer, row))
            case ir.IsTrue(value):
                return judged(lambda a: a is True, self.value(value, customer, row))
            case ir.IsKnown(value):
                return absent(self.value(value, customer, row)) is None
            case ir.InWindow(value, window):
                return judged(lambda a: holds(window, a, self._clock), self.value(value, customer, row))
            case ir.Anniversary(value, window):
                leap = self._catalogue.leap_day
                return judged(
                    lambda a: has_anniversary(self._clock.day_of(a), window, self._clock, leap),
                    self.value(value, customer, row),
                )
            case ir.KnownFor(since, period):
                return judged(lambda a: known_for(a, period, self._clock), self.value(since, customer, row))
            case ir.InSample(value, share, salt):
                return judged(lambda key: chosen(share, salt, key), self.value(value, customer, row))
            case ir.Did(events, op, times):
                return judged(lambda count: _COMPARISONS[op](count, times), self._count(events, customer))
            case ir.EdgeRow(which, events, condition):
                sure, doubtful = self._rows(events, customer)
                if doubtful:
                    return None
                if not sure:
                    return False
                return self.truth(condition, customer, sure[0 if which is ir.AggregateKind.FIRST else -1])
            case ir.Top():
                return self._of(customer).top(node, _someone(customer))
            case ir.Defined(name):
                return self._of(customer).condition(name, _someone(customer))
            case ir.InSegment(name):
                return self._of(customer).qualifies(name, _someone(customer))
            case ir.InStage(partition, stage):
                return self._of(customer).in_stage(partition, stage, _someone(customer))
            case ir.Quantified():
                return self._of(customer).related().quantified(node, _someone(customer), self.truth)
            case ir.Fixed(fixed):
                return fixed
            case _:
                assert_never(node)

    def _compare(self, node: ir.Compare, customer: Customer | None, row: Row | None) -> Truth:
        one, other = self.value(node.left, customer, row), self.value(node.right, customer, row)
        test = _COMPARISONS[node.op]
        if node.ignoring_case:
            return judged(lambda a, b: test(folded(a), folded(b)), one, other)
        if _has_order(node.left.type) or _has_order(node.right.type):
            key = order_key(node.left.type if _has_order(node.left.type) else node.right.type)
            return judged(lambda a, b: test(key(a), key(b)), one, other)
        return judged(test, one, other)

    def _between(self, node: ir.Between, customer: Customer | None, row: Row | None) -> Truth:
        ends = (node.value, node.low, node.high)
        value, low, high = (self.value(end, customer, row) for end in ends)
        key = order_key(next((end.type for end in ends if _has_order(end.type)), node.value.type))
        if absent(value, low, high) is None:
            return judged(lambda v, lo, hi: key(lo) <= key(v) <= key(hi), value, low, high)
        return both(
            (
                judged(lambda v, lo: key(lo) <= key(v), value, low),
                judged(lambda v, hi: key(v) <= key(hi), value, high),
            )
        )

    # --- values

    def value(self, node: ir.Value, customer: Customer | None, row: Row | None = None) -> Result:
        """What a value is for a customer, and inside an event's `where` for one row."""
        match node:
            case ir.Literal(value):
                return value
            case ir.Property(name):
                assert row is not None
                return _cell(row.values[name])
            case ir.StepProperty(step, name):
                assert isinstance(row, ChainRow)
                return _cell(row.earlier[step].values[name])
            case ir.Attribute(name):
                return _cell(_someone(customer).attributes[name])
            case ir.ConsentState(channel):
                return consent.state(_someone(customer), channel, self._clock)
            case ir.Band(score, rank):
                return self._of(customer).band(score, rank, _someone(customer))
            case ir.DefinedValue(name):
                return self._of(customer).value(name, _someone(customer))
            case ir.Aggregate():
                return self._aggregate(node, _someone(customer))
            case ir.EventTime(which, events):
                sure, doubtful = self._rows(events, customer)
                if doubtful:
                    return MISSING
                return sure[0 if which is ir.AggregateKind.FIRST else -1].time if sure else NONE
            case ir.UnitsOf(events=events) | ir.DaysBetween(events=events):
                return rhythm(node, *self._rows(events, customer), self._clock)
            case ir.UnitsWith(events, op, times):
                assert isinstance(events.window, WholeUnits)
                enough = lambda count: _COMPARISONS[op](count, times)  # noqa: E731
                return units_with(events.window.period, enough, *self._rows(events, customer), self._clock)
            case ir.DaysSince(of):
                moment: Any = self.value(of, customer, row)
                if isinstance(moment, Absent):
                    return moment
                return (self._clock.today - self._clock.day_of(moment)).days
            case ir.YearsSince(of):
                moment = self.value(of, customer, row)
                if isinstance(moment, Absent):
                    return moment
                day, today = self._clock.day_of(moment), self._clock.today
                return today.year - day.year - (anniversary(day, today.year, self._catalogue.leap_day) > today)
            case ir.PartOf(part, of):
                moment = self.value(of, customer, row)
                if isinstance(moment, Absent):
                    return moment
                day = self._clock.day_of(moment)
                return day.month if part is ir.DatePart.MONTH else _WEEKDAYS[day.weekday()]
            case ir.Arithmetic(op, left, right, type=of_type):
                one, other = self.value(left, customer, row), self.value(right, customer, row)
                return computed(lambda a, b: calculated(op, a, b, of_type), one, other)
            case ir.RelatedColumn(relation, column):
                return self._of(customer).related().column(relation, column, _someone(customer))
            case ir.NumberOfRelated():
                return self._of(customer).related().number(node, _someone(customer), self.truth)
            case ir.Figure():
                return self._of(customer).figure(node)
            case _:
                assert_never(node)

    # --- events

    def rows(self, events: ir.Events, customer: Customer) -> tuple[list[EventRow], list[EventRow]]:
        """A customer's rows: those that surely satisfy the `where`, and those in doubt."""
        return self._rows(events, customer)

    def _rows(self, events: ir.Events, customer: Customer | None) -> tuple[list[EventRow], list[EventRow]]:
        """The rows in the window, in order of time: those that surely satisfy the `where`, and those in doubt."""
        who = _someone(customer)
        sure: list[EventRow] = []
        doubtful: list[EventRow] = []
        for row in _in_time(who, events.names, self._clock):
            if not holds(events.window, row.time, self._clock):
                continue
            truth = True if events.where is None else self.truth(events.where, who, row)
            if events.links and truth is not False:
                truth = both((truth, chains.holds(events.links, row, who, self._clock, self.truth)))
            if truth is True:
                sure.append(row)
            elif truth is None:
                doubtful.append(row)
        return sure, doubtful

    def _count(self, events: ir.Events, customer: Customer | None) -> Result:
        sure, doubtful = self._rows(events, customer)
        if not doubtful:
            return len(sure)
        return Doubt(frozenset(range(len(sure), len(sure) + len(doubtful) + 1)))

    def _aggregate(self, node: ir.Aggregate, customer: Customer) -> Result:
        if node.kind is ir.AggregateKind.NUMBER:
            return self._count(node.events, customer)
        sure, doubtful = self._rows(node.events, customer)
        if doubtful:
            return MISSING
        if not sure:
            return 0 if node.kind in (ir.AggregateKind.TOTAL, ir.AggregateKind.DISTINCT) else NONE
        assert node.of is not None
        if node.kind in (ir.AggregateKind.FIRST, ir.AggregateKind.LAST):
            # Only the value of the row that is taken has to be there.
            sure = sure[:1] if node.kind is ir.AggregateKind.FIRST else sure[-1:]
        values = []
        for row in sure:
            value = self.value(node.of, customer, row)
            if isinstance(value, Absent):
                return MISSING
            assert not isinstance(value, Doubt)
            values.append(value)
        return aggregate(node.kind, values, node.of.type, node.type)

    def _of(self, customer: Customer | None) -> "Known":
        # Invariant: names of the rule set stand only in rules, which are evaluated for a customer.
        assert self._known is not None and customer is not None
        return self._known


class Known(Protocol):
    """What has been worked out for every customer already, by the names of the rule set."""

    def condition(self, name: str, customer: Customer) -> Truth:
        """A define's condition."""

    def value(self, name: str, customer: Customer) -> Result:
        """A define's value."""

    def band(self, score: str, rank: str, customer: Customer) -> Result:
        """A score's band."""

    def qualifies(self, segment: str, customer: Customer) -> Truth:
        """Whether a customer qualifies for a segment."""

    def in_stage(self, partition: str, stage: str, customer: Customer) -> Truth:
        """Whether a customer is in a stage, or in the `otherwise`, of a partition."""

    def related(self) -> Related:
        """What relations lead to."""

    def figure(self, node: ir.Figure) -> Result:
        """A population figure."""

    def top(self, node: ir.Top, customer: Customer) -> Truth:
        """Whether a customer is at the top."""


def calculated(op: ir.ArithmeticOp, one: Any, other: Any, of: Type) -> int | Fraction | float:
    """One operation on two numbers, as the type of the result holds it; infinities as IEEE has them."""
    if isinstance(one, float) or isinstance(other, float):
        a, b = float(one), float(other)
        match op:
            case ir.ArithmeticOp.ADD:
                return a + b
            case ir.ArithmeticOp.SUBTRACT:
                return a - b
            case ir.ArithmeticOp.MULTIPLY:
                return a * b
            case ir.ArithmeticOp.DIVIDE:
                return a / b
    exact = compute(op, Fraction(one), Fraction(other))
    return rounded(exact, of) if isinstance(of, FloatType | IntegerType) else exact


def _in_time(customer: Customer, names: Sequence[str], clock: Clock) -> list[EventRow]:
    if len(names) == 1:
        return customer.events.get(names[0], [])
    rows = [row for name in dict.fromkeys(names) for row in customer.events.get(name, [])]
    days_only = any(not hasattr(row.time, "hour") for row in rows)
    return sorted(rows, key=lambda row: clock.day_of(row.time) if days_only else row.time)


def _cell(cell: Cell) -> Result:
    return MISSING if cell is None else cell


def _someone(customer: Customer | None) -> Customer:
    # Invariant: attributes and events stand only in rules, which are evaluated for a customer.
    assert customer is not None
    return customer


def _has_order(of: Type) -> bool:
    return isinstance(of, TextType) and of.ordered


def _cased(value: Any, ignoring_case: bool) -> Any:
    return folded(value) if ignoring_case and isinstance(value, str) else value


def _listed(op: ir.ListOp, values: Sequence[str], choices: Sequence[str], ignoring_case: bool) -> bool:
    present = {_cased(value, ignoring_case) for value in values}
    found = [_cased(choice, ignoring_case) in present for choice in choices]
    match op:
        case ir.ListOp.ANY:
            return any(found)
        case ir.ListOp.ALL:
            return all(found)
        case ir.ListOp.NONE:
            return not any(found)
