"""Values as rules see them: something, *missing*, *none*, or a count that stands for several numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from fractions import Fraction
from itertools import product

Plain = bool | int | Fraction | float | str | date | datetime | tuple[str, ...]


class Absent(Enum):
    """Why there is no value."""

    MISSING = "missing"
    """It was not recorded: a comparison with it is unknown."""
    NONE = "none"
    """There is no such thing: a comparison with it is false."""


MISSING = Absent.MISSING
NONE = Absent.NONE


@dataclass(frozen=True, slots=True)
class Doubt:
    """A number computed from counts with rows in doubt: it may be any of these."""

    numbers: frozenset[int | Fraction | float]


Result = Plain | Absent | Doubt

_UNSURE = (Absent, Doubt)

Truth = bool | None
"""True, false or unknown."""


def absent(*values: Result) -> Absent | None:
    """NONE if any of the values is none, else MISSING if any is missing, else None."""
    if any(value is NONE for value in values):
        return NONE
    return MISSING if any(value is MISSING for value in values) else None


def possible(value: Result) -> Iterable[Plain]:
    """The values that a result stands for; it is not absent."""
    assert not isinstance(value, Absent)
    return sorted(value.numbers) if isinstance(value, Doubt) else (value,)


def judged(test: Callable[..., Truth], *values: Result) -> Truth:
    """A test over values: false on none, unknown on missing; in doubt it holds or fails only if for all numbers."""
    if not any(type(value) in _UNSURE for value in values):
        return test(*values)
    lack = absent(*values)
    if lack is not None:
        return False if lack is NONE else None
    return agreed(test(*choice) for choice in product(*map(possible, values)))


def computed(operation: Callable[..., int | Fraction | float], *values: Result) -> Result:
    """An operation on numbers: none with none, else missing with missing, else on all that the values stand for."""
    if not any(type(value) in _UNSURE for value in values):
        number = operation(*values)
        return MISSING if number != number else number  # infinity less infinity
    lack = absent(*values)
    if lack is not None:
        return lack
    numbers = frozenset(operation(*choice) for choice in product(*map(possible, values)))
    if any(number != number for number in numbers):  # infinity less infinity
        return MISSING
    return next(iter(numbers)) if len(numbers) == 1 else Doubt(numbers)


def agreed(truths: Iterable[Truth]) -> Truth:
    """What all of the truths say, unknown where they differ."""
    seen = set(truths)
    return seen.pop() if len(seen) == 1 else None


def both(truths: Iterable[Truth]) -> Truth:
    """Kleene's and: false if any is false, else unknown if any is unknown, else true."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True


def either(truths: Iterable[Truth]) -> Truth:
    """Kleene's or: true if any is true, else unknown if any is unknown, else false."""
    unknown = False
    for truth in truths:
        if truth is True:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


def opposite(truth: Truth) -> Truth:
    """Kleene's not."""
    return None if truth is None else not truth
