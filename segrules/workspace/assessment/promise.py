"""A promise about the members of a segment, and how it stands; what is proved of it, without what proves it."""

from dataclasses import dataclass

PROVED, REFUTED, UNDECIDED = "proved", "refuted", "undecided"
"""The answers of proofs."""
KEPT, BROKEN, NO_RECORD = "kept", "broken", "no record"
"""Beside these, of a ban whether it is kept, and of consent that the catalogue knows no records."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: `consent` to a channel, or a `policy`, by name and title; and how it stands.

    `answer` is `proved`, `refuted` or `undecided`, of what may be read `kept` or `broken`, and `no record` where the
    catalogue does not say where consent stands. `witness` is a customer who breaks it, as a test.
    """

    kind: str
    name: str
    title: str | None
    text: str
    answer: str
    reason: str | None = None
    premises: tuple[str, ...] = ()
    vacuous: bool = False
    witness: str | None = None

    @property
    def holds(self) -> bool:
        """Whether it is sure to hold."""
        return self.answer in (PROVED, KEPT)
