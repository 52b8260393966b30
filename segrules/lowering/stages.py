"""What has to be worked out for all customers before a program can run, and in which order.

Aggregates of events, bands of scores, population figures and who is at the top are numbered by stages: whatever one
reads of a customer (in an event's `where`, or as a score's value) has a smaller number. Most rule sets have one stage
of aggregates and one of scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from segrules.ir import nodes as ir
from segrules.ir.build import conjunction
from segrules.ir.walk import chain_properties, row_nodes
from segrules.lowering import leaves
from segrules.lowering.definitions import Definitions, Direct, OfEvents, Reads, Source, count_of
from segrules.lowering.program import Program
from segrules.reference.needs import Step
from segrules.reference.population import Crowd
from segrules.types.types import Type

__all__ = [
    "OfEvents",
    "Source",
    "Stage",
    "Stages",
    "Wanted",
    "count_of",
    "pooled",
    "properties_read",
    "stages",
    "value_of",
    "wanted",
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value over every customer's rows: what `kind` makes of `of` (or of their times) over the rows of `events`.

    `of` is None for numbers of rows, and where the times of rows are what is wanted.
    With `cap` no rule asks for more than whether a number of rows reaches 1 to `cap`. With `everyone` it is one value
    over all customers' rows that are sure and have a value.
    """

    events: ir.Events
    kind: ir.AggregateKind | ir.Rhythm
    of: ir.Value | None
    type: Type
    cap: int | None = None
    everyone: bool = False


@dataclass
class Stage:
    """What can be worked out at once, everything of earlier stages being known.

    `related` are the numbers of customers who share a key, `asked` the attributes that their conditions read. `crowds`
    are made of one value for each customer, `pooled` of everybody's rows.
    """

    aggregates: dict[OfEvents, Wanted] = field(default_factory=dict)
    scores: list[str] = field(default_factory=list)
    related: list[ir.NumberOfRelated] = field(default_factory=list)
    asked: frozenset[str] = frozenset()
    crowds: list[Crowd] = field(default_factory=list)
    pooled: dict[ir.Figure, Wanted] = field(default_factory=dict)

    @property
    def gathered(self) -> list[Wanted]:
        """All that is made of events."""
        return [*self.aggregates.values(), *self.pooled.values()]


@dataclass(frozen=True)
class Stages:
    """All stages in order, and what is read of the customers besides.

    `attributes` are those that the program reads itself, `background` those that have to be known for all customers
    before it runs: what scores and the `where` of events read. What is asked of the customers of a relation is read
    along with each stage.
    """

    stages: tuple[Stage, ...]
    attributes: frozenset[str]
    background: frozenset[str]


def stages(definitions: Definitions, program: Program, order: Iterable[Step]) -> Stages:
    """Everything that the leaves of `program` need; `order` names definitions, each behind all that it needs."""
    caps = dict(_caps(program))
    reads, front, back = Reads(definitions), Reads(definitions, follow=False), Reads(definitions, follow=False)
    tested = {value_of(leaf) for leaf in program.leaves}
    for number in sorted(value for value in tested if value is not None):
        reads.add(program.values[number], caps.get(number))
        front.add(program.values[number])
    for leaf in program.leaves:
        if isinstance(leaf, leaves.Tested):
            reads.add(leaf.atom)
            front.add(leaf.atom)
    for source in reads.sources:
        if isinstance(source, OfEvents):
            back.add_direct(definitions.of_rows(source))
    for score in reads.scores:
        back.add_direct(definitions.of(("score", score)))
    for node in reads.crowds:
        back.add_direct(definitions.of_crowd(node))
    depths = _Depths(definitions, order)
    made: dict[int, Stage] = {}
    for source, cap in reads.sources.items():
        stage = made.setdefault(depths.of(source), Stage())
        if isinstance(source, ir.NumberOfRelated):
            stage.related.append(source)
        else:
            stage.aggregates[source] = wanted(source, cap)
    for score in reads.scores:
        made.setdefault(depths.of_name(("score", score)), Stage()).scores.append(score)
    for stage in made.values():
        asked = Reads(definitions, follow=False)
        for source in stage.related:
            asked.add_direct(definitions.of_rows(source))
        stage.asked = frozenset(asked.attributes)
    for node in reads.crowds:
        stage = made.setdefault(depths.of_crowd(node), Stage())
        if isinstance(node, ir.Figure) and node.events is not None:
            stage.pooled[node] = pooled(node, node.events)
        else:
            stage.crowds.append(node)
    ordered = tuple(made[number] for number in sorted(made))
    return Stages(ordered, frozenset(front.attributes), frozenset(back.attributes))


