"""Windows of the syntax into typed windows, refused where they could hold no time or make no sense for a column."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir import windows as ir
from segrules.semantics.literals import aware
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import DateType, TimestampType, Type

_MOST = {
    ir.Unit.MINUTE: 525_600_000,
    ir.Unit.HOUR: 8_760_000,
    ir.Unit.DAY: 365_000,
    ir.Unit.WEEK: 52_000,
    ir.Unit.MONTH: 12_000,
    ir.Unit.QUARTER: 4_000,
    ir.Unit.YEAR: 1_000,
}
_MONTHS = {ir.Unit.MONTH: 1, ir.Unit.QUARTER: 3, ir.Unit.YEAR: 12}
_MINUTES = {ir.Unit.MINUTE: 1, ir.Unit.HOUR: 60}
_DAYS = {ir.Unit.DAY: 1, ir.Unit.WEEK: 7}


class WindowBinder:
    """Binds windows in one time zone; `findings` gathers what is wrong with them."""

    def __init__(self, zone: ZoneInfo, findings: list[Finding]) -> None:
        self._zone = zone
        self._findings = findings

    def window(self, node: nodes.WindowText | None, of: Type) -> ir.Window:
        """The window, `ever` where none is written. `of` is the type of the times that it holds for."""
        if node is None:
            return ir.Ever()
        bound = self._bind(node, of)
        if bound is None:
            return ir.Ever()
        return bound

    def event_window(self, node: nodes.WindowText | None, of: Type) -> ir.Window:
        """A window over events, none of which lies ahead."""
        bound = self.window(node, of)
        if node is not None and isinstance(bound, ir.InNext | ir.MoreThanAhead):
            help_ = "no event at or after the run's date is ever seen; look back with `in the last …`"
            self._bad(node.span, "this window lies ahead, where no event is", help_)
        return bound

    def period(self, node: nodes.Length) -> ir.Period:
        """A period of at least one unit and at most a thousand years."""
        unit = ir.Unit(node.unit)
        if node.count < 1:
            self._bad(node.span, f"a period of {node.count} {node.unit}s holds no time", "a period counts from 1")
        if node.count > _MOST[unit]:
            self._bad(node.span, f"a period of {node.count} {node.unit}s is longer than a thousand years", "shorten it")
            return ir.Period(1, unit)
        return ir.Period(max(node.count, 1), unit)

    def _bind(self, node: nodes.WindowText, of: Type) -> ir.Window | None:
        periods = [self.period(length) for length in node.lengths]
        if isinstance(of, DateType):
            self._no_hours(node, periods)
        match node.kind:
            case "in_last":
                return ir.InLast(periods[0])
            case "in_last_whole":
                if periods[0].unit in (ir.Unit.MINUTE, ir.Unit.HOUR):
                    self._bad(
                        node.span, f"whole {periods[0].unit}s are not counted", "use days, weeks, months or years"
                    )
                return ir.WholeUnits(periods[0])
            case "in_this":
                assert node.unit is not None
                if node.unit in ("minute", "hour"):
                    self._bad(node.span, f"`this {node.unit}` is not a window", "use day, week, month, quarter or year")
                return ir.ThisUnit(ir.Unit(node.unit))
            case "in_next":
                return ir.InNext(periods[0])
            case "more_ago":
                return ir.MoreThanAgo(periods[0])
            case "more_ahead":
                return ir.MoreThanAhead(periods[0])
            case "between_ago":
                return self._between(node, periods[0], periods[1])
            case "since" | "before":
                moment = self._moment(node.moments[0], of)
                if moment is None:
                    return None
                return ir.Since(moment) if node.kind == "since" else ir.Before(moment)
            case "on_day" | "after_day":
                day = node.moments[0].value
                if day is None:
                    return None
                return ir.OnDay(day) if node.kind == "on_day" else ir.AfterDay(day)
            case "from_to":
                return self._from_to(node)
            case _:
                return ir.Ever()

    def _between(self, node: nodes.WindowText, near: ir.Period, far: ir.Period) -> ir.Window:
        if not surely_nearer(near, far):
            message = "the first period of `between … ago` is not nearer than the second"
            self._bad(node.span, message, "write the nearer one first, such as `between 30 and 60 days ago`")
        return ir.BetweenAgo(near, far)

    def _from_to(self, node: nodes.WindowText) -> ir.Window | None:
        first, last = (moment.value for moment in node.moments)
        if first is None or last is None:
            return None
        if first > last:
            self._bad(node.span, f"`{first}` lies behind `{last}`", "write the earlier day first")
        return ir.FromTo(first, last)

    def _moment(self, node: nodes.Moment, of: Type) -> date | datetime | None:
        if isinstance(node, nodes.Day):
            return node.value
        if isinstance(of, DateType):
            self._bad(node.span, "a time of day found for a column of days", "write the day alone")
            return None
        return None if node.value is None else aware(node.value, self._zone)

    def _no_hours(self, node: nodes.WindowText, periods: list[ir.Period]) -> None:
        for period in periods:
            if period.unit in ir.SUB_DAY:
                message = f"a window of {period.unit}s found for a column of days"
                self._bad(node.span, message, "count in days, weeks, months, quarters or years")

    def _bad(self, span: Span, message: str, help_: str) -> None:
        self._findings.append(finding(codes.BAD_WINDOW, message, span, help=help_))


def has_time(of: Type) -> bool:
    """Whether windows apply to a type at all."""
    return isinstance(of, DateType | TimestampType)


def surely_nearer(near: ir.Period, far: ir.Period) -> bool:
    """Whether `near` ago is later than `far` ago on every day of the calendar."""
    if near.unit in _MONTHS and far.unit in _MONTHS:
        return near.count * _MONTHS[near.unit] < far.count * _MONTHS[far.unit]
    if near.unit in _MINUTES and far.unit in _MINUTES:
        return near.count * _MINUTES[near.unit] < far.count * _MINUTES[far.unit]
    if near.unit in _DAYS and far.unit in _DAYS:
        return near.count * _DAYS[near.unit] < far.count * _DAYS[far.unit]
    return _longest(near) <= _shortest(far)


def _longest(period: ir.Period) -> int:
    """The most minutes between `as_of` and the start of the window, a change of clocks included."""
    if period.unit in _MINUTES:
        return period.count * _MINUTES[period.unit]
    if period.unit in _DAYS:
        days = period.count * _DAYS[period.unit]
    else:
        days = -(-366 * period.count * _MONTHS[period.unit] // 12) + 2
    return (days + 1) * 1440 + 60


def _shortest(period: ir.Period) -> int:
    if period.unit in _MINUTES:
        return period.count * _MINUTES[period.unit]
    if period.unit in _DAYS:
        days = period.count * _DAYS[period.unit]
    else:
        days = 365 * period.count * _MONTHS[period.unit] // 12 - 3
    return days * 1440 - 60
