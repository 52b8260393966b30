"""The Python API: `segrules.load` and what it gives."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

import segrules
from tests.cli.project import ROOT, RULES, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p")


def test_rules_are_loaded_checked_shown_and_run(project: Path) -> None:
    rules = segrules.load(project)
    assert rules.check() == ()
    assert rules.names == ("big", "british", "buyer", "reach", "trial")
    assert list(rules) == list(rules.names)
    assert rules.segments == ("big", "british", "trial")
    assert rules.show("british").endswith("\n")
    result = rules.run(date(2026, 11, 1), project / "out", wide=True)
    assert isinstance(result, segrules.Result)
    assert result.members("british").to_pylist() == [2, 10]
    assert result.summary()["customers"] == 4
    assert result.out == project / "out"
    assert result.files[-1] == "manifest.json"
    assert {item.severity for item in result.findings} == {segrules.Severity.NOTE}
    with pytest.raises(segrules.BadInput, match="no segment `trial` was evaluated"):
        result.members("trial")


def test_without_out_nothing_is_written(project: Path) -> None:
    before = sorted(project.iterdir())
    result = segrules.load(str(project)).run("2026-11-01", segments=["trial"], include="draft")
    assert result.members("trial").to_pylist() == [4]
    assert result.out is None
    assert result.files == ()
    assert sorted(project.iterdir()) == before


def test_both_engines_find_the_same(project: Path) -> None:
    rules = segrules.load(project)
    arrow, reference = (rules.run("2026-11-01", engine=engine, include="draft") for engine in ("arrow", "reference"))
    assert arrow.summary() == reference.summary()
    assert {name: sorted(arrow.members(name).to_pylist()) for name in arrow} == {
        name: reference.members(name).to_pylist() for name in reference
    }


@pytest.mark.parametrize(("engine", "first"), [("arrow", "preparing customers"), ("reference", "reading data")])
def test_progress_is_told(project: Path, engine: str, first: str) -> None:
    told: list[tuple[str, int, int]] = []
    segrules.load(project).run(
        "2026-11-01",
        project / "out",
        engine=engine,
        progress=lambda what, done, total: told.append((what, done, total)),
    )
    assert told[0] == (first, 0, 1)
    assert told[-1] == ("writing", 1, 1)
    assert all(0 <= done <= total or (done >= 0 and total == 0) for _, done, total in told)
    assert {(done, total) for what, done, total in told if what == "evaluating"} >= {(0, 4), (4, 4)}


def test_exceptions_say_what_cannot_be_given(tmp_path: Path, project: Path) -> None:
    with pytest.raises(segrules.BadInput) as caught:
        segrules.load(tmp_path / "nowhere")
    assert caught.value.findings[0].code.number == "SEG003"
    rules = segrules.load(project)
    with pytest.raises(segrules.BadInput, match="there is no `x` to show"):
        rules.show("x")
    with pytest.raises(segrules.BadInput, match="`xlsx` is no format"):
        rules.run("2026-11-01", format="xlsx")
    with pytest.raises(segrules.BadInput, match="`retired` is no include"):
        rules.run("2026-11-01", include=["retired"])
    with pytest.raises(segrules.BadInput, match="`duckdb` is no engine"):
        rules.run("2026-11-01", engine="duckdb")
    with pytest.raises(segrules.OutputProblem):
        rules.run("2026-11-01", project)


def test_rules_with_errors_are_loaded_but_not_shown_or_run(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=RULES.replace("country", "contry")))
    assert {item.code.number for item in rules.check()} == {"SEG201"}
    for act in (lambda: rules.show("british"), lambda: rules.run("2026-11-01")):
        with pytest.raises(segrules.BadRules) as caught:
            act()
        assert caught.value.findings == rules.check()


def test_bad_data_carry_their_findings(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", people_csv="customer_id,country,age\n1,GB,1\n1,GB,1\n"))
    with pytest.raises(segrules.BadData) as caught:
        rules.run("2026-11-01")
    assert {item.code.number for item in caught.value.findings} == {"SEG507"}


def test_public_names_are_there_and_others_are_not() -> None:
    for name in ("load", "RuleSet", "Result", "SegrulesError", "BadInput", "Cancelled", "Finding", "StrictRefusal"):
        assert name in dir(segrules)
        assert getattr(segrules, name) is not None
    assert not hasattr(segrules, "RunResult")
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        segrules.lod  # type: ignore[attr-defined]  # noqa: B018


def test_users_of_the_api_are_type_checked(tmp_path: Path) -> None:
    code = (
        "import segrules\n"
        "rules = segrules.load('x')\n"
        "reveal_type(rules.run('today'))\n"
        "reveal_type(rules.evaluate({}, as_of='today').segments)\n"
        "reveal_type(rules.run('today').summary())\n"
        "reveal_type(segrules.BadInput('x').findings)\n"
    )
    (tmp_path / "user.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--ignore-missing-imports", "user.py"],
        cwd=tmp_path,
        env={**__import__("os").environ, "MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "segrules.evaluation.result.Result"' in done.stdout
    assert 'Revealed type is "tuple[str, ...]"' in done.stdout
    assert 'Revealed type is "dict[str, Any]"' in done.stdout
    assert "tuple[segrules.diagnostics.finding.Finding, ...]" in done.stdout
    assert "user.py" not in "".join(line for line in done.stdout.splitlines() if "error" in line)
