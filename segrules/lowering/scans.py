"""What a run reads of the data: the stored columns of every table, whatever the rules need them for.

The engine reads these and no others; sources read the columns that name currencies along with amounts. What only the
`where` of events, or a score, asks of customers is not read where there is nobody to ask it of.
"""

from collections.abc import Iterable, Iterator, Mapping

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Derivation, Event
from segrules.ir.origins import stored_columns
from segrules.ir.walk import descendants
from segrules.lowering import leaves
from segrules.lowering.lower import Lowered
from segrules.lowering.stages import properties_read

Scans = Mapping[str, frozenset[str]]
"""Stored columns, by their names in the catalogue, of each table that is read."""


def scans(catalogue: Catalogue, lowered: Lowered) -> Scans:
    """The columns that a run of a program reads, by table, in the catalogue's order.

    Keys of customers and of joined tables and records of consent are read in every run. So is the column by which a
    table in use is judged as fresh or stale.
    """
    found: dict[str, set[str]] = {}
    for table, columns in _read(catalogue, lowered):
        found.setdefault(table, set()).update(stored_columns(catalogue.tables[table], columns))
    for name, known in found.items():
        fresh = catalogue.tables[name].fresh
        if fresh is not None:
            known.add(fresh.column)
    return {name: frozenset(found[name]) for name in catalogue.tables if name in found}


def _read(catalogue: Catalogue, lowered: Lowered) -> Iterator[tuple[str, Iterable[str]]]:
    yield from _of_customers(catalogue, lowered)
    for name, asked in lowered.related.items():
        table = catalogue.tables[catalogue.relations[name].table]
        assert table.key is not None
        yield table.name, {table.key, *asked}
    wanted = [item for stage in lowered.stages.stages for item in stage.gathered]
    for name in sorted(lowered.events):
        event = catalogue.events[name]
        yield event.table, _of_event(event, set(properties_read(wanted, name)))
    kept = catalogue.consents.table
    if kept is not None:
        columns = (kept.customer, kept.channel, kept.status, kept.time, kept.purpose, kept.expiry)
        yield kept.table, [column for column in columns if column is not None]
    for leaf in lowered.program.leaves:
        if isinstance(leaf, leaves.Suppressed):
            yield catalogue.suppressions[leaf.name].table, [catalogue.suppressions[leaf.name].customer]


def _of_customers(catalogue: Catalogue, lowered: Lowered) -> Iterator[tuple[str, Iterable[str]]]:
    customers = catalogue.customers
    if customers.derivation is not None:
        yield customers.derivation.table, _of_derivation(customers.derivation)
    wanted = set(lowered.stages.attributes | lowered.stages.background)
    wanted |= {attribute for stage in lowered.stages.stages for attribute in stage.asked}
    wanted |= {catalogue.relations[name].column for name in (*lowered.related, *lowered.shared)}
    for recorded in catalogue.consents.columns.values():
        columns = (recorded.state, recorded.time, recorded.expiry)
        wanted |= {column for column in columns if column is not None}
    wanted -= {customers.key.name}
    if customers.derivation is not None:
        wanted -= customers.derivation.attributes.keys()
    for name in customers.joined:
        table = catalogue.tables[name]
        assert table.key is not None
        here = {column for column in wanted if column in table.columns and column != table.key}
        yield name, {table.key, *here}
        wanted -= here
    if customers.table is not None:
        yield customers.table, {customers.key.name, *wanted}


def _of_derivation(how: Derivation) -> Iterator[str]:
    yield from (how.key, how.time, *how.order_by, *(chosen.column for chosen in how.attributes.values()))
    if how.where is not None:
        yield from _properties(how.where)


def _of_event(event: Event, wanted: set[str]) -> Iterator[str]:
    """What tells which rows are such events, whose and when, and what the wanted properties are made of."""
    yield from (event.customer, event.time, *event.order_by)
    if event.where is not None:
        yield from _properties(event.where)
    if event.grouping is None:
        yield from wanted
        return
    yield from event.grouping.by
    for name, made in event.grouping.properties.items():
        # A property that must be one value may stop the run, whoever reads it.
        if made.of is not None and (name in wanted or made.kind is ir.AggregateKind.ONLY):
            yield from _properties(made.of)


def _properties(expression: ir.Expression) -> Iterator[str]:
    return (node.name for node in descendants(expression) if isinstance(node, ir.Property))