class _Depths:
    """The latest stage of anything that is read about customers; 0 for plain columns."""

    def __init__(self, definitions: Definitions, order: Iterable[Step]) -> None:
        self._definitions = definitions
        self._names: dict[Step, int] = {}
        self._sources: dict[Source, int] = {}
        self._crowds: dict[Crowd, int] = {}
        for step in order:
            self._names[step] = self._below(definitions.of(step)) + (step[0] == "score")

    def of(self, source: Source) -> int:
        """The stage in which a value of events can be worked out."""
        found = self._sources.get(source)
        if found is None:
            found = self._sources[source] = 1 + self._below(self._definitions.of_rows(source))
        return found

    def of_crowd(self, node: Crowd) -> int:
        """The stage in which something about everybody can be worked out."""
        found = self._crowds.get(node)
        if found is None:
            found = self._crowds[node] = 1 + self._below(self._definitions.of_crowd(node))
        return found

    def of_name(self, step: Step) -> int:
        """The stage of a name."""
        return self._names[step]

    def _below(self, found: Direct) -> int:
        names = (self._names[name] for name in found.names)
        return max((0, *names, *map(self.of, found.sources), *map(self.of_crowd, found.crowds)))


def wanted(node: OfEvents, cap: int | None = None) -> Wanted:
    """What to ask of events for a value."""
    match node:
        case ir.Aggregate(kind, events, of, type=of_type):
            return Wanted(events, kind, of, of_type, cap)
        case ir.EventTime(which, events, type=of_type):
            return Wanted(events, which, None, of_type)
        case ir.UnitsOf() | ir.UnitsWith() | ir.DaysBetween():
            return Wanted(node.events, node, None, node.type)


def pooled(node: ir.Figure, events: ir.Events) -> Wanted:
    """What to ask of events for a figure over everybody's rows; those of customers who are not among do not count."""
    meant = [part for part in (node.among, events.where) if part is not None]
    rows = ir.Events(events.names, conjunction(meant) if meant else None, events.window)
    return Wanted(rows, POOLED[node.kind], node.of, node.type, everyone=True)


POOLED = {
    ir.FigureKind.TOTAL: ir.AggregateKind.TOTAL,
    ir.FigureKind.AVERAGE: ir.AggregateKind.AVERAGE,
    ir.FigureKind.SMALLEST: ir.AggregateKind.SMALLEST,
    ir.FigureKind.LARGEST: ir.AggregateKind.LARGEST,
    ir.FigureKind.MEDIAN: ir.AggregateKind.MEDIAN,
    ir.FigureKind.PERCENTILE: ir.AggregateKind.MEDIAN,
}
"""The aggregate that keeps what a figure is made of."""


def properties_read(aggregates: Iterable[Wanted], event: str) -> Iterator[str]:
    """The properties of an event's rows that some aggregates read; those of rows further in are read for themselves."""
    for item in aggregates:
        if event in item.events.names:
            yield from properties_of((item.events.where, item.of))
        yield from chain_properties(item.events, event)


def properties_of(parts: Iterable[ir.Expression | None]) -> Iterator[str]:
    """The properties of the row in hand that expressions read; not those of rows further in."""
    yield from (node.name for node in row_nodes(parts) if isinstance(node, ir.Property))


def value_of(leaf: leaves.Leaf) -> int | None:
    """The number of the value that a leaf tests; None for leaves that test something else."""
    return None if isinstance(leaf, leaves.Tested | leaves.HasConsent | leaves.Suppressed) else leaf.value


def _caps(program: Program) -> Iterator[tuple[int, int]]:
    """The numbers of counts of which leaves ask only whether they reach some numbers, with the largest of these."""
    bounds: dict[int, list[leaves.Bound | None]] = {}
    for leaf in program.leaves:
        if isinstance(leaf, leaves.AtLeast):
            bounds.setdefault(leaf.value, []).append(None if leaf.strict else leaf.bound)
        elif (value := value_of(leaf)) is not None:
            bounds.setdefault(value, []).append(None)
    for number, asked in bounds.items():
        counted = program.values[number]
        if isinstance(counted, ir.Aggregate) and counted.kind is ir.AggregateKind.NUMBER:
            whole: Sequence[int] = [bound for bound in asked if isinstance(bound, int)]
            if len(whole) == len(asked):
                yield number, max([1, *whole])
