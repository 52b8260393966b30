"""What rows of a model had better satisfy to be those of a customer, where not all is followed that rules ask.

It guides the search for a customer; no proof rests on it.
"""

from typing import TypeVar

from segrules.ir import nodes as ir
from segrules.proofs.encoding import counting
from segrules.proofs.encoding.cells import is_among
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.meanings import Free
from segrules.proofs.encoding.problem import Problem
from segrules.proofs.encoding.rows import Plane
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.logic import Formula, Var, at_least, at_most, every, same, some

_Node = TypeVar("_Node", ir.Events, ir.DaysBetween)
_LONG = 60
"""Rows that lie so many days apart are mostly told apart by their time."""


def likely(encoder: Encoder, posed: Problem) -> tuple[Formula, ...]:
    """What is likely to come out as the model says, each by itself."""
    found: list[Formula] = [_close_or_apart(encoder, posed, var, node) for var, node in _asked(posed, ir.DaysBetween)]
    for var, node in _asked(posed, ir.Events):
        if var.name.endswith(" most"):
            parts = counting.parts_of(encoder, node)
            rows = counting.rows_in(parts, Plane.SURE) + counting.rows_in(parts, Plane.DOUBT)
            # Where no row is to be followed by another, it is safest that there is none.
            found.append(some((at_least(var, 1), sums.less_or_equal(rows, sums.just(0)))))
    guessed = [at_most(cell.count, 0) for cell in posed.cells.cells if cell.kind.guessed]
    return (*found, every(guessed)) if guessed else tuple(found)


def _close_or_apart(encoder: Encoder, posed: Problem, gap: Var, node: ir.DaysBetween) -> Formula:
    """Most rows have another one in the same stretch of time, or where they are to lie far apart none has."""
    parts = counting.parts_of(encoder, node.events)
    by_stretch: dict[object, list[Var]] = {}
    for cell in posed.cells.cells:
        if any(cell.event == rows.event and is_among(cell, rows, True) for rows in parts):
            by_stretch.setdefault((cell.event, cell.stretch), []).append(cell.count)
    used = {}
    for place, counts in enumerate(by_stretch.values()):
        used[Var(f"{gap.name} in {place}", low=0, high=1)] = sums.total((1, count) for count in counts)
    rows = sums.total((1, count) for counts in by_stretch.values() for count in counts)
    taken = sums.total((1, var) for var in used)
    there = [same(sums.less_or_equal(sums.just(1), count), at_least(var, 1)) for var, count in used.items()]
    close = every((at_most(gap, 0), sums.less_or_equal(taken.times(2), rows)))
    return every((*there, some((close, every((at_least(gap, _LONG), sums.less_or_equal(rows, taken)))))))


def _asked(posed: Problem, of: type[_Node]) -> list[tuple[Var, _Node]]:
    found = []
    for var in posed.variables:
        node = var.meaning.node if isinstance(var.meaning, Free) else None
        if isinstance(node, of):
            found.append((var, node))
    return found
