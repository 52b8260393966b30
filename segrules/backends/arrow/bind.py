"""Arrow arrays in the catalogue's types into vectors; buffers are shared wherever they can be read as they are."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.backends.arrow.vectors import Array, Flags, Kind, Vector, missing
from segrules.sources.plain import cells
from segrules.types.types import Type

_WORD = 2**64


def bind(of: Type, array: pa.Array) -> Vector:
    """A column of a batch as a vector; its type is one that `sources` gives for a column of type `of`.

    NaN is missing already. Text may be `string`, `large_string`, `string_view`, or a dictionary of these.
    """
    kind = array.type
    present = presence(array)
    if at.is_dictionary(kind):
        return _coded(array, present)
    if at.is_boolean(kind):
        return Vector(Kind.FLAG, _bits(array, 1), present)
    if at.is_integer(kind):
        return _whole(of, array, present)
    if at.is_floating(kind):
        return _floats(array, present)
    if at.is_decimal(kind):
        return _decimals(of, array, present)
    if at.is_date32(kind):
        return Vector(Kind.DAY, _numbers(array, np.int32), present)
    if at.is_timestamp(kind):
        return Vector(Kind.INSTANT, _numbers(array, np.int64), present)
    if at.is_list(kind):
        return Vector(Kind.CODE, np.arange(len(array)), present, dictionary=array)
    if at.is_null(kind):
        return missing(len(array))
    return _texts(array, present)


def presence(array: pa.Array) -> Flags | None:
    """Where an array has a value, None where it has one everywhere."""
    if array.null_count == 0:
        return None
    if at.is_dictionary(array.type) and array.dictionary.null_count:
        return np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False))
    if array.buffers()[0] is None:
        return np.asarray(array.is_valid().to_numpy(zero_copy_only=False))
    return _bits(array, 0)


def _bits(array: pa.Array, which: int) -> Flags:
    if len(array) == 0:
        return np.zeros(0, np.bool_)
    start, stop = array.offset // 8, (array.offset + len(array) + 7) // 8
    packed = np.frombuffer(array.buffers()[which], np.uint8)[start:stop]
    first = array.offset % 8
    return np.unpackbits(packed, bitorder="little")[first : first + len(array)].view(np.bool_)


def _numbers(array: pa.Array, of: type) -> Array:
    if len(array) == 0:
        return np.zeros(0, of)
    return np.frombuffer(array.buffers()[1], of)[array.offset : array.offset + len(array)]


def _whole(of: Type, array: pa.Array, present: Flags | None) -> Vector:
    data = _numbers(array, array.type.to_pandas_dtype())
    if data.dtype == np.uint64:
        largest = int(data.max() if present is None else data[present].max(initial=0)) if len(data) else 0
        if largest > np.iinfo(np.int64).max:
            return _objects(of, array, present)
        data = data.view(np.int64)
    return Vector(Kind.NUMBER, data, present)


def _floats(array: pa.Array, present: Flags | None) -> Vector:
    data = _numbers(array, array.type.to_pandas_dtype())
    if data.dtype != np.float64:
        data = data.astype(np.float64)
    without = np.isnan(data)
    if without.any():
        present = ~without if present is None else present & ~without
        data = np.where(without, 0.0, data)
    return Vector(Kind.FLOAT, data, present)


def _decimals(of: Type, array: pa.Array, present: Flags | None) -> Vector:
    """Decimals as whole numbers over a power of ten, read out of their lowest 64 bits where these hold them all."""
    if not 0 <= array.type.scale <= 18:
        return _objects(of, array, present)
    words = array.type.bit_width // 64
    if words < 2:
        return _decimals(of, array.cast(pa.decimal128(array.type.precision, array.type.scale)), present)
    if len(array) == 0:
        return Vector(Kind.NUMBER, np.zeros(0, np.int64), present, denominator=10**array.type.scale)
    table = np.frombuffer(array.buffers()[1], np.int64).reshape(-1, words)[array.offset : array.offset + len(array)]
    low = np.ascontiguousarray(table[:, 0])
    if array.type.precision > 18:
        fits = (table[:, 1:] == (low >> 63)[:, None]).all(axis=1)
        if not (fits if present is None else fits | ~present).all():
            return _objects(of, array, present)
    return Vector(Kind.NUMBER, low, present, denominator=10**array.type.scale)


def _objects(of: Type, array: pa.Array, present: Flags | None) -> Vector:
    data = np.empty(len(array), object)
    data[:] = cells(of, pa.chunked_array([array]))
    return Vector(Kind.OBJECT, data, present)


def _coded(array: pa.Array, present: Flags | None) -> Vector:
    """Codes as narrow as the dictionary allows; where there is no value a narrow one may be any, a wide one is 0."""
    texts = array.dictionary
    if not at.is_string(texts.type):
        texts = texts.cast(pa.string())
    codes = _numbers(array.indices, array.indices.type.to_pandas_dtype())
    if texts.null_count:
        texts = texts.fill_null("")
    narrow = np.uint8 if len(texts) <= 256 else np.uint16 if len(texts) <= 65_536 else np.int32
    if present is not None and narrow is np.int32:
        codes = np.where(present, codes, 0)
    return Vector(Kind.CODE, codes.astype(narrow, copy=False), present, dictionary=texts, distinct=False)


def _texts(array: pa.Array, present: Flags | None) -> Vector:
    if at.is_string_view(array.type) or not at.is_string(array.type):
        array = array.cast(pa.string())
    encoded = array.dictionary_encode()
    made = _coded(encoded, present)
    return Vector(Kind.CODE, made.data, present, dictionary=made.dictionary, distinct=True)
