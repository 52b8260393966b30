"""Typed rules into formulas: every customer whom the catalogue allows is one way to satisfy them.

So a formula that nothing satisfies is a proof. The other way round a formula may be satisfied by more than there are
customers, where a construct is not followed to its end: then it is an unknown truth of its own, with what must hold
for it, and a reason is kept. What satisfies a formula is therefore only a proposal until the interpreter confirms it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil
from typing import assert_never

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Column, Customers
from segrules.ir.fingerprint import digest
from segrules.ir.membership import caps, qualifying, suppressions
from segrules.ir.rules import Direction, Partition, Rules, Segment
from segrules.proofs.encoding import aggregates, attributes, comparing, consents, counting, hours, moments, text_tests
from segrules.proofs.encoding.meanings import Bucket, Free, FreeBand, OnList, Tracked
from segrules.proofs.encoding.rows import Bound, Plane
from segrules.proofs.encoding.values import (
    Boolean,
    Choice,
    Encoded,
    Listed,
    Numeric,
    Presence,
    Textual,
    Timed,
    Truth,
    two_valued,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Calendar, Edge
from segrules.proofs.formulas.logic import (
    FALSE,
    TRUE,
    Flag,
    Formula,
    Var,
    at_least,
    at_most,
    constant,
    every,
    flag,
    implies,
    no,
    same,
    some,
)
from segrules.proofs.formulas.sums import Number
from segrules.proofs.verdict import Clause, Reason
from segrules.types.types import (
    BooleanType,
    DateType,
    FloatType,
    IntegerType,
    ListType,
    TextType,
    TimestampType,
)

_SURE = Truth(TRUE, FALSE)
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_EXPIRED = "expired"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FOLD = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_NO_CATALOGUE = Catalogue("", "UTC", {}, Customers(Column("key", IntegerType(), "key"), {}))
_DIGITS = re.compile(r"0|-?[1-9][0-9]*")
_LISTED = 1_000
"""So many numbers of a list file are followed one by one."""
_CUTS = 64
"""So many bands with cut points are followed one by one."""


@dataclass(eq=False)
class Encoder:
    """Formulas of one rule set; `axioms` say what always holds of a flag or variable, by name."""

    rules: Rules
    calendar: Calendar = field(init=False)
    axioms: dict[str, list[Formula]] = field(default_factory=dict, init=False)
    _truths: dict[ir.Condition, Truth] = field(default_factory=dict, init=False)
    _values: dict[ir.Value, Encoded] = field(default_factory=dict, init=False)
    _named: dict[tuple[str, str], Truth] = field(default_factory=dict, init=False)
    _members: dict[str, tuple[Tracked, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.calendar = Calendar(self.rules.catalogue.zone, hours.asks_for_hours(self.rules))

    # --- segments

    def member(self, name: str) -> Formula:
        """Who is a member of a segment."""
        return every(item.formula for item in self.clauses(name))

    def clauses(self, name: str) -> tuple[Tracked, ...]:
        """Who is a member of a segment, clause by clause: all of them have to hold."""
        if name not in self._members:
            self._members[name] = tuple(self._clauses(self.rules.segments[name]))
        return self._members[name]

    def _clauses(self, segment: Segment) -> Iterable[Tracked]:
        def tracked(what: str, span: object, formula: Formula) -> Tracked:
            # Invariant: every part of a segment has a span.
            return Tracked(Clause(segment.name, span, what), formula)  # type: ignore[arg-type]

        if segment.where is not None:
            parts = segment.where.items if isinstance(segment.where, ir.And) else (segment.where,)
            for part in parts:
                yield tracked("where", part.span, self.truth(part).true)
        for excluded in segment.excepts:
            yield tracked("except", excluded.span, self.truth(excluded.condition).true)
        for eligible in segment.eligible:
            yield tracked("eligible", eligible.span, self.truth(eligible.condition).true)
        for clause in segment.consents:
            yield tracked("consent", clause.span, consents.granted(self, clause, segment.header.purposes))
        for name in suppressions(self.rules.catalogue, segment):
            span = self.rules.catalogue.suppressions[name].span
            yield tracked("suppression", span, no(flag(f"on {name}", OnList(name))))
        for cap in caps(self.rules.catalogue, segment):
            yield tracked("cap", cap.span, self.truth(cap.condition).true)

    def stage(self, partition: Partition, name: str) -> Truth:
        """A stage of a partition: its condition holds, and all earlier ones are known to be false."""
        earlier: list[Truth] = []
        for stage in partition.stages:
            truth = self.truth(stage.condition)
            if stage.name == name:
                return Truth(
                    every([truth.true, *(item.false for item in earlier)]),
                    some([truth.false, *(item.true for item in earlier)]),
                )
            earlier.append(truth)
        taken = [self.stage(partition, stage.name).true for stage in partition.stages]
        return Truth(every(no(item) for item in taken), some(taken))

    # --- conditions

    def truth(self, node: ir.Condition) -> Truth:
        """When a condition is known to be true, and when false."""
        found = self._truths.get(node)
        if found is None:
            found = self._truths[node] = self._truth(node)
        return found

    def _truth(self, node: ir.Condition) -> Truth:
        match node:
            case ir.And(items):
                truths = [self.truth(item) for item in items]
                return Truth(every(item.true for item in truths), some(item.false for item in truths))
            case ir.Or(items):
                truths = [self.truth(item) for item in items]
                return Truth(some(item.true for item in truths), every(item.false for item in truths))
            case ir.Not(item):
                truth = self.truth(item)
                return Truth(truth.false, truth.true)
            case ir.Fixed(value):
                return two_valued(constant(value))
            case ir.Defined(name):
                return self._name("define", name)
            case ir.InSegment(name):
                return self._name("segment", name)
            case ir.InStage(partition, stage):
                return self.stage(self.rules.partitions[partition], stage)
            case ir.Did(events, op, times):
                return comparing.compared(self, op, counting.count_of(self, events), comparing.exactly(times))
            case ir.EdgeRow(which, events, condition):
                return counting.edge_row_test(self, which, events, condition)
            case ir.Top(by=by, among=among):
                truth = self.free(node, Reason.POPULATION)
                needed = self.value(by).presence.there
                if among is not None:
                    needed = every((needed, self.truth(among).true))
                self.holds(truth.true, needed)
                return truth
            case ir.InSample(value, share, salt):
                bucket = Var(f"bucket[{salt}] of {digest(value)}", low=0, high=9_999, meaning=Bucket(salt))
                return self.value(value).presence.judged(at_most(bucket, ceil(share * 10_000) - 1))
            case ir.Quantified():
                return self.free(node, Reason.RELATION)
            case _:
                edge = counting.as_edge_row(self, node)
                return self._tested(node) if edge is None else edge

    def _name(self, kind: str, name: str) -> Truth:
        if (kind, name) not in self._named:
            if kind == "define":
                body = self.rules.definitions[name].body
                assert isinstance(body, ir.Condition)
                self._named[kind, name] = self.truth(body)
            else:
                self._named[kind, name] = self.truth(qualifying(self.rules.segments[name]))
        return self._named[kind, name]

    def _tested(self, node: ir.Condition) -> Truth:
        """A test of one or more values."""
        match node:
            case ir.IsTrue(value):
                found = self.value(value)
                assert isinstance(found, Boolean)
                return found.presence.judged(found.true)
            case ir.IsKnown(value):
                return two_valued(self.value(value).presence.there)
            case ir.Compare(op, left, right):
                return comparing.compare(self, node, op, left, right)
            case ir.Between(value, low, high):
                both = ir.And(
                    (ir.Compare(ir.CompareOp.GE, value, low), ir.Compare(ir.CompareOp.LE, value, high)), node.span
                )
                return self.truth(both)
            case ir.OneOf(value, choices, negated):
                return comparing.one_of(self, node, value, choices, negated)
            case ir.InListFile(value) | ir.TextTest(value=value):
                return text_tests.text_test(self, node, value)
            case ir.ListTest(op, value, choices, ignoring_case):
                return text_tests.list_test(self, op, value, choices, ignoring_case)
            case ir.InWindow(value, window):
                timed = self.value(value)
                if not isinstance(timed, Timed):
                    return self.free(node, Reason.ARITHMETIC)
                bounds = moments.bounds_of(self, window, is_date=timed.is_date)
                return timed.presence.judged(every(moments.lies_within(timed, item) for item in bounds))
            case ir.Anniversary(value):
                return self.value(value).presence.judged(self.free_flag(node, Reason.CALENDAR))
            case ir.KnownFor(since, period):
                timed = self.value(since)
                assert isinstance(timed, Timed)
                edge = self.calendar.back(period)
                return timed.presence.judged(timed.before(Edge(edge.days.plus(-1))))
            case _:
                # Invariant: `_truth` has taken every other condition.
                raise AssertionError(node)

    # --- comparisons

    # --- values

    def value(self, node: ir.Value) -> Encoded:
        """What is known of a value."""
        found = self._values.get(node)
        if found is None:
            found = self._values[node] = self._value(node)
        return found

    def _value(self, node: ir.Value) -> Encoded:
        match node:
            case ir.Literal():
                return self._literal(node)
            case ir.Attribute(name):
                return attributes.attribute(self, name)
            case ir.DefinedValue(name):
                body = self.rules.definitions[name].body
                assert isinstance(body, ir.Value)
                return self.value(body)
            case ir.ConsentState(channel):
                return consents.consent_state(self, channel)
            case ir.Band(score, rank):
                return self._band(score, rank)
            case ir.Aggregate():
                return aggregates.aggregate(self, node)
            case ir.EventTime(which, events):
                return aggregates.event_time(self, node, which, events)
            case ir.DaysSince(of):
                return moments.days_since(self, node, of)
            case ir.YearsSince(of):
                return moments.years_since(self, node, of)
            case ir.PartOf(part, of):
                presence = self.value(of).presence
                if part is ir.DatePart.MONTH:
                    month = Var(f"month {digest(of)}", low=1, high=12, meaning=Free(node, Reason.CALENDAR))
                    return Numeric(presence, sums.of(month), sums.of(month))
                return Textual(presence, f"weekday {digest(of)}", _WEEKDAYS)
            case ir.Arithmetic():
                return self._arithmetic(node)
            case ir.UnitsOf(events=events):
                return aggregates.units_of(self, node, events)
            case ir.UnitsWith():
                return aggregates.units_with(self, node)
            case ir.DaysBetween(events=events):
                rows = counting.parts_of(self, events)
                gap = self.free_number(node, Reason.REGULARITY, "")
                self.always(gap, at_least(gap, 0))
                sure, doubt = counting.rows_in(rows, Plane.SURE), counting.rows_in(rows, Plane.DOUBT)
                missing = counting.any_rows(doubt)
                none = every((no(missing), sums.less_or_equal(sure, sums.just(1))))
                return Numeric(Presence(missing, none), sums.of(gap), sums.of(gap))
            case ir.RelatedColumn(relation, column):
                return attributes.related_column(self, relation, column)
            case ir.NumberOfRelated():
                least = self.free_number(node, Reason.RELATION, "least")
                most = self.free_number(node, Reason.RELATION, "most")
                self.always(least, at_least(least, 0))
                self.always(most, sums.less_or_equal(sums.of(least), sums.of(most)))
                missing = flag(f"{digest(node)} is missing", Free(node, Reason.RELATION))
                return Numeric(Presence(missing), sums.of(least), sums.of(most))
            case ir.Figure():
                return self.free_value(node, Reason.POPULATION)
            case ir.Property() | ir.StepProperty():
                raise AssertionError(node)  # invariant: properties stand in the filters of rows, and in the catalogue
            case _:
                assert_never(node)

    def _literal(self, node: ir.Literal) -> Encoded:
        value = node.value
        match value:
            case bool():
                return Boolean(Presence(), constant(value))
            case int() | Fraction():
                return Numeric(Presence(), sums.just(value), sums.just(value))
            case str():
                return Choice(Presence(), {value: TRUE})
            case tuple():
                return Listed(Presence(), f"list {digest(node)}")
            case date():
                edge = self.calendar.instant(value)
                position = edge.days if not isinstance(value, datetime) else self.calendar.position(edge)
                return Timed(
                    Presence(),
                    not isinstance(value, datetime),
                    lambda other: sums.less(self.calendar.position(other), self.calendar.position(edge)),
                    position=position,
                )

    # --- columns of the customers

    # --- bands

    def _band(self, score: str, rank: str) -> Encoded:
        scored = self.rules.scores[score]
        ranked = scored.ranks[rank]
        bands = ranked.bands
        among = _SURE if scored.among is None else self.truth(scored.among)
        by = self.value(ranked.by)
        there = every((among.true, by.presence.there))
        none = some((among.false, every((among.true, by.presence.none))))
        presence = Presence(every((no(there), no(none))), none)
        band = Var(
            f"{score}.{rank}",
            low=bands.start,
            high=bands.start + bands.count - 1,
            meaning=FreeBand(score, rank) if bands.cuts is None else None,
        )
        doubt = isinstance(by, Numeric) and not by.sure
        if doubt:
            assert isinstance(by, Numeric)
            presence = Presence(some((presence.missing, every((there, sums.less(by.low, by.high))))), none)
        if bands.cuts is not None and len(bands.cuts) <= _CUTS and not doubt:
            better_if = ir.CompareOp.GE if bands.direction is Direction.HIGH else ir.CompareOp.LE
            ordered = sorted(bands.cuts, reverse=bands.direction is Direction.LOW)
            for place, cut in enumerate(ordered, 1):
                if isinstance(cut, float):
                    betters = constant((cut < 0) is (bands.direction is Direction.HIGH))
                else:
                    limit = ir.Literal(cut, ranked.by.type)
                    betters = comparing.compare(
                        self, ir.Compare(better_if, ranked.by, limit), better_if, ranked.by, limit
                    ).true
                self.always(band, implies(there, same(at_least(band, bands.start + place), betters)))
        return Numeric(presence, sums.of(band), sums.of(band))

    # --- events

    # --- dates and arithmetic

    def _arithmetic(self, node: ir.Arithmetic) -> Encoded:
        left, right = self.value(node.left), self.value(node.right)
        if not isinstance(left, Numeric) or not isinstance(right, Numeric):
            return self.free_value(node, Reason.ARITHMETIC)
        presence = left.presence.and_of(right.presence)
        if isinstance(node.type, FloatType):
            return self.free_value(node, Reason.ARITHMETIC, presence)
        match node.op:
            case ir.ArithmeticOp.ADD:
                return Numeric(presence, left.low + right.low, left.high + right.high)
            case ir.ArithmeticOp.SUBTRACT:
                return Numeric(presence, left.low - right.high, left.high - right.low)
            case ir.ArithmeticOp.MULTIPLY if not right.low.terms and right.sure:
                return _multiple(presence, left, right.low.constant)
            case ir.ArithmeticOp.MULTIPLY if not left.low.terms and left.sure:
                return _multiple(presence, right, left.low.constant)
            case ir.ArithmeticOp.DIVIDE if not right.low.terms and right.sure:
                return _multiple(presence, left, Fraction(1) / Fraction(right.low.constant))
            case _:
                return self.free_value(node, Reason.ARITHMETIC, presence)

    # --- consent

    # --- relations

    # --- what is not followed further

    def free(self, node: ir.Condition, reason: Reason) -> Truth:
        """A condition of which nothing is known."""
        true = flag(f"true {digest(node)}", Free(node, reason))
        false = flag(f"false {digest(node)}", Free(node, reason))
        if true.name not in self.axioms:
            apart = no(every((true, false)))
            self.axioms[true.name] = [apart]
            self.axioms[false.name] = [apart]
        return Truth(true, false)

    def free_flag(self, node: ir.Condition, reason: Reason) -> Flag:
        """An unknown truth."""
        return flag(f"holds {digest(node)}", Free(node, reason))

    def free_number(self, node: ir.Node, reason: Reason, which: str) -> Var:
        """An unknown number; `which` tells apart several of one node."""
        whole = isinstance(getattr(node, "type", None), IntegerType) or which != ""
        name = f"value {digest(node)}{' ' + which if which else ''}"
        return Var(name, whole and reason is not Reason.ARITHMETIC, meaning=Free(node, reason))

    def free_value(self, node: ir.Value, reason: Reason, presence: Presence | None = None) -> Encoded:
        """A value of which nothing is known but its type."""
        name = f"value {digest(node)}"
        if presence is None:
            missing, none = flag(f"{name} is missing", Free(node, reason)), flag(f"{name} is none", Free(node, reason))
            presence = Presence(every((missing, no(none))), none)
        match node.type:
            case BooleanType():
                return Boolean(presence, flag(name, Free(node, reason)))
            case TextType(values):
                return Textual(presence, name, values)
            case ListType():
                return Listed(presence, name)
            case DateType() | TimestampType():
                of_node = node

                def before(edge: Edge) -> Formula:
                    text = f"{name} before {Bound(edge, after=False).text}"
                    return flag(text, Free(of_node, reason))

                return Timed(presence, isinstance(node.type, DateType), before)
            case _:
                var = Var(name, whole=False, meaning=Free(node, reason))
                return Numeric(presence, sums.of(var), sums.of(var))

    def always(self, var: Var, *facts: Formula) -> None:
        """Say what always holds where a variable is spoken of."""
        kept = self.axioms.setdefault(var.name, [])
        kept += [fact for fact in facts if fact is not TRUE and fact not in kept]

    def holds(self, condition: Formula, fact: Formula) -> None:
        """Where a flag holds, so does something else."""
        if isinstance(condition, Flag):
            kept = self.axioms.setdefault(condition.name, [])
            said = implies(condition, fact)
            if said not in kept:
                kept.append(said)


# --- helpers


def _multiple(presence: Presence, value: Numeric, factor: Number) -> Numeric:
    ends = value.low.times(factor), value.high.times(factor)
    low, high = ends if factor >= 0 else ends[::-1]
    threshold = value.threshold
    if threshold is None or factor <= 0:
        return Numeric(presence, low, high)
    return Numeric(presence, low, high, lambda k, strict: threshold(Fraction(k) / Fraction(factor), strict))
