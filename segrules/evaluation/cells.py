"""Values of the data into JSON values."""

from datetime import date, datetime
from fractions import Fraction
from typing import Any

from segrules.types.cells import Cell
from segrules.types.types import DecimalType, MoneyType, Type


def cell_json(value: Cell, of: Type | None = None) -> Any:
    """A value of the data for JSON: exact decimals and dates as text, so that nothing is rounded.

    Where its type `of` is given, a whole number of decimals or money is text as all others of them are.
    """
    if isinstance(of, DecimalType | MoneyType) and isinstance(value, int):
        return str(value)
    match value:
        case Fraction():
            return str(value) if (exact := decimal_text(value)) is None else exact
        case datetime() | date():
            return value.isoformat()
        case float():
            return str(value)
        case tuple():
            return list(value)
        case None | bool() | int() | str():
            return value


def decimal_text(value: Fraction) -> str | None:
    """The number in decimal digits, exactly, or None where they never end.

    >>> decimal_text(Fraction(25, 2)), decimal_text(Fraction(1, 3))
    ('12.5', None)
    """
    places = 0
    rest = value.denominator
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0 or rest % 5 == 0:
        rest, places = rest // (2 if rest % 2 == 0 else 5), places + 1
    if rest != 1:
        return None
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if value < 0 else "") + whole + (f".{part}" if part else "")
