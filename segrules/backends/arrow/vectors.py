"""Columns as the engine computes with them: numpy arrays beside masks that say where there is a value.

Numbers stay exact: whole numbers over one common denominator, doubles only where the data hold doubles.
What fits neither (numbers beyond 64 bits, mixed kinds) stands as Python objects and takes the slow, exact way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from segrules.reference.values import MISSING, NONE, Absent, Doubt, Result
from segrules.types.instants import EPOCH, EPOCH_DAY, microseconds

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Array = npt.NDArray[Any]

_INT64 = np.iinfo(np.int64)
_NO_DOUBTS: Mapping[int, Doubt] = {}


class Kind(Enum):
    """What the numbers in a vector's `data` stand for."""

    NUMBER = "whole numbers, to be divided by `denominator` and, where there are some, by `divisors`"
    FLOAT = "doubles without NaN"
    FLAG = "true and false"
    CODE = "places in `dictionary`, an Arrow array of texts or of lists of text"
    DAY = "days since 1970"
    INSTANT = "microseconds since 1970, in UTC"
    OBJECT = "Python values as the reference interpreter has them"


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """One value for each row.

    `present` says where there is a value (everywhere where it is None), `none` where there is none because there is
    no such thing; all other rows are missing. A number may be in doubt: a count stands for every whole number from
    `data` to `upper`; what was computed from such counts is listed by row in `doubts`, and is not `present`.
    """

    kind: Kind
    data: Array
    present: Flags | None = None
    none: Flags | None = None
    denominator: int = 1
    divisors: Ints | None = None
    dictionary: Any = None  # an Arrow array
    distinct: bool = False
    upper: Ints | None = None
    doubts: Mapping[int, Doubt] = field(default_factory=lambda: _NO_DOUBTS)

    def __len__(self) -> int:
        return len(self.data)

    def slice(self, start: int, stop: int) -> "Vector":
        """Rows from `start` up to `stop`, sharing memory."""
        if start == 0 and stop >= len(self.data):
            return self
        doubts = _NO_DOUBTS
        if self.doubts:
            doubts = {row - start: doubt for row, doubt in self.doubts.items() if start <= row < stop}
        return Vector(
            self.kind,
            self.data[start:stop],
            _cut(self.present, start, stop),
            _cut(self.none, start, stop),
            self.denominator,
            _cut(self.divisors, start, stop),
            self.dictionary,
            self.distinct,
            _cut(self.upper, start, stop),
            doubts,
        )

    def take(self, rows: Array) -> "Vector":
        """The values of the rows with these numbers, in this order."""
        doubts: Mapping[int, Doubt] = _NO_DOUBTS
        if self.doubts:
            places = np.flatnonzero(np.isin(rows, np.fromiter(self.doubts, np.int64)))
            doubts = {int(place): self.doubts[int(rows[place])] for place in places}
        return replace(
            self,
            data=self.data[rows],
            present=_taken(self.present, rows),
            none=_taken(self.none, rows),
            divisors=_taken(self.divisors, rows),
            upper=_taken(self.upper, rows),
            doubts=doubts,
        )

    @property
    def known(self) -> Flags:
        """Where the value is neither missing nor none: numbers in doubt are known."""
        known = np.ones(len(self), np.bool_) if self.present is None else self.present
        if self.doubts:
            known = known.copy()
            known[list(self.doubts)] = True
        return known

    @property
    def doubtful(self) -> bool:
        """Whether a number of some row is in doubt."""
        return bool(self.doubts) or self.upper is not None


def _cut(array: Any, start: int, stop: int) -> Any:
    return None if array is None else array[start:stop]


def _taken(array: Any, rows: Array) -> Any:
    return None if array is None else array[rows]


