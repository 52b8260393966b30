"""What each two segments have to do with each other, in layers: the cheapest one that can tell decides a pair.

Boxes tell of most pairs that have nobody in common. Customers who are members of as many segments as can be tell of
most that overlap. The solver is asked about what is left.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules, Status
from segrules.ir.testcases import Test
from segrules.proofs.boxes.boxes import Boxes
from segrules.proofs.boxes.clashes import Clashes
from segrules.proofs.boxes.order import order
from segrules.proofs.boxes.totals import rows_of_totals
from segrules.proofs.formulas.calendar import is_calendar
from segrules.proofs.formulas.logic import Formula, no, variables
from segrules.proofs.formulas.smt import BUDGET
from segrules.proofs.pairs.cache import APART, INSIDE, OPEN, SHARED, Asked, Cache, Known, asked_of
from segrules.proofs.pairs.cliques import Cliques
from segrules.proofs.pairs.pair import Pair, PairVerdict
from segrules.proofs.pairs.pool import Pool, bits
from segrules.proofs.prover import Prover, Question
from segrules.proofs.texts.entail import entailments
from segrules.proofs.verdict import Answer, Reason, Verdict
from segrules.proofs.witnesses.realise import Proposal

Progress = Callable[[str, int, int], None]


def all_pairs(
    rules: Rules,
    names: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    cache: Cache | None = None,
    budget: int = BUDGET,
) -> "Pairs":
    """How each two segments lie to each other, for every customer whom the catalogue allows and every `as_of`.

    Args:
        rules: typed rules without errors, cut points of frozen bands included.
        names: the segments to look at; left out, all that are not retired.
        progress: told how many pairs are decided, and how many there are.
        cache: what was found before; what is found is kept there. No answer depends on it.
        budget: how many steps the solver may take for one question.
    """
    if names is None:
        names = [segment.name for segment in rules.segments.values() if segment.header.status is not Status.RETIRED]
    layers = _Layers(Prover(rules, budget=budget), tuple(names), progress or _silent)
    layers.run(cache)
    return Pairs(layers.prover, layers.names, layers.found, layers.prover.asked)


@dataclass(slots=True)
class Found:
    """What is known of some segments by their places; sets of places are bits.

    `apart[i]` are the segments that share nobody with segment i, `shared[i]` those that share somebody, and
    `inside[i]` those that have all members of segment i. The rest are undecided, for the reasons in `reasons`.
    """

    apart: list[int]
    shared: list[int]
    inside: list[int]
    reasons: dict[tuple[int, int], Reason] = field(default_factory=dict)

    def verdict(self, a: int, b: int) -> PairVerdict:
        """How two segments lie to each other."""
        if self.apart[a] >> b & 1:
            return PairVerdict.DISJOINT
        if not self.shared[a] >> b & 1:
            return PairVerdict.UNDECIDED
        a_in_b, b_in_a = self.inside[a] >> b & 1, self.inside[b] >> a & 1
        if a_in_b and b_in_a:
            return PairVerdict.EQUAL
        return PairVerdict.A_IN_B if a_in_b else PairVerdict.B_IN_A if b_in_a else PairVerdict.OVERLAP


@dataclass(frozen=True, eq=False)
class Pairs:
    """How segments lie to each other. What shows it is looked for when it is asked for.

    `asked` is how often the solver was asked.
    """

    prover: Prover
    names: tuple[str, ...]
    found: Found
    asked: int

    def __len__(self) -> int:
        return len(self.names) * (len(self.names) - 1) // 2

    def __iter__(self) -> Iterator[Pair]:
        """Each two segments once, in the order of `names`, without what shows it."""
        for place, a in enumerate(self.names):
            for other in range(place + 1, len(self.names)):
                reason = self.found.reasons.get((place, other))
                yield Pair(a, self.names[other], self.found.verdict(place, other), reason=reason)

    def verdict(self, a: str, b: str) -> PairVerdict:
        """How two segments lie to each other."""
        return self.found.verdict(self.names.index(a), self.names.index(b))

    def counts(self) -> Mapping[PairVerdict, int]:
        """How many pairs there are of each verdict that occurs."""
        return Counter(pair.verdict for pair in self)

    def undecided(self) -> Mapping[tuple[str, str], Reason]:
        """The undecided pairs, and why each is."""
        return {(self.names[a], self.names[b]): reason for (a, b), reason in sorted(self.found.reasons.items())}

    def shown(self, a: str, b: str) -> Pair:
        """A pair with what shows it: a customer who is in both, or the clauses that conflict."""
        place, other = self.names.index(a), self.names.index(b)
        verdict = self.found.verdict(place, other)
        reason = self.found.reasons.get((min(place, other), max(place, other)))
        if verdict is PairVerdict.UNDECIDED:
            return Pair(a, b, verdict, reason=reason)
        question = together(self.prover, a, b)
        shown = self.prover.refute(question)
        witness = shown.witness
        if witness is None and verdict is not PairVerdict.DISJOINT:
            witness = self._among_customers(question, place, other)
        return Pair(a, b, verdict, witness, reason, shown.core)

    def _among_customers(self, question: Question, place: int, other: int) -> Test | None:
        """The first of the customers who were found for other pairs and is in both."""
        for proposal, inside in self._customers:
            if inside >> place & inside >> other & 1:
                found = self.prover.witness(proposal, question)
                if found is not None:
                    return found
        return None

    @cached_property
    def _customers(self) -> tuple[tuple[Proposal, int], ...]:
        """All customers who are found where nothing is remembered, with their segments."""
        layers = _Layers(Prover(self.prover.rules, budget=self.prover.budget), self.names, _silent, keep=True)
        layers.run(None)
        return layers.customers

    def witness(self, a: str, b: str) -> Test | None:
        """A customer who is in both, None where nobody is known to be."""
        return self.shown(a, b).witness


def together(prover: Prover, a: str, b: str, *, small: bool = True) -> Question:
    """Whether somebody can be a member of both."""
    clauses = tuple(dict.fromkeys(clause for name in (a, b) for clause in prover.encoder.clauses(name)))
    return Question(f"somebody in {a} and {b}", clauses, inside=(ir.InSegment(a), ir.InSegment(b)), small=small)


def _silent(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


class _Layers:
    def __init__(self, prover: Prover, names: tuple[str, ...], progress: Progress, *, keep: bool = False) -> None:
        """With `keep`, all customers who are found are kept: thousands, each with many rows."""
        self.prover = prover
        self.names = names
        self._progress = progress
        self._keep = keep
        self._all = (1 << len(names)) - 1
        self._members: list[Formula] = [prover.encoder.member(name) for name in names]
        self._pool = Pool(prover, names)
        self._given_up = [0] * len(names)
        """The segments of which it is known that this cannot be decided."""
        self.found = Found(self._pool.apart, self._pool.shared, self._pool.inside)

    def run(self, cache: Cache | None) -> None:
        asked: Asked | None = None
        if cache is not None:
            prover = self.prover
            asked = asked_of(prover.encoder, self._members, prover.usual.isoformat(), prover.budget)
            self._recall(cache.recall(asked))
        if any(self._open(place) for place in range(len(self.names))):
            self._boxes()
            self._cliques()
            self._asked_of_pairs()
            self._insides()
        if cache is not None and asked is not None:
            cache.remember(asked, self._known())
        pairs = len(self.names) * (len(self.names) - 1) // 2
        self._progress("pairs", pairs, pairs)

    def _recall(self, known: Known) -> None:
        """Take up what is known. Where a pair is known to share somebody, so is whether one is in the other."""
        for place, row in enumerate(known.rows):
            for other, letter in enumerate(row):
                bit = 1 << other
                if letter == APART:
                    self.found.apart[place] |= bit
                elif letter in (SHARED, INSIDE):
                    self._pool.shared[place] |= bit
                    if letter == INSIDE:
                        self.found.inside[place] |= bit
                    else:
                        self._pool.without[place] |= bit
        for (one, other), reason in known.reasons.items():
            self.found.reasons[one, other] = reason
            self._given_up[one] |= 1 << other
            self._given_up[other] |= 1 << one

    def _known(self) -> Known:
        def letter(place: int, other: int) -> str:
            if self.found.apart[place] >> other & 1:
                return APART
            if not self._pool.shared[place] >> other & 1:
                return OPEN
            return INSIDE if self.found.inside[place] >> other & 1 else SHARED

        places = range(len(self.names))
        return Known(tuple("".join(letter(at, other) for other in places) for at in places), self.found.reasons)

    def _cliques(self) -> None:
        cliques = Cliques(self.prover, self._members, self._boxes_of(at_usual=True))
        new = (place for place, shared in enumerate(self._pool.shared) if not shared and self._open(place))
        for place, proposal in cliques.alone(new):
            if self._pool.add(proposal, 1 << place) >> place & 1:
                cliques.took(place)
        self._alone()
        for proposal, inside in self._pool.found:
            for place in bits(inside):
                cliques.seed(place, proposal.given.events)
        if not self._keep:
            self._pool.keeping = False
            self._pool.found.clear()
        for proposal, joined in cliques.rows(self._open):
            cliques.learn(joined, self._pool.add(proposal, joined))

    @property
    def customers(self) -> tuple[tuple[Proposal, int], ...]:
        """The customers who showed something, with their segments as bits, where they are kept."""
        return tuple(self._pool.found)

    # --- what is open

    def _open(self, place: int) -> int:
        """The segments of which it is not known whether they share somebody with this one."""
        return self._all & ~(self.found.apart[place] | self.found.shared[place] | 1 << place | self._given_up[place])

    def _tell(self) -> None:
        count = len(self.names)
        left = sum(self._open(place).bit_count() for place in range(count)) // 2
        self._progress("pairs", count * (count - 1) // 2 - left, count * (count - 1) // 2)

    def _are_apart(self, one: int, other: int) -> None:
        self.found.apart[one] |= 1 << other
        self.found.apart[other] |= 1 << one

    # --- the layers

    def _boxes(self) -> None:
        for place, row in enumerate(Clashes(self._boxes_of().of).disjoint()):
            self.found.apart[place] |= sum(1 << int(other) for other in row.nonzero()[0])

    def _boxes_of(self, *, at_usual: bool = False) -> Boxes:
        """The boxes of the segments; at the usual instant alone they say more, but prove nothing."""
        encoder = self.prover.encoder
        numbers, flags = variables(self._members)
        always = [fact for facts in encoder.axioms.values() for fact in facts]
        days = [var for var in numbers if is_calendar(var)]
        calendar = [encoder.calendar.axioms(days)]
        if at_usual:
            calendar.append(encoder.calendar.at(days, self.prover.usual))
        rows, totals = rows_of_totals(numbers)
        ordered = order(encoder, dict.fromkeys((*numbers, *rows)))
        return Boxes(self._members, ordered, [*always, *totals, *entailments(flags), *calendar])

    def _alone(self) -> None:
        """Each segment by itself: nobody can be in it, or somebody is."""
        for place, name in enumerate(self.names):
            if self.found.apart[place] >> place & 1 or self._pool.shared[place] or not self._open(place):
                continue
            question = Question("", self.prover.encoder.clauses(name), inside=(ir.InSegment(name),), small=False)
            if self._settle(question).answer is Answer.PROVED:
                for other in range(len(self.names)):
                    self._are_apart(place, other)

    def _asked_of_pairs(self) -> None:
        for place, name in enumerate(self.names):
            for other in bits(self._open(place) >> place << place):
                if not self._open(place) >> other & 1:
                    continue
                verdict = self._settle(together(self.prover, name, self.names[other], small=False))
                if verdict.answer is Answer.PROVED:
                    self._are_apart(place, other)
                elif verdict.answer is Answer.UNDECIDED:
                    assert verdict.reason is not None
                    self.found.reasons[place, other] = verdict.reason
            self._tell()
        self.found.reasons = {
            pair: reason for pair, reason in self.found.reasons.items() if self._open(pair[0]) >> pair[1] & 1
        }

    def _insides(self) -> None:
        """Of segments that share somebody, whether all members of the one are in the other."""
        for place, name in enumerate(self.names):
            for other in bits(self._pool.shared[place] & ~(1 << place)):
                if (self._pool.without[place] | self.found.inside[place]) >> other & 1:
                    continue
                outside = no(self._members[other])
                question = Question(
                    "",
                    self.prover.encoder.clauses(name),
                    (outside,),
                    inside=(ir.InSegment(name),),
                    outside=(ir.InSegment(self.names[other]),),
                    small=False,
                )
                if self._settle(question).answer is Answer.PROVED:
                    self.found.inside[place] |= 1 << other

    def _settle(self, question: Question) -> Verdict:
        """Ask the solver; a customer whom it finds is looked at for all segments."""
        verdict = self.prover.refute(question)
        if verdict.witness is not None:
            test = verdict.witness
            self._pool.add(Proposal(test.as_of, test.customers[0], test.rows))
        return verdict
