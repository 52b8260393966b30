"""The time before and after `as_of`, for every `as_of` at once.

Times are *positions*: microseconds before the first instant of the day of `as_of`, so that larger is earlier. A day
counts as 24 hours here: where rules ask for whole days only, the order of times is all that matters. Where they ask
for hours, each start of a day may lie off by as much as the zone's clock is ever turned.

What depends on `as_of` is a variable: its day, its time of day, how many days the last three months have. `values`
says what these are at one `as_of`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import combinations
from zoneinfo import ZoneInfo

from segrules.ir.calendar import shifted, unit_start
from segrules.ir.windows import SUB_DAY, Period, Unit
from segrules.proofs.formulas.logic import FALSE, Formula, Var, at_least, at_most, every, implies, is_equal, some
from segrules.proofs.formulas.sums import Number, Sum, equals, just, less_or_equal, of
from segrules.types.zones import local_day, start_of_day, zone

FIRST_DAY = date(1971, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""Proofs hold for each `as_of` from the first to the last of these days."""

DAY = 86_400_000_000
_SUB_DAY_LENGTHS = {Unit.MINUTE: 60_000_000, Unit.HOUR: 3_600_000_000}
_FIXED = {Unit.DAY: 1, Unit.WEEK: 7}
_WEEKDAY = "as_of.weekday"
_MOST_TURNED = 26 * 3_600_000_000
_SUN_TIME = 1800
_TUPLES = 64
"""So many combinations of lengths are written down for a query; with more, only the range of each is known."""

TODAY = Var("as_of.day", low=FIRST_DAY.toordinal(), high=LAST_DAY.toordinal())
"""The day of `as_of`, as Python counts days."""
TIME = Var("as_of.time", low=0, high=DAY - 1)
"""The time of day of `as_of`."""


@dataclass(frozen=True, slots=True)
class Length:
    """How many days lie between the day of `as_of` and the day a period away (before it, or ahead)."""

    period: Period
    sign: int


@dataclass(frozen=True, slots=True)
class UnitStart:
    """How many days lie between the day of `as_of` and the start of a calendar unit, moved back."""

    unit: Unit
    back: int


