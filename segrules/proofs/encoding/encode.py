"""Typed rules into formulas: every customer whom the catalogue allows is one way to satisfy them.

So a formula that nothing satisfies is a proof. The other way round a formula may be satisfied by more than there are
customers, where a construct is not followed to its end: then it is an unknown truth of its own, with what must hold
for it, and a reason is kept. What satisfies a formula is therefore only a proposal until the interpreter confirms it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from segrules.ir import nodes as ir
from segrules.ir import windows as win
from segrules.ir.build import conjunction
from segrules.ir.catalogue import Catalogue, Column, ConsentColumns, ConsentStatus, Customers
from segrules.ir.fingerprint import digest
from segrules.ir.membership import caps, qualifying, suppressions
from segrules.ir.rewrite import rewritten
from segrules.ir.rules import ConsentClause, Direction, Granted, Partition, Requirement, Rules, Segment
from segrules.ir.walk import all_nodes, descendants
from segrules.proofs.encoding import rows as of_rows
from segrules.proofs.encoding.rows import Bound, Plane, Rows
from segrules.proofs.encoding.values import (
    Boolean,
    Choice,
    Encoded,
    Listed,
    Numeric,
    Presence,
    Textual,
    Threshold,
    Timed,
    Truth,
    two_valued,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import DAY, TODAY, Calendar, Edge
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
from segrules.proofs.formulas.sums import Number, Sum
from segrules.proofs.verdict import Clause, Reason
from segrules.reference.interpreter import Interpreter
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
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


@dataclass(frozen=True, slots=True)
class TextTested:
    """What a flag about a text says: that a test, written over a property of no name, holds of it."""

    source: str
    values: tuple[str, ...] | None
    test: ir.Condition


@dataclass(frozen=True, slots=True)
class SameText:
    """That two texts are equal; with the closed list of each."""

    one: str
    other: str
    values: tuple[tuple[str, ...] | None, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class FreeBand:
    """A band of a score that is cut anew for every population."""

    score: str
    rank: str


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """A column of the customers: its number, its position in time, its age in days, or that it is true."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """That a column of the customers is missing."""

    name: str


@dataclass(frozen=True, slots=True)
class Free:
    """A truth or number that is not followed further, and why."""

    node: ir.Node
    reason: Reason


@dataclass(frozen=True, slots=True)
class OnList:
    """That a customer stands on a suppression list."""

    name: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """That consent is granted for a channel, and for a purpose where one is named."""

    channel: str
    purpose: str | None


@dataclass(frozen=True, slots=True)
class ConsentIs:
    """The state of consent for a channel; None for no record, "missing" for records that conflict."""

    channel: str
    state: str | None


@dataclass(frozen=True, slots=True)
class ConsentTime:
    """When consent was recorded, as a position or as days."""

    channel: str
    purpose: str | None
    is_date: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """Into which of the 10,000 buckets a salt puts a customer."""

    salt: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """A clause of a segment as a formula, with its place."""

    clause: Clause
    formula: Formula


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
        self.calendar = Calendar(self.rules.catalogue.zone, asks_for_hours(self.rules))

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
            yield tracked("consent", clause.span, self.granted(clause, segment.header.purposes))
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
                return self._compared(op, self._count(events), _exactly(times))
            case ir.EdgeRow(which, events, condition):
                return self._edge_row(which, events, condition)
            case ir.Top(by=by, among=among):
                truth = self._free(node, Reason.POPULATION)
                needed = self.value(by).presence.there
                if among is not None:
                    needed = every((needed, self.truth(among).true))
                self._holds(truth.true, needed)
                return truth
            case ir.InSample(value, share, salt):
                bucket = Var(f"bucket[{salt}] of {digest(value)}", low=0, high=9_999, meaning=Bucket(salt))
                return self.value(value).presence.judged(at_most(bucket, ceil(share * 10_000) - 1))
            case ir.Quantified():
                return self._free(node, Reason.RELATION)
            case _:
                edge = self._of_edge_row(node)
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
                return self._compare(node, op, left, right)
            case ir.Between(value, low, high):
                both = ir.And(
                    (ir.Compare(ir.CompareOp.GE, value, low), ir.Compare(ir.CompareOp.LE, value, high)), node.span
                )
                return self.truth(both)
            case ir.OneOf(value, choices, negated):
                return self._one_of(node, value, choices, negated)
            case ir.InListFile(value) | ir.TextTest(value=value):
                return self._text_test(node, value)
            case ir.ListTest(op, value, choices, ignoring_case):
                return self._list_test(op, value, choices, ignoring_case)
            case ir.InWindow(value, window):
                timed = self.value(value)
                if not isinstance(timed, Timed):
                    return self._free(node, Reason.ARITHMETIC)
                bounds = self.bounds(window, is_date=timed.is_date)
                return timed.presence.judged(every(_within(timed, item) for item in bounds))
            case ir.Anniversary(value):
                return self.value(value).presence.judged(self._free_flag(node, Reason.CALENDAR))
            case ir.KnownFor(since, period):
                timed = self.value(since)
                assert isinstance(timed, Timed)
                edge = self.calendar.back(period)
                return timed.presence.judged(timed.before(Edge(edge.days.plus(-1))))
            case _:
                # Invariant: `_truth` has taken every other condition.
                raise AssertionError(node)

    # --- comparisons

    def _compare(self, node: ir.Compare, op: ir.CompareOp, left: ir.Value, right: ir.Value) -> Truth:
        one, other = self.value(left), self.value(right)
        match one, other:
            case Numeric(), Numeric():
                return self._compared(op, one, other, node)
            case Timed(), Timed():
                return self._compare_times(node, op, one, other)
            case Boolean(), Boolean():
                equal = same(one.true, other.true)
                return one.presence.and_of(other.presence).judged(equal if op is ir.CompareOp.EQ else no(equal))
            case ((Textual() | Choice()), _) if isinstance(right, ir.Literal):
                return self._compare_text(node, op, left, right)
            case _, (Textual() | Choice()) if isinstance(left, ir.Literal):
                return self._compare_text(node, turned(op), right, left)
            case Textual(), Textual() if op in (ir.CompareOp.EQ, ir.CompareOp.NE) and not node.ignoring_case:
                first, second = sorted((one, other), key=lambda text: text.source)
                said = SameText(first.source, second.source, (first.values, second.values))
                equal = TRUE if first.source == second.source else flag(f"{first.source} is {second.source}", said)
                return one.presence.and_of(other.presence).judged(equal if op is ir.CompareOp.EQ else no(equal))
            case _:
                presence = one.presence.and_of(other.presence)
                return presence.judged(self._free_flag(node, Reason.TEXT))

    def _compared(self, op: ir.CompareOp, one: Numeric, other: Numeric, node: ir.Condition | None = None) -> Truth:
        presence = one.presence.and_of(other.presence)
        if not other.low.terms and other.sure and one.threshold is not None:
            return presence.judged(_by_threshold(op, one.threshold, other.low.constant))
        if not one.low.terms and one.sure and other.threshold is not None:
            return presence.judged(_by_threshold(turned(op), other.threshold, one.low.constant))
        at_most_ = sums.less_or_equal(one.high, other.low), sums.less(other.high, one.low)
        at_least_ = sums.less_or_equal(other.high, one.low), sums.less(one.high, other.low)
        match op:
            case ir.CompareOp.LE:
                return presence.judged_both(*at_most_)
            case ir.CompareOp.GT:
                return presence.judged_both(*at_most_[::-1])
            case ir.CompareOp.GE:
                return presence.judged_both(*at_least_)
            case ir.CompareOp.LT:
                return presence.judged_both(*at_least_[::-1])
            case ir.CompareOp.EQ | ir.CompareOp.NE:
                pass
        equal = every((at_most_[0], at_least_[0]))
        apart = some((at_most_[1], at_least_[1]))
        if not (one.sure and other.sure) and not _contiguous(one, other):
            # Of several numbers none may be the one asked for, though it lies between them.
            name = f"gap {digest(node)}" if node is not None else f"gap {one.low} {one.high} {other.low} {other.high}"
            apart = some((apart, every((no(equal), flag(name, None)))))
        return presence.judged_both(equal, apart) if op is ir.CompareOp.EQ else presence.judged_both(apart, equal)

    def _compare_times(self, node: ir.Compare, op: ir.CompareOp, one: Timed, other: Timed) -> Truth:
        presence = one.presence.and_of(other.presence)
        for timed, seen, edge_of in ((one, op, node.right), (other, turned(op), node.left)):
            if isinstance(edge_of, ir.Literal) and isinstance(edge_of.value, date):
                return presence.judged(self._against_edge(timed, seen, edge_of.value))
        if one.is_date == other.is_date and one.position is not None and other.position is not None:
            # What lies later is fewer days or microseconds back.
            earlier = sums.less(other.position, one.position)
            later = sums.less(one.position, other.position)
            match op:
                case ir.CompareOp.LT:
                    return presence.judged(earlier)
                case ir.CompareOp.GE:
                    return presence.judged(no(earlier))
                case ir.CompareOp.GT:
                    return presence.judged(later)
                case ir.CompareOp.LE:
                    return presence.judged(no(later))
                case ir.CompareOp.EQ | ir.CompareOp.NE:
                    pass
            apart = some((earlier, later))
            return presence.judged(no(apart) if op is ir.CompareOp.EQ else apart)
        return presence.judged(self._free_flag(node, Reason.CALENDAR))

    def _against_edge(self, timed: Timed, op: ir.CompareOp, moment: date | datetime) -> Formula:
        at = self.calendar.instant(moment)
        if timed.is_date or not isinstance(moment, datetime):
            after = Edge(at.days.plus(-1))
        else:
            after = Edge(at.days, (sums.just(0) if at.micros is None else at.micros).plus(-1))
        earlier, not_later = timed.before(at), timed.before(after)
        match op:
            case ir.CompareOp.LT:
                return earlier
            case ir.CompareOp.GE:
                return no(earlier)
            case ir.CompareOp.LE:
                return not_later
            case ir.CompareOp.GT:
                return no(not_later)
            case ir.CompareOp.EQ:
                return every((not_later, no(earlier)))
            case ir.CompareOp.NE:
                return some((no(not_later), earlier))

    def _compare_text(self, node: ir.Compare, op: ir.CompareOp, value: ir.Value, literal: ir.Literal) -> Truth:
        if op is ir.CompareOp.EQ:
            return self._text_test(replace(node, op=op, left=value, right=literal), value)
        if op is ir.CompareOp.NE:
            # Not the opposite: of none both are false.
            equal = self._text_test(replace(node, op=ir.CompareOp.EQ, left=value, right=literal), value)
            return self.value(value).presence.judged_both(equal.false, equal.true)
        of_type = value.type if isinstance(value.type, TextType) else literal.type
        listed = of_type.values if isinstance(of_type, TextType) and of_type.ordered else None
        if listed is None or literal.value not in listed:
            return self.value(value).presence.judged(self._free_flag(node, Reason.TEXT))
        place = listed.index(str(literal.value))
        ends = {
            ir.CompareOp.LT: listed[:place],
            ir.CompareOp.LE: listed[: place + 1],
            ir.CompareOp.GT: listed[place + 1 :],
            ir.CompareOp.GE: listed[place:],
        }
        choices = tuple(ir.Literal(text, literal.type) for text in ends[op])
        return self._text_test(ir.OneOf(value, choices), value)

    def _one_of(self, node: ir.OneOf, value: ir.Value, choices: Sequence[ir.Literal], negated: bool) -> Truth:
        found = self.value(value)
        if isinstance(found, Textual | Choice):
            inside = self._text_test(replace(node, negated=False), value)
            return found.presence.judged_both(inside.false, inside.true) if negated else inside
        op = ir.CompareOp.EQ
        truths = [self._compare(ir.Compare(op, value, choice), op, value, choice) for choice in choices]
        inside_, outside = some(item.true for item in truths), every(item.false for item in truths)
        if isinstance(found, Numeric) and not found.sure:
            # In doubt between several that are all listed, the value is listed.
            free = flag(f"gap {digest(node)}", None)
            unsure = sums.less(found.low, found.high)
            inside_ = some((inside_, every((unsure, free, no(outside)))))
        there = found.presence.there
        truth = Truth(every((there, inside_)), some((found.presence.none, every((there, outside)))))
        if not negated:
            return truth
        return Truth(every((there, outside)), some((found.presence.none, every((there, inside_)))))

    def _text_test(self, node: ir.Condition, value: ir.Value) -> Truth:
        found = self.value(value)
        negated = isinstance(node, ir.InListFile) and node.negated
        if not isinstance(found, Choice | Textual):
            return self._listed_number(node, found)
        test = rewritten(rewritten(node, lambda part: _anonymous(value) if part == value else part), _unlisted)
        if negated:
            assert isinstance(test, ir.InListFile)
            test = replace(test, negated=False)
        if isinstance(found, Choice):
            holds = some(when for text, when in found.when.items() if tested(test, text))
        else:
            holds = self._text_flag(found, test)
        return found.presence.judged(no(holds) if negated else holds)

    def _listed_number(self, node: ir.Condition, found: Encoded) -> Truth:
        """A whole number looked up in a list file, as its decimal digits."""
        if isinstance(node, ir.InListFile) and isinstance(found, Numeric) and isinstance(node.value.type, IntegerType):
            numbers = [int(entry) for entry in node.entries if _DIGITS.fullmatch(entry)]
            if len(numbers) <= _LISTED and found.sure:
                inside = some(sums.equals(found.low, sums.just(number)) for number in sorted(numbers))
                return found.presence.judged(no(inside) if node.negated else inside)
        return found.presence.judged(self._free_flag(node, Reason.TEXT))

    def _text_flag(self, text: Textual, test: ir.Condition) -> Flag:
        return flag(f"{text.source} {digest(test)}", TextTested(text.source, text.values, test))

    def _list_test(self, op: ir.ListOp, value: ir.Value, choices: Sequence[str], ignoring_case: bool) -> Truth:
        found = self.value(value)
        assert isinstance(found, Listed)
        case = " ignoring case" if ignoring_case else ""
        folded = [item.translate(_FOLD) for item in choices]
        asked = folded if ignoring_case else choices
        held = [flag(f"{found.source} has{case} {item}", ("has", found.source, item, ignoring_case)) for item in asked]
        for item, plain in zip(folded, choices, strict=True):
            # What is held as it is written is held in small letters, too.
            anyhow = flag(f"{found.source} has ignoring case {item}", ("has", found.source, item, True))
            self._holds(flag(f"{found.source} has {plain}", ("has", found.source, plain, False)), anyhow)
        match op:
            case ir.ListOp.ANY:
                return found.presence.judged(some(held))
            case ir.ListOp.ALL:
                return found.presence.judged(every(held))
            case ir.ListOp.NONE:
                return found.presence.judged(no(some(held)))

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
                return self._column(name)
            case ir.DefinedValue(name):
                body = self.rules.definitions[name].body
                assert isinstance(body, ir.Value)
                return self.value(body)
            case ir.ConsentState(channel):
                return self._consent_state(channel)
            case ir.Band(score, rank):
                return self._band(score, rank)
            case ir.Aggregate():
                return self._aggregate(node)
            case ir.EventTime(which, events):
                return self._event_time(node, which, events)
            case ir.DaysSince(of):
                return self._days_since(node, of)
            case ir.YearsSince(of):
                return self._years_since(node, of)
            case ir.PartOf(part, of):
                presence = self.value(of).presence
                if part is ir.DatePart.MONTH:
                    month = Var(f"month {digest(of)}", low=1, high=12, meaning=Free(node, Reason.CALENDAR))
                    return Numeric(presence, sums.of(month), sums.of(month))
                return Textual(presence, f"weekday {digest(of)}", _WEEKDAYS)
            case ir.Arithmetic():
                return self._arithmetic(node)
            case ir.UnitsOf(events=events):
                return self._units_of(node, events)
            case ir.UnitsWith(events=events):
                least, most = (
                    self._free_number(node, Reason.REGULARITY, "least"),
                    self._free_number(node, Reason.REGULARITY, "most"),
                )
                window = events.window
                assert isinstance(window, win.WholeUnits)
                self._always(least, at_least(least, 0), at_most(least, window.period.count))
                self._always(
                    most, sums.less_or_equal(sums.of(least), sums.of(most)), at_most(most, window.period.count)
                )
                if node.op in (ir.CompareOp.GE, ir.CompareOp.GT, ir.CompareOp.EQ):
                    times = node.times + (node.op is ir.CompareOp.GT)
                    count = self._count(events)
                    self._always(least, sums.less_or_equal(sums.of(least, times), count.low))
                    self._always(most, sums.less_or_equal(sums.of(most, times), count.high))
                return Numeric(Presence(), sums.of(least), sums.of(most))
            case ir.DaysBetween(events=events):
                rows = self._parts(events)
                gap = self._free_number(node, Reason.REGULARITY, "")
                self._always(gap, at_least(gap, 0))
                sure, doubt = _sum(rows, Plane.SURE), _sum(rows, Plane.DOUBT)
                missing = _some_rows(doubt)
                none = every((no(missing), sums.less_or_equal(sure, sums.just(1))))
                return Numeric(Presence(missing, none), sums.of(gap), sums.of(gap))
            case ir.RelatedColumn(relation, column):
                return self._related(relation, column)
            case ir.NumberOfRelated():
                least = self._free_number(node, Reason.RELATION, "least")
                most = self._free_number(node, Reason.RELATION, "most")
                self._always(least, at_least(least, 0))
                self._always(most, sums.less_or_equal(sums.of(least), sums.of(most)))
                missing = flag(f"{digest(node)} is missing", Free(node, Reason.RELATION))
                return Numeric(Presence(missing), sums.of(least), sums.of(most))
            case ir.Figure():
                return self._free_value(node, Reason.POPULATION)
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

    def _column(self, name: str) -> Encoded:
        customers = self.rules.catalogue.customers
        column = customers.attributes.get(name, customers.key)
        presence = self._presence(name, column)
        if column.derive is not None:
            derived = self._derived(name, column, presence)
            if derived is not None:
                return derived
        return self._plain(name, column.type, presence, column)

    def _presence(self, name: str, column: Column) -> Presence:
        customers = self.rules.catalogue.customers
        tables = self.rules.catalogue.tables
        missing: list[Formula] = [
            flag(f"no row in {table}", ("no row", table))
            for table in customers.joined
            if column is tables[table].columns.get(name)
        ]
        if column.nullable and column.derive is None and column.name != customers.key.name:
            missing.append(flag(f"{name} is missing", Missing(name)))
        return Presence(some(missing))

    def _plain(self, name: str, of_type: Type, presence: Presence, column: Column | None = None) -> Encoded:
        """A column as an unknown of its type."""
        meaning = ColumnValue(name)
        match of_type:
            case BooleanType():
                return Boolean(presence, flag(name, meaning))
            case IntegerType() | DecimalType() | FloatType() | MoneyType():
                var, factor = self._number(name, of_type, column, meaning)
                return Numeric(presence, sums.of(var, factor), sums.of(var, factor))
            case TextType(values):
                return Textual(presence, name, values)
            case ListType():
                return Listed(presence, name)
            case DateType():
                age = Var(f"{name} age", meaning=meaning)
                self._always(age, *_a_day(sums.of(age)))
                self._in_range(age, sums.of(age), column, is_date=True)
                return Timed(
                    presence, True, lambda edge: sums.less(edge.days, sums.of(age)), sums.of(age), sums.of(age)
                )
            case TimestampType():
                position, age = Var(f"{name} at", meaning=meaning), Var(f"{name} age", meaning=meaning)
                self._always(position, *_a_day(sums.of(age)), *self._same_day(sums.of(position), sums.of(age)))
                self._always(age, *_a_day(sums.of(age)), *self._same_day(sums.of(position), sums.of(age)))
                self._in_range(position, sums.of(position), column, is_date=False)
                return Timed(
                    presence,
                    False,
                    lambda edge: self._before(edge, sums.of(position), sums.of(age)),
                    sums.of(age),
                    sums.of(position),
                )
            case _:
                raise AssertionError(of_type)  # invariant: rules without errors have no unknown types

    def _before(self, edge: Edge, position: Sum, age: Sum) -> Formula:
        if edge.micros is None:
            return sums.less(edge.days, age)
        return sums.less(self.calendar.position(edge), position)

    def _same_day(self, position: Sum, age: Sum) -> tuple[Formula, Formula]:
        """A position lies on the day that is so many days back."""
        turned = sums.just(0) if not self.calendar.hours else sums.just(26 * 3_600_000_000)
        return (
            sums.less(age.plus(-1).times(DAY) - turned, position),
            sums.less_or_equal(position, age.times(DAY) + turned),
        )

    def _number(self, name: str, of_type: Type, column: Column | None, meaning: object) -> tuple[Var, Number]:
        """A variable for a number, and what one step of it is worth."""
        scale = scale_of(of_type, column)
        factor = Fraction(1, scale) if scale else 1
        low: Number | None = None
        high: Number | None = None
        if column is not None and column.derive is None:
            low = column.minimum if isinstance(column.minimum, Fraction) else None
            high = column.maximum if isinstance(column.maximum, Fraction) else None
        if scale:
            low, high = None if low is None else ceil(low * scale), None if high is None else floor(high * scale)
        return Var(name, scale > 0, low, high, meaning), factor

    def _in_range(self, var: Var, position: Sum, column: Column | None, *, is_date: bool) -> None:
        if column is None or column.derive is not None:
            return
        for end, least in ((column.minimum, True), (column.maximum, False)):
            if isinstance(end, date):
                edge = self.calendar.instant(end)
                at = edge.days if is_date else self.calendar.position(edge)
                self._always(var, sums.less_or_equal(position, at) if least else sums.less_or_equal(at, position))

    def _derived(self, name: str, column: Column, presence: Presence) -> Encoded | None:
        """A derived column by what it is computed from; None where that is not followed."""
        assert column.derive is not None
        attributes = self.rules.catalogue.customers.attributes

        def over_customers(part: ir.Expression | ir.Events) -> ir.Expression | ir.Events:
            return ir.Attribute(part.name, part.type, part.span) if isinstance(part, ir.Property) else part

        read = [node for node in descendants(column.derive) if isinstance(node, ir.Property)]
        if any(node.name not in attributes for node in read):
            return self._plain(name, column.type, Presence(flag(f"{name} is missing", Missing(name))), column)
        body = rewritten(column.derive, over_customers)
        if isinstance(body, ir.Condition):
            truth = self.truth(body)
            return Boolean(Presence(some((presence.missing, truth.unknown))), truth.true)
        value = self.value(body)
        absent = Presence(some((presence.missing, value.presence.missing, value.presence.none)))
        return replace(value, presence=absent)

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
                    betters = self._compare(ir.Compare(better_if, ranked.by, limit), better_if, ranked.by, limit).true
                self._always(band, implies(there, same(at_least(band, bands.start + place), betters)))
        return Numeric(presence, sums.of(band), sums.of(band))

    # --- events

    def _parts(self, events: ir.Events, extra: ir.Condition | None = None) -> tuple[Rows, ...]:
        """The rows of each kind of event; links are left aside."""
        return tuple(self.rows(name, _joined(events.where, extra), events.window) for name in events.names)

    def rows(self, event: str, where: ir.Condition | None, window: win.Window) -> Rows:
        """The rows of an event in a window."""
        return Rows(event, where, self.bounds(window, is_date=self.dated(event)))

    def dated(self, event: str) -> bool:
        """Whether an event's time is a day."""
        found = self.rules.catalogue.events[event]
        column = self.rules.catalogue.tables[found.table].columns[found.time]
        return isinstance(column.type, DateType)

    def bounds(self, window: win.Window, *, is_date: bool) -> tuple[Bound, ...]:
        """The limits that a window sets to an instant, or to a day."""
        calendar = self.calendar
        now = calendar.today() if is_date else calendar.now()

        def after(edge: Edge) -> Bound:
            return Bound(edge, after=True)

        def before(edge: Edge) -> Bound:
            return Bound(edge, after=False)

        def moment(at: date | datetime) -> Edge:
            edge = calendar.instant(at)
            return Edge(edge.days) if is_date else edge

        match window:
            case win.Ever():
                return ()
            case win.InLast(p):
                return after(calendar.back(p)), before(now)
            case win.MoreThanAgo(p):
                return (before(calendar.back(p)),)
            case win.BetweenAgo(near, far):
                return after(calendar.back(far)), before(calendar.back(near))
            case win.WholeUnits(p):
                return after(calendar.unit(p.unit, p.count)), before(calendar.unit(p.unit, 0))
            case win.ThisUnit(unit):
                return after(calendar.unit(unit, 0)), before(now)
            case win.InNext(p):
                return after(now), before(calendar.ahead(p))
            case win.MoreThanAhead(p):
                return (after(calendar.ahead(p)),)
            case win.Since(start):
                return (after(moment(start)),)
            case win.Before(end):
                return (before(moment(end)),)
            case win.OnDay(day):
                return after(calendar.day(day)), before(_next_day(calendar, day))
            case win.AfterDay(day):
                return (after(_next_day(calendar, day)),)
            case win.FromTo(first, last):
                return after(calendar.day(first)), before(_next_day(calendar, last))
            case _:
                assert_never(window)

    def _count(self, events: ir.Events) -> Numeric:
        parts = self._parts(events)
        sure, doubt = _sum(parts, Plane.SURE), _sum(parts, Plane.DOUBT)
        if not events.links:
            high = sure if events.where is None else sure + doubt
            return Numeric(Presence(), sure, high)
        return self._chain(events, sure, sure + doubt)

    def _chain(self, events: ir.Events, sure: Sum, perhaps: Sum) -> Numeric:
        """Rows that are followed by others: what must hold, and what is so where there are no such others."""
        least = self._free_number(events, Reason.SEQUENCE, "least")
        most = self._free_number(events, Reason.SEQUENCE, "most")
        limits = [
            at_least(least, 0),
            sums.less_or_equal(sums.of(least), sums.of(most)),
            sums.less_or_equal(sums.of(least), sure),
            sums.less_or_equal(sums.of(most), perhaps),
        ]
        others: list[Formula] = []
        only_without = all(link.kind is ir.LinkKind.WITHOUT for link in events.links)
        for link in events.links:
            (name,) = link.events.names
            known = [ir.IsKnown(ir.Property(item, IntegerType())) for item in link.same]
            behind = self.rows(name, link.events.where, win.Ever())
            if link.kind is ir.LinkKind.THEN:
                for_sure = self.rows(name, _joined(link.events.where, *known), win.Ever())
                limits.append(implies(at_least(least, 1), at_least(of_rows.number(for_sure, Plane.SURE), 1)))
                limits.append(implies(at_least(most, 1), _some_rows(_both(behind))))
            others.append(no(_some_rows(_both(behind))))
        if only_without:
            exact = every(
                (sums.equals(sums.of(least), sure), sums.equals(sums.of(most), perhaps)),
            )
            limits.append(implies(every(others), exact))
        for var in (least, most):
            self._always(var, *limits)
        return Numeric(Presence(), sums.of(least), sums.of(most))

    def _edge_row(self, which: ir.AggregateKind, events: ir.Events, condition: ir.Condition) -> Truth:
        if len(events.names) > 1 or events.links:
            return self._free(ir.EdgeRow(which, events, condition), Reason.SEQUENCE)
        (rows,) = self._parts(events)
        doubt = FALSE if events.where is None else _some_rows(sums.of(of_rows.number(rows, Plane.DOUBT)))
        sure = at_least(of_rows.number(rows, Plane.SURE), 1)
        known = {value: of_rows.edge_row(which, rows, condition, value) for value in (True, False)}
        nobody = every((no(doubt), no(sure)))
        return Truth(every((no(doubt), sure, known[True])), some((nobody, every((no(doubt), sure, known[False])))))

    def _of_edge_row(self, node: ir.Condition) -> Truth | None:
        """A test of the value in a first or last row, as a test of that row; None for all other conditions."""
        kinds = (ir.AggregateKind.FIRST, ir.AggregateKind.LAST)
        found = [
            part
            for part in _operands(node)
            if isinstance(part, ir.Aggregate) and part.kind in kinds and isinstance(part.of, ir.Property)
        ]
        others = [part for part in _operands(node) if not isinstance(part, ir.Literal)]
        if len(found) != 1 or len(others) != 1 or len(found[0].events.names) > 1 or found[0].events.links:
            return None
        (value,) = found
        assert isinstance(value.of, ir.Property)
        inside = value.of
        condition = rewritten(node, lambda part: inside if part == value else part)
        truth = self._edge_row(value.kind, value.events, condition)
        return two_valued(truth.true) if isinstance(node, ir.IsKnown) else truth

    def _aggregate(self, node: ir.Aggregate) -> Encoded:
        kind, events, of = node.kind, node.events, node.of
        if kind is ir.AggregateKind.NUMBER:
            return self._count(events)
        if events.links or not isinstance(of, ir.Property):
            return self._free_value(node, Reason.SEQUENCE if events.links else Reason.ARITHMETIC)
        parts = self._parts(events)
        sure = _sum(parts, Plane.SURE)
        doubt = FALSE if events.where is None else _some_rows(_sum(parts, Plane.DOUBT))
        lacking = _some_rows(_sum(self._parts(events, ir.Not(ir.IsKnown(of))), Plane.SURE))
        one_row = kind in (ir.AggregateKind.FIRST, ir.AggregateKind.LAST)
        missing = some((doubt, flag(f"{digest(node)} is missing", None) if one_row else lacking))
        has_zero = kind in (ir.AggregateKind.TOTAL, ir.AggregateKind.DISTINCT)
        none = FALSE if has_zero else every((no(doubt), sums.less_or_equal(sure, sums.just(0))))
        presence = Presence(every((missing, no(none))), none)
        match kind:
            case ir.AggregateKind.TOTAL if not isinstance(node.type, FloatType):
                value = self._total(parts, of)
                return Numeric(presence, value, value)
            case ir.AggregateKind.DISTINCT:
                value = sums.total((1, of_rows.distinct(rows, of.name)) for rows in parts)
                if len(parts) > 1:
                    return self._free_value(node, Reason.ARITHMETIC, presence)
                return Numeric(presence, value, value)
            case ir.AggregateKind.AVERAGE if not isinstance(node.type, FloatType):
                value = self._total(parts, of)
                return self._bounded(node, presence, lambda k, strict: _ordered(value - sure.times(k), strict))
            case ir.AggregateKind.SMALLEST | ir.AggregateKind.LARGEST | ir.AggregateKind.MEDIAN if _is_number(of.type):
                return self._bounded(node, presence, lambda k, strict: self._nth(node, of, k, strict))
            case _:
                return self._free_value(node, Reason.ARITHMETIC, presence)

    def _total(self, parts: Sequence[Rows], of: ir.Property) -> Sum:
        found = Sum()
        for rows in parts:
            column = self.rules.catalogue.events[rows.event].properties[of.name]
            scale = scale_of(column.type, column)
            found += sums.of(of_rows.total(rows, of.name, scale), Fraction(1, scale) if scale else 1)
        return found

    def _nth(self, node: ir.Aggregate, of: ir.Property, k: Number, strict: bool) -> Formula:
        """Whether the smallest, largest or median value is at most `k`, or below it."""
        op = ir.CompareOp.LT if strict else ir.CompareOp.LE
        below = ir.Compare(op, of, ir.Literal(_literal_number(k), of.type))
        inside = _sum(self._parts(node.events, below), Plane.SURE)
        everything = _sum(self._parts(node.events), Plane.SURE)
        match node.kind:
            case ir.AggregateKind.SMALLEST:
                return sums.less_or_equal(sums.just(1), inside)
            case ir.AggregateKind.LARGEST:
                return sums.less_or_equal(everything, inside)
            case _:
                # The lower middle of n values is at most k where at least half of them are.
                return sums.less_or_equal(everything, inside.times(2))

    def _bounded(self, node: ir.Value, presence: Presence, threshold: Threshold) -> Numeric:
        var = self._free_number(node, Reason.ARITHMETIC, "")
        return Numeric(presence, sums.of(var), sums.of(var), threshold)

    def _event_time(self, node: ir.EventTime, which: ir.AggregateKind, events: ir.Events) -> Encoded:
        if events.links:
            return self._free_value(node, Reason.SEQUENCE)
        parts = self._parts(events)
        sure = _sum(parts, Plane.SURE)
        doubt = FALSE if events.where is None else _some_rows(_sum(parts, Plane.DOUBT))
        presence = Presence(doubt, every((no(doubt), sums.less_or_equal(sure, sums.just(0)))))
        last = which is ir.AggregateKind.LAST

        def before(edge: Edge) -> Formula:
            side = Bound(edge, after=last)
            rows = [replace(item, bounds=(*item.bounds, side)) for item in parts]
            found = _sum(rows, Plane.SURE)
            return sums.less_or_equal(found, sums.just(0)) if last else sums.less_or_equal(sums.just(1), found)

        return Timed(presence, all(self.dated(name) for name in events.names), before)

    def _units_of(self, node: ir.UnitsOf, events: ir.Events) -> Encoded:
        if events.links:
            return self._free_value(node, Reason.SEQUENCE)
        parts = self._parts(events)
        sure = _sum(parts, Plane.SURE)
        units = self._free_number(node, Reason.REGULARITY, "")
        most = _units_in(events.window, node.unit)
        limits = [
            at_least(units, 0),
            sums.less_or_equal(sums.of(units), sure),
            implies(sums.less_or_equal(sums.just(1), sure), at_least(units, 1)),
        ]
        if most is not None:
            limits.append(at_most(units, most))
        self._always(units, *limits)
        missing = FALSE if events.where is None else _some_rows(_sum(parts, Plane.DOUBT))
        return Numeric(Presence(missing), sums.of(units), sums.of(units))

    # --- dates and arithmetic

    def _days_since(self, node: ir.DaysSince, of: ir.Value) -> Encoded:
        timed = self.value(of)
        if not isinstance(timed, Timed):
            return self._free_value(node, Reason.SEQUENCE)
        before = timed.before

        def threshold(k: Number, strict: bool) -> Formula:
            days = ceil(k) - 1 if strict else floor(k)
            return no(before(Edge(sums.just(days))))

        if timed.age is not None:
            return Numeric(timed.presence, timed.age, timed.age, threshold)
        days = self._free_number(node, Reason.CALENDAR, "")
        self._always(days, at_least(days, 0))
        return Numeric(timed.presence, sums.of(days), sums.of(days), threshold)

    def _years_since(self, node: ir.YearsSince, of: ir.Value) -> Encoded:
        timed = self.value(of)
        years = self._free_number(node, Reason.CALENDAR, "")
        if isinstance(timed, Timed) and timed.age is not None:
            y = sums.of(years)
            past = (sums.less_or_equal(y.times(365), timed.age), sums.less_or_equal(timed.age, y.times(366).plus(366)))
            ahead = (
                sums.less_or_equal(y.times(366).plus(-1), timed.age),
                sums.less_or_equal(timed.age, y.times(365).plus(366)),
            )
            self._always(years, some((every((at_least(years, 0), *past)), every((at_most(years, -1), *ahead)))))
        return Numeric(timed.presence, sums.of(years), sums.of(years))

    def _arithmetic(self, node: ir.Arithmetic) -> Encoded:
        left, right = self.value(node.left), self.value(node.right)
        if not isinstance(left, Numeric) or not isinstance(right, Numeric):
            return self._free_value(node, Reason.ARITHMETIC)
        presence = left.presence.and_of(right.presence)
        if isinstance(node.type, FloatType):
            return self._free_value(node, Reason.ARITHMETIC, presence)
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
                return self._free_value(node, Reason.ARITHMETIC, presence)

    # --- consent

    def granted(self, clause: ConsentClause, purposes: Sequence[str]) -> Formula:
        """Whether a `consent` clause holds; it is never unknown."""
        return some(every(self._granted(item, purposes) for item in group) for group in clause.any_of)

    def _granted(self, item: Granted, purposes: Sequence[str]) -> Formula:
        columns = self.rules.catalogue.consents.columns.get(item.channel)
        if columns is not None:
            covers = not columns.purposes or all(purpose in columns.purposes for purpose in purposes)
            return every((constant(covers), self._by_columns(columns, item)))
        table = self.rules.catalogue.consents.table
        by_purpose = table is not None and table.purpose is not None
        wanted: Sequence[str | None] = purposes if purposes and by_purpose else (None,)
        return every(self._by_record(item, purpose) for purpose in wanted)

    def _by_record(self, item: Granted, purpose: str | None) -> Formula:
        if purpose is None:
            state = self._consent_state(item.channel)
            assert isinstance(state, Choice)
            given = every((state.presence.there, state.when[ConsentStatus.GRANTED.value]))
        else:
            name = f"consent {item.channel} for {purpose}"
            given = flag(name, ConsentGiven(item.channel, purpose))
            self._holds(given, no(flag(f"consent.{item.channel} none", ConsentIs(item.channel, None))))
        if item.given is None:
            return given
        table = self.rules.catalogue.consents.table
        assert table is not None
        column = self.rules.catalogue.tables[table.table].columns[table.time]
        is_date = isinstance(column.type, DateType)
        at = Var(f"consent {item.channel} for {purpose} at", meaning=ConsentTime(item.channel, purpose, is_date))
        position = sums.of(at)
        now = sums.just(1) if is_date else self.calendar.position(self.calendar.now()).plus(1)
        self._always(at, sums.less_or_equal(now, position))
        timed = Timed(
            Presence(),
            is_date,
            (lambda edge: sums.less(edge.days, position))
            if is_date
            else (lambda edge: sums.less(self.calendar.position(edge), position)),
        )
        return every([given, *(_within(timed, bound) for bound in self.bounds(item.given, is_date=is_date))])

    def _by_columns(self, columns: ConsentColumns, item: Granted) -> Formula:
        state = self._column_states(columns)
        parts = [state[ConsentStatus.GRANTED.value], no(self._unseen(columns))]
        if item.given is not None:
            if columns.time is None:
                return FALSE
            timed = self._column(columns.time)
            assert isinstance(timed, Timed)
            inside = [_within(timed, bound) for bound in self.bounds(item.given, is_date=timed.is_date)]
            parts += [timed.presence.there, *inside]
        return every(parts)

    def _unseen(self, columns: ConsentColumns) -> Formula:
        """That the only record lies in the future, and so is not there."""
        if columns.time is None:
            return FALSE
        timed = self._column(columns.time)
        assert isinstance(timed, Timed)
        now = self.calendar.today() if timed.is_date else self.calendar.now()
        return every((timed.presence.there, no(timed.before(now))))

    def _column_states(self, columns: ConsentColumns) -> dict[str, Formula]:
        """When the columns of a channel say granted, withdrawn, pending and expired."""
        attributes = self.rules.catalogue.customers.attributes
        column = attributes[columns.state]
        value = self._column(columns.state)
        said: dict[str, Formula] = {}
        if isinstance(value, Boolean):
            said = {
                ConsentStatus.GRANTED.value: every((value.presence.there, value.true)),
                ConsentStatus.WITHDRAWN.value: every((value.presence.there, no(value.true))),
                ConsentStatus.PENDING.value: FALSE,
            }
        else:
            spelled = self.rules.catalogue.consents.statuses
            attribute = ir.Attribute(columns.state, column.type)
            for status in ConsentStatus:
                texts = sorted(text for text, of in spelled.items() if of is status)
                choices = tuple(ir.Literal(text, column.type) for text in texts)
                said[status.value] = self.truth(ir.OneOf(attribute, choices)).true if choices else FALSE
        if columns.expiry is None:
            return {**said, _EXPIRED: FALSE}
        expiry = self._column(columns.expiry)
        assert isinstance(expiry, Timed)
        now = self.calendar.today() if expiry.is_date else self.calendar.now()
        # A bare date is the first day without.
        after = Edge(now.days.plus(-1)) if expiry.is_date else Edge(now.days, _micros(now).plus(-1))
        over = every((expiry.presence.there, expiry.before(after)))
        granted = said[ConsentStatus.GRANTED.value]
        return {**said, ConsentStatus.GRANTED.value: every((granted, no(over))), _EXPIRED: every((granted, over))}

    def _consent_state(self, channel: str) -> Encoded:
        columns = self.rules.catalogue.consents.columns.get(channel)
        if columns is not None:
            states = self._column_states(columns)
            unseen = self._unseen(columns)
            return Choice(Presence(FALSE, some((unseen, no(some(states.values()))))), states)
        names = [*(status.value for status in ConsentStatus), _EXPIRED]
        when = {name: flag(f"consent.{channel} {name}", ConsentIs(channel, name)) for name in names}
        none = flag(f"consent.{channel} none", ConsentIs(channel, None))
        missing = flag(f"consent.{channel} missing", ConsentIs(channel, "missing"))
        alone = [*when.values(), none, missing]
        if alone[0].name not in self.axioms:
            pairs = [no(every((a, b))) for place, a in enumerate(alone) for b in alone[place + 1 :]]
            table = self.rules.catalogue.consents.table
            if table is None or table.expiry is None:
                pairs.append(no(when[_EXPIRED]))
            for item in alone:
                self.axioms[item.name] = [some(alone), *pairs]
        return Choice(Presence(missing, none), dict(when))

    # --- relations

    def _related(self, relation: str, column: str) -> Encoded:
        found = self.rules.catalogue.relations[relation]
        key = self._column(found.column)
        of = self.rules.catalogue.tables[found.table].columns[column]
        no_row = every((key.presence.there, flag(f"{relation} has no row", ("no related row", relation))))
        null = flag(f"{relation}.{column} is missing", ("related missing", relation, column)) if of.nullable else FALSE
        if of.derive is not None:
            null = flag(f"{relation}.{column} is missing", ("related missing", relation, column))
        missing = some((key.presence.missing, every((no(no_row), null))))
        return self._plain(f"{relation}.{column}", of.type, Presence(missing, no_row), replace(of, derive=None))

    # --- what is not followed further

    def _free(self, node: ir.Condition, reason: Reason) -> Truth:
        """A condition of which nothing is known."""
        true = flag(f"true {digest(node)}", Free(node, reason))
        false = flag(f"false {digest(node)}", Free(node, reason))
        if true.name not in self.axioms:
            apart = no(every((true, false)))
            self.axioms[true.name] = [apart]
            self.axioms[false.name] = [apart]
        return Truth(true, false)

    def _free_flag(self, node: ir.Condition, reason: Reason) -> Flag:
        return flag(f"holds {digest(node)}", Free(node, reason))

    def _free_number(self, node: ir.Node, reason: Reason, which: str) -> Var:
        whole = isinstance(getattr(node, "type", None), IntegerType) or which != ""
        name = f"value {digest(node)}{' ' + which if which else ''}"
        return Var(name, whole and reason is not Reason.ARITHMETIC, meaning=Free(node, reason))

    def _free_value(self, node: ir.Value, reason: Reason, presence: Presence | None = None) -> Encoded:
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

    def _always(self, var: Var, *facts: Formula) -> None:
        kept = self.axioms.setdefault(var.name, [])
        kept += [fact for fact in facts if fact is not TRUE and fact not in kept]

    def _holds(self, condition: Formula, fact: Formula) -> None:
        """Where a flag holds, so does something else."""
        if isinstance(condition, Flag):
            kept = self.axioms.setdefault(condition.name, [])
            said = implies(condition, fact)
            if said not in kept:
                kept.append(said)


