"""`test` blocks: names and values checked, dates resolved against the test's own `as of`."""

from datetime import date, datetime, timedelta
from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir import nodes as ir_nodes
from segrules.ir import rules as ir
from segrules.ir.calendar import shifted
from segrules.ir.catalogue import Column
from segrules.ir.windows import SUB_DAY, Period, Unit
from segrules.semantics.expressions import CONSENT_STATES, Binder
from segrules.semantics.literals import aware, fitted, literal, unlisted
from segrules.semantics.symbols import Symbols
from segrules.semantics.typing import Typing
from segrules.syntax import nodes
from segrules.types.types import ListType, Type, UnknownType
from segrules.types.zones import zone


def bind_test(block: nodes.TestBlock, names: Symbols, binder: Binder, findings: list[Finding]) -> ir.Test | None:
    """A typed test; None, with findings, where it has no date or no expectation."""
    return _TestBinding(names, binder, findings).test(block)


class _TestBinding:
    def __init__(self, names: Symbols, binder: Binder, findings: list[Finding]) -> None:
        self._names = names
        self._binder = binder
        self._findings = findings
        self._zone = zone(names.catalogue.zone)

    def test(self, block: nodes.TestBlock) -> ir.Test | None:
        as_of = None if block.as_of is None else self._moment(block.as_of)
        if block.as_of is None:
            help_ = "write `as of 2026-11-01` behind its title"
            self._report(f"the test `{block.title.value}` has no `as of`", block.title, help_)
        if not block.expectations:
            help_ = "write `expect in SEGMENT` or `expect not in SEGMENT`"
            self._report(f"the test `{block.title.value}` expects nothing", block.title, help_)
        given = [self._given(item, as_of) for item in block.given]
        expectations = [self._expectation(item) for item in block.expectations]
        if as_of is None:
            return None
        kept_given = tuple(item for item in given if item is not None)
        kept = tuple(item for item in expectations if item is not None)
        return ir.Test(block.title.value, as_of, kept_given, kept, block.title.span)

    def _report(self, message: str, at: nodes.Text, help_: str) -> None:
        self._findings.append(finding(codes.SYNTAX, message, at.span, help=help_))

    def _moment(self, node: nodes.Moment) -> date | datetime | None:
        if isinstance(node, nodes.Day) or node.value is None:
            return node.value
        return aware(node.value, self._zone)

    def _given(
        self, node: nodes.GivenCustomerText | nodes.GivenEventText, as_of: date | datetime | None
    ) -> ir.GivenCustomer | ir.GivenEvent | None:
        if isinstance(node, nodes.GivenCustomerText):
            key = None if node.key is None else _key(node.key)
            return ir.GivenCustomer(key, self._assignments(node.assignments, None), node.span)
        event = self._names.catalogue.events.get(node.event.text)
        if event is None:
            found = self._names.unknown(node.event.text, node.event.span, "an event", self._names.catalogue.events)
            self._findings += [found] if found else []
            return None
        assignments = self._assignments(node.assignments, event.properties)
        at = self._ago(node.at, as_of) if isinstance(node.at, nodes.Length) else self._moment(node.at)
        return None if at is None else ir.GivenEvent(node.event.text, at, assignments, node.span)

    def _ago(self, length: nodes.Length, as_of: date | datetime | None) -> date | datetime | None:
        if as_of is None:
            return None
        unit = Unit(length.unit)
        if unit in SUB_DAY:
            minutes = length.count * (60 if length.unit == "hour" else 1)
            start = (
                as_of
                if isinstance(as_of, datetime)
                else aware(datetime(as_of.year, as_of.month, as_of.day), self._zone)
            )
            return start - timedelta(minutes=minutes)
        period = Period(length.count, unit)
        if not isinstance(as_of, datetime):
            return shifted(as_of, period, -1)
        local = as_of.astimezone(self._zone)
        return aware(datetime.combine(shifted(local.date(), period, -1), local.time()), self._zone)

    def _assignments(
        self, items: tuple[nodes.AssignmentText, ...], properties: "dict[str, Column] | object | None"
    ) -> tuple[ir.Assignment, ...]:
        found = []
        for item in items:
            of = self._type_of(item.target, properties)
            if of is None:
                continue
            value = self._value(item, of)
            if value is not None:
                found.append(ir.Assignment(item.target.text, value, item.span))
        return tuple(found)

    def _type_of(self, target: nodes.Ref, properties: object | None) -> Type | None:
        first, *rest = target.parts
        known: dict[str, Column] = dict(
            properties if isinstance(properties, dict) else self._names.catalogue.customers.attributes
        )
        if not rest and first.text in known:
            return known[first.text].type
        if properties is None and len(rest) == 1 and first.text == "consent":
            self._binder.channel(rest[0])
            return CONSENT_STATES
        if properties is None and len(rest) == 1 and self._names.kind(first.text) == "score":
            bound = self._binder.expression(target)
            return bound.type if isinstance(bound, ir_nodes.Band) else None
        what = "an attribute" if properties is None else "a property of this event"
        found = self._names.unknown(target.text, target.span, what, known)
        self._findings += [found] if found else []
        return None

    def _value(self, item: nodes.AssignmentText, of: Type) -> ir_nodes.Literal | None:
        if isinstance(item.value, nodes.Items):
            if isinstance(of, ListType):
                texts = [part.value for part in item.value.items if isinstance(part, nodes.Text)]
                return ir_nodes.Literal(tuple(texts), of, item.span)
            self._mismatch(item)
            return None
        assert isinstance(item.value, nodes.Number | nodes.Text | nodes.Day | nodes.Instant | nodes.Truth)
        value = fitted(literal(item.value, self._zone), of)
        target = ir_nodes.Attribute(item.target.text, of, item.target.span)
        Typing(self._findings).comparison(ir_nodes.CompareOp.EQ, target, value, item.span)
        found = unlisted(value, of, f"`{item.target.text}`")
        self._findings += [found] if found else []
        return value

    def _mismatch(self, item: nodes.AssignmentText) -> None:
        message = f"a list found for `{item.target.text}`, which holds one value"
        self._findings.append(finding(codes.TYPE_MISMATCH, message, item.span, help="write one value"))

    def _expectation(self, node: nodes.ExpectText) -> ir.Expectation | None:
        if node.kind == "value":
            left = self._binder.value(node.target)
            assert node.value is not None
            right = self._binder.value(node.value)
            if isinstance(left.type, UnknownType):
                return None
            Typing(self._findings).comparison(ir_nodes.CompareOp.EQ, left, right, node.span)
            test = ir_nodes.Compare(ir_nodes.CompareOp.EQ, left, right, span=node.span)
            return ir.Expectation(ir.Expected.IN, test, node.span)
        target = self._binder.membership(node.target, node.target.span)
        return ir.Expectation(ir.Expected(node.kind), target, node.span)


def _key(node: nodes.Text | nodes.Number) -> str | int:
    return node.value if isinstance(node, nodes.Text) else int(Fraction(node.value))
