"""Text that stands for values, of CSV files and Hive partitions, into the catalogue's type, exactly or not at all.

Nothing is trimmed or guessed; each distinct text is read once.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar, assert_never

import pyarrow as pa
import pyarrow.compute as pc

from segrules.ir.catalogue import CsvOptions
from segrules.sources import swift
from segrules.sources.cast import Cast, Fault, LocalTimes, Zones, instants, without_nan
from segrules.sources.clocks import microseconds, to_instants
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

_Read = TypeVar("_Read")

_WHOLE = re.compile(r"[+-]?[0-9]{1,38}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,38}(?:\.[0-9]{0,38})?|\.[0-9]{1,38})")
_FLOAT = re.compile(
    r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?|nan)", re.IGNORECASE | re.ASCII
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INT64 = range(-(2**63), 2**63)


def parse(array: pa.Array, to: Type, options: CsvOptions, zones: Zones) -> Cast | None:
    """Read texts as values of type `to`; null stays null. None for lists, which text has no way to hold.

    Booleans are `true`, `false`, `1` and `0` in any case; dates and timestamps follow the table's formats, and
    ISO 8601 with a time of day where no timestamp format is declared; an offset in the text makes an instant,
    without one the time is local.
    """
    match to:
        case TextType():
            return Cast(array)
        case IntegerType():
            if (read := swift.whole_numbers(array)) is not None:
                return Cast(read)
            return _by_distinct(array, _whole, _whole_array, "cannot be read as whole numbers", None)
        case DecimalType() | MoneyType():
            if options.decimal_mark == "." and (read := swift.decimals(array)) is not None:
                return Cast(read)
            return _numbers(array, _decimal, _decimal_array, options)
        case FloatType():
            if options.decimal_mark == "." and (read := swift.floats(array)) is not None:
                return Cast(without_nan(read))
            made = _numbers(array, _float, lambda found: pa.array(found, pa.float64(), from_pandas=False), options)
            return Cast(without_nan(made.values), made.faults)
        case BooleanType():
            return _by_distinct(
                array,
                lambda text: _BOOLEANS.get(text.lower()),
                lambda found: pa.array(found, pa.bool_()),
                "are neither true nor false",
                "write `true` or `false`",
            )
        case DateType():
            if options.date_format == "%Y-%m-%d" and (read := swift.days(array)) is not None:
                return Cast(read)
            why = f"cannot be read as dates with the format `{options.date_format}`"
            return _by_distinct(
                array,
                lambda text: _date(text, options.date_format),
                lambda found: pa.array(found, pa.date32()),
                why,
                "set `date_format` as the file writes its dates",
            )
        case TimestampType():
            return _timestamps(array, options, zones)
        case ListType() | UnknownType():
            return None
        case _:
            assert_never(to)


def _by_distinct(
    array: pa.Array,
    read: Callable[[str], _Read | None],
    build: Callable[[list[_Read | None]], pa.Array],
    why: str,
    remedy: str | None,
) -> Cast:
    encoded = pc.dictionary_encode(array)
    found = [read(text) for text in encoded.dictionary.to_pylist()]
    wrong = pa.array([value is None for value in found], pa.bool_())
    mask = pc.fill_null(pc.take(wrong, encoded.indices), False)
    return Cast(pc.take(build(found), encoded.indices), (Fault(mask, why, remedy),))


def _numbers(
    array: pa.Array,
    read: Callable[[str], _Read | None],
    build: Callable[[list[_Read | None]], pa.Array],
    options: CsvOptions,
) -> Cast:
    mark = options.decimal_mark
    other = "," if mark == "." else "."

    def with_mark(text: str) -> _Read | None:
        return None if mark != "." and "." in text else read(text.replace(mark, "."))

    return _by_distinct(
        array,
        with_mark,
        build,
        f"cannot be read as numbers with the decimal mark `{mark}`",
        f'write digits only, without signs for thousands, or set `decimal_mark: "{other}"`',
    )


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _whole_array(found: list[int | None]) -> pa.Array:
    if all(value is None or value in _INT64 for value in found):
        return pa.array(found, pa.int64())
    return pa.array([None if value is None else Decimal(value) for value in found], pa.decimal128(38, 0))


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def _decimal_array(found: list[Decimal | None]) -> pa.Array:
    """Decimals of at most 38 digits on either side of the point, in a type that has them all."""
    parts = [value.as_tuple() for value in found if value is not None]
    # Invariant: `_DECIMAL` lets through neither exponents nor infinities, so exponents are whole and not above 0.
    scale = max((-int(part.exponent) for part in parts), default=0)
    whole = max((len(part.digits) + int(part.exponent) for part in parts), default=0)
    precision = max(whole, 0) + scale
    if precision <= 38:
        return pa.array(found, pa.decimal128(38, scale))
    return pa.array(found, pa.decimal256(76, 38))


def _float(text: str) -> float | None:
    return float(text) if _FLOAT.fullmatch(text) else None


def _date(text: str, pattern: str) -> date | None:
    try:
        if pattern == "%Y-%m-%d":
            return date.fromisoformat(text) if _DAY.fullmatch(text) else None
        return datetime.strptime(text, pattern).date()
    except ValueError:
        return None


def _moment(text: str, pattern: str | None) -> datetime | None:
    try:
        if pattern is not None:
            return datetime.strptime(text, pattern)
        return datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
    except ValueError:
        return None


def _timestamps(array: pa.Array, options: CsvOptions, zones: Zones) -> Cast:
    quick = swift.instants(array) if options.timestamp_format is None else None
    if quick is not None:
        made, _ = instants(quick, zones)
        if made.null_count == array.null_count:
            return Cast(made)
    quick = swift.local_times(array) if options.timestamp_format is None else None
    if quick is not None:
        read = to_instants(quick, zones.local)
        made, _ = instants(read.utc, zones)
        if made.null_count == array.null_count:
            return Cast(made, (), LocalTimes(quick, read.kinds))
    encoded = pc.dictionary_encode(array)
    found = [_moment(text, options.timestamp_format) for text in encoded.dictionary.to_pylist()]
    local = pa.array([_local(moment) for moment in found], pa.int64())
    read = to_instants(local, zones.local)
    exact = pa.array([_utc(moment) for moment in found], pa.int64())
    values, _ = instants(pc.coalesce(exact, read.utc), zones)
    mask = pc.and_(pc.is_null(pc.take(values, encoded.indices)), pc.is_valid(array))
    pattern = options.timestamp_format
    expected = f"with the format `{pattern}`" if pattern else "such as `2026-01-31 12:00:00`"
    why = f"cannot be read as timestamps {expected}"
    return Cast(
        pc.take(values, encoded.indices),
        (Fault(mask, why, "set `timestamp_format` as the file writes its times"),),
        LocalTimes(pc.take(local, encoded.indices), pc.fill_null(pc.take(read.kinds, encoded.indices), 0)),
    )


def _local(moment: datetime | None) -> int | None:
    return None if moment is None or moment.tzinfo is not None else microseconds(moment)


def _utc(moment: datetime | None) -> int | None:
    # Differences of aware datetimes are taken in UTC and never leave the range of int64.
    return None if moment is None or moment.tzinfo is None else microseconds(moment)