# --- helpers


def asks_for_hours(rules: Rules) -> bool:
    """Whether any rule has a window in hours or minutes, or one that begins or ends at an instant."""
    if any(_by_hours(window) for window in _windows_of_consent(rules)):
        return True
    for node in all_nodes(rules):
        if isinstance(node, ir.Literal) and isinstance(node.value, datetime):
            return True
        window = getattr(node, "window", None)
        if window is not None and _by_hours(window):
            return True
    return False


def _windows_of_consent(rules: Rules) -> Iterable[win.Window]:
    clauses = [clause for segment in rules.segments.values() for clause in segment.consents]
    for policy in rules.policies.values():
        demands = [rule.demand for rule in policy.rules if isinstance(rule, Requirement)]
        clauses += [demand for demand in demands if isinstance(demand, ConsentClause)]
    for clause in clauses:
        yield from (item.given for group in clause.any_of for item in group if item.given is not None)


def _by_hours(window: win.Window) -> bool:
    match window:
        case win.Since(start=moment) | win.Before(end=moment):
            return isinstance(moment, datetime)
        case win.InLast(period) | win.MoreThanAgo(period) | win.InNext(period) | win.MoreThanAhead(period):
            return period.unit in win.SUB_DAY
        case win.BetweenAgo(near, far):
            return near.unit in win.SUB_DAY or far.unit in win.SUB_DAY
        case _:
            return False


