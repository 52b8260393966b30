"""Rows in the order of their values: by time, then by whatever breaks ties, nulls first."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow import texts
from segrules.backends.arrow.numbers import largest
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, lookup, results
from segrules.reference.aggregates import order_key
from segrules.types.types import TextType, Type

_SURE_IN_DOUBLE = 2**51


def places(vector: Vector, of: Type | None = None) -> Array:
    """Numbers that are equal and ordered as the values are; anything where there is no value.

    With `of` a closed list of text has its own order.
    """
    if vector.kind is Kind.CODE and texts.are_texts(vector):
        if isinstance(of, TextType) and of.ordered:
            found = texts.places(vector, of.values or ())
            assert found is not None
            return found
        return lookup(_ranks(vector.dictionary), vector)
    if vector.kind is Kind.FLAG:
        return vector.data.view(np.uint8)
    if vector.kind is Kind.NUMBER and vector.divisors is not None:
        return _of_quotients(vector, vector.divisors)
    if vector.kind in (Kind.NUMBER, Kind.FLOAT, Kind.DAY, Kind.INSTANT):
        return vector.data
    return _of_objects(vector, order_key(of) if of is not None else None)


def _ranks(words: pa.Array) -> Array:
    """The rank of each text by code points, which is the order of its bytes; equal texts share one."""
    if not len(words):
        return np.zeros(0, np.int64)
    ranks = pc.rank(words, sort_keys="ascending", tiebreaker="dense")
    return np.asarray(ranks.to_numpy(zero_copy_only=False)).astype(np.int64)


def _of_quotients(vector: Vector, divisors: Ints) -> Array:
    """Quotients of small numbers differ as doubles wherever they differ at all; others are compared exactly."""
    if largest(vector.data) * largest(divisors) < _SURE_IN_DOUBLE:
        return vector.data / np.maximum(divisors, 1)
    return _of_objects(vector, None)


def _of_objects(vector: Vector, key: Callable[[Any], Any] | None) -> Array:
    found = np.zeros(len(vector), np.int64)
    rows = np.arange(len(vector)) if vector.present is None else np.flatnonzero(vector.present)
    values: list[Any] = list(results(vector, rows))
    if key is not None:
        values = [key(value) for value in values]
    ranks = {value: rank for rank, value in enumerate(sorted(set(values)))}
    found[rows] = [ranks[value] for value in values]
    return found


def reversed_places(data: Array) -> Array:
    """The same numbers in the opposite order."""
    found: Array = -data if data.dtype.kind == "f" else ~data
    return found


def in_order(keys: Sequence[Vector]) -> Ints | None:
    """The rows by these keys, nulls first, equal rows as they stand; None where all stand in order already."""
    columns: list[Array] = []
    for vector in keys:
        data = places(vector)
        if vector.present is not None and not vector.present.all():
            columns.append(vector.present)
            data = np.where(vector.present, data, data.dtype.type(0))
        columns.append(data)
    if _stand_in_order(columns):
        return None
    return _sorted(columns)


def _sorted(columns: Sequence[Array]) -> Ints:
    """The rows by these columns. Only rows that the first column does not tell apart are compared in the others."""
    rows = np.argsort(columns[0])
    first = columns[0][rows]
    same = first[1:] == first[:-1]
    if not same.any():
        return rows
    tied = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
    if len(tied) > len(rows) // 2:
        return np.lexsort(columns[::-1])
    among = np.sort(rows[tied])
    rows[tied] = among[np.lexsort([column[among] for column in columns[::-1]])]
    return rows


def _stand_in_order(columns: Sequence[Array]) -> bool:
    equal: Flags | None = None
    for column in columns:
        before, after = column[:-1], column[1:]
        worse = after < before
        if (worse if equal is None else worse & equal).any():
            return False
        same = after == before
        equal = same if equal is None else same & equal
    return True


def stable_order(codes: Ints, bound: int) -> Ints:
    """The rows by codes from 0 up to `bound`, equal ones as they stand.

    Method: code and row in one number, since whole numbers sort many times faster than they can be sorted indirectly.
    """
    bits = max(len(codes) - 1, 1).bit_length()
    if max(bound, 1).bit_length() + bits > 62:
        return _sorted([codes])
    packed = (codes.astype(np.int64, copy=False) << bits) | np.arange(len(codes))
    packed.sort()
    rows: Ints = packed & ((1 << bits) - 1)
    return rows
