"""The engine gives what the reference interpreter gives, on random catalogues, rules and tables in random layouts.

`make test-long` makes eight times as many as `make test`, and `SEGRULES_FUZZ=20` eighty times. They are always the
same, but with `SEGRULES_RANDOM=1`, for hunting.
"""

import os
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.case import Case, case_from
from tests.engine.picking import by_hypothesis, by_seed
from tests.engine.reduce import check
from tests.fuzz import FUZZ, LONG

MANY = 4 * FUZZ if LONG else 1
"""How many times as many cases as `make test` makes; `make test-long` makes eight times as many."""
CATALOGUES = range(24 * FUZZ)
"""Seeds of the catalogues; each is made once."""

# Reducing a case that fails takes our own steps, which know what a case is made of.
_MOSTLY = settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
)
SEEDS = st.integers(0, 2**48)


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    return case_from(by_hypothesis(draw), CATALOGUES, customers=4, rows=5)


@settings(_MOSTLY, max_examples=15 * MANY)
@given(_cases())
def test_cases_that_hypothesis_makes(case: Case) -> None:
    check(case)


@settings(_MOSTLY, max_examples=100 * MANY)
@given(SEEDS)
def test_small_tables(seed: int) -> None:
    check(case_from(by_seed(seed), CATALOGUES))


@settings(_MOSTLY, max_examples=15 * MANY)
@given(SEEDS)
def test_members_alone(seed: int) -> None:
    check(replace(case_from(by_seed(seed), CATALOGUES), three_valued=False))


@settings(_MOSTLY, max_examples=30 * MANY)
@given(SEEDS)
def test_data_that_stop_a_run(seed: int) -> None:
    check(case_from(by_seed(seed), CATALOGUES, dirt=4))


@settings(_MOSTLY, max_examples=8 * MANY)
@given(SEEDS, st.sampled_from([(70, 130), (300, 700), (9, 1500)]))
def test_tables_of_many_rows(seed: int, size: tuple[int, int]) -> None:
    customers, rows = size
    check(case_from(by_seed(seed), CATALOGUES, customers, rows))
