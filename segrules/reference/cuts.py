"""Cut points: the values at which the bands of a rank begin, as runs report them and as `fit` freezes them.

A cut belongs to the better band: band = first band + how many cuts a value equals or betters.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil, floor, inf, nextafter
from typing import Any, Protocol

from segrules.ir.build import rounded
from segrules.ir.rules import Bands, Cut, CutMethod, Direction
from segrules.reference.outcome import CutPoint
from segrules.types.types import DateType, FloatType, IntegerType, TimestampType, Type

_INSTANT = timedelta(microseconds=1)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class InOrder(Protocol):
    """Values from the smallest to the largest."""

    def __len__(self) -> int: ...

    def nth(self, place: int) -> Any:
        """The value at a place, counted from 0."""

    def above(self, place: int) -> int | None:
        """The first place with a larger value; None where there is none."""


def cuts_of_bands(bands: Bands, points: Sequence[CutPoint]) -> tuple[Cut, ...]:
    """The cut points that give the same bands as ranking did, from small to large.

    They are fewer than there are bands less one where the best bands are empty. `points` are the bands that occur,
    in order.
    """
    high = bands.direction is Direction.HIGH
    found: list[Any] = []
    before = bands.start
    for point in points:
        # A band that nobody is in begins where the next one does.
        found += [point.smallest if high else point.largest] * (point.band - before)
        before = point.band
    return tuple(found if high else reversed(found))


def quantile_cuts(bands: Bands, method: CutMethod, values: InOrder, of: Type) -> tuple[Cut, ...]:
    """The quantiles of type 7 between `count` bands as cut points, from small to large.

    With `QCUT` a value that equals a quantile lies below it, as it does in `pandas.qcut`.
    """
    high = bands.direction is Direction.HIGH
    last = len(values) - 1
    found: list[Cut] = []
    for band in range(1, bands.count) if last >= 0 else ():
        place, part = divmod(Fraction(last * band, bands.count), 1)
        quantile = _number(values.nth(int(place)), of)
        if part:
            quantile = _between(quantile, _number(values.nth(int(place) + 1), of), part)
        if high and method is CutMethod.QCUT:
            cut = _beyond(quantile, int(place), values, of)
        else:
            cut = _reaching(quantile, of, high=high)
        if cut is not None:
            found.append(cut)
    return tuple(found)


def _number(value: Any, of: Type) -> Any:
    """A day or an instant as a number of days or of microseconds, all else as it is."""
    if isinstance(of, DateType):
        return value.toordinal()
    return (value - _START) // _INSTANT if isinstance(of, TimestampType) else value


def _value(number: int, of: Type) -> Cut:
    """The day, the instant or the whole number that a number stands for."""
    if isinstance(of, DateType):
        return date.fromordinal(number)
    return _START + number * _INSTANT if isinstance(of, TimestampType) else number


def _between(low: Any, high: Any, part: Fraction) -> Any:
    """The exact number so far on the way from one to the next; beside an infinite one there is no way."""
    if isinstance(low, float) or isinstance(high, float):
        return high if high == inf else low
    return low + part * (Fraction(high) - low)


def _is_whole(of: Type) -> bool:
    return isinstance(of, IntegerType | DateType | TimestampType)


def _reaching(number: Any, of: Type, *, high: bool) -> Cut:
    """The value of the type that is reached where a number is: for whole ones the next one on the better side."""
    if _is_whole(of):
        return _value(ceil(number) if high else floor(number), of)
    return _exact(number, of)


def _beyond(number: Any, place: int, values: InOrder, of: Type) -> Cut | None:
    """The least value above a quantile: of the type where it counts in steps, else of the values that there are."""
    if _is_whole(of):
        try:
            return _value(floor(number) + 1, of)
        except (OverflowError, ValueError):  # the last day that there is
            return None
    if isinstance(of, FloatType):
        return _next_double(_exact(number, of))
    # Where no value is the quantile itself, it is the cut: what reaches it lies above.
    at: int | None = place
    while at is not None and values.nth(at) < number:
        at = values.above(at)
    if at is None or values.nth(at) > number:
        return _exact(number, of)
    following = values.above(at)
    above: Cut | None = None if following is None else values.nth(following)
    return above


def _next_double(value: Any) -> Cut:
    if isinstance(value, float) and value > 0:
        return value
    following = nextafter(float(value), inf)
    return following if following == inf else Fraction(following)


def _exact(number: Any, of: Type) -> Cut:
    """The number as its type holds it."""
    if isinstance(number, float):
        return number
    return rounded(Fraction(number), of) if isinstance(of, FloatType) else _plain(Fraction(number))


def _plain(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number
