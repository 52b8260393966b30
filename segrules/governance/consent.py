"""Segments that write to people through a channel without asking whether they consented to it."""

from collections.abc import Iterator

from segrules.diagnostics.codes import MISSING_CONSENT
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.settings import Settings
from segrules.ir.rules import ConsentClause, Rules, Segment, Status


def missing_consent(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """One finding for each channel of a segment that no `consent` clause, its own or its ruleset's, asks for.

    With several channels `consent email or sms` asks for each of them; for a segment by e-mail alone it does not, since
    who consented to text messages alone is let in.

    Known gap: a condition such as `consent.email = "granted"` in `where` is not taken for the clause.
    """
    spared = set(settings.names(MISSING_CONSENT.name, "unless_purpose"))
    for segment in rules.segments.values():
        purposes = segment.header.purposes
        if segment.header.status is Status.RETIRED or (purposes and spared.issuperset(purposes)):
            continue
        for channel in segment.header.channels:
            if not any(_asks(clause, channel, segment) for clause in segment.consents):
                yield _missing(rules, segment, channel)


def _asks(clause: ConsentClause, channel: str, segment: Segment) -> bool:
    """Whether each way of passing the clause is by a channel of the segment, this one among them."""
    ways = [{item.channel for item in way} for way in clause.any_of]
    return any(channel in way for way in ways) and all(way.intersection(segment.header.channels) for way in ways)


def _missing(rules: Rules, segment: Segment, channel: str) -> Finding:
    named = {item.channel for clause in segment.consents for way in clause.any_of for item in way}
    if channel in named:
        message = f"segment `{segment.name}` uses `{channel}` also for people who consented to another channel alone"
        help_ = f"write `consent {channel}`, or add the other channel behind `channel`"
    elif channel in rules.catalogue.consents.channels:
        message = f"segment `{segment.name}` uses `{channel}` and does not ask for consent to it"
        help_ = f"add `consent {channel}`"
    else:
        message = (
            f"segment `{segment.name}` uses `{channel}`, and the catalogue does not say where consent to it stands"
        )
        help_ = f"add `{channel}` under `consents` in the catalogue, and `consent {channel}` to the segment"
    return finding(MISSING_CONSENT, message, segment.span, help=help_)
