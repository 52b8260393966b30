"""SARIF: valid against its schema, and with what GitHub's code scanning asks for beyond it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from segrules.cli.formats.fingerprint import line_hashes
from segrules.cli.formats.report import Refusal, Report
from segrules.cli.formats.sarif import render
from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Code, Severity, finding
from segrules.text.source import Source
from segrules.text.span import Span
from tests.formats.made import ALL, HOSTILE, NOTED, RULES, SHOWN, TWICE, UNKNOWN, report

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def validator() -> Draft202012Validator:
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def texts(value: object) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def sarif(made: Report) -> dict[str, Any]:
    """The one run, after everything that schema and platform ask for was looked at."""
    log = json.loads(render(made))
    assert [error.message for error in validator().iter_errors(log)] == []
    assert log["$schema"] == "https://json.schemastore.org/sarif-2.1.0.json"
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert all(texts(log)), "an empty text"
    _check_as_code_scanning_does(run)
    answer: dict[str, Any] = run
    return answer


def _check_as_code_scanning_does(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    assert driver["name"] == "segrules"
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["semanticVersion"])
    assert run["automationDetails"]["id"].endswith("/")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    for rule in driver["rules"]:
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
        assert rule["properties"]["problem.severity"] in ("error", "warning", "recommendation")
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert re.fullmatch(r"[0-9a-f]+:\d+", result["partialFingerprints"]["primaryLocationLineHash"])
        assert set(result["partialFingerprints"]) == {"primaryLocationLineHash"}
        for location in (*result["locations"], *result.get("relatedLocations", ())):
            _check_location(location["physicalLocation"], run)
        links = [int(number) for number in re.findall(r"\]\((\d+)\)", result["message"]["text"])]
        assert links == [location["id"] for location in result.get("relatedLocations", ())]


def _check_location(place: dict[str, Any], run: dict[str, Any]) -> None:
    artifact, region = place["artifactLocation"], place["region"]
    assert artifact["uriBaseId"] in run["originalUriBaseIds"]
    parts = urlsplit(artifact["uri"])
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert re.fullmatch(r"[A-Za-z0-9_.~/%-]+", artifact["uri"])
    assert not artifact["uri"].startswith("/")
    assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
    start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
    assert (1, 1) <= start < end


def test_a_finding_is_a_result_with_its_rule() -> None:
    run = sarif(report(UNKNOWN))
    (rule,), (result,) = run["tool"]["driver"]["rules"], run["results"]
    assert rule["id"] == result["ruleId"] == "SEG201"
    assert rule["name"] == "UnknownName"
    assert rule["shortDescription"]["text"] == "A rule uses a name that neither the catalogue nor a rule defines."
    assert rule["help"]["markdown"].startswith("# SEG201 unknown-name\n")
    assert result["level"] == "error"
    assert result["message"]["text"] == "`contry` is not the name of an attribute\nhelp: did you mean `country`?"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "shop/rules.seg"
    # `contry` stands in columns 9 to 14; the end is exclusive.
    assert place["region"] == {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 15}
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["automationDetails"]["id"] == "segrules/check/shop/"
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_every_severity_has_its_level() -> None:
    levels = {result["ruleId"]: result["level"] for result in sarif(report(*ALL))["results"]}
    assert levels == {"SEG201": "warning", "SEG202": "error", "SEG010": "note", "SEG602": "warning"}


def test_what_has_no_place_stands_at_the_projects_own_file() -> None:
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif(report(*ALL))["results"]
    }
    assert places["SEG602"] == "shop/segrules.toml"
    assert places["SEG010"] == "shop/segrules.lock"


def test_a_related_place_is_linked_from_the_message() -> None:
    (result,) = sarif(report(TWICE))["results"]
    assert result["message"]["text"] == "`big` is defined twice\n[the first `big`](1)"
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 1


def test_a_customer_who_shows_it_is_in_the_message() -> None:
    (result,) = sarif(report(SHOWN))["results"]
    assert result["message"]["text"].endswith('rules:\n  test "x ``` y"\n    as of 2026-11-01')


def test_a_fingerprint_is_that_of_the_line_and_stays_when_it_moves() -> None:
    (before,) = sarif(report(UNKNOWN))["results"]
    assert before["partialFingerprints"]["primaryLocationLineHash"] == line_hashes(RULES)[1]
    moved = {"rules.seg": Source("rules.seg", f"# a comment\n\n{RULES}")}
    (after,) = sarif(report(replace(UNKNOWN, span=Span("rules.seg", 4, 9, 4, 15)), sources=moved))["results"]
    assert after["partialFingerprints"] == before["partialFingerprints"]


def test_a_file_that_is_not_at_hand_has_a_fingerprint_too() -> None:
    (one,) = sarif(report(NOTED))["results"]
    (other,) = sarif(report(replace(NOTED, message="something else")))["results"]
    assert one["partialFingerprints"] != other["partialFingerprints"]


def test_nothing_found_is_a_run_without_results() -> None:
    run = sarif(report())
    assert run["results"] == []
    assert run["tool"]["driver"]["rules"] == []


def test_a_refusal_is_a_run_that_failed() -> None:
    run = sarif(report(UNKNOWN, refusal=Refusal("`x` is not a project", "look again")))
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "`x` is not a project; help: look again"
    assert len(run["results"]) == 1


def test_of_too_many_the_weightiest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segrules.cli.formats.sarif.MOST", 2)
    run = sarif(report(*reversed(ALL)))
    assert [result["level"] for result in run["results"]] == ["error", "error"]
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"] == "3 more findings are left out"


@pytest.mark.parametrize("code", all_codes(), ids=lambda code: code.number)
def test_every_kind_of_finding_makes_a_rule(code: Code) -> None:
    (rule,) = sarif(report(finding(code, "x")))["tool"]["driver"]["rules"]
    assert rule["id"] == code.number
    assert rule["defaultConfiguration"]["level"] == code.severity.value


def test_a_kind_without_a_page_is_told_by_its_name() -> None:
    (rule,) = sarif(report(finding(Code("TEST", "failed-test", Severity.ERROR), "x")))["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "failed test"


def test_names_cannot_become_links_or_break_a_path() -> None:
    (result,) = sarif(report(HOSTILE, anywhere=True))["results"]
    assert "](http" not in result["message"]["text"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri).startswith("shop/a,b:c=%d\n::stop-commands::x ")


@given(st.text(), st.text(min_size=1), st.text())
def test_any_text_makes_valid_sarif(message: str, path: str, related: str) -> None:
    item = replace(TWICE, message=f"x{message}", span=Span(f"a{path}", 1, 1, 1, 2))
    other = replace(TWICE.related[0], message=f"x{related}")
    made = report(replace(item, related=(other,)))
    assert len(sarif(made)["results"]) == 1
