"""Reads ahead: one thread makes the next items while another one uses the last."""

from collections.abc import Iterable, Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")

_WAIT = 0.1
"""Seconds after which a thread looks whether the other one has given up."""


def ahead(items: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The items, in order, of which up to `depth` are made before they are asked for.

    What making them raises is raised here, behind the items before it. When the caller stops, making stops.
    """
    made: Queue[T] = Queue(depth)
    given_up, failures, ended = Event(), list[BaseException](), Event()

    def make() -> None:
        try:
            for item in items:
                while not given_up.is_set():
                    try:
                        made.put(item, timeout=_WAIT)
                        break
                    except Full:
                        continue
                if given_up.is_set():
                    return
        except BaseException as failure:
            failures.append(failure)
        finally:
            ended.set()

    worker = Thread(target=make, name="segrules-reading", daemon=True)
    worker.start()
    try:
        while True:
            try:
                yield made.get(timeout=_WAIT if not ended.is_set() else 0)
            except Empty:
                if ended.is_set() and made.empty():
                    break
        if failures:
            raise failures[0]
    finally:
        given_up.set()
        worker.join()
