"""Values of a population into bands."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from segrules.ir.rules import Bands, CutMethod, Direction, Rank
from segrules.reference.aggregates import order_key
from segrules.reference.cuts import cuts_of_bands, quantile_cuts
from segrules.reference.outcome import CutPoint, RankReport
from segrules.reference.values import MISSING, NONE, Absent, Doubt, Result, Truth
from segrules.types.cells import Key
from segrules.types.types import Type

QUANTILES = (CutMethod.TYPE7, CutMethod.QCUT)
"""Methods whose cut points are quantiles."""


def banded(
    rank: Rank, among: Sequence[Truth], values: Sequence[Result], ties: Sequence[Result], keys: Sequence[Key]
) -> tuple[list[Result], RankReport]:
    """The band of every customer, and how the rank was cut; all sequences run over the same customers.

    None outside `among`; missing where `among` is unknown, or the value is missing or in doubt; none where it is none.
    """
    ranked = [place for place, truth in enumerate(among) if truth is True and _there(values[place])]
    if rank.bands.fit in QUANTILES:
        ordered = _Sorted([values[place] for place in ranked], rank.by.type)
        cuts = quantile_cuts(rank.bands, rank.bands.fit, ordered, rank.by.type)
        rank = replace(rank, bands=replace(rank.bands, cuts=cuts))
    numbers = _bands(rank, ranked, values, ties, keys)
    found: list[Result] = []
    for place, truth in enumerate(among):
        if truth is False:
            found.append(NONE)
        elif place in numbers:
            found.append(numbers[place])
        else:
            found.append(NONE if truth is True and values[place] is NONE else MISSING)
    without = sum(truth is True for truth in among) - len(ranked)
    return found, reported(rank.bands, len(ranked), without, _cut_points(rank, numbers, values))


class _Sorted:
    """Values from the smallest to the largest."""

    def __init__(self, values: Sequence[Any], of: Type) -> None:
        self._values = sorted(values, key=order_key(of))

    def __len__(self) -> int:
        return len(self._values)

    def nth(self, place: int) -> Any:
        return self._values[place]

    def above(self, place: int) -> int | None:
        value = self._values[place]
        return next((later for later in range(place, len(self)) if self._values[later] != value), None)


def reported(bands: Bands, scored: int, without_value: int, points: tuple[CutPoint, ...]) -> RankReport:
    """What is told of a rank that was cut into bands of which `points` occur."""
    cuts = bands.cuts
    if cuts is None:
        cuts = () if bands.equal else cuts_of_bands(bands, points)
    return RankReport(scored, without_value, points, cuts, bands.frozen and bands.cuts is not None)


def _there(value: Result) -> bool:
    return not isinstance(value, Absent | Doubt)


def _bands(
    rank: Rank, ranked: Sequence[int], values: Sequence[Any], ties: Sequence[Result], keys: Sequence[Key]
) -> dict[int, int]:
    bands = rank.bands
    key = order_key(rank.by.type)
    if bands.cuts is not None:
        cuts = [key(cut) for cut in bands.cuts]
        high = bands.direction is Direction.HIGH
        return {place: bands.start + _bettered(cuts, key(values[place]), high=high) for place in ranked}
    if bands.equal:
        return _equal(rank, ranked, values, ties, keys)
    ordered = sorted(key(values[place]) for place in ranked)
    lower = {value: place for place, value in reversed(list(enumerate(ordered)))}
    upper = {value: len(ordered) - 1 - place for place, value in enumerate(ordered)}
    worse = lower if bands.direction is Direction.HIGH else upper
    n = len(ranked)
    return {place: bands.start + bands.count * worse[key(values[place])] // n for place in ranked}


def _bettered(cuts: Sequence[Any], value: Any, *, high: bool) -> int:
    """How many cuts a value equals or betters."""
    return sum(value >= cut for cut in cuts) if high else sum(value <= cut for cut in cuts)


def _equal(
    rank: Rank, ranked: Sequence[int], values: Sequence[Any], ties: Sequence[Result], keys: Sequence[Key]
) -> dict[int, int]:
    """SQL's NTILE over the order worst first, then tie value, then customer key; no tie value comes last."""
    bands = rank.bands
    key = order_key(rank.by.type)
    tie_key = order_key(bands.ties.type) if bands.ties is not None else None

    def tie(place: int) -> tuple[bool, Any]:
        value = ties[place] if tie_key is not None else 0
        return (False, tie_key(value) if tie_key is not None else 0) if _there(value) else (True, 0)

    ordered = sorted(ranked, key=lambda place: (tie(place), keys[place]))
    ordered.sort(key=lambda place: key(values[place]), reverse=bands.direction is Direction.LOW)
    size, larger = divmod(len(ordered), bands.count)
    found = {}
    for position, place in enumerate(ordered):
        in_larger = position < larger * (size + 1)
        tile = position // (size + 1) if in_larger else larger + (position - larger * (size + 1)) // size
        found[place] = bands.start + tile
    return found


def _cut_points(rank: Rank, numbers: dict[int, int], values: Sequence[Any]) -> tuple[CutPoint, ...]:
    key = order_key(rank.by.type)
    found = []
    for band in sorted(set(numbers.values())):
        inside = [values[place] for place, number in numbers.items() if number == band]
        found.append(CutPoint(band, len(inside), min(inside, key=key), max(inside, key=key)))
    return tuple(found)
