"""Instants as the local times that a column without a zone holds."""

from datetime import UTC, datetime, timedelta

from segrules.types.instants import microseconds
from segrules.types.zones import zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_the_wall(instant: int, zone_name: str) -> int | None:
    """The local time from which on, and before which not, local times stand for `instant` or later; None if none does.

    Local times are read as a run reads them: the first of two where the clock goes back, and, where it skips, with the
    offset from before. The latter lie behind later local times, so that no one time divides them.
    """
    try:
        moment = _EPOCH + timedelta(microseconds=instant)
        early, late = (_offset(moment + timedelta(days=days), zone_name) for days in (-2, 2))
        if early == late and all(_offset(moment + timedelta(hours=h), zone_name) == early for h in range(-48, 48)):
            return instant + early
        change = _change(moment, zone_name)
    except OverflowError:
        return None
    if change is None:
        return None
    at_change, before, after = change
    if instant <= at_change:
        return instant + before
    if instant >= at_change + abs(after - before):
        return instant + after
    # The clock goes back: whatever shows after the hour that comes twice is later. It skips: nothing divides.
    return at_change + before if after < before else None


def _change(moment: datetime, zone_name: str) -> tuple[int, int, int] | None:
    """The one change of the clock near a moment, with the offsets before and after; None where there are several."""
    hours = [moment + timedelta(hours=h) for h in range(-48, 49)]
    offsets = [_offset(hour, zone_name) for hour in hours]
    changes = [place for place in range(1, len(hours)) if offsets[place] != offsets[place - 1]]
    if len(changes) != 1:
        return None
    early, late = hours[changes[0] - 1], hours[changes[0]]
    before, after = offsets[changes[0] - 1], offsets[changes[0]]
    while late - early > timedelta(microseconds=1):
        middle = early + (late - early) / 2
        if _offset(middle, zone_name) == before:
            early = middle
        else:
            late = middle
    return microseconds(late), before, after


def _offset(moment: datetime, zone_name: str) -> int:
    offset = moment.astimezone(zone(zone_name)).utcoffset()
    # Invariant: a named zone knows its offset for every instant.
    assert offset is not None
    return offset // timedelta(microseconds=1)
