"""Terms joined by AND and OR: turned, put side by side, and made into one balanced expression of pyarrow."""

from dataclasses import dataclass
from typing import assert_never

from segrules.backends.arrow.expression_columns import Test
from segrules.lowering.program import Operation, Side


@dataclass(frozen=True, slots=True)
class LeafSide:
    """One side of a leaf; `turned` where it is not on that side, in doubt or missing."""

    leaf: int
    side: Side
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Terms joined by AND or OR, with the number of leaves below."""

    operation: Operation
    parts: "tuple[Term, ...]"
    size: int


Term = bool | LeafSide | Joined


Tree = Test | tuple[Operation, "tuple[Tree, ...]"]
"""Tests joined by AND or OR, before it is known how deep that is."""


def _size(term: Term) -> int:
    return term.size if isinstance(term, Joined) else 1


def join(operation: Operation, left: Term, right: Term) -> Joined:
    """Two terms side by side; what is joined alike already becomes one row of terms."""
    parts = tuple(
        part
        for term in (left, right)
        for part in (term.parts if isinstance(term, Joined) and term.operation == operation else (term,))
    )
    return Joined(operation, parts, _size(left) + _size(right))


def turned_over(term: Term) -> Term:
    """Where a term does not hold."""
    match term:
        case bool():
            return not term
        case LeafSide(leaf, side, turned):
            return LeafSide(leaf, side, not turned)
        case Joined(operation, parts, size):
            other = Operation.OR if operation == Operation.AND else Operation.AND
            return Joined(other, tuple(turned_over(part) for part in parts), size)
        case _:
            assert_never(term)


def built(tree: Tree) -> tuple[Test, int]:
    """The expression, and how deep it is; a long row of terms becomes a balanced tree."""
    if not isinstance(tree, tuple):
        return tree, 3  # such as `valid & ~is_nan(field)`
    operation, parts = tree
    final = operation == Operation.OR
    made = [built(part) for part in parts]
    if any(test is final for test, _ in made):
        return final, 0
    made = [(test, depth) for test, depth in made if not isinstance(test, bool)]
    if not made:
        return not final, 0
    while len(made) > 1:
        pairs = zip(made[::2], made[1::2], strict=False)
        joined = [(a | b if final else a & b, 1 + max(m, n)) for (a, m), (b, n) in pairs]
        made = joined + made[len(joined) * 2 :]
    return made[0]
