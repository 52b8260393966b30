"""Reading ahead gives what making the items one by one gives, and stops with the caller."""

from collections.abc import Iterator
from threading import active_count

import pytest

from segrules.backends.arrow.ahead import ahead


class Failure(Exception):
    """What making an item raises; false, as an empty list of problems would be."""

    def __bool__(self) -> bool:
        return False


@pytest.mark.parametrize("items", [[], [1], [None, 0, (), "", False], [*range(1000)]])
def test_items_come_in_order(items: list[object]) -> None:
    assert [*ahead(iter(items))] == items


def test_what_making_raises_comes_behind_the_items_before_it() -> None:
    def made() -> Iterator[int]:
        yield 1
        yield 2
        raise Failure

    items = ahead(made())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(Failure):
        next(items)


def test_making_stops_with_the_caller() -> None:
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    threads = active_count()
    for item in ahead(endless()):
        if item == 3:
            break
    assert active_count() == threads
    assert 4 <= len(made) <= 8
