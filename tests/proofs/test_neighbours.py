"""Customers who differ from a member in one fact, and what they show."""

from collections.abc import Iterator

import pytest

from segrules.ir.rules import Rules
from segrules.proofs.prover import Prover
from segrules.proofs.segments import about_segments, nobody_in
from segrules.proofs.statements import Kind
from segrules.proofs.verdict import Answer
from segrules.proofs.witnesses.neighbours import Neighbours
from segrules.proofs.witnesses.replay import confirm
from tests.proofs import tiny

RULES = """
segment web_buyers
  where    did buy at least 2 times
    and    tier = "web"
  except   vip
  eligible visits >= 1
  consent  email

segment nobody
  where visits > 2
"""


@pytest.fixture(scope="module")
def rules() -> Rules:
    return tiny.bound(RULES)


def near(rules: Rules, name: str) -> Iterator[Neighbours]:
    prover = Prover(rules)
    segment = rules.segments[name]
    yield Neighbours(prover, segment, nobody_in(prover, segment).verdict.witness)


def test_each_clause_keeps_somebody_out_alone(rules: Rules) -> None:
    (neighbours,) = near(rules, "web_buyers")
    for place in range(4):
        found = neighbours.kept_out_by(place)
        assert found is not None
        assert found.answer is Answer.REFUTED
        assert found.witness is not None
        assert confirm(rules, found.witness), place
    assert neighbours.outside() is not None


def test_without_a_member_there_is_nobody_near(rules: Rules) -> None:
    (neighbours,) = near(rules, "nobody")
    assert neighbours.member is None
    assert neighbours.outside() is None
    assert neighbours.kept_out_by(0) is None


def test_a_band_that_the_customer_cannot_have_shows_nothing() -> None:
    rules = tiny.bound(
        """
score loyalty
  among did buy
  rank often by number of buy into 2 bands, high is best

segment often_here
  where loyalty.often = 2
    and did buy
"""
    )
    found = {item.span.line: item.verdict.answer for item in about_segments(Prover(rules)) if item.kind is Kind.IDLE}
    assert list(found.values()) == [Answer.REFUTED, Answer.PROVED]
