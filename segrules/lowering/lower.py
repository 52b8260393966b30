"""Typed rules into a flat program, by polarity: only what is known to be true of a root is ever asked for.

`known(condition, True)` is where a condition is known to be true, `known(condition, False)` where it is known to be
false. Negation and missing values vanish on the way down; what remains is two-valued.

    not x            true where x is known false
    a and b          true where both are known true; false where one is known false
    x < 5            true on the no side of `x at least 5`; false on its yes side, and where there is no x
    in segment s     what is known of `where`, every `except` and every `eligible` of s
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import assert_never

from segrules.ir import nodes as ir
from segrules.ir.membership import caps, held_out, qualifying, suppressions
from segrules.ir.rules import ConsentClause, Partition, Rules, Segment
from segrules.lowering import leaves
from segrules.lowering.definitions import Definitions, count_of
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.lowering.edges import Away, DaysAgo, stretch
from segrules.lowering.edges import Side as Way
from segrules.lowering.program import FALSE, Nodes, Plane, Program, Root, Side
from segrules.lowering.related import as_comparison
from segrules.lowering.stages import Stages, stages
from segrules.reference.needs import Step
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
)

Pair = tuple[int, int]
"""Nodes for the yes and the no side of a test, where there is a value."""

_MOST_SHARED = 16
"""Lists of numbers up to this length are joined out of shared thresholds; longer ones are looked up."""


class Lowering:
    """Conditions of one rule set as nodes of one program; what was lowered once is used again."""

    def __init__(self, rules: Rules) -> None:
        self.nodes = Nodes()
        self.values: list[ir.Value] = []
        self._rules = rules
        self._numbers: dict[ir.Value, int] = {}
        # By identity: hashing deep nodes again and again would show. They are kept, so that no other node gets an id.
        self._known_nodes: dict[int, tuple[int, ir.Value]] = {}
        self._atoms: dict[int, tuple[ir.Condition, tuple[Pair, ir.Value] | None]] = {}
        self._named: dict[tuple[str, str, bool], int] = {}
        self._stages: dict[tuple[str, str], Pair] = {}
        self._none_names: dict[str, bool] = {}
        self._doubt_names: dict[str, bool] = {}

    # --- names

    def name(self, kind: str, name: str) -> None:
        """Lower what a name stands for, both ways."""
        match kind:
            case "define":
                body = self._rules.definitions[name].body
                if isinstance(body, ir.Condition):
                    for sign in (True, False):
                        self._once(("define", name, sign), body, sign)
                else:
                    value = ir.DefinedValue(name, body.type)
                    self.may_be_none(value)
                    self._may_doubt(value)
            case "segment":
                for sign in (True, False):
                    self.segment(self._rules.segments[name], sign)
            case "partition":
                self._partition(self._rules.partitions[name])
            case _:
                pass

    def segment(self, segment: Segment, sign: bool) -> int:
        """Where it is known that a customer qualifies, or that it does not."""
        key = ("segment", segment.name, sign)
        if key not in self._named:
            self._named[key] = self.known(qualifying(segment), sign)
        return self._named[key]

    def member(self, segment: Segment) -> int:
        """Who qualifies, and may be contacted by the consent, suppression lists and caps that bind the segment."""
        nodes = [self.segment(segment, True)]
        nodes.extend(self.consent(segment, clause) for clause in segment.consents)
        lists = suppressions(self._rules.catalogue, segment)
        nodes.extend(self.nodes.leaf(leaves.Suppressed(name), Side.NO) for name in lists)
        nodes.extend(self.known(cap.condition, True) for cap in caps(self._rules.catalogue, segment))
        return self.nodes.all_of(nodes)

    def consent(self, segment: Segment, clause: ConsentClause) -> int:
        """Who gave the consent that one clause of a segment asks for."""
        purposes = segment.header.purposes
        groups = (
            [self.nodes.leaf(leaves.HasConsent(item.channel, item.given, purposes), Side.YES) for item in group]
            for group in clause.any_of
        )
        return self.nodes.any_of([self.nodes.all_of(group) for group in groups])

    def stage(self, partition: Partition, stage: str) -> Pair:
        """Where a stage, or the `otherwise`, of a partition is known to hold and known not to."""
        if (partition.name, stage) not in self._stages:
            self._partition(partition)
        return self._stages[partition.name, stage]

    def _partition(self, partition: Partition) -> None:
        earlier: list[ir.Condition] = []
        taken: list[int] = []
        for stage in partition.stages:
            yes = self.nodes.all_of([*(self.known(item, False) for item in earlier), self.known(stage.condition, True)])
            no = self.nodes.any_of([*(self.known(item, True) for item in earlier), self.known(stage.condition, False)])
            self._stages[partition.name, stage.name] = (yes, no)
            taken.append(yes)
            earlier.append(stage.condition)
        somewhere = self.nodes.any_of(taken)
        self._stages[partition.name, partition.otherwise] = (self.nodes.opposite(somewhere), somewhere)

    def _once(self, key: tuple[str, str, bool], condition: ir.Condition, sign: bool) -> int:
        if key not in self._named:
            self._named[key] = self.known(condition, sign)
        return self._named[key]

    # --- conditions

    def known(self, node: ir.Condition, sign: bool) -> int:
        """Where a condition is known to be true (`sign`), or known to be false."""
        match node:
            case ir.And(items):
                return self._all(items, sign) if sign else self._any(items, sign)
            case ir.Or(items):
                return self._any(items, sign) if sign else self._all(items, sign)
            case ir.Not(item):
                return self.known(item, not sign)
            case ir.Fixed(value):
                return self.nodes.all_of([]) if value is sign else FALSE
            case ir.Defined(name):
                body = self._rules.definitions[name].body
                assert isinstance(body, ir.Condition)
                return self._once(("define", name, sign), body, sign)
            case ir.InSegment(name):
                return self.segment(self._rules.segments[name], sign)
            case ir.InStage(partition, stage):
                return self.stage(self._rules.partitions[partition], stage)[0 if sign else 1]
            case ir.EdgeRow():
                return self._edge_row(node, sign)
            case ir.Did(_, op, times):
                count = count_of(node)
                return self._signed(self._compared(op, count, times), self._none(count), sign)
            case ir.Quantified():
                return self.known(as_comparison(node), sign)
            case ir.IsKnown(value):
                return self.nodes.leaf(leaves.IsKnown(self.value(value)), Side.YES if sign else Side.NO)
            case _:
                return self._atom(node, sign)

    def _all(self, items: Iterable[ir.Condition], sign: bool) -> int:
        return self.nodes.all_of([self.known(item, sign) for item in items])

    def _any(self, items: Iterable[ir.Condition], sign: bool) -> int:
        return self.nodes.any_of([self.known(item, sign) for item in items])

    def _signed(self, pair: Pair, none: int, sign: bool) -> int:
        return pair[0] if sign else self.nodes.any_of([pair[1], none])

    def _edge_row(self, node: ir.EdgeRow, sign: bool) -> int:
        """The row is known, and what is asked of it holds of its properties; nobody's row satisfies anything."""
        time = edge_time(node)
        there = self.nodes.leaf(leaves.IsKnown(self.value(time)), Side.YES)
        condition = self.known(at_edge(node.condition, node), sign)
        holds = self.nodes.all_of([there, condition])
        return holds if sign else self.nodes.any_of([holds, self._none(time)])

    # --- single tests

    def _atom(self, node: ir.Condition, sign: bool) -> int:
        if id(node) not in self._atoms:
            self._atoms[id(node)] = node, self._shared(node)
        tested = self._atoms[id(node)][1]
        if tested is None:
            return self.nodes.leaf(leaves.Tested(node), Side.YES if sign else Side.NO)
        pair, value = tested
        return self._signed(pair, self._none(value), sign)

    def _shared(self, node: ir.Condition) -> tuple[Pair, ir.Value] | None:
        """An atom as a join of tests that others can share; None where it is tested by itself."""
        match node:
            case ir.IsTrue(value):
                return self._sides(leaves.IsSet(self.value(value))), value
            case ir.Compare(op, value, ir.Literal(constant)) if not node.ignoring_case:
                return self._with_literal(op, value, constant)
            case ir.Compare(op, ir.Literal(constant), value) if not node.ignoring_case:
                return self._with_literal(op.mirrored, value, constant)
            case ir.Between(value, ir.Literal(low), ir.Literal(high)) if self._is_scalar(value):
                return self._between(value, low, high), value
            case ir.OneOf(value, choices, negated, ignoring_case) if not ignoring_case:
                pair = self._one_of(value, [choice.value for choice in choices])
                return None if pair is None else (_turned(pair) if negated else pair, value)
            case ir.InWindow(value, window) if self._is_scalar(value):
                edges = stretch(window)
                yes, no = [self._known(value)], []
                if edges.start is not None:
                    after, before = self._at_least(value, edges.start)
                    yes.append(after)
                    no.append(before)
                if edges.end is not None:
                    after, before = self._at_least(value, edges.end)
                    yes.append(before)
                    no.append(after)
                return (self.nodes.all_of(yes[1:] or yes), self.nodes.any_of(no)), value
            case ir.KnownFor(value, period) if self._is_scalar(value):
                return _turned(self._at_least(value, Away(period, Way.AGO, later=1))), value
            case _:
                return None

    def _with_literal(self, op: ir.CompareOp, value: ir.Value, constant: ir.Constant) -> tuple[Pair, ir.Value] | None:
        if self._is_scalar(value):
            return self._compared(op, value, constant), value
        if op not in (ir.CompareOp.EQ, ir.CompareOp.NE):
            return None
        if _is_plain_text(value) and isinstance(constant, str):
            pair = self._sides(leaves.Member(self.value(value), frozenset({constant})))
        elif isinstance(value.type, BooleanType) and isinstance(constant, bool):
            pair = self._sides(leaves.IsSet(self.value(value)))
            pair = pair if constant else _turned(pair)
        else:
            return None
        return (pair if op is ir.CompareOp.EQ else _turned(pair)), value

    def _compared(self, op: ir.CompareOp, value: ir.Value, constant: ir.Constant) -> Pair:
        match op:
            case ir.CompareOp.GE:
                return self._at_least(value, constant)
            case ir.CompareOp.LT:
                return _turned(self._at_least(value, constant))
            case ir.CompareOp.GT:
                return self._at_least(value, constant, strict=True)
            case ir.CompareOp.LE:
                return _turned(self._at_least(value, constant, strict=True))
            case ir.CompareOp.EQ:
                return self._interval(value, constant, constant)
            case ir.CompareOp.NE:
                return _turned(self._interval(value, constant, constant))
            case _:
                assert_never(op)

    def _interval(self, value: ir.Value, low: ir.Constant, high: ir.Constant) -> Pair:
        """From `low` to `high`, both ends in."""
        least, below = self._at_least(value, low)
        above, most = self._at_least(value, high, strict=True)
        return self.nodes.all_of([least, most]), self.nodes.any_of([below, above])

    def _between(self, value: ir.Value, low: ir.Constant, high: ir.Constant) -> Pair:
        if not _is_count(self.resolved(value)):
            return self._interval(value, low, high)
        # A count in doubt lies outside a stretch without whole numbers for certain, and its ends cannot say so.
        assert isinstance(low, int | Fraction)
        assert isinstance(high, int | Fraction)
        if ceil(low) > floor(high):
            return FALSE, self._known(value)
        return self._interval(value, ceil(low), floor(high))

    def _one_of(self, value: ir.Value, constants: Sequence[ir.Constant]) -> Pair | None:
        if _is_plain_text(value):
            texts = frozenset(constant for constant in constants if isinstance(constant, str))
            return self._sides(leaves.Member(self.value(value), texts))
        if not self._is_scalar(value) or len(constants) > _MOST_SHARED:
            return None
        if _is_count(self.resolved(value)):
            spans = _runs(constants)
            pairs = [self._interval(value, low, high) for low, high in spans]
            if not pairs:
                return FALSE, self._known(value)
        else:
            pairs = [self._interval(value, constant, constant) for constant in constants]
        return self.nodes.any_of([yes for yes, _ in pairs]), self.nodes.all_of([no for _, no in pairs])

    def _at_least(self, value: ir.Value, bound: leaves.Bound | ir.Constant, *, strict: bool = False) -> Pair:
        """`value >= bound` (`>` where `strict`) and its opposite, where there is a value.

        `days since x >= 30` is a test on `x` itself: it lies before the day 29 days ago.
        """
        assert not isinstance(bound, str | tuple)
        value = self.resolved(value)
        if isinstance(value, ir.DaysSince) and isinstance(bound, int | Fraction) and _is_time(value.of):
            return _turned(self._at_least(value.of, DaysAgo(floor(bound) if strict else ceil(bound) - 1)))
        if isinstance(bound, Fraction) and bound.denominator == 1:
            bound = int(bound)
        if strict and _is_whole(value) and isinstance(bound, int):
            bound, strict = bound + 1, False
        return self._sides(leaves.AtLeast(self.value(value), bound, strict))

    def _sides(self, leaf: leaves.Leaf) -> Pair:
        return self.nodes.leaf(leaf, Side.YES), self.nodes.leaf(leaf, Side.NO)

    def _known(self, value: ir.Value) -> int:
        return self.nodes.leaf(leaves.IsKnown(self.value(value)), Side.YES)

    def _none(self, value: ir.Value) -> int:
        return self.nodes.leaf(leaves.IsNone(self.value(value)), Side.YES) if self.may_be_none(value) else FALSE

    # --- values

    def value(self, node: ir.Value) -> int:
        """The number of a value among those that leaves test."""
        known = self._known_nodes.get(id(node))
        if known is not None:
            return known[0]
        value = self.resolved(node)
        number = self._numbers.setdefault(value, len(self.values))
        if number == len(self.values):
            self.values.append(value)
        self._known_nodes[id(node)] = number, node
        return number

    def resolved(self, node: ir.Value) -> ir.Value:
        """What a name stands for, if the value is one."""
        while isinstance(node, ir.DefinedValue):
            body = self._rules.definitions[node.name].body
            assert not isinstance(body, ir.Condition)
            node = body
        return node

    def may_be_none(self, node: ir.Value) -> bool:
        """Whether there may be no such thing, so that every comparison with it is false."""
        return self._of_name(self._none_names, node, self._may_be_none)

    def _may_be_none(self, node: ir.Value) -> bool:
        match self.resolved(node):
            case ir.Literal() | ir.Attribute() | ir.Property() | ir.NumberOfRelated():
                return False
            case ir.Aggregate(kind):
                return kind not in _NEVER_NONE
            case ir.UnitsOf() | ir.UnitsWith():
                return False
            case ir.EventTime() | ir.Band() | ir.ConsentState() | ir.DaysBetween():
                return True
            case ir.DaysSince(of) | ir.YearsSince(of) | ir.PartOf(_, of):
                return self.may_be_none(of)
            case ir.Arithmetic(_, left, right):
                return self.may_be_none(left) or self.may_be_none(right)
            case _:
                return True

    def _is_scalar(self, node: ir.Value) -> bool:
        """Whether thresholds on the value say all: it has an order, and is no sum of counts that may be in doubt."""
        value = self.resolved(node)
        return isinstance(node.type, _SCALARS) and not (isinstance(value, ir.Arithmetic) and self._may_doubt(value))

    def _of_name(self, known: dict[str, bool], node: ir.Value, ask: Callable[[ir.Value], bool]) -> bool:
        """The answer for a value, remembered for names, which may double up from one to the next."""
        if not isinstance(node, ir.DefinedValue):
            return ask(node)
        if node.name not in known:
            known[node.name] = ask(node)
        return known[node.name]

    def _may_doubt(self, node: ir.Value) -> bool:
        return self._of_name(self._doubt_names, node, self._has_doubt)

    def _has_doubt(self, node: ir.Value) -> bool:
        value = self.resolved(node)
        if isinstance(value, ir.Arithmetic):
            return self._may_doubt(value.left) or self._may_doubt(value.right)
        if isinstance(value, ir.Aggregate | ir.UnitsWith):
            return _is_count(value) and may_doubt(value.events)
        return _is_count(value)


