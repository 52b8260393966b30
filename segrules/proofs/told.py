"""What is proved of one segment, in lines of English for whoever reviews it."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from segrules.ir.rules import Partition, Rules, Segment
from segrules.proofs.declarations import about_partition
from segrules.proofs.findings import evidence
from segrules.proofs.missing import left_out, lets_in, missing_flags
from segrules.proofs.prover import Prover
from segrules.proofs.segments import about
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.verdict import Answer


def told(rules: Rules, name: str, as_of: datetime | None = None) -> tuple[str, ...]:
    """Lines about one segment or partition; of anything else nothing is proved.

    Of a segment: who can be in it, what changes nothing, what happens where a value is missing. Of a partition: which
    stages never win, and a customer whom no stage takes.
    """
    prover = Prover(rules, as_of)
    if name in rules.segments:
        lines = _of_segment(prover, rules.segments[name])
    elif name in rules.partitions:
        lines = _of_partition(prover, rules.partitions[name])
    else:
        return ()
    when = "for every day from 1971 to 2199" if as_of is None else f"as of {as_of.isoformat()}"
    return (f"proved {when}:", *(f"  {line}" for line in lines))


def _of_partition(prover: Prover, partition: Partition) -> Iterator[str]:
    for statement in about_partition(prover, partition):
        answer = statement.verdict.answer
        if answer is Answer.UNDECIDED:
            yield f"undecided: {statement.text} ({statement.verdict.reason})"
        elif statement.kind is Kind.STAGE and answer is Answer.PROVED:
            yield statement.text
        elif statement.kind is Kind.GAP and answer is Answer.PROVED:
            yield f"every customer is in a stage, and nobody in `{partition.otherwise}`"
        elif statement.kind is Kind.GAP and statement.verdict.witness is not None:
            yield "no stage takes this customer:"
            shown = evidence(statement.verdict.witness, prover.rules)
            yield from () if shown is None else (f"  {line}" for line in shown.test.splitlines())


def _of_segment(prover: Prover, segment: Segment) -> Iterator[str]:
    statements = list(about(prover, segment))
    if statements[0].verdict.answer is not Answer.PROVED:
        statements += [lets_in(prover, segment, item) for item in missing_flags(prover, segment)]
        statements += left_out(prover, segment)
    return _lines(statements)


def _lines(statements: list[Statement]) -> Iterator[str]:
    nobody = statements[0].verdict
    if nobody.answer is Answer.PROVED:
        lines = ", ".join(f"{clause.span.path}:{clause.span.line}" for clause in nobody.core)
        yield f"nobody can be a member: these contradict each other: {lines}"
        return
    yield (
        "somebody can be a member" if nobody.answer is Answer.REFUTED else "whether anyone can be a member is undecided"
    )
    if any(item.kind is Kind.EVERYONE and item.verdict.answer is Answer.PROVED for item in statements):
        yield "everyone is a member"
    idle = [item for item in statements if item.kind is Kind.IDLE and item.verdict.answer is Answer.PROVED]
    yield from (f"changes nothing: {item.span.path}:{item.span.line}:{item.span.column}" for item in idle)
    yield from _by_answer(statements, Kind.LEFT_OUT, Answer.REFUTED, "somebody is left out where this is not recorded")
    let_in = list(_by_answer(statements, Kind.LET_IN, Answer.REFUTED, "somebody is in because this is not recorded"))
    of_let_in = [item for item in statements if item.kind is Kind.LET_IN]
    if of_let_in and all(item.verdict.answer is Answer.PROVED for item in of_let_in):
        yield "nobody is in because something is not recorded"
    yield from let_in
    undecided = [item for item in statements if item.verdict.answer is Answer.UNDECIDED]
    for item in undecided:
        yield f"undecided: {item.text} ({item.verdict.reason})"


def _by_answer(statements: Iterable[Statement], kind: Kind, answer: Answer, words: str) -> Iterator[str]:
    names = [item.names[1] for item in statements if item.kind is kind and item.verdict.answer is answer]
    if names:
        yield f"{words}: {', '.join(f'`{name}`' for name in names)}"
