"""Questions closed under all that always holds: cells that are cut again leave nothing behind."""

import pytest

from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from tests.proofs import tiny
from tests.proofs.asking import nobody


@pytest.mark.parametrize(
    "rule",
    [
        "did buy where (pieces = 1 or did not buy in the last 1 whole month) in this month",
        "did buy where (did buy where (pieces = 1) more than 30 days ago) in the last 7 days",
        "number of buy where (days since last buy = 3) in the last 7 days >= 2",
    ],
)
def test_rows_whose_filter_counts_rows(rule: str) -> None:
    prover = Prover(tiny.bound(f"segment s\n  where {rule}\n"))
    assert nobody(prover, "s").answer is Answer.REFUTED
