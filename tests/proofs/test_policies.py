"""Policies about stages, retired segments and nobody at all."""

from segrules.proofs.policies import about_policies
from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from tests.proofs import tiny

RULES = """
partition tiers
  stage web   where tier = "web"
  stage trade where tier = "trade" and visits >= 1
  otherwise   rest

segment old_one
  status retired
  where  vip

policy known_visits
  applies to segment tiers.trade, tiers.web, old_one
  require visits >= 1

policy asked
  applies to segment tiers.web
  require consent email
"""


def test_a_stage_keeps_a_policy_or_breaks_it() -> None:
    rules = tiny.bound(RULES)
    found = {item.names: item.verdict for item in about_policies(Prover(rules), lambda name: False)}
    assert {names: verdict.answer for names, verdict in found.items()} == {
        ("tiers.trade", "known_visits"): Answer.PROVED,
        ("tiers.web", "known_visits"): Answer.REFUTED,
        ("tiers.web", "asked"): Answer.REFUTED,
    }
    assert found["tiers.web", "asked"].witness is not None
