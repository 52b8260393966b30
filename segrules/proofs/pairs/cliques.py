"""Customers who are members of as many segments as can be, to show at once of many pairs that they share somebody."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segrules.proofs.boxes.axes import Terms
from segrules.proofs.boxes.boxes import Box, Boxes
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.boxes.ranges import End
from segrules.proofs.encoding.meanings import FreeBand
from segrules.proofs.encoding.problem import problem
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Total
from segrules.proofs.formulas.calendar import is_calendar
from segrules.proofs.formulas.logic import Flag, Formula, Var, every, leaves, linear, no, some, variables
from segrules.proofs.formulas.smt import Model, Standing
from segrules.proofs.pairs.arrange import Arranger
from segrules.proofs.pairs.pool import bits
from segrules.proofs.prover import Prover
from segrules.proofs.witnesses.realise import Proposal, proposals

_OF_ROWS = (Number, Total, Distinct, EdgeRow)

FAILED = 3
"""After so many pairs without success a segment is left to the solver."""

Open = Callable[[int], int]


class Cliques:
    """Segments whose boxes meet, a clique at a time."""

    def __init__(self, prover: Prover, members: Sequence[Formula], boxes: Boxes, clashes: Clashes) -> None:
        self._prover = prover
        self._boxes = boxes
        self._clashes = clashes
        self._apart = clashes.boxes_apart()
        self._arranger = Arranger(prover.encoder, *variables(members), prover.usual)
        self._posed = problem(prover.encoder, list(_leaves_without_rows(members)))
        self._spoken = frozenset[Flag | Var]((*self._posed.flags, *self._posed.variables))
        time = self._posed.at(prover.encoder, prover.usual)
        self._standing = Standing([*self._posed.facts, time], self._posed.leaves, self._posed.plain)

    def rows(self, open_: Open, most: int) -> Iterator[tuple[Proposal, int]]:
        """Customers for pairs that are open, with the segments that each is meant for.

        So many segments at `most` are joined. A segment whose pairs stay open, whatever is tried, is left to the
        solver.
        """
        for place in range(len(self._boxes.of)):
            failed = 0
            for other in bits(open_(place) >> place << place):
                if failed == FAILED:
                    break
                if not open_(place) >> other & 1:
                    continue
                grown = self._grown(place, other, open_, most)
                made = None if grown is None else self._customer(grown[0])
                if grown is not None and made is not None:
                    yield made, grown[1]
                failed += open_(place) >> other & 1

    def _grown(self, one: int, other: int, open_: Open, most: int) -> tuple[Box, int] | None:
        met = self._meeting(one, other)
        if met is None:
            return None
        if most <= 2:
            both = self._boxes.meet_all(met)
            return None if both is None else (both, 1 << one | 1 << other)
        count = len(self._boxes.of)
        owners, boxes = self._clashes.owners, self._clashes.boxes
        gains = np.zeros(count, dtype=np.int32)
        for place in (one, other):
            gains += _row(open_(place), count)
        joined = [one, other]
        gains[joined] = 0
        chosen = list(met)
        left = ~self._clashes.of_box(met[0]) & ~self._clashes.of_box(met[1])
        while len(joined) < most:
            worth = np.where(left, gains[owners], 0)
            best = int(worth.argmax())
            if not worth[best]:
                break
            chosen.append(boxes[best])
            place = int(owners[best])
            joined.append(place)
            gains += _row(open_(place), count)
            gains[joined] = 0
            left &= ~self._apart[best]
        box, good = self._closed(chosen)
        return None if box is None else (box, sum(1 << place for place in joined[:good]))

    def _closed(self, chosen: Sequence[Box]) -> tuple[Box | None, int]:
        """What the first ones have in common, as many as can be, with all that follows; and how many they are."""
        good, made = 2, None
        step = len(chosen) - 2
        while step:
            closer = self._boxes.meet_all(chosen[: good + step])
            if closer is None:
                step //= 2
            else:
                made, good = closer, good + step
                step = min(step, len(chosen) - good)
        return made or self._boxes.meet_all(chosen[:2]), good

    def _meeting(self, one: int, other: int) -> tuple[Box, Box] | None:
        for box in self._boxes.of[one]:
            for second in self._boxes.of[other]:
                if self._boxes.meet(box, second) is not None:
                    return box, second
        return None

    def _customer(self, box: Box) -> Proposal | None:
        events, reached = self._arranger.rows(box)
        found = self._standing.model(list(_without_rows(box, self._spoken)))
        if found is None:
            return None
        model = Model({**found.numbers, **reached}, found.flags)
        made = next(proposals(self._prover.encoder, self._posed, model, self._prover.usual), None)
        if made is None:
            return None
        # Bands that nothing asks for had to agree with the rows.
        asked = {(of.score, of.rank) for var in box.numbers if isinstance(of := var.meaning, FreeBand)}
        bands = {place: band for place, band in made.given.bands.items() if place in asked}
        return replace(made, given=replace(made.given, events=events, bands=bands))


def _row(places: int, count: int) -> NDArray[np.int32]:
    raw = np.frombuffer(places.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(raw, count=count, bitorder="little").astype(np.int32)


def _leaves_without_rows(members: Iterable[Formula]) -> Iterator[Formula]:
    """What segments say besides numbers of rows and the calendar."""
    for leaf in dict.fromkeys(leaf for member in members for leaf in leaves(member)):
        if isinstance(leaf, Flag):
            if not isinstance(leaf.meaning, _OF_ROWS):
                yield leaf
        elif not _is_left_out([var for _, var in leaf.terms]):
            yield leaf


def _without_rows(box: Box, spoken: frozenset[Flag | Var]) -> Iterator[Formula]:
    """What a box says of what is `spoken` of, besides numbers of rows and the calendar."""
    for axis, ranges in box.ranges.items():
        if isinstance(axis.of, Flag):
            if not isinstance(axis.of.meaning, _OF_ROWS) and axis.of in spoken:
                yield axis.of if ranges[0][0] == (1, 0) else no(axis.of)
        elif not _is_left_out([var for _, var in axis.of]) and spoken.issuperset(var for _, var in axis.of):
            yield some(every(_between(axis.of, *range_)) for range_ in ranges)


def _between(terms: Terms, low: End, high: End) -> Iterator[Formula]:
    if not isinstance(low[0], float):
        yield linear([(-coefficient, var) for coefficient, var in terms], -low[0], strict=low[1] > 0)
    if not isinstance(high[0], float):
        yield linear(terms, high[0], strict=high[1] < 0)


def _is_left_out(numbers: Sequence[Var]) -> bool:
    return any(isinstance(var.meaning, _OF_ROWS) for var in numbers) or all(is_calendar(var) for var in numbers)
