"""What the fast replay says of a customer is what a test of that customer finds."""

import os
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import Band, Defined, InSegment, InStage, Literal
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expectation, Expected, GivenCustomer
from segrules.ir.testcases import Test as Written
from segrules.ir.walk import entries_of_lists
from segrules.proofs.witnesses.allowed import allowed
from segrules.proofs.witnesses.expected import expected, lists_for
from segrules.proofs.witnesses.replay import Replayer, confirm
from segrules.reference.problems import DataProblem
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from segrules.types.types import IntegerType
from tests.conformance.cases import bind_text, errors
from tests.fuzz import FUZZ, cases
from tests.proofs import shop
from tests.proofs.generated import ENTRIES, Customers, customers
from tests.proofs.shop import AS_OF, customer, purchase, text, whole


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=cases(40),
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_the_fast_replay_agrees_with_the_tests(seed: int) -> None:
    case = customers(seed, 24 * FUZZ)
    if case is None:
        return
    replayer = Replayer(case.rules, case.as_of, ENTRIES, case.rows)
    targets = list(case.targets())
    for place, plain in enumerate(case.given):
        who = plain if place % 2 else outright(plain, case, number=seed % 4)
        test = Written("one", case.as_of, (who,), ENTRIES, (), rows=case.rows)
        complete = [target for target in targets if not replayer.lacks(who, [target])]
        try:
            row = replayer.add(who)
        except DataProblem:
            some = tuple(Expectation(word, targets[0], 0) for word in Expected)
            assert not any(confirm(case.rules, replace(test, expectations=(item,))) for item in some), case.told
            continue
        found = tuple(Expectation(replayer.found(row, target), target, 0) for target in complete)
        assert confirm(case.rules, replace(test, expectations=found)), f"{who}\n{case.told}"
        assert replayer.holds(who, found)
        for item in found[:3]:
            other = next(word for word in Expected if word is not item.expected)
            wrong = (replace(item, expected=other),)
            assert not confirm(case.rules, replace(test, expectations=wrong))
            assert not replayer.holds(who, wrong)
        for target in set(targets).difference(complete):
            item = Expectation(replayer.found(row, target), target, 0)
            assert not confirm(case.rules, replace(test, expectations=(item,)))
            assert not replayer.holds(who, (item,))


def outright(given: GivenCustomer, case: Customers, number: int) -> GivenCustomer:
    """The customer with bands of a score set outright, and a value for a column that the catalogue computes."""
    ranks = [(score.name, rank) for score in case.rules.scores.values() for rank in score.ranks][:2]
    numbers = {
        column.name: Literal(number, column.type)
        for column in case.catalogue.customers.attributes.values()
        if column.derive is not None and isinstance(column.type, IntegerType)
    }
    bands = {rank: Literal(number, IntegerType()) for rank in ranks}
    return replace(given, bands=bands, attributes={**given.attributes, **numbers})


def test_one_customer_is_asked_one_thing_after_the_other() -> None:
    rules = shop.rules()
    replayer = Replayer(rules, AS_OF)
    row = replayer.add(customer(purchase(3, 600), country=text("DE"), consent="withdrawn"))
    assert replayer.qualifies(row, "buyers") is True
    assert not replayer.contact(row, "buyers")
    assert not replayer.member(row, "buyers")
    assert replayer.found(row, InSegment("buyers")) is Expected.NOT_IN
    assert replayer.qualifies(row, "rich") is False
    assert replayer.stage(row, "life") == "first"
    assert replayer.in_stage(row, "life", "other") is False
    assert replayer.truth(row, Defined("big")) is True
    assert replayer.value(row, Band("rf", "frequency", IntegerType())) == 1
    (clause,) = rules.segments["buyers"].consents
    assert not replayer.granted(row, clause, ())
    reached = replayer.add(customer(purchase(3, 600), country=text("DE"), consent="granted"))
    assert replayer.member(reached, "buyers")
    assert replayer.granted(reached, clause, ())


