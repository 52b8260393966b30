"""What tests of a program cost together with all that they need: values of events and scores, each counted once."""

from collections.abc import Iterable, Sequence

from segrules.ir import nodes as ir
from segrules.lowering import leaves
from segrules.lowering.costs import PRICES, Cost, crowd_cost, leaf_cost, operations_cost, source_cost, total
from segrules.lowering.definitions import Definitions, Reads
from segrules.lowering.stages import value_of


class Costs:
    """The costs of leaves, by their numbers; what was reckoned once is known."""

    def __init__(self, definitions: Definitions, numbered: Sequence[leaves.Leaf], values: Sequence[ir.Value]) -> None:
        self._definitions = definitions
        self._leaves = numbered
        self._values = values
        self._known: dict[int, tuple[Cost, frozenset[int]]] = {}
        self._numbers: dict[object, int] = {}
        self._needs: list[Cost] = []

    def of(self, tests: Iterable[int], operations: int) -> Cost:
        """The cost of some leaves, of all that these need, and of so many operations."""
        found = [self._leaf(test) for test in sorted(tests)]
        needed = sorted(frozenset().union(*(needs for _, needs in found)))
        return total(
            (*(cost for cost, _ in found), *(self._needs[need] for need in needed), operations_cost(operations))
        )

    def _leaf(self, number: int) -> tuple[Cost, frozenset[int]]:
        if number not in self._known:
            leaf = self._leaves[number]
            self._known[number] = leaf_cost(leaf, self._values), frozenset(self._needed(leaf))
        return self._known[number]

    def _needed(self, leaf: leaves.Leaf) -> Iterable[int]:
        """The values of events and the scores that a leaf needs, names followed."""
        reads = Reads(self._definitions)
        value = value_of(leaf)
        if value is not None:
            reads.add(self._values[value])
        elif isinstance(leaf, leaves.Tested):
            reads.add(leaf.atom)
        for source in reads.sources:
            yield self._number(source, source_cost(source))
        for score in reads.scores:
            yield self._number(score, Cost(PRICES["score"].nanoseconds))
        for node in reads.crowds:
            yield self._number(node, crowd_cost(node))

    def _number(self, need: object, cost: Cost) -> int:
        number = self._numbers.setdefault(need, len(self._needs))
        if number == len(self._needs):
            self._needs.append(cost)
        return number
