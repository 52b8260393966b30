"""Event rows into one value per customer, for many aggregates at once.

Chunks of rows go in, in any number; what is kept between them is state per customer. Every aggregate is made of
states, one for each of its events and each segment of time, which aggregates over the same rows share.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np

from segrules.backends.arrow.aggregates import rhythm
from segrules.backends.arrow.aggregates.ends import Ends, end
from segrules.backends.arrow.aggregates.extremes import Extremes, extreme
from segrules.backends.arrow.aggregates.pairs import Distinct, Ordered, Values, distinct, median, most_frequent
from segrules.backends.arrow.aggregates.pooled import Doubtful, Pooled
from segrules.backends.arrow.aggregates.rows import Group, groups
from segrules.backends.arrow.aggregates.spans import Cuts, Span, segments, time_kind, within
from segrules.backends.arrow.aggregates.states import Counts, Seen, State, Valued
from segrules.backends.arrow.aggregates.sums import Sums, total
from segrules.backends.arrow.aggregates.tallies import Tally
from segrules.backends.arrow.chained import Steps, linked
from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.vectors import Flags, Ints, Kind, Vector, both, either
from segrules.ir import nodes as ir
from segrules.ir.walk import event_names
from segrules.ir.windows import Window
from segrules.lowering.stages import Wanted
from segrules.types.types import TimestampType, Type

_S = TypeVar("_S", bound=State)
_E = TypeVar("_E", ir.Condition | None, ir.Value | None)
_Number = ir.AggregateKind
_Column = tuple[str, str, str | None]
"""A table and its time column, and for grouped events their name: the rows that cuts are for."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is kept about an event's rows: `what` names the kind of state, `of` is None for times and counts."""

    event: str
    where: ir.Condition | None
    what: str
    of: ir.Value | None = None
    whole: Span | None = None
    """Set where the window is not to be cut into segments."""
    doubtful: bool = False
    """Whether the rows in doubt are meant."""


@dataclass(slots=True)
class _Ladder:
    """The states of a part, one for each segment of time."""

    part: _Part
    make: Callable[[], State]
    hull: Span = (0, 0)
    """The buckets in which rows are tested with the part's condition, by this ladder or by another one."""
    spans: set[Span] = field(default_factory=set)
    segments: list[Span] = field(default_factory=list)
    states: dict[Span, State] = field(default_factory=dict)


