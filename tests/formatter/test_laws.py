"""What holds of every layout: the rules and comments are the same, and laying out again changes nothing."""

from random import Random

import pytest

from segrules.syntax.concrete import read_concrete
from tests.formatter.texts import comments as comments_of
from tests.formatter.texts import corpus, formatted, made_up, on_one_line, spoiled, tree
from tests.fuzz import cases

SEEDS = range(cases(30))


def assert_only_layout(before: str, after: str) -> None:
    assert tree(after) == tree(before)
    assert comments_of(after) == comments_of(before)
    assert formatted(after) == after
    for line in after.split("\n"):
        assert line == line.rstrip(" \t")
        assert "\t" not in line.partition("#")[0].partition('"')[0]
    assert after == "" or after.endswith("\n")
    assert not after.endswith("\n\n")


def test_there_is_much_to_lay_out() -> None:
    assert len(corpus()) > 150


def test_every_rule_file_stays_the_same_rules() -> None:
    for text in corpus():
        assert_only_layout(text, formatted(text))


@pytest.mark.parametrize("seed", SEEDS)
def test_made_up_rules_stay_the_same_rules(seed: int) -> None:
    text = made_up(seed)
    assert_only_layout(text, formatted(text))


@pytest.mark.parametrize("part", range(8))
def test_white_space_of_the_author_plays_no_part(part: int) -> None:
    for number, text in enumerate(corpus()[part::8]):
        other = spoiled(text, Random(number), commented=0)
        if other is not None:
            assert formatted(other) == formatted(on_one_line(text))


@pytest.mark.parametrize("part", range(8))
def test_comments_between_any_two_tokens_stay_in_order(part: int) -> None:
    spoilt = 0
    for number, text in enumerate(corpus()[part::8]):
        for commented in (0.05, 0.5):
            other = spoiled(text, Random(number), commented=commented)
            if other is not None:
                spoilt += 1
                assert_only_layout(other, formatted(other))
    assert spoilt > 30


@pytest.mark.parametrize("seed", SEEDS)
def test_comments_in_made_up_rules_stay_in_order(seed: int) -> None:
    other = spoiled(made_up(seed), Random(seed), commented=0.1)
    if other is not None:
        assert_only_layout(other, formatted(other))


def test_a_comment_between_any_two_tokens_of_a_file_stays() -> None:
    for text in sorted(corpus(), key=len)[-12:-6]:
        words = read_concrete(text)
        assert words is not None
        for number in range(0, len(words.words), 7):
            before = " ".join(words.words[:number])
            behind = " ".join(words.words[number:])
            other = f"{before} # why\n{behind}\n"
            if read_concrete(other) is not None:
                made = formatted(other)
                assert comments_of(made) == ["# why"]
                assert formatted(made) == made
