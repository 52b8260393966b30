"""Customers who are members of as many segments as can be, to show at once of many pairs that they share somebody."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from segrules.proofs.boxes import Box, Boxes
from segrules.proofs.clashes import Clashes
from segrules.proofs.logic import Formula, every
from segrules.proofs.pool import bits
from segrules.proofs.problem import problem
from segrules.proofs.prover import Prover
from segrules.proofs.realise import Proposal, proposals
from segrules.proofs.smt import Model, decide

MOST = 12
"""So many segments are joined."""


class Cliques:
    """Segments whose boxes meet, a clique at a time."""

    def __init__(self, prover: Prover, members: Sequence[Formula], boxes: Boxes, clashes: Clashes) -> None:
        self._prover = prover
        self._members = members
        self._boxes = boxes
        self._clashes = clashes

    def rows(self, open_: Callable[[int], int]) -> Iterator[Proposal]:
        """Customers for pairs that are open, until all pairs have been tried."""
        tried: set[tuple[int, int]] = set()
        for place in range(len(self._members)):
            for other in bits(open_(place) >> place << place):
                if (place, other) in tried or not open_(place) >> other & 1:
                    continue
                joined = self._grown(place, other, open_)
                tried.update((one, two) for one in joined for two in joined)
                tried.add((place, other))
                made = self._customer(joined)
                if made is not None:
                    yield made

    def _grown(self, one: int, other: int, open_: Callable[[int], int]) -> list[int]:
        met = self._meeting(one, other)
        if met is None:
            return []
        joined = [one, other]
        left = self._compatible(met)
        while len(joined) < MOST:
            best = self._best(joined, left, open_)
            if best is None:
                break
            box = self._clashes.boxes[best]
            closer = self._boxes.meet(met, box)
            left[best] = False
            if closer is None:
                continue
            met = closer
            joined.append(int(self._clashes.owners[best]))
            left &= self._compatible(met)
        return joined

    def _meeting(self, one: int, other: int) -> Box | None:
        for box in self._boxes.of[one]:
            for second in self._boxes.of[other]:
                met = self._boxes.meet(box, second)
                if met is not None:
                    return met
        return None

    def _compatible(self, met: Box) -> NDArray[np.bool_]:
        return ~self._clashes.of_box(met)

    def _best(self, joined: Sequence[int], left: NDArray[np.bool_], open_: Callable[[int], int]) -> int | None:
        """The box of a segment that has most open pairs with those that are joined."""
        gains: dict[int, int] = {}
        for place in joined:
            for other in bits(open_(place)):
                gains[other] = gains.get(other, 0) + 1
        best, most = None, 0
        for place in left.nonzero()[0]:
            owner = int(self._clashes.owners[place])
            gain = 0 if owner in joined else gains.get(owner, 0)
            if gain > most:
                best, most = int(place), gain
        return best

    def _customer(self, joined: Sequence[int]) -> Proposal | None:
        if not joined:
            return None
        formula = every(self._members[place] for place in joined)
        posed = problem(self._prover.encoder, [formula])
        time = posed.at(self._prover.encoder, self._prover.usual)
        found = decide([*posed.facts, formula, time], small=[posed.few_rows(300), posed.plain])
        if not isinstance(found, Model):
            return None
        return next(proposals(self._prover.encoder, posed, found, self._prover.usual), None)
