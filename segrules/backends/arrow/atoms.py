"""Single tests on values, a whole column at a time."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np

from segrules.backends.arrow import days as calendar
from segrules.backends.arrow import numbers, texts
from segrules.backends.arrow.planes import Planes, judged
from segrules.backends.arrow.planes import both as planes_both
from segrules.backends.arrow.sampling import chosen
from segrules.backends.arrow.slow import doubtful_rows, sure
from segrules.backends.arrow.vectors import Array, Flags, Kind, Vector, both, either, unified
from segrules.ir import nodes as ir
from segrules.ir.windows import Period, Window
from segrules.lowering.edges import Away, Edge, Side, as_day, as_instant, stretch
from segrules.reference.windows import Clock, has_anniversary
from segrules.types.instants import day_number, microseconds
from segrules.types.types import TextType

if TYPE_CHECKING:
    from segrules.backends.arrow.frames import Setting

Atom = (
    ir.IsTrue
    | ir.Compare
    | ir.Between
    | ir.OneOf
    | ir.InListFile
    | ir.TextTest
    | ir.ListTest
    | ir.IsKnown
    | ir.InWindow
    | ir.Anniversary
    | ir.KnownFor
    | ir.InSample
)
"""Tests on values, without anything joined."""


def operands(node: Atom) -> tuple[ir.Value, ...]:
    """The values that an atom tests."""
    match node:
        case ir.Compare(_, left, right):
            return left, right
        case ir.Between(value, low, high):
            return value, low, high
        case ir.KnownFor(since):
            return (since,)
        case _:
            return (node.value,)


def planes(node: Atom, vectors: Sequence[Vector], setting: "Setting", rows: int) -> Planes:
    """Where an atom is true and where it is false; rows that no column operation does exactly are done one by one."""
    given = list(zip(operands(node), vectors, strict=True))
    if isinstance(node, ir.Between) and not all(isinstance(end, ir.Literal) for end in (node.low, node.high)):
        found = _between_values(node, vectors, setting, rows)
    else:
        bits = _bits(node, vectors, setting)
        if bits is None:
            return _slowly(node, given, setting, np.arange(rows), rows)
        present: Flags | None = None
        none: Flags | None = None
        for vector in vectors:
            present, none = both(present, sure(vector)), either(none, vector.none)
        found = judged(bits, present, none)
    doubtful = doubtful_rows(vectors)
    if not len(doubtful):
        return found
    exact = _slowly(node, given, setting, doubtful, len(doubtful))
    true, false = found.true.copy(), found.false.copy()
    true[doubtful], false[doubtful] = exact.true, exact.false
    return Planes(true, false)


def _slowly(
    node: Atom, given: Sequence[tuple[ir.Value, Vector]], setting: "Setting", which: Array, rows: int
) -> Planes:
    truths = setting.slow.truths(node, given, which)
    return Planes(
        np.fromiter((truth is True for truth in truths), np.bool_, rows),
        np.fromiter((truth is False for truth in truths), np.bool_, rows),
    )


def _between_values(node: ir.Between, vectors: Sequence[Vector], setting: "Setting", rows: int) -> Planes:
    """Both ends tested by themselves, since either may be absent alone."""
    value, low, high = vectors
    least = planes(ir.Compare(ir.CompareOp.GE, node.value, node.low), (value, low), setting, rows)
    most = planes(ir.Compare(ir.CompareOp.LE, node.value, node.high), (value, high), setting, rows)
    return planes_both(least, most)


def _bits(node: Atom, vectors: Sequence[Vector], setting: "Setting") -> Flags | None:
    """Where the test holds, whatever stands in rows without a value; None where it has to be done row by row."""
    vector = vectors[0]
    match node:
        case ir.IsTrue():
            return vector.data if vector.kind is Kind.FLAG else None
        case ir.Compare():
            return _compare(node, vectors[0], vectors[1], setting.clock)
        case ir.Between(_, low, high):
            assert isinstance(low, ir.Literal)
            assert isinstance(high, ir.Literal)
            ordered = _ordered(node.value, low, high)
            least = _against(ir.CompareOp.GE, vector, low.value, ordered, setting.clock)
            most = _against(ir.CompareOp.LE, vector, high.value, ordered, setting.clock)
            return None if least is None or most is None else least & most
        case ir.OneOf(_, choices, negated, ignoring_case):
            bits = _one_of(vector, [choice.value for choice in choices], ignoring_case)
            return ~bits if bits is not None and negated else bits
        case ir.InListFile(_, _, entries, negated, ignoring_case):
            bits = _in_file(vector, entries, ignoring_case)
            return ~bits if bits is not None and negated else bits
        case ir.TextTest(text_op, _, pattern, ignoring_case):
            return texts.of_rows(vector, lambda words: texts.tested(text_op, words, pattern, ignoring_case))
        case ir.ListTest(list_op, _, choices, ignoring_case):
            return texts.of_rows(vector, lambda lists: texts.listed(list_op, lists, choices, ignoring_case))
        case ir.InWindow(_, window):
            return in_window(vector, window, setting.clock)
        case ir.Anniversary(_, window):
            return _anniversary(vector, window, setting)
        case ir.KnownFor(_, period):
            return _known_for(vector, period, setting.clock)
        case ir.InSample(_, share, salt):
            return chosen(vector, share, salt)
        case ir.IsKnown():
            raise AssertionError("frames test this themselves")
        case _:
            assert_never(node)


# --- comparisons ----------------------------------------------------------------------------------


def _compare(node: ir.Compare, left: Vector, right: Vector, clock: Clock) -> Flags | None:
    ordered = None if node.ignoring_case else _ordered(node.left, node.right)
    if ordered is None and isinstance(node.right, ir.Literal):
        return _against(node.op, left, node.right.value, None, clock, ignoring_case=node.ignoring_case)
    if ordered is None and isinstance(node.left, ir.Literal):
        return _against(node.op.mirrored, right, node.left.value, None, clock, ignoring_case=node.ignoring_case)
    if ordered is not None:
        pair = texts.places(left, ordered), texts.places(right, ordered)
        return None if pair[0] is None or pair[1] is None else numbers.compared(node.op, pair[0], pair[1])
    if left.kind is right.kind is Kind.CODE and node.op in (ir.CompareOp.EQ, ir.CompareOp.NE):
        if not (texts.are_texts(left) and texts.are_texts(right)):
            return None
        if node.ignoring_case:
            left, right = texts.folded(left), texts.folded(right)
        one, other, _ = unified(left, right)
        return numbers.compared(node.op, one, other)
    arrays = numbers.comparable(left, right)
    return None if arrays is None else numbers.compared(node.op, *arrays)


def _ordered(*values: ir.Value) -> tuple[str, ...] | None:
    """The order of the closed list that the values are from, if they are."""
    for value in values:
        if isinstance(value.type, TextType) and value.type.ordered:
            return value.type.values or ()
    return None


def _against(
    op: ir.CompareOp,
    vector: Vector,
    value: Any,
    ordered: Sequence[str] | None,
    clock: Clock,
    *,
    ignoring_case: bool = False,
) -> Flags | None:
    if vector.kind is Kind.CODE:
        if ordered is not None:
            place = ordered.index(value) if value in ordered else -1
            found = texts.places(vector, ordered)
            return None if found is None else numbers.compared(op, found, np.array(place))
        if op not in (ir.CompareOp.EQ, ir.CompareOp.NE) or not isinstance(value, str):
            return None
        equal = texts.of_rows(vector, lambda words: texts.equal(words, value, ignoring_case))
        return ~equal if op is ir.CompareOp.NE and equal is not None else equal
    if vector.kind is Kind.FLAG and isinstance(value, bool):
        return numbers.compared(op, vector.data, np.array(value))
    bound = as_bound(vector, value, clock)
    if bound is None:
        return None
    match op:
        case ir.CompareOp.GE:
            return least(vector, bound, strict=False)
        case ir.CompareOp.GT:
            return least(vector, bound, strict=True)
        case ir.CompareOp.LT:
            return _inverted(least(vector, bound, strict=False))
        case ir.CompareOp.LE:
            return _inverted(least(vector, bound, strict=True))
        case ir.CompareOp.EQ:
            return _equal(vector, bound)
        case ir.CompareOp.NE:
            return _inverted(_equal(vector, bound))


def as_bound(vector: Vector, value: Any, clock: Clock) -> Fraction | int | float | None:
    """A constant of a rule as a number on the vector's own scale of days, instants or values."""
    match vector.kind, value:
        case ((Kind.NUMBER | Kind.FLOAT), bool()):
            return None
        case ((Kind.NUMBER | Kind.FLOAT), (int() | Fraction() | float())):
            return value
        case Kind.INSTANT, datetime():
            return microseconds(value)
        case Kind.DAY, date() if not isinstance(value, datetime):
            return day_number(value)
        case _:
            return None


