"""Values of a population into bands, as `reference/scores.py` defines them."""

from dataclasses import replace
from typing import Any

import numpy as np

from segrules.backends.arrow.atoms import as_bound, least
from segrules.backends.arrow.ordering import places, reversed_places
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.slow import sure
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, results
from segrules.ir.rules import Bands, Cut, Direction, Rank
from segrules.reference.aggregates import order_key
from segrules.reference.cuts import quantile_cuts
from segrules.reference.outcome import CutPoint, RankReport
from segrules.reference.scores import QUANTILES, reported
from segrules.types.types import Type

_FEW = 32
"""Up to so many bands their limits are picked out of the values without sorting all of them."""


def banded(
    rank: Rank, among: Planes | None, by: Vector, ties: Vector | None, population: Population
) -> tuple[Vector, RankReport]:
    """The band of every customer, and how the rank was cut; all rows are customers by dense number.

    None outside `among`; missing where `among` is unknown, or the value is missing or in doubt; none where it is none.
    """
    certain = _certain(by)
    inside = certain if among is None else certain & among.true
    ranked = np.flatnonzero(inside)
    everybody = len(ranked) == len(by)
    values = by if everybody else by.take(ranked)
    numbers = places(_plain(values), rank.by.type)
    if rank.bands.fit in QUANTILES:
        cuts = quantile_cuts(rank.bands, rank.bands.fit, _Sorted(numbers, _plain(values)), rank.by.type)
        rank = replace(rank, bands=replace(rank.bands, cuts=cuts))
    found = _bands(rank, values, numbers, (None if ties is None else ties.take(ranked)), (ranked, population))
    bands = found
    if not everybody:
        bands = np.zeros(len(by), np.int64)
        bands[ranked] = found
    vector = Vector(Kind.NUMBER, bands, None if everybody else inside, _none(among, by))
    count = len(by) if among is None else int(np.count_nonzero(among.true))
    points = _cut_points(found, numbers, values)
    return vector, reported(rank.bands, len(ranked), count - len(ranked), points)


class _Sorted:
    """Values from the smallest to the largest, looked up by the numbers that stand for them."""

    def __init__(self, numbers: Array, values: Vector) -> None:
        self._order = np.argsort(numbers, kind="stable")
        self._numbers = numbers[self._order]
        self._values = values

    def __len__(self) -> int:
        return len(self._numbers)

    def nth(self, place: int) -> Any:
        return results(self._values, self._order[place : place + 1])[0]

    def above(self, place: int) -> int | None:
        following = int(np.searchsorted(self._numbers, self._numbers[place], side="right"))
        return following if following < len(self._numbers) else None


def _certain(vector: Vector) -> Flags:
    """Where there is a value beyond doubt."""
    present = sure(vector)
    return np.ones(len(vector), np.bool_) if present is None else present


def _plain(vector: Vector) -> Vector:
    """Values that are all present and beyond doubt, without the marks of what they were picked from."""
    return Vector(
        vector.kind, vector.data, None, None, vector.denominator, vector.divisors, vector.dictionary, vector.distinct
    )


def _none(among: Planes | None, by: Vector) -> Flags | None:
    if among is None:
        return by.none
    none = among.false if by.none is None else among.false | (among.true & by.none)
    return none if none.any() else None


def _bands(rank: Rank, values: Vector, numbers: Array, ties: Vector | None, customers: tuple[Ints, Population]) -> Ints:
    """The band of each ranked customer."""
    bands = rank.bands
    if bands.cuts is not None:
        return bands.start + _bettered(bands, _plain(values), rank.by.type)
    if not len(numbers):
        return np.zeros(0, np.int64)
    if bands.equal:
        return _equal(rank, numbers, ties, customers)
    return bands.start + _by_rank(bands, numbers)


def _bettered(bands: Bands, values: Vector, of: Type) -> Ints:
    """How many cuts each value equals or betters."""
    assert bands.cuts is not None
    high = bands.direction is Direction.HIGH
    found = np.zeros(len(values), np.int64)
    for cut in bands.cuts:
        reached = _reached(values, cut, of, strict=not high)
        found += reached if high else ~reached
    return found


