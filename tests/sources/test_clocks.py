from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Severity
from segrules.ir.catalogue import CsvOptions, Format
from segrules.sources.clocks import EPOCH, REGULAR, REPEATED, SKIPPED, microseconds, to_instants
from segrules.sources.loaded import ClockChange
from segrules.types.types import TimestampType
from tests.sources.build import cells_of, column, load, read_column, read_csv, table

T = TimestampType()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_local_times_are_read_in_the_catalogues_zone(tmp_path: Path, unit: str) -> None:
    values = pa.array([local("2026-01-01 12:00"), None, local("2026-07-01 12:00")], pa.timestamp(unit))
    expected = [datetime(2026, 1, 1, 12, tzinfo=UTC), None, datetime(2026, 7, 1, 11, tzinfo=UTC)]
    got = cells_of(read_column(tmp_path, values, T, kind=Format.ARROW))
    assert got == expected
    assert isinstance(got[0], datetime)
    assert got[0].tzinfo is UTC


def test_local_times_are_read_in_the_columns_zone(tmp_path: Path) -> None:
    values = pa.array([local("2026-07-01 12:00")], pa.timestamp("us"))
    assert cells_of(read_column(tmp_path, values, T, zone="Asia/Tokyo")) == [datetime(2026, 7, 1, 3, tzinfo=UTC)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "+05:30"])
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_instants_are_exact_whatever_zone_they_are_shown_in(tmp_path: Path, zone: str, unit: str) -> None:
    # 25 October, 1 o'clock UTC, is in the repeated hour of London: an instant is not.
    instant = datetime(2026, 10, 25, 1, tzinfo=UTC)
    values = pa.array([instant], pa.timestamp(unit, zone))
    loaded = read_column(tmp_path, values, T, zone="Asia/Tokyo", kind=Format.ARROW)
    assert cells_of(loaded) == [instant]
    assert loaded.clock_changes == ()


def test_nanoseconds_go_to_the_earlier_microsecond(tmp_path: Path) -> None:
    values = pa.array([1_999, 1_000, 0, -1, -1_000, -1_001], pa.int64()).cast(pa.timestamp("ns", "UTC"))
    expected = [EPOCH + timedelta(microseconds=count) for count in (1, 1, 0, -1, -1, -2)]
    assert cells_of(read_column(tmp_path, values, T)) == expected


