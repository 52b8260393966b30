"""The grammar: no conflict settled in silence, and the words that it reserves."""

import logging
from io import StringIO
from pathlib import Path

from lark import Lark, logger

from segrules.resources import grammar_file
from segrules.syntax.lexer import SegLexer
from segrules.syntax.terminals import JOINING
from segrules.syntax.words import reserved
from tests.syntax.read import expression, findings_of

BEGIN_OPERANDS = (
    "all any average bottom consent days did distinct false first in known largest last longest median month most none "
    "not number population smallest top total true weekday years"
)
"""The words that begin an operand; `docs/` lists the same, with the joining words beside them."""

CAPITALS = frozenset({"AND", "NOT", "OR"})
"""Taken for mistyped keywords."""


def test_the_grammar_is_built_without_a_conflict() -> None:
    log = StringIO()
    handler = logging.StreamHandler(log)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark(grammar_file("segrules.lark"), parser="lalr", lexer=SegLexer, start=["file", "expr"], debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    assert "conflict" not in log.getvalue().lower()


def test_the_log_would_tell_of_a_conflict() -> None:
    log = StringIO()
    handler = logging.StreamHandler(log)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        Lark('start: "if" start ["else" start] | "x"\n', parser="lalr", debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
    assert "conflict" in log.getvalue().lower()


def test_reserved_words_are_those_that_begin_an_operand_and_those_that_join() -> None:
    assert reserved() == frozenset(BEGIN_OPERANDS.split()) | JOINING


def test_the_reference_lists_the_reserved_words() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "language.md").read_text(encoding="utf-8")
    listed = page.split("\n## Reserved words\n", 1)[1].split("```text\n", 1)[1].split("```", 1)[0]
    assert sorted(listed.split()) == sorted(reserved() | CAPITALS)


def test_words_in_capitals_are_names_in_backticks_only() -> None:
    for word in CAPITALS:
        assert findings_of(f"define x as {word} > 1")
        assert expression(f"`{word}` > 1")


def test_a_reserved_word_is_a_name_in_backticks_only() -> None:
    for word in sorted(reserved()):
        assert expression(f"`{word}` = 1"), word
        assert findings_of(f"define x as {word} > {word}") or word in ("true", "false"), word


def test_every_other_keyword_may_be_a_column() -> None:
    keywords = {
        terminal.pattern.value
        for terminal in Lark(grammar_file("segrules.lark"), parser="lalr", lexer=SegLexer, start=["file"]).terminals
        if terminal.pattern.type == "str" and terminal.pattern.value.isalpha()
    }
    assert len(keywords) > 60
    for word in sorted(keywords - reserved()):
        assert expression(f"{word} = 1 and x > {word}"), word
        assert not findings_of(f"segment a\n  where {word} = 1 and not {word}\n  except {word}, b"), word
