"""Windows share the past out among them: every time lies in exactly one of three that meet."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from segrules.reference.evaluate import evaluate
from segrules.reference.outcome import Outcome
from segrules.types.cells import Tables
from tests.conformance.cases import bind_text, errors, shared_catalogue

ZONES = ["Europe/London", "America/Sao_Paulo", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2035, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
DAYS = st.sampled_from(["day", "week", "month", "quarter", "year"])
ALL_UNITS = DAYS | st.sampled_from(["minute", "hour"])


def _run(zone: str, rules: str, as_of: datetime, times: list[datetime], days: list[date]) -> Outcome:
    catalogue = shared_catalogue("times", f'{{"time_zone": "{zone}"}}')
    bound, findings = bind_text(rules, catalogue, {})
    assert errors(findings) == []
    tables: Tables = {
        "people": {"id": [*map(str, range(len(times)))], "day": [*days], "at": [*times]},
        "visits": {"visit_id": [], "person": [], "at": [], "n": [], "page": []},
        "stays": {"stay_id": [], "person": [], "day": [], "n": [], "page": []},
    }
    return evaluate(bound, tables, as_of, list(bound.segments))


@st.composite
def _near(draw: st.DrawFn) -> tuple[datetime, list[datetime], list[date]]:
    """An instant, times around it that like to lie on starts of days and hours, and their days."""
    as_of = draw(INSTANTS)
    steps = draw(
        st.lists(
            st.tuples(st.integers(-900, 40), st.integers(-30, 30), st.sampled_from([-1, 0, 1, 1800 * 10**6])),
            min_size=1,
            max_size=8,
        )
    )
    start = as_of.replace(minute=0, second=0, microsecond=0) if draw(st.booleans()) else as_of
    times = [start + timedelta(days=d, hours=h, microseconds=u) for d, h, u in steps]
    return as_of, times, [time.date() for time in times]


@settings(max_examples=60)
@given(_near(), st.sampled_from(ZONES), ALL_UNITS, st.integers(1, 6), st.integers(1, 6))
@example(
    (datetime(2026, 10, 26, tzinfo=UTC), [datetime(2026, 10, 25, tzinfo=UTC)], [date(2026, 10, 25)]),
    ZONES[0],
    "day",
    1,
    1,
)
def test_three_windows_that_meet_hold_for_every_time_once(
    near: tuple[datetime, list[datetime], list[date]], zone: str, unit: str, first: int, more: int
) -> None:
    as_of, times, days = near
    second = first + more
    columns = ["at"] if unit in ("minute", "hour") else ["at", "day"]
    rules = "".join(
        f"""
        segment {c}_recent where {c} is in the last {first} {unit}s
        segment {c}_middle where {c} is between {first} and {second} {unit}s ago
        segment {c}_old where {c} is more than {second} {unit}s ago
        segment {c}_soon where {c} is in the next {first} {unit}s
        segment {c}_later where {c} is more than {first} {unit}s ahead
        """
        for c in columns
    )
    seen = _run(zone, rules, as_of, times, days).qualifying
    today = as_of.astimezone(ZoneInfo(zone)).date()
    for i, (time, day) in enumerate(zip(times, days, strict=True)):
        for c, past in (("at", time < as_of), ("day", day < today)):
            if c in columns:
                held = [name for name in ("recent", "middle", "old", "soon", "later") if seen[f"{c}_{name}"][i]]
                assert len(held) == 1, (c, time, held)
                assert (held[0] in ("recent", "middle", "old")) == past


@settings(max_examples=60)
@given(_near(), st.sampled_from(ZONES), st.integers(1, 400))
def test_days_since_agrees_with_the_window_of_days(
    near: tuple[datetime, list[datetime], list[date]], zone: str, count: int
) -> None:
    as_of, times, days = near
    rules = f"""
        segment at_window where at is in the last {count} days
        segment at_days where days since at <= {count} and at is before 9999-01-01
        segment day_window where day is in the last {count} days
        segment day_days where days since day between 1 and {count}
    """
    seen = _run(zone, rules, as_of, times, days).qualifying
    assert seen["day_window"] == seen["day_days"]
    for i, time in enumerate(times):
        if time < as_of:
            assert seen["at_window"][i] == seen["at_days"][i]


@settings(max_examples=60)
@given(_near(), st.sampled_from(ZONES), DAYS, st.integers(1, 3))
def test_whole_units_and_this_unit_do_not_overlap(
    near: tuple[datetime, list[datetime], list[date]], zone: str, unit: str, count: int
) -> None:
    as_of, times, days = near
    rules = f"""
        segment whole where at is in the last {count} whole {unit}s
        segment current where at is in this {unit}
        segment further where at is in the last {count + 1} whole {unit}s
    """
    seen = _run(zone, rules, as_of, times, days).qualifying
    for i, time in enumerate(times):
        assert not (seen["whole"][i] and seen["current"][i])
        assert seen["further"][i] or not seen["whole"][i]
        assert time < as_of or not (seen["whole"][i] or seen["current"][i])
