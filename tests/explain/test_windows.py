from datetime import UTC, date, datetime
from typing import get_args

import pytest

from segrules.explain.windows import window_words
from segrules.ir import windows as ir

DAY = date(2026, 7, 1)
WORDS: list[tuple[ir.Window, str]] = [
    (ir.InLast(ir.Period(1, ir.Unit.MONTH)), "in the last 1 month"),
    (ir.MoreThanAgo(ir.Period(30, ir.Unit.DAY)), "more than 30 days ago"),
    (ir.BetweenAgo(ir.Period(30, ir.Unit.DAY), ir.Period(60, ir.Unit.DAY)), "between 30 and 60 days ago"),
    (ir.WholeUnits(ir.Period(7, ir.Unit.DAY)), "in the last 7 whole days, today left out"),
    (ir.ThisUnit(ir.Unit.DAY), "today so far"),
    (ir.ThisUnit(ir.Unit.QUARTER), "in this quarter so far"),
    (ir.InNext(ir.Period(7, ir.Unit.DAY)), "in the next 7 days, today first"),
    (ir.MoreThanAhead(ir.Period(2, ir.Unit.WEEK)), "more than 2 weeks ahead"),
    (ir.Since(DAY), "since 2026-07-01"),
    (ir.Before(datetime(2026, 7, 1, 9, 0, 30, tzinfo=UTC)), "before 2026-07-01 10:00:30+01:00"),
    (ir.OnDay(DAY), "on 2026-07-01"),
    (ir.AfterDay(DAY), "after 2026-07-01"),
    (ir.FromTo(DAY, DAY), "from 2026-07-01 to 2026-07-01, both days included"),
    (ir.Ever(), ""),
]


@pytest.mark.parametrize(("window", "words"), WORDS)
def test_a_window_in_words(window: ir.Window, words: str) -> None:
    assert window_words(window, "Europe/London") == words


def test_every_window_has_words() -> None:
    assert {type(window) for window, _ in WORDS} == set(get_args(ir.Window))
