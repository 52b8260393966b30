"""Windows as limits of time, and days and years since a date."""

from datetime import date, datetime
from math import ceil, floor
from typing import TYPE_CHECKING, assert_never

from segrules.ir import nodes as ir
from segrules.ir import windows as win
from segrules.proofs.encoding.rows import Bound
from segrules.proofs.encoding.values import (
    Encoded,
    Numeric,
    Timed,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import Calendar, Edge
from segrules.proofs.formulas.logic import (
    Formula,
    at_least,
    at_most,
    every,
    no,
    some,
)
from segrules.proofs.formulas.sums import Number, Sum
from segrules.proofs.verdict import Reason

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder


def bounds_of(encoder: "Encoder", window: win.Window, *, is_date: bool) -> tuple[Bound, ...]:
    """The limits that a window sets to an instant, or to a day."""
    calendar = encoder.calendar
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


def days_since(encoder: "Encoder", node: ir.DaysSince, of: ir.Value) -> Encoded:
    """Days since a date, or since a row."""
    timed = encoder.value(of)
    if not isinstance(timed, Timed):
        return encoder.free_value(node, Reason.SEQUENCE)
    before = timed.before

    def threshold(k: Number, strict: bool) -> Formula:
        days = ceil(k) - 1 if strict else floor(k)
        return no(before(Edge(sums.just(days))))

    if timed.age is not None:
        return Numeric(timed.presence, timed.age, timed.age, threshold)
    days = encoder.free_number(node, Reason.CALENDAR, "")
    encoder.always(days, at_least(days, 0))
    return Numeric(timed.presence, sums.of(days), sums.of(days), threshold)


def years_since(encoder: "Encoder", node: ir.YearsSince, of: ir.Value) -> Encoded:
    """Whole years since a date."""
    timed = encoder.value(of)
    years = encoder.free_number(node, Reason.CALENDAR, "")
    if isinstance(timed, Timed) and timed.age is not None:
        y = sums.of(years)
        past = (sums.less_or_equal(y.times(365), timed.age), sums.less_or_equal(timed.age, y.times(366).plus(366)))
        ahead = (
            sums.less_or_equal(y.times(366).plus(-1), timed.age),
            sums.less_or_equal(timed.age, y.times(365).plus(366)),
        )
        encoder.always(years, some((every((at_least(years, 0), *past)), every((at_most(years, -1), *ahead)))))
    return Numeric(timed.presence, sums.of(years), sums.of(years))


def _next_day(calendar: Calendar, day: date) -> Edge:
    return Edge(calendar.day(day).days.plus(-1))


def lies_within(timed: Timed, bound: Bound) -> Formula:
    """That a time keeps a limit."""
    before = timed.before(bound.edge)
    return no(before) if bound.after else before


def micros_of(edge: Edge) -> Sum:
    """The part of a moment that is no whole day."""
    return sums.just(0) if edge.micros is None else edge.micros
