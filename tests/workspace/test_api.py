"""The Python API: `segrules.load` and what it gives."""

import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
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
    assert told[-4:] == [("writing", 1, 2), ("writing", 2, 2), ("hashing data", 0, 1), ("hashing data", 1, 1)]
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


def test_names_are_asked_as_of_a_mapping(project: Path) -> None:
    rules = segrules.load(project)
    assert len(rules) == len(list(rules)) == 5
    assert [name in rules for name in ("big", "reach", "buyer", "x", 7, ["big"])] == [True] * 3 + [False] * 3
    assert rules["buyer"].kind == "define"
    for ask in (rules.__getitem__, rules.show, rules.plan):
        with pytest.raises(segrules.UnknownName) as caught:
            ask("biig")
        assert isinstance(caught.value, segrules.BadInput)
        assert isinstance(caught.value, KeyError)
        assert str(caught.value).startswith("there is no ")
        assert caught.value.help == "did you mean `big`?"
    with pytest.raises(KeyError, match="there is no `7`"):
        rules[7]  # type: ignore[index]
    with pytest.raises(KeyError, match="there is no segment `x`"):
        rules.run("2026-11-01", segments=["x"])


def test_a_rule_set_without_rules_is_true(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=""))
    assert rules
    assert len(rules) == 0


def test_rule_sets_and_results_are_told_in_one_line(project: Path, tmp_path: Path) -> None:
    rules = segrules.load(project)
    assert repr(rules) == f"RuleSet({str(project)!r}: 3 segments, 1 partition)"
    assert repr(rules.run("2026-11-01")) == "Result(as_of 2026-11-01, 4 customers, 2 segments, 1 partition)"
    written = rules.run("2026-11-01T09:30", project / "out", segments=["big"])
    assert repr(written) == (
        f"Result(as_of 2026-11-01T09:30:00+00:00, 4 customers, 1 segment, 1 partition; in {str(project / 'out')!r})"
    )
    wrong = segrules.load(write_project(tmp_path / "w", rules=RULES.replace("country", "contry")))
    assert repr(wrong).endswith("2 errors)")
    no_catalogue = segrules.load(write_project(tmp_path / "c", catalog_yaml="format: 1\ntables: 7\n"))
    assert "error" in repr(no_catalogue)


def test_an_exception_says_its_first_reason(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=RULES.replace("country", "contry")))
    with pytest.raises(segrules.BadRules) as caught:
        rules.run("2026-11-01")
    first = rules.check()[0]
    assert str(caught.value) == f"the rules have errors; SEG201 unknown-name: {first.message}; and 1 more"
    assert caught.value.message == "the rules have errors"


def test_an_exception_says_an_error_before_a_note() -> None:
    note = segrules.Finding(
        segrules.Code("SEG999", "a", segrules.Severity.NOTE), "noted", severity=segrules.Severity.NOTE
    )
    wrong = segrules.Finding(segrules.Code("SEG998", "b", segrules.Severity.ERROR), "wrong")
    assert str(segrules.StrictRefusal("refused", [note, wrong], {})) == "refused; SEG998 b: wrong; and 1 more"
    assert str(segrules.BadData("refused", [note])) == "refused; SEG999 a: noted"
    assert str(segrules.UnknownName("there is no `x`")) == "there is no `x`"


def test_rules_and_exceptions_travel_to_other_processes(project: Path) -> None:
    rules = segrules.load(project)
    rules.run("2026-11-01")
    again = pickle.loads(pickle.dumps(rules))
    assert again.run("2026-11-01").summary() == rules.run("2026-11-01").summary()
    with pytest.raises(segrules.StrictRefusal) as caught:
        rules.run("2026-11-01", project / "out", segments=["british"], strict=True, data={"people": _nobody(project)})
    refused = pickle.loads(pickle.dumps(caught.value))
    assert (str(refused), refused.summary, refused.findings) == (
        str(caught.value),
        caught.value.summary,
        caught.value.findings,
    )


def _nobody(project: Path) -> Path:
    (project / "nobody.csv").write_text("customer_id,country,age\n", encoding="utf-8")
    return project / "nobody.csv"


def test_files_are_hashed_only_for_what_is_written(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[object] = []

    def hash_of(place: object) -> str:
        hashed.append(place)
        return "sha256:0"

    monkeypatch.setattr("segrules.sources.hashes.of_place", hash_of)
    rules = segrules.load(project)
    rules.evaluate(as_of="2026-11-01")
    rules.run("2026-11-01")
    assert not hashed
    rules.run("2026-11-01", project / "out")
    assert len(hashed) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"data": {"people": pa.table({"customer_id": [1]})}}, "`people` is a pyarrow Table, expected a path"),
        ({"data": "people.csv"}, "`data` is text, expected a mapping"),
        ({"segments": 7}, "`segments` is an int"),
        ({"segments": ["big", 7]}, "`segments` is a list that does not hold text alone"),
        ({"include": 7}, "`include` is an int"),
        ({"format": 7}, "`7` is no format"),
    ],
)
def test_arguments_of_other_types_are_refused(project: Path, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(segrules.BadInput, match=message):
        segrules.load(project).run("2026-11-01", **arguments)


def test_writing_can_be_stopped(project: Path) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if (what, done) == ("writing", 1):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        segrules.load(project).run("2026-11-01", project / "out", progress=stop)
    assert not (project / "out").exists()


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
    for name in ("load", "RuleSet", "Result", "Named", "Plan", "RankReport", "SegrulesError", "BadInput", "Finding"):
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
        "reveal_type(rules.run('today').table(partitions=True))\n"
        "named: segrules.Named = rules['x']\n"
        "plan: segrules.Plan = rules.plan()\n"
        "report: segrules.RankReport = rules.run('today').ranks()['rfm']['recency']\n"
        "finding: segrules.Finding = rules.check()[0]\n"
        "code: segrules.Code = finding.code\n"
        "span: segrules.Span | None = finding.span\n"
        "related: tuple[segrules.Related, ...] = finding.related\n"
        "failed: KeyError | segrules.BadInput = segrules.UnknownName('x')\n"
        "class Club(dict[str, int]):\n"
        "    rules: segrules.RuleSet\n"
        "    result: segrules.Result | None = None\n"
    )
    (tmp_path / "user.py").write_text(code)
    # As in a package that is installed: what it declares counts, and what stands in its functions is not looked at.
    # Nor are the libraries that it uses.
    settings = {"strict": True, "no_site_packages": True, "ignore_missing_imports": True}
    lines = ["[mypy]", *(f"{name} = {value}" for name, value in settings.items())]
    (tmp_path / "mypy.ini").write_text("\n".join([*lines, "[mypy-segrules.*]", "ignore_errors = True"]))
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "user.py"],
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


def test_what_is_no_filter_can_be_evaluated(project: Path) -> None:
    with pytest.raises(segrules.BadInput, match="it reads events") as caught:
        segrules.load(project)["big"].to_arrow_expression("2026-11-01")
    assert "`evaluate` gives its members" in str(caught.value.help)
