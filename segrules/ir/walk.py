"""The parts of a typed node, for uniform jobs such as collecting what a rule reads. Not for writing engines."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, get_args

from segrules.ir.catalogue import Catalogue
from segrules.ir.membership import caps
from segrules.ir.nodes import (
    Aggregate,
    Band,
    Condition,
    Defined,
    DefinedValue,
    Did,
    EdgeRow,
    Events,
    EventTime,
    Expression,
    Figure,
    InListFile,
    InSegment,
    InStage,
    LinkKind,
    Node,
    NumberOfRelated,
    Property,
    Quantified,
    Rhythm,
    StepProperty,
    Top,
    Value,
)
from segrules.ir.rules import ConsentClause, Requirement, Rules, Score, Segment


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node: conditions, values and event selections, in the order of the fields."""
    for name in FIELDS[type(node)]:
        part = getattr(node, name)
        # Invariant: every node is a dataclass, and nothing else in a field but a tuple holds nodes.
        if isinstance(part, tuple):
            yield from _nodes(part)
        elif type(part) in FIELDS:
            yield part


def descendants(node: Node) -> Iterator[Node]:
    """The node itself and all nodes below it; what names stand for is not followed."""
    stack: list[Node] = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


def named_by(node: Node) -> tuple[str, str] | None:
    """What a node names of the rule set: `define`, `segment`, `partition` or `score`, and the name."""
    match node:
        case Defined(name) | DefinedValue(name):
            return "define", name
        case InSegment(name):
            return "segment", name
        case InStage(name):
            return "partition", name
        case Band(name):
            return "score", name
        case _:
            return None


def event_names(events: Events) -> tuple[str, ...]:
    """The events whose rows are chosen, and those of the links behind them; each once."""
    linked = (name for link in events.links for name in link.events.names)
    return tuple(dict.fromkeys((*events.names, *linked)))


ABOUT_OTHER_ROWS = Aggregate | EventTime | Rhythm | Did | EdgeRow | NumberOfRelated | Quantified | Figure | Top
"""Nodes whose properties are those of other rows than the one in hand."""


def row_nodes(parts: Iterable[Expression | None]) -> Iterator[Node]:
    """The nodes of expressions that are about the row in hand, and not about rows further in."""
    stack: list[Node] = [part for part in parts if part is not None]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ABOUT_OTHER_ROWS):
            stack.extend(children(node))


def chain_properties(events: Events, event: str) -> Iterator[str]:
    """The properties of an event's rows that the links of a chain read, as a step's own or as an earlier row's."""
    reached = [events.names]
    for link in events.links:
        names = link.events.names
        read = list(row_nodes([link.events.where]))
        if event in names:
            yield from (node.name for node in read if isinstance(node, Property))
        yield from (node.name for node in read if isinstance(node, StepProperty) and event in reached[node.step])
        if event in names or event in reached[-1]:
            yield from link.same
        if link.kind is LinkKind.THEN:
            reached.append(names)


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


def all_expressions(rules: Rules) -> Iterator[Expression]:
    """Every expression of a rule set: of definitions, scores, segments with their caps, stages and policies."""
    yield from (definition.body for definition in rules.definitions.values())
    for score in rules.scores.values():
        yield from expressions_of(score)
    for segment in rules.segments.values():
        yield from conditions_of(segment)
        yield from (cap.condition for cap in segment.caps)
    yield from (cap.condition for cap in rules.catalogue.caps.values())
    for partition in rules.partitions.values():
        yield from (stage.condition for stage in partition.stages)
    for policy in rules.policies.values():
        for rule in policy.rules:
            if isinstance(rule, Requirement) and not isinstance(rule.demand, ConsentClause):
                yield rule.demand


def all_nodes(rules: Rules) -> Iterator[Node]:
    """Every node of every expression of a rule set."""
    for expression in all_expressions(rules):
        yield from descendants(expression)


def entries_of_lists(rules: Rules) -> dict[str, frozenset[str]]:
    """The entries of every list file that the rules read, by path."""
    found: dict[str, frozenset[str]] = {}
    for node in all_nodes(rules):
        if isinstance(node, InListFile):
            found[node.path] = node.entries
    return dict(sorted(found.items()))


FIELDS = {of: tuple(item.name for item in fields(of)) for of in get_args(Node)}
"""The fields of every type of node; asking here is many times faster than `isinstance` with the large unions."""


def _nodes(parts: tuple[Any, ...]) -> Iterator[Node]:
    for part in parts:
        if isinstance(part, tuple):
            yield from _nodes(part)
        elif type(part) in FIELDS:
            yield part