_NEVER_NONE = {
    ir.AggregateKind.NUMBER,
    ir.AggregateKind.TOTAL,
    ir.AggregateKind.DISTINCT,
}
_SCALARS = (IntegerType, DecimalType, FloatType, MoneyType, DateType, TimestampType)


def may_doubt(events: ir.Events) -> bool:
    """Whether rows may be in doubt."""
    return events.where is not None or bool(events.links)


def _turned(pair: Pair) -> Pair:
    return pair[1], pair[0]


def _is_plain_text(value: ir.Value) -> bool:
    return isinstance(value.type, TextType) and not value.type.ordered


def _is_time(value: ir.Value) -> bool:
    return isinstance(value.type, DateType | TimestampType)


def _is_count(value: ir.Value) -> bool:
    if isinstance(value, ir.Aggregate):
        return value.kind is ir.AggregateKind.NUMBER
    return isinstance(value, ir.NumberOfRelated | ir.UnitsWith)


def _is_whole(value: ir.Value) -> bool:
    """Whether the value is a whole number whenever there is one."""
    match value:
        case ir.Attribute() | ir.Property() | ir.RelatedColumn():
            return isinstance(value.type, IntegerType)
        case ir.NumberOfRelated() | ir.Band() | ir.DaysSince() | ir.YearsSince() | ir.UnitsOf() | ir.UnitsWith():
            return True
        case ir.Aggregate(kind):
            return kind in (ir.AggregateKind.NUMBER, ir.AggregateKind.DISTINCT)
        case _:
            return False


