"""One way to choose for everything that is generated here: by hypothesis, which shrinks, or by a seeded generator."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Pick(Protocol):
    """Choose one of several; what stands first is the simplest."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@cache
def _places(count: int) -> st.SearchStrategy[int]:
    """The places of so many options: to make a strategy takes longer than to draw from it."""
    return st.integers(0, count - 1)


def by_hypothesis(draw: st.DrawFn) -> Pick:
    """Choices that hypothesis makes, remembers and shrinks."""

    def pick(options: Sequence[T], /) -> T:
        return options[draw(_places(len(options)))] if len(options) > 1 else options[0]

    return pick


def by_seed(seed: int) -> Pick:
    """Choices that depend on nothing but the seed; for data too large for hypothesis."""
    random = Random(seed)

    def pick(options: Sequence[T], /) -> T:
        return random.choice(options)

    return pick


def some(pick: Pick, options: Sequence[T], most: int | None = None) -> list[T]:
    """Up to `most` of the options, each at most once, in their order."""
    taken = [option for option in options if pick((False, True))]
    return taken if most is None else taken[:most]


def several(pick: Pick, options: Sequence[T], count: int) -> list[T]:
    """Exactly `count` choices, with repetition."""
    return [pick(options) for _ in range(count)]


def chance(pick: Pick, one_in: int) -> bool:
    """True once in so many times; False is the simplest."""
    return pick(range(one_in)) == one_in - 1
