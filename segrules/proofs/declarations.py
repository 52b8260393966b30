"""What groups declare and partitions promise: no two share a customer, everyone is in one, every stage can win."""

from collections.abc import Iterator, Sequence
from itertools import combinations, product

from segrules.ir import nodes as ir
from segrules.ir.rules import CoversEveryone, Exclusive, Group, Partition, Subset
from segrules.ir.walk import descendants
from segrules.proofs.encode import Tracked
from segrules.proofs.logic import Formula, every, no, some
from segrules.proofs.prover import Prover, Question
from segrules.proofs.smt import Model
from segrules.proofs.statements import Grid, Kind, Statement
from segrules.proofs.verdict import Clause
from segrules.text.span import Span
from segrules.types.types import IntegerType

_MOST_CELLS = 20_000


def about_groups(prover: Prover) -> Iterator[Statement]:
    """Whatever the groups declare."""
    for group in prover.rules.groups.values():
        yield from about_group(prover, group)


def about_group(prover: Prover, group: Group) -> Iterator[Statement]:
    """Whatever one group declares; `exclusive` is one statement for each pair."""
    for declared in group.declarations:
        match declared:
            case Exclusive(members, span):
                for one, other in combinations(members, 2):
                    yield _exclusive(prover, one, other, span)
            case CoversEveryone(members, span):
                yield _covers(prover, members, span)
            case Subset(inner, outer, span):
                yield _subset(prover, inner, outer, span)


def _exclusive(prover: Prover, one: ir.Condition, other: ir.Condition, span: Span) -> Statement:
    names = name_of(one), name_of(other)
    clauses = (*clauses_of(prover, one, span), *clauses_of(prover, other, span))
    question = Question(f"somebody in {names[0]} and {names[1]}", clauses, inside=(one, other))
    text = f"nobody is in both `{names[0]}` and `{names[1]}`"
    return Statement(Kind.EXCLUSIVE, names, text, prover.refute(question), span)


def _covers(prover: Prover, members: Sequence[ir.Condition], span: Span) -> Statement:
    names = tuple(name_of(item) for item in members)
    outside = every(no(formula_of(prover, item)) for item in members)
    question = Question(f"somebody in none of {', '.join(names)}", (), (outside,), outside=tuple(members))
    listed = ", ".join(f"`{name}`" for name in names)
    return Statement(Kind.COVERS, names, f"every customer is in one of {listed}", prover.refute(question), span)


def _subset(prover: Prover, inner: ir.Condition, outer: ir.Condition, span: Span) -> Statement:
    names = name_of(inner), name_of(outer)
    clauses = clauses_of(prover, inner, span)
    outside = no(formula_of(prover, outer))
    title = f"somebody in {names[0]} and not in {names[1]}"
    question = Question(title, clauses, (outside,), inside=(inner,), outside=(outer,))
    text = f"everybody in `{names[0]}` is in `{names[1]}`"
    return Statement(Kind.SUBSET, names, text, prover.refute(question), span)


def name_of(condition: ir.Condition) -> str:
    """The segment, stage or define that a group or policy names."""
    match condition:
        case ir.InSegment(name) | ir.Defined(name):
            return name
        case ir.InStage(partition, stage):
            return f"{partition}.{stage}"
        case ir.IsTrue(ir.Attribute(name)):
            return name
        case _:
            return "the condition"


def clauses_of(prover: Prover, condition: ir.Condition, span: Span) -> tuple[Tracked, ...]:
    """Who is meant, clause by clause: of a segment its members."""
    if isinstance(condition, ir.InSegment):
        return prover.encoder.clauses(condition.name)
    place = span
    if isinstance(condition, ir.InStage):
        stages = prover.rules.partitions[condition.partition].stages
        place = next((item.span for item in stages if item.name == condition.stage), span)
    return (Tracked(Clause(name_of(condition), place, "where"), prover.encoder.truth(condition).true),)


