"""Tells which stretches of a table can be left unread: those in which no customer can be in anything.

The program itself is run over what is known of a stretch, its smallest and largest values: a row of bits is true where
some customer of the stretch may be. Where no root may be true, nobody in there is a member or in a stage.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from segrules.backends.arrow.atoms import edge_number
from segrules.backends.arrow.vectors import Kind
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.lowering import leaves
from segrules.lowering.edges import Edge
from segrules.lowering.program import FALSE, TRUE, Operation, Plane, Program, Side
from segrules.reference.windows import Clock
from segrules.sources.blocks import Statistics
from segrules.types.instants import day_number, microseconds

Test = Callable[[Statistics], bool]
"""Whether some row of a stretch may be on one side of a leaf."""


def pruning(program: Program, catalogue: Catalogue, clock: Clock) -> Callable[[Mapping[str, Statistics]], bool] | None:
    """Whether a stretch of the customers' own table, of which some columns' statistics are known, has to be read.

    None where every stretch has to be, since it is asked who does not qualify.
    """
    if any(root.plane is Plane.QUALIFIES_NOT for root in program.roots) or not program.roots:
        return None
    abstract: list[_Abstract] = []

    def keep(statistics: Mapping[str, Statistics]) -> bool:
        if not abstract:
            abstract.append(_Abstract(program, catalogue, clock))
        return abstract[0].may_be(statistics)

    return keep


_Node = tuple[int, int]
"""What stands in a row at some time: (0, a plane), (1, an operation) or (2, a constant)."""


class _Abstract:
    """A program over one row that stands for all customers of a stretch."""

    def __init__(self, program: Program, catalogue: Catalogue, clock: Clock) -> None:
        self._tests = _tests(program, catalogue, clock)
        standing: dict[int, _Node] = {TRUE: (2, 1), FALSE: (2, 0)}
        standing |= {row: (0, plane) for plane, row in enumerate(program.plane_row.tolist())}
        self._steps: list[tuple[int, _Node, _Node]] = []
        columns = (program.operations, program.left, program.right, program.target)
        for operation, left, right, target in zip(*(column.tolist() for column in columns), strict=True):
            self._steps.append((operation, standing[left], standing[right]))
            standing[target] = (1, len(self._steps) - 1)
        # Most stretches have somebody for the first root already, so roots are worked out one by one.
        self._roots = [(node, self._below(node)) for node in map(standing.__getitem__, program.root_row.tolist())]

    def _below(self, root: _Node) -> list[int]:
        """The operations that a node needs, in order."""
        found: set[int] = set()
        todo = [root]
        while todo:
            kind, number = todo.pop()
            if kind == 1 and number not in found:
                found.add(number)
                todo += self._steps[number][1:]
        return sorted(found)

    def may_be(self, statistics: Mapping[str, Statistics]) -> bool:
        """Whether some customer of the stretch may be in anything."""
        known: dict[_Node, bool] = {(2, 1): True, (2, 0): False}

        def value(node: _Node) -> bool:
            if node not in known:
                known[node] = self._possible(node[1], statistics)
            return known[node]

        for root, steps in self._roots:
            for step in steps:
                operation, left, right = self._steps[step]
                if operation == Operation.AND:
                    known[1, step] = value(left) and value(right)
                elif operation == Operation.OR:
                    known[1, step] = value(left) or value(right)
                else:
                    # Where somebody may be on a side, somebody else may be on the other one.
                    known[1, step] = True
            if value(root):
                return True
        return False

    def _possible(self, plane: int, statistics: Mapping[str, Statistics]) -> bool:
        name, test = self._tests.get(plane, ("", None))
        of_column = statistics.get(name)
        return test is None or of_column is None or test(of_column)


def _tests(program: Program, catalogue: Catalogue, clock: Clock) -> dict[int, tuple[str, Test]]:
    """By number of the plane: the column that it is about, and the test of that column's statistics."""
    table = catalogue.customers.table
    own = catalogue.tables[table].columns if table is not None else {}
    found: dict[int, tuple[str, Test]] = {}
    for plane, (number, side) in enumerate(zip(program.plane_leaf.tolist(), program.plane_side.tolist(), strict=True)):
        leaf = program.leaves[number]
        if isinstance(leaf, leaves.Tested | leaves.HasConsent | leaves.Suppressed):
            continue
        value = program.values[leaf.value]
        if not isinstance(value, ir.Attribute) or value.name not in own or own[value.name].derive is not None:
            continue
        test = _test(leaf, Side(side), clock)
        if test is not None:
            found[plane] = (value.name, test)
    return found


def _test(leaf: leaves.Leaf, side: Side, clock: Clock) -> Test | None:
    match leaf:
        case leaves.AtLeast(_, bound, strict):
            return _reaching(bound, strict, clock) if side is Side.YES else _below(bound, strict, clock)
        case leaves.Member(_, texts) if side is Side.YES:
            return lambda known: _some_value(known) and any(_within(text, known) for text in texts)
        case leaves.IsKnown() if side is Side.YES:
            return _some_value
        case leaves.IsKnown():
            return lambda known: known.nulls is None or known.nulls > 0
        case _:
            return None


def _some_value(known: Statistics) -> bool:
    return known.nulls is None or known.nulls < known.rows


def _within(text: str, known: Statistics) -> bool:
    if not isinstance(known.minimum, str) or not isinstance(known.maximum, str):
        return True
    return known.minimum <= text <= known.maximum


def _reaching(bound: leaves.Bound, strict: bool, clock: Clock) -> Test:
    def test(known: Statistics) -> bool:
        if known.maximum is None:
            return _some_value(known)
        most, least = _pair(known.maximum, bound, clock)
        return _some_value(known) and bool(most > least if strict else most >= least)

    return test


def _below(bound: leaves.Bound, strict: bool, clock: Clock) -> Test:
    def test(known: Statistics) -> bool:
        if known.minimum is None:
            return _some_value(known)
        least, end = _pair(known.minimum, bound, clock)
        return _some_value(known) and bool(least <= end if strict else least < end)

    return test


def _pair(value: Any, bound: leaves.Bound, clock: Clock) -> tuple[Any, Any]:
    """A value and a bound on one scale; edges of windows become days or instants as the value is one."""
    if not isinstance(bound, Edge):
        return value, bound
    if isinstance(value, datetime):
        return microseconds(value), edge_number(bound, Kind.INSTANT, clock)
    assert isinstance(value, date)
    return day_number(value), edge_number(bound, Kind.DAY, clock)
