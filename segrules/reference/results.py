"""What has been worked out by evaluating: results by the names of the rule set, one for each customer."""

from dataclasses import dataclass, field
from typing import TypeVar

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.reference.interpreter import Known
from segrules.reference.related import Related
from segrules.reference.values import Result, Truth
from segrules.reference.world import Customer, World
from segrules.types.cells import Key


@dataclass
class WorkedOut(Known):
    """Results by name, one for each customer, at the customer's place."""

    places: dict[Key, int]
    of_relations: Related
    conditions: dict[str, list[Truth]] = field(default_factory=dict)
    values: dict[str, list[Result]] = field(default_factory=dict)
    bands: dict[tuple[str, str], list[Result]] = field(default_factory=dict)
    qualifying: dict[str, list[Truth]] = field(default_factory=dict)
    stages: dict[tuple[str, str], list[Truth]] = field(default_factory=dict)
    caps: dict[str, list[Truth]] = field(default_factory=dict)
    figures: dict[ir.Figure, Result] = field(default_factory=dict)
    tops: dict[ir.Top, list[Truth]] = field(default_factory=dict)

    def condition(self, name: str, customer: Customer) -> Truth:
        """A define's condition."""
        return self.conditions[name][self.places[customer.key]]

    def value(self, name: str, customer: Customer) -> Result:
        """A define's value."""
        return self.values[name][self.places[customer.key]]

    def band(self, score: str, rank: str, customer: Customer) -> Result:
        """A score's band."""
        return self.bands[score, rank][self.places[customer.key]]

    def qualifies(self, segment: str, customer: Customer) -> Truth:
        """Whether a customer qualifies for a segment."""
        return self.qualifying[segment][self.places[customer.key]]

    def in_stage(self, partition: str, stage: str, customer: Customer) -> Truth:
        """Whether a customer is in a stage, or in the `otherwise`, of a partition."""
        return self.stages[partition, stage][self.places[customer.key]]

    def related(self) -> Related:
        """What relations lead to."""
        return self.of_relations

    def figure(self, node: ir.Figure) -> Result:
        """A population figure."""
        return self.figures[node]

    def top(self, node: ir.Top, customer: Customer) -> Truth:
        """Whether a customer is at the top."""
        return self.tops[node][self.places[customer.key]]


K = TypeVar("K", bound=WorkedOut)


def results_for(rules: Rules, world: World, of: type[K]) -> K:
    """Where the results for the customers of a world are kept; nothing is worked out yet."""
    places = {customer.key: place for place, customer in enumerate(world.customers)}
    return of(places, Related(rules.catalogue.relations, world.related, world.customers))
