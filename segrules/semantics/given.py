"""What a test gives, as written, into typed values that a column of the data could hold; and times into instants."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir.calendar import shifted
from segrules.ir.catalogue import Column
from segrules.ir.nodes import Attribute, CompareOp, Literal
from segrules.ir.windows import SUB_DAY, Period, Unit
from segrules.semantics.literals import aware, fitted, literal, unlisted
from segrules.semantics.typing import Typing
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import (
    DateType,
    FloatType,
    IntegerType,
    ListType,
    TimestampType,
    Type,
    UnknownType,
)
from segrules.types.zones import local_day, start_of_day

_DIGITS = 60
"""Numbers with more digits than that, before and after the point, fit no column."""

Moment = date | datetime


class Values:
    """Values and times of tests; `findings` gathers what cannot be."""

    def __init__(self, zone: ZoneInfo, findings: list[Finding]) -> None:
        self._zone = zone
        self._findings = findings

    def report(self, code: Code, message: str, span: Span, help_: str | None = None) -> None:
        """Note what is wrong."""
        self._findings.append(finding(code, message, span, help=help_))

    # --- values

    def value(self, item: nodes.AssignmentText, column: Column) -> Literal | None:
        """The value of an assignment as its column holds it; None where it cannot."""
        before = len(self._findings)
        found = self._literal(item, column)
        if found is None or isinstance(found.type, UnknownType):
            return None
        self._bounds(found, column, item)
        return found if len(self._findings) == before else None

    def _literal(self, item: nodes.AssignmentText, column: Column) -> Literal | None:
        of, shown = column.type, f"`{item.target.text}`"
        if isinstance(of, UnknownType):
            return None
        if isinstance(item.value, nodes.Items):
            return self._list(item, item.value, of)
        node, sign = item.value, 1
        while isinstance(node, nodes.NegativeExpr):
            node, sign = node.item, -sign
        if not isinstance(node, nodes.Number | nodes.Text | nodes.Day | nodes.Instant | nodes.Truth):
            self.report(codes.TYPE_MISMATCH, f"{shown} is given no value", item.span, "write a value as in `age = 40`")
            return None
        plain = literal(node, self._zone)
        if sign < 0:
            if not isinstance(plain.value, int | Fraction) or isinstance(plain.value, bool):
                self.report(codes.TYPE_MISMATCH, "a minus before what is no number", item.value.span)
                return None
            plain = replace(plain, value=-plain.value)
        if isinstance(of, TimestampType) and isinstance(node, nodes.Day) and node.value is not None:
            return Literal(start_of_day(node.value, self._zone), of, plain.span)
        found = fitted(plain, of)
        target = Attribute(item.target.text, of, item.target.span)
        Typing(self._findings).comparison(CompareOp.EQ, target, found, item.span)
        strange = unlisted(found, of, shown)
        self._findings += [strange] if strange else []
        return found

    def _list(self, item: nodes.AssignmentText, items: nodes.Items, of: Type) -> Literal | None:
        if not isinstance(of, ListType):
            message = f"a list found for `{item.target.text}`, which holds one value"
            self.report(codes.TYPE_MISMATCH, message, item.span, "write one value")
            return None
        texts = []
        for part in items.items:
            if not isinstance(part, nodes.Text):
                message = f"a list of text holds only text, as `{item.target.text}` does"
                self.report(codes.TYPE_MISMATCH, message, part.span, "put it into double quotes")
                continue
            strange = unlisted(literal(part, self._zone), of, f"`{item.target.text}`")
            self._findings += [strange] if strange else []
            texts.append(part.value)
        return Literal(tuple(texts), of, item.span)

    def _bounds(self, found: Literal, column: Column, item: nodes.AssignmentText) -> None:
        value, shown = found.value, f"`{item.target.text}`"
        if isinstance(value, int | Fraction) and not isinstance(value, bool):
            if isinstance(column.type, IntegerType) and value != int(value):
                message = f"{shown} holds whole numbers, and this is none"
                self.report(codes.TYPE_MISMATCH, message, item.value.span, "leave the fraction out")
                return
            if isinstance(column.type, FloatType):
                return
            number = Fraction(value)
            if column.scale is not None and number * 10**column.scale != int(number * 10**column.scale):
                message = f"{shown} holds {column.scale} decimals, and this has more"
                self.report(codes.OUT_OF_RANGE, message, item.value.span, "leave some of the decimals out")
                return
            if len(str(abs(number.numerator))) + len(str(number.denominator)) > _DIGITS:
                self.report(codes.OUT_OF_RANGE, f"{shown} holds no number of so many digits", item.value.span)
                return
        for bound, beyond in ((column.minimum, "below"), (column.maximum, "above")):
            if bound is not None and _is_beyond(value, bound, beyond):
                message = f"{shown} lies {beyond} {bound}, which the catalogue allows"
                self.report(codes.OUT_OF_RANGE, message, item.value.span, "such a value is refused in the data, too")

    # --- times

    def instant(self, node: nodes.Moment) -> datetime | None:
        """The instant of `as of`: of a day its first, in the catalogue's zone."""
        if node.value is None:
            return None
        day = node.value if not isinstance(node, nodes.Instant) else node.value.date()
        if not date.min < day < date.max:
            self.report(codes.BAD_DATE, "no test can be as of the ends of the calendar", node.span, "write another day")
            return None
        if isinstance(node, nodes.Instant):
            return aware(node.value, self._zone)
        return start_of_day(node.value, self._zone)

    def time(self, node: nodes.Moment | nodes.Length, as_of: datetime | None, of: Type, what: str) -> Moment | None:
        """When something happened, as a column of type `of` holds it; None after a mistake, or without `as_of`."""
        if isinstance(node, nodes.Length):
            found = None if as_of is None else self._ago(node, as_of, of, what)
        elif node.value is None:
            found = None
        elif isinstance(node, nodes.Instant):
            found = aware(node.value, self._zone)
        else:
            found = node.value
        if found is None:
            return None
        if isinstance(of, DateType):
            if isinstance(found, datetime):
                message = f"{what} is dated by the day, and this is a time of day"
                self.report(codes.TYPE_MISMATCH, message, node.span, "write a day, or count in days")
                return None
            return found
        return found if isinstance(found, datetime) else start_of_day(found, self._zone)

    def _ago(self, length: nodes.Length, as_of: datetime, of: Type, what: str) -> Moment | None:
        """Days and longer leave the local time of day as it is, as hours and minutes count real time."""
        unit = Unit(length.unit)
        if unit in SUB_DAY:
            try:
                return as_of - timedelta(minutes=length.count * (60 if unit is Unit.HOUR else 1))
            except OverflowError:
                self._too_early(length, what)
                return None
        local = as_of.astimezone(self._zone)
        day = shifted(local.date(), Period(length.count, unit), -1)
        if day == date.min:
            self._too_early(length, what)
            return None
        if isinstance(of, DateType) or as_of == start_of_day(local.date(), self._zone):
            return day
        return aware(datetime.combine(day, local.time()), self._zone)

    def _too_early(self, length: nodes.Length, what: str) -> None:
        self.report(codes.BAD_DATE, f"{what} would lie before the first day of the calendar", length.span)

    def unseen(self, at: Moment, as_of: datetime, what: str, span: Span) -> None:
        """Warn of what lies at or after `as_of`, where no rule sees it."""
        later = at >= as_of if isinstance(at, datetime) else at >= local_day(as_of, self._zone)
        if later:
            help_ = "a row is seen from the instant after it on, one dated by the day once that day is over"
            self._findings.append(
                finding(
                    codes.UNSEEN_IN_TEST, f"{what} lies at or after `as of`, so that no rule sees it", span, help=help_
                )
            )


def _is_beyond(value: object, bound: Fraction | date | datetime, beyond: str) -> bool:
    if isinstance(value, datetime) != isinstance(bound, datetime) or isinstance(value, date) != isinstance(bound, date):
        return False
    if isinstance(bound, Fraction) and not isinstance(value, int | Fraction):
        return False
    return value < bound if beyond == "below" else value > bound  # type: ignore[operator]  # of one kind
