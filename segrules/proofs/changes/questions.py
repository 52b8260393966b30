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
        gained = self._asked(f"new in {name}", later, earlier, roots[0])
        lost = self._asked(f"no longer in {name}", earlier, later, roots[0])
        premises = tuple(dict.fromkeys(text.replace(PREFIX, "earlier ") for text in (*gained.premises, *lost.premises)))
        reason = next((str(item.reason) for item in (gained, lost) if item.answer is Answer.UNDECIDED), None)
        if reason is not None:
            return Judged(Kind.UNDECIDED, gained.witness, lost.witness, reason=reason, premises=premises)
        kind = self._kind(gained, lost, earlier, later)
        return Judged(kind, gained.witness, lost.witness, proved=True, premises=premises)

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

    def _asked(self, title: str, inside: ir.Condition, outside: ir.Condition, old: list[tuple[str, str]]) -> Verdict:
        """That nobody is in one and not in the other; a customer who is has to be confirmed in each version alone."""
        clauses = clauses_of(self.prover, inside, NOWHERE)
        out = no(formula_of(self.prover, outside))
        verdict = self.prover.refute(Question(f"somebody {title}", clauses, (out,), (inside,), (outside,)))
        if verdict.witness is None:
            return verdict
        unsure = self.combined.unsure(old)
        if unsure is not None:
            return Verdict(Answer.UNDECIDED, reason=unsure, premises=verdict.premises)
        later = self._confirmed(verdict.witness)
        if later is None:
            return Verdict(Answer.UNDECIDED, reason=Reason.UNCONFIRMED, premises=verdict.premises)
        return Verdict(Answer.REFUTED, witness=later, premises=verdict.premises)

    def _confirmed(self, witness: Test) -> Test | None:
        """The test of the later version alone, where each version by itself says what both together do.

        A customer whom only one of two catalogues allows, that version alone has to confirm.
        """
        before, after = self.combined.alone
        later, earlier = self.combined.as_later(witness), self.combined.as_earlier(witness)
        confirmed = confirm(after, later), confirm(before, earlier)
        sure = any(confirmed) if before.catalogue != after.catalogue else all(confirmed)
        return later if sure else None

    def _kind(self, gained: Verdict, lost: Verdict, earlier: ir.Condition, later: ir.Condition) -> Kind:
        if gained.answer is Answer.PROVED:
            return Kind.SAME if lost.answer is Answer.PROVED else Kind.NARROWER
        if lost.answer is Answer.PROVED:
            return Kind.WIDER
        clauses = clauses_of(self.prover, later, NOWHERE)
        inside = formula_of(self.prover, earlier)
        both = self.prover.refute(Question("", clauses, (inside,), (earlier, later), small=False))
        return Kind.DISJOINT if both.answer is Answer.PROVED else Kind.SHIFTED


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
