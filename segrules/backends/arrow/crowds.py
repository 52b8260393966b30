"""Population figures and who is at the top, as `reference/population.py` defines them."""

from collections.abc import Callable

import numpy as np

from segrules.backends.arrow.aggregates.pooled import Pooled, pooled_value
from segrules.backends.arrow.atoms import Atom
from segrules.backends.arrow.ordering import places
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.slow import sure
from segrules.backends.arrow.vectors import Vector, constant, missing, results
from segrules.ir import nodes as ir
from segrules.lowering.stages import POOLED
from segrules.reference.interpreter import calculated
from segrules.reference.outcome import FigureReport
from segrules.reference.population import places_in
from segrules.reference.values import NONE, Absent, Doubt, Result


def figure_of_customers(node: ir.Figure, among: Planes | None, of: Vector) -> tuple[Result, FigureReport]:
    """A figure over one value of every customer known to be among."""
    state = Pooled(POOLED[node.kind], node.of)
    state.take(of if among is None else of.take(np.flatnonzero(among.true)))
    doubtful = 0 if among is None else int(np.count_nonzero(among.unknown))
    return figure_report(node, pooled_value(node, [state]), state.counted, state.without, doubtful)


def figure_report(
    node: ir.Figure, value: Result, counted: int, without: int, doubtful: int
) -> tuple[Result, FigureReport]:
    """A figure, and what is told of it."""
    shown = None if isinstance(value, Absent | Doubt) else value
    return value, FigureReport(node, shown, counted, without, doubtful)


def top(node: ir.Top, among: Planes | None, by: Vector) -> tuple[Planes, FigureReport]:
    """Who is in: at least as good as the last of the best values that can be in."""
    present = sure(by)
    certain = np.ones(len(by), np.bool_) if present is None else present
    inside = certain if among is None else certain & among.true
    ranked = np.flatnonzero(inside)
    values = by.take(ranked)
    n = len(ranked)
    count = places_in(node, n)
    true = np.zeros(len(by), np.bool_)
    last = None
    if count:
        numbers = places(values, node.by.type)
        at = n - count if node.end is ir.End.TOP else count - 1
        chosen = int(np.argpartition(numbers, at)[at])
        limit = numbers[chosen]
        true[ranked] = numbers >= limit if node.end is ir.End.TOP else numbers <= limit
        last = results(values, np.array([chosen]))[0]
    false = inside & ~true
    if among is not None:
        false |= among.false
    if by.none is not None:
        false |= by.none if among is None else by.none & among.true
    asked = len(by) if among is None else int(np.count_nonzero(among.true))
    doubtful = 0 if among is None else int(np.count_nonzero(among.unknown))
    return Planes(true, false), FigureReport(node, last, n, asked - n, doubtful)  # type: ignore[arg-type]


def for_all(value: Result, rows: int) -> Vector:
    """A figure as a column: the same in every row."""
    if value is NONE:
        return Vector(missing(rows).kind, np.zeros(rows, np.int64), np.zeros(rows, np.bool_), np.ones(rows, np.bool_))
    return missing(rows) if isinstance(value, Absent | Doubt) else constant(value, rows)


def settled(
    node: ir.Expression, figure: Callable[[ir.Figure], Result], body: Callable[[str], ir.Expression]
) -> ir.Literal | None:
    """What is made of figures and constants alone as a constant, where there is such a value."""
    match node:
        case ir.Literal():
            return node
        case ir.DefinedValue(name):
            return settled(body(name), figure, body)
        case ir.Figure(type=of):
            value = figure(node)
            return None if isinstance(value, Absent | Doubt | float) else ir.Literal(value, of)
        case ir.Arithmetic(op, left, right, type=of):
            one, other = settled(left, figure, body), settled(right, figure, body)
            if one is None or other is None:
                return None
            number = calculated(op, one.value, other.value, of)
            return None if isinstance(number, float) else ir.Literal(number, of)
        case _:
            return None


def with_constants(atom: Atom, constant_of: Callable[[ir.Value], ir.Literal | None]) -> Atom:
    """A comparison whose sides are constants where they can be, since columns are compared with constants fast."""
    match atom:
        case ir.Compare(op, left, right, ignoring_case):
            return ir.Compare(op, constant_of(left) or left, constant_of(right) or right, ignoring_case)
        case ir.Between(value, low, high):
            return ir.Between(value, constant_of(low) or low, constant_of(high) or high)
        case _:
            return atom