def _reached(values: Vector, cut: Cut, of: Type, *, strict: bool) -> Flags:
    bound = as_bound(values, cut, _NO_CLOCK)
    flags = None if bound is None else least(values, bound, strict=strict)
    if flags is None:
        key = order_key(of)
        cells: list[Any] = [key(value) for value in results(values)]
        flags = np.array([value > key(cut) if strict else value >= key(cut) for value in cells], np.bool_)
    return flags


_NO_CLOCK: Any = None
"""Cuts are days and instants already: no clock is asked."""


def _by_rank(bands: Bands, numbers: Array) -> Ints:
    """For each value floor(count * worse / n), where `worse` counts the values that are strictly worse.

    Method: at least k values are worse exactly where the k-th of them, worst first, is worse. So of the sorted values
    one limit for each band is all that is needed.
    """
    n = len(numbers)
    if bands.direction is Direction.LOW:
        numbers = reversed_places(numbers)
    at = np.array([-(-band * n // bands.count) - 1 for band in range(1, bands.count)], np.int64)
    if bands.count <= _FEW:
        limits = np.partition(numbers, np.unique(at))[at] if len(at) else numbers[:0]
        found = np.zeros(n, np.int64)
        for limit in limits:
            found += numbers > limit
        return found
    return np.searchsorted(np.sort(numbers)[at], numbers, side="left")


def _equal(rank: Rank, numbers: Array, ties: Vector | None, customers: tuple[Ints, Population]) -> Ints:
    """SQL's NTILE over the order worst first, then tie value, then customer key; no tie value comes last."""
    bands = rank.bands
    ranked, population = customers
    if bands.direction is Direction.LOW:
        numbers = reversed_places(numbers)
    order = _by_key(ranked, population)
    keys = [numbers if order is None else numbers[order]]
    if ties is not None and bands.ties is not None:
        there = _certain(ties)
        tie = places(
            Vector(ties.kind, ties.data, there, None, ties.denominator, ties.divisors, ties.dictionary), bands.ties.type
        )
        tie = np.where(there, tie, tie.dtype.type(0))
        keys += [~there, tie] if order is None else [~there[order], tie[order]]
    sorted_ = np.lexsort(keys[::-1]) if len(keys) > 1 else np.argsort(keys[0], kind="stable")
    size, larger = divmod(len(numbers), bands.count)
    position = np.arange(len(numbers))
    in_larger = larger * (size + 1)
    tile = np.where(position < in_larger, position // (size + 1), larger + (position - in_larger) // max(size, 1))
    found = np.empty(len(numbers), np.int64)
    found[sorted_ if order is None else order[sorted_]] = bands.start + tile
    return found


def _by_key(ranked: Ints, population: Population) -> Ints | None:
    """The places in `ranked` sorted by customer key; None where they stand so."""
    order = population.order()
    if (order[1:] > order[:-1]).all():
        return None
    rank_of = np.empty(len(order), np.int64)
    rank_of[order] = np.arange(len(order))
    return np.argsort(rank_of[ranked])


def _cut_points(bands: Ints, numbers: Array, values: Vector) -> tuple[CutPoint, ...]:
    """Each band that occurs: how many customers, and its smallest and largest value."""
    if not len(bands):
        return ()
    first = int(bands.min())
    narrow = bands - first
    order = np.argsort(narrow.astype(np.uint16) if narrow.max() < 2**16 else narrow, kind="stable")
    sorted_ = narrow[order]
    starts = np.flatnonzero(np.concatenate([[True], sorted_[1:] != sorted_[:-1]]))
    by_band = numbers[order]
    stops = [*starts[1:].tolist(), len(order)]
    found = []
    for start, stop in zip(starts.tolist(), stops, strict=True):
        inside = by_band[start:stop]
        picked = order[[start + int(inside.argmin()), start + int(inside.argmax())]]
        smallest, largest = results(_plain(values), picked)
        found.append(CutPoint(first + int(sorted_[start]), stop - start, smallest, largest))  # type: ignore[arg-type]
    return tuple(found)
