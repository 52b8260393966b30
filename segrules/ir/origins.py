"""Attributes and derived columns into the columns that are stored in the data."""

from collections.abc import Iterable, Iterator, Mapping

from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.ir.nodes import Expression, Property
from segrules.ir.walk import descendants


def homes(catalogue: Catalogue) -> Mapping[str, tuple[str, str]]:
    """For each attribute of customers the table and the column that it comes from."""
    customers = catalogue.customers
    found: dict[str, tuple[str, str]] = {}
    derivation = customers.derivation
    if derivation is not None:
        found[derivation.key] = (derivation.table, derivation.key)
        found |= {name: (derivation.table, chosen.column) for name, chosen in derivation.attributes.items()}
    for table in (*((customers.table,) if customers.table else ()), *customers.joined):
        for column in catalogue.tables[table].columns:
            if column in customers.attributes:
                found.setdefault(column, (table, column))
    return found


def stored_columns(table: Table, names: Iterable[str]) -> frozenset[str]:
    """The columns in the data from which the columns `names`, derived ones perhaps, are known."""
    return frozenset(name for name, column in within(table, names).items() if column.derive is None)


def within(table: Table, names: Iterable[str]) -> dict[str, Column]:
    """The columns `names` with all columns that they are computed from, by name."""
    found: dict[str, Column] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            column = found[name] = table.columns[name]
            waiting.extend(() if column.derive is None else names_in(column.derive))
    return dict(sorted(found.items()))


def names_in(expression: Expression) -> Iterator[str]:
    """The columns that an expression over the rows of one table names."""
    return (node.name for node in descendants(expression) if isinstance(node, Property))
