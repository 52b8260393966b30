"""The parts of a typed node, for uniform jobs such as collecting what a rule reads. Not for writing engines."""

from collections.abc import Iterator
from dataclasses import fields

from segrules.ir.nodes import Condition, Events, Expression, Value
from segrules.ir.rules import Score, Segment


def children(node: Expression | Events) -> Iterator[Expression | Events]:
    """The nodes directly below a node: conditions, values and event selections, in the order of the fields."""
    for item in fields(node):
        yield from _nodes(getattr(node, item.name))


def descendants(node: Expression | Events) -> Iterator[Expression | Events]:
    """The node itself and all nodes below it; what names stand for is not followed."""
    stack: list[Expression | Events] = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


def conditions_of(segment: Segment) -> Iterator[Condition]:
    """Every condition of a segment: `where`, then exclusions, then eligibility."""
    if segment.where is not None:
        yield segment.where
    yield from (item.condition for item in segment.excepts)
    yield from (item.condition for item in segment.eligible)


def expressions_of(score: Score) -> Iterator[Condition | Value]:
    """Every expression of a score: `among`, then what each rank is by, and its tie-breaker."""
    if score.among is not None:
        yield score.among
    for rank in score.ranks.values():
        yield rank.by
        if rank.bands.ties is not None:
            yield rank.bands.ties


def _nodes(part: object) -> Iterator[Expression | Events]:
    if isinstance(part, Expression | Events):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from _nodes(item)
