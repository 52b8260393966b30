"""What a value is, as far as formulas tell: when it is missing or none, and what comparisons with it come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from segrules.proofs.formulas.calendar import Edge
from segrules.proofs.formulas.logic import FALSE, Formula, every, no, some
from segrules.proofs.formulas.sums import Number, Sum


@dataclass(frozen=True, slots=True)
class Truth:
    """A condition: when it is known to be true, and when known to be false; else it is unknown."""

    true: Formula
    false: Formula

    @property
    def unknown(self) -> Formula:
        """When it is neither."""
        return every((no(self.true), no(self.false)))


def two_valued(formula: Formula) -> Truth:
    """A condition that is never unknown."""
    return Truth(formula, no(formula))


@dataclass(frozen=True, slots=True)
class Presence:
    """When a value is missing, and when there is none; never both."""

    missing: Formula = FALSE
    none: Formula = FALSE

    @property
    def there(self) -> Formula:
        """When there is a value."""
        return every((no(self.missing), no(self.none)))

    def and_of(self, other: "Presence") -> "Presence":
        """The presence of what is made of two values: none with none, else missing with missing."""
        none = some((self.none, other.none))
        return Presence(every((some((self.missing, other.missing)), no(none))), none)

    def judged(self, holds: Formula) -> Truth:
        """A test over the value: false on none, unknown where it is missing."""
        there = self.there
        return Truth(every((there, holds)), some((self.none, every((there, no(holds))))))

    def judged_both(self, holds: Formula, fails: Formula) -> Truth:
        """The same, where it is told apart when the test holds and when it fails."""
        there = self.there
        return Truth(every((there, holds)), some((self.none, every((there, fails)))))


Threshold = Callable[[Number, bool], Formula]
"""That a value is at most a number, or less than it where the second argument is true."""


@dataclass(frozen=True, slots=True)
class Numeric:
    """A number from `low` to `high`: they differ for counts with rows in doubt. `whole` numbers have no gaps.

    `threshold` is more exact where the number is compared with a constant.
    """

    presence: Presence
    low: Sum
    high: Sum
    threshold: Threshold | None = field(default=None, compare=False)

    @property
    def sure(self) -> bool:
        """Whether it is one number."""
        return self.low is self.high or self.low == self.high


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    presence: Presence
    true: Formula


@dataclass(frozen=True, slots=True)
class Textual:
    """A text that is only known by the tests made on it; `source` is its identity, `values` its closed list."""

    presence: Presence
    source: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A text of which it is known when it is each of a few."""

    presence: Presence
    when: Mapping[str, Formula]


@dataclass(frozen=True, slots=True)
class Timed:
    """A date or an instant: `before` says that it lies before a moment; `age` are the days back to it, where known."""

    presence: Presence
    is_date: bool
    before: Callable[[Edge], Formula] = field(compare=False)
    age: Sum | None = None
    position: Sum | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of text, known by which texts it holds."""

    presence: Presence
    source: str


Encoded = Numeric | Boolean | Textual | Choice | Timed | Listed
