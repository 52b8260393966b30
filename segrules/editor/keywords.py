"""The words of the language: what each is for, in a sentence, and how editors colour it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from segrules.resources import grammar_file

FILE = "keywords.toml"


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word: its group (`block`, `clause`, `logic`, …) and a sentence about it."""

    word: str
    group: str
    about: str


@cache
def keywords() -> Mapping[str, Keyword]:
    """Every word of the language.

    >>> keywords()["did"].group
    'operand'
    """
    read = tomllib.loads(grammar_file(FILE))
    return {word: Keyword(word, group, about) for group, words in read.items() for word, about in words.items()}


def words_in(*groups: str) -> tuple[str, ...]:
    """The words of groups, longer ones first, so that a pattern of them takes the whole word."""
    found = [item.word for item in keywords().values() if item.group in groups]
    return tuple(sorted(found, key=lambda word: (-len(word), word)))
