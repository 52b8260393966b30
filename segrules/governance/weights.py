"""Several demands about one thing into the one that weighs most."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from segrules.diagnostics.finding import Severity

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


class Weighed(Protocol):
    """What has a level."""

    @property
    def level(self) -> Severity:
        """How much it weighs."""


W = TypeVar("W", bound=Weighed)


def heaviest(items: Sequence[W]) -> W:
    """The first of those that weigh most; there is at least one."""
    return min(items, key=lambda item: _WEIGHT[item.level])
