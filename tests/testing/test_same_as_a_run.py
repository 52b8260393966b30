"""A test that gives what tables hold finds what a run over these tables finds, on random catalogues and rules.

So joined tables, derived customers and grouped lines come to the same, whichever way they are given.
"""

import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.nodes import InSegment
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expectation, Expected
from segrules.ir.testcases import Test as Written
from segrules.reference.evaluate import evaluate
from segrules.reference.outcome import Outcome
from segrules.reference.prepare import prepare
from segrules.reference.problems import DataProblem
from segrules.reference.windows import Clock
from segrules.testing.run import Bench, Verdict
from tests.engine.case import case_from, described
from tests.engine.picking import by_seed
from tests.engine.rules import LISTS
from tests.fuzz import FUZZ, cases
from tests.testing.from_world import given_of, rows_of

SEEDS = st.integers(0, 2**48)


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=cases(60),
    deadline=None,
)
@given(SEEDS)
def test_a_test_finds_what_a_run_finds(seed: int) -> None:
    case = case_from(by_seed(seed), range(24 * FUZZ))
    rules, catalogue = case.bound(), case.typed_catalogue
    segments = list(rules.segments)
    try:
        expected = evaluate(rules, case.tables, case.as_of, segments)
    except DataProblem:
        return
    try:
        clock = Clock(case.as_of, catalogue.zone)
        world = prepare(catalogue, case.tables, clock, frozenset(catalogue.events), frozenset(catalogue.relations))
    except DataProblem:
        return  # rows that no rule needs have no keys of their own
    if any(record.status is None for customer in world.customers for record in customer.consents):
        return  # no test can give a record that says nothing
    for name in catalogue.customers.joined:
        table = catalogue.tables[name]
        computes = any(column.derive is not None for column in table.columns.values())
        if computes and {item.key for item in world.customers}.difference(case.tables[name][table.key or ""]):
            return  # nor say that a customer has no row in a table that computes a column even of nothing
    customers = tuple(given_of(customer, catalogue) for customer in world.customers)
    lists = {path: frozenset(entries) for path, entries in LISTS.items()}
    expectations = tuple(
        Expectation(Expected.IN, InSegment(name), place) for name in segments for place in range(len(customers))
    )
    rows = rows_of(world, catalogue)
    test = Written("the same", case.as_of, customers, lists, expectations, rows=rows)
    (judged,) = Bench(rules, lambda *_: None).judge([test])
    assert not judged.findings, f"{judged.findings}\n{described(case)}"
    wrong = [verdict for verdict in judged.verdicts if not verdict.agreed or not _fits(verdict, expected, rules)]
    assert not wrong, f"{wrong}\n{described(case)}"


def _fits(verdict: Verdict, expected: Outcome, rules: Rules) -> bool:
    target = verdict.expectation.target
    assert isinstance(target, InSegment)
    place = verdict.expectation.customer
    qualifies, member = expected.qualifying[target.name][place], expected.members[target.name][place]
    match verdict.found:
        case Expected.IN:
            return member
        case Expected.UNKNOWN_IN:
            return qualifies is None
        case Expected.NOT_IN:
            segment = rules.segments[target.name]
            bound = segment.consents or segment.caps or rules.catalogue.suppressions or rules.catalogue.caps
            return not member and (qualifies is False or bool(bound))
