"""Tests as blocks of the language: what is written is read back as the same test."""

import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Attribute, Defined, InSegment, InStage, IsKnown, Literal
from segrules.ir.testcases import Expectation, Expected, GivenConsent, GivenCustomer, GivenEvent
from segrules.ir.testcases import Test as Written
from segrules.ir.walk import entries_of_lists
from segrules.proofs.witnesses.json_values import witness_json
from segrules.proofs.witnesses.testblock import Unwritable, block, name_words, text_words
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parser import parser
from segrules.syntax.words import reserved
from segrules.text.source import Source
from segrules.types.types import DecimalType, IntegerType, TextType
from tests.conformance.cases import bind_text, errors
from tests.engine.rules import LISTS
from tests.fuzz import FUZZ, cases
from tests.proofs.generated import ENTRIES, customers
from tests.proofs.meaning import plain

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
IN_A = (Expectation(Expected.IN, InSegment("a"), 0),)
RULES = """\
score score rank rank by age into bands at [18, 65], high is best
define adult as age >= 18
segment a where not staff and id in list "codes.csv"
segment `all` where vip
partition life stage young where age < 30 otherwise grown
"""


def _consents() -> Catalogue:
    path = Path(__file__).parents[1] / "conformance" / "catalogues" / "consents.yaml"
    catalogue, _ = read_catalogue(
        Source("consents.yaml", path.read_text("utf-8").replace("zone: UTC", "zone: Europe/London"))
    )
    assert catalogue is not None
    return catalogue


PEOPLE = _consents()


@settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
    max_examples=cases(60),
    deadline=None,
)
@given(st.integers(0, 2**48))
def test_what_is_written_is_read_back(seed: int) -> None:
    case = customers(seed, 24 * FUZZ)
    if case is None:
        return
    targets = list(case.targets())
    for who in case.given:
        expectations = tuple(
            Expectation(list(Expected)[place % 3], target, 0)
            for place, target in enumerate(targets)
            if not isinstance(target, Defined)
        )
        lists = {path: ENTRIES[path] for path in entries_of_lists(case.rules)}
        test = Written("one", case.as_of, (who,), lists, expectations, rows=case.rows)
        try:
            text = block(test, case.catalogue)
        except Unwritable:
            continue
        rules, findings = bind_text(f"{case.text}\n\n{text}\n", case.catalogue, LISTS)
        (found,) = rules.tests
        assert plain(found) == plain(test), (
            f"{text}\n{[f for f in findings if f.span and f.span.line > case.text.count(chr(10))]}"
        )


def test_words_that_the_language_reserves_stand_in_backticks() -> None:
    assert {name_words(word) for word in reserved()} == {f"`{word}`" for word in reserved()}


def keywords() -> list[str]:
    patterns = [terminal.pattern.to_regexp() for terminal in parser().terminals]
    found = {word for pattern in patterns for word in re.findall(r"[A-Za-z]{2,}", pattern)}
    return sorted(found - {"customer", "consent"})  # built in, so that no column has these names


@pytest.mark.parametrize(("column", "event", "segment"), [("", "_1", "_2"), ("_1", "", "_2"), ("_1", "_2", "")])
def test_every_keyword_may_be_a_name(column: str, event: str, segment: str) -> None:
    words = keywords()
    columns = "".join(f'      "{word}{column}": integer\n' for word in words)
    events = "".join(f'  "{word}{event}": {{table: rows, customer: who, time: moment, id: row}}\n' for word in words)
    catalogue, _ = read_catalogue(
        Source(
            "catalog.yaml",
            "format: 1\ntime_zone: Europe/London\ntables:\n"
            f"  people:\n    path: p.csv\n    key: id\n    columns:\n      id: text\n{columns}"
            "  rows:\n    path: r.csv\n    columns:\n      who: text\n      moment: timestamp\n      row: text\n"
            f"{columns}customers: {{table: people}}\nevents:\n{events}",
        )
    )
    assert catalogue is not None
    number = Literal(3, IntegerType())
    yesterday = AS_OF - timedelta(days=1)
    happened = tuple(GivenEvent(f"{word}{event}", yesterday, {f"{word}{column}": number}) for word in words)
    who = GivenCustomer(None, {f"{word}{column}": number for word in words}, {}, happened, (), frozenset())
    targets = tuple(Expectation(Expected.IN, InSegment(f"{word}{segment}"), 0) for word in words)
    targets += tuple(Expectation(Expected.IN, InStage("p_p", word), 0) for word in words)
    test = Written("every keyword", AS_OF, (who,), {}, targets)
    rules = [f"segment `{word}{segment}` where id is known" for word in words]
    rules += ["partition p_p", *(f"  stage `{word}` where id is known" for word in words), "  otherwise rest"]
    assert read_back(test, catalogue, "\n".join(rules)) == plain(test)


@settings(derandomize=not os.environ.get("SEGRULES_RANDOM"), deadline=None)
@given(st.text(), st.text(min_size=1))
@example('"', "\\")
@example('\\"', '\\\\"')
@example("\x00\x85\u2028\x0c", "# no comment")
@example("segment a\twhere", "\ufeff")
def test_any_text_without_line_ends_is_written(title: str, note: str) -> None:
    who = GivenCustomer(None, {"id": Literal(note, TextType())}, {}, (), (), frozenset())
    test = Written(title, AS_OF, (replace(who, key=note),), {}, IN_A)
    if any(character in "\n\r" for character in title + note):
        with pytest.raises(Unwritable):
            block(test, PEOPLE)
    else:
        assert read_back(test, PEOPLE) == plain(test)