def least(vector: Vector, bound: Fraction | int | float, *, strict: bool) -> Flags | None:
    """Where a number, day or instant is at least (or, `strict`, more than) a bound."""
    if vector.divisors is not None:
        return None if isinstance(bound, float) else numbers.divided_at_least(vector, bound, strict=strict)
    return numbers.at_least(vector, numbers.threshold(vector, bound, strict=strict))


def _equal(vector: Vector, bound: Fraction | int | float) -> Flags | None:
    low, above = least(vector, bound, strict=False), least(vector, bound, strict=True)
    return None if low is None or above is None else low & ~above


def _inverted(flags: Flags | None) -> Flags | None:
    return None if flags is None else ~flags


def _one_of(vector: Vector, values: Sequence[Any], ignoring_case: bool) -> Flags | None:
    if vector.kind is Kind.CODE:
        if not all(isinstance(value, str) for value in values):
            return None
        return texts.of_rows(vector, lambda words: texts.among(words, values, ignoring_case))
    found = np.zeros(len(vector), np.bool_)
    for value in values:
        bits = _against(ir.CompareOp.EQ, vector, value, None, _NO_CLOCK)
        if bits is None:
            return None
        found |= bits
    return found


_NO_CLOCK: Any = None
"""Constants of lists are days and instants already: no clock is asked."""


