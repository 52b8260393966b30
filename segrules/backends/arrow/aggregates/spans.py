"""Windows as stretches of buckets: the edges of all windows on a time column cut it into buckets of time.

A row falls into one bucket, a window is a run of buckets, and nested windows share them. Aggregates are kept per
segment (the buckets between two edges that this aggregate needs), so that no row is gathered twice.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from segrules.backends.arrow.vectors import Kind
from segrules.ir.catalogue import Catalogue
from segrules.ir.windows import Window
from segrules.lowering.edges import Edge, as_day, as_instant, stretch
from segrules.reference.windows import Clock
from segrules.types.types import DateType

Span = tuple[int, int]
"""Buckets from the first up to and without the second."""


def time_kind(catalogue: Catalogue, event: str) -> Kind:
    """Whether an event happens on days or at instants."""
    found = catalogue.events[event]
    return Kind.DAY if isinstance(catalogue.tables[found.table].columns[found.time].type, DateType) else Kind.INSTANT


class Cuts:
    """The edges of all windows on a time column, in order."""

    def __init__(self, kind: Kind, windows: Iterable[Window], clock: Clock) -> None:
        self.kind = kind
        self._clock = clock
        edges = (edge for window in windows for edge in (stretch(window).start, stretch(window).end))
        self.places = sorted({self._place(edge) for edge in edges if edge is not None})

    @property
    def buckets(self) -> int:
        """How many buckets there are."""
        return len(self.places) + 1

    def span(self, window: Window) -> Span:
        """The buckets of a window; the first is not before the second where it holds for no time at all."""
        edges = stretch(window)
        first = 0 if edges.start is None else bisect_left(self.places, self._place(edges.start)) + 1
        end = self.buckets if edges.end is None else bisect_left(self.places, self._place(edges.end)) + 1
        return first, end

    def _place(self, edge: Edge) -> int:
        return as_day(edge, self._clock) if self.kind is Kind.DAY else as_instant(edge, self._clock)


def segments(spans: Iterable[Span]) -> list[Span]:
    """The shortest runs of buckets out of which all spans can be put together."""
    spans = [span for span in spans if span[0] < span[1]]
    points = sorted({point for span in spans for point in span})
    return [pair for pair in pairwise(points) if any(first <= pair[0] and pair[1] <= end for first, end in spans)]


def within(span: Span, parts: Sequence[Span]) -> list[Span]:
    """The segments that make up a span."""
    return [part for part in parts if span[0] <= part[0] and part[1] <= span[1]]
