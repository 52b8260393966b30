"""`segrules test`: exit codes and everything it prints."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from segrules.cli.main import run_command
from tests.cli.project import RULES, segrules_apart, write_project

PASSING = """
test "a British buyer"
  as of 2026-11-01
  given customer with country = "GB"
  given purchase 3 days ago with amount = 120 GBP
  expect in british, in big, in trial, in reach.lately
"""
FAILING = """
test "somebody from Norway & <Sweden>"
  as of 2026-11-01
  given customer with country = "NO"
  given purchase on 2026-02-01 with amount = 60 GBP
  expect in british, not in big
"""


def _project(tmp_path: Path, tests: str) -> Path:
    return write_project(tmp_path / "p", rules=RULES + tests)


def test_all_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, PASSING.replace(", in trial", ", not in trial"))
    assert run_command(["test", str(project)]) == 0
    assert capsys.readouterr().out == "1 test: 1 passed\n"


def test_a_failure_shows_every_clause_with_its_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, FAILING)
    assert run_command(["test", str(project)]) == 1
    assert capsys.readouterr().out == (
        "failed  somebody from Norway & <Sweden>  rules.seg:20\n"
        "  expected in british, found not in it  rules.seg:24\n"
        "    false    member of `british`\n"
        '    false      where: `country` is "GB"\n'
        '                   `country` = "NO"\n'
        "\n"
        "1 test: 0 passed, 1 failed\n"
    )


def test_all_outputs_of_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, FAILING + PASSING)
    assert run_command(["test", str(project), "--output-format", "json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["format"], printed["passed"]) == (1, False)
    assert printed["counts"] == {"passed": 0, "failed": 2, "refused": 0, "disagreed": 0}
    first = printed["tests"][0]
    assert (first["file"], first["line"], first["status"], first["expectations"]) == ("rules.seg", 20, "failed", 2)
    (failure,) = first["failures"]
    assert (failure["about"], failure["expected"], failure["found"], failure["line"]) == ("british", "in", "not in", 24)
    assert failure["why"]["truth"] is False
    assert failure["why"]["clauses"][0]["values"] == [{"value": "`country`", "is": '"NO"', "of": []}]


def test_junit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, FAILING + PASSING)
    assert run_command(["test", str(project), "--output-format", "junit"]) == 1
    root = ElementTree.fromstring(capsys.readouterr().out)
    assert root.tag == "testsuites"
    (suite,) = root
    # What the schema asks for (windyroad/JUnit-Schema): these attributes, and these elements in this order.
    assert set(suite.attrib) == {
        "id", "name", "package", "timestamp", "hostname", "tests", "failures", "errors", "time",
    }  # fmt: skip
    assert [element.tag for element in suite] == ["properties", "testcase", "testcase", "system-out", "system-err"]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("errors")) == (
        "rules.seg", "2", "2", "0",
    )  # fmt: skip
    case = suite[1]
    assert set(case.attrib) == {"name", "classname", "time"}
    assert (case.get("name"), case.get("classname")) == ("somebody from Norway & <Sweden>", "rules.seg")
    (failure,) = case
    assert failure.tag == "failure"
    assert failure.attrib == {"message": "expected in british, found not in it", "type": "failed"}
    assert 'where: `country` is "GB"' in (failure.text or "")


def test_one_test_by_its_title(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, FAILING + PASSING.replace(", in trial", ""))
    assert run_command(["test", str(project), "-k", "BRITISH buyer"]) == 0
    assert capsys.readouterr().out == "1 test: 1 passed\n"
    assert run_command(["test", str(project), "-k", "a Brittish buyer"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "error: no test is called `a Brittish buyer`\nhelp: did you mean `a British buyer`?\n"


def test_a_project_without_tests_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p")
    assert run_command(["test", str(project)]) == 0
    assert "has no tests; a first one is" in capsys.readouterr().out
    assert run_command(["test", str(project), "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["tests"] == []
    assert run_command(["test", str(project), "--output-format", "junit"]) == 0
    assert len(ElementTree.fromstring(capsys.readouterr().out)) == 0


def test_a_test_that_cannot_be_run_is_no_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = """
segment first where customer_id = 1
test "who has no key"
  as of 2026-11-01
  expect in first
"""
    project = _project(tmp_path, tests + PASSING.replace(", in trial", ""))
    assert run_command(["test", str(project)]) == 1
    text = capsys.readouterr().out
    assert "cannot be run  who has no key  rules.seg:21" in text
    assert "SEG802 left-out-of-test" in text
    assert text.endswith("2 tests: 1 passed, 1 cannot be run\n")
    assert run_command(["test", str(project), "--output-format", "junit"]) == 1
    assert '<error message="`first` reads the key' in capsys.readouterr().out


def test_rules_with_errors_are_not_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, PASSING + "segment wrong where contry = 3\n")
    assert run_command(["test", str(project)]) == 1
    assert "SEG201" in capsys.readouterr().out


def test_no_such_folder(tmp_path: Path) -> None:
    assert run_command(["test", str(tmp_path / "nowhere")]) == 2


def test_warnings_come_before_the_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tests = """
test "an event to come"
  as of 2026-11-01
  given purchase on 2026-11-02 with amount = 5 GBP
  expect not in big
"""
    assert run_command(["test", str(_project(tmp_path, tests))]) == 0
    text = capsys.readouterr().out
    assert "SEG803 unseen-in-test" in text
    assert text.endswith("1 test: 1 passed\n")


def test_plain_when_piped(tmp_path: Path) -> None:
    done = segrules_apart("test", _project(tmp_path, FAILING))
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_hundreds_of_failures_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = _project(tmp_path, "".join(FAILING.replace("Norway", f"Norway {n}") for n in range(120)))
    assert run_command(["test", str(project)]) == 1
    text = capsys.readouterr().out
    assert text.count("where: `country`") == 50
    assert "70 more that did not pass are not shown" in text
    assert text.endswith("120 tests: 0 passed, 120 failed\n")