def _in_file(vector: Vector, entries: frozenset[str], ignoring_case: bool) -> Flags | None:
    if vector.kind is Kind.CODE:
        return texts.of_rows(vector, lambda words: texts.among(words, sorted(entries), ignoring_case))
    if vector.kind is not Kind.NUMBER or vector.denominator != 1 or vector.divisors is not None:
        return None
    wanted = [int(entry) for entry in entries if entry.lstrip("-").isascii() and entry.lstrip("-").isdigit()]
    fitting = [number for number in wanted if str(number) in entries and abs(number) < 2**63]
    found: Flags = np.isin(vector.data, np.array(fitting, np.int64))
    return found


# --- time -----------------------------------------------------------------------------------------


def in_window(vector: Vector, window: Window, clock: Clock) -> Flags | None:
    """Where a day or an instant lies in a window."""
    if vector.kind not in (Kind.DAY, Kind.INSTANT):
        return None
    edges = stretch(window)
    flags = np.ones(len(vector), np.bool_)
    if edges.start is not None:
        flags = numbers.at_least(vector, edge_number(edges.start, vector.kind, clock))
    if edges.end is not None:
        flags = flags & ~numbers.at_least(vector, edge_number(edges.end, vector.kind, clock))
    return flags


def edge_number(edge: Edge, kind: Kind, clock: Clock) -> int:
    """An edge of a window as a day or an instant."""
    return as_day(edge, clock) if kind is Kind.DAY else as_instant(edge, clock)


def _known_for(vector: Vector, period: Period, clock: Clock) -> Flags | None:
    if vector.kind not in (Kind.DAY, Kind.INSTANT):
        return None
    return ~numbers.at_least(vector, edge_number(Away(period, Side.AGO, later=1), vector.kind, clock))


def _anniversary(vector: Vector, window: Window, setting: "Setting") -> Flags | None:
    """Copies of a day depend on its month and day alone, so each of the 366 is tested once."""
    if vector.kind is Kind.DAY:
        days = vector.data.astype(np.int64, copy=False)
    elif vector.kind is Kind.INSTANT:
        days = calendar.local_days(vector.data, setting.clock)
    else:
        return None
    _, month, day = calendar.parts(days)
    turns = np.clip(month * 32 + day, 0, 12 * 32 + 31)
    holds = np.zeros(13 * 32, np.bool_)
    for turn in np.unique(turns).tolist():
        copy = date(2000, turn // 32, turn % 32)
        holds[turn] = has_anniversary(copy, window, setting.clock, setting.catalogue.leap_day)
    found: Flags = holds[turns]
    return found
