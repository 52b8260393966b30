"""Population figures and who is at the top, as `reference/population.py` defines them."""

import numpy as np

from segrules.backends.arrow.aggregates.pooled import Pooled, pooled_value
from segrules.backends.arrow.ordering import places
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.slow import sure
from segrules.backends.arrow.vectors import Vector, results
from segrules.ir import nodes as ir
from segrules.lowering.stages import POOLED
from segrules.reference.outcome import FigureReport
from segrules.reference.population import places_in
from segrules.reference.values import Absent, Doubt, Result


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
