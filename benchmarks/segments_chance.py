"""Chances from a seed that are the same on any machine and in any Python."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

SEED = "segments 20261101"

_T = TypeVar("_T")


class Chance:
    """Made of `random()` alone, which is what Python promises to keep."""

    def __init__(self, *salt: object) -> None:
        self._random = Random(" ".join(str(part) for part in (SEED, *salt)))

    def whether(self, share: float) -> bool:
        """True so often."""
        return self._random.random() < share

    def number(self, low: int, high: int) -> int:
        """From `low` to `high`, both ends in."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, of: Sequence[_T]) -> _T:
        """One of these."""
        return of[self.number(0, len(of) - 1)]

    def some(self, of: Sequence[_T], count: int) -> list[_T]:
        """Different ones, in their own order."""
        left = list(range(len(of)))
        chosen = [left.pop(self.number(0, len(left) - 1)) for _ in range(count)]
        return [of[place] for place in sorted(chosen)]
