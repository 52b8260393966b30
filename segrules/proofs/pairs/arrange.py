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
from segrules.proofs.boxes.axes import Axis, Terms
from segrules.proofs.boxes.boxes import Box
from segrules.proofs.boxes.ranges import Ranges
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Plane, Rows, Total
from segrules.proofs.formulas.calendar import DAY, Edge
from segrules.proofs.formulas.logic import Flag, Var
from segrules.proofs.pairs.kinds import SIGN, Kinds, Properties
from segrules.proofs.witnesses.realise import default
from segrules.reference.interpreter import Interpreter
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.types import IntegerType
from segrules.types.zones import local_day

_MOST_ROWS = 150
_LONG_AGO = 400
"""So many days before everything that the rules speak of lies what is long ago."""
_NEVER = -1e6
_HARM = -100.0
"""A gain below which a row would raise something past its end."""
_ANY = 1e12

_Bounded = Sequence[tuple[Terms, Ranges]]
"""Numbers of rows and sums of them, with where they have to lie."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a box says of rows: which flags hold, and where sums of numbers have to lie."""

    flags: Mapping[Flag, bool]
    numbers: _Bounded


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
        self._speaking: dict[Axis, tuple[int, ...]] = {}
        """The events, by place, of whose rows an axis speaks."""

    def rows(
        self, box: Box, narrower: Box, there: Sequence[GivenEvent] = ()
    ) -> tuple[tuple[GivenEvent, ...], dict[str, int]]:
        """Rows that lie as a box wants, or nearly so, and then as far as can be as one wants that is `narrower`.

        Rows that are `there` already stay. Also what each number of rows and each total comes to.
        """
        found = list(there)
        reached: dict[str, int] = {}
        waiting = [event.names for event in self._events]
        asked = [self._asked(box)]
        if narrower is not box:
            asked.append(self._asked(narrower))
        for place, event in enumerate(self._events):
            waiting = waiting[1:]
            found += event.rows([one[place] for one in asked], reached, frozenset().union(*waiting), there)
        return tuple(sorted(found, key=lambda row: (_instant(row.at), row.event))), reached

    def _asked(self, box: Box) -> list[_Asked]:
        """What a box says of the rows of each event."""
        flags = box.flags
        numbers: list[list[tuple[Terms, Ranges]]] = [[] for _ in self._events]
        for axis, ranges in box.ranges.items():
            if axis not in self._speaking:
                names = () if isinstance(axis.of, Flag) else [var.name for _, var in axis.of]
                places = (at for at, event in enumerate(self._events) if not event.names.isdisjoint(names))
                self._speaking[axis] = tuple(places)
            for place in self._speaking[axis]:
                assert isinstance(axis.of, tuple)
                numbers[place].append((axis.of, ranges))
        return [_Asked(flags, of) for of in numbers]


