"""Cut points: the values at which the bands of a rank begin, as runs report them and as `fit` freezes them.

A cut belongs to the better band: band = first band + how many cuts a value equals or betters.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import floor, inf, nextafter
from typing import Any, Protocol

from segrules.ir.build import rounded
from segrules.ir.rules import Bands, Cut, CutMethod, Direction
from segrules.reference.outcome import CutPoint
from segrules.types.types import DateType, FloatType, IntegerType, TimestampType, Type

_DAY = timedelta(days=1)
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

    They are fewer than there are bands less one where the best bands are empty. `points` are the bands that occur.
    """
    high = bands.direction is Direction.HIGH
    found: list[Any] = []
    for band in range(bands.start + 1, bands.start + bands.count):
        reached = next((point for point in points if point.band >= band), None)
        if reached is None:
            break
        found.append(reached.smallest if high else reached.largest)
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
        low = values.nth(int(place))
        quantile = _between(low, values.nth(int(place) + 1), part, of) if part else low
        cut: Cut | None = _at_most(quantile, of) if not high else _at_least(quantile, of)
        if high and method is CutMethod.QCUT:
            cut = _beyond(quantile, int(place), values, of)
        if cut is not None:
            found.append(cut)
    return tuple(found)


def _number(value: Any, of: Type) -> Any:
    """A day or an instant as a number of days or of microseconds, all else as it is."""
    if isinstance(of, DateType):
        return value.toordinal()
    return (value - _START) // _INSTANT if isinstance(of, TimestampType) else value


def _value(number: Any, of: Type) -> Any:
    if isinstance(of, DateType):
        return date.fromordinal(int(number))
    return _START + int(number) * _INSTANT if isinstance(of, TimestampType) else number


def _between(low: Any, high: Any, part: Fraction, of: Type) -> Any:
    """The exact number so far on the way from one value to the next; days and instants are numbers from here on."""
    one, other = _number(low, of), _number(high, of)
    if isinstance(one, float) or isinstance(other, float):  # infinite
        return one if one == other or other != inf else other
    return one + part * (Fraction(other) - one)


def _is_whole(of: Type) -> bool:
    return isinstance(of, IntegerType | DateType | TimestampType)


def _at_least(quantile: Any, of: Type) -> Cut:
    """The least value of the type that reaches a quantile."""
    number = _number(quantile, of) if not isinstance(quantile, int | Fraction | float) else quantile
    return _typed(-floor(-number), of) if _is_whole(of) else _exact(number, of)


def _at_most(quantile: Any, of: Type) -> Cut:
    """The largest value of the type that does not exceed a quantile."""
    number = _number(quantile, of) if not isinstance(quantile, int | Fraction | float) else quantile
    return _typed(floor(number), of) if _is_whole(of) else _exact(number, of)


def _beyond(quantile: Any, place: int, values: InOrder, of: Type) -> Cut | None:
    """The least value above a quantile: of the type where it counts in steps, else of the values that there are."""
    number = _number(quantile, of) if not isinstance(quantile, int | Fraction | float) else quantile
    if _is_whole(of):
        return _typed(floor(number) + 1, of)
    if isinstance(of, FloatType):
        return _next_double(_exact(number, of))
    while values.nth(place) < number:
        following = values.above(place)
        assert following is not None
        place = following
    if values.nth(place) > number:
        return _exact(number, of)
    following = values.above(place)
    above: Cut | None = None if following is None else values.nth(following)
    return above


def _next_double(value: Any) -> Cut:
    if isinstance(value, float) and value > 0:
        return value
    following = nextafter(float(value), inf)
    return following if following == inf else Fraction(following)


def _typed(number: int, of: Type) -> Cut:
    cut: Cut = _value(number, of)
    return cut


def _exact(number: Any, of: Type) -> Cut:
    """The number as its type holds it."""
    if isinstance(number, float):
        return number
    return rounded(Fraction(number), of) if isinstance(of, FloatType) else _plain(Fraction(number))


def _plain(number: Fraction) -> int | Fraction:
    return int(number) if number.denominator == 1 else number
