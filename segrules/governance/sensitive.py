"""Labels of a rule set against packs and policies: the findings of `segrules check` about sensitive data.

What is looked at is what each segment reads, straight or through what it names; retired segments contact nobody.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from segrules.diagnostics.finding import Finding
from segrules.governance.bans import banning, forbidden_readings
from segrules.governance.flow import Flow
from segrules.governance.justified import expired_justification, given, idle_justifications, unmet_demands
from segrules.governance.known_labels import unknown_in_catalogue, unknown_in_policies
from segrules.governance.packs import demands
from segrules.governance.purposes import misspelt_purposes
from segrules.governance.telling import telling_names
from segrules.governance.vocabulary import labelled
from segrules.ir.rules import Rules, Segment, Status


def check_labels(rules: Rules, settings: Mapping[str, str]) -> list[Finding]:
    """What packs and policies say about sound rules, whatever the day.

    `settings` are the levels of packs that the project gives (see `packs.py`).
    """
    return list(_findings(rules, settings))


def expired_justifications(rules: Rules, settings: Mapping[str, str], day: date) -> list[Finding]:
    """The justifications that are needed and have run out; `day` is the day on which somebody looks at them."""
    asked, flow = demands(settings), Flow(rules)
    old = (item for item in live_segments(rules) if given(item) and _held_until(item) < day)
    return [found for item in old for found in expired_justification(item, flow.reads(item.name), asked.lines, day)]


def _held_until(segment: Segment) -> date:
    return max(item.until for item in given(segment))


def _findings(rules: Rules, settings: Mapping[str, str]) -> Iterator[Finding]:
    asked = demands(settings)
    flow = Flow(rules)
    yield from unknown_in_policies(rules)
    has_labels = any(True for _ in labelled(rules.catalogue))
    if has_labels:
        yield from unknown_in_catalogue(rules.catalogue)
    yield from forbidden_readings(rules, flow)
    for segment in live_segments(rules):
        reads = flow.reads(segment.name) if has_labels else ()
        yield from unmet_demands(segment, reads, asked.lines, banning(rules, flow, segment.name))
        yield from idle_justifications(segment, reads, asked.lines)
        yield from telling_names(segment, asked.namings)
        yield from misspelt_purposes(segment, asked)


def live_segments(rules: Rules) -> Iterator[Segment]:
    """The segments that are run, or may be one day."""
    return (segment for segment in rules.segments.values() if segment.header.status is not Status.RETIRED)
