"""Comparisons of two values into formulas."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir.fingerprint import digest
from segrules.proofs.encoding import text_tests
from segrules.proofs.encoding.meanings import SameText
from segrules.proofs.encoding.text_tests import closed_list
from segrules.proofs.encoding.values import (
    Boolean,
    Choice,
    Numeric,
    Presence,
    Textual,
    Threshold,
    Timed,
    Truth,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Edge
from segrules.proofs.formulas.logic import (
    TRUE,
    Formula,
    every,
    flag,
    no,
    same,
    some,
)
from segrules.proofs.formulas.sums import Number
from segrules.proofs.verdict import Reason
from segrules.types.types import (
    TextType,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder


def compare(encoder: "Encoder", node: ir.Compare, op: ir.CompareOp, left: ir.Value, right: ir.Value) -> Truth:
    """A comparison of two values."""
    one, other = encoder.value(left), encoder.value(right)
    match one, other:
        case Numeric(), Numeric():
            return compared(encoder, op, one, other, node)
        case Timed(), Timed():
            return _compare_times(encoder, node, op, one, other)
        case Boolean(), Boolean():
            equal = same(one.true, other.true)
            return one.presence.and_of(other.presence).judged(equal if op is ir.CompareOp.EQ else no(equal))
        case ((Textual() | Choice()), _) if isinstance(right, ir.Literal):
            return _compare_text(encoder, node, op, left, right)
        case _, (Textual() | Choice()) if isinstance(left, ir.Literal):
            return _compare_text(encoder, node, op.mirrored, right, left)
        case Textual(), Textual() if op in (ir.CompareOp.EQ, ir.CompareOp.NE) and not node.ignoring_case:
            first, second = sorted((one, other), key=lambda text: text.source)
            said = SameText(first.source, second.source, (first.values, second.values))
            name = f"{first.source}{closed_list(first.values)} is {second.source}{closed_list(second.values)}"
            equal = TRUE if first.source == second.source else flag(name, said)
            return one.presence.and_of(other.presence).judged(equal if op is ir.CompareOp.EQ else no(equal))
        case _:
            presence = one.presence.and_of(other.presence)
            return presence.judged(encoder.free_flag(node, Reason.TEXT))


def compared(
    encoder: "Encoder", op: ir.CompareOp, one: Numeric, other: Numeric, node: ir.Condition | None = None
) -> Truth:
    """A comparison of two numbers, each of which may be one of several."""
    presence = one.presence.and_of(other.presence)
    if not other.low.terms and other.sure and one.threshold is not None:
        return presence.judged(_by_threshold(op, one.threshold, other.low.constant))
    if not one.low.terms and one.sure and other.threshold is not None:
        return presence.judged(_by_threshold(op.mirrored, other.threshold, one.low.constant))
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


def _compare_times(encoder: "Encoder", node: ir.Compare, op: ir.CompareOp, one: Timed, other: Timed) -> Truth:
    presence = one.presence.and_of(other.presence)
    for timed, seen, edge_of in ((one, op, node.right), (other, op.mirrored, node.left)):
        if isinstance(edge_of, ir.Literal) and isinstance(edge_of.value, date):
            return presence.judged(_against_edge(encoder, timed, seen, edge_of.value))
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
    return presence.judged(encoder.free_flag(node, Reason.CALENDAR))


def _against_edge(encoder: "Encoder", timed: Timed, op: ir.CompareOp, moment: date | datetime) -> Formula:
    at = encoder.calendar.instant(moment)
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


def _compare_text(
    encoder: "Encoder", node: ir.Compare, op: ir.CompareOp, value: ir.Value, literal: ir.Literal
) -> Truth:
    if op is ir.CompareOp.EQ:
        return text_tests.text_test(encoder, replace(node, op=op, left=value, right=literal), value)
    if op is ir.CompareOp.NE:
        # Not the opposite: of none both are false.
        equal = text_tests.text_test(encoder, replace(node, op=ir.CompareOp.EQ, left=value, right=literal), value)
        return encoder.value(value).presence.judged_both(equal.false, equal.true)
    of_type = value.type if isinstance(value.type, TextType) else literal.type
    listed = of_type.values if isinstance(of_type, TextType) and of_type.ordered else None
    if listed is None or literal.value not in listed:
        return encoder.value(value).presence.judged(encoder.free_flag(node, Reason.TEXT))
    place = listed.index(str(literal.value))
    ends = {
        ir.CompareOp.LT: listed[:place],
        ir.CompareOp.LE: listed[: place + 1],
        ir.CompareOp.GT: listed[place + 1 :],
        ir.CompareOp.GE: listed[place:],
    }
    choices = tuple(ir.Literal(text, literal.type) for text in ends[op])
    return text_tests.text_test(encoder, ir.OneOf(value, choices), value)


def one_of(encoder: "Encoder", node: ir.OneOf, value: ir.Value, choices: Sequence[ir.Literal], negated: bool) -> Truth:
    """Whether a value is one of several constants."""
    found = encoder.value(value)
    if isinstance(found, Textual | Choice):
        inside = text_tests.text_test(encoder, replace(node, negated=False), value)
        return found.presence.judged_both(inside.false, inside.true) if negated else inside
    op = ir.CompareOp.EQ
    truths = [compare(encoder, ir.Compare(op, value, choice), op, value, choice) for choice in choices]
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


def exactly(number: Number) -> Numeric:
    """A number that is known."""
    return Numeric(Presence(), sums.just(number), sums.just(number))


def _contiguous(one: Numeric, other: Numeric) -> bool:
    """Whether one is a whole number and the other takes every whole number from its lowest to its highest."""
    for constant_, counted in ((one, other), (other, one)):
        fixed = constant_.sure and not constant_.low.terms and Fraction(constant_.low.constant).denominator == 1
        ends = (counted.low, counted.high)
        if fixed and all(abs(factor) == 1 and var.whole for end in ends for factor, var in end.terms):
            return all(Fraction(end.constant).denominator == 1 for end in ends)
    return False
