"""The checks that need neither data nor proofs, and which of them a project wants."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding
from segrules.governance.consent import missing_consent
from segrules.governance.counts import missing_size, pointless_size, too_many_segments, too_small
from segrules.governance.naming import reused_names, unusual_names
from segrules.governance.promises import empty_promises
from segrules.governance.ranges import outside_range
from segrules.governance.same import same_members
from segrules.governance.settings import Settings
from segrules.governance.unused import unused_definitions
from segrules.governance.upkeep import missing_owner, missing_review, review_passed
from segrules.ir.rules import Rules

Check = Callable[[Rules, Settings], Iterable[Finding]]

CHECKS: Mapping[Code, Check] = {
    codes.MISSING_CONSENT: missing_consent,
    codes.MISSING_REVIEW: missing_review,
    codes.MISSING_OWNER: missing_owner,
    codes.TOO_MANY_SEGMENTS: too_many_segments,
    codes.MISSING_SIZE: missing_size,
    codes.TOO_SMALL: too_small,
    codes.UNUSED_DEFINITION: unused_definitions,
    codes.EQUAL_SEGMENTS: same_members,
    codes.REUSED_NAME: reused_names,
    codes.UNUSUAL_NAME: unusual_names,
    codes.OUTSIDE_RANGE: outside_range,
    codes.POINTLESS_SIZE: pointless_size,
    codes.EMPTY_PROMISE: empty_promises,
}
"""The checks that depend on the rules alone, by the code of what they find."""


def hygiene(rules: Rules, settings: Settings, day: date) -> list[Finding]:
    """What the wanted checks find in sound rules; `day` is the day on which somebody looks at them."""
    found = [item for code, check in CHECKS.items() if code.name in settings.wanted for item in check(rules, settings)]
    if codes.REVIEW_PASSED.name in settings.wanted:
        found += review_passed(rules, day)
    return found
