"""Population figures as constants: columns are compared with them the way they are with constants of the rules."""

from collections.abc import Callable

import numpy as np

from segrules.backends.arrow.atoms import Atom
from segrules.backends.arrow.vectors import Vector, constant, missing
from segrules.ir import nodes as ir
from segrules.reference.interpreter import calculated
from segrules.reference.values import NONE, Absent, Doubt, Result


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
