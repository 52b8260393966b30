"""What packs ask of the labels that a segment reads, against the justifications that it gives."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from segrules.diagnostics.codes import (
    EXPIRED_JUSTIFICATION,
    FORBIDDEN_FOR_PURPOSE,
    IDLE_JUSTIFICATION,
    UNJUSTIFIED_READING,
)
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.flow import Read
from segrules.governance.packs import Demand, Line
from segrules.governance.paths import related_places, start_of
from segrules.governance.vocabulary import is_sensitive, what, words_of
from segrules.governance.weights import heaviest
from segrules.ir.rules import Justification, Segment

Unmet = dict[str, tuple[Read, list[Line]]]
"""What is asked about, by what is read: the reading, and the lines of packs that ask."""


def unmet_demands(
    segment: Segment, reads: Sequence[Read], lines: Sequence[Line], banned: Mapping[str, str]
) -> Iterator[Finding]:
    """What a segment reads that a pack forbids it, or that it reads without any justification.

    `banned` has the policies by what they forbid the segment to read: there a justification alone mends nothing.
    """
    for shown, (read, asking) in _asked(segment, reads, lines, Demand.NEVER).items():
        yield _forbidden(segment, shown, read, heaviest(asking))
    if not given(segment):
        for shown, (read, asking) in _to_justify(segment, reads, lines).items():
            yield _unjustified(segment, shown, read, heaviest(asking), banned.get(shown))


def expired_justification(
    segment: Segment, reads: Sequence[Read], lines: Sequence[Line], day: date
) -> Iterator[Finding]:
    """A justification that is needed and, on `day`, does not hold any more. Of several, the last one counts."""
    last = max(given(segment), key=lambda item: item.until, default=None)
    if last is not None and last.until < day:
        needed = _to_justify(segment, reads, lines)
        if needed:
            yield _expired(segment, last, needed)


def given(segment: Segment) -> tuple[Justification, ...]:
    """The justifications of a segment that say something: a reason, and who answers for it."""
    return tuple(item for item in segment.justifications if item.reason.strip() and item.by.strip())


def idle_justifications(segment: Segment, reads: Sequence[Read], lines: Sequence[Line]) -> Iterator[Finding]:
    """A justification of a segment that reads nothing sensitive, and nothing that a pack asks about."""
    if not segment.justifications:
        return
    binding = [line for line in lines if line.scope.binds(segment.header)]
    if not any(is_sensitive(read.fact) or any(_asking(read, binding)) for read in reads):
        message = f"nothing that segment `{segment.name}` reads needs a justification"
        help_ = "take it out, or label in the catalogue what it is about"
        yield finding(IDLE_JUSTIFICATION, message, segment.justifications[0].span, help=help_)


def _asked(segment: Segment, reads: Sequence[Read], lines: Sequence[Line], demand: Demand) -> Unmet:
    binding = [line for line in lines if line.demand is demand and line.scope.binds(segment.header)]
    found: Unmet = {}
    for read in reads:
        for line in _asking(read, binding):
            _, asking = found.setdefault(what(read.fact), (read, []))
            if line not in asking:
                asking.append(line)
    return found


def _to_justify(segment: Segment, reads: Sequence[Read], lines: Sequence[Line]) -> Unmet:
    """What needs a justification; what is forbidden anyway needs none on top."""
    forbidden = _asked(segment, reads, lines, Demand.NEVER)
    needed = _asked(segment, reads, lines, Demand.JUSTIFICATION)
    return {shown: unmet for shown, unmet in needed.items() if shown not in forbidden}


def _asking(read: Read, lines: Sequence[Line]) -> Iterator[Line]:
    words = words_of(read.fact)
    return (line for line in lines if not words.isdisjoint(line.labels) and read.clause not in line.outside)


def _forbidden(segment: Segment, shown: str, read: Read, line: Line) -> Finding:
    met = line.scope.met(segment.header)
    use = f" for {' and '.join(f'`{name}`' for name in met)}" if met else ""
    return finding(
        FORBIDDEN_FOR_PURPOSE,
        f"segment `{segment.name}` reads {shown}, which the pack `{line.pack}` forbids{use}",
        start_of(read, segment.span),
        help=f"take it out of the rule; {line.because}",
        related=related_places(read),
        severity=line.level,
    )


def _unjustified(segment: Segment, shown: str, read: Read, line: Line, policy: str | None) -> Finding:
    mend = 'take it out, or add `justified "why" by "who" until DATE` to the segment'
    if policy is not None:
        mend = (
            f"take it out: the policy `{policy}` forbids it, with a justification, too; where the policy is changed, "
            'the segment needs `justified "why" by "who" until DATE` as well'
        )
    return finding(
        UNJUSTIFIED_READING,
        f"segment `{segment.name}` reads {shown} without a justification",
        start_of(read, segment.span),
        help=f"{mend}; the pack `{line.pack}`: {line.because}",
        related=related_places(read),
        severity=line.level,
    )


def _expired(segment: Segment, last: Justification, needed: Unmet) -> Finding:
    line = heaviest([line for _, asking in needed.values() for line in asking])
    read = next(read for read, asking in needed.values() if line in asking)
    return finding(
        EXPIRED_JUSTIFICATION,
        f"the justification of segment `{segment.name}` for reading {' and '.join(needed)} held until {last.until}",
        last.span,
        help=f"have it looked at again and set a new date, or take what is read out of the rule; {line.because}",
        related=related_places(read),
        severity=line.level,
    )
