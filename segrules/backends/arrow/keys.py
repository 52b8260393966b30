"""Keys of customers as dense numbers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow import texts
from segrules.backends.arrow.ordering import places
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, lookup, results

_SPREAD = 8


_MANY = 1_000
"""Rows fewer than this are not worth looking for runs."""


class KeyIndex:
    """Different keys, numbered as they stand in `array`."""

    def __init__(self, array: pa.Array) -> None:
        self.array = array
        self.size = len(array)

    def codes(self, keys: Vector) -> Ints:
        """The number of each key, -1 where it is not among them or missing."""
        if not self.size or not len(keys):
            return np.full(len(keys), -1, np.int64)
        runs = _runs(keys)
        if runs is not None:
            # Rows that stand customer by customer are looked up once for each customer.
            found = self.codes(keys.take(runs))
            return np.repeat(found, np.diff(runs, append=len(keys)))
        if keys.kind is Kind.OBJECT:
            found = self._of_objects(keys)
        elif keys.kind is Kind.CODE and texts.are_texts(keys) and pa.types.is_string(self.array.type):
            table = pc.index_in(keys.dictionary, value_set=self.array).fill_null(-1)
            found = lookup(table.to_numpy(zero_copy_only=False).astype(np.int64), keys)
        elif keys.kind is Kind.NUMBER and pa.types.is_int64(self.array.type):
            found = self._of_numbers(keys)
        elif keys.kind is Kind.NUMBER and not pa.types.is_string(self.array.type):
            found = self._of_objects(keys)
        else:
            return np.full(len(keys), -1, np.int64)
        if keys.present is not None:
            found[~keys.present] = -1
        return found

    def _of_numbers(self, keys: Vector) -> Ints:
        wanted, whole = _whole(keys)
        if self._span is None:
            found = pc.index_in(pa.array(wanted), value_set=self.array).fill_null(-1)
            codes_: Ints = found.to_numpy(zero_copy_only=False).astype(np.int64)
        else:
            first, span, table = self._span
            # Invariant: differences beyond 64 bits wrap around to numbers outside the span.
            codes_ = wanted - np.int64(first)
            outside = codes_.view(np.uint64) >= span
            some = bool(outside.any())
            if some:
                codes_[outside] = 0
            if table is not None:
                codes_ = table[codes_].astype(np.int64)
            if some:
                codes_[outside] = -1
        if whole is not None:
            codes_[~whole] = -1
        return codes_

    def _of_objects(self, keys: Vector) -> Ints:
        there = np.arange(len(keys)) if keys.present is None else np.flatnonzero(keys.present)
        found = np.full(len(keys), -1, np.int64)
        known = self._by_key
        found[there] = [known.get(key, -1) for key in results(keys, there)]
        return found

    @cached_property
    def _by_key(self) -> Mapping[Any, int]:
        return {int(key) if not isinstance(key, str) else key: at for at, key in enumerate(self.array.to_pylist())}

    @cached_property
    def _span(self) -> tuple[int, int, Array | None] | None:
        """First key, how many whole numbers lie from first to last, and what each of these is (None: in a row).

        None where the keys lie too far apart.
        """
        keys = numbers_of(self.array)
        first, last = int(keys.min()), int(keys.max())
        span = last - first + 1
        if span > _SPREAD * len(keys) + 1024:
            return None
        if span == len(keys) and (keys[1:] > keys[:-1]).all():
            return first, span, None
        table = np.full(span, -1, np.int32 if len(keys) < 2**31 else np.int64)
        table[keys - first] = np.arange(len(keys))
        return first, span, table

    @cached_property
    def order(self) -> Ints:
        """The numbers of the keys, sorted by key."""
        if pa.types.is_string(self.array.type):
            sorted_ = pc.sort_indices(self.array).to_numpy(zero_copy_only=False)
            return np.asarray(sorted_).astype(np.int64)
        if not pa.types.is_int64(self.array.type):
            return np.array(sorted(range(self.size), key=self.array.to_pylist().__getitem__), np.int64)
        keys = numbers_of(self.array)
        if (keys[1:] > keys[:-1]).all():
            return np.arange(self.size)
        return np.argsort(keys)

    def vector(self, start: int, stop: int) -> Vector:
        """The keys from `start` up to `stop` as a column."""
        array = self.array[start:stop]
        if pa.types.is_string(array.type):
            return Vector(Kind.CODE, np.arange(len(array)), dictionary=array, distinct=True)
        if pa.types.is_int64(array.type):
            return Vector(Kind.NUMBER, numbers_of(array))
        data = np.empty(len(array), object)
        data[:] = [int(key) for key in array.to_pylist()]
        return Vector(Kind.OBJECT, data)


def numbers_of(array: pa.Array) -> Ints:
    """An `int64` array without nulls as numbers, sharing memory."""
    return np.asarray(array.to_numpy(zero_copy_only=True))


def _whole(keys: Vector) -> tuple[Ints, Flags | None]:
    """Whole numbers that a vector of numbers stands for, and which are whole (all where None); freshly divided."""
    data: Ints = keys.data.astype(np.int64, copy=False)
    if keys.denominator == 1:
        return data, None
    whole = data % keys.denominator == 0
    return data // keys.denominator, None if whole.all() else whole


def as_array(keys: Vector) -> pa.Array:
    """Keys (all of them present) as an array: `int64`, `string`, or whatever holds large numbers."""
    if keys.kind is Kind.CODE:
        assert keys.dictionary is not None
        return keys.dictionary.take(pa.array(keys.data.astype(np.int64, copy=False)))
    if keys.kind is Kind.NUMBER:
        return pa.array(_whole(keys)[0])
    values = [int(key) for key in keys.data]
    if values and min(values) >= 0 and max(values) < 2**64:
        return pa.array(values, pa.uint64())
    if all(-(2**63) <= value < 2**63 for value in values):
        return pa.array(values, pa.int64())
    return pa.array(values, pa.decimal256(76, 0))


def _runs(keys: Vector) -> Ints | None:
    """Where each run of equal keys begins, if the rows are sorted by key and runs are worth it; else None."""
    data = keys.data
    if keys.present is not None or keys.kind is Kind.OBJECT or len(data) < _MANY:
        return None
    # Rows in no order betray themselves at once, so that nobody pays for looking at them all.
    if not (data[1:_MANY] >= data[: _MANY - 1]).all() or not (data[1:] >= data[:-1]).all():
        return None
    starts = np.concatenate([[0], np.flatnonzero(data[1:] != data[:-1]) + 1])
    return starts if len(starts) * 2 <= len(data) else None


def distinct_sorted(keys: Vector) -> pa.Array:
    """The different keys (all of them present), sorted."""
    if not len(keys):
        return as_array(keys)
    numbers = places(keys)
    low, high = int(numbers.min()), int(numbers.max())
    at: Array
    if high - low <= _SPREAD * len(numbers) + 1024:
        table = np.full(high - low + 1, -1, np.int64)
        table[numbers.astype(np.int64, copy=False) - low] = np.arange(len(numbers))
        at = table[table >= 0]
    else:
        at = np.unique(numbers, return_index=True)[1]
    return as_array(keys.take(at))
