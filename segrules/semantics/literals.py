"""Literals of the syntax into typed constants, fitted to what they stand beside."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.build import rounded
from segrules.ir.nodes import Literal
from segrules.syntax import nodes
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
    UnknownType,
)

LiteralText = nodes.Number | nodes.Text | nodes.Day | nodes.Instant | nodes.Truth
Numeric = IntegerType | DecimalType | FloatType


def literal(node: LiteralText, zone: ZoneInfo) -> Literal:
    """The constant by itself; a timestamp without an offset is local time of `zone`.

    A day or instant that does not exist has the unknown type (a finding was given when it was parsed).
    """
    match node:
        case nodes.Number(value, unit):
            number = Fraction(value)
            whole = number.denominator == 1
            exact: int | Fraction = int(number) if whole else number
            if unit is not None and len(unit) == 3 and unit.isupper() and unit.isalpha():
                return Literal(exact, MoneyType(unit), node.span)
            shown = None if unit is None else plural(unit)
            return Literal(exact, IntegerType(shown) if whole else DecimalType(shown), node.span)
        case nodes.Text(value):
            return Literal(value, TextType(), node.span)
        case nodes.Truth(value):
            return Literal(value, BooleanType(), node.span)
        case nodes.Day(_, day):
            return Literal(day, DateType(), node.span) if day else Literal(0, UnknownType(), node.span)
        case nodes.Instant(_, instant):
            if instant is None:
                return Literal(0, UnknownType(), node.span)
            return Literal(aware(instant, zone), TimestampType(), node.span)


def aware(instant: datetime, zone: ZoneInfo) -> datetime:
    """The instant in UTC: local time is read in `zone`, the first of two where the clock goes back."""
    local = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:  # at the very ends of the calendar the offset leads beyond it
        return instant.replace(tzinfo=UTC)


def plural(unit: str) -> str:
    """Units of time in the plural, as `days since` has them; any other unit as it is."""
    return f"{unit}s" if unit in ("minute", "hour", "day", "week", "month", "quarter", "year") else unit


def fitted(constant: Literal, beside: Type) -> Literal:
    """The constant as it is compared with a value of type `beside`.

    Beside approximate numbers it is the nearest double, as the data's own values are.
    Beside text of a closed list it takes over that list, and with it its order.
    """
    if isinstance(beside, FloatType) and isinstance(constant.type, Numeric):
        assert isinstance(constant.value, int | Fraction)
        return replace(constant, value=rounded(Fraction(constant.value), beside), type=FloatType(constant.type.unit))
    if isinstance(beside, TextType) and isinstance(constant.type, TextType) and beside.values is not None:
        return replace(constant, type=beside)
    return constant


def unlisted(constant: Literal, beside: Type, what: str) -> Finding | None:
    """A finding where a text can never occur, because `beside` has a closed list of values without it."""
    if not isinstance(beside, TextType | ListType) or beside.values is None or not isinstance(constant.value, str):
        return None
    if constant.value in beside.values:
        return None
    listed = ", ".join(f"`{value}`" for value in beside.values[:8]) + (" and others" if len(beside.values) > 8 else "")
    help_ = did_you_mean(constant.value, beside.values) or f"its values are {listed}"
    message = f"`{constant.value}` is not among the values of {what}"
    return finding(codes.UNLISTED_VALUE, message, constant.span, help=help_)
