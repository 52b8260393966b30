"""Exact comparisons and sums of number vectors; None wherever 64 bits or a double cannot hold what is needed."""

from fractions import Fraction
from math import ceil, floor, inf, lcm, nextafter
from sys import float_info
from typing import Any

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags, Kind, Vector
from segrules.ir.nodes import ArithmeticOp, CompareOp
from segrules.types.types import DecimalType, FloatType, IntegerType, MoneyType, Type

_SAFE = 2**63 - 1
_EXACT_IN_DOUBLE = 2**53


def largest(data: Array) -> int:
    """The largest size (without sign) of a number in an array; 0 where it is empty."""
    if not len(data):
        return 0
    if data.strides == (0,):
        return abs(int(data[0]))
    return max(abs(int(data.max())), abs(int(data.min())))


# --- against a constant ---------------------------------------------------------------------------


def threshold(vector: Vector, bound: Fraction | int | float, *, strict: bool) -> int | float:
    """The least number `t` such that `data >= t` says `value >= bound` (`value > bound` where `strict`).

    The vector holds whole numbers without divisors, days, instants, or doubles.
    """
    if vector.kind is Kind.FLOAT:
        return _double_at_least(bound, strict=strict)
    if isinstance(bound, float):  # infinite
        return _SAFE + 1 if bound > 0 else -_SAFE - 1
    scaled = Fraction(bound) * vector.denominator
    return floor(scaled) + 1 if strict else -floor(-scaled)


def _double_at_least(bound: Fraction | int | float, *, strict: bool) -> float:
    if isinstance(bound, float):
        return bound if not strict else nextafter(bound, inf) if bound < 0 else float("nan")
    try:
        nearest = float(Fraction(bound))
    except OverflowError:
        return inf if bound > 0 else -float_info.max
    exact = Fraction(nearest)
    if exact > bound or (exact == bound and not strict):
        return nearest
    return nextafter(nearest, inf)


def at_least(vector: Vector, least: int | float) -> Flags:
    """Where `data >= least`."""
    data = vector.data
    if data.dtype.kind in "iu":
        limits = np.iinfo(data.dtype)
        if least > limits.max:
            return np.zeros(len(data), np.bool_)
        if least <= limits.min:
            return np.ones(len(data), np.bool_)
    flags: Flags = data >= least
    return flags


def divided_at_least(vector: Vector, bound: Fraction | int, *, strict: bool) -> Flags:
    """Where a number with divisors reaches a bound.

    They are compared crosswise; where 64 bits do not hold the products, every divisor has a threshold of its own.
    """
    assert vector.divisors is not None
    exact = Fraction(bound)
    factor = exact.numerator * vector.denominator
    fit = max(exact.denominator, abs(factor)) <= _SAFE
    if not fit or largest(vector.data) * exact.denominator > _SAFE or largest(vector.divisors) * abs(factor) > _SAFE:
        return _by_divisor(vector, exact, strict=strict)
    left, right = vector.data * exact.denominator, vector.divisors * factor
    return left > right if strict else left >= right


def _by_divisor(vector: Vector, bound: Fraction, *, strict: bool) -> Flags:
    assert vector.divisors is not None
    distinct, place = np.unique(vector.divisors, return_inverse=True)
    scaled = [bound * vector.denominator * divisor for divisor in distinct.tolist()]
    least = [floor(number) + 1 if strict else ceil(number) for number in scaled]
    beyond = np.array([number > _SAFE for number in least], np.bool_)
    clipped = np.array([min(max(number, -_SAFE - 1), _SAFE) for number in least], np.int64)
    flags: Flags = (vector.data >= clipped[place]) & ~beyond[place]
    return flags


# --- two vectors ----------------------------------------------------------------------------------


def comparable(one: Vector, other: Vector) -> tuple[Array, Array] | None:
    """The data of two vectors as arrays that compare as the values do; None where there are no such arrays."""
    kinds = {one.kind, other.kind}
    if kinds == {Kind.NUMBER}:
        return _on_one_denominator(one, other)
    if len(kinds) == 1 and kinds <= {Kind.FLOAT, Kind.DAY, Kind.INSTANT, Kind.FLAG}:
        return one.data, other.data
    if kinds == {Kind.NUMBER, Kind.FLOAT}:
        doubles = as_doubles(one), as_doubles(other)
        return None if doubles[0] is None or doubles[1] is None else (doubles[0], doubles[1])
    return None


