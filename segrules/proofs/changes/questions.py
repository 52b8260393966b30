"""Two versions of a segment or stage into how its members change: who can be new, who can be gone, who can stay."""

from dataclasses import dataclass

from segrules.ir import nodes as ir
from segrules.ir.testcases import Test
from segrules.proofs.changes.change import Judged, Kind
from segrules.proofs.changes.combine import PREFIX, Combined
from segrules.proofs.declarations import clauses_of, formula_of
from segrules.proofs.formulas.logic import no
from segrules.proofs.prover import Prover, Question
from segrules.proofs.verdict import Answer, Reason, Verdict
from segrules.proofs.witnesses.replay import confirm
from segrules.text.span import NOWHERE


@dataclass
class Changes:
    """Answers questions about two versions at once."""

    combined: Combined
    prover: Prover

    def judge(self, old: ir.Condition, new: ir.Condition) -> Judged:
        """How the members of `new` differ from those of `old`: segments or stages, each by the names of its version."""
        roots = [_things(target) for target in (old, new)]
        why = self.combined.conflict(*roots)
        if why is not None:
            return Judged(Kind.UNDECIDED, reason=why)
        earlier, later = self.combined.earlier(old), self.combined.later(new)
        name = name_of(new)
        gained, new_by_old = self._asked(f"new in {name}", later, earlier, roots[0])
        lost, gone_by_old = self._asked(f"no longer in {name}", earlier, later, roots[0])
        by_old = (*(["gained"] if new_by_old else []), *(["lost"] if gone_by_old else []))
        premises = tuple(dict.fromkeys(text.replace(PREFIX, "earlier ") for text in (*gained.premises, *lost.premises)))
        reason = next((str(item.reason) for item in (gained, lost) if item.answer is Answer.UNDECIDED), None)
        if reason is not None:
            return Judged(Kind.UNDECIDED, gained.witness, lost.witness, by_old, reason=reason, premises=premises)
        kind = self._kind(gained, lost, earlier, later)
        return Judged(kind, gained.witness, lost.witness, by_old, proved=True, premises=premises)

    def same(self, old: ir.Condition, new: ir.Condition) -> bool:
        """Whether it is proved that the members are the same."""
        roots = [_things(target) for target in (old, new)]
        if self.combined.conflict(*roots) is not None:
            return False
        one, other = (formula_of(self.prover, item) for item in (self.combined.earlier(old), self.combined.later(new)))
        return one is other or all(
            self.prover.refute(Question("", (), (inside, no(outside)), small=False)).answer is Answer.PROVED
            for inside, outside in ((one, other), (other, one))
        )

    def implies(self, strong: list[ir.Condition], weak: ir.Condition) -> Answer:
        """Whether a customer of whom all of `strong` is so is one of whom `weak` is, both as they are asked here."""
        facts = [self.prover.encoder.truth(item).true for item in strong]
        outside = no(self.prover.encoder.truth(weak).true)
        question = Question("", (), (*facts, outside), tuple(strong), (weak,), small=False)
        return self.prover.refute(question).answer

    def _asked(
        self, title: str, inside: ir.Condition, outside: ir.Condition, old: list[tuple[str, str]]
    ) -> tuple[Verdict, bool]:
        """That nobody is in one and not in the other; a customer who is has to be confirmed in each version alone.

        The second is whether the customer is shown by a test of the earlier version.
        """
        clauses = clauses_of(self.prover, inside, NOWHERE)
        out = no(formula_of(self.prover, outside))
        verdict = self.prover.refute(Question(f"somebody {title}", clauses, (out,), (inside,), (outside,)))
        if verdict.witness is None:
            return verdict, False
        unsure = self.combined.unsure(old)
        if unsure is not None:
            return Verdict(Answer.UNDECIDED, reason=unsure, premises=verdict.premises), False
        shown, by_old = self._confirmed(verdict.witness)
        if shown is None:
            return Verdict(Answer.UNDECIDED, reason=Reason.UNCONFIRMED, premises=verdict.premises), False
        return Verdict(Answer.REFUTED, witness=shown, premises=verdict.premises), by_old

    def _confirmed(self, witness: Test) -> tuple[Test | None, bool]:
        """The test of one version alone, where each version by itself says what both together do.

        It is one of the later version, but where that has no words for what the customer was in by, such as a column
        that is gone, or does not allow the customer. Whom one of two catalogues does not allow, the other version alone
        has to confirm.
        """
        before, after = self.combined.alone
        later, earlier = self.combined.as_later(witness), self.combined.as_earlier(witness)
        now, then = confirm(after, later), confirm(before, earlier)
        if before.catalogue == after.catalogue:
            return (later if now and then else None), False
        if now and (_facts(later) >= _facts(earlier) or not then):
            return later, False
        return (earlier if then else None), then

    def _kind(self, gained: Verdict, lost: Verdict, earlier: ir.Condition, later: ir.Condition) -> Kind:
        if gained.answer is Answer.PROVED:
            return Kind.SAME if lost.answer is Answer.PROVED else Kind.NARROWER
        if lost.answer is Answer.PROVED:
            return Kind.WIDER
        clauses = clauses_of(self.prover, later, NOWHERE)
        inside = formula_of(self.prover, earlier)
        both = self.prover.refute(Question("", clauses, (inside,), (earlier, later), small=False))
        return Kind.DISJOINT if both.answer is Answer.PROVED else Kind.SHIFTED


def _facts(test: Test) -> int:
    """How much a test says of its customer."""
    (given,) = test.customers
    events = sum(1 + len(event.properties) for event in given.events)
    return len(given.attributes) + len(given.consents) + len(given.suppressions) + events


def name_of(target: ir.Condition) -> str:
    """The name of a segment or stage."""
    match target:
        case ir.InSegment(name):
            return name
        case ir.InStage(partition, stage):
            return f"{partition}.{stage}"
        case _:
            return "this"


def _things(target: ir.Condition) -> list[tuple[str, str]]:
    match target:
        case ir.InSegment(name):
            return [("segment", name), ("contact", name)]
        case ir.InStage(partition):
            return [("partition", partition)]
        case _:
            return []
