"""Tests of rules with frozen bands take the cut points of the lock file, as a run does."""

from pathlib import Path

import segrules
from segrules.cli.main import run_command
from tests.cli.project import RULES, write_project

FROZEN = (
    RULES
    + """
score old
  bands frozen
  rank years by age into 3 bands, high is best

segment oldest where old.years = 3

test "by the lock file"
  as of 2026-11-01
  given customer with age = 50
  expect in oldest, old.years = 3
"""
)


def test_cut_points_come_from_the_lock_file(tmp_path: Path) -> None:
    people = "customer_id,country,age\n1,GB,10\n2,GB,20\n3,GB,30\n"
    folder = write_project(tmp_path / "p", rules=FROZEN, people_csv=people)
    segrules.load(folder).fit("2026-11-01")
    run = segrules.load(folder).test()
    assert [result.status.value for result in run] == ["passed"]
    assert run_command(["test", str(folder)]) == 0


def test_without_a_lock_file_the_command_fails(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", rules=FROZEN)
    assert run_command(["test", str(folder)]) == 1
