"""Where a condition is known to be true, and where it is known to be false; everywhere else it is unknown."""

from dataclasses import dataclass

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Two masks over the same rows that never meet."""

    true: Flags
    false: Flags

    def take(self, rows: Array) -> "Planes":
        """The rows with these numbers, in this order."""
        return Planes(self.true[rows], self.false[rows])

    def slice(self, start: int, stop: int) -> "Planes":
        """Rows from `start` up to `stop`."""
        return Planes(self.true[start:stop], self.false[start:stop])

    @property
    def unknown(self) -> Flags:
        """Where it is neither."""
        flags: Flags = ~(self.true | self.false)
        return flags


def fixed(value: bool, rows: int) -> Planes:
    """The same in every row."""
    yes, no = np.ones(rows, np.bool_), np.zeros(rows, np.bool_)
    return Planes(yes, no) if value else Planes(no, yes)


def judged(bits: Flags, present: Flags | None, none: Flags | None) -> Planes:
    """A test on values: unknown where the value is missing, false where there is none."""
    true, false = bits, ~bits
    if present is not None:
        true, false = true & present, false & present
    if none is not None:
        false = false | none
    return Planes(true, false)
