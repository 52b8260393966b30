"""How the instant of a run is read."""

import copy
import pickle
from datetime import UTC, date, datetime

import pytest

from segrules.diagnostics.errors import BadInput
from segrules.evaluation.as_of import resolve_as_of

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "zone", "instant"),
    [
        ("2026-11-01", "Europe/London", "2026-11-01T00:00:00+00:00"),
        ("2026-07-01", "Europe/Berlin", "2026-07-01T00:00:00+02:00"),
        ("2026-11-01T09:30", "Europe/Berlin", "2026-11-01T09:30:00+01:00"),
        ("2026-11-01 09:30:15", "Europe/Berlin", "2026-11-01T09:30:15+01:00"),
        ("2026-11-01T09:30:15.25", "UTC", "2026-11-01T09:30:15.250000+00:00"),
        ("2026-11-01T09:30Z", "Asia/Tokyo", "2026-11-01T18:30:00+09:00"),
        ("2026-11-01T09:30-05:00", "UTC", "2026-11-01T14:30:00+00:00"),
        (" 2026-11-01 ", "UTC", "2026-11-01T00:00:00+00:00"),
        ("today", "UTC", "2026-11-22T00:00:00+00:00"),
        ("today", "Asia/Tokyo", "2026-11-23T00:00:00+09:00"),
        ("yesterday", "Asia/Tokyo", "2026-11-22T00:00:00+09:00"),
        ("now", "Asia/Tokyo", "2026-11-23T08:30:00+09:00"),
        (date(2026, 11, 1), "UTC", "2026-11-01T00:00:00+00:00"),
        (datetime(2026, 11, 1, 9), "Europe/Berlin", "2026-11-01T09:00:00+01:00"),
        (datetime(2026, 11, 1, 9, tzinfo=UTC), "Europe/Berlin", "2026-11-01T10:00:00+01:00"),
        # A day's first instant is not midnight where clocks skip it.
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        ("1919-03-31", "America/Toronto", "1919-03-31T00:30:00-04:00"),
        # Midnight comes twice: the first counts.
        ("1987-10-25", "America/St_Johns", "1987-10-25T00:00:00-02:30"),
        # The day does not exist: the next begins.
        ("2011-12-30", "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_dates_timestamps_and_words(given: str | date | datetime, zone: str, instant: str) -> None:
    resolved = resolve_as_of(given, zone, now=NOW)
    assert resolved.instant.isoformat() == instant
    assert resolved.notes == ()


@pytest.mark.parametrize(
    ("given", "instant", "said"),
    [
        ("2026-03-29T02:30", "2026-03-29T03:30:00+02:00", "clocks skip the local time `2026-03-29T02:30`"),
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00", "the local time `2026-10-25T02:30` comes twice"),
    ],
)
def test_local_times_at_a_clock_change_are_read_and_said(given: str, instant: str, said: str) -> None:
    resolved = resolve_as_of(given, "Europe/Berlin")
    assert resolved.instant.isoformat() == instant
    (note,) = resolved.notes
    assert note.code.number == "SEG514"
    assert said in note.message


def test_an_offset_leaves_nothing_to_say_at_a_clock_change() -> None:
    resolved = resolve_as_of("2026-10-25T02:30+01:00", "Europe/Berlin")
    assert resolved.instant.astimezone(UTC).isoformat() == "2026-10-25T01:30:00+00:00"
    assert resolved.notes == ()


@pytest.mark.parametrize(
    "given",
    ["", "tomorrow", "Today!", "2026-1-1", "20261101", "2026-13-01", "2026-02-29", "2026-11-01T25:00", "01.11.2026"],
)
def test_everything_else_is_refused_with_what_was_expected(given: str) -> None:
    with pytest.raises(BadInput) as caught:
        resolve_as_of(given, "UTC")
    assert f"`{given}`" in caught.value.message
    assert caught.value.help is not None
    assert "`2026-11-01`" in caught.value.help


@pytest.mark.parametrize(("given", "zone"), [("0001-01-01", "Asia/Tokyo"), ("9999-12-31T23:59", "America/New_York")])
def test_instants_beyond_the_calendar_are_refused(given: str, zone: str) -> None:
    with pytest.raises(BadInput, match="outside the years"):
        resolve_as_of(given, zone)


def test_an_instant_is_copied_and_pickled_with_its_zone() -> None:
    instant = resolve_as_of("2026-07-01T09:30", "Europe/Berlin").instant
    for again in (pickle.loads(pickle.dumps(instant)), copy.deepcopy(instant)):
        assert again == instant
        assert again.tzinfo is instant.tzinfo
        assert again.isoformat() == "2026-07-01T09:30:00+02:00"
