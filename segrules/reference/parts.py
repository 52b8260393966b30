"""What is put together of a rule set's definitions before they are evaluated, once for all evaluations."""

from segrules.ir.build import conjunction
from segrules.ir.membership import qualifying, suppressions
from segrules.ir.nodes import Condition
from segrules.ir.rules import Rules
from segrules.ir.walk import caps_of


class Parts:
    """Who qualifies for each segment, and what binds it besides; remembered for the next time."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._qualifying: dict[str, Condition] = {}
        self._contact: dict[str, tuple[tuple[str, ...], Condition | None]] = {}

    def qualifying(self, segment: str) -> Condition:
        """Who qualifies for a segment."""
        found = self._qualifying.get(segment)
        if found is None:
            found = self._qualifying[segment] = qualifying(self._rules.segments[segment])
        return found

    def suppressions(self, segment: str) -> tuple[str, ...]:
        """The suppression lists that bind a segment."""
        return self._binding(segment)[0]

    def caps(self, segment: str) -> Condition | None:
        """The caps that bind a segment as one condition; None where there are none."""
        return self._binding(segment)[1]

    def _binding(self, segment: str) -> tuple[tuple[str, ...], Condition | None]:
        found = self._contact.get(segment)
        if found is None:
            of = self._rules.segments[segment]
            conditions = list(caps_of(self._rules.catalogue, of))
            capped = conjunction(conditions) if conditions else None
            found = self._contact[segment] = suppressions(self._rules.catalogue, of), capped
        return found