def test_what_is_not_asked_is_not_worked_out() -> None:
    replayer = Replayer(shop.rules(), AS_OF)
    row = replayer.add(customer(purchase(3, 600), country=text("FR")))
    assert (row.known.conditions, row.known.qualifying, row.known.bands, row.known.stages) == ({}, {}, {}, {})
    assert replayer.qualifies(row, "buyers") is False
    assert (row.known.conditions, set(row.known.qualifying), row.known.bands, row.known.stages) == (
        {}, {"buyers"}, {}, {}
    )  # fmt: skip


def test_bands_are_those_that_are_given() -> None:
    replayer = Replayer(shop.rules(), AS_OF)
    best = replace(customer(), bands={("rf", "frequency"): whole(5)})
    assert replayer.member(replayer.add(best), "good")
    assert replayer.qualifies(replayer.add(customer()), "good") is False
    assert confirm(shop.rules(), expected("best", best, AS_OF, in_=["good"]))


def test_lists_have_their_own_entries_or_those_that_are_given() -> None:
    rules = shop.rules()
    british = customer(purchase(3, 1), country=text("GB"), consent="granted")
    assert Replayer(rules, AS_OF).member(Replayer(rules, AS_OF).add(british), "buyers")
    without = Replayer(rules, AS_OF, {})
    assert not without.member(without.add(british), "buyers")
    assert lists_for(entries_of_lists(rules), british) == {"countries.csv": frozenset({"GB"})}
    assert lists_for(entries_of_lists(rules), customer(country=text("FR"))) == {}
    test = expected("british", british, AS_OF, in_=["buyers"], lists=lists_for(entries_of_lists(rules), british))
    assert confirm(rules, test)
    assert not confirm(rules, replace(test, lists={}))


def test_what_cannot_be_missing_has_to_be_given() -> None:
    rules = shop.rules()
    nobody = customer(purchase(3, 1))
    assert not confirm(rules, expected("no country", nobody, AS_OF, not_in=["buyers"]))
    assert not Replayer(rules, AS_OF).holds(nobody, expected("", nobody, AS_OF, not_in=["buyers"]).expectations)
    assert confirm(rules, expected("country not read", nobody, AS_OF, in_=[InStage("life", "first")]))


NOT_ALLOWED = {
    "a number below the range": {"age": whole(17)},
    "a number that is not whole": {"age": Literal(Fraction(37, 2), IntegerType())},
    "a text that is not listed": {"tier": text("gold")},
}


@pytest.mark.parametrize("name", NOT_ALLOWED)
def test_what_the_catalogue_does_not_allow_shows_nothing(name: str) -> None:
    rules = shop.rules()
    who = replace(customer(), attributes=NOT_ALLOWED[name])
    assert not allowed(who, rules.catalogue)
    test = expected(name, who, AS_OF, not_in=["good"])
    assert not confirm(rules, test)
    assert not Replayer(rules, AS_OF).holds(who, test.expectations)
    assert confirm(rules, expected(name, customer(age=whole(18), tier=text("web")), AS_OF, not_in=["good"]))


def test_an_amount_with_too_many_decimals_is_not_allowed() -> None:
    assert allowed(customer(purchase(1, Fraction(1999, 100))), shop.catalogue())
    assert not allowed(customer(purchase(1, Fraction(1, 1000))), shop.catalogue())


def test_a_status_of_consent_that_is_not_known_shows_nothing() -> None:
    rules = strange_states()
    who = GivenCustomer(None, {"mail": text("maybe")}, {}, (), (), frozenset())
    test = expected("maybe", who, AS_OF, not_in=["a"])
    assert not confirm(rules, test)
    assert not Replayer(rules, AS_OF).holds(who, test.expectations)
    with pytest.raises(DataProblem):
        Replayer(rules, AS_OF).add(who)


def strange_states() -> Rules:
    catalogue, _ = read_catalogue(
        Source(
            "catalog.yaml",
            "format: 1\ntime_zone: UTC\ntables:\n  t: {path: t.csv, key: id, columns: {id: text, mail: text}}\n"
            "customers: {table: t}\nconsents: {columns: {email: {state: mail}}}\n",
        )
    )
    assert catalogue is not None
    rules, findings = bind_text("segment a consent email", catalogue, {})
    assert errors(findings) == []
    return rules
