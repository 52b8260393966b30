"""When rows happened, on edges: changes of clocks, the ends of the calendar, more units than are kept one by one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from segrules.backends.arrow.aggregates import tallies
from segrules.backends.arrow.days import local_days, unit_numbers
from segrules.ir.calendar import unit_start
from segrules.ir.windows import SUB_DAY, Unit
from segrules.reference.windows import Clock
from segrules.types.cells import Cell
from segrules.types.instants import day_number, microseconds
from segrules.types.zones import local_day, zone
from tests.engine.case import Case
from tests.engine.small import CATALOGUE, SMALL, assert_equal, with_columns, without_rows

_UNITS = [unit for unit in Unit if unit not in SUB_DAY]
_CHANGES = [
    ("Europe/London", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/St_Johns", datetime(2009, 11, 1, 2, 31, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("Africa/Monrovia", datetime(1972, 1, 7, 0, 44, 30, tzinfo=UTC)),
]


def _values() -> Sequence[str]:
    found = [f"distinct {unit}s of line" for unit in _UNITS]
    found += [f"longest streak of {unit}s of line" for unit in _UNITS]
    found += [f"{kind} days between line" for kind in ("average", "median", "smallest", "largest")]
    found += [f"{value} where (items > 1)" for value in found]
    return found


def _rules(out_of: Sequence[int] = (1, 2, 5)) -> str:
    """Every value of the times of rows in the cut points of a score, and counts in whole units."""
    ranks = [f"  rank r{number} by {value} into 1000 bands, high is best" for number, value in enumerate(_values())]
    lines = ["score v", *ranks, *(f"segment v{number} where v.r{number} >= 1" for number in range(len(ranks)))]
    counts = ("at least once", "at most once", "exactly 2 times", "more than 1 times")
    for number, (unit, many) in enumerate((unit, many) for unit in _UNITS for many in out_of):
        count = counts[number % len(counts)]
        lines.append(
            f"segment s{number} where did line {count} per {unit} in at least 1 of the last {many} whole {unit}s"
        )
        lines.append(
            f"segment d{number} where did line where (items > 1) {count} per {unit}"
            f" in exactly {many} of the last {many} whole {unit}s"
        )
    return "\n".join(lines)


def _case(as_of: datetime, name: str, moments: Sequence[datetime], out_of: Sequence[int] = (1, 2, 5)) -> Case:
    """Three customers with these lines in turn, a fourth of them in doubt."""
    rows = len(moments)
    items: list[Cell] = [(1, 2, None, 3)[row * row % 7 % 4] for row in range(rows)]
    given: dict[str, Sequence[Cell]] = {
        "line_id": [*range(rows)], "who": ["abc"[row % 3] for row in range(rows)], "at": moments, "items": items,
    }  # fmt: skip
    case = with_columns(without_rows(SMALL, "stays"), "people", 4, id=["a", "b", "c", "never"])
    case = replace(with_columns(case, "lines", rows, **given), rules=_rules(out_of))
    return replace(case, catalogue={**CATALOGUE, "time_zone": name}, as_of=as_of)


@pytest.mark.parametrize(("name", "change"), _CHANGES)
def test_around_a_change_of_clocks(name: str, change: datetime) -> None:
    steps = [timedelta(minutes=90 * step) for step in range(-60, 30)]
    moments = [change + step + tick for step in steps for tick in (timedelta(microseconds=-1), timedelta(0))]
    for later in (timedelta(0), timedelta(days=1, hours=5), timedelta(days=9)):
        assert_equal(_case(change + later, name, moments))


@pytest.mark.parametrize("name", ["UTC", "Pacific/Apia"])
@pytest.mark.parametrize(
    "as_of", [datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)]
)
def test_at_the_ends_of_the_calendar(as_of: datetime, name: str) -> None:
    moments = [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(1, 1, 2, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1, 2, 1, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(9999, 12, 28, tzinfo=UTC),
        as_of,
    ]
    assert_equal(_case(as_of, name, moments, (1, 1000)))


@pytest.mark.parametrize("dense", [0, 40])
def test_more_units_than_are_kept_one_by_one(dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "DENSE", dense)
    monkeypatch.setattr(tallies, "MANY", 7)
    as_of = datetime(2026, 6, 17, 12, tzinfo=UTC)
    moments = [as_of - timedelta(hours=7 * step * step % 1000) for step in range(200)]
    assert_equal(_case(as_of, "Europe/London", moments, (1, 3, 365, 1000)))


def test_local_days_are_those_of_the_calendar() -> None:
    for name, change in _CHANGES:
        clock = Clock(change, name)
        steps = [timedelta(minutes=7 * step) for step in range(-500, 500)]
        edges = [timedelta(microseconds=tick) for tick in (-1, 0, 1)]
        moments = [change + step for step in [*steps, *edges]]
        seen = local_days(np.array([microseconds(moment) for moment in moments], np.int64), clock)
        assert seen.tolist() == [day_number(local_day(moment, zone(name))) for moment in moments], name


@pytest.mark.parametrize("unit", _UNITS)
def test_units_are_numbered_one_after_the_other(unit: Unit) -> None:
    for first in (date(1, 1, 1), date(1969, 12, 1), date(2023, 12, 20), date(9996, 1, 1)):
        days = [first + timedelta(days=step) for step in range(900)]
        starts = [unit_start(day, unit, 0) for day in days]
        numbers = unit_numbers(np.array([day_number(day) for day in days], np.int64), unit)
        order = {start: place for place, start in enumerate(dict.fromkeys(starts))}
        assert (numbers - numbers[0]).tolist() == [order[start] for start in starts]