class _Event:
    """One event: the kinds that its rows can be of, and the times at which they can be."""

    def __init__(
        self, encoder: Encoder, event: str, numbers: Sequence[Var], flags: Sequence[Flag], as_of: datetime
    ) -> None:
        self._encoder = encoder
        self._event = event
        self._as_of = as_of
        interpreter = Interpreter(encoder.rules.catalogue, Clock(as_of, encoder.rules.catalogue.zone))
        self._dated = is_dated(encoder, event)
        self._numbers = tuple(numbers)
        self._places = {var: place for place, var in enumerate(numbers)}
        self.names = frozenset(var.name for var in numbers)
        self._flags = tuple(flags)
        asked = [var.meaning for var in numbers] + [item.meaning for item in flags]
        self._rows = [item.rows for item in asked if isinstance(item, Number | Total | Distinct | EdgeRow)]
        self._spots = self._times()
        self._in_time = np.array([self._within(var.meaning.rows) for var in numbers], dtype=np.float64)  # type: ignore[attr-defined]
        if not numbers:
            self._in_time = np.zeros((0, len(self._spots)))
        kept = {var.meaning.property for var in numbers if isinstance(var.meaning, Total | Distinct)}
        self._properties = Properties(encoder, event, _conditions(asked), kept, interpreter)

    def _come_to(self, there: Sequence[GivenEvent], numbers: Sequence[Var]) -> NDArray[np.float64]:
        """What numbers come to for rows from elsewhere."""
        reached = np.zeros(len(numbers))
        columns = self._encoder.rules.catalogue.events[self._event].properties
        for given in there:
            row = Row(dict.fromkeys(columns) | {name: item.value for name, item in given.properties.items()})
            position = self._position_of(given.at)
            for place, var in enumerate(numbers):
                meaning = var.meaning
                assert isinstance(meaning, Number | Total | Distinct)
                if not all(_beyond(position, *limit) for limit in self._limits(meaning.rows)):
                    continue
                said = self._properties.said_of(meaning.rows.where, row)
                match meaning:
                    case Number(_, plane):
                        reached[place] += said == (1 if plane is Plane.SURE else 0)
                    case Total(_, of, scale) if said is True and isinstance(
                        amount := row.values.get(of), int | Fraction
                    ):
                        reached[place] += float(amount) * (scale or 1)
                    case Distinct() if said == 1:
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

    def within(self, rows: Rows) -> NDArray[np.bool_]:
        """Which stretches of time lie in the window of some rows."""
        return np.array(self._within(rows), dtype=np.bool_)

    def in_time(self, numbers: Sequence[Var]) -> NDArray[np.float64]:
        """For each number, 1 for the stretches of time in its window."""
        made: NDArray[np.float64] = self._in_time[[self._places[var] for var in numbers]]
        return made

    def kinds(self, conditions: Iterable[ir.Condition], kept: Iterable[str]) -> Kinds:
        """The kinds of rows that conditions tell apart."""
        return self._properties.kinds(conditions, kept)

    # --- rows

    def rows(
        self, asked: Sequence[_Asked], known: dict[str, int], later: frozenset[str], there: Sequence[GivenEvent]
    ) -> list[GivenEvent]:
        """Rows that lie, with those that are `there`, as is asked first, and then as is asked next.

        Numbers of other events are `known`, where these come to is added, or come `later`.
        """
        spoken = {var: None for item in asked for terms, _ in item.numbers for _, var in terms if var in self._places}
        edges = [[item for item in self._flags if one.flags.get(item)] for one in asked]
        if not spoken and not any(edges):
            return []
        laid = _Laying(self, tuple(spoken), [item for items in edges for item in items])
        if not len(laid.kinds):
            return []
        own = [row for row in there if row.event == self._event]
        if own:
            laid.reached += self._come_to(own, tuple(spoken))
        done: set[Flag] = set()
        for one, flags in zip(asked, edges, strict=True):
            wants = laid.wants(one.numbers, known, later)
            for item in flags:
                if item not in done:
                    done.add(item)
                    laid.edge(item, wants)
            laid.fill(wants)
        known.update((var.name, int(number)) for var, number in zip(spoken, laid.reached, strict=True))
        return [self._given(self._spots[spot], laid.kinds.values(kind)) for spot, kind in laid.chosen]

    def _given(self, position: int | Fraction, values: Mapping[str, object]) -> GivenEvent:
        properties = self._encoder.rules.catalogue.events[self._event].properties
        given: dict[str, Literal] = {}
        for name, column in sorted(properties.items()):
            value = values.get(name)
            if value is None and name not in values and not column.nullable:
                value = default(column)
            if value is not None:
                if isinstance(column.type, IntegerType):
                    value = int(value)  # type: ignore[call-overload]
                given[name] = Literal(value, column.type)  # type: ignore[arg-type]
        return GivenEvent(self._event, self._time(position), given)

    def _time(self, position: int | Fraction) -> date | datetime:
        calendar = self._encoder.calendar
        if self._dated:
            return local_day(self._as_of, calendar.zone) - timedelta(days=int(position))
        return calendar.moment(self._as_of, position)


