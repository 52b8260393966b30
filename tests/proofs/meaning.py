"""Tests as they mean: what two of them have to agree in, however they are written."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from segrules.ir.nodes import Literal
from segrules.ir.testcases import GivenCustomer
from segrules.ir.testcases import Test as Written
from segrules.types.types import BooleanType


def plain(test: Written) -> Written:
    """Values without the types that they were written as; events by kind, and of each kind by time."""
    rows = tuple(replace(row, values=_values(row.values)) for row in test.rows)
    return replace(test, customers=tuple(map(_customer, test.customers)), rows=rows)


def _customer(given: GivenCustomer) -> GivenCustomer:
    events = sorted(given.events, key=lambda event: (event.event, _start(event.at)))
    return replace(
        given,
        attributes=_values(given.attributes),
        bands={rank: replace(value, type=BooleanType()) for rank, value in given.bands.items()},
        events=tuple(replace(event, properties=_values(event.properties)) for event in events),
    )


def _start(at: date | datetime) -> datetime:
    """A time to sort by; events of one kind are either all dated by the day, or none."""
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=UTC)


def _values(given: Mapping[str, Literal]) -> dict[str, Literal]:
    return {name: replace(value, type=BooleanType()) for name, value in given.items()}
