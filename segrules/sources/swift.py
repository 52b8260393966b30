"""Text into values by whole columns, for the spellings that Arrow reads just as `spelled` does.

Each function gives None where some text is anything else, right or wrong: then every text is read by itself.
"""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.sources.cast import INSTANT

_DIGITS = 38
_FIRST_DAY = -719_162  # 0001-01-01, in days since 1970
_SHORTEST_TIME = len("2026-01-31 12:00")


def whole_numbers(array: pa.Array) -> pa.Array | None:
    """Whole numbers of 64 bits.

    >>> whole_numbers(pa.array(["-007", None])).to_pylist(), whole_numbers(pa.array(["0x1F"]))
    ([-7, None], None)
    """
    # Arrow reads hexadecimal digits, too.
    return _cast(array, pa.int64()) if not _holds(array, "x", "X") else None


def floats(array: pa.Array) -> pa.Array | None:
    """Floats, infinities and NaN."""
    return _cast(array, pa.float64()) if not _holds(array, "(") else None


def decimals(array: pa.Array) -> pa.Array | None:
    """Decimals in the least scale that has all their digits, where 38 digits are enough for every text.

    >>> str(decimals(pa.array(["1.5", "-.25", "7"])).type), decimals(pa.array(["1e5"]))
    ('decimal128(38, 2)', None)
    """
    if not at.is_string(array.type) or _holds(array, "e", "E"):
        return None
    lengths = pc.binary_length(array)
    points = pc.find_substring(array, ".")
    after = pc.if_else(pc.less(points, 0), 0, pc.subtract(pc.subtract(lengths, points), 1))
    before = pc.subtract(lengths, after)
    scale = pc.max(after).as_py() or 0
    if (pc.max(before).as_py() or 0) + scale > _DIGITS:
        return None
    return _cast(array, pa.decimal128(_DIGITS, scale))


def days(array: pa.Array) -> pa.Array | None:
    """Days as ISO 8601 writes them."""
    read = _cast(array, pa.date32())
    if read is None or (pc.min(read.view(pa.int32())).as_py() or 0) < _FIRST_DAY:
        return None
    return read


def local_times(array: pa.Array) -> pa.Array | None:
    """Times of day without an offset, as ISO 8601 writes them, in microseconds (int64).

    >>> local_times(pa.array(["1970-01-01 00:01"])).to_pylist(), local_times(pa.array(["1970-01-01"]))
    ([60000000], None)
    """
    if not at.is_string(array.type):
        return None
    # Arrow reads days and hours alone, too.
    if (pc.min(pc.binary_length(array)).as_py() or _SHORTEST_TIME) < _SHORTEST_TIME:
        return None
    read = _cast(array, pa.timestamp("us"))
    if read is None:
        return None
    counted = read.view(pa.int64())
    return None if (pc.min(counted).as_py() or 0) < _FIRST_DAY * 86_400_000_000 else counted


def instants(array: pa.Array) -> pa.Array | None:
    """Times with the offset of UTC, as ISO 8601 writes them, in microseconds (int64).

    >>> instants(pa.array(["1970-01-01 00:01Z"])).to_pylist()
    [60000000]
    """
    if not at.is_string(array.type) or (pc.min(pc.binary_length(array)).as_py() or 0) <= _SHORTEST_TIME:
        return None
    # Arrow reads offsets of hours alone, too, and times of hours alone.
    is_utc = any(pc.all(pc.ends_with(array, mark)).as_py() for mark in ("Z", "+00:00"))
    if not is_utc or not pc.all(pc.equal(pc.utf8_slice_codeunits(array, 13, 14), ":")).as_py():
        return None
    read = _cast(array, INSTANT)
    return None if read is None else read.view(pa.int64())


def _holds(array: pa.Array, *marks: str) -> bool:
    return not at.is_string(array.type) or any(pc.any(pc.match_substring(array, mark)).as_py() for mark in marks)


def _cast(array: pa.Array, to: pa.DataType) -> pa.Array | None:
    if not at.is_string(array.type):
        return None
    try:
        return array.cast(to)
    except pa.ArrowInvalid:
        return None