class _Laying:
    """Rows of one event that are being laid for some numbers of rows and first or last rows."""

    def __init__(self, event: _Event, numbers: Sequence[Var], edges: Sequence[Flag]) -> None:
        self._event = event
        self._numbers = numbers
        self._places = {var: place for place, var in enumerate(numbers)}
        meanings = [*(var.meaning for var in numbers), *(item.meaning for item in edges)]
        kept = {item.property for item in meanings if isinstance(item, Total | Distinct)}
        self.kinds = event.kinds(_conditions(meanings), kept)
        self._of_kind = np.array([self._contributed(var) for var in numbers], dtype=np.float64)
        self._of_kind = self._of_kind.reshape(len(numbers), len(self.kinds))
        self._in_time = event.in_time(numbers)
        self._width = (self._in_time != 0).sum(axis=1) * (self._of_kind != 0).sum(axis=1)
        self._allowed = np.ones((self._in_time.shape[1], len(self.kinds)), dtype=np.bool_)
        self._counts = np.array([isinstance(var.meaning, Number) for var in numbers], dtype=np.bool_)
        self._distinct = [place for place, var in enumerate(numbers) if isinstance(var.meaning, Distinct)]
        self._used: dict[int, set[int]] = {}
        self.reached = np.zeros(len(numbers))
        self.chosen: list[tuple[int, int]] = []
        """The rows: the stretch of time and the kind of each."""

    def _contributed(self, var: Var) -> NDArray[Any]:
        """What one row of each kind adds to a number."""
        match var.meaning:
            case Number(rows, plane):
                made: NDArray[Any] = self.kinds.said(rows.where) == (1 if plane is Plane.SURE else 0)
                return made
            case Total(rows, of, scale):
                inside = self.kinds.said(rows.where) == 1
                amounts = self.kinds.amounts[of][self.kinds.places[of]] * (scale or 1)
                return np.where(inside, amounts, 0.0)
            case Distinct(rows):
                return np.where(self.kinds.said(rows.where) == 1, 1.0, 0.0)
            case _:
                raise AssertionError(var.meaning)  # invariant: only these are asked for

    def wants(self, numbers: _Bounded, known: Mapping[str, int], later: frozenset[str]) -> "_Wants":
        """Where sums of numbers have to lie; what the fewest rows can help goes first."""
        found: list[tuple[list[tuple[int, int]], float, float]] = []
        for terms, ranges in numbers:
            own = [(number, self._places[var]) for number, var in terms if var in self._places]
            if not own:
                continue
            others = [(number, var) for number, var in terms if var not in self._places]
            if not all(var.name in known or var.name in later for _, var in others):
                continue
            low, high = _ends(ranges)
            there = sum(number * known.get(var.name, 0) for number, var in others)
            if any(var.name in later for _, var in others):
                low = -np.inf
            found.append((own, low - there, high - there))
        found.sort(key=lambda item: sum(self._width[place] for _, place in item[0]))
        return _Wants(found, self._counts)

    def fill(self, wants: "_Wants") -> None:
        """Add the row that helps most until nothing helps; what cannot be helped is left."""
        while len(self.chosen) < _MOST_ROWS:
            weights, low = wants.weights(self.reached)
            if low is None:
                break
            used = weights.nonzero()[0]
            helping = wants.helping(low)
            spots = np.flatnonzero(self._in_time[helping].any(axis=0))
            kinds = np.flatnonzero(self._of_kind[helping].any(axis=0))
            if not len(spots) or not len(kinds):
                wants.give_up(low)
                continue
            # Not as a product of matrices, for which threads would be started that wait for each other.
            helped = self._in_time[used][:, spots] * weights[used, None]
            gain = np.einsum("us,uk->sk", helped, self._of_kind[used][:, kinds])
            gain = np.where(self._allowed[np.ix_(spots, kinds)], gain, _NEVER)
            # Rounded, since the last digits of sums are not the same on every machine.
            best = divmod(int(np.rint(gain * 1e6).argmax()), len(kinds))
            if gain[best] <= _HARM:
                wants.give_up(low)
                continue
            self._lay(int(spots[best[0]]), int(kinds[best[1]]), wants)

    def _lay(self, spot: int, kind: int, wants: "_Wants") -> None:
        adds = self._in_time[:, spot] * self._of_kind[:, kind]
        times = 1 if self._distinct else wants.as_often(self.reached, adds)
        self.chosen += [(spot, kind)] * times
        self.reached += times * adds
        for place in self._distinct:
            meaning = self._numbers[place].meaning
            assert isinstance(meaning, Distinct)
            if self._in_time[place, spot] and self._of_kind[place, kind]:
                # The same value counts once.
                places = self.kinds.places[meaning.property]
                alike = places == places[kind]
                self._of_kind[place, alike] = 0

    def edge(self, item: Flag, wants: "_Wants") -> None:
        """A first or last row that is as it has to be, and none of its like beyond it."""
        meaning = item.meaning
        assert isinstance(meaning, EdgeRow)
        inside = self.kinds.said(meaning.rows.where) == 1
        fitting = inside & (self.kinds.signs[meaning.condition] == SIGN[meaning.value])
        within = self._event.within(meaning.rows)
        order = within.nonzero()[0] if meaning.which is AggregateKind.LAST else within.nonzero()[0][::-1]
        weights, _ = wants.weights(self.reached)
        for spot in order[:4]:
            gain = np.einsum("u,uk->k", self._in_time[:, spot] * weights, self._of_kind)
            gain = np.where(self._allowed[spot] & fitting, gain, _NEVER)
            kind = int(np.rint(gain * 1e6).argmax())
            if gain[kind] <= _HARM:
                continue
            self.chosen.append((int(spot), kind))
            self.reached += self._in_time[:, spot] * self._of_kind[:, kind]
            beyond = within.copy()
            if meaning.which is AggregateKind.LAST:
                beyond[spot + 1 :] = False
            else:
                beyond[:spot] = False
            self._allowed[np.ix_(beyond, inside & ~fitting)] = False
            return


