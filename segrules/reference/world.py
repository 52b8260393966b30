"""The plain tables as customers with their attributes, events and consents: what conditions are tested on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from segrules.ir.catalogue import ConsentStatus
from segrules.reference.outcome import Ignored
from segrules.reference.windows import Clock
from segrules.types.cells import Cell, Key


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, or one event: its columns by name, null being None."""

    values: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class EventRow(Row):
    """An event that is seen: its time, and its properties."""

    time: date | datetime


@dataclass(frozen=True, slots=True)
class ChainRow(Row):
    """A row as a later step of a chain; `earlier` are the rows of the steps before it."""

    earlier: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A consent record that is seen; `purposes` is empty where it covers all.

    `time` and `status` are None where they are not recorded.
    """

    channel: str
    purposes: frozenset[str]
    status: ConsentStatus | None
    time: date | datetime | None
    expiry: date | datetime | None


@dataclass(slots=True)
class Customer:
    """A customer: key, attributes, events by kind in order of time, consents, and suppression lists they stand on."""

    key: Key
    attributes: Mapping[str, Cell]
    events: dict[str, list[EventRow]] = field(default_factory=dict)
    consents: list[ConsentRecord] = field(default_factory=list)
    suppressions: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class World:
    """All customers, sorted by key, at one instant; rows of related tables by relation and key."""

    clock: Clock
    customers: Sequence[Customer]
    ignored: tuple[Ignored, ...]
    related: Mapping[str, Mapping[Key, Row]] = field(default_factory=dict)