def both(one: Flags | None, other: Flags | None) -> Flags | None:
    """Rows in both masks; None stands for all rows."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def either(one: Flags | None, other: Flags | None) -> Flags | None:
    """Rows in one of the masks; None stands for no row."""
    if one is None or other is None:
        return other if one is None else one
    return one | other


# --- making vectors -------------------------------------------------------------------------------


def constant(value: Any, rows: int) -> Vector:
    """The same Python value in every row."""
    match value:
        case bool():
            return Vector(Kind.FLAG, np.broadcast_to(np.bool_(value), rows))
        case int() | Fraction():
            exact = Fraction(value)
            if _INT64.min <= exact.numerator <= _INT64.max:
                data = np.broadcast_to(np.array(exact.numerator, np.int64), rows)
                return Vector(Kind.NUMBER, data, denominator=exact.denominator)
        case float():
            return Vector(Kind.FLOAT, np.broadcast_to(np.float64(value), rows))
        case str():
            codes = np.broadcast_to(np.uint8(0), rows)
            return Vector(Kind.CODE, codes, dictionary=pa.array([value]), distinct=True)
        case datetime():
            return Vector(Kind.INSTANT, np.broadcast_to(np.int64(microseconds(value)), rows))
        case date():
            return Vector(Kind.DAY, np.broadcast_to(np.int64(value.toordinal() - EPOCH_DAY), rows))
        case _:
            pass
    data = np.empty(rows, object)
    data.fill(value)
    return Vector(Kind.OBJECT, data)


def missing(rows: int) -> Vector:
    """No row has a value."""
    return Vector(Kind.NUMBER, np.zeros(rows, np.int64), np.zeros(rows, np.bool_))


def of_results(results: Sequence[Result]) -> Vector:
    """Values as the reference interpreter has them; numbers that fit come back as numbers."""
    rows = len(results)
    present = np.fromiter((not isinstance(item, Absent | Doubt) for item in results), np.bool_, rows)
    none = np.fromiter((item is NONE for item in results), np.bool_, rows)
    doubts = {row: item for row, item in enumerate(results) if isinstance(item, Doubt)}
    data = np.empty(rows, object)
    for row, item in enumerate(results):
        data[row] = item if present[row] else None
    made = _as_numbers(data, present)
    return replace(made, none=none if none.any() else None, doubts=doubts)


def _as_numbers(data: Array, present: Flags) -> Vector:
    """An object vector as whole numbers over a denominator where they fit, else as it is."""
    values = [value for value, there in zip(data, present, strict=True) if there]
    if values and all(type(value) in (int, Fraction) for value in values):
        denominator = 1
        for value in values:
            step = Fraction(value).denominator
            denominator = denominator // gcd(denominator, step) * step
            if denominator > 10**15:
                return Vector(Kind.OBJECT, data, present)
        scaled = [0 if value is None else int(value * denominator) for value in data]
        if all(_INT64.min < number <= _INT64.max for number in scaled):
            return Vector(Kind.NUMBER, np.array(scaled, np.int64), present, denominator=denominator)
    return Vector(Kind.OBJECT, data, present)


# --- vectors as Python values ---------------------------------------------------------------------


def results(vector: Vector, rows: Array | None = None) -> list[Result]:
    """The values of all rows, or of some, as the reference interpreter has them."""
    if rows is not None:
        vector = vector.take(rows)
    values: list[Any] = _plain(vector)
    if vector.present is not None:
        for row in np.flatnonzero(~vector.present).tolist():
            values[row] = MISSING
    if vector.none is not None:
        for row in np.flatnonzero(vector.none).tolist():
            values[row] = NONE
    if vector.upper is not None:
        for row in np.flatnonzero(vector.upper != vector.data).tolist():
            if vector.present is None or vector.present[row]:
                values[row] = Doubt(frozenset(range(int(vector.data[row]), int(vector.upper[row]) + 1)))
    for row, doubt in vector.doubts.items():
        values[row] = doubt
    return values


def _plain(vector: Vector) -> list[Any]:
    match vector.kind:
        case Kind.NUMBER:
            numbers = vector.data.tolist()
            if vector.divisors is not None:
                parts = zip(numbers, vector.divisors.tolist(), strict=True)
                return [Fraction(number, vector.denominator * (part or 1)) for number, part in parts]
            if vector.denominator == 1:
                return list(numbers)
            return [Fraction(number, vector.denominator) for number in numbers]
        case Kind.FLOAT:
            return [value if value - value != 0 else Fraction(value) for value in vector.data.tolist()]
        case Kind.FLAG:
            return list(vector.data.tolist())
        case Kind.CODE:
            return _looked_up(vector)
        case Kind.DAY:
            return [date.fromordinal(day + EPOCH_DAY) if _in_years(day) else None for day in vector.data.tolist()]
        case Kind.INSTANT:
            return [_instant(number) for number in vector.data.tolist()]
        case Kind.OBJECT:
            return list(vector.data)


def _looked_up(vector: Vector) -> list[Any]:
    assert vector.dictionary is not None
    there = vector.present if vector.present is not None else np.ones(len(vector), np.bool_)
    used, inverse = np.unique(vector.data[there], return_inverse=True)
    texts = vector.dictionary.take(pa.array(used.astype(np.int64))).to_pylist()
    listed = pa.types.is_list(vector.dictionary.type)
    values: list[Any] = [None] * len(vector)
    for row, place in zip(np.flatnonzero(there).tolist(), inverse.tolist(), strict=True):
        values[row] = tuple(texts[place]) if listed else texts[place]
    return values


def _in_years(day: int) -> bool:
    return 1 <= day + EPOCH_DAY <= date.max.toordinal()


def _instant(number: int) -> datetime | None:
    try:
        return EPOCH + timedelta(microseconds=number)
    except OverflowError:
        return None  # what stands where there is no value


# --- joining --------------------------------------------------------------------------------------


def joined(parts: Sequence[Vector]) -> Vector:
    """Vectors of the same column one after the other."""
    if len(parts) == 1:
        return parts[0]
    if len({part.kind for part in parts}) > 1 or len({part.denominator for part in parts}) > 1:
        return of_results([value for part in parts for value in results(part)])
    first = parts[0]
    lengths = [len(part) for part in parts]
    starts = np.cumsum([0, *lengths[:-1]])
    doubts = {
        int(start) + row: doubt for start, part in zip(starts, parts, strict=True) for row, doubt in part.doubts.items()
    }
    coded = first.kind is Kind.CODE
    data, dictionary = _one_dictionary(parts) if coded else (np.concatenate([part.data for part in parts]), None)
    return Vector(
        first.kind,
        data,
        _joined_masks([part.present for part in parts], lengths, default=True),
        _joined_masks([part.none for part in parts], lengths, default=False),
        first.denominator,
        _joined_numbers([part.divisors for part in parts], [np.ones(n, np.int64) for n in lengths]),
        dictionary,
        dictionary is not None and pa.types.is_string(dictionary.type),
        _joined_numbers([part.upper for part in parts], [part.data for part in parts]),
        doubts,
    )


def _joined_masks(masks: Sequence[Flags | None], lengths: Sequence[int], *, default: bool) -> Flags | None:
    if all(mask is None for mask in masks):
        return None
    full = [np.full(n, default) if mask is None else mask for mask, n in zip(masks, lengths, strict=True)]
    return np.concatenate(full)


def _joined_numbers(arrays: Sequence[Ints | None], defaults: Sequence[Array]) -> Ints | None:
    if all(array is None for array in arrays):
        return None
    return np.concatenate([d if array is None else array for array, d in zip(arrays, defaults, strict=True)])


def _one_dictionary(parts: Sequence[Vector]) -> tuple[Array, pa.Array]:
    dictionaries = [part.dictionary for part in parts]
    if pa.types.is_list(dictionaries[0].type):
        starts = np.cumsum([0, *(len(item) for item in dictionaries[:-1])])
        data = np.concatenate([part.data.astype(np.int64) + at for part, at in zip(parts, starts, strict=True)])
        return data, pa.concat_arrays(dictionaries)
    together = pa.chunked_array(dictionaries).dictionary_encode().combine_chunks()
    codes = together.indices.to_numpy(zero_copy_only=False)
    maps = np.split(codes, np.cumsum([len(item) for item in dictionaries])[:-1])
    data = np.concatenate(
        [to[part.data] if len(to) else np.zeros(len(part), np.int32) for part, to in zip(parts, maps, strict=True)]
    )
    return data, together.dictionary


def unified(one: Vector, other: Vector) -> tuple[Array, Array, pa.Array]:
    """The codes of two text vectors over one dictionary without repetitions, and that dictionary."""
    data, dictionary = _one_dictionary([one, other])
    return data[: len(one)], data[len(one) :], dictionary


def lookup(table: Array, vector: Vector) -> Array:
    """What `table` (one entry for each text of the dictionary) says for each row; anything where there is no value."""
    if vector.data.itemsize < 4:  # where there is no value, a narrow code may be any
        table = np.concatenate([table, np.zeros(256**vector.data.itemsize - len(table), table.dtype)])
    return table[vector.data] if len(table) else np.zeros(len(vector), table.dtype)


def folded(texts: pa.Array) -> pa.Array:
    """Texts with the letters A to Z in small."""
    return pc.ascii_lower(texts)
