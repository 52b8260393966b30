"""Customers who are members of as many segments as can be, to show at once of many pairs that they share somebody."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segrules.ir.testcases import GivenEvent
from segrules.proofs.boxes.axes import Axis, Terms
from segrules.proofs.boxes.boxes import Box, Boxes, met_with
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.boxes.ranges import End, Ranges
from segrules.proofs.encoding.meanings import ConsentGiven, ConsentIs, FreeBand
from segrules.proofs.encoding.problem import problem
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Total
from segrules.proofs.formulas.calendar import is_calendar
from segrules.proofs.formulas.logic import All, Flag, Formula, Var, every, leaves, linear, no, some, variables
from segrules.proofs.formulas.smt import Model
from segrules.proofs.pairs.arrange import Arranger
from segrules.proofs.pairs.parts import Parts
from segrules.proofs.pairs.pool import bits
from segrules.proofs.prover import Prover
from segrules.proofs.witnesses.realise import Proposal, proposals

_OF_ROWS = (Number, Total, Distinct, EdgeRow)

FAILED = 5
"""After so many pairs without success a segment is left to the solver."""

WORTH = 0.75
"""So many open pairs a segment must be likely to settle at least to be joined."""

Open = Callable[[int], int]


class Cliques:
    """Segments whose boxes meet, a clique at a time.

    First come `alone`, then `rows`; what the interpreter says of a customer is to be told by `learn` each time.
    """

    def __init__(self, prover: Prover, members: Sequence[Formula], boxes: Boxes) -> None:
        self._prover = prover
        self._boxes = boxes
        self._of = [list(of) for of in boxes.of]
        self._arranger = Arranger(prover.encoder, *variables(members), prover.usual)
        self._posed = problem(prover.encoder, list(_leaves_without_rows(members)))
        self._spoken = frozenset[Flag | Var]((*self._posed.flags, *self._posed.variables))
        self._consents = tuple(
            (item, item.meaning.channel) for item in self._posed.flags if isinstance(item.meaning, ConsentGiven)
        )
        calendar = [var for var in self._posed.variables if is_calendar(var)]
        now = prover.encoder.calendar.values(calendar, prover.usual)
        self._said: dict[tuple[Axis, Ranges], Formula | None] = {}
        plain = self._posed.plain
        wish = plain.items if isinstance(plain, All) else (plain,)
        self._parts = Parts(self._posed.facts, self._posed.leaves, wish, now)
        count = len(self._of)
        self._held = np.ones(count)
        self._tried = np.ones(count)
        self._seeds: list[tuple[GivenEvent, ...] | None] = [()] * count
        """The rows to begin with for a segment; None where nobody is known to be in it."""

    def alone(self, places: Iterable[int]) -> Iterator[tuple[int, Proposal]]:
        """A customer for each of some segments by itself, box after box until one is a member: see `took`."""
        for place in places:
            boxes = self._of[place]
            self._seeds[place] = None
            for box in tuple(boxes):
                made = self._customer([box])
                if made is not None:
                    yield place, made[0]
                if self._seeds[place] is not None:
                    # The one that works comes first.
                    boxes.remove(box)
                    boxes.insert(0, box)
                    break

    def took(self, place: int) -> None:
        """The customer just made for a segment by itself is a member: no rows are needed to begin with."""
        self._seeds[place] = ()

    def seed(self, place: int, events: tuple[GivenEvent, ...]) -> None:
        """A member found elsewhere, for a segment of which none could be made: its rows are begun with."""
        if self._seeds[place] is None:
            self._seeds[place] = events

    def rows(self, open_: Open) -> Iterator[tuple[Proposal, int]]:
        """Customers for pairs that are open, with the segments that each is meant for.

        A segment whose pairs stay open, whatever is tried, is left to the solver.
        """
        clashes = Clashes(self._of)
        apart = clashes.boxes_apart()
        for place in range(len(self._of)):
            failed = 0
            for other in bits(open_(place) >> place << place):
                if failed == FAILED:
                    break
                if not open_(place) >> other & 1:
                    continue
                met = self._meeting(place, other)
                if met is not None:
                    grown = self._grown(place, other, met, open_, clashes, apart)
                    there = (*(self._seeds[place] or ()), *(self._seeds[other] or ()))
                    made = self._customer([met[2], *grown.values()], there)
                    if made is not None:
                        proposal, held = made
                        joined = (place, other, *(at for at, can in zip(grown, held[1:], strict=True) if can))
                        yield proposal, sum(1 << at for at in joined)
                failed += open_(place) >> other & 1

    def learn(self, joined: int, inside: int) -> None:
        """Of the segments that a customer was meant for, those that have it."""
        count = len(self._of)
        self._tried += _row(joined, count)
        self._held += _row(joined & inside, count)

    def _grown(
        self,
        one: int,
        other: int,
        met: tuple[Box, Box, Box],
        open_: Open,
        clashes: Clashes,
        apart: NDArray[np.bool_],
    ) -> dict[int, Box]:
        """Boxes of more segments that meet what two boxes have in common, and each other; what helps most first."""
        count = len(self._of)
        owners, boxes = clashes.owners, clashes.boxes
        gains = np.zeros(count)
        for place in (one, other):
            gains += _row(open_(place), count)
        joined = [one, other]
        found: dict[int, Box] = {}
        likely = self._held / self._tried
        gains[joined] = 0
        first, second, narrowed = met
        left = ~clashes.of_box(first) & ~clashes.of_box(second) & ~clashes.of_box(narrowed)
        while True:
            worth = np.where(left, (gains * likely)[owners], 0)
            best = int(worth.argmax())
            if worth[best] < WORTH:
                break
            left &= ~apart[best]
            closer = met_with(narrowed, boxes[best])
            if closer is None:
                left[best] = False
                continue
            narrowed = closer
            place = int(owners[best])
            joined.append(place)
            found[place] = boxes[best]
            gains += _row(open_(place), count)
            gains[joined] = 0
        return found

    def _meeting(self, one: int, other: int) -> tuple[Box, Box, Box] | None:
        """The first boxes of two segments that meet, and what they have in common."""
        for box in self._of[one]:
            for second in self._of[other]:
                both = self._boxes.meet(box, second)
                if both is not None:
                    return box, second, both
        return None

    def _customer(
        self, boxes: Sequence[Box], there: Sequence[GivenEvent] = ()
    ) -> tuple[Proposal, tuple[bool, ...]] | None:
        """A customer as the first box wants, and the others as far as can be; and which have what they want of rows."""
        arranged = self._arranger.rows(boxes, _common(boxes), there)
        held = [box for box, can in zip(boxes[1:], arranged.held[1:], strict=True) if can]
        narrowed = _common([boxes[0], *held])
        steps = [self._without_rows(box) for box in (boxes[0], *held)]
        found = self._parts.model(self._without_rows(narrowed), steps, self._given_freely(narrowed))
        if found is None:
            return None
        model = Model({**found.numbers, **arranged.reached}, found.flags)
        made = next(proposals(self._prover.encoder, self._posed, model, self._prover.usual), None)
        if made is None:
            return None
        # Bands that nothing asks for had to agree with the rows.
        asked = {(of.score, of.rank) for var in narrowed.numbers if isinstance(of := var.meaning, FreeBand)}
        bands = {place: band for place, band in made.given.bands.items() if place in asked}
        return replace(made, given=replace(made.given, events=arranged.events, bands=bands)), arranged.held

    def _without_rows(self, box: Box) -> list[Formula]:
        """What a box says besides numbers of rows and the calendar."""
        found = []
        for axis, ranges in box.ranges.items():
            if (axis, ranges) not in self._said:
                self._said[axis, ranges] = self._saying(axis, ranges)
            formula = self._said[axis, ranges]
            if formula is not None:
                found.append(formula)
        return found

    def _saying(self, axis: Axis, ranges: Ranges) -> Formula | None:
        if isinstance(axis.of, Flag):
            if isinstance(axis.of.meaning, _OF_ROWS) or axis.of not in self._spoken:
                return None
            return axis.of if ranges[0][0] == (1, 0) else no(axis.of)
        of = [var for _, var in axis.of]
        if _is_left_out(of) or not self._spoken.issuperset(of):
            return None
        return some(every(_between(axis.of, *range_)) for range_ in ranges)

    def _given_freely(self, box: Box) -> list[Formula]:
        """Consent for all that a box says nothing of: a refusal on record could be the latest word on a channel."""
        said = box.flags
        never = {
            item.meaning.channel
            for item, on in said.items()
            if on and isinstance(item.meaning, ConsentIs) and item.meaning.state is None
        }
        return [item for item, channel in self._consents if item not in said and channel not in never]


def _common(boxes: Sequence[Box]) -> Box:
    """What boxes have in common, which is something."""
    narrowed = boxes[0]
    for box in boxes[1:]:
        closer = met_with(narrowed, box)
        assert closer is not None  # invariant: each was found to meet what those before it have in common
        narrowed = closer
    return narrowed


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


def _between(terms: Terms, low: End, high: End) -> Iterator[Formula]:
    if not isinstance(low[0], float):
        yield linear([(-coefficient, var) for coefficient, var in terms], -low[0], strict=low[1] > 0)
    if not isinstance(high[0], float):
        yield linear(terms, high[0], strict=high[1] < 0)


def _is_left_out(numbers: Sequence[Var]) -> bool:
    return any(isinstance(var.meaning, _OF_ROWS) for var in numbers) or all(is_calendar(var) for var in numbers)
