"""`segrules plan`, and the plan that Python gets."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import segrules
from segrules.cli.main import run_command
from tests.cli.project import CATALOGUE, ROOT, RULES, write_project


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p")


def test_it_says_what_is_read_worked_out_and_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", str(project)]) == 0
    text = capsys.readouterr().out
    assert "plan of 2 segments and partition reach" in text
    assert "  table people: country, customer_id" in text
    assert "  table orders: amount, customer_id, order_id, ordered_at" in text
    assert "  event purchase of table orders: ever; in the last 12 months; in the last 30 days" in text
    assert "  stage 1: total of `purchase.amount` in the last 12 months [4 ns per `purchase` in the window]" in text
    assert "AND" in text
    assert "segment trial" not in text


def test_one_segment_says_with_how_many_others_it_shares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = RULES + '\nsegment older\n  where country = "GB" and age >= 50\n  except big\n'
    project = write_project(tmp_path / "p", rules=rules)
    assert run_command(["plan", str(project), "older"]) == 0
    text = capsys.readouterr().out
    assert '  where: `country` is "GB" [0.05 ns per customer; shared with 1 other]' in text
    assert "  where: `age` is at least 50 [0.09 ns per customer]" in text
    assert "  except: qualifies for `big` (Spent a lot)" in text
    assert "every run also evaluates partition reach: see the plan of all segments" in text


def test_json_has_every_figure_with_its_source(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", str(project), "big", "--output-format", "json"]) == 0
    made = json.loads(capsys.readouterr().out)["plan"]
    assert made["segments"] == ["big"]
    assert (made["partitions"], made["partitions_besides"]) == ([], ["reach"])
    assert made["clauses"][0]["cost"] == {
        "nanoseconds_per_customer": 0.13,
        "nanoseconds_per_event": {"purchase": 4.0},
    }
    assert all(price["source"] for price in made["prices"].values())
    assert made["program"]["leaves"] == {"decimal": 1}


CONTACTS = """\
  points:
    path: points.csv
    key: customer_id
    columns: {customer_id: integer, points: integer}
  letters:
    path: letters.csv
    columns: {customer_id: integer, channel: text, status: text, at: date}
customers:
  table: people
  join: [points]
consents:
  channels: [post]
  table: {table: letters, customer: customer_id, channel: channel, status: status, time: at}
"""


def test_reads_are_all_that_a_run_reads_whatever_for(tmp_path: Path) -> None:
    catalogue = CATALOGUE.replace("customers:\n  table: people\n", CONTACTS)
    assert catalogue != CATALOGUE
    project = write_project(tmp_path / "p", catalog_yaml=catalogue)
    read = {item.table: item.columns for item in segrules.load(project).plan("british").scans}
    # Nobody asks for the points, but their table's key decides who stands there twice.
    assert read == {
        "people": ("country", "customer_id"),
        "points": ("customer_id",),
        "letters": ("at", "channel", "customer_id", "status"),
    }


def test_the_program_itself(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", str(project), "british", "--ops"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 rows of bits; row 0 is true and row 1 is false for everybody",
        'row 2 = known: `country` is "GB"',
        "qualifies for `british`: row 2",
        "members of `british`: row 2",
    ]
    assert run_command(["plan", str(project), "--ops"]) == 0
    text = capsys.readouterr().out
    assert "stage `lately` of `reach`: row" in text


def test_edges_of_windows_stay_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = """\
define current
  as last purchase was in this month
segment lately
  where last purchase was in the last 30 days
  except current
"""
    project = write_project(tmp_path / "p", rules=rules)
    assert run_command(["plan", str(project), "lately", "--ops"]) == 0
    text = capsys.readouterr().out
    assert ">= start of the day 30 days ago" in text
    assert ">= start of this month" in text
    assert ">= as_of" in text


def test_an_unknown_segment_has_a_nearest_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["plan", str(project), "britsh"]) == 2
    assert "did you mean `british`?" in capsys.readouterr().err


def test_rules_with_errors_have_no_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = write_project(tmp_path / "p", rules=RULES.replace("country", "contry"))
    assert run_command(["plan", str(project)]) == 1
    assert "SEG201" in capsys.readouterr().out


def test_plans_are_the_same_every_time(project: Path) -> None:
    first, second = (segrules.load(project).plan() for _ in range(2))
    assert str(first) == str(second)
    assert first == second


def test_plans_of_the_example_rule_set_name_each_clause() -> None:
    rules = segrules.load(ROOT / "rulesets" / "online_retail")
    for name in rules.segments:
        made = rules.plan(name)
        assert {clause.segment for clause in made.clauses} == {name}
        assert made.cost.customer >= max(clause.cost.customer for clause in made.clauses)


def test_names_of_a_rule_set_have_handles(project: Path) -> None:
    rules = segrules.load(project)
    assert (rules["british"].name, rules["british"].kind, rules["reach"].kind) == ("british", "segment", "partition")
    assert rules["british"].show() == rules.show("british")
    assert "country" in str(rules["british"].to_arrow_expression())
    with pytest.raises(segrules.BadInput) as error:
        rules["britsh"]
    assert error.value.help == "did you mean `british`?"


def test_a_chain_is_worked_out_of_all_its_events(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = RULES + "\nsegment again\n  where did purchase in the last 30 days then purchase with same amount\n"
    project = write_project(tmp_path / "p", rules=rules)
    assert run_command(["plan", str(project), "again"]) == 0
    text = capsys.readouterr().out
    assert "  table orders: amount, customer_id, order_id, ordered_at" in text
    assert "  event purchase of table orders: ever; in the last 30 days" in text
    assert (
        "  stage 1: number of `purchase` events in the last 30 days, counting only those followed at any time by a"
        " `purchase` event with the same `amount`"
    ) in text


def test_no_data_library_is_loaded(project: Path) -> None:
    code = f"""
import sys
from segrules.cli.main import run_command
run_command(["plan", {str(project)!r}])
sys.exit("pyarrow" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        stdout=subprocess.DEVNULL,
    )
    assert done.returncode == 0


def test_regularity_is_worked_out_before_the_program_runs(project: Path) -> None:
    rules = """\
segment steady
  where did purchase at least 3 times per week in at least 3 of the last 4 whole weeks
     or longest streak of days of purchase >= 7
     or average days between purchase <= 7
"""
    project.joinpath("rules.seg").write_text(rules, encoding="utf-8")
    plan = segrules.load(project).plan("steady")
    assert [(item.kind, item.words) for item in plan.worked] == [
        ("summed", "average number of days from each `purchase` event to the next"),
        ("sorted", "longest run of days, one after the other, each with `purchase` events"),
        (
            "summed",
            "number of weeks with at least 3 `purchase` events in the last 4 whole weeks, this week left out",
        ),
    ]
