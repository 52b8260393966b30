"""The known name that a mistyped one most likely stands for."""

import re
from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The closest of `known`, or None where nothing is close (difflib's ratio of at least 0.6)."""
    by_folded = {candidate.casefold(): candidate for candidate in sorted(known)}
    found = get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A help sentence with the nearest name, or None."""
    found = nearest(name, known)
    return f"did you mean `{found}`?" if found else None


def meant_by(help_text: str | None) -> str | None:
    """The name that a help of `did_you_mean` gives; None for any other help.

    >>> meant_by(did_you_mean("contry", ["country"])), meant_by("delete it")
    ('country', None)
    """
    found = re.match(r"did you mean `([^`]+)`", help_text or "")
    return None if found is None else found[1]
