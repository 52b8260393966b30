"""Whether arrays are what Arrow's functions take them to be: they look at nothing, and read what is not there."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

_Numbers = np.ndarray[tuple[int], np.dtype[Any]]


def validate(array: pa.Array, *, sound: bool) -> None:
    """Look for damage: offsets, codes and text that would make a library read what is not there.

    `sound` is for data in memory: of these, only what a program can easily get wrong is looked at, and in no more
    than the rows at hand. Text is always looked at: nobody else does before Python makes texts of it.

    Raises:
        pa.ArrowException: there is damage.
        ValueError: there is damage.
    """
    if not sound:
        array.validate(full=True)
        return
    array.validate()
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        validate(array.storage, sound=True)
    elif at.is_dictionary(kind):
        check_codes(array)
        validate(array.dictionary, sound=True)
    elif at.is_string(kind) or at.is_large_string(kind):
        if not _is_ascii(array):
            array.validate(full=True)
    elif at.is_string_view(kind) or at.is_run_end_encoded(kind):
        array.validate(full=True)
    elif is_list(kind):
        _check_lists(array)
        validate(array.flatten(), sound=True)


def check_codes(array: pa.DictionaryArray) -> None:
    """Refuse codes beyond the dictionary.

    Raises:
        ValueError: there are some.
    """
    codes = pc.min_max(array.indices)
    most, least = codes["max"].as_py(), codes["min"].as_py()
    if most is not None and (least < 0 or most >= len(array.dictionary)):
        raise ValueError("a code of the dictionary is out of bounds")


def is_list(kind: pa.DataType) -> bool:
    """Whether a type holds lists, in any of Arrow's ways."""
    tests = (at.is_list, at.is_large_list, at.is_fixed_size_list, at.is_list_view, at.is_large_list_view)
    return any(test(kind) for test in tests)


def rebased(array: pa.Array) -> pa.Array:
    """Text (plain or wide) as it is, unless its first text begins behind the first byte of its buffer.

    Such arrays are allowed, and slices of wide text become such when they are made narrow; but `ascii_lower` and its
    like (pyarrow 22 to 26) give wrong texts for them, and read behind the end of the buffer.
    """
    if array.offset or not len(array):
        return array
    ends = _offsets(array)
    if not ends[0]:
        return array
    valid, _, data = array.buffers()
    shifted = pa.py_buffer(ends - ends[0])
    return pa.Array.from_buffers(array.type, len(array), [valid, shifted, data.slice(int(ends[0]))], array.null_count)


def _offsets(array: pa.Array) -> _Numbers:
    """Where the texts or lists of an array with rows begin, and where the last one ends."""
    kind = array.type
    of = np.int64 if at.is_large_string(kind) or at.is_large_list(kind) else np.int32
    return np.frombuffer(array.buffers()[1], of)[array.offset : array.offset + len(array) + 1]


def _is_ascii(array: pa.Array) -> bool:
    """Whether text is in order for sure, its bytes all being ASCII: ten times as fast as looking at every text."""
    if not len(array):
        return True
    ends, data = _offsets(array), array.buffers()[2]
    if data is None or not bool((ends[1:] >= ends[:-1]).all()):
        return False
    held = np.frombuffer(data, np.int8)[ends[0] : ends[-1]]
    return not len(held) or bool(held.min() >= 0)


def _check_lists(array: pa.Array) -> None:
    kind = array.type
    if not len(array) or at.is_fixed_size_list(kind):
        return
    if at.is_list(kind) or at.is_large_list(kind):
        ends = _offsets(array)
        in_order = 0 <= ends[0] <= ends[-1] <= len(array.values) and bool((ends[1:] >= ends[:-1]).all())
    else:
        starts = array.offsets.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        sizes = array.sizes.to_numpy(zero_copy_only=False).astype(np.int64, copy=False)
        room = len(array.values)
        # Invariant: neither number is above `room` where they are added, so that nothing wraps around.
        in_order = bool(((starts >= 0) & (sizes >= 0) & (starts <= room) & (sizes <= room - starts)).all())
    if not in_order:
        raise ValueError("a list begins or ends where it cannot")
