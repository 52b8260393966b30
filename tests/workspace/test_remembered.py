"""Answers that are kept between evaluations."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from segrules.workspace.remembered import Remembered


def test_an_answer_is_made_once() -> None:
    made: list[str] = []
    kept = Remembered[str]()

    def make(asked: str) -> str:
        made.append(asked)
        return asked.upper()

    assert [kept.answer(asked, partial(make, asked)) for asked in "aba"] == ["A", "B", "A"]
    assert made == ["a", "b"]


def test_the_longest_unused_goes_first() -> None:
    kept = Remembered[int](2)
    for asked in (1, 2, 1, 3):
        kept.answer(asked, partial(int, asked))
    assert len(kept) == 2
    assert kept.answer(1, lambda: 0) == 1
    assert kept.answer(2, lambda: 0) == 0


def test_threads_get_one_answer_and_copies_none() -> None:
    kept = Remembered[object](4)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.answer("x", object), range(200)))
        list(pool.map(lambda number: kept.answer(number % 7, object), range(2000)))
    assert len(set(map(id, found))) == 1
    assert len(kept) == 4
    assert len(pickle.loads(pickle.dumps(kept))) == 0
