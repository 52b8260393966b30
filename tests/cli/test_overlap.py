"""`segrules overlap` and `RuleSet.overlap`: who can be in two segments at once, and how many are."""

import json
from pathlib import Path

import pytest

import segrules
from segrules.cli.main import run_command
from segrules.diagnostics.errors import BadInput, Cancelled, UnknownName
from segrules.proofs.pairs.pair import PairVerdict

CATALOGUE = """format: 1
time_zone: UTC
tables:
  people:
    path: people.csv
    key: id
    columns:
      id: integer
      age: {type: integer, range: [0, 130]}
      city: {type: text, values: [rome, oslo]}
customers: {table: people}
"""
RULES = """segment adults
  where age >= 18

segment grown_up
  where not age < 18

segment children
  where age < 18

segment roman_adults
  where age >= 18 and city = "rome"

segment romans
  where city = "rome"

segment planned
  status draft
  where age > 100
"""
VERDICTS = {
    ("adults", "children"): PairVerdict.DISJOINT,
    ("adults", "grown_up"): PairVerdict.EQUAL,
    ("adults", "roman_adults"): PairVerdict.B_IN_A,
    ("adults", "romans"): PairVerdict.OVERLAP,
    ("children", "grown_up"): PairVerdict.DISJOINT,
    ("children", "roman_adults"): PairVerdict.DISJOINT,
    ("children", "romans"): PairVerdict.OVERLAP,
    ("grown_up", "roman_adults"): PairVerdict.B_IN_A,
    ("grown_up", "romans"): PairVerdict.OVERLAP,
    ("roman_adults", "romans"): PairVerdict.A_IN_B,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "segrules.toml").write_text("language = 1\n", encoding="utf-8")
    (folder / "catalog.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "rules.seg").write_text(RULES, encoding="utf-8")
    # 60 grown-up Romans, 40 others, and of the 50 children 5 in Rome.
    people = [
        (number, 40 if number < 100 else 10, "rome" if number < 60 or number >= 145 else "oslo")
        for number in range(150)
    ]
    lines = ["id,age,city", *(f"{number},{age},{city}" for number, age, city in people)]
    (folder / "people.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_every_two_segments_have_a_verdict(project: Path) -> None:
    overlap = segrules.load(project).overlap()
    assert {(pair.a, pair.b): pair.verdict for pair in overlap.pairs} == VERDICTS
    assert overlap.counts is None


def test_whom_two_segments_share_is_shown_and_really_is_in_both(project: Path) -> None:
    overlap = segrules.load(project).overlap("romans,adults")
    block = overlap.witness("romans", "adults")
    assert block is not None
    (project / "shown.seg").write_text(block + "\n", encoding="utf-8")
    run = segrules.load(project).test()
    assert run.passed
    assert len(run) == 1


def test_members_are_counted_where_an_instant_is_given(project: Path) -> None:
    counts = segrules.load(project).overlap(as_of="2026-11-01").counts
    assert counts is not None
    assert counts.customers == 150
    # The 65 Romans have five children, which they would tell if all were shown.
    assert dict(counts.members) == {"adults": 100, "children": 50, "grown_up": 100, "roman_adults": None, "romans": 65}
    shared = {(pair.a, pair.b): pair.shared for pair in counts.pairs}
    assert shared["adults", "grown_up"] == 100
    assert shared["adults", "children"] == 0
    assert shared["children", "romans"] is None
    assert shared["adults", "romans"] is None


def test_with_a_smaller_cell_more_is_shown(project: Path) -> None:
    counts = segrules.load(project).overlap(["children", "romans"], as_of="2026-11-01", min_cell=5).counts
    assert counts is not None
    assert [pair.shared for pair in counts.pairs] == [5]


def test_tables_in_memory_are_counted(project: Path) -> None:
    table = {"id": [1, 2], "age": [40, 10], "city": ["rome", "rome"]}
    counts = segrules.load(project).overlap(data={"people": table}, as_of="2026-11-01", min_cell=1).counts
    assert counts is not None
    assert counts.customers == 2


def test_drafts_are_looked_at_where_they_are_asked_for(project: Path) -> None:
    assert "planned" in segrules.load(project).overlap(include="draft").segments


def test_it_can_be_stopped(project: Path) -> None:
    with pytest.raises(Cancelled):
        segrules.load(project).overlap(as_of="2026-11-01", cancelled=lambda: True)


def test_what_cannot_be_asked_is_said(project: Path) -> None:
    rules = segrules.load(project)
    with pytest.raises(UnknownName, match="no segment `adult`"):
        rules.overlap(["adult", "romans"])
    with pytest.raises(BadInput, match="`romans` is the only segment"):
        rules.overlap("romans")
    with pytest.raises(BadInput, match="data are counted at an instant"):
        rules.overlap(data={})


def test_the_command_prints_a_matrix(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["overlap", str(project)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("5 segments, 10 pairs, for any customers that the catalogue allows:\n")
    assert "  4 roman_adults    in  none    in     .    in\n" in printed
    assert "  adults = grown_up\n" in printed


def test_the_command_counts_tables_from_elsewhere(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = project / "other.csv"
    other.write_text("id,age,city\n" + "".join(f"{number},40,rome\n" for number in range(20)), encoding="utf-8")
    given = ["--segments", "adults,romans", "--as-of", "2026-11-01", "--data", f"people={other}"]
    assert run_command(["overlap", str(project), *given]) == 0
    printed = capsys.readouterr().out
    assert "as of 2026-11-01, of 20 customers" in printed
    assert "  adults, romans      20          100%           100%     100%            1.0x" in printed


def test_the_command_prints_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--segments", "children,romans", "--as-of", "2026-11-01", "--output-format", "json"]
    assert run_command(["overlap", str(project), *given]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["segments"] == ["children", "romans"]
    (pair,) = printed["pairs"]
    assert (pair["a"], pair["b"], pair["verdict"], pair["reason"]) == ("children", "romans", "overlap", None)
    assert pair["witness"]["test"].startswith("test ")
    assert printed["counts"]["pairs"][0]["suppressed"] is True
    assert printed["findings"] == []


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (["--segments", "nobody,romans"], 2, "there is no segment `nobody`"),
        (["--data", "people=people.csv"], 2, "data are counted at an instant"),
        (["--min-cell", "0"], 2, "--min-cell"),
        (["--as-of", "2026-11-01", "--data", "people=missing.csv"], 1, "SEG501"),
    ],
)
def test_the_command_says_what_is_wrong(
    given: list[str], code: int, message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["overlap", str(project), *given]) == code
    printed = capsys.readouterr()
    assert message in printed.out + printed.err
