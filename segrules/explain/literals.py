"""Constants of rules into words: exact numbers, amounts of money, texts, days and instants."""

import json
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from segrules.ir.nodes import Literal
from segrules.ir.rules import Cut
from segrules.types.types import DecimalType, FloatType, IntegerType, MoneyType, Type

_TIMES = {f"{unit}s": unit for unit in ("minute", "hour", "day", "week", "month", "quarter", "year")}


def literal_words(literal: Literal, zone: str, *, bare: bool = False) -> str:
    """A constant as a reader writes it; instants in the catalogue's `zone`; `bare` leaves a unit of time away."""
    value = literal.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Fraction):
        return _number(Fraction(value), literal.type, bare=bare)
    if isinstance(value, str):
        return text_words(value)
    if isinstance(value, datetime):
        return instant_words(value, zone)
    if isinstance(value, tuple):
        return "[" + ", ".join(text_words(text) for text in value) + "]"
    return value.isoformat()


def text_words(text: str) -> str:
    """Text in quotation marks, on one line."""
    return json.dumps(text, ensure_ascii=False)


def instant_words(instant: datetime, zone: str) -> str:
    """An instant as local time of `zone`, with its offset."""
    local = instant.astimezone(ZoneInfo(zone))
    return local.isoformat(" ", "auto" if local.second or local.microsecond else "minutes")


def exact(value: Fraction) -> str:
    """A number in decimals without rounding; a quotient where no decimals end.

    >>> exact(Fraction(5, 4)), exact(Fraction(-1, 3)), exact(Fraction(10**21))
    ('1.25', '-1/3', '1000000000000000000000')
    """
    places, rest = 0, value.denominator
    while rest % 10 == 0:
        places, rest = places + 1, rest // 10
    for factor in (2, 5):
        while rest % factor == 0:
            places, rest = places + 1, rest // factor
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    shown = f"{digits[:-places]}.{digits[-places:]}".rstrip("0") if places else digits
    return ("-" if value < 0 else "") + shown


def percent_words(share: Fraction) -> str:
    """A share of one as a percentage.

    >>> percent_words(Fraction(1, 8))
    '12.5%'
    """
    return f"{exact(share * 100)}%"


def number_words(value: Fraction, of: Type) -> str:
    """A number without its unit; an approximate one as the shortest decimals that stand for it."""
    if isinstance(of, FloatType):
        return exact(Fraction(Decimal(repr(float(value)))))
    return exact(value)


def cut_words(cut: Cut, of: Type, zone: str) -> str:
    """A cut point of bands; numbers without their unit."""
    if isinstance(cut, float):
        return "infinity" if cut > 0 else "minus infinity"
    return number_words(Fraction(cut), of) if isinstance(cut, int | Fraction) else literal_words(Literal(cut, of), zone)


def _number(value: Fraction, of: Type, *, bare: bool) -> str:
    shown = number_words(value, of)
    match of:
        case MoneyType(currency):
            whole, point, decimals = shown.partition(".")
            return f"{whole}{point}{decimals.ljust(2, '0') if point else ''} {currency}"
        case IntegerType(unit) | DecimalType(unit) | FloatType(unit) if unit is not None:
            if bare and unit in _TIMES:
                return shown
            return f"{shown} {_TIMES.get(unit, unit) if value == 1 else unit}"
        case _:
            return shown
