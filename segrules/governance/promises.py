"""Promises that promise nothing: a policy without a segment, a group of one."""

from collections.abc import Iterator

from segrules.diagnostics.codes import EMPTY_PROMISE
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.settings import Settings
from segrules.ir.nodes import Condition
from segrules.ir.rules import CoversEveryone, Exclusive, Rules, Subset


def empty_promises(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """Policies that apply to no segment or ask for nothing, and declarations that name too few, or one name twice."""
    for policy in rules.policies.values():
        if not policy.segments:
            message = f"policy `{policy.name}` applies to no segment"
            help_ = "compare the channel, purpose, tag or owner that it names with those of the segments"
            yield finding(EMPTY_PROMISE, message, policy.span, help=help_)
        if not policy.rules:
            help_ = "add a line such as `require age >= 18` or `forbid reading health`"
            yield finding(EMPTY_PROMISE, f"policy `{policy.name}` asks for nothing", policy.span, help=help_)
    for group in rules.groups.values():
        for declared in group.declarations:
            match declared:
                case Exclusive(members, span) if len(members) < 2:
                    message = f"group `{group.name}` names one alone, which excludes nobody"
                    yield finding(EMPTY_PROMISE, message, span, help="name two or more, with commas between them")
                case Exclusive(members, span) | CoversEveryone(members, span) if _twice(members):
                    message = f"group `{group.name}` names one of them twice"
                    yield finding(EMPTY_PROMISE, message, span, help="leave out one of the two")
                case Subset(inner, outer, span) if inner == outer:
                    message = f"group `{group.name}` says that a segment lies in itself"
                    yield finding(EMPTY_PROMISE, message, span, help="name two segments: `subset a of b`")
                case _:
                    pass


def _twice(members: tuple[Condition, ...]) -> bool:
    return len(set(members)) < len(members)
