"""GitLab's code quality: the fields that its documentation names, and fingerprints that stay."""

import json
import re
from dataclasses import replace
from typing import Any

from segrules.cli.formats.gitlab import render
from segrules.cli.formats.report import Refusal, Report
from segrules.text.source import Source
from segrules.text.span import Span
from tests.formats.made import ALL, HOSTILE, LINES, RULES, UNKNOWN, many, report

SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def entries(made: Report) -> list[dict[str, Any]]:
    """The entries, after every field that GitLab documents was looked at."""
    found: list[dict[str, Any]] = json.loads(render(made))
    for entry in found:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["description"]
        assert entry["severity"] in SEVERITIES
        assert re.fullmatch(r"[0-9a-f]{64}", entry["fingerprint"])
        assert entry["location"]["path"]
        assert not entry["location"]["path"].startswith(("/", "./"))
        assert entry["location"]["lines"]["begin"] >= 1
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    return found


def test_a_finding_is_an_entry() -> None:
    (entry,) = entries(report(UNKNOWN))
    assert entry["description"] == (
        "unknown-name: `contry` is not the name of an attribute; help: did you mean `country`?"
    )
    assert entry["check_name"] == "SEG201"
    assert entry["severity"] == "critical"
    assert entry["location"] == {"path": "shop/rules.seg", "lines": {"begin": 2, "end": 2}}


def test_severities_and_places() -> None:
    found = [(entry["severity"], entry["location"]["path"]) for entry in entries(report(*ALL))]
    assert found == [
        ("critical", "shop/rules.seg"),
        ("critical", "shop/rules.seg"),
        ("minor", "shop/rules.seg"),
        ("info", "shop/segrules.lock"),
        ("minor", "shop/segrules.toml"),
    ]
    assert entries(report(LINES))[0]["location"]["lines"] == {"begin": 5, "end": 6}


def test_a_fingerprint_stays_when_the_line_moves() -> None:
    (before,) = entries(report(UNKNOWN))
    moved = {"rules.seg": Source("rules.seg", f"# a comment\n{RULES}")}
    (after,) = entries(report(replace(UNKNOWN, span=Span("rules.seg", 3, 9, 3, 15)), sources=moved))
    assert after["fingerprint"] == before["fingerprint"]


def test_equal_findings_on_equal_lines_are_told_apart() -> None:
    same = {"rules.seg": Source("rules.seg", "x\n" * 9)}
    assert len(entries(report(*many(9), sources=same))) == 9


def test_nothing_found_is_an_empty_list() -> None:
    assert render(report()) == "[]\n"


def test_a_refusal_blocks() -> None:
    (entry,) = entries(report(refusal=Refusal("`x` is not a project", "look again")))
    assert (entry["severity"], entry["description"]) == ("blocker", "`x` is not a project; help: look again")


def test_names_cannot_break_out() -> None:
    (entry,) = entries(report(HOSTILE, anywhere=True))
    assert not {"\x1b", "\x00", "\n", "\ud800"} & set(entry["description"])
