"""What tests give into the tables that the reference interpreter reads: plain cells, column by column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from segrules.ir.catalogue import Catalogue, Column, ConsentColumns, ConsentStatus
from segrules.ir.nodes import Condition, Literal, Property
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenRow
from segrules.ir.walk import descendants
from segrules.reference.interpreter import Interpreter
from segrules.reference.values import Absent, Doubt
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.testing.catalogue import (
    CHANNEL,
    CONSENTS,
    CUSTOMERS,
    EXPIRY,
    KEY,
    PURPOSE,
    STATUS,
    TIME,
    Kept,
    Outright,
    band_column,
    events_table,
    kept_of_customers,
    kept_of_event,
    stored,
    suppression_table,
)
from segrules.types.cells import Cell, Key, Tables
from segrules.types.types import BooleanType, DateType, TextType
from segrules.types.zones import local_day, zone

_Row = dict[str, Cell]

_DECIMALS = 30


@dataclass(slots=True)
class Writer:
    """Writes customers of tests into rows of the tables of `made`, the catalogue of tests made of `catalogue`."""

    catalogue: Catalogue
    made: Catalogue
    as_of: datetime
    outright: Outright
    related: Sequence[GivenRow] = ()
    _customers: Kept = field(init=False)
    _events: dict[str, Kept] = field(init=False)

    _interpreter: Interpreter = field(init=False)

    def __post_init__(self) -> None:
        self._interpreter = Interpreter(self.made, Clock(self.as_of, self.made.zone))
        self._customers = kept_of_customers(self.catalogue, self.outright)
        events = self.catalogue.events.values()
        self._events = {event.name: kept_of_event(self.catalogue, event, self.outright) for event in events}

    def tables(self, customers: Sequence[tuple[Key, GivenCustomer]]) -> Tables:
        """All tables with these customers, who have these keys there, and the rows to which relations lead."""
        rows: dict[str, list[_Row]] = {name: [] for name in self.made.tables}
        for key, customer in customers:
            rows[CUSTOMERS].append(self._customer(key, customer))
            for event in customer.events:
                rows[events_table(event.event)].append(
                    self._event(key, customer, event.event, event.at, event.properties)
                )
            for name in customer.suppressions:
                rows[suppression_table(name)].append({KEY: key})
            for consent in customer.consents:
                if consent.channel not in self.catalogue.consents.columns:
                    rows[CONSENTS].append(self._consent(key, consent))
        for given in (*self.related, *self._related_customers(customers)):
            key_column = self.made.tables[given.table].key
            assert key_column is not None
            values = {name: value.value for name, value in given.values.items()}
            rows[given.table].append({key_column: given.key, **values})
        return {
            name: {column: [row.get(column) for row in rows[name]] for column in stored(table)}
            for name, table in self.made.tables.items()
        }

    def _related_customers(self, customers: Sequence[tuple[Key, GivenCustomer]]) -> Iterator[GivenRow]:
        """The customers as rows, where relations lead to customers; rows that are given come before them."""
        own = self.catalogue.customers.table
        if own is None or all(relation.table != own for relation in self.catalogue.relations.values()):
            return
        table = self.catalogue.tables[own]
        held = {column.name for column in table.columns.values() if column.derive is None and column.name != table.key}
        told = {given.key for given in self.related if given.table == own}
        for _, customer in customers:
            if customer.key is not None and customer.key not in told:
                values = {name: value for name, value in customer.attributes.items() if name in held}
                yield GivenRow(own, customer.key, values)

    def _customer(self, key: Key, customer: GivenCustomer) -> _Row:
        row: _Row = {KEY: key}
        row.update(dict.fromkeys(self._customers.keys, customer.key))
        row.update({name: value.value for name, value in customer.attributes.items()})
        row.update({band_column(*rank): value.value for rank, value in customer.bands.items()})
        for consent in customer.consents:
            columns = self.catalogue.consents.columns.get(consent.channel)
            if columns is not None:
                row.update(self._in_columns(columns, consent))
        self._work_out(row, self._customers)
        return row

    def _event(
        self, key: Key, customer: GivenCustomer, event: str, at: Cell, properties: Mapping[str, Literal]
    ) -> _Row:
        kept = self._events[event]
        row: _Row = {KEY: key, TIME: at}
        row.update(dict.fromkeys(kept.keys, customer.key))
        row.update(dict.fromkeys(kept.times, at))
        row.update({name: value.value for name, value in properties.items()})
        self._work_out(row, kept)
        return row

    def _work_out(self, row: _Row, kept: Kept) -> None:
        """Compute what another row of the test gives outright, so that no engine computes it."""
        for name, column in kept.outright.items():
            if name not in row:
                row[name] = self._computed(column, row, kept)

    def _computed(self, column: Column, row: _Row, kept: Kept) -> Cell:
        if column.name in row or column.derive is None:
            return row.get(column.name)
        reads = [node.name for node in descendants(column.derive) if isinstance(node, Property)]
        known = {**kept.columns, **kept.outright}
        line = Row({name: self._computed(known[name], row, kept) if name in known else row.get(name) for name in reads})
        if isinstance(column.derive, Condition):
            return self._interpreter.truth(column.derive, None, line)
        value = self._interpreter.value(column.derive, None, line)
        if isinstance(value, Absent | Doubt):
            return None
        # Both engines get the same number, cut where no column of decimals could hold it.
        return round(value, _DECIMALS) if isinstance(value, Fraction) else value

    def _consent(self, key: Key, consent: GivenConsent) -> _Row:
        how = self.catalogue.consents.table
        assert how is not None
        at = consent.at
        if at is None:  # only whether it is seen counts: nothing asks when it was given
            of = self.catalogue.tables[how.table].columns[how.time].type
            day = local_day(self.as_of, zone(self.catalogue.zone)) - timedelta(days=1)
            at = day if isinstance(of, DateType) else self.as_of - timedelta(microseconds=1)
        status = "granted" if consent.state == "expired" else consent.state
        return {
            KEY: key, CHANNEL: consent.channel, PURPOSE: consent.purpose, STATUS: status, TIME: at,
            EXPIRY: consent.expiry,
        }  # fmt: skip

    def _in_columns(self, columns: ConsentColumns, consent: GivenConsent) -> _Row:
        state = ConsentStatus.GRANTED if consent.state == "expired" else ConsentStatus(consent.state)
        row: _Row = {columns.state: self._spelled(self.catalogue.customers.attributes[columns.state], state)}
        if columns.time is not None and consent.at is not None:
            row[columns.time] = consent.at
        if columns.expiry is not None and consent.expiry is not None:
            row[columns.expiry] = consent.expiry
        return row

    def _spelled(self, column: Column, state: ConsentStatus) -> Cell:
        if isinstance(column.type, BooleanType):
            return state is ConsentStatus.GRANTED
        found = [text for text, status in self.catalogue.consents.statuses.items() if status is state]
        listed = column.type.values if isinstance(column.type, TextType) else None
        return next((text for text in found if listed is None or text in listed), found[0])
