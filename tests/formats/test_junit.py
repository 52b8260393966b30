"""JUnit's XML, held against the schema of Jenkins."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from segrules.cli.formats.junit import render
from segrules.cli.formats.report import Refusal, Report
from segrules.text.span import Span
from tests.formats.made import ALL, HOSTILE, SHOWN, UNKNOWN, report

SCHEMA = Path(__file__).parent / "schemas" / "junit-10.xsd"


@cache
def schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(SCHEMA)


def junit(made: Report) -> ElementTree.Element:
    """The root, after the schema was asked and the counts were counted again."""
    text = render(made)
    schema().validate(text)
    root = ElementTree.fromstring(text)
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
        assert suite.get("errors") == str(len(suite.findall("testcase/error")))
    return root


def test_a_finding_is_a_case_that_fails() -> None:
    (suite,) = junit(report(UNKNOWN))
    (case,) = suite
    assert suite.get("name") == "shop/rules.seg"
    assert case.attrib == {
        "name": "2:9 SEG201 unknown-name", "classname": "shop/rules.seg", "file": "shop/rules.seg", "line": "2",
        "time": "0",
    }  # fmt: skip
    (failure,) = case
    assert failure.attrib == {"message": "`contry` is not the name of an attribute", "type": "error"}
    assert failure.text == (
        "shop/rules.seg:2:9: error SEG201 unknown-name: `contry` is not the name of an attribute\n"
        "help: did you mean `country`?"
    )


def test_only_what_fails_the_command_fails_a_case() -> None:
    root = junit(report(*ALL))
    assert [suite.get("name") for suite in root] == ["shop/rules.seg", "shop/segrules.lock", "shop/segrules.toml"]
    assert len(root.findall(".//failure")) == 2
    assert len(root.findall(".//system-out")) == 3
    assert len(junit(report(*ALL, fail_on="warning")).findall(".//failure")) == 4


def test_nothing_found_is_one_case_that_passes() -> None:
    (suite,) = junit(report())
    (case,) = suite
    assert case.get("name") == "segrules check"
    assert list(case) == []


def test_a_refusal_is_an_error() -> None:
    root = junit(report(UNKNOWN, refusal=Refusal("`x` is not a project", "look again")))
    (error,) = root.findall(".//error")
    assert (error.get("message"), error.text) == ("`x` is not a project", "look again")


def test_a_customer_who_shows_it_is_in_the_text() -> None:
    (failure,) = junit(report(SHOWN)).findall(".//failure")
    assert (failure.text or "").endswith('rules:\n  test "x ``` y"\n    as of 2026-11-01')


def test_names_cannot_break_out() -> None:
    (suite,) = junit(report(HOSTILE, anywhere=True))
    (case,) = suite
    (failure,) = case
    assert "<script>" in (failure.get("message") or "")


@given(st.text(), st.text(min_size=1))
def test_any_text_makes_valid_xml(message: str, path: str) -> None:
    item = replace(UNKNOWN, message=message, span=Span(path, 1, 1, 1, 2))
    assert len(junit(report(item, anywhere=True)).findall(".//testcase")) == 1
