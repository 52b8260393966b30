"""Rows of events laid by hand, so that numbers of rows and totals lie where a box wants them.

The solver finds such rows for one question. Here they are found for many segments at once, quickly and not always:
the row that helps most is added until nothing helps. Nothing rests on it, since the interpreter looks at the customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrules.ir import nodes as ir
from segrules.ir.nodes import AggregateKind, Literal
from segrules.ir.testcases import GivenEvent
from segrules.proofs.boxes.axes import Terms
from segrules.proofs.boxes.boxes import Box
from segrules.proofs.boxes.ranges import Ranges
from segrules.proofs.encoding.attributes import scale_of
from segrules.proofs.encoding.cells import one_property, shared_filter, tests_in
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.regions import Region, regions
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Plane, Rows, Total
from segrules.proofs.formulas.calendar import DAY, Edge
from segrules.proofs.formulas.logic import Flag, Var
from segrules.proofs.witnesses.realise import default
from segrules.reference.interpreter import Interpreter
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.types import IntegerType
from segrules.types.zones import local_day

_MOST_KINDS = 6_000
_MOST_ROWS = 150
_LONG_AGO = 400
"""So many days before everything that the rules speak of lies what is long ago."""
_NEVER = -1e6

_Signs = NDArray[np.int8]
"""What a filter says of kinds of rows: 1 yes, 0 unknown, -1 no."""
_Table = NDArray[np.float64]
_Bounded = Sequence[tuple[Terms, Ranges]]
"""Numbers of rows and sums of them, with where they have to lie."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A sum of numbers of rows (`terms`, by place), and where it has to lie."""

    terms: tuple[tuple[int, int], ...]
    low: float
    high: float


class Arranger:
    """Lays rows of events for one rule set at one instant."""

    def __init__(self, encoder: Encoder, numbers: Iterable[Var], flags: Iterable[Flag], as_of: datetime) -> None:
        by_event: dict[str, tuple[list[Var], list[Flag]]] = {}
        for var in numbers:
            if isinstance(var.meaning, Number | Total | Distinct):
                by_event.setdefault(var.meaning.rows.event, ([], []))[0].append(var)
        for item in flags:
            if isinstance(item.meaning, EdgeRow):
                by_event.setdefault(item.meaning.rows.event, ([], []))[1].append(item)
        self._events = [_Event(encoder, event, *by_event[event], as_of) for event in sorted(by_event)]

    def rows(self, box: Box, there: Sequence[GivenEvent] = ()) -> tuple[tuple[GivenEvent, ...], dict[str, int]]:
        """Rows that lie as a box wants, or nearly so, and what each number of rows and each total comes to.

        Rows that are `there` already stay.
        """
        found = list(there)
        reached: dict[str, int] = {}
        waiting = [event.names for event in self._events]
        flags = box.flags
        numbers = [
            (axis.of, ranges)
            for axis, ranges in box.ranges.items()
            if not isinstance(axis.of, Flag)
            and any(isinstance(var.meaning, Number | Total | Distinct) for _, var in axis.of)
        ]
        for event in self._events:
            waiting = waiting[1:]
            found += event.rows(flags, numbers, reached, frozenset().union(*waiting), there)
        return tuple(sorted(found, key=lambda row: (_instant(row.at), row.event))), reached


