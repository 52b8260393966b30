"""When rows happen, into typed values: calendar units that hold rows, streaks of them, days between rows.

`events` is None where the rows could not be bound; its findings have been given.
"""

from dataclasses import replace

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.windows import SUB_DAY, Unit, WholeUnits
from segrules.semantics.literals import plural
from segrules.semantics.windows import WindowBinder
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import DecimalType, IntegerType, UnknownType

_KINDS = {
    "average": ir.AggregateKind.AVERAGE,
    "median": ir.AggregateKind.MEDIAN,
    "smallest": ir.AggregateKind.SMALLEST,
    "largest": ir.AggregateKind.LARGEST,
}


class RegularityBinder:
    """Binds what is said of the times of rows; `findings` gathers mistakes."""

    def __init__(self, windows: WindowBinder, findings: list[Finding]) -> None:
        self._windows = windows
        self._findings = findings

    def _report(self, code: Code, message: str, span: Span, help_: str) -> None:
        self._findings.append(finding(code, message, span, help=help_))

    def units(self, node: nodes.DistinctUnitsExpr | nodes.LongestStreakExpr, events: ir.Events | None) -> ir.Value:
        """`distinct weeks of E`, `longest streak of days of E`."""
        streak = isinstance(node, nodes.LongestStreakExpr)
        what = "longest streak" if streak else "distinct"
        if events is None or not self._is_calendar(node.unit, f"`{what}`", node.span):
            return _broken(node.span)
        kind = ir.UnitsKind.LONGEST_STREAK if streak else ir.UnitsKind.DISTINCT
        return ir.UnitsOf(kind, Unit(node.unit), events, IntegerType(plural(node.unit)), node.span)

    def days_between(self, node: nodes.DaysBetweenExpr, events: ir.Events | None) -> ir.Value:
        """`median days between E`."""
        kind = _KINDS.get(node.kind)
        if kind is None:
            help_ = "write `average days between`; from first to last it is `days since first E - days since last E`"
            self._report(codes.NOT_A_VALUE, "`total days between` is not a value of events", node.span, help_)
        if events is None or kind is None:
            return _broken(node.span)
        whole = kind is not ir.AggregateKind.AVERAGE
        return ir.DaysBetween(kind, events, IntegerType("days") if whole else DecimalType("days"), node.span)

    def times_per_unit(self, node: nodes.DidExpr, regularity: nodes.Regularity, did: ir.Did) -> ir.Condition:
        """`did E at least 3 times per week in at least 3 of the last 4 whole weeks`; `did` is it up to `per`."""
        whole, hits = regularity.whole, regularity.hits
        if node.window is not None:
            help_ = f"leave it out: only the last {whole.count} whole {plural(whole.unit)} are read"
            message = f"a window found beside `of the last {whole.count} whole {plural(whole.unit)}`"
            self._report(codes.BAD_WINDOW, message, node.window.span, help_)
        if regularity.per != whole.unit:
            help_ = f"write `per {whole.unit} in … of the last {whole.count} whole {plural(whole.unit)}`"
            message = f"rows per {regularity.per} found beside whole {plural(whole.unit)}"
            self._report(codes.BAD_COUNT, message, regularity.span, help_)
        if not self._is_calendar(whole.unit, "`whole`", whole.span):
            return ir.Fixed(False, node.span)
        period = self._windows.period(whole)
        if period.count == whole.count:
            self._check_reached(hits, period.count, plural(whole.unit))
        events = replace(did.events, window=WholeUnits(period))
        of = IntegerType()
        count = ir.UnitsWith(events, did.op, did.times, of, node.span)
        return ir.Compare(ir.CompareOp(hits.op), count, ir.Literal(hits.number, of, hits.span), span=node.span)

    def _is_calendar(self, unit: str, what: str, span: Span) -> bool:
        if Unit(unit) not in SUB_DAY:
            return True
        self._report(
            codes.BAD_WINDOW, f"{what} does not count {unit}s", span, "count days, weeks, months, quarters or years"
        )
        return False

    def _check_reached(self, hits: nodes.Bound, out_of: int, units: str) -> None:
        """A count of units from 0 to `out_of` that is sure to hold, or sure not to, is a mistake."""
        holds = {_holds(hits.op, number, hits.number) for number in (0, out_of, min(hits.number, out_of))}
        if len(holds) == 1:
            who = "everybody" if holds == {True} else "nobody"
            help_ = f"of {out_of} such {units} any number from 0 to {out_of} may be meant"
            self._report(codes.BAD_COUNT, f"this count of {units} holds for {who}", hits.span, help_)


def _holds(op: str, number: int, bound: int) -> bool:
    match op:
        case ">=":
            return number >= bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case "<":
            return number < bound
        case _:
            return number == bound


def _broken(span: Span) -> ir.Value:
    return ir.Literal(0, UnknownType(), span)
