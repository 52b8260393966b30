"""What formulas call impossible, no customer of the tiny world is; with any `as_of`, and with the one of that world."""

import pytest

from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.problem import problem
from segrules.proofs.formulas.logic import no
from segrules.proofs.formulas.smt import Conflict, decide
from tests.proofs import tiny


@pytest.mark.parametrize("seed", range(21, 24))
def test_what_cannot_be_is_not_there(seed: int) -> None:
    rules = tiny.bound(tiny.segments(seed, 4))
    found = tiny.find(rules)
    encoder = Encoder(rules)
    conflicts = 0
    for one in found:
        for other in found:
            questions = (
                (encoder.member(other), found[one].members & found[other].members),
                (no(encoder.member(other)), found[one].members & ~found[other].members),
            )
            for formula, customers in questions:
                asked = (encoder.member(one), formula)
                closed = problem(encoder, asked)
                for facts in (closed.facts, (*closed.facts, closed.at(encoder, tiny.AS_OF))):
                    if isinstance(decide(facts, asked), Conflict):
                        conflicts += 1
                        assert not customers, (one, other, tiny.somebody(customers))
    assert conflicts