def _on_one_denominator(one: Vector, other: Vector) -> tuple[Array, Array] | None:
    if one.divisors is not None or other.divisors is not None:
        return None
    common = lcm(one.denominator, other.denominator)
    found = []
    for vector in (one, other):
        factor = common // vector.denominator
        if max(largest(vector.data), 1) * factor > _SAFE:
            return None
        found.append(vector.data.astype(np.int64, copy=False) * factor if factor > 1 else vector.data)
    return found[0], found[1]


def as_doubles(vector: Vector) -> Array | None:
    """Numbers as doubles, where every one of them is exactly a double."""
    if vector.kind is Kind.FLOAT:
        return vector.data
    power_of_two = vector.denominator & (vector.denominator - 1) == 0
    exact = vector.kind is Kind.NUMBER and vector.divisors is None and power_of_two
    if not exact or largest(vector.data) > _EXACT_IN_DOUBLE:
        return None
    return vector.data.astype(np.float64) / vector.denominator


def compared(op: CompareOp, left: Array, right: Array) -> Flags:
    """One of the six comparisons."""
    flags: Flags
    match op:
        case CompareOp.EQ:
            flags = left == right
        case CompareOp.NE:
            flags = left != right
        case CompareOp.LT:
            flags = left < right
        case CompareOp.LE:
            flags = left <= right
        case CompareOp.GT:
            flags = left > right
        case CompareOp.GE:
            flags = left >= right
    return flags


# --- arithmetic -----------------------------------------------------------------------------------


def calculated(op: ArithmeticOp, one: Vector, other: Vector, of: Type) -> tuple[Kind, Array, int, Flags | None] | None:
    """Kind, data and denominator of a result, and where it is no number; None where the slow way has to be taken.

    Exact numbers stay exact; of doubles the exact result is rounded once, and stops at the largest double.
    """
    if isinstance(of, FloatType):
        doubles = as_doubles(one), as_doubles(other)
        if doubles[0] is None or doubles[1] is None:
            return None
        data, lost = _doubles(op, doubles[0], doubles[1])
        return Kind.FLOAT, data, 1, lost
    if not isinstance(of, IntegerType | DecimalType | MoneyType) or {one.kind, other.kind} != {Kind.NUMBER}:
        return None
    if one.divisors is not None or other.divisors is not None:
        return None
    exact = _exact(op, one, other)
    return None if exact is None else (Kind.NUMBER, exact[0], exact[1], None)


def _doubles(op: ArithmeticOp, a: Array, b: Array) -> tuple[Array, Flags | None]:
    with np.errstate(all="ignore"):
        data = _UFUNCS[op](a, b)
        if np.isfinite(data).all():
            return data, None
        beyond = np.isinf(data) & np.isfinite(a) & np.isfinite(b)
        data = np.where(beyond, np.copysign(float_info.max, data), data)
    lost = np.isnan(data)
    return np.where(lost, 0.0, data), lost if lost.any() else None


_UFUNCS: dict[ArithmeticOp, Any] = {
    ArithmeticOp.ADD: np.add,
    ArithmeticOp.SUBTRACT: np.subtract,
    ArithmeticOp.MULTIPLY: np.multiply,
    ArithmeticOp.DIVIDE: np.divide,
}


def _exact(op: ArithmeticOp, one: Vector, other: Vector) -> tuple[Array, int] | None:
    if op in (ArithmeticOp.ADD, ArithmeticOp.SUBTRACT):
        pair = _on_one_denominator(one, other)
        if pair is None or largest(pair[0]) + largest(pair[1]) > _SAFE:
            return None
        wide = (side.astype(np.int64, copy=False) for side in pair)
        return _UFUNCS[op](*wide), lcm(one.denominator, other.denominator)
    if op is ArithmeticOp.MULTIPLY:
        if largest(one.data) * largest(other.data) > _SAFE:
            return None
        product = one.data.astype(np.int64, copy=False) * other.data.astype(np.int64, copy=False)
        return product, one.denominator * other.denominator
    divisor = int(other.data[0]) if len(other.data) and other.data.strides == (0,) else 0
    if divisor == 0 or max(largest(one.data), 1) * other.denominator > _SAFE:
        return None
    sign = 1 if divisor > 0 else -1
    scaled = one.data.astype(np.int64, copy=False) * (other.denominator * sign)
    return scaled, one.denominator * abs(divisor)
