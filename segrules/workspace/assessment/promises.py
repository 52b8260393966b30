"""What is promised of every member of a segment, and whether it is proved: consent, and the policies that bind it."""

from collections.abc import Iterator, Sequence

from segrules.explain.consents import consent_words
from segrules.explain.lines import listed, quoted
from segrules.governance.bans import banned
from segrules.governance.flow import Flow
from segrules.governance.vocabulary import what
from segrules.ir.rules import Ban, ConsentClause, Granted, Policy, Requirement, Rules, Segment
from segrules.lowering.print import condition_line
from segrules.proofs.findings import evidence
from segrules.proofs.policies import about_policy
from segrules.proofs.prover import Prover
from segrules.proofs.segments import nobody_in
from segrules.proofs.statements import Statement
from segrules.proofs.verdict import Answer
from segrules.workspace.assessment.promise import BROKEN, KEPT, NO_RECORD, Promise


def promises(prover: Prover, segment: Segment, flow: Flow) -> tuple[Promise, ...]:
    """All promises about one segment: consent to each of its channels, then policies in the order of the rules."""
    # Of a segment in which nobody can be everything is proved, which a reader has to know.
    vacuous = nobody_in(prover, segment).verdict.answer is Answer.PROVED
    channels = segment.header.channels
    ways = [(channel,) for channel in channels]
    found = [_consent(prover, segment, way, vacuous=vacuous) for way in ([channels, *ways] if len(ways) > 1 else ways)]
    for policy in prover.rules.policies.values():
        if segment.name in policy.segments:
            found += _policy(prover, policy, segment, flow, vacuous=vacuous)
    return tuple(found)


def _consent(prover: Prover, segment: Segment, channels: Sequence[str], *, vacuous: bool) -> Promise:
    """That every member has granted consent to one of these channels."""
    name, purposes = " or ".join(channels), " and ".join(quoted(segment.header.purposes))
    text = f"every member has granted consent to {listed(quoted(channels), 'or')}"
    text += f" for {purposes}" if purposes else ""
    if not set(channels).issubset(prover.rules.catalogue.consents.channels):
        return Promise("consent", name, None, text, NO_RECORD)
    clause = ConsentClause(tuple((Granted(channel, None),) for channel in channels), inherited=False)
    policy = Policy(f"consent to {name}", None, (segment.name,), (Requirement(clause),))
    (statement,) = about_policy(prover, policy, segment.name, vacuous=vacuous)
    return _made("consent", policy, name, text, statement, prover.rules)


def _policy(prover: Prover, policy: Policy, segment: Segment, flow: Flow, *, vacuous: bool) -> Iterator[Promise]:
    required = [rule for rule in policy.rules if isinstance(rule, Requirement)]
    asked = about_policy(prover, policy, segment.name, vacuous=vacuous)
    for rule, statement in zip(required, asked, strict=True):
        yield _made("policy", policy, policy.name, _required(rule, prover.rules), statement, prover.rules)
    for ban in policy.rules:
        if isinstance(ban, Ban):
            read = dict.fromkeys(what(item.fact) for item in banned(ban, flow.reads(segment.name)))
            labels = ", ".join(f"`{label}`" for label in ban.labels)
            outside = f" outside {' and '.join(f'`{clause}`' for clause in ban.outside)}" if ban.outside else ""
            text = f"the rule reads no {labels}{outside}"
            reason = f"it reads {' and '.join(read)}" if read else None
            yield Promise("policy", policy.name, policy.title, text, BROKEN if read else KEPT, reason)


def _required(rule: Requirement, rules: Rules) -> str:
    if isinstance(rule.demand, ConsentClause):
        return f"every member has {consent_words(rule.demand, rules.catalogue.zone)}"
    return f"of every member it is so that {condition_line(rules, rule.demand)}"


def _made(kind: str, policy: Policy, name: str, text: str, statement: Statement, rules: Rules) -> Promise:
    verdict = statement.verdict
    shown = None if verdict.witness is None else evidence(verdict.witness, rules)
    return Promise(
        kind,
        name,
        policy.title,
        text,
        verdict.answer.value,
        None if verdict.reason is None else verdict.reason.value,
        verdict.premises,
        statement.vacuous,
        None if shown is None else shown.test,
    )