CHANGES = [
    ("Europe/London", "2026-03-29 01:30", "skipped", "2026-03-29 01:30"),
    ("Europe/London", "2026-10-25 01:30", "repeated", "2026-10-25 00:30"),
    ("America/New_York", "2026-03-08 02:00", "skipped", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 01:59:59.999999", "repeated", "2026-11-01 05:59:59.999999"),
    ("Australia/Lord_Howe", "2026-10-04 02:15", "skipped", "2026-10-03 15:45"),
    ("Australia/Lord_Howe", "2026-04-05 01:45", "repeated", "2026-04-04 14:45"),
    ("Pacific/Apia", "2011-12-30 12:00", "skipped", "2011-12-30 22:00"),
]


@pytest.mark.parametrize(("zone", "text", "kind", "utc"), CHANGES)
@pytest.mark.parametrize("source", ["parquet", "csv"])
def test_clock_changes(tmp_path: Path, zone: str, text: str, kind: str, utc: str, source: str) -> None:
    moments = [local(text), local("2026-06-01 12:00"), local(text)]
    if source == "parquet":
        loaded = read_column(tmp_path, pa.array(moments, pa.timestamp("us")), T, zone=zone)
    else:
        rows = "".join(f"{moment}\n" for moment in moments)
        loaded = read_csv(tmp_path, f"x\n{rows}", column("x", T, zone=zone))
    got = loaded.tables["t"]["x"]
    assert got[0] == got[2] == local(utc).replace(tzinfo=UTC)
    how = {"skipped": "read with the offset before the change", "repeated": "read as the first of the two"}[kind]
    assert loaded.clock_changes == (ClockChange("t", "x", kind, 2, (local(text).isoformat(" "),), how),)  # type: ignore[arg-type]
    (note,) = loaded.findings
    assert note.code is codes.CLOCK_CHANGE
    assert note.severity is Severity.NOTE
    verb = "skips" if kind == "skipped" else "repeats"
    assert note.message == (
        f"column `x` of table `t` has local times that a clock change of `{zone}` {verb}, in 2 rows, {how}"
    )
    assert note.examples == (f"`{local(text).isoformat(' ')}`",)


EDGES = [
    (
        "Europe/London",
        ["2026-03-29 00:59:59.999999", "2026-03-29 02:00", "2026-10-25 00:59:59.999999", "2026-10-25 02:00"],
    ),
    ("Australia/Lord_Howe", ["2026-10-04 01:59:59", "2026-10-04 02:30", "2026-04-05 01:29:59", "2026-04-05 02:00"]),
]


@pytest.mark.parametrize(("zone", "texts"), EDGES)
def test_times_beside_a_clock_change_are_regular(tmp_path: Path, zone: str, texts: list[str]) -> None:
    loaded = read_column(tmp_path, pa.array([local(text) for text in texts], pa.timestamp("us")), T, zone=zone)
    expected = [local(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for text in texts]
    assert cells_of(loaded) == expected
    assert loaded.clock_changes == ()


def test_both_kinds_and_five_examples(tmp_path: Path) -> None:
    repeated = [local("2026-10-25 01:00") + timedelta(minutes=minute) for minute in range(7)]
    values = pa.chunked_array(
        [pa.array(repeated, pa.timestamp("s")), pa.array([local("2026-03-29 01:30")], pa.timestamp("s"))]
    )
    loaded = read_column(tmp_path, values, T)
    assert [(change.kind, change.count, len(change.examples)) for change in loaded.clock_changes] == [
        ("skipped", 1, 1),
        ("repeated", 7, 5),
    ]
    assert len(loaded.findings) == 2


def test_offsets_in_csv_have_no_clock_changes(tmp_path: Path) -> None:
    text = "x\n2026-10-25 01:30:00+01:00\n2026-10-25 01:30:00Z\n2026-10-25 01:30:00\n"
    loaded = read_csv(tmp_path, text, column("x", T), csv=CsvOptions())
    half_past = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert loaded.tables["t"]["x"] == [half_past, half_past + timedelta(hours=1), half_past]
    assert [change.count for change in loaded.clock_changes] == [1]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize("count", [2**63 - 1, -(2**63) + 1, 9_223_372_036_854_776])
def test_times_without_a_year(tmp_path: Path, unit: str, zone: str | None, count: int) -> None:
    values = pa.array([0, count], pa.int64()).cast(pa.timestamp(unit, zone))
    loaded = read_column(tmp_path, values, T, kind=Format.ARROW)
    if unit == "us" and count < 2**62 and count > 0:
        assert loaded.findings == ()
        return
    (found,) = loaded.findings
    assert found.code is codes.OTHER_TYPE
    assert found.message.endswith("lie outside the years 1 to 9999, in 1 row")
    assert len(found.examples) == 1


def test_the_last_moment_where_the_zone_can_hold_it(tmp_path: Path) -> None:
    last = datetime(9999, 12, 31, 23, 59, 59)
    values = pa.array([last], pa.timestamp("us"))
    assert cells_of(read_column(tmp_path, values, T)) == [last.replace(tzinfo=UTC)]
    # The clock of New York says the same five hours later, in the year 10000 of UTC.
    assert read_column(tmp_path, values, T, zone="America/New_York").findings[0].code is codes.OTHER_TYPE
    instants = pa.array([last], pa.timestamp("us", "UTC"))
    assert read_column(tmp_path, instants, T, catalogue_zone="Europe/Berlin").findings[0].code is codes.OTHER_TYPE


def test_old_parquet_times_do_not_wrap_around(tmp_path: Path) -> None:
    moment = datetime(2500, 1, 1)
    data = pa.table({"x": pa.array([moment], pa.timestamp("us"))})
    pq.write_table(data, tmp_path / "t", use_deprecated_int96_timestamps=True)
    assert cells_of(load(tmp_path, table("t", column("x", T)))) == [moment.replace(tzinfo=UTC)]


def test_unknown_zone_is_a_finding(tmp_path: Path) -> None:
    loaded = read_column(tmp_path, pa.array([local("2026-01-01")], pa.timestamp("s")), T, zone="Europe/Atlantis")
    assert [item.code for item in loaded.findings] == [codes.CATALOGUE_NAME]
    assert "`Europe/Atlantis`" in loaded.findings[0].message


ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "UTC"]


@given(
    st.lists(st.datetimes(datetime(1850, 1, 1), datetime(2200, 1, 1)) | st.none(), max_size=20),
    st.sampled_from(ZONES),
)
def test_whole_columns_are_read_as_zoneinfo_reads_one_time(times: list[datetime | None], zone: str) -> None:
    tz = ZoneInfo(zone)
    array = pa.array([None if time is None else microseconds(time) for time in times], pa.int64())
    read = to_instants(array, tz)
    for time, utc, kind in zip(times, read.utc.to_pylist(), read.kinds.to_pylist(), strict=True):
        if time is None:
            assert (utc, kind) == (None, REGULAR)
            continue
        aware = time.replace(tzinfo=tz)
        assert utc == microseconds(aware.astimezone(UTC))
        there_and_back = aware.astimezone(UTC).astimezone(tz).replace(tzinfo=None)
        other = aware.replace(fold=1).utcoffset()
        assert kind == (SKIPPED if there_and_back != time else REGULAR if other == aware.utcoffset() else REPEATED)
