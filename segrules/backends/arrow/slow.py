"""Single rows through the reference interpreter: what no vectorized operation does exactly is done by the definition.

Used for numbers beyond 64 bits, for counts in doubt that take part in arithmetic, and for mixed kinds of values.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags, Vector, of_results, results
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.reference.interpreter import Interpreter
from segrules.reference.values import Result, Truth
from segrules.reference.windows import Clock
from segrules.reference.world import Customer, Row


class RowByRow(Interpreter):
    """The interpreter with the values of some nodes given."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        super().__init__(catalogue, clock)
        self._given: Mapping[int, Result] = {}

    def truths(self, atom: ir.Condition, operands: Sequence[tuple[ir.Value, Vector]], rows: Array) -> list[Truth]:
        """What an atom says for some rows whose operands are known."""
        found = []
        for given in _given(operands, rows):
            self._given = given
            found.append(self.truth(atom, None))
        return found

    def values(self, node: ir.Value, operands: Sequence[tuple[ir.Value, Vector]], rows: Array) -> Vector:
        """A value for some rows whose operands are known."""
        found = []
        for given in _given(operands, rows):
            self._given = given
            found.append(super().value(node, None))
        return of_results(found)

    def value(self, node: ir.Value, customer: Customer | None, row: Row | None = None) -> Result:
        """The given value of a node, or what a literal says."""
        given = self._given.get(id(node), _NOT_GIVEN)
        return super().value(node, customer, row) if given is _NOT_GIVEN else given  # type: ignore[return-value]


_NOT_GIVEN = object()


def _given(operands: Sequence[tuple[ir.Value, Vector]], rows: Array) -> list[Mapping[int, Result]]:
    columns = [(id(node), results(vector, rows)) for node, vector in operands]
    return [{key: values[at] for key, values in columns} for at in range(len(rows))]


def doubtful_rows(operands: Sequence[Vector]) -> Array:
    """The rows in which a number is in doubt."""
    rows: set[int] = set()
    for vector in operands:
        rows.update(vector.doubts)
        if vector.upper is not None:
            rows.update(np.flatnonzero(vector.upper != vector.data).tolist())
    return np.array(sorted(rows), np.int64)


def sure(vector: Vector) -> Flags | None:
    """Where a value is present and beyond doubt; everywhere where this is None."""
    if vector.upper is None:
        return vector.present
    certain: Flags = vector.upper == vector.data
    return certain if vector.present is None else certain & vector.present