class _Wants:
    """Sums of numbers of rows, and where each has to lie: item by item, and term by term of all items in a row."""

    def __init__(
        self, items: Sequence[tuple[Sequence[tuple[int, int]], float, float]], counts: NDArray[np.bool_]
    ) -> None:
        terms = [(at, place, number) for at, (own, _, _) in enumerate(items) for number, place in own]
        self._item = np.array([at for at, _, _ in terms], dtype=np.intp)
        self._place = np.array([place for _, place, _ in terms], dtype=np.intp)
        self._number = np.array([number for _, _, number in terms], dtype=np.float64)
        self._low = np.array([low for _, low, _ in items], dtype=np.float64)
        self._high = np.array([high for _, _, high in items], dtype=np.float64)
        self._is_count = counts[self._place]
        self._given_up = np.zeros(len(items), dtype=np.bool_)
        self._numbers = len(counts)

    def _at(self, reached: NDArray[np.float64]) -> NDArray[np.float64]:
        return _summed(self._item, self._number * reached[self._place], len(self._low))

    def weights(self, reached: NDArray[np.float64]) -> tuple[NDArray[np.float64], int | None]:
        """How much one more of each number helps, and the first item that is still too low."""
        at = self._at(reached)
        # Rows are only ever added: what is to stay low is never raised past its end.
        below, above = self._low - at, self._high - at
        lacks, room, number = below[self._item], above[self._item], self._number
        helps = np.where(lacks > 0, number / np.where(self._is_count, 1.0, np.maximum(lacks, 1.0)), 0.0)
        full = room < np.abs(number)
        tight = np.where(room > 1, 1.2 * number / np.maximum(room, 1.0), 0.5 * number)
        harms = np.where(full, 1000.0 * number, np.where(room < _ANY, tight, 0.0))
        low = np.flatnonzero((below > 0) & ~self._given_up)
        return _summed(self._place, helps - harms, self._numbers), int(low[0]) if len(low) else None

    def give_up(self, item: int) -> None:
        """No row can raise this item."""
        self._given_up[item] = True

    def helping(self, item: int) -> NDArray[np.intp]:
        """The numbers that raise an item."""
        found: NDArray[np.intp] = self._place[(self._item == item) & (self._number > 0)]
        return found

    def as_often(self, reached: NDArray[np.float64], adds: NDArray[np.float64]) -> int:
        """How many rows of one kind are needed at least, if there is room for them."""
        at, step = self._at(reached), self._at(adds)
        low = (step > 0) & (at < self._low)
        high = (step > 0) & (self._high < _ANY)
        needed = np.ceil((self._low[low] - at[low]) / step[low])
        room = np.floor((self._high[high] - at[high]) / step[high])
        return int(max(1, min([_MOST_ROWS, *needed[np.isfinite(needed)], *room])))


def _summed(places: NDArray[np.intp], numbers: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    made: NDArray[np.float64] = np.bincount(places, numbers, count).astype(np.float64)
    return made


def _conditions(meanings: Iterable[object]) -> list[ir.Condition]:
    """What filters say, and what is asked of first and last rows."""
    found = [item.rows.where for item in meanings if isinstance(item, Number | Total | Distinct | EdgeRow)]
    asked = [item.condition for item in meanings if isinstance(item, EdgeRow)]
    return [item for item in (*found, *asked) if item is not None]


def _beyond(spot: int | Fraction, after: bool, edge: int | Fraction) -> bool:
    """Whether a position lies on the right side of an edge."""
    return spot <= edge if after else spot > edge


def _ends(ranges: Ranges) -> tuple[float, float]:
    (low, nudge_low), (high, nudge_high) = ranges[0][0], ranges[-1][1]
    return float(low) + (0.001 if nudge_low > 0 else 0.0), float(high) - (0.001 if nudge_high < 0 else 0.0)


def _instant(at: date | datetime) -> tuple[date, str]:
    return (at.date(), at.isoformat()) if isinstance(at, datetime) else (at, "")
