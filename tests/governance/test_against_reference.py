"""What the checks claim about conditions holds when the reference interpreter evaluates them over random data."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from segrules.governance.hygiene import CHECKS
from segrules.governance.limits import LimitsOf
from segrules.governance.ranges import verdict_on
from segrules.governance.settings import Settings
from segrules.ir import nodes as ir
from segrules.ir.canonical import Canonical
from segrules.ir.rules import Header, Rules, Segment
from segrules.ir.walk import children, conditions_of
from segrules.reference.outcome import Outcome
from tests.engine.case import Case, case_from
from tests.engine.harness import by_reference
from tests.engine.picking import by_seed
from tests.fuzz import cases

SEEDS = st.integers(0, 2**48)
_QUICK = settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.generate),
    derandomize=True,
    max_examples=cases(40),
)


def about_customers(rules: Rules) -> Iterator[ir.Condition]:
    """Every condition that is asked of customers, not of a row of theirs, or of somebody else."""
    waiting: list[ir.Node] = [root for segment in rules.segments.values() for root in conditions_of(segment)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ir.Condition):
            yield node
        if isinstance(node, ir.And | ir.Or | ir.Not):
            waiting += children(node)


def evaluated(case: Case, rules: Rules, conditions: list[ir.Condition]) -> Outcome | None:
    """What each condition comes to, as a segment `c0`, `c1` and so on; None where the data stop a run."""
    segments = {f"c{i}": Segment(f"c{i}", None, Header(), where) for i, where in enumerate(conditions)}
    outcome = by_reference(
        replace(rules, segments={**rules.segments, **segments}), case.tables, case.as_of, list(segments)
    )
    return None if isinstance(outcome, frozenset) else outcome


def case_of(seed: int) -> tuple[Case, Rules, list[ir.Condition]]:
    case = case_from(by_seed(seed), range(24))
    rules = case.bound()
    return case, rules, list(about_customers(rules))


@_QUICK
@given(SEEDS)
def test_conditions_of_one_text_have_one_outcome(seed: int) -> None:
    case, rules, conditions = case_of(seed)
    conditions += [ir.Not(condition) for condition in conditions]
    outcome = evaluated(case, rules, conditions)
    if outcome is None:
        return
    canonical = Canonical(rules)
    by_text: dict[str, tuple[bool | None, ...]] = {}
    for i, condition in enumerate(conditions):
        found = outcome.qualifying[f"c{i}"]
        assert by_text.setdefault(canonical.condition(condition), found) == found, condition


@_QUICK
@given(SEEDS)
def test_what_is_never_true_is_true_of_nobody(seed: int) -> None:
    case, rules, conditions = case_of(seed)
    tests = [node for node in conditions if isinstance(node, ir.Compare | ir.Between | ir.OneOf)]
    known = [ir.IsKnown(node.left if isinstance(node, ir.Compare) else node.value) for node in tests]
    outcome = evaluated(case, rules, [*tests, *known])
    if outcome is None:
        return
    limits = LimitsOf(rules)
    for i, node in enumerate(tests):
        found = outcome.qualifying[f"c{i}"]
        match verdict_on(node, limits):
            case False:
                assert True not in found, node
            case True:
                there = outcome.qualifying[f"c{i + len(tests)}"]
                assert all(value for value, known_ in zip(found, there, strict=True) if known_), node
            case None:
                pass


@_QUICK
@given(SEEDS)
def test_no_check_fails_on_any_rules(seed: int) -> None:
    _, rules, _ = case_of(seed)
    settings_ = Settings(
        frozenset(code.name for code in CHECKS),
        {"too-many-segments": {"most": 1}, "too-small": {"least": 10}, "unusual-name": {"name": "{channel}_{name}"}},
        ("s0",),
    )
    for code, check in CHECKS.items():
        assert {item.code for item in check(rules, settings_)} <= {code}
