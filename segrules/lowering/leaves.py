"""The leaves of a lowered program: the few kinds of test that are made on values before anything is joined.

Every leaf has two sides, *yes* and *no*. Where a value is missing it is on neither; where there is none, a test of the
value is on neither, either, and the leaf `IsNone` tells that apart: whoever needs "known to be false" joins the two.
"""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from segrules.ir import nodes as ir
from segrules.ir.windows import Window
from segrules.lowering.edges import Edge

Bound = int | Fraction | float | date | datetime | Edge


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number, day or instant is at least (where `strict`: more than) a bound. All six comparisons come down to it."""

    value: int
    bound: Bound
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A text is one of these, by code point."""

    value: int
    texts: frozenset[str]


@dataclass(frozen=True, slots=True)
class IsSet:
    """A boolean value is true."""

    value: int


@dataclass(frozen=True, slots=True)
class IsKnown:
    """There is a value: it is neither missing nor none. Its *no* side is everybody else."""

    value: int


@dataclass(frozen=True, slots=True)
class IsNone:
    """There is no such thing. It has no *no* side."""

    value: int


@dataclass(frozen=True, slots=True)
class Tested:
    """Any other single test; its *no* side is where it is known to be false, none included."""

    atom: ir.Condition


@dataclass(frozen=True, slots=True)
class HasConsent:
    """Consent for a channel and all of the purposes is granted. Its *no* side is everybody else."""

    channel: str
    given: Window | None
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The customer stands on a suppression list. Its *no* side is everybody else."""

    name: str


Leaf = AtLeast | Member | IsSet | IsKnown | IsNone | Tested | HasConsent | Suppressed
