"""Tests made of anything: they end in findings or results, never in a traceback."""

import random
from pathlib import Path

import pytest

import segrules
from segrules.testing.results import run_tests
from tests.conformance.cases import bind_text, shared_catalogue
from tests.fuzz import cases
from tests.testing.made import block

RULES = """
define spend as total of purchase.amount
define big as spend >= 100 GBP
score rf
  rank recency   by days since last purchase into 2 bands, low is best
  rank frequency by number of purchase into bands at [2, 5], high is best
segment german where country = "DE" and tags has none of ["x"] and shirt >= "M"
segment listed where country in list "l.csv"
segment early where birth_date has anniversary in the next 7 days or called is in the last 3 hours
segment scored where rf.recency = 2 and rf.frequency >= 2
segment numbers where ratio > 0.5 and height * 2 <= width and points - other < 5 and credit < 20% of limit
segment rows where did purchase where (weight > 1 and share < 0.5 and due is in the next 3 days and gift)
  and last page_view was (kind = "a") and did refund at most 2 times in the last 60 days
partition life stage child where age < 18 stage grown where age >= 18 otherwise other
"""


@pytest.mark.parametrize("seed", range(cases(25)))
def test_anything_given(seed: int) -> None:
    pick = random.Random(seed)
    catalogue = shared_catalogue("shop")
    text = RULES + "".join(block(pick, catalogue, number) for number in range(8))
    rules, _ = bind_text(text, catalogue, {"l.csv": ["DE"]})
    run = run_tests(rules, rules.tests)
    assert not run.disagreed, f"{run}\n{text}"
    assert str(run)
    assert run.to_json()
    assert run.to_junit()


HOSTILE = [
    "as of 9999-12-30\n given customer with age = 3\n expect in a",
    "as of 0001-01-02\n given order 1 day ago\n expect in a",
    "as of 2026-11-01\n given order 999999999 years ago\n expect in a",
    "as of 2026-11-01\n given order 999999999 minutes ago\n expect in a",
    "as of 2026-11-01\n given customer with age = " + "9" * 400 + "\n expect in a",
    "as of 2026-11-01\n given customer with age = 0." + "9" * 400 + "\n expect in a",
    "as of 2026-11-01\n given customer " + "9" * 30 + "\n expect in a",
    "as of 2026-11-01\n given customer with age = " + "-" * 3 + "5\n expect in a",
    'as of 2026-11-01\n given customer "' + "x" * 10_000 + '"\n expect in a',
    "as of 2026-11-01\n expect " + ", ".join(["in a"] * 2000),
    "as of 2026-11-01\n" + "".join(f" given customer {n}\n" for n in range(500)) + " expect 3 in a",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_the_ends_of_everything(body: str, tmp_path: Path) -> None:
    (tmp_path / "segrules.toml").write_text("language = 1\n", encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text(
        "format: 1\ntime_zone: UTC\ntables:\n"
        "  people: {path: p.csv, key: id, columns: {id: integer, age: integer}}\n"
        "  orders: {path: o.csv, columns: {order_no: integer, id: integer, at: timestamp}}\n"
        "customers: {table: people}\n"
        "events: {order: {table: orders, customer: id, time: at, id: order_no}}\n",
        encoding="utf-8",
    )
    (tmp_path / "r.seg").write_text(f'segment a where age > 3 or did order\ntest "t"\n {body}\n', encoding="utf-8")
    rules = segrules.load(tmp_path)
    if rules.sound:
        run = rules.test()
        assert len(run) == 1
        assert not run.disagreed
    else:
        assert rules.findings
