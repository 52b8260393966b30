"""Purposes of segments that look like one of those that packs go by and are not: no pack would bind them."""

from collections.abc import Iterator
from difflib import get_close_matches

from segrules.diagnostics.codes import MISSPELT_PURPOSE
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.packs import Demands, read_pack
from segrules.ir.rules import Segment

_CLOSE = 0.85
"""How alike two names are before one is taken for the other; what is less alike is a purpose of the project's own."""


def known_purposes() -> tuple[str, ...]:
    """The purposes that packs may go by."""
    return tuple(row["key"] for row in read_pack("purposes")["purpose"])


def misspelt_purposes(segment: Segment, asked: Demands) -> Iterator[Finding]:
    """Purposes that are most likely meant to be one by which a pack goes that is on."""
    scopes = [*(line.scope for line in asked.lines), *(naming.scope for naming in asked.namings)]
    wanted = {name for scope in scopes for name in (*scope.purposes, *scope.and_purposes)}
    for purpose in segment.header.purposes:
        close = [] if purpose in known_purposes() else get_close_matches(purpose, sorted(wanted), n=1, cutoff=_CLOSE)
        if close:
            message = f"segment `{segment.name}` has the purpose `{purpose}`, which no pack knows"
            yield finding(MISSPELT_PURPOSE, message, segment.span, help=f"did you mean `{close[0]}`?")
