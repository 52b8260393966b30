"""The flat program: arrays of operations on rows of bits, one bit for each customer.

Invariant: it holds nothing but arrays and the leaves that fill its first rows, so that any interpreter can run it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from segrules.ir import nodes as ir
from segrules.lowering.leaves import Leaf

Int32 = npt.NDArray[np.int32]


class Operation(IntEnum):
    """What an operation does with the bits of two rows; `NOT` looks at the left one only."""

    AND = 0
    OR = 1
    NOT = 2


class Side(IntEnum):
    """Which side of a leaf a row of bits holds."""

    YES = 0
    NO = 1


class Plane(IntEnum):
    """What a root says of a customer."""

    QUALIFIES = 0
    QUALIFIES_NOT = 1
    MEMBER = 2
    STAGE = 3
    HELD_OUT = 4


@dataclass(frozen=True, slots=True)
class Root:
    """What a row of bits means at the end; `stage` is set for stages of the partition `name`."""

    plane: Plane
    name: str
    stage: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Fill rows from leaves, run the operations in order, read the roots.

    `values` are what leaves test, by number. `leaves[plane_leaf[i]]`, its side `plane_side[i]`, goes into row
    `plane_row[i]`. Operation `k` reads rows `left[k]` and `right[k]` and writes row `target[k]`. `root_row[j]` holds
    `roots[j]` at the end. There are `rows` rows; row 0 is always true, row 1 always false.
    """

    values: tuple[ir.Value, ...]
    leaves: tuple[Leaf, ...]
    plane_leaf: Int32
    plane_side: npt.NDArray[np.uint8]
    plane_row: Int32
    operations: npt.NDArray[np.uint8]
    left: Int32
    right: Int32
    target: Int32
    roots: tuple[Root, ...]
    root_row: Int32
    rows: int


TRUE, FALSE = 0, 1
"""The nodes, and the rows, of the two constants."""


class Nodes:
    """Nodes of a program while it is made: equal ones are made once, constants are folded."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        """All leaves by their numbers, those included that nothing needs."""
        self._numbers: dict[Leaf, int] = {}
        self._made: dict[tuple[int, int, int], int] = {}
        # What each node is: an operation and its two operands, or (-1, leaf, side).
        self._what: list[tuple[int, int, int]] = [(-2, 0, 0), (-2, 1, 0)]

    def leaf(self, leaf: Leaf, side: Side) -> int:
        """One side of a leaf."""
        number = self._numbers.setdefault(leaf, len(self.leaves))
        if number == len(self.leaves):
            self.leaves.append(leaf)
        return self._node((-1, number, int(side)))

    def all_of(self, nodes: Sequence[int]) -> int:
        """The and of nodes; true for none of them."""
        return self._joined(Operation.AND, nodes, neutral=TRUE, final=FALSE)

    def any_of(self, nodes: Sequence[int]) -> int:
        """The or of nodes; false for none of them."""
        return self._joined(Operation.OR, nodes, neutral=FALSE, final=TRUE)

    def opposite(self, node: int) -> int:
        """Every bit turned."""
        if node in (TRUE, FALSE):
            return FALSE if node == TRUE else TRUE
        operation, item, _ = self._what[node]
        return item if operation == Operation.NOT else self._node((int(Operation.NOT), node, node))

    def _joined(self, operation: Operation, nodes: Sequence[int], *, neutral: int, final: int) -> int:
        # Operands stand in the order in which they were made, so that rules that begin alike share their beginning.
        distinct = sorted(set(nodes) - {neutral})
        if final in distinct:
            return final
        if not distinct:
            return neutral
        made = distinct[0]
        for node in distinct[1:]:
            made = self._node((int(operation), made, node))
        return made

    def _node(self, what: tuple[int, int, int]) -> int:
        found = self._made.get(what)
        if found is None:
            found = self._made[what] = len(self._what)
            self._what.append(what)
        return found

    def finished(self, values: Sequence[ir.Value], roots: Mapping[Root, int]) -> Program:
        """The program for some roots; nodes that no root needs are left out, rows are used again once they are free."""
        live = self._live(roots.values())
        last_use = self._last_uses(live, roots.values())
        row_of = {TRUE: 0, FALSE: 1}
        free: list[int] = []
        rows = 2
        planes: list[tuple[int, int, int]] = []
        leaves: dict[int, int] = {}
        for node in live:
            operation, leaf, side = self._what[node]
            if operation == -1:
                row_of[node] = rows
                planes.append((leaves.setdefault(leaf, len(leaves)), side, rows))
                rows += 1
        steps: list[tuple[int, int, int, int]] = []
        for node in live:
            operation, left, right = self._what[node]
            if operation < 0:
                continue
            at = (row_of[left], row_of[right])
            free.extend(row_of[item] for item in {left, right} if last_use.get(item) == node)
            if not free:
                free.append(rows)
                rows += 1
            row_of[node] = free.pop()
            steps.append((operation, *at, row_of[node]))
        table = np.array(steps, np.int32).reshape(-1, 4)
        filled = np.array(planes, np.int32).reshape(-1, 3)
        return Program(
            tuple(values),
            tuple(self.leaves[leaf] for leaf in leaves),
            filled[:, 0],
            filled[:, 1].astype(np.uint8),
            filled[:, 2],
            table[:, 0].astype(np.uint8),
            table[:, 1],
            table[:, 2],
            table[:, 3],
            tuple(roots),
            np.array([row_of[node] for node in roots.values()], np.int32),
            rows,
        )

    def below(self, node: int) -> tuple[frozenset[int], int]:
        """The numbers of the leaves that a node needs, and how many operations."""
        live = [self._what[each] for each in self._live([node])]
        tests = frozenset(leaf for operation, leaf, _ in live if operation == -1)
        return tests, sum(1 for operation, _, _ in live if operation >= 0)

    def _live(self, roots: Collection[int]) -> list[int]:
        found: set[int] = set()
        todo = [node for node in roots if node > FALSE]
        while todo:
            node = todo.pop()
            if node in found or node <= FALSE:
                continue
            found.add(node)
            operation, left, right = self._what[node]
            if operation >= 0:
                todo += (left, right)
        # Invariant: a node is made after its operands, so this order is one in which it can be worked out.
        return sorted(found)

    def _last_uses(self, live: Sequence[int], roots: Collection[int]) -> dict[int, int]:
        last: dict[int, int] = {}
        for node in live:
            operation, left, right = self._what[node]
            if operation >= 0:
                last[left] = last[right] = node
        for node in (TRUE, FALSE, *roots):
            last.pop(node, None)
        return last
