"""Windows of time as the typed tree has them; `reference/windows.py` says which times each one holds for."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Unit(StrEnum):
    """Units of time, from small to large."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


SUB_DAY = frozenset({Unit.MINUTE, Unit.HOUR})
"""The units that do not apply to dates."""


@dataclass(frozen=True, slots=True)
class Period:
    """So many units, at least one."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class InLast:
    """`in the last 30 days`."""

    period: Period


@dataclass(frozen=True, slots=True)
class MoreThanAgo:
    """`more than 30 days ago`."""

    period: Period


@dataclass(frozen=True, slots=True)
class BetweenAgo:
    """`between 30 and 60 days ago`, the nearer period first."""

    near: Period
    far: Period


@dataclass(frozen=True, slots=True)
class WholeUnits:
    """`in the last 4 whole weeks`: calendar units, the current one left out."""

    period: Period


@dataclass(frozen=True, slots=True)
class ThisUnit:
    """`in this month`: the calendar unit that holds the day of `as_of`."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class InNext:
    """`in the next 7 days`, today first."""

    period: Period


@dataclass(frozen=True, slots=True)
class MoreThanAhead:
    """`more than 30 days ahead`."""

    period: Period


@dataclass(frozen=True, slots=True)
class Since:
    """`since 2026-01-01`, that day or instant included."""

    start: date | datetime


@dataclass(frozen=True, slots=True)
class Before:
    """`before 2026-01-01`."""

    end: date | datetime


@dataclass(frozen=True, slots=True)
class OnDay:
    """`on 2026-01-01`."""

    day: date


@dataclass(frozen=True, slots=True)
class AfterDay:
    """`after 2026-01-01`: from the next day on."""

    day: date


@dataclass(frozen=True, slots=True)
class FromTo:
    """`from 2026-01-01 to 2026-01-31`, both days included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Ever:
    """`ever`, and what stands where no window is written: every seen row."""


Window = (
    InLast
    | MoreThanAgo
    | BetweenAgo
    | WholeUnits
    | ThisUnit
    | InNext
    | MoreThanAhead
    | Since
    | Before
    | OnDay
    | AfterDay
    | FromTo
    | Ever
)
