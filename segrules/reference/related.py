"""Rows of related tables, and customers who share the key of a relation."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Relation
from segrules.reference.values import MISSING, NONE, Doubt, Result, Truth, both, either, opposite
from segrules.reference.world import Customer, Row
from segrules.types.cells import Cell, Key

Ask = Callable[[ir.Condition, Customer], Truth]
"""Tells what a condition says of a customer."""


@dataclass
class Related:
    """What the relations of a catalogue lead to, for all customers.

    `rows` are those of related tables by relation and key. What was said of a customer is remembered, since everybody
    with the same key asks it again.
    """

    relations: Mapping[str, Relation]
    rows: Mapping[str, Mapping[Key, Row]]
    customers: Sequence[Customer]
    _sharing: dict[str, dict[Cell, list[Customer]]] = field(default_factory=dict)
    _said: dict[tuple[int, Key], Truth] = field(default_factory=dict)

    def column(self, relation: str, column: str, customer: Customer) -> Result:
        """`account.plan`: missing where the customer's key or the cell is null, none where no row has the key."""
        key: Any = customer.attributes[self.relations[relation].column]
        if key is None:
            return MISSING
        row = self.rows[relation].get(key)
        if row is None:
            return NONE
        cell = row.values[column]
        return MISSING if cell is None else cell

    def quantified(self, node: ir.Quantified, customer: Customer, ask: Ask) -> Truth:
        """`none of account.users (X)`: unknown where the customer's key is missing."""
        said = self._asked(node.relation, node.condition, customer, ask)
        if said is None:
            return None
        match node.quantifier:
            case ir.Quantifier.ANY:
                return either(said)
            case ir.Quantifier.ALL:
                return both(said)
            case ir.Quantifier.NONE:
                return opposite(either(said))

    def number(self, node: ir.NumberOfRelated, customer: Customer, ask: Ask) -> Result:
        """`number of account.users (X)`: every number from those of whom X is true to all of whom it may be."""
        said = self._asked(node.relation, node.condition, customer, ask)
        if said is None:
            return MISSING
        sure, doubtful = said.count(True), said.count(None)
        return Doubt(frozenset(range(sure, sure + doubtful + 1))) if doubtful else sure

    def _asked(self, relation: str, condition: ir.Condition, customer: Customer, ask: Ask) -> list[Truth] | None:
        """What a condition says of each customer with the same key; None where the key is missing."""
        key = customer.attributes[self.relations[relation].column]
        if key is None:
            return None
        said: list[Truth] = []
        for other in self._by_key(relation)[key]:
            place = id(condition), other.key
            if place not in self._said:
                self._said[place] = ask(condition, other)
            said.append(self._said[place])
        return said

    def _by_key(self, relation: str) -> Mapping[Cell, list[Customer]]:
        if relation not in self._sharing:
            found: dict[Cell, list[Customer]] = defaultdict(list)
            for customer in self.customers:
                found[customer.attributes[self.relations[relation].column]].append(customer)
            self._sharing[relation] = found
        return self._sharing[relation]
