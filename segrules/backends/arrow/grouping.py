"""Rows into groups of equal values, and one value for each group, as the reference's `_combined` and `_chosen` do."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from segrules.backends.arrow.numbers import largest
from segrules.backends.arrow.ordering import places, stable_order
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, of_results, results
from segrules.ir.nodes import AggregateKind
from segrules.reference.aggregates import aggregate
from segrules.reference.values import MISSING, Absent, Result
from segrules.types.types import FloatType, Type

_WIDE = 2**40
_SAFE = 2**62
_EXACT_IN_DOUBLE = 2**53
_PARTS = 2.0**20


def identity(vector: Vector) -> tuple[Ints, int]:
    """Numbers from 0 up to a bound that are equal where the values are, and the bound; 0 stands for no value."""
    data = places(vector)
    if data.dtype.kind == "f":
        data = np.unique(data, return_inverse=True)[1]
    low, high = (int(data.min()), int(data.max())) if len(data) else (0, 0)
    if high - low > _WIDE:
        data = np.unique(data, return_inverse=True)[1]
        low, high = 0, int(data.max())
    codes: Ints = data.astype(np.int64) - low + 1
    if vector.present is not None:
        codes[~vector.present] = 0
    return codes, high - low + 2


def together(parts: Sequence[tuple[Ints, int]]) -> tuple[Ints, int]:
    """Codes that are equal where the codes of all parts are, and their bound."""
    codes, bound = parts[0]
    for more, size in parts[1:]:
        if bound * size > _SAFE:
            distinct, codes = np.unique(codes, return_inverse=True)
            bound = len(distinct)
        codes = np.add(codes * size, more)
        bound *= size
    return codes, bound


@dataclass(frozen=True)
class Groups:
    """Rows that belong together: `rows` group by group (in order within each), and where each group starts there."""

    rows: Ints
    starts: Ints

    @cached_property
    def counts(self) -> Ints:
        """How many rows each group has."""
        return np.diff(self.starts, append=len(self.rows))

    @property
    def first(self) -> Ints:
        """The first row of each group."""
        return self.rows[self.starts]

    @property
    def last(self) -> Ints:
        """The last row of each group."""
        found: Ints = self.rows[self.starts + self.counts - 1]
        return found

    @cached_property
    def owner(self) -> Ints:
        """The group of each entry of `rows`."""
        return np.repeat(np.arange(len(self.starts)), self.counts)

    def least(self, numbers: Array) -> Array:
        """The least number of each group; `numbers` run like `rows`."""
        found: Array = np.minimum.reduceat(numbers, self.starts) if len(self.starts) else numbers[:0]
        return found

    def total(self, numbers: Array) -> Array:
        """The sum of each group; `numbers` run like `rows`."""
        found: Array = np.add.reduceat(numbers, self.starts) if len(self.starts) else numbers[:0]
        return found


def grouped_rows(codes: Ints, bound: int, order: Ints | None) -> Groups:
    """Groups of equal codes, by code; their rows in `order` (as they stand where it is None)."""
    rows = stable_order(codes if order is None else codes[order], bound)
    if order is not None:
        rows = order[rows]
    of_rows = codes[rows]
    return Groups(rows, np.flatnonzero(np.concatenate([[True], of_rows[1:] != of_rows[:-1]])) if len(rows) else rows)


# --- one value for each group ---------------------------------------------------------------------


def combined(kind: AggregateKind, vector: Vector, groups: Groups, of: Type, result: Type) -> Vector:
    """What `kind` makes of each group's values in order; missing where there are none, or where one that counts lacks.

    `vector` has a value for each row of the table; only `most frequent` and `only` pass over rows without one.
    """
    if kind is AggregateKind.FIRST:
        return vector.take(groups.first)
    if kind is AggregateKind.LAST:
        return vector.take(groups.last)
    values = vector.take(groups.rows)
    there = values.present if values.present is not None else np.ones(len(values), np.bool_)
    present = groups.total(there.astype(np.int64))
    if kind in (AggregateKind.MOST_FREQUENT, AggregateKind.ONLY):
        picked = _most_frequent(values, there, groups) if kind is AggregateKind.MOST_FREQUENT else _first(there, groups)
        return _at(values, picked, present > 0)
    complete = present == groups.counts
    match kind:
        case AggregateKind.NUMBER:
            return Vector(Kind.NUMBER, groups.counts, _unless_all(complete))
        case AggregateKind.DISTINCT:
            return Vector(Kind.NUMBER, distinct(values, there, groups), _unless_all(complete))
        case AggregateKind.SMALLEST | AggregateKind.LARGEST | AggregateKind.MEDIAN:
            return _at(values, _by_order(kind, places(values, of), groups), complete)
        case _:
            found = _summed(kind, values, groups, complete, result)
            return found if found is not None else _slowly(kind, values, groups, complete, (of, result))


def _unless_all(flags: Flags) -> Flags | None:
    return None if flags.all() else flags


def _at(values: Vector, picked: Ints, there: Flags) -> Vector:
    """The values at some places, missing where `there` does not hold."""
    found = values.take(picked)
    return Vector(found.kind, found.data, _unless_all(there), None, found.denominator, found.divisors, found.dictionary)


def _first(there: Flags, groups: Groups) -> Ints:
    """The place (in `groups.rows`) of each group's first value that is there, else of its first row."""
    place = np.where(there, np.arange(len(there)), len(there))
    least = groups.least(place)
    return np.where(least < len(there), least, groups.starts)


