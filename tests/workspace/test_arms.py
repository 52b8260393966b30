"""Arms and caps through a whole project: what a run writes, prints and gives to Python, with either engine."""

import json
from pathlib import Path

import pyarrow.csv
import pytest

import segrules
from segrules.cli.main import run_command
from tests.cli.project import CATALOGUE, write_project

# Buckets of the salt "x": 2 7039, 3 5988, 4 2076, 10 1592; of "y": 2 2002, 3 7055, 4 7538, 10 7040.
RULES = """\
ruleset mail "Mail"
  channel email
  cap     email require did purchase fewer than 2 times in the last 12 months

segment held "Some are left alone"
  holdout 60% salt "x"

segment capped "Nobody is left alone"
  channel email

segment seldom
  channel post
  where   in sample 70.5% salt "y"
  holdout 99.99% salt "z"
"""
CAPS = "caps:\n  grown_up: {require: age > 10}\n"
AS_OF = "2026-11-01"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", rules=RULES)


@pytest.mark.parametrize("engine", ["arrow", "reference"])
def test_arms_stand_in_every_table(project: Path, engine: str) -> None:
    rules = segrules.load(project)
    assert not [item for item in rules.findings if item.code.number != "SEG513"]
    result = rules.run(AS_OF, out=project / "out", format="csv", wide=True, engine=engine)
    # Customer 10 bought twice, and so the cap keeps it out of what goes by e-mail.
    assert result.members("held").to_pylist() == [2, 3, 4]
    assert result.members("held", arm="holdout").to_pylist() == [3, 4]
    assert result.members("held", arm="treated").to_pylist() == [2]
    assert result.members("capped", arm="holdout").to_pylist() == []
    assert result.members("capped", arm="treated").to_pylist() == [2, 3, 4]
    assert result.members("seldom").to_pylist() == [2, 10]
    arms = dict(zip(result.keys.to_pylist(), result.arms("held").to_pylist(), strict=True))
    assert arms == {10: None, 2: "treated", 3: "holdout", 4: "holdout"}
    membership = pyarrow.csv.read_csv(project / "out" / "membership.csv").to_pylist()
    assert [tuple(row.values()) for row in membership] == [
        ("capped", 2, "treated"),
        ("capped", 3, "treated"),
        ("capped", 4, "treated"),
        ("held", 2, "treated"),
        ("held", 3, "holdout"),
        ("held", 4, "holdout"),
        ("seldom", 2, "holdout"),
        ("seldom", 10, "holdout"),
    ]
    wide = (project / "out" / "wide.csv").read_text(encoding="utf-8").splitlines()
    assert wide[0] == '"customer_id","capped","held","held.arm","seldom","seldom.arm"'
    assert wide[1:] == [
        '2,true,true,"treated",true,"holdout"',
        '3,true,true,"holdout",false,',
        '4,true,true,"holdout",false,',
        '10,false,false,,true,"holdout"',
    ]
    assert result.table().column_names == ["customer_id", "capped", "held", "seldom"]
    assert result.table(arms=True).column("held.arm").to_pylist() == result.arms("held").to_pylist()
    assert list(result.to_pandas(arms=True)["held.arm"].cat.categories) == ["treated", "holdout"]
    manifest = json.loads((project / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["holdouts"] == {
        "held": {"percent": "60", "salt": "x"},
        "seldom": {"percent": "99.99", "salt": "z"},
    }
    sizes = json.loads((project / "out" / "summary.json").read_text(encoding="utf-8"))["segments"]
    assert sizes["held"] == {"qualifying": 4, "members": 3, "share": 0.75, "arms": {"treated": 1, "holdout": 2}}
    assert "arms" not in sizes["capped"]


def test_the_terminal_shows_who_is_held_out(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["run", str(project), "--as-of", AS_OF, "--out", str(project / "out")]) == 0
    printed = capsys.readouterr().out
    assert "segment  members  share  qualifying  held out" in printed
    assert "send to the arm `treated`" in printed
    chosen = ["--segments", "capped", "--overwrite"]
    assert run_command(["run", str(project), "--as-of", AS_OF, "--out", str(project / "out"), *chosen]) == 0
    assert "held out" not in capsys.readouterr().out


def test_names_of_arms_are_checked(project: Path) -> None:
    result = segrules.load(project).evaluate(as_of=AS_OF)
    with pytest.raises(segrules.BadInput, match="no arm"):
        result.members("held", arm="control")
    with pytest.raises(segrules.UnknownName):
        result.arms("hold")


def test_plan_and_show_tell_of_caps_and_holdouts(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=RULES, catalog_yaml=CATALOGUE + CAPS))
    shown = rules.show("held").splitlines()
    assert (
        "\n".join(shown[-7:-1])
        == """\
  may be contacted only while this cap is known to hold (`grown_up` of the catalogue):
    - `age` is more than 10
  may be contacted only while this cap is known to hold (from the ruleset):
    - has fewer than 2 `purchase` events in the last 12 months
  holds out 60% of its members, drawn by the salt "x": not contacted, to measure against
reads columns: age, customer_id"""
    )
    assert "reads columns: age, customer_id" in shown
    assert "reads events: purchase (time)" in shown
    assert not [line for line in rules.show("seldom").splitlines() if "purchase" in line]
    plan = rules.plan()
    kinds = [(clause.segment, clause.kind) for clause in plan.clauses]
    assert kinds == [
        ("capped", "cap"),
        ("capped", "cap"),
        ("held", "cap"),
        ("held", "cap"),
        ("held", "holdout"),
        ("seldom", "where"),
        ("seldom", "cap"),
        ("seldom", "holdout"),
    ]
    assert {scan.table: scan.columns for scan in plan.scans}["people"] == ("age", "customer_id")
    assert {event.event for event in plan.events} == {"purchase"}


def test_only_who_is_run_needs_the_caps(tmp_path: Path) -> None:
    rules = segrules.load(
        write_project(tmp_path / "p", rules=RULES + "segment reader channel post where in segment held")
    )
    plan = rules.plan("reader")
    assert not plan.events
    assert "orders" not in {scan.table for scan in plan.scans}


def test_sizes_count_members_before_arms(tmp_path: Path) -> None:
    rules = 'segment all_of_them\n  size at least 4\n  holdout 99% salt "x"\n'
    result = segrules.load(write_project(tmp_path / "p", rules=rules)).evaluate(as_of=AS_OF)
    assert not [item for item in result.findings if item.code.number in ("SEG601", "SEG602")]
    assert result.summary()["segments"]["all_of_them"]["arms"] == {"treated": 0, "holdout": 4}
