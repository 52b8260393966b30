import pytest

from segrules.editor.keywords import keywords
from segrules.resources import ruleset_path
from segrules.syntax.before import all_keywords, before, keywords_of


def test_every_word_of_the_grammar_has_a_sentence_and_no_other_has() -> None:
    assert sorted(keywords()) == all_keywords()
    assert all(item.about.endswith((".", "`.", ")")) and item.about[0] != " " for item in keywords().values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["define", "fixture", "group", "partition", "policy", "ruleset", "score", "segment", "test"]),
        ("segment a where did", ["all", "any", "none", "not"]),
        ("segment a size at", ["least", "most"]),
        ("segment a where x is", ["after", "before", "ever", "from", "known", "more", "not", "on", "since", "unknown"]),
        ("segment a where x is in", ["the", "this"]),
        ("segment a where did x in", ["the", "this"]),
        ("segment a where did x in the last", []),
        ("segment a where x was between 30 and 60 days", ["ago"]),
        ('test "a" expect', ["in", "not", "unknown"]),
    ],
)
def test_the_words_that_can_follow_are_those_of_the_grammar(text: str, words: list[str]) -> None:
    assert keywords_of(before(text, len(text)).accepts)[: len(words)] == words


def test_a_mistake_in_an_earlier_clause_or_block_does_not_matter() -> None:
    text = "segment a\n  where country == 3 and\n  except staff\nsegment b\n  where = =\n  consent "
    found = before(text, len(text))
    assert [piece.symbol for piece in found.pieces] == ["SEGMENT", "name", "CONSENT"]


@pytest.mark.parametrize("unfinished", ["where x =", "where x and", "where did", "purpose a,", "consent email given"])
def test_the_word_of_a_clause_begins_it_even_where_the_one_before_has_no_end(unfinished: str) -> None:
    text = f"segment a\n  {unfinished}\n  except "
    assert [piece.symbol for piece in before(text, len(text)).pieces][-1] == "EXCEPT"
    text += "staff\n  consent email\n  holdout "
    assert [piece.symbol for piece in before(text, len(text)).pieces][-1] == "HOLDOUT"


def test_behind_a_mistake_in_the_same_clause_the_clause_is_begun_again() -> None:
    text = "segment a\n  where country == 3 and "
    assert [piece.symbol for piece in before(text, len(text)).pieces] == ["SEGMENT", "name", "WHERE"]


@pytest.mark.parametrize("text", ["x y z", ")", "segment", '"', "segment a where (((", "define `", "\U0001f381"])
def test_any_text_has_something_before_its_end(text: str) -> None:
    for at in range(len(text) + 1):
        assert before(text, at).accepts


def test_every_token_of_a_real_file_is_what_can_stand_there() -> None:
    text = (ruleset_path("twelve") / "twelve.seg").read_text(encoding="utf-8")
    whole = before(text, len(text))
    for kind, start in zip(whole.kinds, whole.starts, strict=True):
        assert kind in before(text, start).accepts
