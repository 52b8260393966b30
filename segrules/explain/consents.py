"""Consent clauses into plain English."""

from segrules.explain.windows import window_words
from segrules.ir.rules import ConsentClause, Granted


def consent_words(clause: ConsentClause, zone: str) -> str:
    """A consent clause, as it stands behind "only with"."""
    return ", or with ".join(" and ".join(_granted(item, zone) for item in group) for group in clause.any_of)


def _granted(granted: Granted, zone: str) -> str:
    window = "" if granted.given is None else window_words(granted.given, zone)
    return f"consent for `{granted.channel}`" + (f", given {window}" if window else "")
