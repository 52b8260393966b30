"""Sums of doubles, exact until the end: every double is cut into limbs of 30 bits, which are summed as whole numbers.

Limb `j` counts units of 2**(30*j). A total is rounded once, when it is asked for, and so is an average.
"""

from fractions import Fraction
from itertools import pairwise
from sys import float_info

import numpy as np

from segrules.backends.arrow.vectors import Array, Flags, Ints

_BITS = 30
_MASK = 2**_BITS - 1
ROWS = 1 << 22
CUSTOMERS = 1 << 17


class DoubleSums:
    """A sum of doubles for each customer."""

    def __init__(self, customers: int) -> None:
        self.customers = customers
        self.limbs: dict[int, Ints] = {}
        self.infinite: dict[int, Flags] = {}

    def add(self, codes: Ints, data: Array) -> None:
        """Add doubles to the sums of their customers."""
        finite = np.isfinite(data)
        if not finite.all():
            for sign in (1, -1):
                self._infinity(sign)[codes[data == sign * np.inf]] = True
            codes, data = codes[finite], data[finite]
        for start in range(0, len(data), ROWS):
            self._add(codes[start : start + ROWS], data[start : start + ROWS])

    def _infinity(self, sign: int) -> Flags:
        if sign not in self.infinite:
            self.infinite[sign] = np.zeros(self.customers, np.bool_)
        return self.infinite[sign]

    def _add(self, codes: Ints, data: Array) -> None:
        size = max(float(data.max()), -float(data.min()))
        if not size:
            return
        limb = (int(np.frexp(size)[1]) - 1) // _BITS
        if limb > 0:
            # What is so much smaller would lose bits when it is counted in units of the largest limb.
            tiny = (np.abs(data) < 2.0 ** (_BITS * limb - 1000)) & (data != 0)
            if tiny.any():
                self._add(codes[tiny], data[tiny])
                codes, data = codes[~tiny], data[~tiny]
        rest = np.ldexp(data, -_BITS * limb)
        while rest.any():
            part = np.trunc(rest)
            self._add_limb(limb, codes, part)
            rest = (rest - part) * 2.0**_BITS
            limb -= 1

    def _add_limb(self, limb: int, codes: Ints, part: Array) -> None:
        if limb not in self.limbs:
            self.limbs[limb] = np.zeros(self.customers, np.int64)
        if len(codes) < self.customers:
            np.add.at(self.limbs[limb], codes, part.astype(np.int64))
        else:
            self.limbs[limb] += np.bincount(codes, part, minlength=self.customers).astype(np.int64)

    def merge(self, other: "DoubleSums") -> None:
        """Add the sums of the same customers over other rows."""
        for limb, sums in other.limbs.items():
            self.limbs[limb] = self.limbs[limb] + sums if limb in self.limbs else sums
        for sign, flags in other.infinite.items():
            self._infinity(sign)[flags] = True

    def exact(self) -> list[Fraction | float]:
        """The sums as Python has them."""
        found: list[Fraction | float] = [Fraction(0)] * self.customers
        for limb, sums in self.limbs.items():
            unit = Fraction(2) ** (_BITS * limb)
            for code in np.flatnonzero(sums).tolist():
                found[code] += int(sums[code]) * unit
        for sign, flags in self.infinite.items():
            for code in np.flatnonzero(flags).tolist():
                found[code] = (
                    found[code] + sign * float("inf") if isinstance(found[code], float) else sign * float("inf")
                )
        return found

    def finished(self, counts: Ints | None) -> tuple[Array, Flags | None]:
        """The sums, divided by `counts` where these are given, rounded once; and where infinities cancel out."""
        data = np.zeros(self.customers)
        if self.limbs:
            for start in range(0, self.customers, CUSTOMERS):
                part = slice(start, start + CUSTOMERS)
                data[part] = self._rounded(part, None if counts is None else np.maximum(counts[part], 1))
        if not self.infinite:
            return data, None
        up, down = self._infinity(1), self._infinity(-1)
        data[up], data[down] = np.inf, -np.inf
        lost = up & down
        data[lost] = 0.0
        return data, lost if lost.any() else None

    def _rounded(self, part: slice, counts: Ints | None) -> Array:
        # Two limbs above hold whatever carries; those below hold the quotient of a small sum by a large count.
        lowest = min(self.limbs) - (0 if counts is None else 4)
        highest = max(self.limbs) + 2
        nothing = np.zeros(len(range(*part.indices(self.customers))), np.int64)
        limbs = [
            self.limbs[limb][part].copy() if limb in self.limbs else nothing.copy()
            for limb in range(lowest, highest + 1)
        ]
        _carry(limbs)
        negative = limbs[-1] < 0
        if negative.any():
            for limb in limbs:
                limb[negative] *= -1
            _carry(limbs)
        sticky = nothing != 0
        if counts is not None:
            sticky = _divide(limbs, counts)
        size = _leading(limbs, sticky, lowest)
        return np.where(negative, -size, size)


def _carry(limbs: list[Ints]) -> None:
    """Leave 30 bits in each limb but the last, which keeps the sign."""
    for low, high in pairwise(limbs):
        high += low >> _BITS
        low &= _MASK


def _divide(limbs: list[Ints], counts: Ints) -> Flags:
    """Divide numbers by counts in place, as by hand; where something remains."""
    rest = np.zeros(len(counts), np.int64)
    for limb in reversed(limbs):
        rest = (rest << _BITS) + limb
        limb[:] = rest // counts
        rest -= limb * counts
    remains: Flags = rest != 0
    return remains


def _leading(limbs: list[Ints], sticky: Flags, lowest: int) -> Array:
    """Numbers out of their limbs as doubles, rounded once: 60 leading bits, and one more for all that lies below.

    Sums and averages too small for a full double keep the exact value: what they leave out is read by itself.
    """
    table = np.stack(limbs)
    top = len(limbs) - 1 - np.argmax(table[::-1] != 0, axis=0)
    at = np.arange(table.shape[1])
    bits = np.maximum(np.frexp(table[top, at].astype(np.float64))[1].astype(np.int64), 1)
    first, second, third = table[top, at], _below(table, top, at, 1), _below(table, top, at, 2)
    # Invariant: 30 bits and 30 bits and `bits` of the first make 61 to 90, of which the leading 61 are kept.
    shift = bits - 1
    number = (first << (61 - bits)) | (second << (31 - bits)) | (third >> shift)
    lower = np.cumsum(table != 0, axis=0)
    lost = (third & ((1 << shift) - 1)) != 0
    lost |= sticky | (np.where(top >= 3, lower[np.maximum(top - 3, 0), at], 0) > 0)
    power = (top + lowest) * _BITS - (61 - bits)
    with np.errstate(over="ignore", under="ignore"):
        found: Array = np.ldexp((number | lost).astype(np.float64), np.clip(power, -5000, 5000).astype(np.int32))
    found = np.minimum(found, float_info.max)
    tiny = (found < float_info.min * 2) & ((number != 0) | lost)
    for row in np.flatnonzero(tiny).tolist():
        found[row] = _tiny(int(number[row]), bool(lost[row]), int(power[row]))
    return found


def _below(table: Array, top: Ints, at: Ints, steps: int) -> Ints:
    found: Ints = np.where(top >= steps, table[np.maximum(top - steps, 0), at], 0)
    return found


def _tiny(number: int, lost: bool, power: int) -> float:
    """A number too small for a full double: rounded where its bits really end."""
    return float(Fraction(2 * number + lost) * Fraction(2) ** (power - 1))
