"""Attributes and derived columns into the columns that are stored in the data."""

from collections.abc import Iterable, Mapping

from segrules.ir.catalogue import Catalogue, Table
from segrules.ir.nodes import Property
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
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        derive = table.columns[name].derive
        if derive is None:
            found.add(name)
        else:
            waiting.extend(node.name for node in descendants(derive) if isinstance(node, Property))
    return frozenset(found)
