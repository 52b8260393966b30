"""What a project asks of the checks beside their levels: options, by the name of the check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from segrules.diagnostics.codes import (
    MISSING_CONSENT,
    MISSING_SIZE,
    TOO_MANY_SEGMENTS,
    TOO_SMALL,
    UNUSUAL_NAME,
)
from segrules.text.span import NOWHERE, Span

Words = Mapping[str, tuple[str, ...]]
"""Words by the placeholder that stands for them."""

OptionValue = int | str | tuple[str, ...] | Words


class Kind(Enum):
    """What an option holds; the value says it in words."""

    NUMBER = "a whole number from 1"
    TEXT = "text in quotes"
    NAMES = 'a list of names such as `["service"]`'
    WORDS = 'a table of lists such as `{phase = ["welcome", "lapsed"]}`'


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a check; where it is `needed`, the check cannot be switched on without it."""

    kind: Kind
    needed: bool = False


OPTIONS: Mapping[str, Mapping[str, Option]] = {
    MISSING_CONSENT.name: {"unless_purpose": Option(Kind.NAMES)},
    TOO_MANY_SEGMENTS.name: {"most": Option(Kind.NUMBER, needed=True)},
    MISSING_SIZE.name: {"unless_purpose": Option(Kind.NAMES)},
    TOO_SMALL.name: {"least": Option(Kind.NUMBER, needed=True)},
    UNUSUAL_NAME.name: {
        "name": Option(Kind.TEXT, needed=True),
        "title": Option(Kind.TEXT),
        "words": Option(Kind.WORDS),
    },
}
"""The options of every check that has any."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the checks go by.

    `wanted` are the names of the checks to do, and `options` what the project says for them. `retired` are names that
    were segments or partitions once. `places` has where settings stand, by their keys: `checks.too-small`, `retired`.
    """

    wanted: frozenset[str]
    options: Mapping[str, Mapping[str, OptionValue]] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict)

    def number(self, check: str, option: str) -> int:
        """A number that the project gives; it is there, since the project file was checked."""
        value = self.options[check][option]
        assert isinstance(value, int)
        return value

    def text(self, check: str, option: str) -> str | None:
        """A text that the project gives, or None."""
        value = self.options.get(check, {}).get(option)
        assert value is None or isinstance(value, str)
        return value

    def names(self, check: str, option: str) -> tuple[str, ...]:
        """The names that the project lists; none where it lists none."""
        value = self.options.get(check, {}).get(option, ())
        assert isinstance(value, tuple)
        return value

    def words(self, check: str, option: str) -> Words:
        """The words that the project gives by placeholder."""
        value = self.options.get(check, {}).get(option, {})
        assert isinstance(value, Mapping)
        return value

    def place(self, key: str) -> Span | None:
        """Where a setting stands in the project file."""
        span = self.places.get(key)
        return None if span == NOWHERE else span
