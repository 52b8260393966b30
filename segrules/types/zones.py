"""Time zones, the same on every system: always from the `tzdata` package, never from the machine."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_TICK = timedelta(microseconds=1)
_FAR = timedelta(hours=27)


class _Zone(ZoneInfo):
    """A zone that is pickled and copied by its name: one from a stream would refuse."""

    def __reduce__(self) -> tuple[Callable[[str], ZoneInfo], tuple[str]]:
        return zone, (self.key,)


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of this name.

    Raises:
        LookupError: there is no such zone.
    """
    place = files("tzdata").joinpath("zoneinfo")
    for part in name.split("/"):
        place = place.joinpath(part)
    if name.startswith("/") or ".." in name or not place.is_file():
        raise LookupError(name)
    with place.open("rb") as data:
        return _Zone.from_file(data, key=name)


def local_day(instant: datetime, of: ZoneInfo) -> date:
    """The calendar day that an aware instant falls on in a zone."""
    return instant.astimezone(of).date()


def start_of_day(day: date, of: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; it is not midnight where the clock skips midnight."""
    midnight = datetime.combine(day, time(), of)
    try:
        start = midnight.astimezone(UTC)
    except OverflowError:  # the first or last day that Python knows
        return midnight.replace(tzinfo=UTC)
    try:
        if local_day(start - _TICK, of) < day:
            return start
    except OverflowError:
        return start
    early, late = start - _FAR, start
    while late - early > _TICK:
        middle = early + (late - early) / 2
        if local_day(middle, of) < day:
            early = middle
        else:
            late = middle
    return late
