"""Rows of events laid by hand, so that numbers of rows and totals lie where boxes want them.

The solver finds such rows for one question. Here they are found for many segments at once, quickly and not always:
the row that helps most is added until nothing lacks, box after box. Nothing rests on it, since the interpreter looks
at the customer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from segrules.ir.testcases import GivenEvent
from segrules.proofs.boxes.axes import YES, Axis
from segrules.proofs.boxes.boxes import Box
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Total
from segrules.proofs.formulas.logic import Flag, Var
from segrules.proofs.pairs.bounds import ends, terms_of
from segrules.proofs.pairs.events import EventRows
from segrules.proofs.pairs.laying import Asked, Laying, RowsOf


@dataclass(frozen=True, slots=True)
class Arranged:
    """Rows, what each number of rows and each total comes to, and which boxes have what they want of rows."""

    events: tuple[GivenEvent, ...]
    reached: dict[str, int]
    held: tuple[bool, ...]


class Arranger:
    """Lays rows of events for one rule set at one instant."""

    def __init__(self, encoder: Encoder, numbers: Iterable[Var], flags: Iterable[Flag], as_of: datetime) -> None:
        by_event: dict[str, tuple[list[Var], list[Flag]]] = {}
        for var in numbers:
            if isinstance(var.meaning, Number | Total | Distinct):
                by_event.setdefault(var.meaning.rows.event, ([], []))[0].append(var)
        for item in flags:
            if isinstance(item.meaning, EdgeRow):
                by_event.setdefault(item.meaning.rows.event, ([], []))[1].append(item)
        self._events = [EventRows(encoder, event, *by_event[event], as_of) for event in sorted(by_event)]
        self._names = frozenset(name for event in self._events for name in event.names)
        self._speaking: dict[Axis, bool] = {}
        self._known: dict[Box, Asked] = {}

    def rows(self, boxes: Sequence[Box], narrowed: Box, there: Sequence[GivenEvent] = ()) -> Arranged:
        """Rows that lie as the first box wants, and then as each of the others, as far as they can.

        `narrowed` is what all boxes have in common. Rows that are `there` already stay.
        """
        laying = self._begun(self._said(narrowed), there)
        held = tuple(laying.lay(self._known_of(box) if place else self._said(box)) for place, box in enumerate(boxes))
        rows = sorted([*there, *laying.rows()], key=_order)
        return Arranged(tuple(rows), laying.reached(), held)

    def _begun(self, whole: Asked, there: Sequence[GivenEvent]) -> Laying:
        """No rows but those that are there, where the whole of what is asked is wished."""
        spoken = dict.fromkeys(var for axis in whole.sums for _, var in terms_of(axis))
        parts: list[RowsOf] = []
        first = 0
        for event in self._events:
            numbers = [var for var in spoken if var.name in event.names]
            edges = [item for item in whole.edges if _event_of(item) == event.name]
            if numbers or edges:
                parts.append(RowsOf(event, numbers, first, edges, [row for row in there if row.event == event.name]))
                first += len(numbers)
        return Laying(parts, whole.sums, (whole.low, whole.high))

    def _known_of(self, box: Box) -> Asked:
        if box not in self._known:
            self._known[box] = self._said(box)
        return self._known[box]

    def _said(self, box: Box) -> Asked:
        edges: list[Flag] = []
        sums: list[tuple[Axis, float, float]] = []
        for axis, ranges in box.ranges.items():
            if isinstance(axis.of, Flag):
                if ranges == YES and isinstance(axis.of.meaning, EdgeRow):
                    edges.append(axis.of)
            elif self._speaks(axis):
                sums.append((axis, *ends(ranges)))
        axes, low, high = zip(*sums, strict=True) if sums else ((), (), ())
        return Asked(tuple(edges), axes, np.array(low, dtype=np.float64), np.array(high, dtype=np.float64))

    def _speaks(self, axis: Axis) -> bool:
        """Whether a sum is one of rows alone."""
        if axis not in self._speaking:
            self._speaking[axis] = all(var.name in self._names for _, var in terms_of(axis))
        return self._speaking[axis]


def _event_of(item: Flag) -> str:
    assert isinstance(item.meaning, EdgeRow)  # invariant: no other flags are asked for
    return item.meaning.rows.event


def _order(row: GivenEvent) -> tuple[tuple[date, str], str]:
    at = row.at
    return ((at.date(), at.isoformat()) if isinstance(at, datetime) else (at, "")), row.event
