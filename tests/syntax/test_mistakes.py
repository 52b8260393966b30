"""Every entry of `grammar/mistakes.toml` gives its message, and several mistakes give several."""

from typing import Any

import pytest
from lark.exceptions import UnexpectedToken

from segrules.diagnostics.codes import BAD_CHARACTER, BAD_DATE, SYNTAX
from segrules.syntax.mistakes import entries, stop
from segrules.syntax.parse import MAX_MISTAKES, parse_expression
from segrules.syntax.parser import parser
from segrules.text.span import Span
from tests.syntax.read import findings_of

MISTAKES = entries()["mistake"]
CHARACTERS = [(entry, character) for entry in entries()["character"] for character in entry["characters"] or "\\"]


def _agrees(pattern: str, message: str) -> bool:
    before, found, after = pattern.partition("{found}")
    return message.startswith(before) and message.endswith(after) and (message == pattern if not found else True)


@pytest.mark.parametrize("entry", MISTAKES, ids=[entry["example"][:60] for entry in MISTAKES])
def test_a_mistake_gets_its_message(entry: dict[str, Any]) -> None:
    if entry.get("start") == "expr":
        findings = parse_expression(entry["example"], Span("catalog.yaml", 1, 1, 1, 2))[1]
    else:
        findings = findings_of(entry["example"])
    first = findings[0]
    assert first.code is SYNTAX
    assert _agrees(entry["message"], first.message), first.message
    assert first.help == entry["help"]
    assert "{" not in first.message.replace("`{`", "")


@pytest.mark.parametrize(("entry", "character"), CHARACTERS, ids=[f"U+{ord(c):04X}" for _, c in CHARACTERS])
def test_a_foreign_character_gets_its_message(entry: dict[str, Any], character: str) -> None:
    (first, *_) = findings_of(f"segment a\n  where {character}vip")
    assert first.code is BAD_CHARACTER
    assert _agrees(entry["message"], first.message), first.message
    assert first.help == entry["help"]
    assert first.span is not None
    assert (first.span.line, first.span.column) == (2, 9)


@pytest.mark.parametrize("entry", MISTAKES, ids=[entry["example"][:60] for entry in MISTAKES])
def test_messages_are_one_plain_sentence(entry: dict[str, Any]) -> None:
    message = entry["message"]
    assert message[0] in "`{" or message[0].islower()
    assert not message.endswith(".")
    assert "\n" not in message
    assert " you" not in message
    assert entry["help"]


def test_several_mistakes_give_several_findings_at_their_lines() -> None:
    text = """\
define young as age < < 30

segment one
  where country == "GB"
  size 100
  review 2027-01-01

segment two "Fine"
  where young

segment three
  channel email
  where vip or or staff
  consent email

partition p
  stage a where age 18
  stage b where vip or or vip
  otherwise rest
"""
    findings = findings_of(text)
    assert [item.span.line for item in findings if item.span] == [1, 4, 5, 6, 13, 17, 18]
    assert {item.code for item in findings} == {SYNTAX}


def test_no_more_mistakes_than_the_limit_are_looked_for() -> None:
    text = "".join(f"segment s{number}\n  where age == 1\n\n" for number in range(3 * MAX_MISTAKES))
    assert len(findings_of(text)) == MAX_MISTAKES


@pytest.mark.parametrize("day", ["2026-1-1", "2026-13-01", "2026-02-30", "0000-01-01", "2026-1-31"])
def test_a_day_that_is_none_is_a_finding_and_no_subtraction(day: str) -> None:
    (item,) = findings_of(f"segment a\n  where did purchase since {day}")
    assert item.code is BAD_DATE
    assert day in item.message
    (item,) = findings_of(f"segment a\n  where signup = {day}")
    assert item.code is BAD_DATE


def test_a_word_that_decides_anywhere_stands_in_its_message() -> None:
    for entry in MISTAKES:
        if entry.get("anywhere"):
            error = stop(parser(), entry["example"], entry.get("start", "file"))
            assert isinstance(error, UnexpectedToken)
            assert f"`{error.token}`" in entry["message"]
