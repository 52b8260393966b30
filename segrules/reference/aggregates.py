"""One value out of several: totals, averages, first and last, distinct counts."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, assert_never

from segrules.ir.build import rounded
from segrules.ir.nodes import AggregateKind
from segrules.reference.values import MISSING, Plain, Result
from segrules.types.types import FloatType, TextType, Type


def aggregate(kind: AggregateKind, values: Sequence[Plain], of: Type, result: Type) -> Result:
    """What `kind` makes of one or more values, in order of time; `of` is their type.

    Totals and averages are exact; over approximate numbers the exact result is rounded once.
    A median is the lower middle value. Ties of `most frequent` go to the value seen last.
    """
    key = order_key(of)
    match kind:
        case AggregateKind.TOTAL:
            return _finished(_sum(values), result)
        case AggregateKind.AVERAGE:
            return _average(values, result)
        case AggregateKind.MEDIAN:
            return sorted(values, key=key)[(len(values) - 1) // 2]
        case AggregateKind.SMALLEST:
            return min(values, key=key)
        case AggregateKind.LARGEST:
            return max(values, key=key)
        case AggregateKind.DISTINCT:
            return len(set(values))
        case AggregateKind.FIRST | AggregateKind.ONLY:
            return values[0]
        case AggregateKind.LAST:
            return values[-1]
        case AggregateKind.MOST_FREQUENT:
            return most_frequent(values)
        case AggregateKind.NUMBER:
            return len(values)
        case _:
            assert_never(kind)


def most_frequent(values: Sequence[Plain]) -> Plain:
    """The value that occurs most; of several the one seen last."""
    last = {value: place for place, value in enumerate(values)}
    counts = dict.fromkeys(values, 0)
    for value in values:
        counts[value] += 1
    return max(counts, key=lambda value: (counts[value], last[value]))


def order_key(of: Type) -> Callable[[Any], Any]:
    """How values of a type are ordered: a closed list by its own order, all else as Python has it."""
    if isinstance(of, TextType) and of.ordered and of.values is not None:
        places = {value: place for place, value in enumerate(of.values)}
        return lambda value: places.get(value, -1)
    return lambda value: value


def _sum(values: Sequence[Any]) -> int | Fraction | float:
    """The sum of numbers; beside an infinite one all others count for nothing, however large they are."""
    infinite = [value for value in values if isinstance(value, float)]
    return sum(infinite or values)


def _average(values: Sequence[Any], result: Type) -> Result:
    total = _sum(values)
    exact = total / len(values) if isinstance(total, float) else Fraction(total) / len(values)
    return _finished(exact, result)


def _finished(number: int | Fraction | float, result: Type) -> Result:
    if isinstance(number, float):  # infinite, or infinity less infinity
        return MISSING if number != number else number
    return rounded(Fraction(number), result) if isinstance(result, FloatType) else number
