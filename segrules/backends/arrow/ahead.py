"""Reads ahead: one thread makes the next items while another one uses the last."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_WAIT = 0.1
"""Seconds after which the thread that makes items looks whether anybody still wants them."""


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The items, in order, of which up to `depth` are made before they are asked for.

    What making them raises is raised here, behind the items before it. When the caller stops, making stops.
    """
    # Each entry is an item alone, or what making the next one raised; an empty one is the end.
    made: Queue[tuple[T] | BaseException | tuple[()]] = Queue(depth)
    given_up = Event()

    def put(entry: tuple[T] | BaseException | tuple[()]) -> None:
        while not given_up.is_set():
            with suppress(Full):
                made.put(entry, timeout=_WAIT)
                return

    def make() -> None:
        try:
            for item in items:
                put((item,))
                if given_up.is_set():
                    return
            put(())
        except BaseException as failure:
            put(failure)

    worker = Thread(target=make, name="segrules-reading", daemon=True)
    worker.start()
    try:
        while True:
            entry = made.get()
            if isinstance(entry, BaseException):
                raise entry
            if not entry:
                break
            yield entry[0]
    finally:
        given_up.set()
        worker.join()
