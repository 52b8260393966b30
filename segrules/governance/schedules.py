"""Packs into what they ask of privacy assessments: which segments need one, and when it is looked at again."""

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from segrules.diagnostics.finding import Severity
from segrules.governance.flow import Read
from segrules.governance.packs import DEFAULT, PACKS, Scope, read_pack
from segrules.governance.vocabulary import words_of
from segrules.ir.rules import Header


@dataclass(frozen=True, slots=True)
class Ask:
    """A line of a pack that asks for an assessment of segments in its scope, where they read one of the labels.

    Without labels it asks for one whatever they read.
    """

    pack: str
    labels: frozenset[str]
    scope: Scope
    level: Severity
    because: str
    source: str
    reviewed: date

    def asks(self, header: Header, reads: Iterable[Read]) -> bool:
        """Whether a segment with this header, which reads this, needs an assessment."""
        return self.scope.binds(header) and (
            not self.labels or any(not words_of(read.fact).isdisjoint(self.labels) for read in reads)
        )


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a pack has an assessment looked at again; None where it names no time. `also` is what else it asks."""

    pack: str
    review_years: int | None
    change_days: int | None
    because: str
    source: str
    also: tuple[str, ...]
    reviewed: date


@dataclass(frozen=True, slots=True)
class Duties:
    """What the packs of a project ask of assessments."""

    asks: tuple[Ask, ...] = ()
    schedules: tuple[Schedule, ...] = ()

    def of(self, header: Header, reads: Sequence[Read]) -> "Duties":
        """What is asked of one segment: the lines that bind it, and the schedules of their packs."""
        asks = tuple(ask for ask in self.asks if ask.asks(header, reads))
        packs = {ask.pack for ask in asks}
        return Duties(asks, tuple(item for item in self.schedules if item.pack in packs))

    @property
    def strictest_review(self) -> Schedule | None:
        """The schedule with the shortest time between reviews."""
        return min(_named(self.schedules, "review_years"), key=lambda item: item.review_years or 0, default=None)

    @property
    def strictest_change(self) -> Schedule | None:
        """The schedule with the shortest time after a change."""
        return min(_named(self.schedules, "change_days"), key=lambda item: item.change_days or 0, default=None)


def duties(settings: Mapping[str, str]) -> Duties:
    """What the packs ask, with the levels that the project's settings give them (see `packs.py`)."""
    asks: list[Ask] = []
    schedules: list[Schedule] = []
    for name in PACKS:
        level = settings.get(name, DEFAULT.get(name, "off"))
        if level != "off":
            content = read_pack(name)
            asks += [_ask(name, row, level) for row in content.get("assessment", [])]
            schedules += [_schedule(name, content["schedule"])] if "schedule" in content else []
    return Duties(tuple(asks), tuple(schedules))


def years_later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the 28th where there is none.

    >>> years_later(date(2024, 2, 29), 3)
    datetime.date(2027, 2, 28)
    """
    year = min(day.year + years, date.max.year)
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def days_later(day: date, days: int) -> date:
    """So many days later, or the last day that there is."""
    return day + timedelta(days=min(days, (date.max - day).days))


def _named(schedules: Iterable[Schedule], field: str) -> Iterator[Schedule]:
    return (item for item in schedules if getattr(item, field) is not None)


def _ask(pack: str, row: Mapping[str, Any], level: str) -> Ask:
    return Ask(
        pack,
        frozenset(row.get("labels", ())),
        Scope(tuple(row.get("purposes", ()))),
        Severity(row["level"] if level == "on" else level),
        row["because"],
        row["source"],
        row["reviewed"],
    )


def _schedule(pack: str, row: Mapping[str, Any]) -> Schedule:
    return Schedule(
        pack,
        row.get("review_years"),
        row.get("change_days"),
        row["because"],
        row["source"],
        tuple(row.get("also", ())),
        row["reviewed"],
    )