def formula_of(prover: Prover, condition: ir.Condition) -> Formula:
    """Who is meant, as one formula."""
    if isinstance(condition, ir.InSegment):
        return prover.encoder.member(condition.name)
    return prover.encoder.truth(condition).true


# --- partitions


def about_partitions(prover: Prover) -> Iterator[Statement]:
    """For each stage of each partition, that it never wins: nobody is in it, as earlier stages take all."""
    for partition in prover.rules.partitions.values():
        for place, stage in enumerate(partition.stages):
            target = ir.InStage(partition.name, stage.name)
            own = Tracked(Clause(partition.name, stage.span, "stage"), prover.encoder.truth(stage.condition).true)
            earlier = [
                Tracked(Clause(partition.name, item.span, "stage"), prover.encoder.truth(item.condition).false)
                for item in partition.stages[:place]
            ]
            name = f"{partition.name}.{stage.name}"
            question = Question(f"somebody in {name}", (own, *earlier), inside=(target,))
            text = f"nobody is ever in the stage `{name}`"
            yield Statement(Kind.STAGE, (name,), text, prover.refute(question), stage.span)


def grids(prover: Prover) -> Iterator[Grid]:
    """Partitions that read nothing but bands of scores: every combination of bands is looked at."""
    for partition in prover.rules.partitions.values():
        found = _grid(prover, partition)
        if found is not None:
            yield found


def _grid(prover: Prover, partition: Partition) -> Grid | None:
    bands: dict[tuple[str, str], range] = {}
    for node in _followed(prover, [stage.condition for stage in partition.stages]):
        match node:
            case ir.Band(score, rank):
                of = prover.rules.scores[score].ranks[rank].bands
                bands[score, rank] = range(of.start, of.start + of.count)
            case (
                ir.Attribute()
                | ir.Aggregate()
                | ir.EventTime()
                | ir.Did()
                | ir.EdgeRow()
                | ir.ConsentState()
                | ir.InSegment()
                | ir.InStage()
                | ir.Top()
                | ir.Figure()
                | ir.RelatedColumn()
                | ir.Quantified()
                | ir.NumberOfRelated()
                | ir.UnitsOf()
                | ir.UnitsWith()
                | ir.DaysBetween()
                | ir.KnownFor()
                | ir.InSample()
            ):
                return None
            case _:
                pass
    ranks = sorted(bands)
    cells = 1
    for rank in ranks:
        cells *= len(bands[rank])
    if not ranks or cells > _MOST_CELLS:
        return None
    values = [prover.encoder.value(ir.Band(*rank, IntegerType())) for rank in ranks]
    there = every(value.presence.there for value in values)
    truths = [prover.encoder.truth(stage.condition).true for stage in partition.stages]
    several, none = [], []
    for chosen in product(*(bands[rank] for rank in ranks)):
        numbers = {f"{score}.{rank}": number for (score, rank), number in zip(ranks, chosen, strict=True)}
        matching = sum(_holds(prover, truth, there, numbers) for truth in truths)
        if matching > 1:
            several.append(numbers)
        elif not matching:
            none.append(numbers)
    examples = tuple(
        ", ".join(f"{name} = {number}" for name, number in sorted(found[0].items())) for found in (none, several) if found
    )
    names = tuple(f"{score}.{rank}" for score, rank in ranks)
    return Grid(partition.name, names, cells, len(several), len(none), examples, partition.span)


def _holds(prover: Prover, truth: Formula, there: Formula, numbers: dict[str, int]) -> bool:
    return Model(numbers, {}).holds(some((truth, no(there)))) and Model(numbers, {}).holds(truth)


def _followed(prover: Prover, conditions: Sequence[ir.Expression]) -> Iterator[ir.Node]:
    """All nodes of conditions, and of the defines that they name."""
    waiting = list(conditions)
    seen: set[str] = set()
    while waiting:
        for node in descendants(waiting.pop()):
            yield node
            if isinstance(node, ir.Defined | ir.DefinedValue) and node.name not in seen:
                seen.add(node.name)
                waiting.append(prover.rules.definitions[node.name].body)