class _Event:
    """One event: the kinds that its rows can be of, and the times at which they can be."""

    def __init__(
        self, encoder: Encoder, event: str, numbers: Sequence[Var], flags: Sequence[Flag], as_of: datetime
    ) -> None:
        self._encoder = encoder
        self._event = event
        self._as_of = as_of
        self._interpreter = Interpreter(encoder.rules.catalogue, Clock(as_of, encoder.rules.catalogue.zone))
        self._dated = is_dated(encoder, event)
        self._numbers = tuple(numbers)
        self._places = {var: place for place, var in enumerate(numbers)}
        self.names = frozenset(var.name for var in numbers)
        self._flags = tuple(flags)
        asked = [var.meaning for var in numbers] + [item.meaning for item in flags]
        self._rows = [item.rows for item in asked if isinstance(item, Number | Total | Distinct | EdgeRow)]
        self._values: list[dict[str, object]] = []
        self._signs: dict[ir.Condition, _Signs] = {}
        self._kinds()
        self._spots = self._times()
        self._in_time = np.array([self._within(var.meaning.rows) for var in numbers], dtype=np.float64)  # type: ignore[attr-defined]
        self._of_kind = np.array([self._contributed(var) for var in numbers], dtype=np.float64)
        self._width = (self._in_time != 0).sum(axis=1) * (self._of_kind != 0).sum(axis=1) if numbers else []
        if not numbers:
            self._in_time = np.zeros((0, len(self._spots)))
            self._of_kind = np.zeros((0, len(self._values)))

    # --- kinds of rows

    def _kinds(self) -> None:
        """Combinations of values that filters tell apart, with what each filter says of them."""
        encoder = self._encoder
        event = encoder.rules.catalogue.events[self._event]
        table = encoder.rules.catalogue.tables[event.table]
        columns = {**table.columns, **event.properties} if event.grouping is None else dict(event.properties)
        conditions = [rows.where for rows in self._rows if rows.where is not None]
        conditions += [item.meaning.condition for item in self._flags if isinstance(item.meaning, EdgeRow)]
        allowed = shared_filter(event.where, conditions) if event.grouping is None else None
        self._kept = {var.meaning.property for var in self._numbers if isinstance(var.meaning, Total | Distinct)}
        tests: dict[str, list[ir.Condition]] = {name: [] for name in sorted(self._kept)}
        others: list[ir.Condition] = []
        for condition in dict.fromkeys([*conditions, *([] if allowed is None else [allowed])]):
            for leaf in tests_in(condition):
                name = one_property(leaf, columns)
                of = others if name is None else tests.setdefault(name, [])
                if leaf not in of:
                    of.append(leaf)
        names = sorted(tests)
        kept: list[Sequence[Region]] = []
        for name in names:
            column = columns[name]
            scale = scale_of(column.type, column)
            cut = regions(column, column.type, tests[name], scale)
            if cut is None:
                others += tests[name]
                cut = regions(column, column.type, (), scale) or ()
            kept.append(cut)
        while np.prod([len(found) for found in kept], dtype=np.int64) > _MOST_KINDS:
            longest = max(range(len(kept)), key=lambda place: len(kept[place]))
            kept[longest] = kept[longest][: len(kept[longest]) * 3 // 4]
        shape = tuple(len(found) for found in kept)
        interpreter = self._interpreter
        known: dict[ir.Condition, _Signs] = {leaf: np.zeros(shape, dtype=np.int8) for leaf in others}
        for axis, (name, found) in enumerate(zip(names, kept, strict=True)):
            for leaf in tests[name]:
                if leaf in known:
                    continue
                said = [_SIGN[interpreter.truth(leaf, None, Row({name: region.value}))] for region in found]
                along = [1] * len(shape)
                along[axis] = len(said)
                known[leaf] = np.broadcast_to(np.array(said, dtype=np.int8).reshape(along), shape)
        # Kinds of which every filter says the same, with the same amounts, are one.
        there = np.ones(shape, dtype=np.bool_) if allowed is None else _kleene(allowed, known, shape) == 1
        told = [_kleene(condition, known, shape)[there] for condition in dict.fromkeys(conditions)]
        chosen = np.argwhere(there)
        counted = [axis for axis, name in enumerate(names) if name in self._kept]
        alike = np.column_stack([*told, *(chosen[:, axis] for axis in counted), np.zeros(len(chosen), dtype=np.int64)])
        _, first = np.unique(alike, axis=0, return_index=True)
        first.sort()
        chosen = chosen[first]
        self._values = [
            {name: kept[axis][int(place)].value for axis, (name, place) in enumerate(zip(names, places, strict=True))}
            for places in chosen
        ]
        self._regions = {name: chosen[:, axis] for axis, name in enumerate(names)}
        for condition, signs in zip(dict.fromkeys(conditions), told, strict=True):
            self._signs[condition] = signs[first]

    def _said(self, rows: Rows) -> _Signs:
        return np.ones(len(self._values), dtype=np.int8) if rows.where is None else self._signs[rows.where]

    def _contributed(self, var: Var) -> NDArray[Any]:
        """What one row of each kind adds to a number."""
        match var.meaning:
            case Number(rows, plane):
                made: NDArray[Any] = self._said(rows) == (1 if plane is Plane.SURE else 0)
                return made
            case Total(rows, of, scale):
                inside = self._said(rows) == 1
                amounts = [
                    float(value[of]) * (scale or 1) if isinstance(value[of], int | Fraction) else 0.0  # type: ignore[arg-type]
                    for value in self._values
                ]
                return np.where(inside, np.array(amounts), 0.0)
            case Distinct(rows):
                inside = self._said(rows) == 1
                return np.where(inside, 1.0, 0.0)
            case _:
                raise AssertionError(var.meaning)  # invariant: only these are asked for

    def _come_to(self, there: Sequence[GivenEvent]) -> NDArray[np.float64]:
        """What each number comes to for rows from elsewhere."""
        reached = np.zeros(len(self._numbers))
        columns = self._encoder.rules.catalogue.events[self._event].properties
        for given in there:
            row = Row({name: None for name in columns} | {name: item.value for name, item in given.properties.items()})
            position = self._position_of(given.at)
            for place, var in enumerate(self._numbers):
                meaning = var.meaning
                assert isinstance(meaning, Number | Total | Distinct)
                where = meaning.rows.where
                if not all(_beyond(position, *limit) for limit in self._limits(meaning.rows)):
                    continue
                said = True if where is None else self._interpreter.truth(where, None, row)
                match meaning:
                    case Number(_, plane):
                        reached[place] += said is True if plane is Plane.SURE else said is None
                    case Total(_, of, scale) if said is True and isinstance(amount := row.values.get(of), int | Fraction):
                        reached[place] += float(amount) * (scale or 1)
                    case Distinct() if said is True:
                        reached[place] += 1
        return reached

    # --- times

    def _position_of(self, at: date | datetime) -> int | Fraction:
        calendar = self._encoder.calendar
        if not isinstance(at, datetime):
            return (local_day(self._as_of, calendar.zone) - at).days
        return self._position(calendar.instant(at))

    def _limits(self, rows: Rows) -> list[tuple[bool, int | Fraction]]:
        return [(bound.after, self._position(bound.edge)) for bound in rows.bounds]

    def _position(self, edge: Edge) -> int | Fraction:
        calendar = self._encoder.calendar
        of = edge.days if self._dated else calendar.position(edge)
        values = calendar.values([var for _, var in of.terms], self._as_of)
        return of.constant + sum(coefficient * values[var] for coefficient, var in of.terms)

    def _times(self) -> list[int | Fraction]:
        """Positions at which rows can be, the newest first: one in each stretch that windows tell apart."""
        calendar = self._encoder.calendar
        step = 1 if self._dated else DAY
        now = self._position(calendar.today() if self._dated else calendar.now())
        edges = {self._position(bound.edge) for rows in self._rows for bound in rows.bounds}
        cuts = sorted({now, *(edge for edge in edges if edge > now)})
        found: list[int | Fraction] = []
        for place, newest in enumerate(cuts):
            oldest = cuts[place + 1] if place + 1 < len(cuts) else newest + _LONG_AGO * step
            first, last = -(-(newest + 1) // step), oldest // step
            found.append(newest + 1 if first > last else first * step)
            if last > first:
                found.append(last * step)
        return found

    def _within(self, rows: Rows) -> list[bool]:
        limits = self._limits(rows)
        return [all(_beyond(spot, *limit) for limit in limits) for spot in self._spots]

    # --- rows

    def rows(
        self,
        flags: Mapping[Flag, bool],
        numbers: _Bounded,
        known: dict[str, int],
        later: frozenset[str],
        there: Sequence[GivenEvent],
    ) -> list[GivenEvent]:
        """Rows that lie, with those that are `there`, as a box with these flags and numbers wants, or nearly so.

        Numbers of other events are `known`, where these come to is added, or come `later`.
        """
        wanted = self._wanted(numbers, known, later)
        allowed = np.ones((len(self._spots), len(self._values)), dtype=np.bool_)
        chosen: list[tuple[int, int]] = []
        if not len(self._values):
            return []
        reached = self._come_to([row for row in there if row.event == self._event])
        for item in self._flags:
            if flags.get(item) and isinstance(item.meaning, EdgeRow):
                self._edge(item.meaning, wanted, reached, allowed, chosen)
        used: dict[int, set[int]] = {}
        of_kind = self._of_kind
        distinct = [place for place, var in enumerate(self._numbers) if isinstance(var.meaning, Distinct)]
        if distinct:
            of_kind = of_kind.copy()
        while len(chosen) < _MOST_ROWS:
            weights, low = self._weights(wanted, reached)
            if low is None:
                break
            used_ = weights.nonzero()[0]
            helping = [place for number, place in low.terms if number > 0]
            spots = np.flatnonzero(self._in_time[helping].any(axis=0))
            kinds = np.flatnonzero(of_kind[helping].any(axis=0))
            if not len(spots) or not len(kinds):
                break
            gain = self._in_time[np.ix_(used_, spots)].T @ (weights[used_, None] * of_kind[np.ix_(used_, kinds)])
            gain = np.where(allowed[np.ix_(spots, kinds)], gain, _NEVER)
            # Rounded, since the last digits of sums are not the same on every machine.
            best = divmod(int(np.rint(gain * 1e6).argmax()), len(kinds))
            if gain[best] <= 1e-6:
                break
            spot, kind = int(spots[best[0]]), int(kinds[best[1]])
            adds = self._in_time[:, spot] * of_kind[:, kind]
            times = 1 if distinct else self._as_often(wanted, reached, adds)
            chosen += [(spot, kind)] * times
            reached += times * adds
            for place in distinct:
                meaning = self._numbers[place].meaning
                assert isinstance(meaning, Distinct)
                if self._in_time[place, spot] and of_kind[place, kind]:
                    region = int(self._regions[meaning.property][kind])
                    if region not in used.setdefault(place, set()):
                        used[place].add(region)
                        of_kind[place, self._regions[meaning.property] == region] = 0
        known.update((var.name, int(number)) for var, number in zip(self._numbers, reached, strict=True))
        return [self._given(*row) for row in chosen]

    def _wanted(self, numbers: _Bounded, known: Mapping[str, int], later: frozenset[str]) -> list[_Wanted]:
        found = []
        for terms, ranges in numbers:
            own = tuple((number, self._places[var]) for number, var in terms if var in self._places)
            if not own:
                continue
            others = [(number, var) for number, var in terms if var not in self._places]
            if not all(var.name in known or var.name in later for _, var in others):
                continue
            low, high = _ends(ranges)
            there = sum(number * known.get(var.name, 0) for number, var in others)
            if any(var.name in later for _, var in others):
                low = -np.inf
            found.append(_Wanted(own, low - there, high - there))
        # What the fewest rows can help goes first.
        return sorted(found, key=lambda item: sum(self._width[place] for _, place in item.terms))

    def _weights(
        self, wanted: Sequence[_Wanted], reached: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], _Wanted | None]:
        """How much one more of each number helps, and the first of what is still too low."""
        weights = np.zeros(len(self._numbers))
        low: _Wanted | None = None
        for item in wanted:
            at = sum(number * reached[place] for number, place in item.terms)
            # Rows are only ever added: what is to stay low is never raised past its end.
            below, above = item.low - at, item.high - at
            for number, place in item.terms:
                if below > 0:
                    low = low or item
                    unit = max(below, 1.0) if not isinstance(self._numbers[place].meaning, Number) else 1.0
                    weights[place] += number / unit
                if above < abs(number):
                    weights[place] -= 1000.0 * number
                elif above < 1e12:
                    weights[place] -= 1.2 * number / above if above > 1 else 0.5 * number
        return weights, low

    def _as_often(self, wanted: Sequence[_Wanted], reached: NDArray[np.float64], adds: NDArray[np.float64]) -> int:
        """How many rows of one kind are needed at least, if there is room for them."""
        most = _MOST_ROWS
        for item in wanted:
            step = sum(number * adds[place] for number, place in item.terms)
            at = sum(number * reached[place] for number, place in item.terms)
            if step > 0 and at < item.low:
                most = min(most, int(-(-(item.low - at) // step)))
            if step > 0 and item.high < 1e12:
                most = min(most, int((item.high - at) // step))
        return max(1, most)

    def _edge(
        self,
        meaning: EdgeRow,
        wanted: Sequence[_Wanted],
        reached: NDArray[np.float64],
        allowed: NDArray[np.bool_],
        chosen: list[tuple[int, int]],
    ) -> None:
        """A first or last row that is as it has to be, and none of its like beyond it."""
        inside = self._said(meaning.rows) == 1
        fitting = inside & (self._signs[meaning.condition] == _SIGN[meaning.value])
        within = np.array(self._within(meaning.rows))
        order = within.nonzero()[0] if meaning.which is AggregateKind.LAST else within.nonzero()[0][::-1]
        weights, _ = self._weights(wanted, reached)
        for spot in order[:4]:
            gain = np.where(
                allowed[spot] & fitting, self._in_time[:, spot] @ (weights[:, None] * self._of_kind), _NEVER
            )
            kind = int(np.rint(gain * 1e6).argmax())
            if gain[kind] <= -100:
                continue
            chosen.append((int(spot), kind))
            reached += self._in_time[:, spot] * self._of_kind[:, kind]
            beyond = within.copy()
            if meaning.which is AggregateKind.LAST:
                beyond[spot + 1 :] = False
            else:
                beyond[:spot] = False
            allowed[np.ix_(beyond, inside & ~fitting)] = False
            return

    def _given(self, spot: int, kind: int) -> GivenEvent:
        properties = self._encoder.rules.catalogue.events[self._event].properties
        given: dict[str, Literal] = {}
        for name, column in sorted(properties.items()):
            value = self._values[kind].get(name)
            if value is None and name not in self._values[kind] and not column.nullable:
                value = default(column)
            if value is not None:
                if isinstance(column.type, IntegerType):
                    value = int(value)  # type: ignore[call-overload]
                given[name] = Literal(value, column.type)  # type: ignore[arg-type]
        return GivenEvent(self._event, self._time(self._spots[spot]), given)

    def _time(self, position: int | Fraction) -> date | datetime:
        calendar = self._encoder.calendar
        if self._dated:
            return local_day(self._as_of, calendar.zone) - timedelta(days=int(position))
        return calendar.moment(self._as_of, position)


def _beyond(spot: int | Fraction, after: bool, edge: int | Fraction) -> bool:
    """Whether a position lies on the right side of an edge."""
    return spot <= edge if after else spot > edge


_SIGN: Mapping[bool | None, int] = {True: 1, False: -1, None: 0}


def _kleene(condition: ir.Condition, known: Mapping[ir.Condition, _Signs], shape: tuple[int, ...]) -> _Signs:
    """What a condition says of all kinds of rows."""
    made: _Signs
    match condition:
        case ir.And(items):
            made = np.minimum.reduce([_kleene(item, known, shape) for item in items])
        case ir.Or(items):
            made = np.maximum.reduce([_kleene(item, known, shape) for item in items])
        case ir.Not(item):
            made = -_kleene(item, known, shape)
        case ir.Fixed(value):
            made = np.full(shape, _SIGN[value], dtype=np.int8)
        case _:
            made = known[condition]
    return made


def _ends(ranges: Ranges) -> tuple[float, float]:
    (low, nudge_low), (high, nudge_high) = ranges[0][0], ranges[-1][1]
    return float(low) + (0.001 if nudge_low > 0 else 0.0), float(high) - (0.001 if nudge_high < 0 else 0.0)


def _instant(at: date | datetime) -> tuple[date, str]:
    return (at.date(), at.isoformat()) if isinstance(at, datetime) else (at, "")
