"""What a segment's clauses come to: the one condition that says who qualifies, and the lists that bind it."""

from segrules.ir.build import conjunction
from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Condition
from segrules.ir.rules import Segment


def qualifying(segment: Segment) -> Condition:
    """Who qualifies: `where`, every `except` and every `eligible`; consent is no part of it."""
    parts = [] if segment.where is None else [segment.where]
    parts += [item.condition for item in segment.excepts] + [item.condition for item in segment.eligible]
    return conjunction(parts)


def suppressions(catalogue: Catalogue, segment: Segment) -> tuple[str, ...]:
    """The suppression lists that bind a segment: those for all channels, and those for one of its own."""
    asked = {item.channel for clause in segment.consents for group in clause.any_of for item in group}
    channels = asked.union(segment.header.channels)
    lists = catalogue.suppressions.values()
    return tuple(item.name for item in lists if not item.channels or channels.intersection(item.channels))
