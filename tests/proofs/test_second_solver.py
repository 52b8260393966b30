"""Z3 and CP-SAT agree on what cannot be satisfied."""

import os
from datetime import datetime

import pytest

from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.problem import problem
from segrules.proofs.formulas.logic import Formula, no
from segrules.proofs.formulas.smt import Conflict, decide
from segrules.proofs.prover import usual_instant
from tests.proofs import tiny
from tests.proofs.test_questions import QUESTIONS, bound, rules_of

cpsat = pytest.importorskip(
    "tests.proofs.cpsat", reason="OR-Tools has no wheel for this platform", exc_type=ImportError
)

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))


def _questions(encoder: Encoder) -> list[tuple[Formula, ...]]:
    members = [encoder.member(name) for name in sorted(encoder.rules.segments)]
    pairs = [(one, other) for place, one in enumerate(members) for other in members[place + 1 :]]
    return [*((one,) for one in members), *pairs, *((one, no(other)) for one, other in pairs)]


def _agree(encoder: Encoder, at: datetime) -> int:
    """How many questions both solvers decide, alike."""
    decided = 0
    for asked in _questions(encoder):
        posed = problem(encoder, asked)
        formulas = [*posed.facts, *asked, posed.at(encoder, at)]
        try:
            second = cpsat.satisfiable(formulas)
        except cpsat.TooWide:
            continue
        if second is not None:
            decided += 1
            assert second is not isinstance(decide(formulas), Conflict), [item.key for item in asked]
    return decided


@pytest.mark.parametrize("seed", range(300, 300 + 3 * FUZZ))
def test_two_solvers_agree(seed: int) -> None:
    assert _agree(Encoder(tiny.bound(tiny.segments(seed, 4))), tiny.AS_OF)


def test_two_solvers_agree_on_named_questions() -> None:
    decided = 0
    for _, one, other, _ in QUESTIONS:
        rules = bound(rules_of(one, other))
        decided += _agree(Encoder(rules), usual_instant(rules))
    assert decided > len(QUESTIONS)
