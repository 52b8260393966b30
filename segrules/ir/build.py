"""The only way to make joined and computed nodes: flattens `and` and `or`, folds constants, keeps places."""

from collections.abc import Sequence
from fractions import Fraction

from segrules.ir.nodes import And, Arithmetic, ArithmeticOp, Condition, Fixed, Literal, Not, Or, Value
from segrules.text.span import NOWHERE, Span
from segrules.types.types import DecimalType, FloatType, IntegerType, MoneyType, Type


def conjunction(items: Sequence[Condition], span: Span = NOWHERE) -> Condition:
    """All of `items`; true for none of them.

    >>> conjunction([Fixed(True)])
    Fixed(value=True, span=Span(path='', line=0, column=0, end_line=0, end_column=0))
    """
    flat = tuple(part for item in items for part in (item.items if isinstance(item, And) else (item,)))
    if not flat:
        return Fixed(True, span)
    return flat[0] if len(flat) == 1 else And(flat, span)


def disjunction(items: Sequence[Condition], span: Span = NOWHERE) -> Condition:
    """Any of `items`; false for none of them."""
    flat = tuple(part for item in items for part in (item.items if isinstance(item, Or) else (item,)))
    if not flat:
        return Fixed(False, span)
    return flat[0] if len(flat) == 1 else Or(flat, span)


def negation(item: Condition, span: Span = NOWHERE) -> Condition:
    """The opposite; two negations cancel, as they do in three-valued logic."""
    return item.item if isinstance(item, Not) else Not(item, span)


def arithmetic(op: ArithmeticOp, left: Value, right: Value, result: Type, span: Span = NOWHERE) -> Value:
    """An operation, computed at once where both sides are constants (the divisor is never zero)."""
    if isinstance(left, Literal) and isinstance(right, Literal):
        value = compute(op, _number(left), _number(right))
        return Literal(rounded(value, result), result, span)
    return Arithmetic(op, left, right, result, span)


def compute(op: ArithmeticOp, left: Fraction, right: Fraction) -> Fraction:
    """The exact result."""
    match op:
        case ArithmeticOp.ADD:
            return left + right
        case ArithmeticOp.SUBTRACT:
            return left - right
        case ArithmeticOp.MULTIPLY:
            return left * right
        case ArithmeticOp.DIVIDE:
            return left / right


def rounded(value: Fraction, of: Type) -> Fraction | int:
    """The number as its type holds it: the nearest double for approximate numbers, int for whole ones, else exact.

    A value beyond the largest double becomes the largest double, with its sign.
    """
    match of:
        case FloatType():
            try:
                return Fraction(float(value))
            except OverflowError:
                return Fraction(1.7976931348623157e308) * (1 if value > 0 else -1)
        case IntegerType() if value.denominator == 1:
            return int(value)
        case _:
            return value


def _number(literal: Literal) -> Fraction:
    # Invariant: only numbers and amounts of money come here; semantics has checked the types.
    assert isinstance(literal.type, IntegerType | DecimalType | FloatType | MoneyType)
    assert isinstance(literal.value, int | Fraction)
    return Fraction(literal.value)
