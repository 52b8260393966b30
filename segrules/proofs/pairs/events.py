"""One event: the kinds that its rows can be of, and the stretches of time in which they can lie."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segrules.ir import nodes as ir
from segrules.ir.nodes import Literal
from segrules.ir.testcases import GivenEvent
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Plane, Rows, Total
from segrules.proofs.formulas.calendar import DAY, Edge
from segrules.proofs.formulas.logic import Flag, Var
from segrules.proofs.pairs.kinds import Kinds, Properties
from segrules.proofs.witnesses.realise import default
from segrules.reference.interpreter import Interpreter
from segrules.reference.windows import Clock
from segrules.reference.world import Row
from segrules.types.types import IntegerType
from segrules.types.zones import local_day

_LONG_AGO = 400
"""So many days before everything that the rules speak of lies what is long ago."""


class EventRows:
    """One event: the kinds that its rows can be of, and the times at which they can be."""

    def __init__(
        self, encoder: Encoder, event: str, numbers: Sequence[Var], flags: Sequence[Flag], as_of: datetime
    ) -> None:
        self._encoder = encoder
        self.name = event
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
        self._properties = Properties(encoder, event, conditions_of(asked), kept, interpreter)

    def come_to(self, there: Sequence[GivenEvent], numbers: Sequence[Var]) -> NDArray[np.float64]:
        """What numbers come to for rows from elsewhere."""
        reached = np.zeros(len(numbers))
        columns = self._encoder.rules.catalogue.events[self.name].properties
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
                    case Total(_, of, scale) if said == 1 and isinstance(amount := row.values.get(of), int | Fraction):
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

    def given(self, spot: int, values: Mapping[str, object]) -> GivenEvent:
        """A row with these values in a stretch of time."""
        properties = self._encoder.rules.catalogue.events[self.name].properties
        given: dict[str, Literal] = {}
        for name, column in sorted(properties.items()):
            value = values.get(name)
            if value is None and name not in values and not column.nullable:
                value = default(column)
            if value is not None:
                if isinstance(column.type, IntegerType):
                    value = int(value)  # type: ignore[call-overload]
                given[name] = Literal(value, column.type)  # type: ignore[arg-type]
        return GivenEvent(self.name, self._time(self._spots[spot]), given)

    def _time(self, position: int | Fraction) -> date | datetime:
        calendar = self._encoder.calendar
        if self._dated:
            return local_day(self._as_of, calendar.zone) - timedelta(days=int(position))
        return calendar.moment(self._as_of, position)


def conditions_of(meanings: Iterable[object]) -> list[ir.Condition]:
    """What filters say, and what is asked of first and last rows."""
    found = [item.rows.where for item in meanings if isinstance(item, Number | Total | Distinct | EdgeRow)]
    asked = [item.condition for item in meanings if isinstance(item, EdgeRow)]
    return [item for item in (*found, *asked) if item is not None]


def _beyond(spot: int | Fraction, after: bool, edge: int | Fraction) -> bool:
    """Whether a position lies on the right side of an edge."""
    return spot <= edge if after else spot > edge
