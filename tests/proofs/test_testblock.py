"""Tests as blocks of the language: what is written is read back as the same test."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import Defined, Literal
from segrules.ir.testcases import Expectation, Expected, GivenCustomer
from segrules.ir.testcases import Test as Written
from segrules.proofs.testblock import Unwritable, block
from segrules.proofs.witness import entries_of_lists
from segrules.types.types import BooleanType
from tests.conformance.cases import bind_text
from tests.engine.rules import LISTS
from tests.proofs.generated import ENTRIES, customers

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=100 * FUZZ,
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_what_is_written_is_read_back(seed: int) -> None:
    case = customers(seed, 24 * FUZZ)
    if case is None:
        return
    targets = list(case.targets())
    for who in case.given:
        expectations = tuple(
            Expectation(list(Expected)[place % 3], target, 0)
            for place, target in enumerate(targets)
            if not isinstance(target, Defined)
        )
        lists = {path: ENTRIES[path] for path in entries_of_lists(case.rules)}
        test = Written("one", case.as_of, (who,), lists, expectations, rows=case.rows)
        try:
            text = block(test, case.catalogue)
        except Unwritable:
            continue
        rules, findings = bind_text(f"{case.text}\n\n{text}\n", case.catalogue, LISTS)
        (found,) = rules.tests
        assert plain(found) == plain(test), (
            f"{text}\n{[f for f in findings if f.span and f.span.line > case.text.count(chr(10))]}"
        )


def plain(test: Written) -> Written:
    """The test as it means: values without the types that they were written as, events in order of time."""
    rows = tuple(replace(row, values=values(row.values)) for row in test.rows)
    return replace(test, customers=tuple(map(plain_customer, test.customers)), rows=rows)


def plain_customer(given: GivenCustomer) -> GivenCustomer:
    at = {
        id(event): event.at if isinstance(event.at, datetime) else datetime.combine(event.at, datetime.min.time(), UTC)
        for event in given.events
    }
    events = sorted(given.events, key=lambda event: (event.event, at[id(event)]))
    return replace(
        given,
        attributes=values(given.attributes),
        bands={rank: replace(value, type=BooleanType()) for rank, value in given.bands.items()},
        events=tuple(replace(event, properties=values(event.properties)) for event in events),
    )


def values(given: Mapping[str, Literal]) -> dict[str, Literal]:
    """Equal where the values are."""
    return {name: replace(value, type=BooleanType()) for name, value in given.items()}
