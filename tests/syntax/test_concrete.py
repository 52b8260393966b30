"""Tokens and groups from the table made beforehand: those that lark finds."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segrules.resources import grammar_file
from segrules.syntax import table as tables
from segrules.syntax.concrete import Group, read_concrete
from segrules.syntax.parser import parser
from segrules.syntax.table import TABLE, content_of_table, table
from tests.formatter.texts import corpus, made_up
from tests.syntax.test_hostile import WORDS

BEFORE = ("", "segment a where ", "segment a\n  where vip\n")


def by_lark(text: str) -> list[tuple[str, str]] | None:
    """Kind and text of each token, as lark takes them; None where it refuses the text."""
    reading = parser().parse_interactive(text, start="file")
    try:
        tokens = list(reading.iter_parse())
        reading.feed_eof()  # type: ignore[no-untyped-call]  # lark's own
    except Exception:  # whatever lark refuses it with
        return None
    return [(token.type, " ".join(token.split()) if token.type == "TEXT_TEST" else str(token)) for token in tokens]


def by_table(text: str) -> list[tuple[str, str]] | None:
    read = read_concrete(text)
    return None if read is None else list(zip(read.kinds, read.words, strict=True))


def test_tokens_are_those_of_lark() -> None:
    for text in corpus():
        assert by_table(text) == by_lark(text) is not None


@pytest.mark.parametrize("seed", range(10))
def test_tokens_of_made_up_rules_are_those_of_lark(seed: int) -> None:
    assert by_table(made_up(seed)) == by_lark(made_up(seed)) is not None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=30), st.sampled_from(["", "segment a where ", "segment a\n  where vip\n"])
)
def test_what_lark_refuses_is_refused(words: list[str], before: str) -> None:
    text = before + " ".join(words)
    assert by_table(text) == by_lark(text)


def test_groups_hold_every_token_once_and_in_order() -> None:
    def numbers(group: Group) -> list[int]:
        found: list[int] = []
        for part in group.parts:
            found += [part] if isinstance(part, int) else numbers(part)
        assert found == list(range(group.start, group.end))
        assert group.name
        return found

    for text in corpus():
        read = read_concrete(text)
        assert read is not None
        assert len(numbers(read.root())) == len(read.words)
        assert [text[a:b].split() for a, b in zip(read.starts, read.ends, strict=True)] == [
            w.split() for w in read.words
        ]


def test_a_table_of_another_grammar_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = table()
    old = json.dumps({**json.loads(grammar_file(TABLE)), "grammar": "of yesterday", "rules": []})
    monkeypatch.setattr(tables, "grammar_file", lambda name: old if name == TABLE else grammar_file(name))
    table.cache_clear()
    try:
        assert table() == expected
    finally:
        table.cache_clear()


def test_the_table_is_that_of_the_grammar() -> None:
    assert json.loads(grammar_file(TABLE)) == content_of_table(), "`make docs` writes it anew"
