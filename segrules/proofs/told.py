"""What is proved of one segment, partition, group or policy, in lines of English for whoever reviews it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from segrules.ir.rules import Declaration, Group, Partition, Policy, Requirement, Rules, Segment, Status, Subset
from segrules.proofs.declarations import about_group, about_partition, name_of
from segrules.proofs.findings import evidence
from segrules.proofs.missing import left_out, lets_in, missing_flags
from segrules.proofs.policies import about_policy
from segrules.proofs.prover import Prover
from segrules.proofs.segments import about
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.verdict import Answer


def told(rules: Rules, name: str, as_of: datetime | None = None) -> tuple[str, ...]:
    """Lines about one segment, partition, group or policy; of anything else nothing is proved.

    Of a segment: who can be in it, what changes nothing, what happens where a value is missing. Of a partition: which
    stages never win, and a customer whom no stage takes. Of a group and a policy: what is kept, and a customer who
    shows what is not.
    """
    prover = Prover(rules, as_of)
    if name in rules.segments:
        lines = _of_segment(prover, rules.segments[name])
    elif name in rules.partitions:
        lines = _of_partition(prover, rules.partitions[name])
    elif name in rules.groups:
        lines = _of_group(prover, rules.groups[name])
    elif name in rules.policies and any(isinstance(rule, Requirement) for rule in rules.policies[name].rules):
        lines = _of_policy(prover, rules.policies[name])
    else:
        return ()
    when = "for every day from 1971 to 2199" if as_of is None else f"as of {as_of.isoformat()}"
    return (f"asked of every customer who could exist, {when}:", *(f"  {line}" for line in lines))


def _of_partition(prover: Prover, partition: Partition) -> Iterator[str]:
    for statement in about_partition(prover, partition):
        answer = statement.verdict.answer
        if answer is Answer.UNDECIDED:
            yield f"undecided: {statement.text} ({statement.verdict.reason})"
        elif statement.kind is Kind.STAGE and answer is Answer.PROVED:
            yield f"proved: {statement.text}"
        elif statement.kind is Kind.GAP and answer is Answer.PROVED:
            yield f"proved: every customer is in a stage, and nobody in `{partition.otherwise}`"
        elif statement.kind is Kind.GAP and statement.verdict.witness is not None:
            yield "shown: no stage takes this customer:"
            yield from _customer(prover, statement)


def _of_group(prover: Prover, group: Group) -> Iterator[str]:
    for statement in about_group(prover, group):
        yield _promise(statement, statement.text, "broken")
        yield from _customer(prover, statement)


def _of_policy(prover: Prover, policy: Policy) -> Iterator[str]:
    """What a policy requires, of each segment that it binds; what it forbids to read is no theorem."""
    for name in policy.segments:
        segment = prover.rules.segments.get(name)
        if segment is not None and segment.header.status is Status.RETIRED:
            continue
        for statement in about_policy(prover, policy, name):
            place = f"{statement.span.path}:{statement.span.line}"
            yield _promise(statement, f"every member of `{name}` satisfies {place}", "broken")
            yield from _customer(prover, statement)


def _customer(prover: Prover, statement: Statement) -> Iterator[str]:
    """The customer who shows what is not so, as a test."""
    if statement.verdict.witness is not None:
        shown = evidence(statement.verdict.witness, prover.rules)
        yield from () if shown is None else (f"  {line}" for line in shown.test.splitlines())


def _of_segment(prover: Prover, segment: Segment) -> Iterator[str]:
    statements = list(about(prover, segment))
    nobody = statements[0].verdict
    if nobody.answer is Answer.PROVED:
        lines = ", ".join(f"{clause.span.path}:{clause.span.line}" for clause in nobody.core)
        yield f"proved: nobody can be a member; these contradict each other: {lines}"
        return
    statements += [lets_in(prover, segment, item) for item in missing_flags(prover, segment)]
    statements += left_out(prover, segment)
    if nobody.witness is not None:
        yield f"shown: somebody can be a member, as of {nobody.witness.as_of.date().isoformat()}"
    if any(item.kind is Kind.EVERYONE and item.verdict.answer is Answer.PROVED for item in statements):
        yield "proved: everyone is a member"
    idle = [item for item in statements if item.kind is Kind.IDLE and item.verdict.answer is Answer.PROVED]
    yield from (f"proved: this changes nothing: {item.span.path}:{item.span.line}:{item.span.column}" for item in idle)
    yield from _about_missing(statements)
    yield from _about_promises(prover, segment)
    for item in statements:
        if item.verdict.answer is Answer.UNDECIDED:
            yield f"undecided: {item.text} ({item.verdict.reason})"


def _about_missing(statements: list[Statement]) -> Iterator[str]:
    words = "where one of these is not recorded, somebody is left out who may belong here"
    yield from _shown(statements, Kind.LEFT_OUT, words)
    of_let_in = [item for item in statements if item.kind is Kind.LET_IN]
    if of_let_in and all(item.verdict.answer is Answer.PROVED for item in of_let_in):
        yield "proved: nobody is in because something is not recorded"
    yield from _shown(statements, Kind.LET_IN, "somebody is in because this is not recorded")


def _about_promises(prover: Prover, segment: Segment) -> Iterator[str]:
    """What policies require of a segment, and what groups declare of it."""
    policies = {name: item for name, item in prover.rules.policies.items() if segment.name in item.segments}
    for policy in policies.values():
        for statement in about_policy(prover, policy, segment.name):
            yield _promise(statement, f"every member satisfies the policy `{policy.name}`")
    for group in prover.rules.groups.values():
        declared = [item for item in group.declarations if segment.name in _named(item)]
        for statement in about_group(prover, replace(group, declarations=tuple(declared))):
            if segment.name in statement.names:
                yield _promise(statement, f"{statement.text} (group `{group.name}`)")


def _promise(statement: Statement, text: str, broken: str = "broken, as `segrules check` shows") -> str:
    answer = statement.verdict.answer
    if answer is Answer.PROVED:
        return f"proved: {text}"
    if answer is Answer.UNDECIDED:
        return f"undecided: {text} ({statement.verdict.reason})"
    return f"{broken}: {text}"


def _named(declared: Declaration) -> tuple[str, ...]:
    members = (declared.inner, declared.outer) if isinstance(declared, Subset) else declared.members
    return tuple(name_of(item) for item in members)


def _shown(statements: Iterable[Statement], kind: Kind, words: str) -> Iterator[str]:
    names = [item.names[1] for item in statements if item.kind is kind and item.verdict.answer is Answer.REFUTED]
    if names:
        yield f"shown: {words}: {', '.join(f'`{name}`' for name in names)}"
