"""What holds between totals and the numbers of rows that are added up: no rows, no total."""

from collections.abc import Iterable

from segrules.proofs.encoding.rows import Plane, Total, number
from segrules.proofs.formulas.logic import Formula, Var, at_least, is_equal, some


def rows_of_totals(used: Iterable[Var]) -> tuple[tuple[Var, ...], tuple[Formula, ...]]:
    """The numbers of the rows that totals add up, and that a total is 0 where its number is; each once, in order."""
    facts: dict[Formula, None] = {}
    numbers: dict[Var, None] = {}
    for var in used:
        if isinstance(var.meaning, Total):
            rows = number(var.meaning.rows, Plane.SURE)
            numbers[rows] = None
            facts[some((at_least(rows, 1), is_equal(var, 0)))] = None
    return tuple(numbers), tuple(facts)
