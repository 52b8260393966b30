"""Local times into instants: whole columns of microseconds at once, and which of them a clock change touches."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_DAY, _HOUR = 86_400_000_000, 3_600_000_000
_MOST_DAYS = 2**20

REGULAR, SKIPPED, REPEATED = 0, 1, 2
"""What the clock makes of a local time: it shows once, never, or twice."""


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """Instants in microseconds since 1970, and what the clock made of every local time.

    `utc` is int64, null where the local time is null or the instant is none that Python can hold.
    `kinds` is int8, never null: `REGULAR`, `SKIPPED` or `REPEATED`.
    """

    utc: pa.Array
    kinds: pa.Array


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970, of an instant, or of a local time on its own clock.

    >>> microseconds(datetime(1970, 1, 2))
    86400000000
    """
    return (moment - (EPOCH if moment.tzinfo else _LOCAL_EPOCH)) // _MICROSECOND


def local_text(local: int) -> str:
    """A local time as people read it, from microseconds.

    >>> local_text(86_400_000_000)
    '1970-01-02 00:00:00'
    """
    return (_LOCAL_EPOCH + timedelta(microseconds=local)).isoformat(" ")


def first_and_last(zone: ZoneInfo) -> tuple[int, int]:
    """The first and the last instant that Python can write both in UTC and on the clock of `zone`."""
    first, last = microseconds(datetime.min), microseconds(datetime.max)
    after_first, after_last = (_offset(edge, zone, 0) for edge in (datetime.min, datetime.max))
    return max(first, first - after_first), min(last, last - after_last)


def floor_divide(values: pa.Array, by: int) -> pa.Array:
    """Whole division towards minus infinity, so that times before 1970 go to the earlier unit as all others do."""
    divided = pa.array(numbers(values) // by, pa.int64())
    return divided if not values.null_count else pc.if_else(pc.is_valid(values), divided, pa.scalar(None, pa.int64()))


def to_instants(local: pa.Array, zone: ZoneInfo) -> Instants:
    """Read local times (int64, microseconds on the zone's own clock) as instants.

    A repeated time is read as the first of the two, a skipped one with the offset before the change.
    """
    # Invariant: no zone changes its offset twice within two days (the least gap in tzdata is a week), so a day
    # with the same offset at both ends has no change in it, and only the few others are read time by time.
    if local.null_count == len(local):
        return Instants(local, _regular(len(local)))
    counts = numbers(pc.fill_null(local, 0))
    offsets, quiet = _offsets(counts // _DAY, zone)
    utc, kinds = pa.array(counts - offsets), _regular(len(local))
    if local.null_count:
        utc = pc.if_else(pc.is_valid(local), utc, pa.scalar(None, pa.int64()))
    if not quiet.all():
        busy = pc.and_(pa.array(~quiet), pc.is_valid(local))
        exact = _by_hours(local.filter(busy), zone)
        utc = pc.replace_with_mask(utc, busy, exact.utc)
        kinds = pc.replace_with_mask(kinds, busy, exact.kinds)
    return Instants(utc, kinds)


def numbers(counts: pa.Array) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """A column of int64 as numpy has it, without a copy; what stands under nulls may be anything."""
    if not len(counts):
        return np.empty(0, np.int64)
    return np.frombuffer(counts.buffers()[1], np.int64)[counts.offset : counts.offset + len(counts)]


def _regular(count: int) -> pa.Array:
    return pa.repeat(pa.scalar(REGULAR, pa.int8()), count)


def _offsets(
    days: "np.ndarray[tuple[int], np.dtype[np.int64]]", zone: ZoneInfo
) -> "tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.bool_]]]":
    """The offset on each of some days, and whether it is the same all day long; 0 where it is not."""
    first, last = int(days.min()), int(days.max())
    if last - first < _MOST_DAYS:
        there = np.zeros(last - first + 1, np.bool_)
        there[days - first] = True
        distinct = np.flatnonzero(there) + first
        places = (np.cumsum(there) - 1)[days - first]
    else:
        distinct, places = np.unique(days, return_inverse=True)
    found = [_quiet_offset(day, zone) for day in distinct.tolist()]
    by_day = np.array([offset or 0 for offset in found], np.int64)
    is_quiet = np.array([offset is not None for offset in found], np.bool_)
    return by_day[places], is_quiet[places]


def _offset(local: datetime, zone: ZoneInfo, fold: int) -> int:
    offset = zone.utcoffset(local.replace(fold=fold))
    # Invariant: a ZoneInfo of a named zone knows its offset for every date and time.
    assert offset is not None
    return offset // _MICROSECOND


@lru_cache(maxsize=2**16)
def _quiet_offset(day: int, zone: ZoneInfo) -> int | None:
    try:
        start = _LOCAL_EPOCH + timedelta(days=day)
        before = _offset(start - timedelta(days=1), zone, 0)
        after = _offset(start + timedelta(days=2), zone, 1)
    except OverflowError:  # the first and the last days that there are
        return None
    return before if before == after else None


@lru_cache(maxsize=2**16)
def _quiet_hour(hour: int, zone: ZoneInfo) -> int | None:
    try:
        ends = [_LOCAL_EPOCH + timedelta(hours=hour), _LOCAL_EPOCH + timedelta(hours=hour + 1) - _MICROSECOND]
        offsets = {_offset(end, zone, fold) for end in ends for fold in (0, 1)}
        for end in ends:
            end - timedelta(microseconds=max(offsets))
            end - timedelta(microseconds=min(offsets))
    except OverflowError:
        return None
    return offsets.pop() if len(offsets) == 1 else None


def _by_hours(local: pa.Array, zone: ZoneInfo) -> Instants:
    """Times on days with a change: of them, only those in the hours of the change are read one by one."""
    counts = numbers(local)
    distinct, places = np.unique(counts // _HOUR, return_inverse=True)
    found = [_quiet_hour(hour, zone) for hour in distinct.tolist()]
    offsets = np.array([offset or 0 for offset in found], np.int64)[places]
    busy = pa.array(np.array([offset is None for offset in found], np.bool_)[places])
    exact = _one_by_one(local.filter(busy), zone)
    return Instants(
        pc.replace_with_mask(pa.array(counts - offsets), busy, exact.utc),
        pc.replace_with_mask(_regular(len(local)), busy, exact.kinds),
    )


def _one_by_one(local: pa.Array, zone: ZoneInfo) -> Instants:
    encoded = pc.dictionary_encode(local)
    read = [_exact(value, zone) for value in encoded.dictionary.to_pylist()]
    return Instants(
        pc.take(pa.array([utc for utc, _ in read], pa.int64()), encoded.indices),
        pc.take(pa.array([kind for _, kind in read], pa.int8()), encoded.indices),
    )


def _exact(local: int, zone: ZoneInfo) -> tuple[int | None, int]:
    try:
        moment = _LOCAL_EPOCH + timedelta(microseconds=local)
        first, second = _offset(moment, zone, 0), _offset(moment, zone, 1)
        _LOCAL_EPOCH + timedelta(microseconds=local - first)
    except OverflowError:
        return None, REGULAR
    if first == second:
        return local - first, REGULAR
    return local - first, REPEATED if first > second else SKIPPED
