"""What `summary.json` and `manifest.json` hold."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest

from segrules.evaluation.as_of import resolve_as_of
from segrules.evaluation.cells import cell_json, decimal_text
from segrules.evaluation.report import Inputs, manifest_json, summary_json
from segrules.ir.nodes import Attribute
from segrules.ir.rules import Bands, Direction, Rank, Score
from segrules.sources.loaded import ClockChange
from segrules.types.types import DecimalType, IntegerType, MoneyType
from tests.evaluation.build import found, partition, rules, segment

RECENCY = Rank("recency", Attribute("days", DecimalType()), Bands(Direction.LOW, 1))
RULES = replace(
    rules([segment("vip"), segment("all")], [partition("stages")]),
    scores={"rfm": Score("rfm", None, None, None, {"recency": RECENCY})},
)


def test_the_summary_counts_qualifying_members_and_entries() -> None:
    assert summary_json(RULES, found((1, 2, 3, 4), vip="+q?-", all="++++")) == {
        "format": 1,
        "as_of": "2026-11-01T00:00:00+00:00",
        "customers": 4,
        "segments": {
            "all": {"qualifying": 4, "members": 4, "share": 1.0},
            "vip": {"qualifying": 2, "members": 1, "share": 0.25},
        },
        "partitions": {"stages": {"first": 2, "rest": 2}},
    }


def test_without_customers_shares_are_zero() -> None:
    assert summary_json(RULES, found((), vip=""))["segments"] == {"vip": {"qualifying": 0, "members": 0, "share": 0.0}}


def test_the_manifest_says_what_a_run_was_made_of() -> None:
    manifest = manifest_json(
        RULES,
        found((1,), vip="+"),
        Inputs("0.1.0", 1, {"b.seg": "sha256:b", "a.seg": "sha256:a"}, {"catalog.yaml": "sha256:c"}, {}),
        resolve_as_of("2026-10-25T02:30", "Europe/Berlin"),
        {"people": "sha256:p"},
        [ClockChange("orders", "at", "repeated", 3, ("2026-10-25 02:10:00",), "read as the first of the two")],
        {"wide": False},
        {"membership.parquet": {"rows": 1, "hash": "sha256:m"}},
    )
    assert json.loads(json.dumps(manifest)) == manifest
    assert manifest["format"] == 1
    assert manifest["versions"]["segrules"] == "0.1.0"
    assert manifest["versions"]["language"] == 1
    assert manifest["as_of"]["given"] == "2026-10-25T02:30"
    assert manifest["as_of"]["resolved"] == "2026-10-25T02:30:00+02:00"
    assert "comes twice" in manifest["as_of"]["notes"][0]
    assert list(manifest["rules"]) == ["a.seg", "b.seg"]
    assert manifest["data"] == {"people": "sha256:p"}
    assert manifest["cut_points"] == {
        "rfm": {
            "recency": {
                "scored": 3,
                "without_value": 1,
                "frozen": False,
                "cuts": [],
                "bands": [{"band": 1, "customers": 2, "smallest": "1/3", "largest": "12.5"}],
            }
        }
    }
    assert manifest["ignored_events"] == [
        {"event": "purchase", "reason": "no customer", "count": 2, "examples": ["`row 1`"]}
    ]
    assert manifest["clock_changes"] == [
        {
            "table": "orders",
            "column": "at",
            "kind": "repeated",
            "count": 3,
            "how": "read as the first of the two",
            "examples": ["2026-10-25 02:10:00"],
        }
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 2), "0.5"),
        (Fraction(-1, 8), "-0.125"),
        (Fraction(5), "5"),
        (Fraction(-12345, 100), "-123.45"),
        (Fraction(1, 10**20), "0." + "0" * 19 + "1"),
        (Fraction(1, 3), None),
        (Fraction(0), "0"),
    ],
)
def test_decimals_are_written_exactly(value: Fraction, text: str | None) -> None:
    assert decimal_text(value) == text


def test_infinite_numbers_and_lists_are_json() -> None:
    assert cell_json(float("inf")) == "inf"
    assert cell_json(("a", "b")) == ["a", "b"]
    assert cell_json(True) is True


def test_whole_amounts_are_text_as_all_others_are() -> None:
    assert [cell_json(0, MoneyType("GBP")), cell_json(3, DecimalType()), cell_json(3, IntegerType())] == ["0", "3", 3]
