"""One value for everybody, and who is at the top: values of a population into figures."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import ceil
from typing import Any, assert_never

from segrules.ir import nodes as ir
from segrules.ir.walk import descendants
from segrules.reference.aggregates import aggregate, order_key
from segrules.reference.outcome import FigureReport
from segrules.reference.values import NONE, Absent, Doubt, Plain, Result, Truth
from segrules.types.types import Type

Crowd = ir.Figure | ir.Top
"""What is worked out over everybody before any customer is looked at."""


def crowds_of(expressions: Iterable[ir.Expression]) -> list[Crowd]:
    """Every figure and every `top` in some expressions, each once, behind those that it needs."""
    found = [node for item in expressions for node in descendants(item) if isinstance(node, Crowd)]
    return list(dict.fromkeys(reversed(found)))


def figure(node: ir.Figure, values: Sequence[Plain]) -> Result:
    """What a figure makes of the values that take part; they may be none at all."""
    if not values:
        return 0 if node.kind is ir.FigureKind.TOTAL else NONE
    of, result = node.of.type, node.type
    match node.kind:
        case ir.FigureKind.TOTAL:
            return aggregate(ir.AggregateKind.TOTAL, values, of, result)
        case ir.FigureKind.AVERAGE:
            return aggregate(ir.AggregateKind.AVERAGE, values, of, result)
        case ir.FigureKind.MEDIAN | ir.FigureKind.SMALLEST | ir.FigureKind.LARGEST | ir.FigureKind.PERCENTILE:
            return sorted(values, key=order_key(of))[place_of(node, len(values))]
        case _:
            assert_never(node.kind)


def place_of(node: ir.Figure, count: int) -> int:
    """Which of so many values in their order a figure is: the first that at least `percent` of them do not exceed.

    A median is the percentile 50, which is the lower middle value; the smallest value is the percentile 0.
    """
    match node.kind:
        case ir.FigureKind.SMALLEST:
            return 0
        case ir.FigureKind.LARGEST:
            return count - 1
        case ir.FigureKind.MEDIAN:
            return (count - 1) // 2
        case _:
            assert node.percent is not None
            return max(ceil(node.percent * count / 100) - 1, 0)


def places_in(node: ir.Top, count: int) -> int:
    """So many values of `count`, the best ones, can be in; all that equal the last of them are in, too."""
    if node.number is not None:
        return min(node.number, count)
    assert node.percent is not None
    return min(ceil(Fraction(node.percent * count, 100)), count)


def top(node: ir.Top, among: Sequence[Truth], values: Sequence[Result]) -> tuple[list[Truth], FigureReport]:
    """Who is in, for every customer: false outside `among`, unknown where `among` or the value is.

    A customer is in where fewer than `number` customers, or than `percent` of the n that take part, have a strictly
    better value.
    """
    ranked = [place for place, truth in enumerate(among) if truth is True and there(values[place])]
    better = _better(node, [values[place] for place in ranked], node.by.type)
    n = len(ranked)
    inside: dict[int, bool] = {}
    for place, count in zip(ranked, better, strict=True):
        inside[place] = count < node.number if node.number is not None else count * 100 < _percent(node) * n
    found: list[Truth] = []
    for place, truth in enumerate(among):
        if truth is False or (truth is True and values[place] is NONE):
            found.append(False)
        else:
            found.append(inside.get(place))
    passed: list[Any] = [values[place] for place in ranked if inside[place]]
    choose: Callable[..., Any] = min if node.end is ir.End.TOP else max
    last = choose(passed, key=order_key(node.by.type)) if passed else None
    without = sum(truth is True for truth in among) - n
    return found, FigureReport(node, last, n, without, sum(truth is None for truth in among))


def _percent(node: ir.Top) -> Fraction:
    assert node.percent is not None
    return node.percent


def _better(node: ir.Top, values: Sequence[Any], of: Type) -> list[int]:
    """For each value how many of them are strictly better."""
    key = order_key(of)
    ordered = sorted((key(value) for value in values), reverse=node.end is ir.End.TOP)
    first = {value: place for place, value in reversed(list(enumerate(ordered)))}
    return [first[key(value)] for value in values]


def there(value: Result) -> bool:
    """Whether there is a value beyond doubt."""
    return not isinstance(value, Absent | Doubt)
