"""Customers who show something have ages that people have, where rules leave them open."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import segrules
from segrules.ir.nodes import Constant, Literal
from segrules.proofs.witnesses.plausible import plausible
from segrules.types.types import DateType, IntegerType, Type

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: id
    columns:
      id: {type: integer, nullable: false}
      dob: {type: date}
      birth_date: {type: date}
      contract_end: {type: date}
      age: {type: integer, derive: years since dob}
      vip: boolean
customers: {table: people}
"""
RULES = """\
segment young
  where age < 26

segment of_age
  where age >= 18

segment children
  where age between 3 and 9

policy vips
  applies to all segments
  require vip
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> segrules.RuleSet:
    folder: Path = tmp_path_factory.mktemp("ages")
    (folder / "segrules.toml").write_text('language = 1\ncatalogue = "catalog.yaml"\n')
    (folder / "catalog.yaml").write_text(CATALOGUE)
    (folder / "rules.seg").write_text(RULES)
    return segrules.load(folder)


def test_a_bound_of_the_rule_stays_and_nobody_is_born_tomorrow(rules: segrules.RuleSet) -> None:
    lines = rules.show("vips", prove=True).splitlines()
    given = [line.strip() for line in lines if "given customer" in line]
    (day,) = {line.strip() for line in lines if "as of" in line and "asked" not in line}
    year = int(day.split()[2][:4])
    assert given == [
        f"given customer with dob = {year - 20}-01-01",
        f"given customer with dob = {year - 18}-{day[-5:]}",
        f"given customer with dob = {year - 8}-01-01",
    ]


@pytest.mark.parametrize(
    ("place", "of", "value", "first"),
    [
        (("", "dob"), DateType(), date(2026, 11, 2), date(1996, 1, 1)),
        (("", "birth_date"), DateType(), date(1850, 1, 1), date(1996, 1, 1)),
        (("", "dob"), DateType(), date(2008, 5, 4), date(2008, 5, 4)),
        (("", "age"), IntegerType(), 0, 30),
        (("", "age"), IntegerType(), 25, 25),
        (("", "contract_end"), DateType(), date(2027, 1, 1), None),
        (("", "children"), IntegerType(), 0, None),
        (("visit", "birth_date"), DateType(), date(2026, 11, 2), None),
    ],
)
def test_what_is_proposed_first(
    rules: segrules.RuleSet, place: tuple[str, str], of: Type, value: Constant, first: Constant | None
) -> None:
    assert rules.typed is not None
    proposed = plausible(rules.typed.catalogue, datetime(2026, 11, 1, tzinfo=UTC))
    assert next((item.value for item in proposed(place, Literal(value, of))), None) == first
