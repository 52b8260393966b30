"""What is said of the calendar of every `as_of` holds on each day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from segrules.ir.windows import Period, Unit
from segrules.proofs.formulas.calendar import TODAY, Calendar, Edge
from segrules.proofs.formulas.logic import TRUE, Var, every
from segrules.proofs.formulas.smt import Model, decide

_ZONE = "Europe/London"
_SPANS = (
    (date(1999, 12, 20), date(2000, 4, 5)),
    (date(2096, 1, 25), date(2097, 3, 5)),
    (date(2100, 2, 20), date(2100, 3, 5)),
)


def _variables(edges: list[Edge]) -> list[Var]:
    return [var for edge in edges for _, var in edge.days.terms]


@pytest.mark.parametrize("span", _SPANS, ids=["a leap year of 2000", "a leap year", "no leap year in 2100"])
def test_all_days_are_allowed(span: tuple[date, date]) -> None:
    calendar = Calendar(_ZONE, False)
    edges = [
        *(calendar.back(Period(count, unit)) for unit, count in ((Unit.MONTH, 1), (Unit.MONTH, 3), (Unit.YEAR, 1))),
        calendar.ahead(Period(1, Unit.MONTH)),
        *(calendar.unit(unit, back) for unit in (Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR) for back in (0, 1)),
    ]
    used = sorted(set(_variables(edges)), key=lambda var: var.name)
    facts = calendar.axioms(used)
    assert facts is not TRUE
    day, last = span
    while day <= last:
        if day.day not in (1, 2, 15, 27, 28, 29, 30, 31):
            day += timedelta(days=1)
            continue
        at = calendar.at(used, datetime(day.year, day.month, day.day, 9, tzinfo=ZoneInfo(_ZONE)))
        assert isinstance(decide((), [every((facts, at))]), Model), day
        day += timedelta(days=1)


@pytest.mark.parametrize("span", _SPANS, ids=["a leap year of 2000", "a leap year", "no leap year in 2100"])
def test_what_speaks_against_a_calendar_holds_on_all_days(span: tuple[date, date]) -> None:
    calendar = Calendar(_ZONE, False)
    edges = [
        *(calendar.back(Period(count, unit)) for unit, count in ((Unit.MONTH, 1), (Unit.YEAR, 1))),
        *(calendar.unit(unit, 0) for unit in (Unit.WEEK, Unit.YEAR)),
    ]
    used = sorted({*_variables(edges), TODAY}, key=lambda var: var.name)
    first, last = (day.toordinal() for day in span)
    days = range(first, last + 1)
    found = {}
    for day in days:
        at = calendar.values(used, datetime.combine(date.fromordinal(day), time(9), ZoneInfo(_ZONE)))
        found[day] = Model({"as_of.weeks": (day - 1) // 7, **{var.name: number for var, number in at.items()}}, {})
    for day, model in list(found.items())[::9]:
        moved = Model({**model.numbers, TODAY.name: (first + last) // 2}, {})
        facts = every([calendar.one_of(used, days), *calendar.against(used, moved.number, days)])
        assert not moved.holds(facts) or found[(first + last) // 2] == moved, date.fromordinal(day)
        assert calendar.against(used, model.number, days) == []
        assert all(of.holds(facts) for of in found.values())


@pytest.mark.parametrize("zone_name", ["Australia/Lord_Howe", "Asia/Manila", "Europe/London", "Pacific/Apia"])
@pytest.mark.parametrize(
    "day", [date(1, 1, 1), date(1700, 6, 1), date(1844, 12, 30), date(1944, 6, 1), date(9999, 12, 31)]
)
def test_old_days_begin_when_they_did(zone_name: str, day: date) -> None:
    calendar = Calendar(zone_name, True)
    position = calendar.position(calendar.day(day))
    used = [var for _, var in position.terms]
    for as_of in (datetime(1971, 1, 2, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)):
        assert isinstance(decide((), [calendar.at(used, as_of)]), Model)
