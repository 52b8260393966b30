"""What a result says of population figures and of `top`."""

from pathlib import Path

import pytest

import segrules
from tests.cli.project import write_project


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("top 50% by age", "top 50% by `age` of all customers"),
        (
            'top 2 by age among (country = "GB")',
            'top 2 by `age` of customers for whom this holds (`country` is "GB")',
        ),
        (
            'bottom 2 by age among (country = "GB" and age > 1)',
            'bottom 2 by `age` of customers for whom all of these hold (`country` is "GB"; `age` is more than 1)',
        ),
        (
            "age > population average of age among (did purchase)",
            "population average of `age` over customers for whom this holds (has at least 1 `purchase` event)",
        ),
    ],
)
def test_whom_a_figure_counts_stands_where_it_is_named(where: str, words: str, tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=f"segment s where {where}\n"))
    assert [item["words"] for item in rules.evaluate(as_of="2026-11-01").figures()] == [words]
