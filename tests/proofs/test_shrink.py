"""Customers shrink to what is needed to show something."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import Literal
from segrules.ir.testcases import Expectation, GivenConsent, GivenCustomer, GivenEvent
from segrules.ir.testcases import Test as Written
from segrules.proofs.witnesses.expected import expected
from segrules.proofs.witnesses.replay import Replayer, confirm
from segrules.proofs.witnesses.shrink import TRIES, Place, shrink
from segrules.proofs.witnesses.testblock import block
from segrules.reference.problems import DataProblem
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
)
from tests.fuzz import FUZZ, cases
from tests.proofs import shop
from tests.proofs.generated import ENTRIES, customers
from tests.proofs.shop import AS_OF, customer, purchase, text, whole


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=cases(20),
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


def test_what_says_nothing_is_left_out_and_what_stays_is_plain() -> None:
    rules = shop.rules()
    many = [purchase(days, 97 + days, "left at the door") for days in range(1, 25)]
    who = replace(customer(*many, country=text("DE"), age=whole(37), tier=text("trade"), consent="granted"), key=4711)
    test = expected("rich", who, AS_OF, in_=["rich"], not_in=["buyers"], lists={})
    replayer = Replayer(rules, AS_OF, {})
    assert replayer.holds(who, test.expectations)
    small = shrink(who, lambda given: replayer.holds(given, test.expectations), zone_name="Europe/London")
    assert block(replace(test, customers=(small,)), rules.catalogue).splitlines() == [
        'test "rich"',
        "  as of 2026-11-01",
        '  given customer with country = "DE"',
        *(f"  given purchase on 2026-10-{day:02} with amount = 100 GBP" for day in range(8, 13)),
        "  expect in rich, not in buyers",
    ]


def test_proposed_values_come_first() -> None:
    rules = shop.rules("segment old where age > 20 and did purchase where (amount > 2 GBP)")
    who = customer(purchase(9, Fraction(6413, 100), "x"), age=whole(57))
    test = expected("old", who, AS_OF, in_=["old"])
    replayer = Replayer(rules, AS_OF)
    wanted = {("", "age"): [18, 21, 25], ("purchase", "amount"): [1, 3]}

    def proposed(place: Place, literal: Literal) -> list[Literal]:
        return [replace(literal, value=value) for value in wanted.get(place, [])]

    small = shrink(
        who, lambda given: replayer.holds(given, test.expectations), zone_name="Europe/London", proposed=proposed
    )
    assert small == customer(
        GivenEvent("purchase", datetime(2026, 10, 22, 23, tzinfo=UTC), {"amount": Literal(3, MoneyType("GBP"))}),
        age=whole(21),
    )


def test_tries_are_counted() -> None:
    asked: list[GivenCustomer] = []
    many = customer(*(purchase(days, days) for days in range(1, 60)), age=whole(37))

    def holds(given: GivenCustomer) -> bool:
        asked.append(given)
        return len(given.events) > 40

    small = shrink(many, holds, tries=25)
    assert len(asked) == 25
    assert holds(small)


SIMPLER: Mapping[str, tuple[Literal, Callable[[Any], bool], Any]] = {
    "a number is rounded to as few digits as will do": (whole(640), lambda value: 615 < value < 645, 640),
    "a number may get down to the next ten": (whole(647), lambda value: 615 < value < 655, 640),
    "a number may get up to the next hundred": (whole(647), lambda value: value > 630, 700),
    "a number may become 1": (whole(647), lambda value: value >= 0, 1),
    "a number may become 0": (whole(647), lambda value: value < 1, 0),
    "a negative number": (whole(-647), lambda value: value < -30, -700),
    "decimals": (Literal(Fraction(1237, 100), DecimalType()), lambda value: 12 < value < 13, Fraction(123, 10)),
    "a double is one still": (
        Literal(Fraction(0.37), FloatType()), lambda value: 0.29 < value < 0.31, Fraction(0.3)
    ),
    "a text gets shorter": (text("left in the porch"), lambda value: "o" in value, "left in the po"),
    "a short text stays": (text("DE"), lambda value: True, "DE"),
    "a text gets plain": (text("\u00e9\u00e9"), lambda value: len(value) == 2, "aa"),
    "a text of a closed list stays": (Literal("web", TextType(("web", "a"))), lambda value: value, "web"),
    "a list gets shorter": (
        Literal(("x", "y", "z"), ListType()), lambda value: "y" in value, ("y",)
    ),
    "a truth stays": (Literal(True, BooleanType()), lambda value: True, True),
    "a day stays": (Literal(date(2026, 5, 4), DateType()), lambda value: True, date(2026, 5, 4)),
    "an instant becomes a day": (
        Literal(datetime(2026, 5, 4, 9, 30, tzinfo=UTC), TimestampType()),
        lambda value: True,
        datetime(2026, 5, 3, 23, tzinfo=UTC),
    ),
    "an instant becomes the next day": (
        Literal(datetime(2026, 5, 4, 9, 30, tzinfo=UTC), TimestampType()),
        lambda value: value > datetime(2026, 5, 4, tzinfo=UTC),
        datetime(2026, 5, 4, 23, tzinfo=UTC),
    ),
    "an instant keeps its hour": (
        Literal(datetime(2026, 5, 4, 9, 30, 5, tzinfo=UTC), TimestampType()),
        lambda value: value.day == 4 and 1 < value.hour < 22,
        datetime(2026, 5, 4, 9, tzinfo=UTC),
    ),
    "an instant at the end of the calendar stays": (
        Literal(datetime(9999, 12, 31, 23, 30, 5, tzinfo=UTC), TimestampType()),
        lambda value: True,
        datetime(9999, 12, 31, 23, 30, 5, tzinfo=UTC),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SIMPLER)
def test_values_become_plain(name: str) -> None:
    literal, holds, simple = SIMPLER[name]
    who = customer(it=literal)

    def shown(given: GivenCustomer) -> bool:
        return "it" in given.attributes and holds(given.attributes["it"].value)

    small = shrink(who, shown, zone_name="Europe/London")
    assert small.attributes["it"].value == simple


def test_consents_lose_what_says_nothing() -> None:
    long_ago = datetime(2026, 1, 2, 9, 30, tzinfo=UTC)
    given_then = GivenConsent("email", "granted", long_ago, "offers", long_ago)
    who = replace(
        customer(), consents=(given_then, replace(given_then, state="withdrawn")), suppressions=frozenset({"x"})
    )
    alone = shrink(who, lambda given: len(given.consents) == 1)
    assert alone == replace(customer(), consents=(GivenConsent("email", "withdrawn", None),))
    timed = shrink(who, lambda given: any(consent.at is not None and consent.purpose for consent in given.consents))
    assert timed.consents == (GivenConsent("email", "withdrawn", datetime(2026, 1, 2, tzinfo=UTC), "offers"),)


def test_consents_of_one_channel_keep_their_times() -> None:
    times = (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC))
    consents = tuple(
        GivenConsent("email", state, at) for state, at in zip(("granted", "withdrawn"), times, strict=True)
    )
    who = replace(customer(), consents=consents)
    assert shrink(who, lambda given: len(given.consents) == 2) == who