def scale_of(of_type: Type, column: Column | None) -> int:
    """Into how many steps one is divided, 0 where there are no steps."""
    match of_type:
        case IntegerType():
            return 1
        case MoneyType() | DecimalType() if column is not None and column.scale is not None and column.derive is None:
            return int(10**column.scale)
        case _:
            return 0


def tested(test: ir.Condition, text: str) -> bool:
    """Whether a text passes a test that is written over a property of no name."""
    clock = Clock(_ANY_TIME, "UTC")
    return Interpreter(_NO_CATALOGUE, clock).truth(test, None, Row({"": text})) is True


def _unlisted(part: ir.Node) -> ir.Node:
    """A text without the closed list that it is of: it changes no test of a text, and it may be long."""
    return replace(part, type=TextType()) if isinstance(part, ir.Literal | ir.Property) else part


def _anonymous(value: ir.Value) -> ir.Property:
    return ir.Property("", value.type)


def turned(op: ir.CompareOp) -> ir.CompareOp:
    """The comparison with its sides exchanged."""
    ends = {
        ir.CompareOp.LT: ir.CompareOp.GT,
        ir.CompareOp.GT: ir.CompareOp.LT,
        ir.CompareOp.LE: ir.CompareOp.GE,
        ir.CompareOp.GE: ir.CompareOp.LE,
    }
    return ends.get(op, op)


