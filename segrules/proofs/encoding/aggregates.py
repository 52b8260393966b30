"""Values made of event rows: totals, averages, smallest and largest, times, units of the calendar."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir import windows as win
from segrules.ir.fingerprint import digest
from segrules.proofs.encoding import attributes, comparing, counting
from segrules.proofs.encoding import rows as of_rows
from segrules.proofs.encoding.rows import Bound, Plane, Rows
from segrules.proofs.encoding.values import (
    Encoded,
    Numeric,
    Presence,
    Threshold,
    Timed,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Edge
from segrules.proofs.formulas.logic import (
    FALSE,
    Formula,
    Var,
    at_least,
    at_most,
    every,
    flag,
    implies,
    no,
    same,
    some,
)
from segrules.proofs.formulas.sums import Number, Sum
from segrules.proofs.verdict import Reason
from segrules.types.types import (
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    Type,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder

_UNITS = 12
"""So many weeks, months or days are counted one by one."""


def aggregate(encoder: "Encoder", node: ir.Aggregate) -> Encoded:
    """A value over a customer's rows."""
    kind, events, of = node.kind, node.events, node.of
    if kind is ir.AggregateKind.NUMBER:
        return counting.count_of(encoder, events)
    if events.links or not isinstance(of, ir.Property):
        return encoder.free_value(node, Reason.SEQUENCE if events.links else Reason.ARITHMETIC)
    parts = counting.parts_of(encoder, events)
    sure = counting.rows_in(parts, Plane.SURE)
    doubt = FALSE if events.where is None else counting.any_rows(counting.rows_in(parts, Plane.DOUBT))
    lacking = counting.any_rows(
        counting.rows_in(counting.parts_of(encoder, events, ir.Not(ir.IsKnown(of))), Plane.SURE)
    )
    one_row = kind in (ir.AggregateKind.FIRST, ir.AggregateKind.LAST)
    missing = some((doubt, flag(f"{digest(node)} is missing", None) if one_row else lacking))
    has_zero = kind in (ir.AggregateKind.TOTAL, ir.AggregateKind.DISTINCT)
    none = FALSE if has_zero else every((no(doubt), sums.less_or_equal(sure, sums.just(0))))
    presence = Presence(every((missing, no(none))), none)
    match kind:
        case ir.AggregateKind.TOTAL if not isinstance(node.type, FloatType):
            value = _total(encoder, parts, of)
            return Numeric(presence, value, value)
        case ir.AggregateKind.DISTINCT:
            value = sums.total((1, of_rows.distinct(rows, of.name)) for rows in parts)
            if len(parts) > 1:
                return encoder.free_value(node, Reason.ARITHMETIC, presence)
            return Numeric(presence, value, value)
        case ir.AggregateKind.AVERAGE if not isinstance(node.type, FloatType):
            value = _total(encoder, parts, of)
            return _bounded(encoder, node, presence, lambda k, strict: _ordered(value - sure.times(k), strict))
        case ir.AggregateKind.SMALLEST | ir.AggregateKind.LARGEST | ir.AggregateKind.MEDIAN if _is_number(of.type):
            return _bounded(encoder, node, presence, lambda k, strict: _nth(encoder, node, of, k, strict))
        case _:
            return encoder.free_value(node, Reason.ARITHMETIC, presence)


def _total(encoder: "Encoder", parts: Sequence[Rows], of: ir.Property) -> Sum:
    found = Sum()
    for rows in parts:
        column = encoder.rules.catalogue.events[rows.event].properties[of.name]
        scale = attributes.scale_of(column.type, column)
        found += sums.of(of_rows.total(rows, of.name, scale), Fraction(1, scale) if scale else 1)
    return found


def _nth(encoder: "Encoder", node: ir.Aggregate, of: ir.Property, k: Number, strict: bool) -> Formula:
    """Whether the smallest, largest or median value is at most `k`, or below it."""
    op = ir.CompareOp.LT if strict else ir.CompareOp.LE
    below = ir.Compare(op, of, ir.Literal(_literal_number(k), of.type))
    inside = counting.rows_in(counting.parts_of(encoder, node.events, below), Plane.SURE)
    everything = counting.rows_in(counting.parts_of(encoder, node.events), Plane.SURE)
    match node.kind:
        case ir.AggregateKind.SMALLEST:
            return sums.less_or_equal(sums.just(1), inside)
        case ir.AggregateKind.LARGEST:
            return sums.less_or_equal(everything, inside)
        case _:
            # The lower middle of n values is at most k where at least half of them are.
            return sums.less_or_equal(everything, inside.times(2))


def _bounded(encoder: "Encoder", node: ir.Value, presence: Presence, threshold: Threshold) -> Numeric:
    var = encoder.free_number(node, Reason.ARITHMETIC, "")
    return Numeric(presence, sums.of(var), sums.of(var), threshold)


