"""What groups declare and partitions promise: no two share a customer, everyone is in one, every stage can win."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from segrules.ir import nodes as ir
from segrules.ir.rules import CoversEveryone, Exclusive, Group, Partition, Subset
from segrules.proofs.encoding.meanings import Tracked
from segrules.proofs.formulas.logic import Formula, every, no
from segrules.proofs.prover import Prover, Question
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.verdict import Clause
from segrules.text.span import Span


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
    """Statements about each partition."""
    for partition in prover.rules.partitions.values():
        yield from about_partition(prover, partition)


def about_partition(prover: Prover, partition: Partition) -> Iterator[Statement]:
    """That a stage never wins, as nobody is in it or earlier stages take all; and that the stages leave nobody over."""
    for place, stage in enumerate(partition.stages):
        target = ir.InStage(partition.name, stage.name)
        own = Tracked(Clause(partition.name, stage.span, "stage"), prover.encoder.truth(stage.condition).true)
        earlier = [
            Tracked(Clause(partition.name, item.span, "stage"), prover.encoder.truth(item.condition).false)
            for item in partition.stages[:place]
        ]
        name = f"{partition.name}.{stage.name}"
        question = Question(f"somebody in {name}", (own, *earlier), inside=(target,), small=False)
        text = f"nobody is ever in the stage `{name}`"
        yield Statement(Kind.STAGE, (name,), text, prover.refute(question), stage.span)
    name = f"{partition.name}.{partition.otherwise}"
    unmatched = tuple(no(prover.encoder.stage(partition, stage.name).true) for stage in partition.stages)
    rest = ir.InStage(partition.name, partition.otherwise)
    question = Question(f"somebody in {name}", (), unmatched, inside=(rest,))
    text = f"the stages of `{partition.name}` leave nobody over for `{partition.otherwise}`"
    yield Statement(Kind.GAP, (partition.name,), text, prover.refute(question), partition.span)
