"""What a segment's clauses come to: who qualifies, what binds whom it may contact, and who is held out."""

from segrules.ir.build import conjunction
from segrules.ir.catalogue import Cap, Catalogue
from segrules.ir.nodes import Attribute, Condition, InSample
from segrules.ir.rules import Segment


def qualifying(segment: Segment) -> Condition:
    """Who qualifies: `where`, every `except` and every `eligible`; consent is no part of it."""
    parts = [] if segment.where is None else [segment.where]
    parts += [item.condition for item in segment.excepts] + [item.condition for item in segment.eligible]
    return conjunction(parts)


def suppressions(catalogue: Catalogue, segment: Segment) -> tuple[str, ...]:
    """The suppression lists that bind a segment: those for all channels, and those for one of its own."""
    channels = channels_of(segment)
    lists = catalogue.suppressions.values()
    return tuple(item.name for item in lists if not item.channels or channels.intersection(item.channels))


def caps(catalogue: Catalogue, segment: Segment) -> tuple[Cap, ...]:
    """The caps that bind a segment: those of the catalogue for all channels or one of its own, and its ruleset's."""
    channels = channels_of(segment)
    of_catalogue = (cap for cap in catalogue.caps.values() if binds(cap, channels))
    return (*of_catalogue, *segment.caps)


def binds(cap: Cap, channels: frozenset[str]) -> bool:
    """Whether a cap is for all channels, or for one of these."""
    return not cap.channels or bool(channels.intersection(cap.channels))


def channels_of(segment: Segment) -> frozenset[str]:
    """The channels that a segment names, and those for which it asks consent."""
    asked = (item.channel for clause in segment.consents for group in clause.any_of for item in group)
    return frozenset(asked).union(segment.header.channels)


def held_out(catalogue: Catalogue, segment: Segment) -> InSample | None:
    """Which members a holdout holds out, as a condition; None where the segment has none."""
    if segment.holdout is None:
        return None
    key = catalogue.customers.key
    return InSample(Attribute(key.name, key.type), segment.holdout.share, segment.holdout.salt)
