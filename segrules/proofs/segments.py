"""What can be said of one segment: whether anyone can be in it, whether everyone is, which clauses change nothing."""

from collections.abc import Iterator

from segrules.ir import nodes as ir
from segrules.ir.rules import Segment, Status
from segrules.proofs.encoding.meanings import Tracked
from segrules.proofs.formulas.logic import Formula, no, some
from segrules.proofs.prover import Prover, Question
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.verdict import Answer, Clause, Reason, Verdict
from segrules.proofs.witnesses.neighbours import Neighbours

_MOST_PARTS = 50
"""Of an `or` with more parts it is not asked of each whether it changes anything."""
_AUTHORED = ("where", "except", "eligible")


def about_segments(prover: Prover) -> Iterator[Statement]:
    """Statements about each segment that is not retired."""
    for segment in prover.rules.segments.values():
        if segment.header.status is not Status.RETIRED:
            yield from about(prover, segment)


def about(prover: Prover, segment: Segment) -> Iterator[Statement]:
    """Statements about one segment."""
    nobody = nobody_in(prover, segment)
    yield nobody
    if nobody.verdict.answer is Answer.PROVED or segment.where is None:
        return
    near = Neighbours(prover, segment, nobody.verdict.witness)
    everyone = everyone_in(prover, segment, near)
    yield everyone
    if everyone.verdict.answer is not Answer.PROVED:
        # Where everyone is in, no clause changes anything; that is said once.
        yield from idle_clauses(prover, segment, near)


def nobody_in(prover: Prover, segment: Segment) -> Statement:
    """That nobody can be a member; refuted by one who is."""
    title = f"somebody in {segment.name}"
    question = Question(title, prover.encoder.clauses(segment.name), (), (ir.InSegment(segment.name),), small=False)
    text = f"nobody can be a member of `{segment.name}`"
    return Statement(Kind.NOBODY, (segment.name,), text, prover.refute(question), segment.span)


def everyone_in(prover: Prover, segment: Segment, near: Neighbours) -> Statement:
    """That every customer is a member; refuted by one who is not."""
    verdict = near.outside()
    if verdict is None:
        outside = no(prover.encoder.member(segment.name))
        target = ir.InSegment(segment.name)
        question = Question(f"somebody not in {segment.name}", (), (outside,), outside=(target,), small=False)
        verdict = prover.refute(question)
    text = f"every customer is a member of `{segment.name}`"
    return Statement(Kind.EVERYONE, (segment.name,), text, verdict, segment.span)


def idle_clauses(prover: Prover, segment: Segment, near: Neighbours) -> Iterator[Statement]:
    """For each clause of the author's own, that the members are the same without it.

    A part of an `or` changes nothing where it lets nobody in whom the other parts do not.
    """
    clauses = prover.encoder.clauses(segment.name)
    own = _own(segment)
    for place, tracked in enumerate(clauses):
        if tracked.clause.what not in _AUTHORED or tracked.clause.span not in own:
            continue
        others = [item for at, item in enumerate(clauses) if at != place]
        found = near.kept_out_by(place)
        if found is None:
            yield _idle(prover, segment, tracked.clause, others, (no(tracked.formula),), inside=False)
        else:
            yield Statement(
                Kind.IDLE, (segment.name,), _same_members(segment), found, tracked.clause.span, tracked.clause
            )
        node = own[tracked.clause.span]
        if isinstance(node, ir.Or) and tracked.clause.what == "where":
            if len(node.items) > _MOST_PARTS:
                verdict = Verdict(Answer.UNDECIDED, reason=Reason.SIZE)
                text = f"a part of this `or` changes nothing in `{segment.name}`"
                yield Statement(Kind.IDLE, (segment.name,), text, verdict, node.span, tracked.clause)
                continue
            parts = [(item, prover.encoder.truth(item).true) for item in node.items]
            for at, (item, formula) in enumerate(parts):
                rest = no(some(other for which, (_, other) in enumerate(parts) if which != at))
                clause = Clause(segment.name, item.span, "where")
                yield _idle(prover, segment, clause, others, (formula, rest), inside=True)


def _idle(
    prover: Prover,
    segment: Segment,
    clause: Clause,
    others: list[Tracked],
    facts: tuple[Formula, ...],
    *,
    inside: bool,
) -> Statement:
    # Whom a clause keeps out is no member; whom only a part of an `or` lets in is one.
    target = (ir.InSegment(segment.name),)
    word = "lets in" if inside else "keeps out"
    question = Question(
        f"whom a clause of {segment.name} {word}",
        tuple(others),
        facts,
        inside=target if inside else (),
        outside=() if inside else target,
        small=False,
    )
    text = _same_members(segment)
    return Statement(Kind.IDLE, (segment.name,), text, prover.refute(question), clause.span, clause)


def _same_members(segment: Segment) -> str:
    return f"`{segment.name}` has the same members without this"


def _own(segment: Segment) -> dict[object, ir.Condition]:
    """The clauses that stand in the segment itself, by place."""
    found: dict[object, ir.Condition] = {}
    if segment.where is not None:
        parts = segment.where.items if isinstance(segment.where, ir.And) else (segment.where,)
        found.update((part.span, part) for part in parts)
    found.update((item.span, item.condition) for item in segment.excepts if not item.inherited)
    found.update((item.span, item.condition) for item in segment.eligible if not item.inherited)
    return found
