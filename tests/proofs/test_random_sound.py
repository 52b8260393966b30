"""What formulas call impossible is in no random table: over random catalogues, with random rules, at random instants.

Catalogues have nulls, changes of zones, leap days, days and instants, groups of rows, derived and joined customers,
relations and consents of all kinds; see tests/engine.
"""

import os
from itertools import combinations
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import InSegment, InStage
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.problem import problem
from segrules.proofs.formulas.calendar import FIRST_DAY, LAST_DAY
from segrules.proofs.formulas.logic import Formula, no
from segrules.proofs.formulas.smt import Conflict, decide
from segrules.reference.outcome import Outcome
from tests.engine import data
from tests.engine.case import case_from, described
from tests.engine.harness import by_reference
from tests.engine.picking import by_seed
from tests.fuzz import FUZZ, cases

_BUDGET = 400_000

Claim = tuple[str, str]
"""That somebody is a member of a segment, is none, surely qualifies, surely does not, or is in doubt; or in a stage."""


def _formulas(encoder: Encoder) -> dict[Claim, Formula]:
    rules = encoder.rules
    found: dict[Claim, Formula] = {}
    for name in rules.segments:
        found["member", name], found["no member", name] = encoder.member(name), no(encoder.member(name))
        truth = encoder.truth(InSegment(name))
        found["yes", name], found["no", name], found["unknown", name] = truth.true, truth.false, truth.unknown
    for partition in rules.partitions.values():
        for stage in (*(item.name for item in partition.stages), partition.otherwise):
            found[f"stage {stage}", partition.name] = encoder.truth(InStage(partition.name, stage)).true
    return found


def _holds(claim: Claim, outcome: Outcome) -> tuple[bool, ...]:
    kind, name = claim
    match kind:
        case "member":
            return tuple(outcome.members[name])
        case "no member":
            return tuple(not member for member in outcome.members[name])
        case "yes":
            return tuple(truth is True for truth in outcome.qualifying[name])
        case "no":
            return tuple(truth is False for truth in outcome.qualifying[name])
        case "unknown":
            return tuple(truth is None for truth in outcome.qualifying[name])
        case _:
            return tuple(stage == kind.removeprefix("stage ") for stage in outcome.partitions[name])


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=cases(8),
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_no_table_has_a_customer_who_cannot_be(seed: int) -> None:
    pick = by_seed(seed)
    case = case_from(pick, range(24 * FUZZ))
    rules, catalogue = case.bound(), case.typed_catalogue
    instants = [case.as_of, *(data.instants(pick) for _ in range(2))]
    worlds = [(at, data.tables(pick, catalogue, at, 12, 30)) for at in instants if FIRST_DAY <= at.date() <= LAST_DAY]
    outcomes = [
        (at, outcome)
        for at, tables in worlds
        if isinstance(outcome := by_reference(rules, tables, at, list(rules.segments), three_valued=True), Outcome)
    ]
    encoder = Encoder(rules)
    formulas = _formulas(encoder)
    claims = sorted(formulas)
    pairs = [pair for pair in combinations(claims, 2) if pair[0][1] != pair[1][1]]
    asked = [*((claim,) for claim in claims), *Random(seed).sample(pairs, min(6, len(pairs)))]
    for question in asked:
        there = [
            at
            for at, outcome in outcomes
            if any(map(all, zip(*(_holds(one, outcome) for one in question), strict=True)))
        ]
        if not there:
            continue
        posed = problem(encoder, [formulas[one] for one in question])
        for at in there:
            parts = [posed.at(encoder, at), *(formulas[one] for one in question)]
            assert not isinstance(decide(posed.facts, parts, budget=_BUDGET), Conflict), (
                f"{question} at {at}\n{described(case)}"
            )