def event_time(encoder: "Encoder", node: ir.EventTime, which: ir.AggregateKind, events: ir.Events) -> Encoded:
    """The time of the first or last row."""
    if events.links:
        return encoder.free_value(node, Reason.SEQUENCE)
    parts = counting.parts_of(encoder, events)
    sure = counting.rows_in(parts, Plane.SURE)
    doubt = FALSE if events.where is None else counting.any_rows(counting.rows_in(parts, Plane.DOUBT))
    presence = Presence(doubt, every((no(doubt), sums.less_or_equal(sure, sums.just(0)))))
    last = which is ir.AggregateKind.LAST

    def before(edge: Edge) -> Formula:
        side = Bound(edge, after=last)
        rows = [replace(item, bounds=(*item.bounds, side)) for item in parts]
        found = counting.rows_in(rows, Plane.SURE)
        return sums.less_or_equal(found, sums.just(0)) if last else sums.less_or_equal(sums.just(1), found)

    return Timed(presence, all(counting.is_dated(encoder, name) for name in events.names), before)


def units_of(encoder: "Encoder", node: ir.UnitsOf, events: ir.Events) -> Encoded:
    """How many units of the calendar hold a row."""
    if events.links:
        return encoder.free_value(node, Reason.SEQUENCE)
    parts = counting.parts_of(encoder, events)
    sure = counting.rows_in(parts, Plane.SURE)
    units = encoder.free_number(node, Reason.REGULARITY, "")
    most = _units_in(events.window, node.unit)
    limits = [
        at_least(units, 0),
        sums.less_or_equal(sums.of(units), sure),
        implies(sums.less_or_equal(sums.just(1), sure), at_least(units, 1)),
    ]
    if most is not None:
        limits.append(at_most(units, most))
    encoder.always(units, *limits)
    missing = FALSE if events.where is None else counting.any_rows(counting.rows_in(parts, Plane.DOUBT))
    return Numeric(Presence(missing), sums.of(units), sums.of(units))


def units_with(encoder: "Encoder", node: ir.UnitsWith) -> Numeric:
    """In how many whole units enough rows lie: each unit counted by itself, where they are not too many."""
    events, calendar = node.events, encoder.calendar
    assert isinstance(events.window, win.WholeUnits)
    period = events.window.period
    if events.links or period.count > _UNITS:
        return _units_in_part(encoder, node, period.count)
    parts = counting.parts_of(encoder, events)
    least, most = Sum(), Sum()
    for back in range(period.count):
        start, end = (calendar.unit(period.unit, units) for units in (back + 1, back))
        limits = Bound(start, after=True), Bound(end, after=False)
        inside = [replace(rows, bounds=limits) for rows in parts]
        low = high = counting.rows_in(inside, Plane.SURE)
        if events.where is not None:
            high = low + counting.rows_in(inside, Plane.DOUBT)
        enough = comparing.compared(encoder, node.op, Numeric(Presence(), low, high), comparing.exactly(node.times))
        for_sure, perhaps = (Var(f"unit {back} of {digest(node)} {word}", low=0, high=1) for word in ("least", "most"))
        encoder.always(for_sure, same(at_least(for_sure, 1), enough.true))
        encoder.always(perhaps, same(at_least(perhaps, 1), no(enough.false)))
        least, most = least + sums.of(for_sure), most + sums.of(for_sure if events.where is None else perhaps)
    return Numeric(Presence(), least, most)


def _units_in_part(encoder: "Encoder", node: ir.UnitsWith, units: int) -> Numeric:
    least, most = (encoder.free_number(node, Reason.REGULARITY, word) for word in ("least", "most"))
    encoder.always(least, at_least(least, 0), at_most(least, units))
    encoder.always(most, sums.less_or_equal(sums.of(least), sums.of(most)), at_most(most, units))
    if node.op in (ir.CompareOp.GE, ir.CompareOp.GT, ir.CompareOp.EQ):
        times = node.times + (node.op is ir.CompareOp.GT)
        count = counting.count_of(encoder, node.events)
        encoder.always(least, sums.less_or_equal(sums.of(least, times), count.low))
        encoder.always(most, sums.less_or_equal(sums.of(most, times), count.high))
    return Numeric(Presence(), sums.of(least), sums.of(most))


def _ordered(value: Sum, strict: bool) -> Formula:
    """The sum is at most nothing, or less."""
    return sums.less(value, sums.just(0)) if strict else sums.less_or_equal(value, sums.just(0))


def _literal_number(number: Number) -> int | Fraction:
    fraction = Fraction(number)
    return int(fraction) if fraction.denominator == 1 else fraction


def _is_number(of: Type) -> bool:
    return isinstance(of, IntegerType | DecimalType | FloatType | MoneyType)


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
