"""The parts of a typed node, for uniform jobs such as collecting what a rule reads. Not for writing engines."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_args

from segrules.ir.catalogue import Catalogue
from segrules.ir.membership import caps
from segrules.ir.nodes import Condition, Events, Expression, Value
from segrules.ir.rules import Score, Segment


def children(node: Expression | Events) -> Iterator[Expression | Events]:
    """The nodes directly below a node: conditions, values and event selections, in the order of the fields."""
    for name in _NAMES[type(node)]:
        part = getattr(node, name)
        # Invariant: every node is a dataclass, and nothing else in a field but a tuple holds nodes.
        if isinstance(part, tuple):
            yield from _nodes(part)
        elif type(part) in _NAMES:
            yield part


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


def caps_of(catalogue: Catalogue, segment: Segment) -> Iterator[Condition]:
    """Every condition that says whom a segment may contact: its caps. `in segment` does not read them."""
    yield from (cap.condition for cap in caps(catalogue, segment))


def expressions_of(score: Score) -> Iterator[Condition | Value]:
    """Every expression of a score: `among`, then what each rank is by, and its tie-breaker."""
    if score.among is not None:
        yield score.among
    for rank in score.ranks.values():
        yield rank.by
        if rank.bands.ties is not None:
            yield rank.bands.ties


# Asking for a type's own fields, and for membership here, is many times faster than `isinstance` with the large unions.
_NAMES = {of: tuple(item.name for item in fields(of)) for of in (*get_args(Expression), Events)}


def _nodes(parts: tuple[Any, ...]) -> Iterator[Expression | Events]:
    for part in parts:
        if isinstance(part, tuple):
            yield from _nodes(part)
        elif type(part) in _NAMES:
            yield part
