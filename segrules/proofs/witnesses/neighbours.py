"""Customers who differ from a member in one fact: they show without any solver what a clause is there for.

Each is a little less than the member, or has one value changed. Whom exactly one clause keeps out shows that the clause
does something. The interpreter says so, as it does of every customer who is shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice

from segrules.ir import nodes as ir
from segrules.ir.nodes import Constant, Literal
from segrules.ir.rules import Segment
from segrules.ir.testcases import Expectation, Expected, GivenCustomer, Test
from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer, Verdict
from segrules.proofs.witnesses.allowed import allowed
from segrules.proofs.witnesses.replay import Replayer, Row
from segrules.reference.problems import DataProblem
from segrules.types.types import BooleanType, TextType

_MOST = 60


@dataclass
class Neighbours:
    """Those of a member of a segment; there are none where no member is known."""

    prover: Prover
    segment: Segment
    member: Test | None

    def outside(self) -> Verdict | None:
        """Somebody who is no member, None where all of these are."""
        return next((verdict for _, verdict in self._judged), None)

    def kept_out_by(self, place: int) -> Verdict | None:
        """Somebody whom one clause keeps out and no other; clauses count as the encoder has them."""
        return next((verdict for places, verdict in self._judged if places == (place,)), None)

    @cached_property
    def _judged(self) -> list[tuple[tuple[int, ...], Verdict]]:
        """Which clauses keep out each of those who are no members."""
        if self.member is None or self.member.rows:
            return []
        replayer = self.prover.replayer(self.member.as_of)
        target = ir.InSegment(self.segment.name)
        found = []
        for given in islice(_changed(self.member.customers[0], self.prover), _MOST):
            if not allowed(given, self.prover.rules.catalogue) or replayer.lacks(given, (target,)):
                continue
            try:
                row = replayer.add(given)
            except DataProblem:
                continue
            # A band that the customer cannot have, as after the only purchase is left out, would show nothing.
            places = self._against(replayer, row) if self.prover.scored(replayer, row) else ()
            if places:
                expectation = Expectation(replayer.found(row, target), target, 0)
                assert expectation.expected is not Expected.IN
                test = replace(self.member, title=f"somebody not in {self.segment.name}", customers=(given,))
                found.append((places, Verdict(Answer.REFUTED, witness=replace(test, expectations=(expectation,)))))
        return found

    def _against(self, replayer: Replayer, row: Row) -> tuple[int, ...]:
        """The clauses that do not hold for a customer; those about contact are one, behind all others."""
        conditions = list(_conditions(self.segment))
        places = [place for place, item in enumerate(conditions) if replayer.truth(row, item) is not True]
        if not replayer.contact(row, self.segment.name):
            places.append(len(conditions))
        return tuple(places)


def _conditions(segment: Segment) -> Iterator[ir.Condition]:
    """The conditions of a segment's clauses, as the encoder counts them."""
    if segment.where is not None:
        yield from segment.where.items if isinstance(segment.where, ir.And) else (segment.where,)
    yield from (item.condition for item in segment.excepts)
    yield from (item.condition for item in segment.eligible)


def _changed(given: GivenCustomer, prover: Prover) -> Iterator[GivenCustomer]:
    """Customers who differ in one fact, in the same order on every machine."""
    kinds = dict.fromkeys(event.event for event in given.events)
    for kind in kinds:
        yield replace(given, events=tuple(event for event in given.events if event.event != kind))
    for kind in kinds:
        first = next(place for place, event in enumerate(given.events) if event.event == kind)
        yield replace(given, events=(*given.events[:first], *given.events[first + 1 :]))
    for name, literal in given.attributes.items():
        others = {other: value for other, value in given.attributes.items() if other != name}
        yield replace(given, attributes=others)
        for value in _other_values(literal):
            yield replace(given, attributes={**others, name: Literal(value, literal.type)})
    for rank, literal in given.bands.items():
        of = prover.rules.scores[rank[0]].ranks[rank[1]].bands
        for number in (of.start, of.start + of.count - 1):
            if number != literal.value:
                yield replace(given, bands={**given.bands, rank: Literal(number, literal.type)})
    for name in sorted(given.suppressions):
        yield replace(given, suppressions=given.suppressions - {name})
    for place, event in enumerate(given.events):
        for name, literal in event.properties.items():
            for value in _other_values(literal):
                properties = {**event.properties, name: Literal(value, literal.type)}
                changed = replace(event, properties=properties)
                yield replace(given, events=(*given.events[:place], changed, *given.events[place + 1 :]))


def _other_values(literal: Literal) -> Iterator[Constant]:
    match literal.type, literal.value:
        case BooleanType(), value:
            yield not value
        case TextType(values), value:
            yield from [text for text in values or ("other", "x") if text != value][:3]
        case _, (int() | Fraction()) as number:
            yield from (number + 1, number - 1, number * 10)
        case _:
            pass
