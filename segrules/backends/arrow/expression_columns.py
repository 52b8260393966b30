"""Columns of customers as pyarrow filters them: how they are stored, and their values on that scale."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import inf, nextafter
from sys import float_info
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.ir.catalogue import Column
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
)

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY_SECONDS = 86_400

Expression = Any
"""An expression of pyarrow."""

Test = Expression | bool
"""A test on every row, or what it comes to on all rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A column as it is stored; `assumed` where no schema says so."""

    column: Column
    field: Expression
    type: pa.DataType
    assumed: bool

    @property
    def is_float(self) -> bool:
        """Whether there may be NaN, which is missing."""
        return bool(at.is_floating(self.type))

    def known(self) -> Expression:
        """Where there is a value."""
        valid = self.field.is_valid()
        return valid & ~pc.is_nan(self.field) if self.is_float else valid

    def missing(self) -> Expression:
        """Where there is none."""
        null = self.field.is_null()
        return null | pc.is_nan(self.field) if self.is_float else null

    def text(self) -> Expression:
        """The column as texts, unpacked where they are in a dictionary."""
        return self.field.cast(pa.string()) if at.is_dictionary(self.type) else self.field


def by_itself(column: Column) -> pa.DataType:
    """How a column stands in Arrow where nobody says more than the catalogue does."""
    match column.type:
        case IntegerType():
            return pa.int64()
        case DecimalType() | MoneyType():
            return pa.decimal128(38, 0)
        case FloatType():
            return pa.float64()
        case BooleanType():
            return pa.bool_()
        case DateType():
            return pa.date32()
        case TimestampType():
            return pa.timestamp("us", None if column.zone else "UTC")
        case _:
            return pa.string()


def fits(column: Column, kind: pa.DataType) -> bool:
    """Whether a run takes a column of this kind, and pyarrow filters it."""
    match column.type:
        case IntegerType() | DecimalType() | MoneyType():
            return bool(at.is_integer(kind) or (at.is_decimal(kind) and kind.scale >= 0))
        case FloatType():
            whole = at.is_integer(kind) or (at.is_decimal(kind) and kind.scale >= 0)
            return bool(whole or at.is_float32(kind) or at.is_float64(kind))
        case BooleanType():
            return bool(at.is_boolean(kind))
        case TextType():
            inner = kind.value_type if at.is_dictionary(kind) else kind
            return bool(at.is_string(inner) or at.is_large_string(inner))
        case DateType():
            return bool(at.is_date(kind) or (at.is_timestamp(kind) and kind.tz is None))
        case TimestampType():
            return bool(at.is_timestamp(kind))
        case _:
            return False


def factor(stored: Stored) -> Fraction:
    """What a value (a number, a day, a microsecond) is multiplied by to give the whole number that is stored."""
    kind = stored.type
    if at.is_decimal(kind):
        return Fraction(10**kind.scale)
    if at.is_date64(kind):
        return Fraction(_DAY_SECONDS * 1_000)
    if at.is_timestamp(kind):
        seconds = Fraction(_DAY_SECONDS) if isinstance(stored.column.type, DateType) else Fraction(1, 1_000_000)
        return seconds * _PER_SECOND[kind.unit]
    return Fraction(1)


def range_of(kind: pa.DataType) -> tuple[int, int]:
    """The least and the most whole number that a kind stores."""
    if at.is_decimal(kind):
        most = 10**kind.precision - 1
        return -most, most
    bits = kind.bit_width
    if at.is_unsigned_integer(kind):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def constant(number: int, kind: pa.DataType) -> Any:
    """The stored whole number as a constant of the column's own type, so that nothing is cast."""
    if at.is_decimal(kind):
        digits = tuple(map(int, str(abs(number))))
        return pc.scalar(pa.scalar(Decimal((number < 0, digits, -kind.scale)), kind))
    if at.is_integer(kind):
        return pc.scalar(pa.scalar(number, kind))
    width = pa.int32() if kind.bit_width == 32 else pa.int64()
    return pc.scalar(pa.array([number], width).view(kind)[0])


def decimal(value: Fraction) -> Any | None:
    """An exact decimal constant; None where there is none, or none that Arrow holds."""
    scale = 0
    while (value * 10**scale).denominator != 1:
        scale += 1
        if scale > 38:
            return None
    number = int(value * 10**scale)
    precision = max(len(str(abs(number))), scale, 1)
    if precision > 76:
        return None
    kind = pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
    return constant(number, kind)


def float_at_least(field: Expression, value: Fraction, strict: bool) -> tuple[Test, Test]:
    """Comparisons with the double next to the bound, on the side where all doubles compare alike; NaN is on neither."""
    try:
        near = float(value)
    except OverflowError:
        near = float_info.max if value > 0 else -float_info.max
    if strict:
        bound = pc.scalar(nextafter(near, -inf) if Fraction(near) > value else near)
        return field > bound, field <= bound
    bound = pc.scalar(nextafter(near, inf) if Fraction(near) < value else near)
    return field >= bound, field < bound


def comparable(one: Stored, other: Stored) -> bool:
    """Whether two columns compare exactly as they are stored."""
    match one.column.type, other.column.type:
        case ((IntegerType() | DecimalType() | MoneyType()), (IntegerType() | DecimalType() | MoneyType())):
            return one.assumed or _widened(one.type, other.type)
        case FloatType(), FloatType():
            return one.is_float and other.is_float
        case TextType(), TextType():
            return True
        case (DateType(), DateType()) | (BooleanType(), BooleanType()):
            return bool(one.type == other.type)
        case TimestampType(), TimestampType():
            # Finer units than microseconds are cut, and local times do not keep their order where clocks skip.
            return (
                not one.assumed and bool(one.type == other.type) and one.type.tz is not None and one.type.unit != "ns"
            )
        case _:
            return False


def _widened(one: pa.DataType, other: pa.DataType) -> bool:
    """Whether Arrow has a type that holds the numbers of both."""
    if at.is_integer(one) and at.is_integer(other):
        return not any(at.is_uint64(kind) for kind in (one, other)) or bool(one == other)
    sizes = [(kind.precision, kind.scale) if at.is_decimal(kind) else (20, 0) for kind in (one, other)]
    finest = max(scale for _, scale in sizes)
    most = 76 if at.is_decimal256(one) or at.is_decimal256(other) else 38
    return all(precision + finest - scale <= most for precision, scale in sizes)


def is_listed_whole(stored: Stored) -> bool:
    """Whether a column holds nothing but stored whole numbers; or nothing at all."""
    return bool(at.is_integer(stored.type) or at.is_null(stored.type)) and isinstance(
        stored.column.type, IntegerType | DecimalType | MoneyType
    )


def is_whole(entry: str) -> bool:
    """Whether an entry of a list file spells a whole number as it is written."""
    digits = entry.removeprefix("-")
    return digits.isascii() and digits.isdigit() and str(int(entry)) == entry
