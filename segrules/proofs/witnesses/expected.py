"""A customer into the test that shows something of them, with what it needs of list files."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Condition, InSegment
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, GivenEvent, GivenRow, Test
from segrules.reference.text import folded
from segrules.types.zones import start_of_day, zone

Target = str | Condition
"""A segment by its name, or a condition that a test can ask about, such as a stage."""


def expected(
    title: str,
    given: GivenCustomer,
    as_of: datetime,
    *,
    in_: Iterable[Target] = (),
    not_in: Iterable[Target] = (),
    unknown_in: Iterable[Target] = (),
    lists: Mapping[str, frozenset[str]] | None = None,
    rows: tuple[GivenRow, ...] = (),
) -> Test:
    """The test that a customer is in some segments or stages, and not in others."""
    words = ((Expected.IN, in_), (Expected.NOT_IN, not_in), (Expected.UNKNOWN_IN, unknown_in))
    expectations = tuple(Expectation(word, _condition(target), 0) for word, targets in words for target in targets)
    return Test(title, as_of, (given,), dict(lists or {}), expectations, rows=rows)


def _condition(target: Target) -> Condition:
    return InSegment(target) if isinstance(target, str) else target


def in_order(events: Iterable[GivenEvent], catalogue: Catalogue) -> list[GivenEvent]:
    """Events by time; those of one time as they stand."""
    of = zone(catalogue.zone)

    def start(event: GivenEvent) -> datetime:
        return event.at if isinstance(event.at, datetime) else start_of_day(event.at, of)

    return sorted(events, key=start)


def lists_for(lists: Mapping[str, frozenset[str]], given: GivenCustomer) -> dict[str, frozenset[str]]:
    """Of the entries of every list file only those that a customer's own values equal, in small or capital letters.

    In a test they stand for the whole files, unless a rule looks up what is worked out of several values.
    """
    literals = [*given.attributes.values(), *(value for event in given.events for value in event.properties.values())]
    values = {folded(str(item.value)) for item in literals}
    found = {path: frozenset(entry for entry in entries if folded(entry) in values) for path, entries in lists.items()}
    return {path: entries for path, entries in found.items() if entries}
