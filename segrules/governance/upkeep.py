"""Segments that nobody looks after: a review date that has passed or is missing, no owner."""

from collections.abc import Iterator
from datetime import date

from segrules.diagnostics.codes import MISSING_OWNER, MISSING_REVIEW, REVIEW_PASSED
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.settings import Settings
from segrules.ir.rules import Rules, Segment, Status
from segrules.text.span import NOWHERE


def review_passed(rules: Rules, day: date) -> Iterator[Finding]:
    """The segments whose review date lies before `day`; on the date itself there is still time."""
    for segment in _in_use(rules):
        if segment.review is not None and segment.review < day:
            message = f"segment `{segment.name}` was to be reviewed by {segment.review}"
            help_ = "look whether it is still right and wanted, then write a later date, or `status retired`"
            span = segment.span if segment.review_span == NOWHERE else segment.review_span
            yield finding(REVIEW_PASSED, message, span, help=help_)


def missing_review(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """The segments without a review date."""
    for segment in _in_use(rules):
        if segment.review is None:
            message = f"segment `{segment.name}` has no review date"
            help_ = "end it with a line such as `review by 2027-06-30`"
            yield finding(MISSING_REVIEW, message, segment.span, help=help_)


def missing_owner(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """The segments for which neither they nor their ruleset name an owner."""
    for segment in _in_use(rules):
        if not (segment.header.owner or "").strip():
            message = f"segment `{segment.name}` has no owner"
            help_ = 'add a line such as `owner "crm@shop.example"` to it, or to the ruleset of its file'
            yield finding(MISSING_OWNER, message, segment.span, help=help_)


def _in_use(rules: Rules) -> Iterator[Segment]:
    return (segment for segment in rules.segments.values() if segment.header.status is not Status.RETIRED)
