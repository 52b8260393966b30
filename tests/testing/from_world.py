"""Customers as the interpreter sees them into customers of tests that give the same."""

from collections.abc import Mapping

from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.ir.nodes import Literal
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenEvent, GivenRow
from segrules.reference.world import Customer, World
from segrules.types.cells import Cell


def given_of(customer: Customer, catalogue: Catalogue) -> GivenCustomer:
    """What a test gives of a customer, all of it."""
    events = tuple(
        GivenEvent(name, row.time, _literals(row.values, catalogue.events[name].properties))
        for name, rows in customer.events.items()
        for row in rows
    )
    # A row of consents may lack its channel; a test has no words for that.
    told = set(catalogue.consents.channels).difference(catalogue.consents.columns)
    consents = tuple(
        GivenConsent(record.channel, record.status.value, record.time, next(iter(record.purposes), None), record.expiry)
        for record in customer.consents
        if record.channel in told and record.status is not None
    )
    attributes = _literals(customer.attributes, catalogue.customers.attributes)
    return GivenCustomer(customer.key, attributes, {}, events, consents, frozenset(customer.suppressions))


def _literals(values: Mapping[str, Cell], columns: Mapping[str, Column]) -> dict[str, Literal]:
    """All that is not computed, and not null."""
    return {
        name: Literal(value, columns[name].type)  # type: ignore[arg-type]  # infinite numbers are no constants
        for name, value in values.items()
        if value is not None and name in columns and columns[name].derive is None
    }


def _beside_key(values: Mapping[str, Cell], table: Table) -> dict[str, Literal]:
    columns = {name: column for name, column in table.columns.items() if name != table.key}
    return _literals(values, columns)


def rows_of(world: World, catalogue: Catalogue) -> tuple[GivenRow, ...]:
    """The rows of related tables, other than those of the customers."""
    rows = {
        (relation.table, key): GivenRow(relation.table, key, _beside_key(row.values, catalogue.tables[relation.table]))
        for relation in catalogue.relations.values()
        if relation.table != catalogue.customers.table
        for key, row in world.related[relation.name].items()
    }
    return tuple(rows.values())
