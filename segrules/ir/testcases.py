"""Tests written in the language: what is given of each customer, and what is expected of them.

Fixtures are resolved, keys and times worked out: a test stands by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from segrules.ir.nodes import Condition, Literal
from segrules.text.span import NOWHERE, Span
from segrules.types.cells import Key


@dataclass(frozen=True, slots=True)
class GivenEvent:
    """An event, at a day where its time column holds days, else at an instant; properties left out are missing."""

    event: str
    at: date | datetime
    properties: Mapping[str, Literal]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent record: its `state` is granted, withdrawn, pending or expired.

    `at` is None where the test gives the state alone; `purpose` None covers all purposes.
    """

    channel: str
    state: str
    at: date | datetime | None
    purpose: str | None = None
    expiry: date | datetime | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenCustomer:
    """A customer of a test, `key` None where it has none; attributes left out are missing.

    `bands` are ranks of scores set outright.
    """

    key: Key | None
    attributes: Mapping[str, Literal]
    bands: Mapping[tuple[str, str], Literal]
    events: tuple[GivenEvent, ...]
    consents: tuple[GivenConsent, ...]
    suppressions: frozenset[str]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenRow:
    """A row of a table to which a relation leads; columns left out are missing."""

    table: str
    key: Key
    values: Mapping[str, Literal]


class Expected(StrEnum):
    """What a test expects of a customer and a segment, stage or value; each excludes the others."""

    IN = "in"
    NOT_IN = "not in"
    UNKNOWN_IN = "unknown in"


@dataclass(frozen=True, slots=True)
class Expectation:
    """`in win_back`, `not in champions` for one customer, by its place among those of the test.

    A segment is an `InSegment`: members are meant, so that consent counts. A value is a comparison that is expected to
    hold.
    """

    expected: Expected
    target: Condition
    customer: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Test:
    """A test: everything that there is at its instant, and what is expected; `lists` has entries by path."""

    title: str
    as_of: datetime
    customers: tuple[GivenCustomer, ...]
    lists: Mapping[str, frozenset[str]]
    expectations: tuple[Expectation, ...]
    span: Span = field(default=NOWHERE, compare=False)
    rows: tuple[GivenRow, ...] = ()

    @property
    def scores(self) -> frozenset[str]:
        """The scores of which a band is set outright."""
        return frozenset(score for customer in self.customers for score, _ in customer.bands)
