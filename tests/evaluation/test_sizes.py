"""Sizes against what rules declare, and notes about rows that took no part."""

import pytest

from segrules.diagnostics.finding import Finding
from segrules.evaluation.sizes import result_findings
from segrules.ir.rules import Size
from tests.evaluation.build import found, rules, segment, size


def sizes_said(flags: str, declared: Size | None) -> list[Finding]:
    keys = tuple(range(len(flags)))
    findings = result_findings(rules([segment("vip", size=declared)]), found(keys, vip=flags))
    return [item for item in findings if item.code.number.startswith("SEG6")]


@pytest.mark.parametrize(
    ("flags", "declared"),
    [
        ("+", None),
        ("++--", size(2, 2)),
        ("++--", size("50%", "50%")),
        ("+--", size("33%", "34%")),
        ("+++q", size(most=3)),
    ],
)
def test_sizes_within_their_bounds_say_nothing(flags: str, declared: Size | None) -> None:
    assert sizes_said(flags, declared) == []


@pytest.mark.parametrize(
    ("flags", "declared", "message"),
    [
        ("++--", size(least=3), "segment `vip` has 2 members (50% of all), at least 3 were expected"),
        ("+---", size(least="30%"), "segment `vip` has 1 member (25% of all), at least 30% were expected"),
        ("+--", size(most="33.3%"), "segment `vip` has 1 member (33.33% of all), at most 33.3% were expected"),
        ("++--", size(most=1), "segment `vip` has 2 members (50% of all), at most 1 were expected"),
    ],
)
def test_sizes_outside_are_errors_at_the_clause(flags: str, declared: Size, message: str) -> None:
    (item,) = sizes_said(flags, declared)
    assert (item.code.number, item.message, str(item.span)) == ("SEG601", message, "a.seg:2:1")


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ("--?", "nobody of 3 customers qualifies"),
        ("-q", "1 customer qualifies, none may be contacted"),
        ("qq", "2 customers qualify, none may be contacted"),
        ("", "there are no customers"),
    ],
)
def test_empty_segments_say_why(flags: str, why: str) -> None:
    (item,) = sizes_said(flags, None)
    assert (item.code.number, item.message) == ("SEG602", f"segment `vip` has no members: {why}")


def test_empty_and_outside_are_two_findings() -> None:
    assert [item.code.number for item in sizes_said("--", size(least=1))] == ["SEG601", "SEG602"]
    assert [item.code.number for item in sizes_said("", size(least="10%"))] == ["SEG602"]


def test_ignored_events_are_notes_with_examples() -> None:
    (note,) = result_findings(rules(), found((1,)))
    assert (note.code.number, note.message) == ("SEG513", "2 rows of `purchase` without a customer took no part")
    assert note.examples == ("`row 1`",)
