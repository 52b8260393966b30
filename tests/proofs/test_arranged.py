"""Customers who are laid by hand for many segments at once: what can be had besides is had, and nothing gets lost."""

from itertools import combinations

import pytest

from benchmarks.segments_catalogue import catalogue
from segrules.ir.rules import Rules
from segrules.proofs.pairs import all_pairs as module
from segrules.proofs.pairs.all_pairs import all_pairs
from segrules.proofs.pairs.pair import PairVerdict
from segrules.proofs.prover import Question
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from tests.conformance.cases import bind_text, errors

TOGETHER = {
    "a number that is low in a window and high in a longer one": (
        "did purchase at least 3 times in the last 90 days",
        "did not purchase in the last 30 days",
        "number of purchase = 4",
    ),
    "totals of two events": (
        "total of refund.amount <= 20% of total of purchase.amount",
        "total of refund.amount in the last 365 days >= 100 GBP",
        "number of purchase in the last 365 days <= 2",
    ),
    "numbers of two events": (
        "number of refund in the last 365 days > 50% of number of purchase in the last 365 days",
        "did purchase at least 5 times in the last 365 days",
        "number of refund <= 3",
    ),
    "a last row and those before it": (
        "last purchase was more than 60 days ago",
        "days since first purchase >= 400",
        "total of purchase.amount in the last 365 days >= 250 GBP",
    ),
}


def _rules(*conditions: str) -> Rules:
    found, findings = read_catalogue(Source("catalog.yaml", catalogue()))
    assert found is not None, findings
    text = "\n".join(f"segment s{place}\n  where {condition}\n" for place, condition in enumerate(conditions))
    rules, wrong = bind_text(text, found, {})
    assert errors(wrong) == []
    return rules


@pytest.mark.parametrize("name", TOGETHER)
def test_one_customer_is_in_all_without_a_question(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*pair: object, **how: object) -> Question:
        raise AssertionError(f"asked of {pair[1:]}")

    monkeypatch.setattr(module, "together", asked)
    assert set(all_pairs(_rules(*TOGETHER[name])).counts()) == {PairVerdict.OVERLAP}


def test_a_segment_that_cannot_be_had_besides_takes_nothing_from_the_others() -> None:
    conditions = [f"number of purchase in the last {days} days = {number}" for days, number in ((30, 1), (60, 3))]
    conditions += ["did not purchase in the last 45 days", "number of purchase in the last 90 days <= 2"]
    pairs = all_pairs(_rules(*conditions))
    apart = {("s0", "s2"), ("s1", "s3")}
    for one, other in combinations([f"s{place}" for place in range(4)], 2):
        expected = PairVerdict.DISJOINT if (one, other) in apart else PairVerdict.OVERLAP
        assert pairs.verdict(one, other) is expected
