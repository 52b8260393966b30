"""A function's last answers, kept for a rule set that several threads evaluate."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

_Answer = TypeVar("_Answer")

MOST = 64
"""Answers that are kept: a service may ask for as many choices of segments as it has users."""


class Remembered(Generic[_Answer]):
    """Answers by what was asked; the longest unused goes first. A copy in another process starts with none."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._answers: dict[Hashable, _Answer] = {}

    def answer(self, asked: Hashable, make: Callable[[], _Answer]) -> _Answer:
        """The answer for `asked`; two threads that ask at the same time may both make it, and get the same one."""
        with self._lock:
            if asked in self._answers:
                self._answers[asked] = found = self._answers.pop(asked)
                return found
        made = make()
        with self._lock:
            found = self._answers.setdefault(asked, made)
            while len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]
        return found

    def __len__(self) -> int:
        return len(self._answers)

    def __reduce__(self) -> tuple[type["Remembered[_Answer]"], tuple[int]]:
        return type(self), (self._most,)
