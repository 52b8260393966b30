"""A segment or partition into the columns of the data that it rests on, each with what it is used for.

What is computed is followed to the columns that are stored; what is named is followed as in `reads.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from segrules.explain.reads import Reads, reads_of
from segrules.ir.catalogue import Catalogue, Event
from segrules.ir.nodes import AggregateKind, Expression, Property
from segrules.ir.origins import homes, stored_columns
from segrules.ir.rules import Rules
from segrules.ir.walk import descendants


class Use(StrEnum):
    """What a column is used for: it names the customer, or says who is in, in one of four ways."""

    IDENTITY = "names the customer"
    FILTER = "decides who is in"
    JOIN = "joins rows to customers"
    GROUP_BY = "makes one event of several rows"
    SORT = "orders rows"


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A stored column, by its names in the catalogue and in the data, and its uses, in the order of `Use`."""

    table: str
    column: str
    physical: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a definition rests on: columns, events, list files and suppression lists, and the definitions it names.

    `through` has the defines, scores, partitions and segments on the way, such as `define big_spender`. All is sorted.
    """

    sources: tuple[Source, ...]
    events: tuple[str, ...]
    lists: tuple[str, ...]
    suppressions: tuple[str, ...]
    through: tuple[str, ...]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that hold these columns."""
        return tuple(dict.fromkeys(source.table for source in self.sources))


_Found = tuple[str, str, Use]
"""Table, column and use, the column derived perhaps."""


def lineage(rules: Rules, name: str) -> Lineage:
    """What a segment, partition, score or define rests on; a holdout says nothing about who is in."""
    catalogue, reads = rules.catalogue, reads_of(_without_holdout(rules, name), name)
    used: dict[tuple[str, str], set[Use]] = {}
    for table, column, use in _used(catalogue, reads):
        for origin in stored_columns(catalogue.tables[table], [column]):
            used.setdefault((table, origin), set()).add(use)
    sources = (
        Source(table, column, catalogue.tables[table].columns[column].physical, tuple(u for u in Use if u in uses))
        for (table, column), uses in used.items()
    )
    return Lineage(
        tuple(sorted(sources)),
        tuple(sorted(reads.events)),
        tuple(sorted(reads.lists)),
        tuple(sorted(reads.suppressions)),
        tuple(sorted({_named(place) for place in reads.through})),
    )


def _without_holdout(rules: Rules, name: str) -> Rules:
    segment = rules.segments.get(name)
    if segment is None or segment.holdout is None:
        return rules
    return replace(rules, segments={**rules.segments, name: replace(segment, holdout=None)})


def _named(place: tuple[str, ...]) -> str:
    kind, name, *rank = place
    return f"score {name}.{rank[0]}" if rank else f"{kind} {name}"


def _used(catalogue: Catalogue, reads: Reads) -> Iterator[_Found]:
    yield from _of_customers(catalogue, reads)
    for name, properties in reads.events.items():
        yield from _of_event(catalogue, catalogue.events[name], properties)
    for name, columns in reads.relations.items():
        relation = catalogue.relations[name]
        table = catalogue.tables[relation.table]
        asked = columns & table.columns.keys()
        if table.key is not None and asked:
            yield table.name, table.key, Use.JOIN
        yield from ((table.name, column, Use.FILTER) for column in asked)
    kept = catalogue.consents.table
    if kept is not None and reads.consents - catalogue.consents.columns.keys():
        yield kept.table, kept.customer, Use.JOIN
        for column in (kept.channel, kept.status, kept.time, kept.purpose, kept.expiry):
            if column is not None:
                yield kept.table, column, Use.FILTER
    for name in reads.suppressions:
        suppression = catalogue.suppressions[name]
        yield suppression.table, suppression.customer, Use.FILTER


def _of_customers(catalogue: Catalogue, reads: Reads) -> Iterator[_Found]:
    customers, origins = catalogue.customers, homes(catalogue)
    derivation = customers.derivation
    yield (*origins[customers.key.name], Use.IDENTITY)
    asked = set(reads.columns)
    for channel in reads.consents & catalogue.consents.columns.keys():
        recorded = catalogue.consents.columns[channel]
        asked |= {column for column in (recorded.state, recorded.time, recorded.expiry) if column is not None}
    for name in asked:
        table, column = origins[name]
        yield table, column, Use.FILTER
        key = catalogue.tables[table].key
        if table in customers.joined and key is not None:
            yield table, key, Use.JOIN
    if derivation is not None:
        # Whose key occurs in which rows makes the customers, and the order of rows which value they have.
        yield from ((derivation.table, name, Use.FILTER) for name in _properties(derivation.where))
        yield derivation.table, derivation.time, Use.FILTER
        if asked & derivation.attributes.keys():
            yield from ((derivation.table, name, Use.SORT) for name in (derivation.time, *derivation.order_by))


def _of_event(catalogue: Catalogue, event: Event, properties: Iterable[str]) -> Iterator[_Found]:
    yield event.table, event.customer, Use.JOIN
    yield event.table, event.time, Use.FILTER
    yield from ((event.table, name, Use.SORT) for name in event.order_by)
    yield from ((event.table, name, Use.FILTER) for name in _properties(event.where))
    if event.grouping is None:
        columns = catalogue.tables[event.table].columns
        yield from ((event.table, name, Use.FILTER) for name in properties if name in columns)
        return
    yield from ((event.table, name, Use.GROUP_BY) for name in event.grouping.by)
    for name, made in event.grouping.properties.items():
        if name in properties or made.kind is AggregateKind.ONLY:
            yield from ((event.table, column, Use.FILTER) for column in _properties(made.of))


def _properties(expression: Expression | None) -> Iterator[str]:
    if expression is not None:
        yield from (node.name for node in descendants(expression) if isinstance(node, Property))
