"""Where a condition is known to be true, and where it is known to be false; everywhere else it is unknown."""

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags


class Planes:
    """Two masks over the same rows that never meet; where `false` is not given, every row that is not true is false."""

    __slots__ = ("_false", "is_certain", "true")

    def __init__(self, true: Flags, false: Flags | None = None) -> None:
        self.true = true
        self._false = false
        self.is_certain = false is None
        """Whether it is known in every row for sure; where this is false it may be so all the same."""

    @property
    def false(self) -> Flags:
        """Where it is known to be false."""
        if self._false is None:
            self._false = ~self.true
        return self._false

    @property
    def unknown(self) -> Flags:
        """Where it is neither."""
        flags: Flags = ~(self.true | self.false)
        return flags

    def take(self, rows: Array) -> "Planes":
        """The rows with these numbers, in this order."""
        return Planes(self.true[rows], None if self.is_certain else self.false[rows])

    def slice(self, start: int, stop: int) -> "Planes":
        """Rows from `start` up to `stop`."""
        return Planes(self.true[start:stop], None if self.is_certain else self.false[start:stop])


def fixed(value: bool, rows: int) -> Planes:
    """The same in every row."""
    return Planes(np.full(rows, value, np.bool_))


def both(one: Planes, other: Planes) -> Planes:
    """Kleene's and."""
    if one.is_certain and other.is_certain:
        return Planes(one.true & other.true)
    return Planes(one.true & other.true, one.false | other.false)


def either(one: Planes, other: Planes) -> Planes:
    """Kleene's or."""
    if one.is_certain and other.is_certain:
        return Planes(one.true | other.true)
    return Planes(one.true | other.true, one.false & other.false)


def opposite(planes: Planes) -> Planes:
    """Kleene's not."""
    return Planes(planes.false) if planes.is_certain else Planes(planes.false, planes.true)


def judged(bits: Flags, present: Flags | None, none: Flags | None) -> Planes:
    """A test on values: unknown where the value is missing, false where there is none."""
    if present is None:
        # Invariant: where there is none, there is no value present either.
        assert none is None or not none.any()
        return Planes(bits)
    false = ~bits & present
    return Planes(bits & present, false if none is None else false | none)
