"""Values as whole numbers that are equal and ordered as the values are."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from segrules.backends.arrow import texts
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector, of_results, results
from segrules.reference.aggregates import order_key
from segrules.types.types import TextType, Type

_SIGN = np.int64(2**63 - 1)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Numbers for values, and the way back."""

    numbers: Ints
    back: Callable[[Ints], Vector]


def closed_list(of: Type) -> tuple[str, ...] | None:
    """The texts of a closed list with an order, in that order."""
    return of.values or () if isinstance(of, TextType) and of.ordered else None


def ranked(vector: Vector, of: Type | None = None) -> Ranked:
    """Present values as numbers: ordered as rules order values of type `of`, or as Python does where that is None."""
    kind, data = vector.kind, vector.data
    if kind in (Kind.DAY, Kind.INSTANT, Kind.FLAG) or (kind is Kind.NUMBER and vector.divisors is None):
        plain = Vector(kind, data[:0], denominator=vector.denominator)
        return Ranked(data.astype(np.int64, copy=False), lambda numbers: _again(plain, numbers))
    if kind is Kind.FLOAT:
        return Ranked(_bits(data), lambda numbers: Vector(Kind.FLOAT, _doubles(numbers)))
    if kind is Kind.CODE and texts.are_texts(vector):
        ordered = closed_list(of) if of is not None else None
        return _texts(vector, ordered)
    return _objects(vector, of)


def _again(plain: Vector, numbers: Ints) -> Vector:
    data = numbers.astype(np.bool_) if plain.kind is Kind.FLAG else numbers
    return Vector(plain.kind, data, denominator=plain.denominator)


def _bits(data: Array) -> Ints:
    """Doubles as whole numbers in the same order; both zeros are one."""
    bits: Ints = (data + 0.0).view(np.int64)
    return np.where(bits < 0, bits ^ _SIGN, bits)


def _doubles(numbers: Ints) -> Array:
    return np.where(numbers < 0, numbers ^ _SIGN, numbers).view(np.float64)


def _texts(vector: Vector, ordered: tuple[str, ...] | None) -> Ranked:
    assert vector.dictionary is not None
    if ordered is not None:
        found = texts.places(vector, ordered)
        assert found is not None
        if not len(found) or found.min() >= 0:
            words = pa.array(list(ordered), pa.string())
            return Ranked(found, lambda numbers: Vector(Kind.CODE, numbers, dictionary=words))
    entries = vector.dictionary.to_pylist()
    words = sorted(set(entries))
    places = {word: place for place, word in enumerate(words)}
    table = np.array([places[entry] for entry in entries], np.int64)
    numbers = table[vector.data] if len(table) else np.zeros(len(vector), np.int64)
    dictionary = pa.array(words, pa.string())
    return Ranked(numbers, lambda numbers: Vector(Kind.CODE, numbers, dictionary=dictionary, distinct=True))


def _objects(vector: Vector, of: Type | None) -> Ranked:
    """Values of every other kind by way of Python."""
    key = order_key(of) if of is not None else None
    values: list[Any] = results(vector)
    distinct = sorted(set(values), key=key)
    places = {value: place for place, value in enumerate(distinct)}
    numbers = np.array([places[value] for value in values], np.int64)
    return Ranked(numbers, lambda numbers: _looked_up(distinct, numbers))


def _looked_up(distinct: list[Any], numbers: Ints) -> Vector:
    return of_values([distinct[number] for number in numbers.tolist()])


def of_values(values: list[Any]) -> Vector:
    """Python values as a vector: texts with a dictionary, all else as it comes."""
    if values and all(isinstance(value, str) for value in values):
        encoded = pa.array(values, pa.string()).dictionary_encode()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        return Vector(Kind.CODE, codes, dictionary=encoded.dictionary, distinct=True)
    if values and all(isinstance(value, tuple) for value in values):
        lists = pa.array([list(value) for value in values], pa.list_(pa.string()))
        return Vector(Kind.CODE, np.arange(len(values)), dictionary=lists)
    return of_results(values)


def null_first(vector: Vector) -> Ints:
    """Ranks of a column by which rows are ordered: nulls come first, all else as Python orders cells."""
    present = vector.present
    if present is None:
        return ranked(vector).numbers
    kept = np.flatnonzero(present)
    found = np.zeros(len(vector), np.int64)
    distinct = np.unique(ranked(vector.take(kept)).numbers, return_inverse=True)
    found[kept] = distinct[1] + 1
    return found


def pairs(codes: Ints, numbers: Ints) -> tuple[Ints, int, Callable[[Ints], Ints]]:
    """Customers and numbers as one key each, ordered by customer and then number.

    Comes with how many keys each customer takes, and the way from a key's part back to the number.
    """
    if not len(numbers):
        return codes, 1, lambda part: part
    least, most = int(numbers.min()), int(numbers.max())
    width = most - least + 1
    if width * (int(codes.max()) + 1) < 2**62:
        return codes * width + (numbers - least), width, lambda part: part + least
    distinct, places = np.unique(numbers, return_inverse=True)
    return codes * len(distinct) + places, len(distinct), lambda part: distinct[part]
