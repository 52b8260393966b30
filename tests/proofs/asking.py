"""Questions as tests ask them, and what must be so of every customer who answers one."""

from collections.abc import Mapping, Sequence
from itertools import permutations

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import InSegment
from segrules.ir.rules import Rules
from segrules.ir.testcases import Test
from segrules.proofs.formulas.logic import no
from segrules.proofs.prover import Prover, Question
from segrules.proofs.verdict import Verdict
from segrules.proofs.witnesses.replay import confirm
from segrules.proofs.witnesses.testblock import Unwritable, block
from segrules.testing.run import Bench
from tests.conformance.cases import bind_text
from tests.proofs.meaning import plain


def nobody(prover: Prover, name: str) -> Verdict:
    """Whether nobody can be a member."""
    return prover.refute(Question(f"in {name}", prover.encoder.clauses(name), (), (InSegment(name),)))


def everybody(prover: Prover, name: str) -> Verdict:
    """Whether every customer is a member."""
    outside = no(prover.encoder.member(name))
    return prover.refute(Question(f"not in {name}", (), (outside,), outside=(InSegment(name),)))


def disjoint(prover: Prover, one: str, other: str) -> Verdict:
    """Whether no customer is a member of both."""
    clauses = (*prover.encoder.clauses(one), *prover.encoder.clauses(other))
    return prover.refute(Question(f"in {one} and {other}", clauses, (), (InSegment(one), InSegment(other))))


def inside(prover: Prover, one: str, other: str) -> Verdict:
    """Whether every member of one is a member of the other."""
    outside = no(prover.encoder.member(other))
    title = f"in {one} but not in {other}"
    clauses = prover.encoder.clauses(one)
    return prover.refute(Question(title, clauses, (outside,), (InSegment(one),), (InSegment(other),)))


Claim = tuple[str, ...]
"""`nobody` or `everybody` with a segment, `disjoint` or `inside` with two."""


def claims(names: Sequence[str]) -> list[Claim]:
    """Everything that is asked of some segments."""
    pairs = list(permutations(names, 2))
    return [
        *(("nobody", name) for name in names),
        *(("everybody", name) for name in names),
        *(("disjoint", one, other) for one, other in pairs if one < other),
        *(("inside", one, other) for one, other in pairs),
    ]


def answer(prover: Prover, claim: Claim) -> Verdict:
    """What the prover says of a claim."""
    match claim:
        case ("nobody", name):
            return nobody(prover, name)
        case ("everybody", name):
            return everybody(prover, name)
        case ("disjoint", one, other):
            return disjoint(prover, one, other)
        case ("inside", one, other):
            return inside(prover, one, other)
        case _:
            raise AssertionError(claim)


def against(claim: Claim, members: Mapping[str, int], everyone: int) -> int:
    """The customers whom a claim does not allow, as bits; `members` are bits of each segment."""
    match claim:
        case ("nobody", name):
            return members[name]
        case ("everybody", name):
            return everyone & ~members[name]
        case ("disjoint", one, other):
            return members[one] & members[other]
        case ("inside", one, other):
            return members[one] & ~members[other]
        case _:
            raise AssertionError(claim)


def check_witness(
    rules: Rules,
    text: str,
    catalogue: Catalogue,
    test: Test,
    lists: Mapping[str, list[str]] | None = None,
    bench: Bench | None = None,
) -> None:
    """A witness is confirmed, and what is pasted of it is the same test, which `segrules test` finds to hold."""
    assert confirm(rules, test), (test, text)
    try:
        written = block(test, catalogue)
    except Unwritable:
        return
    bound, findings = bind_text(f"{text}\n\n{written}\n", catalogue, lists or {})
    assert bound.tests, (written, findings)
    found = bound.tests[-1]
    assert plain(found) == plain(test), written
    (judged,) = (bench or Bench(rules, lambda what, done, total: None)).judge([found])
    assert not judged.findings, (written, judged.findings)
    assert all(one.holds for one in judged.verdicts), (written, text)
