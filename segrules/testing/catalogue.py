"""A catalogue into the one that tests are evaluated with: plain tables that hold what tests can give.

A test gives attributes of customers and properties of events, however the catalogue makes these out of its tables:
joined tables, lines that make one event, and customers derived from events are all gone here. A column that the
catalogue computes still is, unless the tests give it themselves.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile

from segrules.ir.catalogue import (
    Catalogue,
    Column,
    ConsentStatus,
    ConsentTable,
    Customers,
    Event,
    Format,
    Suppression,
    Table,
)
from segrules.ir.nodes import Property
from segrules.ir.rules import Score
from segrules.ir.walk import descendants
from segrules.types.types import IntegerType, TextType, Type

# Names with parentheses: no rule can speak of them, so that they meet no column of the catalogue.
CUSTOMERS, CONSENTS = "(customers)", "(consents)"
KEY, TIME = "(customer)", "(time)"
CHANNEL, PURPOSE, STATUS, EXPIRY = "(channel)", "(purpose)", "(status)", "(expiry)"

Outright = frozenset[tuple[str, str]]
"""Computed columns that tests give themselves: event (empty for customers) and name."""


def events_table(event: str) -> str:
    """The table that holds the events of a kind."""
    return f"(event {event})"


def suppression_table(name: str) -> str:
    """The table that holds a suppression list."""
    return f"(suppression {name})"


def band_column(score: str, rank: str) -> str:
    """The column that holds a band that is set outright."""
    return f"{score}.{rank}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The columns of a table of tests by name; `keys` and `times` are those that stand for the key and the time.

    `outright` are computed columns, as the catalogue has them, that stand in the table because a test gives them.
    """

    columns: Mapping[str, Column]
    keys: frozenset[str] = frozenset()
    times: frozenset[str] = frozenset()
    outright: Mapping[str, Column] = field(default_factory=dict)


def kept_of_customers(catalogue: Catalogue, outright: Outright) -> Kept:
    """All attributes, and what those that are computed are computed from."""
    customers = catalogue.customers
    columns = {name: _plain(column, given=("", name) in outright) for name, column in customers.attributes.items()}
    keys = {customers.key.name}
    for name in (customers.table, *customers.joined):
        table = catalogue.tables[name] if name is not None else None
        if table is not None:
            keys |= {table.key} if table.key is not None else set()
            columns = _with_sources(columns, table)
    given = {name: column for name, column in customers.attributes.items() if ("", name) in outright}
    return Kept(columns, frozenset(keys & columns.keys()), outright=given)


def kept_of_event(catalogue: Catalogue, event: Event, outright: Outright) -> Kept:
    """All properties, and what those that are computed are computed from."""
    columns = {name: _plain(column, given=(event.name, name) in outright) for name, column in event.properties.items()}
    if event.grouping is not None:
        return Kept(columns)
    columns = _with_sources(columns, catalogue.tables[event.table])
    keys, times = frozenset({event.customer} & columns.keys()), frozenset({event.time} & columns.keys())
    given = {name: column for name, column in event.properties.items() if (event.name, name) in outright}
    return Kept(columns, keys, times, given)


def computed(catalogue: Catalogue) -> Outright:
    """All columns that the catalogue computes."""
    attributes = catalogue.customers.attributes.items()
    found = {("", name) for name, column in attributes if column.derive is not None}
    for event in catalogue.events.values():
        found |= {(event.name, name) for name, column in event.properties.items() if column.derive is not None}
    return frozenset(found)


def for_tests(catalogue: Catalogue, key: Type, scores: Iterable[Score], outright: Outright) -> Catalogue:
    """The catalogue of tests with keys of type `key`, which set the bands of `scores` and `outright` themselves."""
    bands = {
        band_column(score.name, rank): Column(
            band_column(score.name, rank), IntegerType(), band_column(score.name, rank)
        )
        for score in scores
        for rank in score.ranks
    }
    of_customers = {**kept_of_customers(catalogue, outright).columns, **bands}
    own = Column(KEY, key, KEY)
    tables = {CUSTOMERS: _table(CUSTOMERS, {KEY: own, **of_customers}, KEY)}
    events = {}
    for event in catalogue.events.values():
        kept = kept_of_event(catalogue, event, outright)
        time = catalogue.tables[event.table].columns[event.time].type
        name = events_table(event.name)
        tables[name] = _table(name, {KEY: own, TIME: Column(TIME, time, TIME), **kept.columns})
        # Beyond what a test can give, events of one time stand as the test has them.
        order = tuple(takewhile(kept.columns.__contains__, event.order_by))
        events[event.name] = replace(
            event, table=name, customer=KEY, time=TIME, order_by=order, where=None, grouping=None, properties={
                column: kept.columns[column] for column in event.properties
            },
        )  # fmt: skip
    suppressions = {}
    for item in catalogue.suppressions.values():
        name = suppression_table(item.name)
        tables[name] = _table(name, {KEY: own})
        suppressions[item.name] = Suppression(item.name, name, KEY, item.channels, item.span)
    for relation in catalogue.relations.values():
        related = catalogue.tables[relation.table]
        columns = {name: _plain(column, given=False) for name, column in related.columns.items()}
        tables[related.name] = _table(related.name, columns, related.key)
    consents = catalogue.consents
    if consents.table is not None:
        tables[CONSENTS] = _table(CONSENTS, {KEY: own, **_of_consents(catalogue, consents.table)})
        statuses = {status.value: status for status in ConsentStatus}
        kept_in = ConsentTable(CONSENTS, KEY, CHANNEL, STATUS, TIME, PURPOSE, EXPIRY)
        consents = replace(consents, table=kept_in, statuses=statuses)
    customers = Customers(own, of_customers, CUSTOMERS, since=catalogue.customers.since, span=catalogue.customers.span)
    return replace(
        catalogue, tables=tables, customers=customers, events=events, consents=consents, suppressions=suppressions
    )


def _of_consents(catalogue: Catalogue, how: ConsentTable) -> Mapping[str, Column]:
    stored = catalogue.tables[how.table].columns
    time = stored[how.time].type
    expiry = time if how.expiry is None else stored[how.expiry].type
    types = {CHANNEL: TextType(), PURPOSE: TextType(), STATUS: TextType(), TIME: time, EXPIRY: expiry}
    return {name: Column(name, of, name) for name, of in types.items()}


def _with_sources(columns: Mapping[str, Column], table: Table) -> dict[str, Column]:
    """The columns of a table that are there, in its order, with all that they are computed from; then all others."""
    needed = {name for name in table.columns if name in columns}
    waiting = list(needed)
    while waiting:
        column = columns.get(waiting[-1], table.columns[waiting[-1]])
        waiting.pop()
        new = {name for name in _sources(column) if name in table.columns} - needed
        needed |= new
        waiting += new
    of_table = {
        name: columns.get(name) or _plain(table.columns[name], given=False) for name in table.columns if name in needed
    }
    return {**of_table, **{name: column for name, column in columns.items() if name not in of_table}}


def _sources(column: Column) -> Iterator[str]:
    if column.derive is not None:
        yield from (node.name for node in descendants(column.derive) if isinstance(node, Property))


def _plain(column: Column, *, given: bool) -> Column:
    """A column as it stands in memory, where everything may be missing."""
    return Column(column.name, column.type, column.name, derive=None if given else column.derive, span=column.span)


def _table(name: str, columns: Mapping[str, Column], key: str | None = None) -> Table:
    return Table(name, "", Format.ARROW, columns, key)


def stored(table: Table) -> Collection[str]:
    """The columns of a table that are not computed."""
    return [name for name, column in table.columns.items() if column.derive is None]
