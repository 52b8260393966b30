"""`forbid reading` of policies against what segments read: a finding for each label that is read all the same."""

from collections.abc import Iterable, Iterator

from segrules.diagnostics.codes import FORBIDDEN_READING
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.governance.flow import Flow, Read
from segrules.governance.paths import related_places, start_of
from segrules.governance.vocabulary import what, words_of
from segrules.ir.rules import Ban, Policy, Rules, Status


def forbidden_readings(rules: Rules, flow: Flow) -> Iterator[Finding]:
    """What segments and stages read that a policy forbids them, one finding for each label."""
    for policy in rules.policies.values():
        bans = [rule for rule in policy.rules if isinstance(rule, Ban)]
        names = [name for name in policy.segments if bans and not _is_retired(rules, name)]
        for name in names:
            for ban in bans:
                yield from _forbidden(policy, ban, name, flow)


def banned(ban: Ban, reads: Iterable[Read]) -> Iterator[Read]:
    """What is read that a policy forbids."""
    return (read for read in reads if not words_of(read.fact).isdisjoint(ban.labels) and read.clause not in ban.outside)


def banning(rules: Rules, flow: Flow, name: str) -> dict[str, str]:
    """What a segment reads although a policy forbids it, each with the first such policy."""
    found: dict[str, str] = {}
    for policy in rules.policies.values():
        if name in policy.segments:
            for rule in policy.rules:
                if isinstance(rule, Ban):
                    for shown in _read(rule, name, flow):
                        found.setdefault(shown, policy.name)
    return found


def _is_retired(rules: Rules, name: str) -> bool:
    return name in rules.segments and rules.segments[name].header.status is Status.RETIRED


def _forbidden(policy: Policy, ban: Ban, name: str, flow: Flow) -> Iterator[Finding]:
    kind = "stage" if "." in name else "segment"
    for shown, read in _read(ban, name, flow).items():
        allowed = " and ".join(f"`{clause}`" for clause in ban.outside)
        verb = f"allows in {allowed} only" if ban.outside else "forbids"
        where = f" in `{read.clause}`" if ban.outside and read.clause is not None else ""
        yield finding(
            FORBIDDEN_READING,
            f"{kind} `{name}` reads {shown}{where}, which the policy `{policy.name}` {verb}",
            start_of(read, policy.span),
            help="take it out of the rule, or change the policy with whoever answers for it",
            related=(*related_places(read), Related(ban.span, "the policy says so here")),
        )


def _read(ban: Ban, name: str, flow: Flow) -> dict[str, Read]:
    """What a segment or stage reads against a ban, each with the first place where it does."""
    first: dict[str, Read] = {}
    for read in banned(ban, flow.reads(name)):
        first.setdefault(what(read.fact), read)
    return first
