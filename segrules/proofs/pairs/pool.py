"""Customers who have been found, and of which segments each is a member, as the interpreter says.

What two segments share is read off from here without asking anything: one customer decides thousands of pairs.
"""

from collections.abc import Mapping, Sequence

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
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
    `without[i]` are those of which a member of segment i, for certain, is none. `apart[i]` and `inside[i]` are
    told from elsewhere: those that share nobody with segment i, and those that have all of its members.
    """

    def __init__(self, prover: Prover, names: Sequence[str]) -> None:
        self._prover = prover
        self._names = tuple(names)
        self._targets = tuple(ir.InSegment(name) for name in names)
        self.shared = [0] * len(names)
        self.without = [0] * len(names)
        self.apart = [0] * len(names)
        self.inside = [0] * len(names)
        self._all = (1 << len(names)) - 1
        customers, events = self.rules.catalogue.customers, self.rules.catalogue.events
        self._needed = _needed(customers.attributes) - {customers.key.name}
        self._needed_of = {name: _needed(event.properties) for name, event in events.items()}
        # What is computed, and the key, are given at most now and then: what is read then is another matter.
        self._not_needed = {name for name, column in customers.attributes.items() if column.derive is not None}
        self._not_needed.add(customers.key.name)
        self._of_the_key: dict[frozenset[str], int] = {}
        self.keeping = True
        self.found: list[tuple[Proposal, int]] = []
        """Customers who showed something new, with their segments, as long as they are kept."""

    @property
    def rules(self) -> Rules:
        """The rules of which all this is so."""
        return self._prover.rules

    def add(self, proposal: Proposal, among: int | None = None) -> int:
        """Take a customer, and tell the segments that have it.

        Those in `among` are looked at, and then all others of which the customer can show something new.

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
            inside, outside = self._members(replayer, row, self._all if among is None else among)
        except DataProblem:
            return 0
        if self._news(inside, outside) and self.keeping:
            self.found.append((proposal, inside))
        return inside

    def _members(self, replayer: Replayer, row: Row, among: int) -> tuple[int, int]:
        inside = outside = 0
        waiting = among
        while waiting:
            new = 0
            for place in bits(waiting):
                if replayer.found(row, self._targets[place]) is Expected.IN:
                    new |= 1 << place
                else:
                    outside |= 1 << place
            inside |= new
            waiting = 0
            for place in bits(inside):
                waiting |= self._unsettled(place)
            waiting &= ~(inside | outside)
        return self._told(replayer, row.given, inside), self._told(replayer, row.given, outside)

    def _unsettled(self, place: int) -> int:
        """The segments of which a member of this one may show something new."""
        return self._all & ~(self.apart[place] | self.shared[place] & (self.without[place] | self.inside[place]))

    def _told(self, replayer: Replayer, given: GivenCustomer, places: int) -> int:
        """Those of some segments that read nothing that the customer leaves out and that cannot be missing."""
        if self._leaves_nothing_out(given):
            return places & ~self._reading_the_key(replayer, given)
        chosen = bits(places)
        if not replayer.lacks(given, [self._targets[place] for place in chosen]):
            return places
        return sum(1 << place for place in chosen if not replayer.lacks(given, (self._targets[place],)))

    def _leaves_nothing_out(self, given: GivenCustomer) -> bool:
        """Whether all is there that cannot be missing, but perhaps for the key."""
        return (
            given.attributes.keys() >= self._needed
            and all(event.properties.keys() >= self._needed_of[event.event] for event in given.events)
            and all(consent.at is not None for consent in given.consents)
        )

    def _reading_the_key(self, replayer: Replayer, given: GivenCustomer) -> int:
        """The segments that read a key which the customer, who leaves out nothing else, does not have."""
        if given.key is not None:
            return 0
        own = frozenset(given.attributes.keys() & self._not_needed)
        found = self._of_the_key.get(own)
        if found is None:
            found = sum(1 << at for at, target in enumerate(self._targets) if replayer.lacks(given, (target,)))
            self._of_the_key[own] = found
        return found

    def _news(self, inside: int, outside: int) -> bool:
        """Note what a customer shows; whether it is new."""
        new = False
        for place in bits(inside):
            shared, without = self.shared[place] | inside, self.without[place] | outside
            new = new or shared != self.shared[place] or without != self.without[place]
            self.shared[place], self.without[place] = shared, without
        return new


def _needed(columns: Mapping[str, Column]) -> set[str]:
    """What cannot be missing and is not computed."""
    return {name for name, column in columns.items() if not column.nullable and column.derive is None}


def bits(places: int) -> list[int]:
    """The places in a set, in order."""
    found = []
    while places:
        low = places & -places
        found.append(low.bit_length() - 1)
        places ^= low
    return found