@dataclass(frozen=True, slots=True)
class Slack:
    """How far the start of a day lies off, for clocks that are turned."""

    days: Sum


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment: whole `days` before the day of `as_of`, and for what is no start of a day `micros` before that."""

    days: Sum
    micros: Sum | None = None


@dataclass(eq=False)
class Calendar:
    """Moments relative to `as_of` in one time zone; `hours` says whether any rule asks for hours or instants."""

    zone_name: str
    hours: bool
    _turned: dict[int, int] = field(default_factory=dict, init=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days are counted."""
        return zone(self.zone_name)

    # --- moments

    def now(self) -> Edge:
        """`as_of` itself."""
        return Edge(just(0), of(TIME, -1))

    def today(self) -> Edge:
        """The start of the day of `as_of`."""
        return Edge(just(0))

    def back(self, period: Period) -> Edge:
        """The start of the day a period before; exactly so long before for hours and minutes."""
        return self._away(period, -1)

    def ahead(self, period: Period) -> Edge:
        """The same forwards."""
        return self._away(period, 1)

    def unit(self, unit: Unit, back: int) -> Edge:
        """The start of the calendar unit that holds the day of `as_of`, moved back."""
        if unit is Unit.DAY:
            return Edge(just(back))
        low, high = _unit_range(unit, back)
        if unit is Unit.WEEK:
            weekday = Var(_WEEKDAY, low=0, high=6, meaning=UnitStart(unit, 0))
            return Edge(of(weekday).plus(7 * back))
        return Edge(of(Var(f"as_of.{unit}.{back}", low=low, high=high, meaning=UnitStart(unit, back))))

    def day(self, day: date) -> Edge:
        """The start of a day of the calendar."""
        return Edge(of(TODAY).plus(-day.toordinal()))

    def instant(self, moment: date | datetime) -> Edge:
        """An instant, or the start of a day."""
        if not isinstance(moment, datetime):
            return self.day(moment)
        day = local_day(moment, self.zone)
        offset = (moment.astimezone(UTC) - start_of_day(day, self.zone)) // timedelta(microseconds=1)
        edge = self.day(day)
        # The 25th hour of a day stays within it.
        return edge if offset == 0 else Edge(edge.days, just(-offset if offset < DAY else -(DAY - 1)))

    def _away(self, period: Period, sign: int) -> Edge:
        if period.unit in SUB_DAY:
            length = period.count * _SUB_DAY_LENGTHS[period.unit]
            return Edge(just(0), of(TIME, -1).plus(-sign * length))
        if period.unit in _FIXED:
            return Edge(just(-sign * period.count * _FIXED[period.unit]))
        low, high = _length_range(period, sign)
        name = f"as_of.{period.count} {period.unit}{' ahead' if sign > 0 else ''}"
        return Edge(of(Var(name, low=low, high=high, meaning=Length(period, sign)), -sign))

    # --- as numbers

    def position(self, edge: Edge) -> Sum:
        """Microseconds before the start of the day of `as_of`."""
        days = edge.days.times(DAY)
        if edge.micros is not None and edge.days.terms == () and edge.days.constant == 0:
            return edge.micros
        if self.hours and (edge.days.terms or edge.days.constant):
            turned = self._most_turned(_earliest_year(edge.days))
            slack = Var(f"slack[{edge.days}]", low=-turned, high=turned, meaning=Slack(edge.days))
            days += of(slack)
        return days if edge.micros is None else days + edge.micros

    def _most_turned(self, year: int) -> int:
        """The most by which the zone's clock differs between two days since a year, in microseconds."""
        if year <= date.min.year:
            # The first day of all begins late where clocks are ahead.
            return _MOST_TURNED
        if year not in self._turned:
            offsets = set()
            day = datetime(year, 1, 1, tzinfo=UTC)
            while day.year < 2101:
                offsets.add(day.astimezone(self.zone).utcoffset())
                day += timedelta(days=7)
            known = sorted(offset for offset in offsets if offset is not None)
            self._turned[year] = (known[-1] - known[0]) // timedelta(microseconds=1) + 3_600_000_000
        return self._turned[year]

    # --- what is always so, and what is so at one moment

    def axioms(self, used: Iterable[Var]) -> Formula:
        """What holds of these variables at every `as_of`."""
        names = sorted({var.name for var in used if isinstance(var.meaning, Length | UnitStart)})
        by_name = {var.name: var for var in used}
        lengths = [by_name[name] for name in names if isinstance(by_name[name].meaning, Length)]
        parts = []
        if lengths:
            together = _together(tuple(var.meaning for var in lengths if isinstance(var.meaning, Length)))
            if len(together) <= _TUPLES:
                parts.append(
                    some(every(is_equal(var, n) for var, n in zip(lengths, one, strict=True)) for one in together)
                )
        # Weeks begin independently of months.
        months = [by_name[name] for name in names if name != _WEEKDAY]
        for near, far in combinations(months, 2):
            low, high = _apart(_meant(near), _meant(far))
            gap = of(far) - of(near)
            parts += [less_or_equal(just(low), gap), less_or_equal(gap, just(high))]
        return every(parts)

    def values(self, used: Iterable[Var], as_of: datetime) -> dict[Var, Number]:
        """What variables of the calendar are at one `as_of`."""
        today = local_day(as_of, self.zone)
        start = start_of_day(today, self.zone)
        found: dict[Var, Number] = {}
        for var in sorted(set(used), key=lambda item: item.name):
            match var.meaning:
                case Length(period, sign):
                    found[var] = sign * (shifted(today, period, sign) - today).days
                case UnitStart(unit, back):
                    found[var] = (today - unit_start(today, unit, back)).days
                case Slack():
                    pass
                case _ if var.name == TODAY.name:
                    found[var] = today.toordinal()
                case _ if var.name == TIME.name:
                    found[var] = min((as_of.astimezone(UTC) - start) // timedelta(microseconds=1), DAY - 1)
                case _:
                    pass
        for var in sorted(set(used), key=lambda item: item.name):
            if isinstance(var.meaning, Slack):
                days = int(_at(var.meaning.days, found | self._missing(var.meaning.days, found, as_of)))
                day = date.fromordinal(max(1, min(today.toordinal() - days, date.max.toordinal())))
                found[var] = (start - start_of_day(day, self.zone)) // timedelta(microseconds=1) - days * DAY
        return found

    def _missing(self, days: Sum, found: dict[Var, Number], as_of: datetime) -> dict[Var, Number]:
        lacking = [var for _, var in days.terms if var not in found]
        return self.values(lacking, as_of) if lacking else {}

    def at(self, used: Iterable[Var], as_of: datetime) -> Formula:
        """That the variables of the calendar are as they are at one `as_of`."""
        found = self.values(used, as_of)
        return every(is_equal(var, number) for var, number in found.items())

    def as_of(self, day: int, micros: int) -> datetime:
        """The instant at a day, as Python counts them, and so long after its start."""
        start = start_of_day(date.fromordinal(day), self.zone)
        return (start + timedelta(microseconds=micros)).astimezone(self.zone)

    def one_of(self, used: Iterable[Var], days: range) -> Formula:
        """That `as_of` is on one of these days, as Python counts them, and on the weekday that this day is."""
        parts = [at_least(TODAY, days[0]), at_most(TODAY, days[-1])]
        for var in used:
            if var.name == _WEEKDAY:
                weeks = Var("as_of.weeks", low=0)
                parts.append(equals(of(TODAY), of(weeks, 7) + of(var).plus(1)))
        return every(parts)

    def against(self, used: Iterable[Var], wanted: Callable[[Var], Number], days: range) -> list[Formula]:
        """What holds on each of these days and not of the calendar that is wanted; nothing where that is so on its day.

        Each says of a length on which of the days it is that one. Of weekdays `one_of` says all.
        """
        today = int(wanted(TODAY))
        found = []
        for var in used:
            if not isinstance(var.meaning, Length | UnitStart) or var.name == _WEEKDAY:
                continue
            number = int(wanted(var))
            stretches = _stretches(var.meaning, number, days)
            if not any(first <= today <= last for first, last in stretches):
                when = some(every((at_least(TODAY, first), at_most(TODAY, last))) for first, last in stretches)
                found.append(implies(is_equal(var, number), when))
        return found

    def samples(self, near: datetime, time: int) -> list[datetime]:
        """Instants in the year around one, early and late in months, on all weekdays, so long after a day's start."""
        start = local_day(near, self.zone)
        days = [start + timedelta(days=step) for step in range(-180, 186, 5)]
        return [self.as_of(day.toordinal(), time) for day in days if FIRST_DAY <= day <= LAST_DAY]

    def moment(self, as_of: datetime, position: Number) -> datetime:
        """The instant at a position, seen from `as_of`."""
        today = local_day(as_of, self.zone)
        if self.hours:
            return (start_of_day(today, self.zone) - timedelta(microseconds=int(position))).astimezone(self.zone)
        days = -((-int(position)) // DAY)
        start = start_of_day(today - timedelta(days=days), self.zone)
        return (start + timedelta(microseconds=days * DAY - int(position))).astimezone(self.zone)


def is_calendar(var: Var) -> bool:
    """Whether a variable is one of the calendar's."""
    return isinstance(var.meaning, Length | UnitStart | Slack) or var.name in (TODAY.name, TIME.name)


def impossible(low: Sum, high: Sum) -> bool:
    """Whether no position lies from `low` to `high`, both included, whatever the calendar."""
    most = (high - low).high
    return most is not None and most < 0


def _earliest_year(days: Sum) -> int:
    """A year in which the zone's clock may matter to a moment so many days back, or `as_of` itself, is not before."""
    if [var.name for _, var in days.terms] == [TODAY.name]:
        day = max(-int(days.constant), date.min.toordinal() + 2)
    else:
        most = days.high
        day = date.min.toordinal() + 2 if most is None else FIRST_DAY.toordinal() - int(most)
    if day <= date.min.toordinal() + 2 or day >= date.max.toordinal() - 2:
        return date.min.year
    # Before this clocks were not turned, and went by the sun.
    return max(min(date.fromordinal(day).year, FIRST_DAY.year), _SUN_TIME)


def _at(of_sum: Sum, values: dict[Var, Number]) -> Number:
    return of_sum.constant + sum(coefficient * values[var] for coefficient, var in of_sum.terms)


def fits(low: Sum, high: Sum) -> Formula:
    """That there is a position from `low` to `high`."""
    return FALSE if impossible(low, high) else less_or_equal(low, high)


# --- lengths over the whole calendar


@lru_cache(maxsize=1)
def _days() -> tuple[date, ...]:
    """Days that stand for all: a length in months depends on the month, and near its end on the day."""
    found = []
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        for month in range(1, 13):
            end = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
            found += [date(year, month, day) for day in (1, 28, 29, 30, 31) if day <= end]
    return tuple(found)


@lru_cache(maxsize=256)
def _lengths(period: Period, sign: int) -> tuple[int, ...]:
    return tuple(sign * (shifted(day, period, sign) - day).days for day in _days())


@lru_cache(maxsize=256)
def _length_range(period: Period, sign: int) -> tuple[int, int]:
    lengths = _lengths(period, sign)
    return min(lengths), max(lengths)


@lru_cache(maxsize=256)
def _together(lengths: tuple[Length, ...]) -> tuple[tuple[int, ...], ...]:
    """All combinations of lengths that occur."""
    return tuple(sorted(set(zip(*(_lengths(item.period, item.sign) for item in lengths), strict=True))))


@lru_cache(maxsize=64)
def _unit_range(unit: Unit, back: int) -> tuple[int, int]:
    starts = [(day - unit_start(day, unit, back)).days for day in _days()]
    return min(starts), max(starts)


def _meant(var: Var) -> Length | UnitStart:
    # Invariant: only variables of these are asked about.
    assert isinstance(var.meaning, Length | UnitStart)
    return var.meaning


def _number(meaning: Length | UnitStart, day: date) -> int:
    if isinstance(meaning, Length):
        return meaning.sign * (shifted(day, meaning.period, meaning.sign) - day).days
    return (day - unit_start(day, meaning.unit, meaning.back)).days


@lru_cache(maxsize=256)
def _stretches(meaning: Length | UnitStart, number: int, days: range) -> tuple[tuple[int, int], ...]:
    """The first and last days, as Python counts them, of all stretches of days that have a length."""
    found: list[tuple[int, int]] = []
    for day in days:
        if _number(meaning, date.fromordinal(day)) == number:
            first = found.pop()[0] if found and found[-1][1] == day - 1 else day
            found.append((first, day))
    return tuple(found)


@lru_cache(maxsize=256)
def _over_days(meaning: Length | UnitStart) -> tuple[int, ...]:
    if isinstance(meaning, Length):
        return _lengths(meaning.period, meaning.sign)
    return tuple(_number(meaning, day) for day in _days())


@lru_cache(maxsize=1024)
def _apart(near: Length | UnitStart, far: Length | UnitStart) -> tuple[int, int]:
    """The least and the most days by which one is longer than the other, at one `as_of`."""
    one, other = _over_days(near), _over_days(far)
    gaps = [more - less for less, more in zip(one, other, strict=True)]
    return min(gaps), max(gaps)
