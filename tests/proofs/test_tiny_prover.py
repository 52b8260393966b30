"""The prover against the tiny world: what is proved, nobody contradicts; who is there, is found, and can be pasted."""

import os

import pytest

from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer, Reason
from segrules.testing.run import Bench
from tests.proofs import asking, tiny

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))
_EVERYBODY = (1 << len(tiny.people())) - 1


@pytest.mark.parametrize("seed", range(100, 100 + 2 * FUZZ))
@pytest.mark.parametrize("fixed", [False, True], ids=["at any time", "at one time"])
def test_the_prover_agrees_with_everybody(seed: int, fixed: bool) -> None:
    text = tiny.segments(seed, 3)
    rules = tiny.bound(text)
    members = {name: found.members for name, found in tiny.find(rules).items()}
    prover = Prover(rules, tiny.AS_OF if fixed else None)
    bench = Bench(rules, lambda what, done, total: None)
    for claim in asking.claims(sorted(rules.segments)):
        verdict = asking.answer(prover, claim)
        contradicting = asking.against(claim, members, _EVERYBODY)
        if verdict.answer is Answer.PROVED:
            assert not contradicting, (claim, tiny.somebody(contradicting), text)
        if verdict.answer is Answer.REFUTED:
            assert verdict.witness is not None
            assert not fixed or verdict.witness.as_of == tiny.AS_OF
            asking.check_witness(rules, text, tiny.catalogue(), verdict.witness, bench=bench)
        # Whoever cannot be made into a customer is one whom formulas do not follow to the end.
        assert verdict.reason not in (Reason.UNCONFIRMED, Reason.BUDGET, Reason.SIZE), (claim, text)