def test_half_a_character_is_not_written() -> None:
    with pytest.raises(Unwritable):
        text_words("\ud800")


INSTANTS = {
    "at the start of a day": ("on 2026-10-25", datetime(2026, 10, 24, 23, tzinfo=UTC)),
    "in the hour before the clock goes back": ("at 2026-10-25T01:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    "in the hour after": ("at 2026-10-25T01:30Z", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    "with seconds": ("at 2026-07-01T09:00:01", datetime(2026, 7, 1, 8, 0, 1, tzinfo=UTC)),
    "with microseconds": ("at 2026-07-01T09:00:00.000001", datetime(2026, 7, 1, 8, 0, 0, 1, tzinfo=UTC)),
    "before there were zones": ("at 1800-01-01T12:00", datetime(1800, 1, 1, 12, 1, 15, tzinfo=UTC)),
}


@pytest.mark.parametrize("name", INSTANTS)
def test_times_are_local_where_that_is_clear(name: str) -> None:
    words, instant = INSTANTS[name]
    granted = GivenConsent("email", "granted", instant)
    test = Written("times", AS_OF, (GivenCustomer(None, {}, {}, (), (granted,), frozenset()),), {}, IN_A)
    assert f'  given consent.email = "granted" {words}\n' in block(test, PEOPLE)
    assert read_back(test, PEOPLE) == plain(test)


def test_a_whole_test_as_it_is_written() -> None:
    text = """\
test "everything"
  as of 2026-11-01T09:30
  given list "codes.csv" = ["a", "b\\"c"]
  given customer "ada" with age = 40, staff = false, score.rank = 2, consent.sms = "withdrawn"
  given customer with suppression.mail_complaint = true, suppression.robinson = true
  given consent.email = "withdrawn" on 2026-01-01 with purpose = "offers"
  given consent.email = "granted" at 2026-02-01T12:00 with expiry = 2027-01-01
  given customer "bob"
  expect "ada" not in a, unknown in `all`, life.young = 3
  expect "bob" in life.young, adult = true, adult = false, age = 40, consent.email = "granted"
"""
    text = text.replace(", life.young = 3", ", score.rank = 2")
    rules, findings = bind_text(RULES + text, PEOPLE, {"codes.csv": ["x"]})
    assert errors(findings) == []
    (test,) = rules.tests
    assert f"{block(test, PEOPLE)}\n" == text


def test_long_lines_are_broken_between_facts() -> None:
    listed = frozenset({"robinson", "mail_complaint"})
    who = GivenCustomer("k" * 60, {"age": Literal(40, IntegerType())}, {}, (), (), listed)
    expectations = IN_A * 20
    written = block(Written("long", AS_OF, (who,), {}, expectations), PEOPLE)
    assert max(map(len, written.splitlines())) <= 100
    assert written.count("  given customer") == 2
    assert written.count("  expect in a, in a") == 2


def test_what_has_no_words_is_refused() -> None:
    nobody = GivenCustomer(None, {}, {}, (), (), frozenset())
    third = replace(nobody, attributes={"age": Literal(Fraction(1, 3), DecimalType())})
    loose = replace(nobody, consents=(GivenConsent("email", "granted", None, "offers"),))
    for who in (third, loose):
        with pytest.raises(Unwritable):
            block(Written("no words", AS_OF, (who,), {}, IN_A), PEOPLE)
    with pytest.raises(Unwritable):
        block(Written("no key", AS_OF, (nobody, nobody), {}, IN_A), PEOPLE)
    nameless = (Expectation(Expected.IN, IsKnown(Attribute("age", IntegerType())), 0),)
    with pytest.raises(Unwritable):
        block(Written("no name", AS_OF, (nobody,), {}, nameless), PEOPLE)


def test_a_witness_as_json_values() -> None:
    text = """\
test "witness"
  as of 2026-11-01
  given customer "ada" with age = 40, score.rank = 2, suppression.robinson = true
  given consent.email = "withdrawn" on 2026-01-01 with purpose = "offers"
  given consent.email = "granted" at 2026-02-01T12:00 with expiry = 2027-01-01
  expect not in a
"""
    rules, _ = bind_text(RULES + text, PEOPLE, {"codes.csv": ["x"]})
    found = witness_json(rules.tests[0], PEOPLE)
    assert json.loads(json.dumps(found)) == {
        "as_of": "2026-11-01T00:00:00+00:00",
        "customer": {"id": "ada", "age": 40},
        "events": [],
        "consents": [
            {"channel": "email", "state": "withdrawn", "at": "2026-01-01T00:00:00+00:00", "purpose": "offers",
             "expiry": None},
            {"channel": "email", "state": "granted", "at": "2026-02-01T12:00:00+00:00", "purpose": None,
             "expiry": "2027-01-01T00:00:00+00:00"},
        ],
        "suppressions": ["robinson"],
        "bands": {"score.rank": 2},
        "test": text.rstrip(),
    }  # fmt: skip


def read_back(test: Written, catalogue: Catalogue, rules: str | None = None) -> Written:
    bound, findings = bind_text(
        f"{RULES if rules is None else rules}\n{block(test, catalogue)}\n", catalogue, {"codes.csv": []}
    )
    assert errors(findings) == []
    (found,) = bound.tests
    return plain(found)
