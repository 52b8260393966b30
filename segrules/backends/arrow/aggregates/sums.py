"""Exact totals per customer: whole numbers in 64 bits while they fit, then in two parts, doubles in limbs."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from segrules.backends.arrow.aggregates.doubles import DoubleSums
from segrules.backends.arrow.aggregates.states import Valued
from segrules.backends.arrow.numbers import as_doubles, largest
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector, both, of_results, results
from segrules.ir import nodes as ir
from segrules.ir.build import rounded
from segrules.reference.values import MISSING, Result
from segrules.types.types import FloatType, Type

_SAFE = 2**63 - 1
_EXACT_IN_DOUBLE = 2**53
_LOW = 2**32 - 1


class WholeSums:
    """Sums of whole numbers. Once they might leave 64 bits, what is above the lowest 32 is kept by itself."""

    def __init__(self, customers: int) -> None:
        self.low: Ints = np.zeros(customers, np.int64)
        self.high: Ints | None = None
        self.bound = 0

    def add(self, codes: Ints, data: Array) -> None:
        """Add numbers to the sums of their customers."""
        size = largest(data)
        self.bound += size * len(data)
        if self.bound <= _SAFE:
            _add(self.low, codes, data, size)
            return
        wide = data.astype(np.int64, copy=False)
        if self.high is None:
            self.high = self.low >> 32
            self.low &= _LOW
        np.add.at(self.low, codes, wide & _LOW)
        np.add.at(self.high, codes, wide >> 32)
        self.high += self.low >> 32
        self.low &= _LOW

    def exact(self) -> Array:
        """The sums, as Python's whole numbers where 64 bits are not sure to hold them."""
        if self.high is None:
            return self.low
        found: Array = self.high.astype(object) * 2**32 + self.low.astype(object)
        return found


def _add(sums: Ints, codes: Ints, data: Array, size: int) -> None:
    if len(codes) >= len(sums) and size * len(data) < _EXACT_IN_DOUBLE:
        sums += np.bincount(codes, data, minlength=len(sums)).astype(np.int64)
    else:
        np.add.at(sums, codes, data.astype(np.int64, copy=False))


class Sums(Valued):
    """Totals of numbers: whole numbers by their denominator, doubles, and what is neither as Python has it."""

    def __init__(self, customers: int, of: ir.Value | None) -> None:
        super().__init__(customers, of)
        self.whole: dict[int, WholeSums] = {}
        self.doubles: DoubleSums | None = None
        self.odd: dict[int, Any] = defaultdict(int)

    def take_in(self, codes: Ints, vector: Vector, rows: object, kept: Array | None) -> None:
        """Add values to the sums of their customers."""
        assert self.of is not None
        if vector.kind is Kind.NUMBER and vector.divisors is None and not isinstance(self.of.type, FloatType):
            if vector.denominator not in self.whole:
                self.whole[vector.denominator] = WholeSums(self.customers)
            self.whole[vector.denominator].add(codes, vector.data)
            return
        doubles = as_doubles(vector) if vector.kind in (Kind.NUMBER, Kind.FLOAT) else None
        if doubles is not None:
            if self.doubles is None:
                self.doubles = DoubleSums(self.customers)
            self.doubles.add(codes, doubles)
            return
        for code, value in zip(codes.tolist(), results(vector), strict=True):
            self.odd[code] += value


def total(states: Sequence[Sums], counts: Ints | None, customers: int, of: Type) -> Vector:
    """The totals over all states, or averages where `counts` says how many rows there are (none where there are 0)."""
    denominators = {denominator for state in states for denominator in state.whole}
    doubles = [state.doubles for state in states if state.doubles is not None]
    if any(state.odd for state in states) or len(denominators) > 1 or (denominators and doubles):
        return _slowly(states, counts, customers, of)
    if doubles or isinstance(of, FloatType):
        return _of_doubles(doubles, counts, customers)
    denominator = next(iter(denominators), 1)
    parts = [state.whole[denominator] for state in states if state.whole]
    return _of_whole(_merged(parts, customers), denominator, counts)


def _merged(parts: Sequence[WholeSums], customers: int) -> Array:
    if not parts:
        return np.zeros(customers, np.int64)
    sums = [part.exact() for part in parts]
    if sum(part.bound for part in parts) > _SAFE:
        sums = [item.astype(object) for item in sums]
    found: Array = sums[0] if len(sums) == 1 else sum(sums[1:], sums[0])
    if found.dtype == object and all(abs(item) <= _SAFE for item in found):
        return found.astype(np.int64)
    return found


def _of_whole(sums: Array, denominator: int, counts: Ints | None) -> Vector:
    none = None if counts is None else counts == 0
    present = None if none is None else ~none
    if sums.dtype != object:
        divisors = None if counts is None else np.maximum(counts, 1)
        return Vector(Kind.NUMBER, sums, present, none, denominator=denominator, divisors=divisors)
    below = np.full(len(sums), denominator, object) if counts is None else np.maximum(counts, 1) * denominator
    data = np.empty(len(sums), object)
    data[:] = [_plain(Fraction(int(one), int(other))) for one, other in zip(sums, below, strict=True)]
    return Vector(Kind.OBJECT, data, present, none)


def _plain(value: Fraction) -> int | Fraction:
    return int(value) if value.denominator == 1 else value


def _of_doubles(parts: Sequence[DoubleSums], counts: Ints | None, customers: int) -> Vector:
    sums = DoubleSums(customers)
    for part in parts:
        sums.merge(part)
    data, lost = sums.finished(counts)
    none = None if counts is None else counts == 0
    present = None if none is None else ~none
    if lost is not None:
        present = both(present, ~lost)
    return Vector(Kind.FLOAT, data, present, none)


def _slowly(states: Sequence[Sums], counts: Ints | None, customers: int, of: Type) -> Vector:
    """All sums as Python has them: for data whose form changes from chunk to chunk."""
    exact: list[Any] = [0] * customers
    for state in states:
        for denominator, part in state.whole.items():
            for code, number in enumerate(part.exact().tolist()):
                exact[code] += Fraction(number, denominator)
        if state.doubles is not None:
            for code, value in enumerate(state.doubles.exact()):
                exact[code] += value
        for code, value in state.odd.items():
            exact[code] += value
    found: list[Result] = []
    for code, value in enumerate(exact):
        rows = 1 if counts is None else int(counts[code]) or 1
        found.append(_finished(value / rows if isinstance(value, float) else Fraction(value) / rows, of))
    vector = of_results(found)
    if counts is None:
        return vector
    present = vector.present if vector.present is not None else np.ones(customers, np.bool_)
    return Vector(vector.kind, vector.data, present & (counts > 0), counts == 0, denominator=vector.denominator)


def _finished(number: Any, of: Type) -> Result:
    if isinstance(number, float):
        return MISSING if number != number else number
    return rounded(number, of) if isinstance(of, FloatType) else _plain(number)
