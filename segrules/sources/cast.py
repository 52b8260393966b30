"""One chunk of a column as it is stored into the catalogue's type, exactly or not at all."""

from dataclasses import dataclass
from typing import Any, assert_never
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.sources.clocks import first_and_last, floor_divide, to_instants
from segrules.sources.sound import is_list, rebased
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    UnknownType,
)

INSTANT = pa.timestamp("us", "UTC")
"""How instants stand in Arrow once they are read."""

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_MICROSECONDS = 1_000_000
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # 0001-01-01 and 9999-12-31, in days since 1970


@dataclass(frozen=True, slots=True)
class Zones:
    """The zone in which a column's local times are read, and the zone in which days are counted."""

    local: ZoneInfo
    days: ZoneInfo


@dataclass(frozen=True, slots=True, eq=False)
class Fault:
    """Rows (a mask without nulls) whose value does not fit; `why` completes `holds 3 values that ...`."""

    mask: pa.Array
    why: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LocalTimes:
    """Local times (int64, microseconds) and what the clock makes of each (`clocks.REGULAR` and so on)."""

    local: pa.Array
    kinds: pa.Array


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """A chunk in the catalogue's type, null where the value does not fit, and what was found on the way."""

    values: pa.Array
    faults: tuple[Fault, ...] = ()
    times: LocalTimes | None = None


