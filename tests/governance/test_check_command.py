"""`segrules check`: the day, and what is silenced, as people and programs read it."""

import json
from pathlib import Path

import pytest

from segrules.cli.main import run_command
from tests.governance.kept import check

RULES = """\
# segrules: ignore[missing-consent] "calls about orders" until 2027-03-31
segment a
  channel email
  where staff
  review by 2026-12-31
"""


@pytest.fixture
def project(tmp_path: Path) -> str:
    check(tmp_path, RULES)
    return str(tmp_path)


def test_the_last_line_counts_what_is_silenced(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", project, "--no-prove", "--as-of", "2026-12-31"]) == 0
    assert capsys.readouterr().out == "no findings, 2 silenced\n"
    assert run_command(["check", project, "--no-prove", "--as-of", "2027-01-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 warning, 2 silenced"


def test_json_lists_what_is_silenced_by_itself(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", project, "--no-prove", "--as-of", "2026-12-31", "--output-format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["findings"] == []
    assert [(item["code"], item["reason"], item["until"], item["comment"]) for item in printed["silenced"]] == [
        (
            "SEG313",
            "it goes when the column goes",
            "2099-12-31",
            {"path": "catalog.yaml", "line": 22, "column": 7},
        ),
        ("SEG345", "calls about orders", "2027-03-31", {"path": "rules.seg", "line": 1, "column": 1}),
    ]


def test_what_is_silenced_does_not_count_for_the_exit_code(project: str) -> None:
    assert run_command(["check", project, "--no-prove", "--as-of", "2026-12-31", "--fail-on", "warning"]) == 0
    assert run_command(["check", project, "--no-prove", "--as-of", "2027-04-01", "--fail-on", "warning"]) == 1


def test_a_day_that_is_none_is_refused(project: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", project, "--no-prove", "--as-of", "tomorrow"]) == 2
    assert "`tomorrow` is neither a date nor a timestamp" in capsys.readouterr().err


def test_proofs_can_be_silenced_and_are_not_called_unused_without_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = '# segrules: ignore[impossible-segment] "waits for the new shop" until 2027-03-31\n'
    rules += "segment a where height > 190 and height < 180\n"
    check(tmp_path, rules)
    for option, silenced in (("--prove", 2), ("--no-prove", 1)):
        assert run_command(["check", str(tmp_path), option, "--as-of", "2026-11-01"]) == 0
        assert capsys.readouterr().out.splitlines()[0] == f"no findings, {silenced} silenced"
