"""A segment into the parts that must all hold of a member, small enough to say which of them lets somebody in."""

from collections.abc import Iterator
from dataclasses import dataclass

from segrules.ir.membership import caps, suppressions
from segrules.ir.nodes import And, Condition, Defined, InSegment, InStage, Not
from segrules.ir.rules import ConsentClause, Partition, Rules, Segment
from segrules.text.span import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a condition, a consent or the name of a suppression list, in which clause, and where it is written.

    `words` say it where what is written there does not.
    """

    what: str
    """`where`, `except`, `eligible`, `consent`, `suppression` or `cap`."""
    demand: Condition | ConsentClause | str
    span: Span
    words: str | None = None


def parts(rules: Rules, segment: Segment) -> tuple[Part, ...]:
    """The parts of a segment: what stands between `and`s, and what binds whom it may contact.

    Defines, segments and stages that are named are followed to their own parts where all of these must hold, each once.
    """
    found = list(_joined(rules, _conditions(segment)))
    found += [Part("consent", clause, clause.span) for clause in segment.consents]
    catalogue = rules.catalogue
    lists = (catalogue.suppressions[name] for name in suppressions(catalogue, segment))
    found += [Part("suppression", item.name, item.span, f"not on the suppression list {item.name}") for item in lists]
    found += [Part("cap", cap.condition, cap.span) for cap in caps(catalogue, segment)]
    return tuple(found)


def _conditions(segment: Segment) -> list[Part]:
    """What says who qualifies for a segment, clause by clause."""
    found = [] if segment.where is None else [_part("where", segment.where, segment.span)]
    found += [Part("except", item.condition, item.span) for item in segment.excepts]
    return [*found, *(_part("eligible", item.condition, item.span) for item in segment.eligible)]


def _joined(rules: Rules, whole: list[Part]) -> Iterator[Part]:
    """What is joined by `and`, in the order in which it is written; a name that was met before adds nothing."""
    waiting = whole[::-1]
    seen: set[Condition] = set()
    while waiting:
        part = waiting.pop()
        condition = part.demand
        match condition:
            case And(items):
                waiting += [_within(part, item) for item in reversed(items)]
                continue
            case Defined(name):
                body = rules.definitions[name].body
                below = [_within(part, body)] if isinstance(body, Condition) else []
            case InSegment(name):
                below = _conditions(rules.segments[name])
            case InStage(partition, stage):
                below = _stages(rules.partitions[partition], stage)
            case _:
                below = []
        if not below:
            yield part
        elif isinstance(condition, Condition) and condition not in seen:
            seen.add(condition)
            waiting += below[::-1]


def _stages(partition: Partition, name: str) -> list[Part]:
    """What says who is in a stage, which none before it takes; nothing for `otherwise`, which takes the rest."""
    found: list[Part] = []
    for stage in partition.stages:
        if stage.name == name:
            return [*found, _part("where", stage.condition, stage.span)]
        found.append(Part("where", Not(stage.condition), stage.span, f"not in stage {stage.name} before it"))
    return []


def _within(part: Part, item: Condition) -> Part:
    """A condition within a part, in the same clause."""
    return _part(part.what, item, part.span)


def _part(what: str, condition: Condition, around: Span) -> Part:
    """A condition where it is written, or where what is around it is."""
    return Part(what, condition, around if condition.span == NOWHERE else condition.span)