def as_stored(array: pa.Array) -> pa.Array:
    """Undo encodings that say how values are packed, not what they are: dictionaries, runs, views, extensions.

    Text and lists of text come out so that Arrow's functions are right on them, see `_list_as_stored`.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        # Text of a certain form is text all the same; other numbers than they seem (months, say) are no numbers.
        return as_stored(array.storage) if is_text(kind.storage_type) else array
    if at.is_run_end_encoded(kind):
        return _runs_as_stored(array)
    if at.is_dictionary(kind):
        return pc.take(as_stored(array.dictionary), array.indices)
    if at.is_string(kind):
        return rebased(array)
    if at.is_large_string(kind) or at.is_string_view(kind):
        return rebased(array.cast(pa.string()))
    if at.is_decimal32(kind) or at.is_decimal64(kind):
        return array.cast(pa.decimal128(kind.precision, kind.scale))
    if at.is_decimal(kind) and kind.scale < 0:
        return array.cast(pa.decimal256(76, 0))
    if at.is_float16(kind) or at.is_float32(kind):
        return array.cast(pa.float64())
    if is_list(kind):
        return _list_as_stored(array)
    return array


def is_text(kind: pa.DataType) -> bool:
    """Whether a type holds text: plain, wide, as views, or in a dictionary."""
    if at.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(at.is_string(kind) or at.is_large_string(kind) or at.is_string_view(kind))


def numbers(array: pa.Array, of: type[np.generic]) -> "np.ndarray[tuple[int], np.dtype[Any]]":
    """The buffer of a column of fixed width as numbers, without a copy; what stands under nulls may be anything."""
    if not len(array):
        return np.empty(0, of)
    return np.frombuffer(array.buffers()[1], of)[array.offset : array.offset + len(array)]


def _runs_as_stored(array: pa.RunEndEncodedArray) -> pa.Array:
    # Arrow itself decodes neither runs of views nor runs of dictionaries.
    first, last = array.offset, array.offset + len(array)
    ends = np.clip(array.run_ends.to_numpy().astype(np.int64), first, last)
    places = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=first))
    return pc.take(as_stored(array.values), pa.array(places))


def _list_as_stored(array: pa.Array) -> pa.Array:
    """Lists in any of Arrow's ways as `list`, the entries as `as_stored` has them.

    What comes out can be taken apart: the entries of all rows are `flatten`, one after the other, a list that is null
    has none, and `list_parent_indices` and functions on text are right. They are not where lists are cast, whose text
    keeps its old offsets (see `rebased`); where they are of fixed size, or null with entries; and of list views Arrow's
    casts are broken.
    """
    flat = array.flatten()
    entries = as_stored(flat)
    if entries is flat and at.is_list(array.type) and _is_contiguous(array, len(flat)):
        return array
    known = array.is_valid()
    ends = np.zeros(len(array) + 1, np.int64)
    np.cumsum(pc.if_else(known, pc.list_value_length(array), 0).to_numpy(zero_copy_only=False), out=ends[1:])
    if ends[-1] != len(entries):
        raise ValueError("its lists and their entries do not agree")
    mask = pc.invert(known) if array.null_count else None
    # Invariant: more entries than 32 bits can count are an error of Arrow's, not fewer entries.
    return pa.ListArray.from_arrays(pa.array(ends).cast(pa.int32()), entries, mask=mask)


def _is_contiguous(array: pa.ListArray, entries: int) -> bool:
    """Whether the lists have all the entries between the first and the last of them, and are named as all are."""
    ends = numbers(array.offsets, np.int32)
    return array.type.value_field.name == "item" and (not len(array) or int(ends[-1] - ends[0]) == entries)


def cast(array: pa.Array, to: Type, zones: Zones) -> Cast | None:
    """Bring what `as_stored` returned to the catalogue's type; None where the stored type is another.

    Whole numbers stay in the stored width, decimals in the stored scale; NaN becomes null; instants become
    microseconds in UTC, earlier ones where finer units were stored.
    """
    if at.is_null(array.type):
        return Cast(array.cast(arrow_type(to)))
    match to:
        case IntegerType():
            return _whole(array)
        case DecimalType() | MoneyType():
            return Cast(array) if _is_exact_number(array.type) else None
        case FloatType():
            if at.is_float64(array.type):
                return Cast(without_nan(array))
            return Cast(array) if _is_exact_number(array.type) else None
        case BooleanType():
            return Cast(array) if at.is_boolean(array.type) else None
        case TextType():
            return Cast(array) if is_text(array.type) else None
        case DateType():
            return _date(array)
        case TimestampType():
            return _timestamp(array, zones) if at.is_timestamp(array.type) else None
        case ListType():
            return _texts(array)
        case UnknownType():
            return None
        case _:
            assert_never(to)


def arrow_type(of: Type) -> pa.DataType:
    """The Arrow type in which a column without any value stands."""
    match of:
        case IntegerType():
            return pa.int64()
        case DecimalType() | MoneyType():
            return pa.decimal128(38, 0)
        case FloatType():
            return pa.float64()
        case BooleanType():
            return pa.bool_()
        case TextType() | UnknownType():
            return pa.string()
        case DateType():
            return pa.date32()
        case TimestampType():
            return INSTANT
        case ListType():
            return pa.list_(pa.string())
        case _:
            assert_never(of)


def without_nan(array: pa.Array) -> pa.Array:
    """NaN into null; the array itself where it holds none."""
    # The least number is NaN if any number is; under nulls there may be NaN that nobody asks for.
    if not len(array) or not np.isnan(numbers(array, np.float64).min()):
        return array
    if array.null_count and not pc.any(pc.is_nan(array)).as_py():
        return array
    return pc.if_else(pc.is_nan(array), pa.scalar(None, array.type), array)


def instants(utc: pa.Array, zones: Zones) -> tuple[pa.Array, pa.Array]:
    """Microseconds since 1970 into timestamps, null where Python has no such year, and the mask of those rows."""
    first, last = first_and_last(zones.days)
    outside = _mask(pc.or_(pc.less(utc, first), pc.greater(utc, last)))
    return _nulled(utc, outside).cast(INSTANT), outside


def too_fine(array: pa.Array, scale: int) -> Fault | None:
    """The rows of an exact number that have more digits after the point than `scale`."""
    if not at.is_decimal(array.type) or array.type.scale <= scale:
        return None
    mask = _mask(pc.not_equal(array, pc.round(array, ndigits=scale, round_mode="towards_zero")))
    digits = "1 digit" if scale == 1 else f"{scale} digits"
    return Fault(mask, f"have more than {digits} after the point", "correct the values, or declare a larger `scale`")


def _mask(mask: pa.Array) -> pa.Array:
    return pc.fill_null(mask, False)


def _nulled(array: pa.Array, mask: pa.Array) -> pa.Array:
    return pc.if_else(mask, pa.scalar(None, array.type), array)


def _is_exact_number(kind: pa.DataType) -> bool:
    return bool(at.is_integer(kind) or at.is_decimal(kind))


def _whole(array: pa.Array) -> Cast | None:
    if at.is_integer(array.type):
        return Cast(array)
    if not at.is_decimal(array.type):
        return None
    fault = too_fine(array, 0)
    return Cast(array, (Fault(fault.mask, "are not whole"),) if fault else ())


def _date(array: pa.Array) -> Cast | None:
    # Libraries without a type for days write midnights without a zone; those, and only those, are days.
    is_local = at.is_timestamp(array.type) and array.type.tz is None
    if not (at.is_date(array.type) or is_local):
        return None
    if at.is_date32(array.type) and _within(array, pa.int32(), _FIRST_DAY, _LAST_DAY):
        return Cast(array)
    days = array.cast(pa.date32(), safe=False)
    back = days.cast(array.type, safe=False)
    remedy = "declare `type: timestamp`, or store the day alone"
    uneven = _mask(pc.not_equal(back, array))
    number = days.cast(pa.int32())
    outside = _mask(pc.or_(pc.less(number, _FIRST_DAY), pc.greater(number, _LAST_DAY)))
    return Cast(
        _nulled(days, pc.or_(uneven, outside)),
        (
            Fault(uneven, "have a time of day", remedy),
            Fault(outside, "lie outside the years 1 to 9999", "store null where there is no date"),
        ),
    )


def _within(array: pa.Array, counts: pa.DataType, first: int, last: int) -> bool:
    ends = pc.min_max(array.view(counts))
    least, most = ends["min"].as_py(), ends["max"].as_py()
    return least is None or (first <= least and most <= last)


def _timestamp(array: pa.Array, zones: Zones) -> Cast:
    is_instant = array.type.tz is not None and array.type.unit == "us"
    if is_instant and _within(array, pa.int64(), *first_and_last(zones.days)):
        return Cast(array.view(INSTANT))
    utc_or_local, beyond = _in_microseconds(array.cast(pa.int64()), array.type.unit)
    times: LocalTimes | None = None
    utc = utc_or_local
    if array.type.tz is None:
        read = to_instants(utc_or_local, zones.local)
        utc = read.utc
        times = LocalTimes(utc_or_local, read.kinds)
        beyond = pc.or_(beyond, pc.and_(pc.is_null(utc), pc.is_valid(utc_or_local)))
    values, outside = instants(utc, zones)
    fault = Fault(pc.or_(outside, beyond), "lie outside the years 1 to 9999", "store null where there is no time")
    return Cast(values, (fault,), times)


def _in_microseconds(stored: pa.Array, unit: str) -> tuple[pa.Array, pa.Array]:
    """Counts of `unit` as microseconds, the earlier one where `unit` is finer, and the mask of those too large."""
    per_second = _PER_SECOND[unit]
    nowhere = pa.repeat(pa.scalar(False), len(stored))
    if per_second > _MICROSECONDS:
        return floor_divide(stored, per_second // _MICROSECONDS), nowhere
    factor = _MICROSECONDS // per_second
    most = (2**63 - 1) // factor
    beyond = _mask(pc.or_(pc.less(stored, -most), pc.greater(stored, most)))
    return pc.multiply(_nulled(stored, beyond), factor), beyond


def _texts(array: pa.Array) -> Cast | None:
    if not at.is_list(array.type):
        return None
    if at.is_null(array.type.value_type):
        array = array.cast(pa.list_(pa.string()))
    if not at.is_string(array.type.value_type):
        return None
    flat = pc.list_flatten(array)
    if flat.null_count == 0:
        return Cast(array)
    parents = pc.list_parent_indices(array).filter(pc.is_null(flat))
    rows = pa.array(range(len(array)), pa.int64())
    holed = pc.is_in(rows, value_set=pc.unique(parents).cast(pa.int64()))
    return Cast(
        _list_as_stored(_nulled(array, holed)), (Fault(holed, "have null as an entry", "leave such entries out"),)
    )