def _by_threshold(op: ir.CompareOp, threshold: Threshold, k: Number) -> Formula:
    match op:
        case ir.CompareOp.LE:
            return threshold(k, False)
        case ir.CompareOp.LT:
            return threshold(k, True)
        case ir.CompareOp.GT:
            return no(threshold(k, False))
        case ir.CompareOp.GE:
            return no(threshold(k, True))
        case ir.CompareOp.EQ:
            return every((threshold(k, False), no(threshold(k, True))))
        case ir.CompareOp.NE:
            return some((no(threshold(k, False)), threshold(k, True)))


def _exactly(number: Number) -> Numeric:
    return Numeric(Presence(), sums.just(number), sums.just(number))


def _contiguous(one: Numeric, other: Numeric) -> bool:
    """Whether one is a whole number and the other takes every whole number from its lowest to its highest."""
    for constant_, counted in ((one, other), (other, one)):
        fixed = constant_.sure and not constant_.low.terms and Fraction(constant_.low.constant).denominator == 1
        ends = (counted.low, counted.high)
        if fixed and all(abs(factor) == 1 and var.whole for end in ends for factor, var in end.terms):
            return all(Fraction(end.constant).denominator == 1 for end in ends)
    return False


def _ordered(value: Sum, strict: bool) -> Formula:
    """The sum is at most nothing, or less."""
    return sums.less(value, sums.just(0)) if strict else sums.less_or_equal(value, sums.just(0))


