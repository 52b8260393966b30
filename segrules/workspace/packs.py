"""`[packs]` of `segrules.toml`: which packs of demands about sensitive data a project wants, and at which level."""

from collections.abc import Callable, Iterator, Mapping

from segrules.diagnostics.codes import BAD_PROJECT_FILE
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.packs import LEVELS, PACKS
from segrules.text.span import Span


def wrong_packs(packs: Mapping[str, str], place: Callable[[tuple[str, ...]], Span]) -> Iterator[Finding]:
    """What is wrong with the names and levels; `place` tells where keys stand."""
    for name, level in packs.items():
        span = place(("packs", name))
        if name not in PACKS:
            listed = "there is " + ", ".join(f"`{item}`" for item in PACKS)
            help_ = did_you_mean(name, PACKS) or listed
            yield finding(BAD_PROJECT_FILE, f"unknown pack `{name}`", span, help=help_)
        elif level not in LEVELS:
            allowed = ", ".join(f"`{item}`" for item in LEVELS)
            yield finding(BAD_PROJECT_FILE, f"unknown level `{level}`", span, help=f"packs take {allowed}")
