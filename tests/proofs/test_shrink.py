"""Customers shrink to what is needed to show something."""

import os
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import Literal
from segrules.ir.testcases import Expectation, GivenCustomer
from segrules.ir.testcases import Test as Written
from segrules.proofs.replay import Replayer, confirm
from segrules.proofs.shrink import TRIES, shrink
from segrules.reference.problems import DataProblem
from tests.proofs.generated import ENTRIES, customers

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=30 * FUZZ,
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_the_smallest_customer_still_shows_it_and_needs_every_fact(seed: int) -> None:
    case = customers(seed, 24 * FUZZ)
    if case is None:
        return
    replayer = Replayer(case.rules, case.as_of, ENTRIES, case.rows)
    for who in case.given[:2]:
        try:
            row = replayer.add(who)
        except DataProblem:
            continue
        for target in list(case.targets())[:2]:
            wanted = (Expectation(replayer.found(row, target), target, 0),)
            if not replayer.holds(who, wanted):
                continue
            asked: list[GivenCustomer] = []

            def holds(
                given: GivenCustomer,
                wanted: tuple[Expectation, ...] = wanted,
                asked: list[GivenCustomer] = asked,
            ) -> bool:
                asked.append(given)
                return replayer.holds(given, wanted)

            small = shrink(who, holds, zone_name=case.catalogue.zone)
            assert len(asked) <= TRIES
            test = Written("small", case.as_of, (small,), ENTRIES, wanted, rows=case.rows)
            assert confirm(case.rules, test), f"{small}\n{case.told}"
            assert shrink(who, holds, zone_name=case.catalogue.zone) == small
            if len(asked) < TRIES:
                assert not [fact for fact in fewer(small) if holds(fact)], f"{small}\n{case.told}"


def fewer(given: GivenCustomer) -> list[GivenCustomer]:
    """The customer without any one attribute or event."""
    found = [replace(given, attributes=_but(given.attributes, name)) for name in given.attributes]
    events = given.events
    found += [replace(given, events=(*events[:at], *events[at + 1 :])) for at in range(len(events))]
    return found


def _but(values: Mapping[str, Literal], name: str) -> dict[str, Literal]:
    return {other: value for other, value in values.items() if other != name}
