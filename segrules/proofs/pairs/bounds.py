"""Where sums of numbers of rows have to lie, and which rows would help."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segrules.proofs.boxes.axes import Axis, Terms
from segrules.proofs.boxes.ranges import Ranges
from segrules.proofs.encoding.rows import Number
from segrules.proofs.formulas.logic import Var

_ANY = 1e12
_NEARLY = 1e-6
_FULL, _SOON_FULL = 1000.0, 2.0
"""How much a row harms that raises a sum past its end, or past one that is wished."""
_WISHED = 0.1
"""How much a row helps towards what is wished, compared with what has to be."""

Numbers = NDArray[np.float64]
Limits = tuple[Numbers, Numbers]
"""The lowest and the highest number of each sum."""


class Bounds:
    """Sums of numbers of rows that have to lie between ends, and further ones between which they had better lie.

    The sums are `axes`, in the order in which they are seen to, of `numbers` of rows and of totals.
    """

    def __init__(self, axes: Sequence[Axis], wished: Limits, numbers: Sequence[Var]) -> None:
        places = {var: place for place, var in enumerate(numbers)}
        own = [[(places[var], number) for number, var in terms_of(axis)] for axis in axes]
        # A sum from which something is taken away is there twice, the other way round as well: too high is too low.
        mixed = [at for at, terms in enumerate(own) if any(number < 0 for _, number in terms)]
        self._turned = np.full(len(axes), -1, dtype=np.intp)
        self._turned[mixed] = np.arange(len(axes), len(axes) + len(mixed))
        own += [[(place, -number) for place, number in own[at]] for at in mixed]
        terms = [(at, place, number) for at, sum_ in enumerate(own) for place, number in sum_]
        self._item = np.array([at for at, _, _ in terms], dtype=np.intp)
        self._place = np.array([place for _, place, _ in terms], dtype=np.intp)
        self._number = np.array([number for _, _, number in terms], dtype=np.float64)
        self._numbers = len(numbers)
        self._sums = len(own)
        counts = np.array([isinstance(var.meaning, Number) for var in numbers], dtype=np.bool_)
        self._adds_up = ~counts[self._place]
        self._only_rises = np.ones(len(own), dtype=np.bool_)
        self._only_rises[[*mixed, *self._turned[mixed]]] = False
        self.limits: Limits = np.full(len(own), -np.inf), np.full(len(own), np.inf)
        """The ends as they are now; `narrow` puts other arrays in their place."""
        self._wished = self._narrowed(np.arange(len(axes)), *wished)

    def narrow(self, items: NDArray[np.intp], low: Numbers, high: Numbers) -> None:
        """Let some sums lie between nearer ends."""
        self.limits = self._narrowed(items, low, high)

    def _narrowed(self, items: NDArray[np.intp], low: Numbers, high: Numbers) -> Limits:
        lows, highs = self.limits[0].copy(), self.limits[1].copy()
        lows[items] = np.maximum(lows[items], low)
        highs[items] = np.minimum(highs[items], high)
        turned = self._turned[items]
        there = turned >= 0
        lows[turned[there]] = np.maximum(lows[turned[there]], -high[there])
        highs[turned[there]] = np.minimum(highs[turned[there]], -low[there])
        return lows, highs

    def past(self, reached: Numbers) -> bool:
        """Whether a sum is too high that rows can only raise."""
        return bool((self._only_rises & (self._at(reached) > self.limits[1] + _NEARLY)).any())

    def hold(self, reached: Numbers) -> bool:
        """Whether all sums lie between their ends."""
        at = self._at(reached)
        low, high = self.limits
        return bool((at >= low - _NEARLY).all() and (at <= high + _NEARLY).all())

    def weights(self, reached: Numbers) -> tuple[Numbers, int | None]:
        """How much one more of each number helps, and the first sum that is still too low."""
        at = self._at(reached)
        number, item = self._number, self._item
        lacks = self.limits[0] - at
        wanted = self._toward(lacks, 1.0) + self._toward(np.where(lacks > 0, 0, self._wished[0] - at), _WISHED)
        # Rows are only ever added: a sum that is to stay low is never raised past its end.
        room, wished = (self.limits[1] - at)[item], (self._wished[1] - at)[item]
        tight = np.where(room > 1, 1.2 / np.maximum(room, 1.0), 0.5)
        harms = np.where(room < number, _FULL, np.where(wished < number, _SOON_FULL, np.where(room < _ANY, tight, 0.0)))
        harms = np.where(self._only_rises[item], harms * number, 0.0)
        low = np.flatnonzero(lacks > _NEARLY)
        return _summed(self._place, wanted - harms, self._numbers), int(low[0]) if len(low) else None

    def helping(self, item: int) -> NDArray[np.intp]:
        """The numbers that raise a sum."""
        found: NDArray[np.intp] = self._place[(self._item == item) & (self._number > 0)]
        return found

    def as_often(self, reached: Numbers, adds: Numbers, most: int) -> int:
        """How many rows of one kind are needed at least, if there is room for them."""
        at, step = self._at(reached), self._at(adds)
        lows, highs = self.limits
        low = (step > 0) & (at < lows)
        high = (step > 0) & (highs < _ANY)
        needed = np.ceil((lows[low] - at[low]) / step[low])
        room = np.floor((highs[high] + _NEARLY - at[high]) / step[high])
        return int(max(1, min([most, *needed, *room])))

    def _toward(self, lacks: Numbers, weight: float) -> Numbers:
        lacking = lacks[self._item]
        share = np.where(self._adds_up, np.maximum(lacking, 1.0), 1.0)
        toward: Numbers = np.where((lacking > 0) & np.isfinite(lacking), weight * self._number / share, 0.0)
        return toward

    def _at(self, reached: Numbers) -> Numbers:
        return _summed(self._item, self._number * reached[self._place], self._sums)


def ends(ranges: Ranges) -> tuple[float, float]:
    """The ends of ranges, a little further in where the number itself is out; gaps between ranges are left out."""
    (low, nudge_low), (high, nudge_high) = ranges[0][0], ranges[-1][1]
    return float(low) + (0.001 if nudge_low > 0 else 0.0), float(high) - (0.001 if nudge_high < 0 else 0.0)


def terms_of(axis: Axis) -> Terms:
    """The terms of an axis that is no flag."""
    assert isinstance(axis.of, tuple)  # invariant: a flag is no sum
    return axis.of


def _summed(places: NDArray[np.intp], numbers: Numbers, count: int) -> Numbers:
    made: Numbers = np.bincount(places, numbers, count).astype(np.float64)
    return made
