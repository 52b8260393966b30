"""How tests are evaluated: together where nothing tells them apart, alone where they depend on who else there is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import segrules
from segrules.ir.rules import Rules
from segrules.testing import by_reference
from segrules.testing import run as running
from segrules.testing.result import TestStatus
from segrules.testing.results import run_tests
from tests.cli.project import CATALOGUE, write_project

RULES = """\
score rf
  rank recency by days since last purchase into 2 bands, high is best

segment british
  where country = "GB" and did purchase in the last 30 days

segment irish
  where country = "IE" and total of purchase.amount >= 100 GBP

segment late
  where rf.recency = 2
"""


def _tests(count: int) -> str:
    blocks = []
    for number in range(count):
        country = ("GB", "IE", "NO")[number % 3]
        days = 25 + number % 10
        british = "in" if country == "GB" and days <= 30 else "not in"
        irish = "in" if country == "IE" and 90 + number % 20 >= 100 else "not in"
        blocks.append(
            f'test "number {number}"\n  as of 2026-11-0{1 + number % 2}\n'
            f'  given customer with country = "{country}"\n'
            f"  given purchase {days} days ago with amount = {90 + number % 20} GBP\n"
            f"  expect {british} british, {irish} irish\n"
        )
    return "\n".join(blocks)


def _typed(folder: Path, rules: str) -> Rules:
    loaded = segrules.load(write_project(folder, rules=rules))
    assert loaded.sound, loaded.findings
    assert loaded.typed is not None
    return loaded.typed


def _counting(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """How many customers each call of an engine gets."""
    calls: list[int] = []
    engine: Callable[..., Any] = getattr(running, name)

    def counted(*arguments: Any, **options: Any) -> Any:
        found = engine(*arguments, **options)
        calls.append(len(found.keys))
        return found

    monkeypatch.setattr(running, name, counted)
    return calls


def test_tests_of_one_instant_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = _typed(tmp_path / "p", RULES + _tests(60))
    calls = _counting(monkeypatch, "evaluate_with_arrow")
    run = run_tests(rules, rules.tests)
    assert run.passed, str(run)
    assert calls == [30, 30]


def test_the_interpreter_evaluates_only_what_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = 'test "one only"\n  as of 2026-11-01\n  given customer with country = "NO"\n  expect not in british\n'
    rules = _typed(tmp_path / "p", RULES + _tests(10) + more)
    asked: list[tuple[str, ...]] = []
    engine: Callable[..., Any] = getattr(by_reference, "evaluate")  # noqa: B009

    def noting(rules: Rules, tables: Any, as_of: Any, names: Any) -> Any:
        asked.append(tuple(sorted(name for name in names if "(" not in name)))
        return engine(rules, tables, as_of, names)

    monkeypatch.setattr(by_reference, "evaluate", noting)
    assert run_tests(rules, rules.tests).passed
    assert sorted(asked) == [("british",), ("british", "irish"), ("british", "irish")]


def test_what_depends_on_others_goes_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scored = "".join(
        f'test "scored {number}"\n  as of 2026-11-01\n'
        f"  given customer 1\n  given purchase {number + 1} days ago\n"
        f"  given customer 2\n  given purchase {number + 2} days ago\n"
        f"  expect 1 not in late, rf.recency = 1\n  expect 2 in late, rf.recency = 2\n"
        for number in range(4)
    )
    outright = "".join(
        f'test "outright {number}"\n  as of 2026-11-01\n  given customer with rf.recency = {number % 2 + 1}\n'
        f"  expect {'in' if number % 2 else 'not in'} late\n"
        for number in range(6)
    )
    rules = _typed(tmp_path / "p", RULES + scored + outright)
    calls = _counting(monkeypatch, "evaluate_with_arrow")
    run = run_tests(rules, rules.tests)
    assert run.passed, str(run)
    assert sorted(calls) == [2, 2, 2, 2, 6]


def test_together_and_alone_is_the_same(tmp_path: Path) -> None:
    wrong = _tests(40).replace("expect in", "expect not in", 3)
    rules = _typed(tmp_path / "p", RULES + wrong)
    together = run_tests(rules, rules.tests).results
    alone = tuple(run_tests(rules, [test]).results[0] for test in rules.tests)
    assert together == alone
    assert 0 < sum(not item.passed for item in together) < 40


def test_a_disagreement_is_reported_as_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = _typed(tmp_path / "p", RULES + _tests(3))
    engine: Callable[..., Any] = getattr(running, "evaluate_with_arrow")  # noqa: B009

    def wrong(*arguments: Any, **options: Any) -> Any:
        found = engine(*arguments, **options)
        import pyarrow as pa

        nobody = pa.array([False] * len(found.keys), pa.bool_())
        return replace(found, qualifying=dict.fromkeys(found.qualifying, nobody))

    monkeypatch.setattr(running, "evaluate_with_arrow", wrong)
    run = run_tests(rules, rules.tests)
    assert run.disagreed
    assert not run.passed
    failed = [item for item in run if item.status is TestStatus.DISAGREED]
    assert failed
    assert failed[0].failures[0].arrow == "not in"
    assert "the interpreter found in, the Arrow engine not in" in str(run)
    assert "this is a mistake in segrules" in str(run)


def test_customers_derived_from_events_and_grouped_lines_need_no_tables() -> None:
    rules = segrules.load(Path(__file__).parents[2] / "rulesets" / "online_retail")
    run = rules.test()
    assert run.passed, str(run)
    assert len(run) >= 8


def test_numbers_that_need_more_than_64_bits(tmp_path: Path) -> None:
    text = """
