"""What the fast replay says of a customer is what a test of that customer finds."""

import os
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.ir.testcases import Expectation, Expected
from segrules.ir.testcases import Test as Written
from segrules.proofs.replay import Replayer, confirm
from segrules.reference.problems import DataProblem
from tests.proofs.generated import ENTRIES, customers

FUZZ = int(os.environ.get("SEGRULES_FUZZ", "1"))


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=60 * FUZZ,
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_the_fast_replay_agrees_with_the_tests(seed: int) -> None:
    case = customers(seed, 24 * FUZZ)
    if case is None:
        return
    replayer = Replayer(case.rules, case.as_of, ENTRIES, case.rows)
    targets = list(case.targets())
    for who in case.given:
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
