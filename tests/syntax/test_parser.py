"""The parser that is read from the table made beforehand is the one that lark makes of the grammar."""

import json

import lark
import pytest
from lark import Lark

from segrules.resources import grammar_file
from segrules.syntax import parser as parsers
from segrules.syntax import table as tables
from segrules.syntax.mistakes import entries, stop
from segrules.syntax.parser import KNOWN, made_anew, parser
from segrules.syntax.table import TABLE
from tests.formatter.texts import corpus


@pytest.fixture(scope="module")
def anew() -> Lark:
    return made_anew()


def test_what_is_read_is_the_same(anew: Lark) -> None:
    for text in corpus():
        assert parser().parse(text, start="file") == anew.parse(text, start="file")


def test_what_is_refused_is_refused_at_the_same_place_for_the_same_reason(anew: Lark) -> None:
    for entry in [item for kind in entries().values() for item in kind if "example" in item]:
        at = [stop(one, entry["example"], entry.get("start", "file")) for one in (parser(), anew)]
        said = [(type(error), error.pos_in_stream, getattr(error, "accepts", None)) for error in at if error]
        assert len(said) == 2, entry
        assert said[0] == said[1], entry


def test_words_and_rules_are_the_same(anew: Lark) -> None:
    # lark leaves the words of a choice that are equally long in any order.
    literals = [
        [(item.name, item.priority, sorted(item.pattern.value)) for item in one.terminals] for one in (parser(), anew)
    ]
    assert literals[0] == literals[1]
    rules = [
        sorted((str(rule), [*map(bool, rule.options.empty_indices)]) for rule in one.rules) for one in (parser(), anew)
    ]
    assert rules[0] == rules[1]


def test_this_version_of_lark_is_one_whose_form_is_known() -> None:
    assert lark.__version__.startswith(KNOWN)


@pytest.mark.parametrize("changed", ["the grammar", "lark"])
def test_without_a_table_that_fits_the_parser_is_made(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old = json.dumps({**json.loads(grammar_file(TABLE)), "grammar": "of yesterday", "rules": []})
    if changed == "lark":
        monkeypatch.setattr(parsers, "KNOWN", ("0.12.",))
    else:
        monkeypatch.setattr(tables, "grammar_file", lambda name: old if name == TABLE else grammar_file(name))
    made = parser.__wrapped__()
    text = "segment a\n  where age >= 18\n"
    assert made.parse(text, start="file") == parser().parse(text, start="file")