def _multiple(presence: Presence, value: Numeric, factor: Number) -> Numeric:
    ends = value.low.times(factor), value.high.times(factor)
    low, high = ends if factor >= 0 else ends[::-1]
    threshold = value.threshold
    if threshold is None or factor <= 0:
        return Numeric(presence, low, high)
    return Numeric(presence, low, high, lambda k, strict: threshold(Fraction(k) / Fraction(factor), strict))


def _literal_number(number: Number) -> int | Fraction:
    fraction = Fraction(number)
    return int(fraction) if fraction.denominator == 1 else fraction


def _is_number(of: Type) -> bool:
    return isinstance(of, IntegerType | DecimalType | FloatType | MoneyType)


def _joined(where: ir.Condition | None, *extra: ir.Condition | None) -> ir.Condition | None:
    parts = [part for part in (where, *extra) if part is not None]
    return conjunction(parts) if parts else None


def _sum(parts: Iterable[Rows], plane: Plane) -> Sum:
    return sums.total((1, of_rows.number(rows, plane)) for rows in parts)


def _both(rows: Rows) -> Sum:
    return _sum((rows,), Plane.SURE) + _sum((rows,), Plane.DOUBT)


def _some_rows(count: Sum) -> Formula:
    return sums.less_or_equal(sums.just(1), count)


