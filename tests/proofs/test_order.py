"""Counts that are never larger than others: what is said of them holds for made-up customers, and is not too little."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from segrules.ir.rules import Rules
from segrules.proofs.boxes.order import order
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.rows import Number
from segrules.proofs.formulas.logic import Var, variables
from segrules.reference.evaluate import evaluate
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.types.cells import Cell

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people: {path: people.csv, key: customer_id, columns: {customer_id: integer}}
  orders:
    path: orders.csv
    columns:
      order_id: {type: integer, nullable: false}
      customer_id: integer
      at: timestamp
      amount: {type: money, currency: GBP, scale: 2}
      channel: {type: text, values: [web, app, shop]}
  calls: {path: calls.csv, columns: {call_id: {type: integer, nullable: false}, customer_id: integer, day: date}}
customers: {table: people}
events:
  purchase: {table: orders, customer: customer_id, time: at, id: order_id}
  call: {table: calls, customer: customer_id, time: day, id: call_id}
"""
FILTERS = (
    "", "where (amount >= 20 GBP)", "where (amount > 20 GBP)", "where (amount = 30 GBP)", "where (amount < 20 GBP)",
    "where (amount between 20 GBP and 40 GBP)", 'where (channel = "web")', 'where (channel in ["web", "app"])',
    'where (channel != "web")', 'where (amount > 20 GBP and channel = "web")',
    'where (amount >= 20 GBP or channel = "web")', "where (not (amount >= 20 GBP))",
)  # fmt: skip
WINDOWS = (
    "", "in the last 7 days", "in the last 90 days", "in the last 3 months", "in the last 12 months", "in this month",
    "in the last 3 whole weeks", "more than 90 days ago", "more than 3 months ago", "between 7 and 90 days ago",
    "since 2026-09-01", "from 2026-09-05 to 2026-09-20", "in the last 36 hours",
)  # fmt: skip
ASKED = {f"p{at}": (test, window) for at, (test, window) in enumerate(product(FILTERS, WINDOWS))}
CALLED = {f"c{at}": ("", window) for at, window in enumerate(WINDOWS[:-1])}


@pytest.fixture(scope="module")
def rules() -> Rules:
    catalogue, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert catalogue is not None, findings
    lines = [
        f"segment {name}_{times} where did {event} {test} at least {times} times {window}"
        for event, asked in (("purchase", ASKED), ("call", CALLED))
        for name, (test, window) in asked.items()
        for times in (1, 2)
    ]
    tree, findings = parse_file(Source("rules.seg", "\n".join(lines)))
    assert not findings, findings
    made, findings = bind([tree], catalogue, lambda _: frozenset())
    assert not [item for item in findings if item.severity == "error"], findings
    return made


@pytest.fixture(scope="module")
def found(rules: Rules) -> set[tuple[str, str]]:
    """The pairs `(small, large)`, by the names of the counts."""
    encoder = Encoder(rules)
    names: dict[Var, list[str]] = {}
    for name in (*ASKED, *CALLED):
        numbers = [var for var in variables([encoder.member(f"{name}_2")])[0] if isinstance(var.meaning, Number)]
        names.setdefault(numbers[0], []).append(name)
    return {(a, b) for small, large in order(encoder, names) for a in names[small] for b in names[large]}


def tables(now: datetime) -> Mapping[str, Mapping[str, list[Cell]]]:
    chance = Random(5)
    people, count = 120, 900
    ages = [Fraction(chance.choice((1, 30, 170, 2200, 9000)) * chance.randrange(1, 3600)) for _ in range(count)]
    return {
        "people": {"customer_id": list(range(people))},
        "orders": {
            "order_id": list(range(count)),
            "customer_id": [chance.randrange(people) for _ in range(count)],
            "at": [now - timedelta(seconds=int(age)) for age in ages],
            "amount": [chance.choice((None, Fraction(10), Fraction(20), Fraction(30), Fraction(50))) for _ in ages],
            "channel": [chance.choice((None, "web", "app", "shop")) for _ in ages],
        },
        "calls": {
            "call_id": list(range(count)),
            "customer_id": [chance.randrange(people) for _ in range(count)],
            "day": [now.date() - timedelta(days=chance.choice((0, 1, 7, 8, 89, 90, 91, 92, 93, 400))) for _ in ages],
        },
    }


@pytest.mark.parametrize("now", [datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 2, 14, 30, tzinfo=UTC)])
def test_whoever_has_the_smaller_number_has_the_larger(
    rules: Rules, found: set[tuple[str, str]], now: datetime
) -> None:
    members = evaluate(rules, tables(now), now, list(rules.segments)).members
    wrong = {
        (small, large)
        for small, large in found
        for times in (1, 2)
        if any(
            few and not many for few, many in zip(members[f"{small}_{times}"], members[f"{large}_{times}"], strict=True)
        )
    }
    assert wrong == set()


def purchase(test: str, window: str) -> str:
    return next(name for name, asked in ASKED.items() if asked == (test, window))


@pytest.mark.parametrize(
    ("small", "large"),
    [
        (("", "in the last 7 days"), ("", "in the last 90 days")),
        (("", "in the last 7 days"), ("", "in the last 3 months")),
        (("", "in the last 36 hours"), ("", "in the last 7 days")),
        (("", "more than 90 days ago"), ("", "")),
        (("", "between 7 and 90 days ago"), ("", "in the last 90 days")),
        (("", "from 2026-09-05 to 2026-09-20"), ("", "since 2026-09-01")),
        (("where (amount > 20 GBP)", ""), ("where (amount >= 20 GBP)", "")),
        (("where (amount = 30 GBP)", ""), ("where (amount > 20 GBP)", "")),
        (("where (amount = 30 GBP)", ""), ("where (amount between 20 GBP and 40 GBP)", "")),
        (("where (amount between 20 GBP and 40 GBP)", ""), ("where (amount >= 20 GBP)", "")),
        (('where (channel = "web")', ""), ('where (channel in ["web", "app"])', "")),
        (('where (amount > 20 GBP and channel = "web")', "in the last 7 days"), ('where (channel = "web")', "")),
        (("where (amount > 20 GBP)", ""), ('where (amount >= 20 GBP or channel = "web")', "")),
        (('where (amount >= 20 GBP or channel = "web")', ""), ("", "")),
    ],
)
def test_less_is_known_to_be_less(small: tuple[str, str], large: tuple[str, str], found: set[tuple[str, str]]) -> None:
    assert (purchase(*small), purchase(*large)) in found
    assert (purchase(*large), purchase(*small)) not in found


def test_three_months_and_ninety_days_are_not_compared(found: set[tuple[str, str]]) -> None:
    days, months = purchase("", "in the last 90 days"), purchase("", "in the last 3 months")
    assert not {(days, months), (months, days)} & found


def test_other_events_are_not_compared(found: set[tuple[str, str]]) -> None:
    assert all(small[0] == large[0] for small, large in found)
