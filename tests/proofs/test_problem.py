"""Questions closed under all that always holds: cells that are cut again leave nothing behind."""

from collections import Counter

import pytest

from segrules.proofs.encoding.problem import problem
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


def test_rows_are_told_apart_only_in_the_time_that_is_asked_about() -> None:
    rules = tiny.bound(
        """
segment s
  where did buy where (pieces = 1) in the last 7 days
    and total of buy.pieces where (customer.vip) more than 30 days ago >= 4
"""
    )
    encoder = Prover(rules).encoder
    cells = problem(encoder, [encoder.member("s")]).cells
    assert not cells.too_many
    # Older: a vip's rows by pieces, those of nobody, of somebody in doubt with pieces and without. Newer: by pieces.
    assert list(Counter(cell.stretch for cell in cells.cells).values()) == [3 + 1 + 2, 1, 3]
