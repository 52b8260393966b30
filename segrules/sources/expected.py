"""What the catalogue expects of a table's data: the columns that are stored, their zones, and what is checked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from segrules.diagnostics import codes
from segrules.diagnostics.finding import finding
from segrules.ir.catalogue import Catalogue, Column, Table
from segrules.sources.cast import Zones
from segrules.sources.check import Checked
from segrules.sources.problems import TableProblems
from segrules.sources.samples import place
from segrules.types.types import TextType
from segrules.types.zones import zone


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """A table's stored columns by name, the zones of each, and what their values are checked for."""

    table: Table
    columns: Mapping[str, Column]
    zones: Mapping[str, Zones]
    checked: Checked

    @property
    def wanted(self) -> frozenset[str]:
        """The names of the stored columns in the data."""
        return frozenset(column.physical for column in self.columns.values())


def expect(catalogue: Catalogue, table: Table, as_of: datetime, unique: Collection[str] | None = None) -> Expected:
    """What the catalogue says about a table; `as_of` without a zone is local.

    `unique` are the columns whose values must all differ: the keys, where it is None.

    Raises:
        TableProblems: there is no such time zone.
    """
    columns = _stored_columns(table)
    days = _known_zone(catalogue.zone, table)
    zones = {name: Zones(_known_zone(column.zone or catalogue.zone, table), days) for name, column in columns.items()}
    instant = as_of if as_of.tzinfo is not None else as_of.replace(tzinfo=days)
    keys = _keys(catalogue, table)
    compared = keys if unique is None else keys & frozenset(unique)
    checked = Checked(table, keys, compared, _of_events(catalogue, table), days, instant)
    return Expected(table, columns, zones, checked)


def _known_zone(name: str, table: Table) -> ZoneInfo:
    try:
        return zone(name)
    except LookupError:
        problem = finding(
            codes.CATALOGUE_NAME,
            f"there is no time zone `{name}`, in which local times of table `{table.name}` are read",
            place(table.span),
            help="name a zone of the IANA database, for example `Europe/London`",
        )
        raise TableProblems((problem,)) from None


def _stored_columns(table: Table) -> dict[str, Column]:
    """The columns that must be in the data: all but derived ones, and those that name a currency."""
    columns = {name: column for name, column in table.columns.items() if column.derive is None}
    for column in tuple(columns.values()):
        named_in = column.currency_column
        if named_in is not None and named_in not in table.columns:
            columns[named_in] = Column(named_in, TextType(), named_in, span=column.span)
    return columns


def _of_events(catalogue: Catalogue, table: Table) -> bool:
    return any(event.table == table.name for event in catalogue.events.values())


def _keys(catalogue: Catalogue, table: Table) -> frozenset[str]:
    keys = {table.key} if table.key is not None else set()
    if catalogue.customers.table == table.name:
        keys.add(catalogue.customers.key.name)
    return frozenset(keys)
