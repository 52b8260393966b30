"""Segments that have the same members, under two names."""

from collections.abc import Iterator

from segrules.diagnostics.codes import EQUAL_SEGMENTS
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.governance.settings import Settings
from segrules.ir.canonical import Canonical
from segrules.ir.rules import Rules, Segment, Status


def same_members(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """One finding for each segment that says what an earlier one says, in other words perhaps.

    Order, defines, and several ways of writing a comparison make no difference; channel, purpose and consent do.

    Known gap: what takes arithmetic to see, such as a comparison that another one implies, is left to proofs.
    """
    canonical = Canonical(rules)
    first: dict[str, Segment] = {}
    for segment in rules.segments.values():
        if segment.header.status is Status.RETIRED:
            continue
        before = first.setdefault(canonical.members(segment), segment)
        if before is not segment:
            yield equal_segments(segment, before)


def equal_segments(segment: Segment, before: Segment) -> Finding:
    """The finding about two segments that have the same members, whatever showed it."""
    return finding(
        EQUAL_SEGMENTS,
        f"`{before.name}` and `{segment.name}` have the same members",
        segment.span,
        help=f"keep one of them, and use `in segment {before.name}` where the other is needed",
        related=[Related(before.span, f"`{before.name}` is here")],
    )