def _next_day(calendar: Calendar, day: date) -> Edge:
    return Edge(calendar.day(day).days.plus(-1))


def _within(timed: Timed, bound: Bound) -> Formula:
    before = timed.before(bound.edge)
    return no(before) if bound.after else before


def _micros(edge: Edge) -> Sum:
    return sums.just(0) if edge.micros is None else edge.micros


def _a_day(age: Sum) -> tuple[Formula, Formula]:
    """That there is such a day in Python's calendar."""
    day = sums.of(TODAY) - age
    return (
        sums.less_or_equal(sums.just(date.min.toordinal()), day),
        sums.less_or_equal(day, sums.just(date.max.toordinal())),
    )


def _units_in(window: win.Window, unit: win.Unit) -> int | None:
    """The most units that a window can touch, where that is easily said."""
    if unit is win.Unit.DAY:
        match window:
            case win.InLast(win.Period(count, win.Unit.DAY)):
                return count + 1
            case win.WholeUnits(win.Period(count, win.Unit.DAY)):
                return count
            case win.WholeUnits(win.Period(count, win.Unit.WEEK)):
                return 7 * count
            case _:
                return None
    match window:
        case win.WholeUnits(win.Period(count, of)) if of is unit:
            return count
        case _:
            return None


def _operands(node: ir.Condition) -> tuple[ir.Value, ...]:
    match node:
        case ir.Compare(_, left, right):
            return left, right
        case (
            ir.IsTrue(value)
            | ir.OneOf(value)
            | ir.InListFile(value)
            | ir.TextTest(value=value)
            | ir.ListTest(value=value)
            | ir.IsKnown(value)
            | ir.InWindow(value)
            | ir.Anniversary(value)
        ):
            return (value,)
        case _:
            return ()