class Gathering:
    """Values of `wanted`, for `customers` customers, out of chunks of event rows."""

    def __init__(self, setting: Setting, customers: int, wanted: Sequence[Wanted]) -> None:
        self._setting = setting
        self._customers = customers
        self._same: dict[ir.Condition | ir.Value, ir.Condition | ir.Value] = {}
        self._wanted = list(dict.fromkeys(wanted))
        self._kinds = {name: time_kind(setting.catalogue, name) for item in wanted for name in event_names(item.events)}
        self._cuts = self._all_cuts()
        self._ladders: dict[_Part, _Ladder] = {}
        self._uses: dict[Wanted, list[tuple[_Part, Span]]] = {item: [] for item in self._wanted}
        self._steps = Steps(setting, customers, self._cuts)
        for item in self._wanted:
            if item.events.links:
                self._steps.plan(item.events)
            else:
                self._plan(item)
        for ladder in self._ladders.values():
            ladder.segments = segments(ladder.spans)
        self._hulls = self._all_hulls()
        self._by_event: dict[str, list[_Ladder]] = defaultdict(list)
        for part, ladder in self._ladders.items():
            if ladder.segments:
                self._by_event[part.event].append(ladder)
        self._on_days: dict[str, Flags] = {
            name: np.zeros(customers, np.bool_)
            for item in self._wanted
            for name in item.events.names
            if self._mixed(item) and self._kinds[name] is Kind.DAY
        }

    # --- planning

    def _all_cuts(self) -> dict[str, Cuts]:
        """The cuts of each event; events on one time column share them."""
        catalogue = self._setting.catalogue
        windows: dict[_Column, list[Window]] = defaultdict(list)
        for item in self._wanted:
            for name in item.events.names:
                windows[self._column(name)].append(item.events.window)
            for name, window in linked(item.events, self._setting.clock):
                windows[self._column(name)].append(window)
        made = {
            key: Cuts(time_kind(catalogue, name), windows[key], self._setting.clock)
            for name in self._kinds
            if (key := self._column(name)) in windows
        }
        return {name: made[self._column(name)] for name in self._kinds}

    def _column(self, name: str) -> _Column:
        event = self._setting.catalogue.events[name]
        return event.table, event.time, None if event.grouping is None else name

    def _mixed(self, item: Wanted) -> bool:
        return len({self._kinds[name] for name in item.events.names}) > 1

    def _plan(self, item: Wanted) -> None:
        customers, clock, of = self._customers, self._setting.clock, self._one(item.of)
        if item.everyone:
            kind = item.kind
            assert isinstance(kind, _Number)
            self._need(item, f"pooled {kind}", of, lambda: Pooled(kind, _given(of)))
            if item.events.where is not None:
                self._need(item, "pooled doubts", None, Doubtful, doubtful=True)
            return
        if item.events.where is not None and not isinstance(item.kind, ir.UnitsWith):
            self._need(item, "doubts", None, lambda: Counts(customers), doubtful=True)
        match item.kind:
            case _Number.NUMBER if item.cap == 1:
                self._need(item, "seen", None, lambda: Seen(customers))
            case _Number.NUMBER:
                self._need(item, "counts", None, lambda: Counts(customers))
            case _Number.TOTAL | _Number.AVERAGE:
                self._need(item, "sums", of, lambda: Sums(customers, of))
                if item.kind is _Number.AVERAGE:
                    self._need(item, "counts", None, lambda: Counts(customers))
            case _Number.SMALLEST | _Number.LARGEST:
                self._plan_extreme(item, item.kind is _Number.LARGEST)
            case _Number.DISTINCT:
                self._need(item, "distinct", of, lambda: Distinct(customers, _given(of)))
            case _Number.MEDIAN:
                self._need(item, "values", of, lambda: Values(customers, _given(of)))
            case _Number.MOST_FREQUENT:
                self._need(item, "ordered", of, lambda: Ordered(customers, _given(of), clock))
            case _Number.FIRST | _Number.LAST if of is None and not self._mixed(item):
                self._plan_extreme(item, item.kind is _Number.LAST)
            case _Number.FIRST | _Number.LAST:
                self._plan_end(item, item.kind is _Number.LAST)
            case ir.UnitsOf() | ir.UnitsWith() | ir.DaysBetween():
                for need in rhythm.needs(item.kind, customers, clock):
                    self._need(item, need.what, None, need.make, whole=need.whole, doubtful=need.doubtful)
            case _Number.ONLY:
                raise AssertionError("only groups of lines are put together by `only`")

    def _plan_extreme(self, item: Wanted, largest: bool) -> None:
        customers, of = self._customers, self._one(item.of)
        of_type: Type = TimestampType() if of is None else of.type
        what = "largest" if largest else "smallest"
        self._need(item, what, of, lambda: Extremes(customers, of, of_type, largest=largest))

    def _plan_end(self, item: Wanted, last: bool) -> None:
        customers, clock, of, what = self._customers, self._setting.clock, self._one(item.of), str(item.kind)
        self._need(item, what, of, lambda: Ends(customers, of, clock, last=last, by_day=False))
        if self._mixed(item):
            # A segment may begin within a day: days are compared over the whole window.
            make = lambda: Ends(customers, of, clock, last=last, by_day=True)  # noqa: E731
            self._need(item, what + " by day", of, make, whole=True)

    def _need(
        self,
        item: Wanted,
        what: str,
        of: ir.Value | None,
        make: Callable[[], State],
        *,
        whole: bool = False,
        doubtful: bool = False,
    ) -> None:
        for name in dict.fromkeys(item.events.names):
            span = self._cuts[name].span(item.events.window)
            part = _Part(name, self._one(item.events.where), what, self._one(of), span if whole else None, doubtful)
            self._uses[item].append((part, span))
            self._ladders.setdefault(part, _Ladder(part, make)).spans.add(span)

    def _one(self, node: _E) -> _E:
        """The same object for all equal conditions or values."""
        return node if node is None else cast(_E, self._same.setdefault(node, node))

    def _all_hulls(self) -> dict[str, Span]:
        """The buckets that are read of each event; ladders are told which ones are read with their condition."""
        hulls: dict[str, Span] = dict(self._steps.hulls)
        where_hulls: dict[tuple[str, ir.Condition | None], Span] = {}
        for part, ladder in self._ladders.items():
            for span in ladder.segments:
                hulls[part.event] = _hull(hulls.get(part.event, span), span)
                key = part.event, part.where
                where_hulls[key] = _hull(where_hulls.get(key, span), span)
        for part, ladder in self._ladders.items():
            ladder.hull = where_hulls.get((part.event, part.where), (0, 0))
        return hulls

    # --- rows

    def add(self, chunk: Chunk) -> None:
        """Take in the rows of a chunk."""
        for name, flags in self._on_days.items():
            if name in chunk.events:
                member = chunk.member[name]
                flags[chunk.codes if member is None else chunk.codes[member]] = True
        for group in groups(chunk, self._cuts, self._hulls):
            for ladder in self._by_event[group.event]:
                self._add(ladder, group)
            self._steps.add(group)

    def _add(self, ladder: _Ladder, group: Group) -> None:
        picked = group.picked(ladder.part.where, ladder.hull)
        for span in ladder.segments:
            if ladder.part.doubtful:
                codes = picked.doubtful(span)
                if codes is not None and len(codes):
                    state = _state(ladder, span)
                    if isinstance(state, Tally):
                        state.count(codes, picked.doubtful_times(span))
                    else:
                        cast(Counts, state).count(codes)
                continue
            rows = picked.rows(span)
            if len(rows):
                _state(ladder, span).add(rows)

    # --- results

    def finished(self) -> Mapping[Wanted, Vector]:
        """The value of each aggregate for every customer."""
        return {item: self._finished(item) for item in self._wanted if not item.everyone}

    def pooled(self, item: Wanted) -> tuple[list[Pooled], int]:
        """What is kept of everybody's rows, and how many of them are in doubt."""
        doubts = self._sum_of(item, "pooled doubts")
        return self._states(item, Pooled), 0 if doubts is None else int(doubts[0])

    def _finished(self, item: Wanted) -> Vector:
        if item.events.links:
            return self._steps.number(item.events)
        doubts = self._sum_of(item, "doubts")
        if item.kind is _Number.NUMBER:
            return self._number(item, doubts)
        if isinstance(item.kind, ir.UnitsWith):
            return self._value(item)
        vector = self._value(item)
        spoilt = None if doubts is None else doubts > 0
        for state in self._states(item, State):  # type: ignore[type-abstract]
            spoilt = either(spoilt, state.lacking if isinstance(state, Valued) else None)
        if spoilt is None or not spoilt.any():
            return vector
        return _replaced(vector, both(vector.present, ~spoilt), None if vector.none is None else vector.none & ~spoilt)

    def _number(self, item: Wanted, doubts: Ints | None) -> Vector:
        if item.cap == 1:
            flags = np.zeros(self._customers, np.bool_)
            for state in self._states(item, Seen):
                flags = flags | state.flags
            upper = None if doubts is None else (flags | (doubts > 0)).astype(np.int64)
            return Vector(Kind.NUMBER, flags.view(np.uint8), upper=upper)
        counts = self._counts(item)
        return Vector(Kind.NUMBER, counts, upper=None if doubts is None else counts + doubts)

    def _value(self, item: Wanted) -> Vector:
        customers, clock = self._customers, self._setting.clock
        match item.kind:
            case _Number.TOTAL:
                return total(self._states(item, Sums), None, customers, item.type)
            case _Number.AVERAGE:
                return total(self._states(item, Sums), self._counts(item), customers, item.type)
            case ir.UnitsOf() | ir.UnitsWith() | ir.DaysBetween():
                return rhythm.value(item.kind, lambda what: self._states(item, State, what), customers)  # type: ignore[type-abstract]
            case _Number.DISTINCT:
                return distinct(self._states(item, Distinct), customers)
            case _Number.MEDIAN:
                return median(self._states(item, Values), _given(item.of).type, customers)
            case _Number.MOST_FREQUENT:
                by_event = [self._states(item, Ordered, name=name) for name in dict.fromkeys(item.events.names)]
                return most_frequent(by_event, self._has_day(item), clock, customers)
            case _Number.SMALLEST | _Number.LARGEST:
                return extreme(self._states(item, Extremes), customers)
            case _ if item.of is None and not self._mixed(item):
                return extreme(self._states(item, Extremes), customers)
            case kind:
                plain = self._states(item, Ends, str(kind))
                by_day = self._states(item, Ends, f"{kind} by day")
                return end(plain, by_day, self._has_day(item), customers)

    def _has_day(self, item: Wanted) -> Flags | None:
        """Whose rows of these events, in whatever window, hold one that is a plain day; None where that is all one."""
        if not self._mixed(item):
            return None
        found = np.zeros(self._customers, np.bool_)
        for name in item.events.names:
            if name in self._on_days:
                found |= self._on_days[name]
        return found

    def _counts(self, item: Wanted) -> Ints:
        counts = self._sum_of(item, "counts")
        return np.zeros(self._customers, np.int64) if counts is None else counts

    def _sum_of(self, item: Wanted, what: str) -> Ints | None:
        found: Ints | None = None
        for state in self._states(item, Counts, what):
            found = state.counts if found is None else found + state.counts
        return found

    def _states(self, item: Wanted, of: type[_S], what: str | None = None, name: str | None = None) -> list[_S]:
        """The states that an aggregate is made of: by event, and by time within each."""
        found = []
        for part, span in self._uses[item]:
            if what in (None, part.what) and name in (None, part.event):
                ladder = self._ladders[part]
                found += [ladder.states[one] for one in within(span, ladder.segments) if one in ladder.states]
        return [state for state in found if isinstance(state, of)]


def _state(ladder: _Ladder, span: Span) -> State:
    if span not in ladder.states:
        ladder.states[span] = ladder.make()
    return ladder.states[span]


def _hull(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])


def _given(of: ir.Value | None) -> ir.Value:
    assert of is not None
    return of


def _replaced(vector: Vector, present: Flags | None, none: Flags | None) -> Vector:
    return Vector(
        vector.kind,
        vector.data,
        present,
        none,
        vector.denominator,
        vector.divisors,
        vector.dictionary,
        vector.distinct,
    )