def _pairs(values: Vector, there: Flags, groups: Groups) -> tuple[Ints, Ints, Ints]:
    """Each value of each group once: its group, how often it occurs, and its last place."""
    places_ = np.flatnonzero(there)
    codes, size = identity(values)
    mixed, bound = together([(groups.owner, max(len(groups.starts), 1)), (codes, size)])
    inner = grouped_rows(mixed[places_], bound, None)
    last = places_[inner.last]
    return groups.owner[last], inner.counts, last


def distinct(values: Vector, there: Flags, groups: Groups) -> Ints:
    """How many different values each group has; `values` run like `groups.rows`."""
    owner, _, _ = _pairs(values, there, groups)
    return np.bincount(owner, minlength=len(groups.starts))


def _most_frequent(values: Vector, there: Flags, groups: Groups) -> Ints:
    """The place of the value that occurs most in each group, of several the one that is seen last."""
    owner, counts, last = _pairs(values, there, groups)
    best = groups.starts.copy()
    order = np.lexsort((last, counts))
    best[owner[order]] = last[order]  # the last one stays
    return best


def _by_order(kind: AggregateKind, numbers: Array, groups: Groups) -> Ints:
    """The place of the smallest, the largest or the lower middle value of each group."""
    if kind is AggregateKind.MEDIAN:
        middle: Ints = np.lexsort((numbers, groups.owner))[groups.starts + (groups.counts - 1) // 2]
        return middle
    if kind is AggregateKind.LARGEST:
        numbers = -numbers if numbers.dtype.kind == "f" else ~numbers
    at_best = numbers == groups.least(numbers)[groups.owner]
    return _first(at_best, groups)


# --- totals and averages --------------------------------------------------------------------------


def _summed(kind: AggregateKind, values: Vector, groups: Groups, complete: Flags, result: Type) -> Vector | None:
    """Totals and averages in whole numbers; None where these do not hold them exactly."""
    whole = _whole(values)
    if whole is None or not len(groups.starts):
        return None
    data, denominator = whole
    if largest(data) * int(groups.counts.max()) >= _SAFE:
        return None
    totals = groups.total(data.astype(np.int64, copy=False))
    present = _unless_all(complete)
    if kind is AggregateKind.TOTAL:
        if not isinstance(result, FloatType):
            return Vector(Kind.NUMBER, totals, present, denominator=denominator)
        return _divided(totals, np.array(denominator), present)
    if isinstance(result, FloatType):
        return _divided(totals, groups.counts * denominator, present)
    return Vector(Kind.NUMBER, totals, present, denominator=denominator, divisors=groups.counts)


def _whole(values: Vector) -> tuple[Array, int] | None:
    """Numbers as whole numbers over a denominator; 0 where there is no value."""
    data = values.data
    if values.present is not None:
        data = np.where(values.present, data, data.dtype.type(0)) if values.kind is not Kind.OBJECT else data
    if values.kind is Kind.NUMBER and values.divisors is None:
        return data, values.denominator
    if values.kind is not Kind.FLOAT:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = data * _PARTS
        if not (np.abs(scaled) < _EXACT_IN_DOUBLE).all() or not (scaled == np.floor(scaled)).all():
            return None
    return scaled.astype(np.int64), int(_PARTS)


def _divided(totals: Array, by: Array, present: Flags | None) -> Vector | None:
    """Quotients rounded once, since both sides are exact in doubles; None where they are not."""
    if largest(totals) > _EXACT_IN_DOUBLE or int(by.max()) > _EXACT_IN_DOUBLE:
        return None
    return Vector(Kind.FLOAT, totals / by, present)


def _slowly(kind: AggregateKind, values: Vector, groups: Groups, complete: Flags, types: tuple[Type, Type]) -> Vector:
    """Group by group, as the reference does it."""
    cells: list[Any] = list(results(values))
    found: list[Result] = []
    for start, count, there in zip(groups.starts.tolist(), groups.counts.tolist(), complete.tolist(), strict=True):
        found.append(aggregate(kind, cells[start : start + count], *types) if there else MISSING)
    if not isinstance(types[1], FloatType):
        return of_results(found)
    data = np.array([0.0 if isinstance(value, Absent) else float(value) for value in found])  # type: ignore[arg-type]
    return Vector(Kind.FLOAT, data, np.array([not isinstance(value, Absent) for value in found], np.bool_))
