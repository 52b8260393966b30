"""The catalogue as the typed tree has it: tables, customers, events and consents, expressions bound and typed.

Built from the YAML models by `semantics/catalogue.py`. Engines read this, never the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from segrules.ir.nodes import AggregateKind, Condition, Value
from segrules.ir.windows import Period
from segrules.text.span import NOWHERE, Span
from segrules.types.types import Type


@dataclass(frozen=True, slots=True)
class Labels:
    """Governance labels of a column, of one of its values or of an event: what packs and policies speak of."""

    category: tuple[str, ...] = ()
    origin: str | None = None
    identifiability: str | None = None
    proxy_for: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `physical` is its name in the data. `minimum` and `maximum` bound what may occur, both ends in.
    `zone` is the zone in which local times (without an offset) are read.
    `derive` is set for a column that is computed from the others of its row; it is then not in the data.
    """

    name: str
    type: Type
    physical: str
    nullable: bool = True
    scale: int | None = None
    minimum: Fraction | date | datetime | None = None
    maximum: Fraction | date | datetime | None = None
    zone: str | None = None
    currency_column: str | None = None
    description: str | None = None
    synonyms: tuple[str, ...] = ()
    deprecated: str | None = None
    labels: Labels = Labels()
    value_labels: Mapping[str, Labels] = field(default_factory=dict)
    derive: Value | Condition | None = None
    span: Span = field(default=NOWHERE, compare=False)


class Format(StrEnum):
    """File formats of tables."""

    PARQUET = "parquet"
    CSV = "csv"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a CSV file is written."""

    delimiter: str = ","
    decimal_mark: str = "."
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"
    timestamp_format: str | None = None
    nulls: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Fresh:
    """The newest value of `column` may lie at most `within` before `as_of`."""

    column: str
    within: Period


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the data: where it lies and what its columns are; keys are unique and not null."""

    name: str
    path: str
    format: Format
    columns: Mapping[str, Column]
    key: str | None = None
    csv: CsvOptions = CsvOptions()
    hive: bool = False
    fresh: Fresh | None = None
    retain: Period | None = None
    description: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


class Choose(StrEnum):
    """How one value is chosen for a customer, or for a group of lines, out of several rows.

    Nulls are passed over by `MOST_FREQUENT` and `ONLY`; `LAST` and `FIRST` take the row as it is.
    Ties of `MOST_FREQUENT` go to the value seen last. `ONLY` stops the run where values differ.
    """

    LAST = "last by time"
    FIRST = "first by time"
    MOST_FREQUENT = "most frequent"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An attribute of derived customers: which column, and how it is chosen."""

    column: str
    choose: Choose


@dataclass(frozen=True, slots=True)
class Derivation:
    """Customers derived from a table of events: everybody whose key occurs in a row that satisfies `where`."""

    table: str
    key: str
    time: str
    order_by: tuple[str, ...]
    where: Condition | None
    attributes: Mapping[str, Chosen]


@dataclass(frozen=True, slots=True)
class Customers:
    """Who the customers are.

    `attributes` are all columns that a rule can name, by name, those of joined tables included.
    Exactly one of `table` and `derivation` is set; every table in `joined` has one row at most for a customer,
    matched on its key; a customer without a row there has missing attributes.
    """

    key: Column
    attributes: Mapping[str, Column]
    table: str | None = None
    derivation: Derivation | None = None
    joined: tuple[str, ...] = ()
    since: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Combined:
    """A property of grouped lines: one value out of the lines' `of`."""

    kind: AggregateKind
    of: Value | Condition | None


@dataclass(frozen=True, slots=True)
class Grouping:
    """Lines that make one event: rows with the same `by` (and the same customer).

    The event's time is the first or the last of the lines' times.
    """

    by: tuple[str, ...]
    time: Choose
    properties: Mapping[str, Combined]


@dataclass(frozen=True, slots=True)
class Event:
    """A kind of event: the rows of a table that satisfy `where`, perhaps several rows to an event.

    Ties in time are broken by `order_by`, then by nothing else:
    no rule tells apart rows that are equal there too.
    `properties` are what a rule's row filter can name.
    """

    name: str
    table: str
    customer: str
    time: str
    order_by: tuple[str, ...]
    where: Condition | None
    grouping: Grouping | None
    properties: Mapping[str, Column]
    description: str | None = None
    labels: Labels = Labels()
    span: Span = field(default=NOWHERE, compare=False)


class ConsentStatus(StrEnum):
    """The states of a consent record."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class ConsentColumns:
    """Consent for a channel kept in attributes of the customer: at most one record, without history.

    `state` holds a boolean or one of the texts in `statuses`; null is no record.
    """

    channel: str
    state: str
    time: str | None = None
    expiry: str | None = None
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsentTable:
    """Consent records as rows of a table: the latest at `as_of` counts, per channel and purpose."""

    table: str
    customer: str
    channel: str
    status: str
    time: str
    purpose: str | None = None
    expiry: str | None = None


@dataclass(frozen=True, slots=True)
class Consents:
    """Where consent stands: which channels there are, and how the data spells the states."""

    channels: tuple[str, ...] = ()
    columns: Mapping[str, ConsentColumns] = field(default_factory=dict)
    table: ConsentTable | None = None
    statuses: Mapping[str, ConsentStatus] = field(default_factory=dict)
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suppression:
    """A list of customers whom nobody may contact on `channels` (all channels where empty)."""

    name: str
    table: str
    customer: str
    channels: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cap:
    """A condition that must be known to be true of whom a segment of `channels` may contact (of all, where empty).

    `name` is that in the catalogue, None where a ruleset declares the cap.
    """

    name: str | None
    channels: tuple[str, ...]
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Relation:
    """A customer's link to another table, and the way back.

    `name` (as in `account.plan`) leads from a customer to the row of `table` whose key equals `column`;
    `back` (as in `account.users`), where given, leads to all customers who have the same key there.
    """

    name: str
    table: str
    column: str
    back: str | None = None
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def members(self) -> str:
        """The customers who share the key, as rules write them."""
        return f"{self.name}.{self.back}"


class LeapDay(StrEnum):
    """The day on which an anniversary of 29 February falls in common years."""

    FEBRUARY_28 = "28 february"
    MARCH_1 = "1 march"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that rules can speak of; `labels` are the project's own names for categories."""

    path: str
    zone: str
    tables: Mapping[str, Table]
    customers: Customers
    events: Mapping[str, Event] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    consents: Consents = Consents()
    suppressions: Mapping[str, Suppression] = field(default_factory=dict)
    caps: Mapping[str, Cap] = field(default_factory=dict)
    leap_day: LeapDay = LeapDay.FEBRUARY_28
    labels: tuple[str, ...] = ()
