"""The types of values: of columns, of literals and of every expression in the typed tree."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IntegerType:
    """Whole numbers, exact, of any size; `unit` is free text such as `kg` or `days`."""

    unit: str | None = None


@dataclass(frozen=True, slots=True)
class DecimalType:
    """Decimal numbers, exact."""

    unit: str | None = None


@dataclass(frozen=True, slots=True)
class FloatType:
    """Approximate numbers (IEEE double); NaN counts as missing."""

    unit: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyType:
    """Exact amounts in one currency, written in its major unit (12.50 GBP)."""

    currency: str


@dataclass(frozen=True, slots=True)
class BooleanType:
    """True or false."""


@dataclass(frozen=True, slots=True)
class TextType:
    """Text; `values` is the closed list of what may occur, in order where `ordered`."""

    values: tuple[str, ...] | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class DateType:
    """A calendar day."""


@dataclass(frozen=True, slots=True)
class TimestampType:
    """An instant; days are counted in the catalogue's time zone."""


@dataclass(frozen=True, slots=True)
class ListType:
    """A list of text."""

    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class UnknownType:
    """The type of what could not be typed; it fits everything, so that one mistake makes one finding."""


Number = IntegerType | DecimalType | FloatType
Type = Number | MoneyType | BooleanType | TextType | DateType | TimestampType | ListType | UnknownType


def describe(of: Type) -> str:
    """The type in words, as messages show it: `whole number`, `money in GBP`, `text`.

    >>> describe(MoneyType("GBP"))
    'money in GBP'
    """
    match of:
        case IntegerType(unit):
            return f"whole number of {unit}" if unit else "whole number"
        case DecimalType(unit) | FloatType(unit):
            return f"number of {unit}" if unit else "number"
        case MoneyType(currency):
            return f"money in {currency}"
        case BooleanType():
            return "true or false"
        case TextType():
            return "text"
        case DateType():
            return "date"
        case TimestampType():
            return "timestamp"
        case ListType():
            return "list of text"
        case UnknownType():
            return "unknown"