segment rich
  where total of purchase.amount >= 100000000000000000000000000000000 GBP and age > 9223372036854775807
test "very rich"
  as of 2026-11-01
  given customer with age = 9223372036854775808
  given purchase 3 days ago with amount = 99999999999999999999999999999999.99 GBP
  given purchase 3 days ago with amount = 0.01 GBP
  expect in rich
test "nearly"
  as of 2026-11-01
  given customer with age = 9223372036854775807
  given purchase 3 days ago with amount = 99999999999999999999999999999999.99 GBP
  expect not in rich
"""
    rules = _typed(tmp_path / "p", RULES + text)
    run = run_tests(rules, rules.tests)
    assert run.passed, str(run)


def test_progress_and_cancelling(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=RULES + _tests(4)))
    told: list[tuple[str, int, int]] = []
    assert rules.test(progress=lambda *step: told.append(step)).passed
    assert told[-1] == ("testing", 4, 4)
    with pytest.raises(segrules.Cancelled):
        rules.test(cancelled=lambda: True)


def test_tests_are_chosen_by_a_part_of_their_title(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=RULES + _tests(12)))
    assert [item.title for item in rules.test("NUMBER 1")] == ["number 1", "number 10", "number 11"]
    with pytest.raises(segrules.BadInput) as caught:
        rules.test("nomber 1")
    assert caught.value.help == "did you mean `number 1`?"


def test_rows_to_which_relations_lead_are_given(tmp_path: Path) -> None:
    relation = "\nrelations:\n  account: {table: accounts, column: account_id}\n"
    accounts = "  accounts:\n    path: a.csv\n    key: account_id\n    columns: {account_id: text, plan: text}\n"
    catalogue = CATALOGUE.replace("customers:\n  table", f"{accounts}customers:\n  table") + relation
    catalogue = catalogue.replace("      age: integer\n", "      age: integer\n      account_id: text\n")
    text = """
test "rows"
  as of 2026-11-01
  given customer 1 with account_id = "A1", country = "GB"
  given account "A1" with plan = "pro"
  given account "A2"
  expect 1 not in british
"""
    loaded = segrules.load(write_project(tmp_path / "p", rules=RULES + text, catalog_yaml=catalogue))
    assert loaded.typed is not None, loaded.findings
    assert loaded.sound, loaded.findings
    (test,) = loaded.typed.tests
    bench = running.Bench(loaded.typed, lambda *_: None)
    _, tables, keys = bench.settings.world(test)
    assert keys == (1,)
    assert tables["accounts"] == {"account_id": ["A1", "A2"], "plan": ["pro", None]}
    assert loaded.test().passed


def test_a_status_of_consent_that_nobody_can_have_is_a_finding(tmp_path: Path) -> None:
    catalogue = """\
format: 1
time_zone: UTC
tables:
  people:
    path: people.csv
    key: id
    columns: {id: integer, staff: boolean, mail: text}
customers: {table: people}
consents:
  columns: {email: {state: mail}}
  statuses: {granted: [y], withdrawn: [n]}
"""
    rules = """\
segment staff_members
  where   staff
  consent email

test "no such status"
  as of 2026-01-01
  given customer with staff = true, mail = "other"
  expect in staff_members
"""
    for name, text in {"segrules.toml": "language = 1\n", "catalog.yaml": catalogue, "rules.seg": rules}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = segrules.load(tmp_path).test()
    (result,) = run
    assert result.status is TestStatus.REFUSED
    assert [item.code.name for item in result.findings] == ["unknown-consent-status"]
