"""A definition into what it reads of the data: columns, events, consents, lists; through everything that it names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from segrules.explain.lines import one_line
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.membership import held_out, suppressions
from segrules.ir.nodes import (
    Aggregate,
    Attribute,
    Band,
    ConsentState,
    DaysBetween,
    Defined,
    DefinedValue,
    EdgeRow,
    Events,
    EventTime,
    Expression,
    Figure,
    InListFile,
    InSegment,
    InStage,
    IsKnown,
    Node,
    NumberOfRelated,
    Property,
    Quantified,
    RelatedColumn,
    UnitsOf,
    UnitsWith,
)
from segrules.ir.rules import Rules, Segment
from segrules.ir.walk import caps_of, chain_properties, children, conditions_of, descendants, event_names

Place = tuple[str, ...]
"""What is to be walked: kind and name, and the rank of a score."""


@dataclass(slots=True)
class Reads:
    """Names of all that is read; events with the properties that are read of them, relations with what they lead to.

    `asks_for_unknown` says that a condition can hold because a value is missing: `is unknown`, or an `otherwise`.
    `through` are the definitions that are named on the way: kind, name, and the rank of a score.
    """

    columns: set[str] = field(default_factory=set)
    events: dict[str, set[str]] = field(default_factory=dict)
    relations: dict[str, set[str]] = field(default_factory=dict)
    consents: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    suppressions: set[str] = field(default_factory=set)
    asks_for_unknown: bool = False
    through: set[Place] = field(default_factory=set)


def reads_of(rules: Rules, name: str) -> Reads:
    """What the segment, partition, score or define reads, through all that it names.

    Consent clauses, suppression lists, caps and the holdout count for the segment itself only: who names a segment
    reads who qualifies.
    """
    reads = Reads()
    if name in rules.segments:
        reads.consents.update(_asked(rules.segments[name]))
        reads.suppressions.update(suppressions(rules.catalogue, rules.segments[name]))
    waiting = list(_start(rules, name))
    seen = set(waiting)
    while waiting:
        for expression in _expressions(rules, waiting.pop()):
            for place in _walk(expression, rules, reads):
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)
    reads.through.update(seen.difference(_start(rules, name)))
    return reads


def reads_lines(reads: Reads, catalogue: Catalogue) -> tuple[str, ...]:
    """The reads as lines, sorted; below each kind the catalogue's descriptions of what it names.

    A column that the catalogue computes is followed by the columns that it is computed from.
    """
    attributes = catalogue.customers.attributes
    events = catalogue.events
    lines: list[str] = []
    if reads.columns:
        lines.append("reads columns: " + ", ".join(_column(name, attributes) for name in sorted(reads.columns)))
        lines += [line for name in sorted(reads.columns) for line in _described(name, attributes.get(name))]
    if reads.events:
        shown = [f"{name} ({', '.join(sorted(of))})" for name, of in sorted(reads.events.items())]
        lines.append("reads events: " + ", ".join(shown))
        for name, of in sorted(reads.events.items()):
            event = events.get(name)
            if event is None:
                continue
            if event.description:
                lines.append(f"  {name}: {one_line(event.description)}")
            for item in sorted(of):
                lines += _described(f"{name}.{item}", event.properties.get(item))
    if reads.relations:
        shown = [f"{name} ({', '.join(sorted(of))})" for name, of in sorted(reads.relations.items())]
        lines.append("reads relations: " + ", ".join(shown))
        for name, of in sorted(reads.relations.items()):
            columns = catalogue.tables[catalogue.relations[name].table].columns
            lines += [line for item in sorted(of) for line in _described(f"{name}.{item}", columns.get(item))]
    if reads.consents:
        lines.append("reads consent: " + ", ".join(_consent(name, catalogue) for name in sorted(reads.consents)))
    if reads.suppressions:
        lines.append("reads suppression lists: " + ", ".join(sorted(reads.suppressions)))
    if reads.lists:
        lines.append("reads lists: " + ", ".join(sorted(reads.lists)))
    return tuple(lines) or ("reads nothing of the data",)


def _asked(segment: Segment) -> set[str]:
    return {granted.channel for clause in segment.consents for group in clause.any_of for granted in group}


def _start(rules: Rules, name: str) -> Iterator[Place]:
    if name in rules.segments:
        yield from (("segment", name), ("members", name))
    elif name in rules.partitions:
        yield ("partition", name)
    elif name in rules.scores:
        yield from (("rank", name, rank) for rank in rules.scores[name].ranks)
    else:
        yield ("define", name)


def _expressions(rules: Rules, place: Place) -> Iterator[Expression]:
    match place:
        case ("segment", name):
            yield from conditions_of(rules.segments[name])
        case ("members", name):
            yield from caps_of(rules.catalogue, rules.segments[name])
            held = held_out(rules.catalogue, rules.segments[name])
            if held is not None:
                yield held
        case ("partition", name):
            yield from (stage.condition for stage in rules.partitions[name].stages)
        case ("define", name):
            yield rules.definitions[name].body
        case ("rank", score, rank):
            scored = rules.scores[score]
            if scored.among is not None:
                yield scored.among
            yield scored.ranks[rank].by
            ties = scored.ranks[rank].bands.ties
            if ties is not None:
                yield ties
        case _:
            raise ValueError(place)


def _walk(root: Expression, rules: Rules, reads: Reads) -> Iterator[Place]:
    """Note what an expression reads; gives the definitions that it names. Without recursion."""
    stack: list[tuple[Node, tuple[str, ...]]] = [(root, ())]
    while stack:
        node, events = stack.pop()
        match node:
            case Attribute(name=name):
                reads.columns.add(name)
            case Property(name=name):
                for event in events:
                    reads.events.setdefault(event, set()).add(name)
            case ConsentState(channel=channel):
                reads.consents.add(channel)
            case InListFile(path=path):
                reads.lists.add(path)
            case Events(names=names):
                # Every row's time is read: no row at or after the run's instant is ever seen.
                for event in names:
                    reads.events.setdefault(event, set()).add("time")
                _read_by_links(node, reads)
                events = names
            case Aggregate(events=Events(names=names)) | EventTime(events=Events(names=names)):
                events = names
            case UnitsOf(events=Events(names=names)) | DaysBetween(events=Events(names=names)):
                events = names
            case UnitsWith(events=Events(names=names)):
                events = names
            case Figure(events=Events(names=names)):
                events = names
            case EdgeRow(events=Events(names=names)):
                events = names
            case Defined(name=name) | DefinedValue(name=name):
                yield ("define", name)
            case Band(score=score, rank=rank):
                yield ("rank", score, rank)
            case InSegment(name=name):
                yield ("segment", name)
            case InStage(partition=name, stage=stage):
                reads.asks_for_unknown |= stage == rules.partitions[name].otherwise
                yield ("partition", name)
            case IsKnown():
                reads.asks_for_unknown = True
            case RelatedColumn(relation, column):
                _relate(rules, reads, relation, column)
            case Quantified(relation=relation) | NumberOfRelated(relation=relation):
                _relate(rules, reads, relation, rules.catalogue.relations[relation].back or "")
                events = ()
            case _:
                pass
        stack.extend((child, events) for child in children(node))


def _read_by_links(events: Events, reads: Reads) -> None:
    """Note the properties by which a chain's rows are compared."""
    for event in event_names(events):
        found = reads.events.setdefault(event, set())
        found.update(chain_properties(events, event))


def _relate(rules: Rules, reads: Reads, relation: str, what: str) -> None:
    """What a relation leads to is read, and to get there the customer's key."""
    reads.relations.setdefault(relation, set()).add(what)
    reads.columns.add(rules.catalogue.relations[relation].column)


def _column(name: str, attributes: Mapping[str, Column]) -> str:
    column = attributes.get(name)
    if column is None or column.derive is None:
        return name
    sources = sorted({node.name for node in descendants(column.derive) if isinstance(node, Property)})
    return f"{name} (computed from {', '.join(sources)})" if sources else name


def _described(name: str, column: Column | None) -> Iterator[str]:
    if column is not None and column.description:
        yield f"  {name}: {one_line(column.description)}"


def _consent(channel: str, catalogue: Catalogue) -> str:
    kept = catalogue.consents.columns.get(channel)
    if kept is not None:
        columns = [name for name in (kept.state, kept.time, kept.expiry) if name is not None]
        return f"{channel} (kept in {', '.join(columns)})"
    table = catalogue.consents.table
    return f"{channel} (kept in the table {table.table})" if table is not None else channel
