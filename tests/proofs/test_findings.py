"""What proofs find, as it is printed, in a project in which nothing holds.

`python -m tests.proofs.test_findings` writes `broken/expected.txt` anew, to be read as a diff.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

import segrules
from segrules.cli.main import run_command
from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.render import render_json, render_text
from segrules.proofs.report import proofs_json, proofs_line
from segrules.proofs.statements import Kind, Proofs
from segrules.proofs.verdict import Answer

BROKEN = Path(__file__).parent / "broken"
EXPECTED = BROKEN / "expected.txt"

Loaded = tuple[segrules.RuleSet, Proofs]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    rules = segrules.load(BROKEN)
    return rules, rules.prove()


def printed(rules: segrules.RuleSet, proofs: Proofs) -> str:
    """Findings of proofs and the line below them."""
    return f"{render_text(proofs.findings, rules.sources)}{proofs_line(proofs)}\n"


def test_findings_are_printed_like_this(loaded: Loaded) -> None:
    assert EXPECTED.read_text(encoding="utf-8") == printed(*loaded)


def test_every_finding_of_proofs_is_among_them(loaded: Loaded) -> None:
    _, proofs = loaded
    codes = {code.number for code in all_codes() if code.number.startswith("SEG9")}
    assert {item.code.number for item in proofs.findings} == codes


def test_what_shows_a_finding_is_a_test_that_passes(loaded: Loaded, tmp_path: Path) -> None:
    _, proofs = loaded
    tests = [item.evidence.test for item in proofs.findings if item.evidence is not None]
    assert len(tests) == 10
    for name in ("catalog.yaml", "segrules.toml", "rules.seg"):
        (tmp_path / name).write_bytes((BROKEN / name).read_bytes())
    (tmp_path / "shown.seg").write_text("\n\n".join(tests) + "\n", encoding="utf-8")
    done = segrules.load(tmp_path).test()
    assert [result.findings for result in done] == [()] * len(tests)


def test_what_holds_of_nobody_is_marked(loaded: Loaded) -> None:
    _, proofs = loaded
    vacuous = [item for item in proofs.statements if item.vacuous]
    assert [item.names for item in vacuous] == [("nobody_by_one", "adults_only")]
    assert vacuous[0].verdict.answer is Answer.PROVED


def test_of_a_segment_that_takes_everyone_no_clause_is_named(loaded: Loaded) -> None:
    _, proofs = loaded
    kinds = Counter(item.kind for item in proofs.statements if item.names == ("everybody",))
    assert kinds == {Kind.NOBODY: 1, Kind.EVERYONE: 1}


def test_a_grid_that_takes_each_combination_once_is_not_spoken_of(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_bytes((BROKEN / "catalog.yaml").read_bytes())
    (tmp_path / "segrules.toml").write_bytes((BROKEN / "segrules.toml").read_bytes())
    (tmp_path / "rules.seg").write_text(
        """\
score often
  among did purchase
  rank times by number of purchase into 3 bands, high is best
partition how_often
  stage much where often.times = 3
  stage little where often.times < 3
  otherwise never
""",
        encoding="utf-8",
    )
    proofs = segrules.load(tmp_path).prove()
    assert [(grid.cells, grid.several, grid.none) for grid in proofs.grids] == [(3, 0, 0)]
    assert proofs.findings == ()


# --- the command line


def test_check_proves_unless_told_not_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["check", str(BROKEN), "--no-prove"]) == 0
    assert capsys.readouterr().out == "no findings\n"
    assert run_command(["check", str(BROKEN)]) == 1
    assert capsys.readouterr().out == EXPECTED.read_text(encoding="utf-8")


def test_all_statements_are_given_as_json(loaded: Loaded) -> None:
    rules, about = loaded
    assert rules.typed is not None
    proofs = json.loads(json.dumps(proofs_json(about, rules.typed)))
    assert sorted(proofs) == ["as_of", "counts", "grids", "statements", "undecided"]
    assert proofs["as_of"] == ["1971-01-01", "2199-12-31"]
    assert sum(proofs["counts"].values()) == len(proofs["statements"])
    assert proofs["undecided"] == {"the order of events": 2}
    assert proofs["grids"] == [
        {"partition": "grid", "ranks": ["rf.frequency", "rf.recency"], "cells": 9, "several": 2, "none": 2}
    ]
    by_kind = {(item["kind"], *item["names"]): item for item in proofs["statements"]}
    contradictory = by_kind["nobody", "nobody_by_two"]
    assert (contradictory["answer"], contradictory["witness"]) == ("proved", None)
    assert [(clause["what"], clause["line"]) for clause in contradictory["core"]] == [("where", 11), ("where", 12)]
    shared = by_kind["exclusive", "active", "quiet"]
    assert shared == {
        "kind": "exclusive",
        "names": ["active", "quiet"],
        "text": "nobody is in both `active` and `quiet`",
        "answer": "refuted",
        "reason": None,
        "premises": [],
        "vacuous": False,
        "core": [],
        "witness": shared["witness"],
        "path": "rules.seg",
        "line": 90,
        "column": 3,
    }
    findings = render_json(about.findings)["findings"]
    (found,) = [item for item in findings if item["code"] == "SEG904" and item["line"] == 90]
    assert found["witness"] == shared["witness"]
    undecided = by_kind["exclusive", "ordered_at_once", "took_longer"]
    assert (undecided["answer"], undecided["reason"]) == ("undecided", "the order of events")


if __name__ == "__main__":
    project = segrules.load(BROKEN)
    EXPECTED.write_text(printed(project, project.prove()), encoding="utf-8", newline="\n")
