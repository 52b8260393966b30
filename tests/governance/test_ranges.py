"""Comparisons beyond what the catalogue allows."""

from pathlib import Path

import pytest

from tests.governance.kept import check, said

NEVER = [
    ("age > 120", "`age` lies between 0 and 120"),
    ("age >= 121", "`age` lies between 0 and 120"),
    ("age = 130", "`age` lies between 0 and 120"),
    ("age < 0", "`age` lies between 0 and 120"),
    ("130 < age", "`age` lies between 0 and 120"),
    ("age between 121 and 130", "`age` lies between 0 and 120"),
    ("age in [121, 122]", "`age` lies between 0 and 120"),
    ("2 * age > 240", "the value lies between 0 and 240"),
    ("age - 5 > 115", "the value lies between -5 and 115"),
    ("100 - age > 100", "the value lies between -20 and 100"),
    ("age / -2 > 0", "the value lies between -60 and 0"),
    ("rating > 5", "`rating` lies between 0.5 and 5"),
    ("born < 1900-01-01", "`born` lies between 1900-01-01 and 2020-12-31"),
    ("month of born = 13", "the value lies between 1 and 12"),
    ('tier > "gold"', "`tier` is one of `basic`, `silver`, `gold`"),
    ('country not in ["GB", "IE", "DE"]', "`country` is one of `GB`, `IE`, `DE`"),
    ("account.seats > 100", "`account.seats` lies between 1 and 100"),
    ("s.r = 7", "`s.r` lies between 1 and 5"),
    ("s.r < 1", "`s.r` lies between 1 and 5"),
    ("older > 121", "`older` lies between 1 and 121"),
    ("did purchase where (pieces > 99)", "`pieces` lies between 1 and 99"),
    ("did purchase where (customer.age > 120)", "`age` lies between 0 and 120"),
    ("last purchase was (pieces > 99)", "`pieces` lies between 1 and 99"),
    ("average of purchase.pieces > 99", "the value lies between 1 and 99"),
    ("total of purchase.amount < 0 GBP", "the value is at least 0"),
    ("number of purchase < 0", "the value is at least 0"),
    ("days since last purchase < 0", "the value is at least 0"),
    ("any of account.users (age > 120)", "`age` lies between 0 and 120"),
    ("number of account.users (staff) < 0", "the value is at least 0"),
    ("age > population average of age + 130", "`age` lies between 0 and 120"),
]
ALWAYS = [
    ("age <= 120", "`age`", "`age` lies between 0 and 120"),
    ("age != 121", "`age`", "`age` lies between 0 and 120"),
    ("age not in [121]", "`age`", "`age` lies between 0 and 120"),
    ("age between -1 and 200", "`age`", "`age` lies between 0 and 120"),
    ('tier >= "basic"', "`tier`", "`tier` is one of `basic`, `silver`, `gold`"),
    ('country in ["DE", "GB", "IE"]', "`country`", "`country` is one of `GB`, `IE`, `DE`"),
    ("days since last purchase >= 0", "the value", "the value is at least 0"),
]
NOTHING = [
    "age > 119",
    "age >= 120",
    "age < 1",
    "age between 100 and 130",
    "age in [120, 121]",
    "height > 300",
    "age > height",
    "age + height > 500",
    'tier > "silver"',
    'tier = "gold"',
    'country in ["GB", "IE"]',
    'country in ["gb", "ie", "de"] ignoring case',
    "s.r = 5",
    "total of purchase.amount > 1000000 GBP",
    "number of purchase > 0",
    "days since joined < 0",
    "did purchase where (pieces > 98)",
    "rating > 4.99",
    "born > 2020-12-30",
    "account.seats = 100",
]
BEFORE = "define older as age + 1\nscore s rank r by height into 5 bands, low is best\n"


@pytest.mark.parametrize(("condition", "because"), NEVER)
def test_what_is_never_true_is_found(tmp_path: Path, condition: str, because: str) -> None:
    expected = [(3, f"this is never true: {because}")]
    assert said(tmp_path, "SEG356", f"{BEFORE}segment a where {condition}\n") == expected
    assert said(tmp_path, "SEG356", f"{BEFORE}segment a where staff and not ({condition})\n") == expected


@pytest.mark.parametrize(("condition", "what", "because"), ALWAYS)
def test_what_is_true_of_every_known_value_is_found(tmp_path: Path, condition: str, what: str, because: str) -> None:
    expected = [(3, f"this is true wherever {what} is known: {because}")]
    assert said(tmp_path, "SEG356", f"{BEFORE}segment a where {condition}\n") == expected


def test_a_number_of_events_is_always_known(tmp_path: Path) -> None:
    expected = [(1, "this is always true: the value is at least 0")]
    assert said(tmp_path, "SEG356", "segment a where number of purchase >= 0\n") == expected


@pytest.mark.parametrize("condition", NOTHING)
def test_what_may_be_either_is_left_alone(tmp_path: Path, condition: str) -> None:
    assert said(tmp_path, "SEG356", f"{BEFORE}segment a where {condition}\n") == []


@pytest.mark.parametrize(
    "rules",
    [
        "define x as age > 120\n",
        "score x among age > 120 rank r by height into 5 bands, low is best\n",
        "partition x stage one where age > 120 otherwise two\n",
        "segment x where staff eligible age > 120\n",
        "define x as top 5 by height among (age > 120)\n",
    ],
)
def test_every_place_of_a_comparison_is_looked_at(tmp_path: Path, rules: str) -> None:
    assert said(tmp_path, "SEG356", rules) == [(1, "this is never true: `age` lies between 0 and 120")]


def test_what_a_ruleset_says_is_said_once(tmp_path: Path) -> None:
    rules = "ruleset r eligible age > 120\nsegment a where staff\nsegment b where height > 3\n"
    assert len(said(tmp_path, "SEG356", rules)) == 1


@pytest.mark.parametrize(
    ("rules", "place"),
    [
        ('define x as home_market = "UK"\nsegment a where x\n', "rules.seg:1:13"),
        (
            'score s rank r by number of purchase where (shop = "a") into 5 bands, low is best\n',
            "rules.seg:1:45",
        ),
        ('segment a where account.old_plan = "x"\n', "rules.seg:1:17"),
        ('segment a where any of account.users (home_market = "x")\n', "rules.seg:1:39"),
    ],
)
def test_deprecated_columns_are_found_behind_names(tmp_path: Path, rules: str, place: str) -> None:
    deprecated = [item for item in check(tmp_path, rules).findings if item.code.number == "SEG313"]
    assert place in [str(item.span) for item in deprecated]


def test_a_derived_column_says_that_it_reads_a_deprecated_one(tmp_path: Path) -> None:
    told = check(tmp_path, "segment a where staff\n")
    assert [(item.finding.code.number, item.span.path) for item in told.silenced] == [("SEG313", "catalog.yaml")]
