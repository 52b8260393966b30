"""Policies as theorems: what every member of the segments in scope has to satisfy."""

from collections.abc import Callable, Iterator

from segrules.ir import nodes as ir
from segrules.ir.rules import ConsentClause, Policy, Requirement, Status
from segrules.proofs.declarations import clauses_of
from segrules.proofs.encoding.consents import granted
from segrules.proofs.formulas.logic import no
from segrules.proofs.prover import Also, Prover, Question
from segrules.proofs.statements import Kind, Statement
from segrules.proofs.witnesses.replay import Replayer, Row


def about_policies(prover: Prover, is_empty: Callable[[str], bool]) -> Iterator[Statement]:
    """For each requirement of each policy, and each segment in its scope, that every member satisfies it.

    `is_empty` says of which segments it is proved that nobody is a member: of these all holds, and says nothing.
    """
    for policy in prover.rules.policies.values():
        for name in policy.segments:
            segment = prover.rules.segments.get(name)
            if segment is None or segment.header.status is not Status.RETIRED:
                yield from about_policy(prover, policy, name, vacuous=is_empty(name))


def about_policy(prover: Prover, policy: Policy, name: str, *, vacuous: bool = False) -> Iterator[Statement]:
    """For each requirement of a policy, that every member of one segment, or of one stage, satisfies it."""
    for rule in policy.rules:
        if isinstance(rule, Requirement):
            yield _required(prover, policy, rule, name, vacuous=vacuous)


def _required(prover: Prover, policy: Policy, rule: Requirement, name: str, *, vacuous: bool) -> Statement:
    segment = prover.rules.segments.get(name)
    target: ir.Condition = ir.InSegment(name)
    if segment is None:
        partition, _, stage = name.partition(".")
        target = ir.InStage(partition, stage)
    demand = rule.demand
    purposes = () if segment is None else segment.header.purposes
    also: Also
    if isinstance(demand, ConsentClause):
        holds = granted(prover.encoder, demand, purposes)
        clause = demand

        def also(replayer: Replayer, row: Row) -> bool:
            return not replayer.granted(row, clause, purposes)
    else:
        holds = prover.encoder.truth(demand).true
        condition = demand

        def also(replayer: Replayer, row: Row) -> bool:
            return replayer.truth(row, condition) is not True

    question = Question(
        f"somebody in {name} who breaks {policy.name}",
        clauses_of(prover, target, rule.span),
        (no(holds),),
        inside=(target,),
        also=also,
    )
    text = f"every member of `{name}` satisfies the policy `{policy.name}`"
    verdict = prover.refute(question)
    unknown = False
    if verdict.witness is not None and not isinstance(demand, ConsentClause):
        replayer = prover.alone(verdict.witness.as_of, verdict.witness.rows)
        unknown = replayer.truth(replayer.add(verdict.witness.customers[0]), demand) is None
    names = name, policy.name
    return Statement(Kind.POLICY, names, text, verdict, rule.span, vacuous=vacuous, unknown=unknown)
