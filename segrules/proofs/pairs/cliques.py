"""Customers who are members of as many segments as can be, to show at once of many pairs that they share somebody."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from segrules.proofs.boxes.axes import Terms
from segrules.proofs.boxes.boxes import Box, Boxes
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.boxes.ranges import End
from segrules.ir.testcases import GivenEvent
from segrules.proofs.encoding.meanings import ConsentGiven, ConsentIs, FreeBand
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
        time = self._posed.at(prover.encoder, prover.usual)
        self._standing = Standing([*self._posed.facts, time], self._posed.leaves, self._posed.plain)
        count = len(self._of)
        self._held = np.ones(count)
        self._tried = np.ones(count)
        self._seeds: list[tuple[GivenEvent, ...] | None] = [()] * count
        """The rows to begin with for a segment; None where nobody is known to be in it."""

    def alone(self) -> Iterator[tuple[int, Proposal]]:
        """A customer for each segment by itself, box after box until one is a member: see `took`."""
        for place, boxes in enumerate(self._of):
            self._seeds[place] = None
            for box in tuple(boxes):
                made = self._customer(box)
                if made is not None:
                    yield place, made
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

    def rows(self, open_: Open, most: int) -> Iterator[tuple[Proposal, int]]:
        """Customers for pairs that are open, with the segments that each is meant for.

        So many segments at `most` are joined. A segment whose pairs stay open, whatever is tried, is left to the
        solver.
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
                grown = self._grown(place, other, open_, most, clashes, apart)
                if grown is not None:
                    box, joined = grown
                    there = (*(self._seeds[place] or ()), *(self._seeds[other] or ()))
                    made = self._customer(box, there)
                    if made is not None:
                        yield made, joined
                failed += open_(place) >> other & 1

    def learn(self, joined: int, inside: int) -> None:
        """Of the segments that a customer was meant for, those that have it."""
        count = len(self._of)
        self._tried += _row(joined, count)
        self._held += _row(joined & inside, count)

    def _grown(
        self, one: int, other: int, open_: Open, most: int, clashes: Clashes, apart: NDArray[np.bool_]
    ) -> tuple[Box, int] | None:
        met = self._meeting(one, other)
        if met is None:
            return None
        if most <= 2:
            both = self._boxes.meet_all(met)
            return None if both is None else (both, 1 << one | 1 << other)
        count = len(self._of)
        owners, boxes = clashes.owners, clashes.boxes
        gains = np.zeros(count)
        for place in (one, other):
            gains += _row(open_(place), count)
        joined = [one, other]
        likely = self._held / self._tried
        gains[joined] = 0
        chosen = list(met)
        left = ~clashes.of_box(met[0]) & ~clashes.of_box(met[1])
        while len(joined) < most:
            worth = np.where(left, (gains * likely)[owners], 0)
            best = int(worth.argmax())
            if not worth[best]:
                break
            chosen.append(boxes[best])
            place = int(owners[best])
            joined.append(place)
            gains += _row(open_(place), count)
            gains[joined] = 0
            left &= ~apart[best]
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
        for box in self._of[one]:
            for second in self._of[other]:
                if self._boxes.meet(box, second) is not None:
                    return box, second
        return None

    def _customer(self, box: Box, there: Sequence[GivenEvent] = ()) -> Proposal | None:
        events, reached = self._arranger.rows(box, there)
        found = self._standing.model(list(_without_rows(box, self._spoken)), self._given_freely(box))
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


    def _given_freely(self, box: Box) -> list[Formula]:
        """Consent for all that a box says nothing of: a refusal on record could be the latest word on a channel."""
        said = box.flags
        never = {
            item.meaning.channel
            for item, on in said.items()
            if on and isinstance(item.meaning, ConsentIs) and item.meaning.state is None
        }
        return [item for item, channel in self._consents if item not in said and channel not in never]


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