def _runs(constants: Iterable[ir.Constant]) -> list[tuple[int, int]]:
    """Whole numbers as stretches without gaps: a count in doubt lies in the list only if it lies in one of these."""
    numbers = sorted({int(c) for c in constants if isinstance(c, int | Fraction) and Fraction(c).denominator == 1})
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program, what has to be worked out before it runs, the names it went through, and the events these read.

    `related` are the columns of related tables that they read, by relation; `shared` the relations whose customers
    they ask something.
    """

    program: Program
    stages: Stages
    order: tuple[Step, ...]
    events: frozenset[str]
    related: Mapping[str, frozenset[str]]
    shared: frozenset[str]


def lower(rules: Rules, segments: Sequence[str], *, three_valued: bool) -> Lowered:
    """The program that says who qualifies for `segments`, who is a member, and in which stage everybody is.

    With `three_valued` it also says who is known not to qualify.
    """
    begun = Begun(rules, segments)
    lowering = begun.lowering
    roots: dict[Root, int] = {}
    for name in segments:
        segment = rules.segments[name]
        roots[Root(Plane.QUALIFIES, name)] = lowering.segment(segment, True)
        members = roots[Root(Plane.MEMBER, name)] = lowering.member(segment)
        held = held_out(rules.catalogue, segment)
        if held is not None:
            roots[Root(Plane.HELD_OUT, name)] = lowering.nodes.all_of([members, lowering.known(held, True)])
        if three_valued:
            roots[Root(Plane.QUALIFIES_NOT, name)] = lowering.segment(segment, False)
    return begun.lowered(roots | stage_roots(rules, lowering))


def stage_roots(rules: Rules, lowering: Lowering) -> dict[Root, int]:
    """Who is in which stage of all partitions."""
    return {
        Root(Plane.STAGE, partition.name, stage.name): lowering.stage(partition, stage.name)[0]
        for partition in rules.partitions.values()
        for stage in partition.stages
    }


class Begun:
    """Segments and partitions with all that they name, lowered; what is asked of them comes in `lowered`."""

    def __init__(self, rules: Rules, segments: Sequence[str]) -> None:
        self._definitions = Definitions(rules)
        run = [(kind, name) for name in segments for kind in ("segment", "caps")]
        self._order = self._definitions.order([*run, *(("partition", name) for name in rules.partitions)])
        self.lowering = Lowering(rules)
        for kind, name in self._order:
            # Names are lowered before those that refer to them, so that no chain of references is ever deep.
            self.lowering.name(kind, name)

    def lowered(self, roots: Mapping[Root, int]) -> Lowered:
        """The program that gives these roots."""
        definitions, order = self._definitions, self._order
        program = self.lowering.nodes.finished(self.lowering.values, roots)
        return Lowered(
            program,
            stages(definitions, program, order),
            order,
            definitions.events(order),
            definitions.related(order),
            definitions.shared(order),
        )
