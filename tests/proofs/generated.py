"""Random rules with random customers as tests give them, for properties of witnesses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Condition, Defined, InSegment, InStage
from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenCustomer, GivenRow
from segrules.reference.prepare import prepare
from segrules.reference.problems import DataProblem
from segrules.reference.windows import Clock
from tests.engine.case import case_from, described
from tests.engine.picking import by_seed
from tests.engine.rules import LISTS
from tests.testing.from_world import given_of, rows_of

ENTRIES = {path: frozenset(entries) for path, entries in LISTS.items()}


@dataclass(frozen=True)
class Customers:
    """Rules, and customers whom tests of them can give; `told` is what a failing case shows."""

    rules: Rules
    catalogue: Catalogue
    as_of: datetime
    given: tuple[GivenCustomer, ...]
    rows: tuple[GivenRow, ...]
    text: str
    told: str

    def targets(self) -> Iterator[Condition]:
        """All that a test can ask about."""
        yield from map(InSegment, self.rules.segments)
        for partition in self.rules.partitions.values():
            yield from (InStage(partition.name, stage.name) for stage in partition.stages)
            yield InStage(partition.name, partition.otherwise)
        yield from (Defined(item.name) for item in self.rules.definitions.values() if item.is_condition)


def customers(seed: int, catalogues: int = 24) -> Customers | None:
    """The case of a seed; None where its data are wrong."""
    case = case_from(by_seed(seed), range(catalogues))
    catalogue = case.typed_catalogue
    clock = Clock(case.as_of, catalogue.zone)
    try:
        world = prepare(catalogue, case.tables, clock, frozenset(catalogue.events), frozenset(catalogue.relations))
    except DataProblem:
        return None
    given = tuple(given_of(customer, catalogue) for customer in world.customers)
    return Customers(case.bound(), catalogue, case.as_of, given, rows_of(world, catalogue), case.rules, described(case))
