"""Partitions that read nothing but bands: every combination of bands is tried on every stage."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from math import prod

from segrules.ir import nodes as ir
from segrules.ir.rules import Partition, Rules
from segrules.ir.walk import descendants
from segrules.proofs.statements import Grid
from segrules.reference.interpreter import Interpreter, Known
from segrules.reference.related import Related
from segrules.reference.values import Result, Truth
from segrules.reference.windows import Clock
from segrules.reference.world import Customer

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
MOST_CELLS = 20_000
"""Larger grids are not looked at cell by cell."""

_ALLOWED = (
    ir.And,
    ir.Or,
    ir.Not,
    ir.Fixed,
    ir.Compare,
    ir.Between,
    ir.OneOf,
    ir.Band,
    ir.Literal,
    ir.Arithmetic,
    ir.Defined,
    ir.DefinedValue,
)


def grids(rules: Rules) -> Iterator[Grid]:
    """How the stages of each such partition cover the combinations of bands."""
    for partition in rules.partitions.values():
        bands = _bands(rules, partition)
        if bands and prod(len(of) for of in bands.values()) <= MOST_CELLS:
            yield _grid(rules, partition, bands)


def _bands(rules: Rules, partition: Partition) -> dict[tuple[str, str], range] | None:
    """The bands that the stages read; None where they read anything else."""
    found: dict[tuple[str, str], range] = {}
    waiting: list[ir.Expression] = [stage.condition for stage in partition.stages]
    seen: set[str] = set()
    while waiting:
        for node in descendants(waiting.pop()):
            if not isinstance(node, _ALLOWED):
                return None
            if isinstance(node, ir.Band):
                of = rules.scores[node.score].ranks[node.rank].bands
                found[node.score, node.rank] = range(of.start, of.start + of.count)
            elif isinstance(node, ir.Defined | ir.DefinedValue) and node.name not in seen:
                seen.add(node.name)
                waiting.append(rules.definitions[node.name].body)
    return dict(sorted(found.items()))


def _grid(rules: Rules, partition: Partition, bands: dict[tuple[str, str], range]) -> Grid:
    cell = _Cell(rules)
    anybody = Customer(0, {})
    several: list[str] = []
    none: list[str] = []
    count = 0
    for chosen in product(*bands.values()):
        count += 1
        cell.numbers = dict(zip(bands, chosen, strict=True))
        matching = sum(cell.interpreter.truth(stage.condition, anybody) is True for stage in partition.stages)
        if matching != 1:
            words = " and ".join(f"{score}.{rank} = {number}" for (score, rank), number in cell.numbers.items())
            (several if matching else none).append(words)
    names = tuple(f"{score}.{rank}" for score, rank in bands)
    return Grid(
        partition.name,
        names,
        count,
        len(several),
        len(none),
        several[0] if several else None,
        none[0] if none else None,
        partition.span,
    )


@dataclass
class _Cell(Known):
    """A customer of whom nothing is known but the bands."""

    rules: Rules
    interpreter: Interpreter = field(init=False)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.interpreter = Interpreter(self.rules.catalogue, Clock(_ANY_TIME, "UTC"), self)

    def condition(self, name: str, customer: Customer) -> Truth:
        body = self.rules.definitions[name].body
        assert isinstance(body, ir.Condition)
        return self.interpreter.truth(body, customer)

    def value(self, name: str, customer: Customer) -> Result:
        body = self.rules.definitions[name].body
        assert isinstance(body, ir.Value)
        return self.interpreter.value(body, customer)

    def band(self, score: str, rank: str, customer: Customer) -> Result:
        return self.numbers[score, rank]

    def qualifies(self, segment: str, customer: Customer) -> Truth:
        raise AssertionError(segment)  # invariant: `_bands` lets no such partition through

    def in_stage(self, partition: str, stage: str, customer: Customer) -> Truth:
        raise AssertionError(partition)

    def related(self) -> Related:
        raise AssertionError

    def figure(self, node: ir.Figure) -> Result:
        raise AssertionError(node)

    def top(self, node: ir.Top, customer: Customer) -> Truth:
        raise AssertionError(node)
