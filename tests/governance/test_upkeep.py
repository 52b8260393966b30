"""Review dates and owners."""

from datetime import date, datetime
from pathlib import Path

import pytest

import segrules
from tests.governance.kept import check, said

RULES = "segment a where staff\n  review by 2026-09-30\nsegment b status retired where age > 20 review by 2020-01-01\n"
PASSED = [(2, "segment `a` was to be reviewed by 2026-09-30")]


@pytest.mark.parametrize(("day", "found"), [("2026-09-30", []), ("2026-10-01", PASSED), ("2026-01-01", [])])
def test_a_review_date_passes_when_its_day_is_over(tmp_path: Path, day: str, found: list[tuple[int, str]]) -> None:
    assert said(tmp_path, "SEG346", RULES, as_of=day) == found


def test_the_day_is_local_and_may_be_given_in_every_form(tmp_path: Path) -> None:
    check(tmp_path, RULES)
    rules = segrules.load(tmp_path)
    # Half past eleven in the evening of 30 September in UTC is the next day in London, where it is summer.
    for late in ("2026-09-30T23:30Z", "2026-10-01", date(2026, 10, 1), datetime(2026, 10, 1, 0, 30)):
        assert [item.code.number for item in rules.check(late)] == ["SEG346"]
    assert rules.check("2026-09-30T22:30Z") == ()
    with pytest.raises(segrules.BadInput, match="neither a date nor a timestamp"):
        rules.check("soon")


def test_without_a_day_it_is_today(tmp_path: Path) -> None:
    check(tmp_path, "segment a where staff review by 1999-12-31\n")
    rules = segrules.load(tmp_path)
    assert [item.code.number for item in rules.check()] == ["SEG346"]
    assert rules.check("1999-12-31") == ()


def test_what_reading_found_does_not_depend_on_the_day(tmp_path: Path) -> None:
    check(tmp_path, RULES)
    assert {item.code.number for item in segrules.load(tmp_path).findings} == {"SEG313"}


def test_missing_dates_and_owners_are_looked_for_on_request(tmp_path: Path) -> None:
    rules = 'ruleset r owner "crm"\nsegment a where staff\nsegment b owner " " where age > 20\n'
    rules += "segment c status retired where age > 30\n"
    assert said(tmp_path, "SEG348", rules) == []
    assert said(tmp_path, "SEG348", rules, '[checks]\nmissing-owner = "note"\n') == [(3, "segment `b` has no owner")]
    assert said(tmp_path, "SEG347", rules, '[checks]\nmissing-review = "note"\n') == [
        (2, "segment `a` has no review date"),
        (3, "segment `b` has no review date"),
    ]
    assert said(tmp_path, "SEG347", rules, '[checks]\nmissing-review = "off"\n') == []
