"""Customers who have been found, and of which segments each is a member, as the interpreter says.

What two segments share is read off from here without asking anything: one customer decides thousands of pairs.
"""

from collections.abc import Sequence

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.testcases import Expected, GivenCustomer
from segrules.proofs.prover import Prover
from segrules.proofs.witnesses.allowed import allowed
from segrules.proofs.witnesses.realise import Proposal
from segrules.proofs.witnesses.replay import Replayer, Row
from segrules.reference.problems import DataProblem


class Pool:
    """Customers, and what they show of segments, which are named by their places; sets of places are bits.

    `shared[i]` are the segments of which some customer is a member together with segment i, i itself included.
    `without[i]` are those of which a member of segment i, for certain, is none.
    """

    def __init__(self, prover: Prover, names: Sequence[str]) -> None:
        self._prover = prover
        self._names = tuple(names)
        self._targets = tuple(ir.InSegment(name) for name in names)
        self.shared = [0] * len(names)
        self.without = [0] * len(names)
        self.found: list[tuple[Proposal, int]] = []
        """Customers who showed something new, with their segments."""

    @property
    def rules(self) -> Rules:
        """The rules of which all this is so."""
        return self._prover.rules

    def add(self, proposal: Proposal, among: int | None = None) -> int:
        """Take a customer, and tell the segments that have it; only those in `among` are looked at where that is given.

        One whom no data can hold is in none.
        """
        replayer = self._prover.alone(proposal.as_of, proposal.rows)
        given = proposal.given
        if not allowed(given, self.rules.catalogue):
            return 0
        try:
            row = replayer.add(given)
            if not self._prover.scored(replayer, row):
                return 0
            inside, outside = self._members(replayer, row, among)
        except DataProblem:
            return 0
        if self._news(inside, outside):
            self.found.append((proposal, inside))
        return inside

    def _members(self, replayer: Replayer, row: Row, among: int | None) -> tuple[int, int]:
        inside = outside = 0
        for place, target in enumerate(self._targets):
            if among is not None and not among >> place & 1:
                continue
            if replayer.found(row, target) is Expected.IN:
                inside |= 1 << place
            else:
                outside |= 1 << place
        return self._told(replayer, row.given, inside), self._told(replayer, row.given, outside)

    def _told(self, replayer: Replayer, given: GivenCustomer, places: int) -> int:
        """Those of some segments that read nothing that the customer leaves out and that cannot be missing."""
        chosen = bits(places)
        if not replayer.lacks(given, [self._targets[place] for place in chosen]):
            return places
        return sum(1 << place for place in chosen if not replayer.lacks(given, (self._targets[place],)))

    def _news(self, inside: int, outside: int) -> bool:
        """Note what a customer shows; whether it is new."""
        new = False
        for place in bits(inside):
            shared, without = self.shared[place] | inside, self.without[place] | outside
            new = new or shared != self.shared[place] or without != self.without[place]
            self.shared[place], self.without[place] = shared, without
        return new


def bits(places: int) -> list[int]:
    """The places in a set, in order."""
    found = []
    while places:
        low = places & -places
        found.append(low.bit_length() - 1)
        places ^= low
    return found
