"""Numbers and truths that satisfy a question into a customer who could have them.

A model knows counts of rows and ages in days; a customer has rows with times and values. What a model leaves open is
chosen so that it looks simple. Nothing rests on these choices: the interpreter is asked about the customer.
"""

import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from weakref import WeakKeyDictionary

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column, ConsentStatus, LeapDay
from segrules.ir.fingerprint import digest
from segrules.ir.nodes import Constant, Literal
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenEvent, GivenRow
from segrules.ir.walk import all_nodes
from segrules.ir.windows import Unit, WholeUnits
from segrules.proofs.encoding.attributes import scale_of
from segrules.proofs.encoding.cells import Different, EventCell, Stretch
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.meanings import (
    Bucket,
    ColumnValue,
    ConsentGiven,
    ConsentIs,
    ConsentTime,
    Free,
    FreeBand,
    Missing,
    OnList,
)
from segrules.proofs.encoding.problem import Problem
from segrules.proofs.encoding.regions import Region
from segrules.proofs.formulas.calendar import DAY, Edge
from segrules.proofs.formulas.logic import Flag, Linear, Relation, Var
from segrules.proofs.formulas.smt import Model
from segrules.proofs.formulas.sums import Sum
from segrules.reference.sampling import chosen
from segrules.reference.windows import Clock, anniversary, has_anniversary
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)
from segrules.types.zones import local_day, start_of_day

_MOST_ROWS = 300
_KEYS = 20_000
_DAYS_AROUND = 800
_DAYS_IN = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.QUARTER: 92, Unit.YEAR: 366}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A customer to ask the interpreter about, at an instant, with rows to which relations lead."""

    as_of: datetime
    given: GivenCustomer
    rows: tuple[GivenRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """How rows are laid into their stretches of time, the newest day of each being the usual place.

    `earlier` are events that come before the others: by a day, or where it is `far` by as much as can be.
    """

    earlier: frozenset[str] = frozenset()
    far: bool = False
    spread: bool = False
    """Whether rows fall on different days."""
    per_unit: tuple[int, int] | None = None
    """Whether so many rows fall into each stretch of so many days."""
    alike: bool = False
    """Whether all properties have a value, the same one in all rows, as those of one cart have."""


_ASKS_FOR_SAMPLES: "WeakKeyDictionary[Encoder, bool]" = WeakKeyDictionary()


def _asks_for_samples(encoder: Encoder) -> bool:
    """Whether some rule asks for a sample of customers by their keys."""
    found = _ASKS_FOR_SAMPLES.get(encoder)
    if found is None:
        found = _ASKS_FOR_SAMPLES[encoder] = any(isinstance(node, ir.InSample) for node in all_nodes(encoder.rules))
    return found


def proposals(encoder: Encoder, problem: Problem, model: Model, as_of: datetime) -> Iterator[Proposal]:
    """Customers who may be what a model describes, the likeliest first."""
    maker = _Maker(encoder, problem, model, as_of)
    for order in _orders(problem, model):
        try:
            made = maker.make(order)
        except OverflowError:
            continue  # A day before the year 1 or after 9999, which no data hold.
        if made is not None:
            yield made


def _orders(problem: Problem, model: Model) -> Iterator[Order]:
    yield Order()
    if not problem.reasons:
        return
    rhythms: list[tuple[int, int] | None] = [None]
    for var in problem.variables:
        node = var.meaning.node if isinstance(var.meaning, Free) else None
        if isinstance(node, ir.UnitsWith) and isinstance(node.events.window, WholeUnits):
            length = _DAYS_IN[node.events.window.period.unit]
            rhythms += [(node.times, length), (node.times + 1, length)]
    events = sorted({cell.event for cell in problem.cells.cells if model.number(cell.count) > 0})
    earlier = [frozenset[str](), *(frozenset({event}) for event in events)]
    for alike in (True, False):
        for rhythm in rhythms:
            for spread in (True, False):
                for first in earlier:
                    for far in (False, True) if first else (False,):
                        yield Order(first, far, spread, rhythm, alike)


@dataclass(eq=False)
class _Maker:
    encoder: Encoder
    problem: Problem
    model: Model
    as_of: datetime

    def make(self, order: Order) -> Proposal | None:
        events = self._events(order)
        if events is None:
            return None
        attributes = self._attributes()
        consents = tuple(self._consents())
        lists = frozenset(
            item.meaning.name
            for item in self.problem.flags
            if isinstance(item.meaning, OnList) and self.model.flag(item.name)
        )
        rows = self._related(attributes)
        given = GivenCustomer(self._key(), attributes, self._bands(), events, consents, lists)
        return Proposal(self.as_of, given, rows)

    # --- attributes

    def _attributes(self) -> dict[str, Literal]:
        catalogue = self.encoder.rules.catalogue
        found: dict[str, Literal] = {}
        states = {columns.state for columns in catalogue.consents.columns.values()}
        for name, column in sorted(catalogue.customers.attributes.items()):
            if name == catalogue.customers.key.name or (column.derive is not None and not self._is_free(name)):
                continue
            if self._missing(name, column):
                continue
            value = self._value(name, column.type, column)
            if value is None and column.derive is None and (not column.nullable or self._said_to_be_there(name)):
                value = default(column)
            if name in states and column.nullable and isinstance(value, str):
                # A text that spells no state stops the run; without one there is no record.
                value = value if value in catalogue.consents.statuses else None
            if value is not None:
                found[name] = Literal(value, column.type)
        return found

    @cached_property
    def _spoken(self) -> dict[str, Var]:
        return {var.name: var for var in self.problem.variables}

    @cached_property
    def _flag_names(self) -> frozenset[str]:
        return frozenset(item.name for item in self.problem.flags)

    @cached_property
    def _flags_of_missing(self) -> dict[str, list[Flag]]:
        found: dict[str, list[Flag]] = {}
        for item in self.problem.flags:
            if isinstance(item.meaning, Missing):
                found.setdefault(item.meaning.name, []).append(item)
        return found

    def _said_to_be_there(self, name: str) -> bool:
        return name in self._flags_of_missing

    def _is_free(self, name: str) -> bool:
        """Whether a derived column is an unknown of its own."""
        return any(isinstance(item.meaning, ColumnValue) and item.meaning.name == name for item in self._named())

    def _named(self) -> Iterator[Flag | Var]:
        yield from self.problem.flags
        yield from self.problem.variables

    def _missing(self, name: str, column: Column) -> bool:
        for table in self.encoder.rules.catalogue.customers.joined:
            of_table = self.encoder.rules.catalogue.tables[table].columns.get(name)
            if of_table is column and self.model.flag(f"no row in {table}"):
                return True
        return any(self.model.flag(item.name) for item in self._flags_of_missing.get(name, ()))

    def _value(self, name: str, of: Type, column: Column | None) -> Constant | None:
        """The value of a column as far as the model speaks of it."""
        spoken = self._spoken
        match of:
            case BooleanType():
                return self.model.flag(name) if name in self._flag_names else None
            case TextType(values):
                return self._text(name, values)
            case ListType():
                held = [
                    item.meaning for item in self.problem.flags if _of_list(item, name) and self.model.flag(item.name)
                ]
                spoken_of = any(_of_list(item, name) for item in self.problem.flags)
                return tuple(sorted({str(item[2]) for item in held if isinstance(item, tuple)})) if spoken_of else None
            case DateType():
                back = spoken.get(f"{name} age")
                return None if back is None else self._day(name, int(self.model.number(back)))
            case TimestampType():
                age, at = spoken.get(f"{name} age"), spoken.get(f"{name} at")
                if at is not None:
                    position = self.model.number(at)
                    moment = self.encoder.calendar.moment(self.as_of, position)
                    today = local_day(self.as_of, self.encoder.calendar.zone)
                    if age is not None and local_day(moment, self.encoder.calendar.zone) != today - timedelta(
                        days=int(self.model.number(age))
                    ):
                        position = self.model.number(age) * DAY
                        moment = start_of_day(
                            today - timedelta(days=int(self.model.number(age))), self.encoder.calendar.zone
                        )
                    if self._days_wanted(name):
                        day = self._day(name, int(-(-position // DAY)))
                        return datetime.combine(day, moment.timetz()) if day is not None else None
                    return moment
                if age is not None:
                    start = self._day(name, int(self.model.number(age)))
                    return None if start is None else start_of_day(start, self.encoder.calendar.zone)
                return None
            case IntegerType() | DecimalType() | FloatType() | MoneyType():
                if name not in spoken:
                    return None
                scale = scale_of(of, column)
                number = Fraction(self.model.number(spoken[name])) / (scale or 1)
                return int(number) if isinstance(of, IntegerType) else number
            case _:
                return None

    def _text(self, source: str, values: tuple[str, ...] | None) -> str | None:
        if source not in self.problem.texts:
            return None
        tests, classes = self.problem.texts[source]
        signs = tuple(self.model.flag(item.name) for item in tests)
        found = next((item for item in classes if item.signs == signs), None)
        return None if found is None else found.example

    # --- days

    def _day(self, name: str, age: int) -> date | None:
        """A day so many days back, moved where months, weekdays or years ask for it."""
        today = local_day(self.as_of, self.encoder.calendar.zone)
        wanted = self._days_wanted(name)
        for move in _outwards(_DAYS_AROUND if wanted else 0):
            try:
                day = today - timedelta(days=age + move)
            except OverflowError:
                continue
            if (move == 0 or self._same_leaves(name, age, age + move)) and all(test(day) for test in wanted):
                return day
        try:
            return today - timedelta(days=age)
        except OverflowError:
            return None

    def _same_leaves(self, name: str, age: int, moved: int) -> bool:
        """Whether all comparisons of a day come out as before where it is moved."""
        for leaf in self.problem.leaves:
            if isinstance(leaf, Linear) and any(var.name in (f"{name} age", f"{name} at") for _, var in leaf.terms):
                before, after = (self._holds(leaf, name, days) for days in (age, moved))
                if before != after and not any(isinstance(var.meaning, Free) for _, var in leaf.terms):
                    return False
        return True

    def _holds(self, leaf: Linear, name: str, age: int) -> bool:
        total: int | Fraction = 0
        for coefficient, var in leaf.terms:
            at = {f"{name} age": age, f"{name} at": age * DAY}.get(var.name)
            total += coefficient * (self.model.number(var) if at is None else at)
        if leaf.relation is Relation.EQ:
            return total == leaf.bound
        return total < leaf.bound if leaf.relation is Relation.LT else total <= leaf.bound

    def _days_wanted(self, name: str) -> list[Callable[[date], bool]]:
        """What a date has to satisfy besides its age: a month, a weekday, years since it, an anniversary."""
        clock = Clock(self.as_of, self.encoder.rules.catalogue.zone)
        leap = self.encoder.rules.catalogue.leap_day
        found: list[Callable[[date], bool]] = []
        for item in self.problem.variables:
            match item.meaning:
                case Free(ir.PartOf(ir.DatePart.MONTH, ir.Attribute(of))) if of == name:
                    month = int(self.model.number(item))
                    found.append(lambda day, month=month: day.month == month)  # type: ignore[misc]
                case Free(ir.YearsSince(ir.Attribute(of))) if of == name:
                    years = int(self.model.number(item))
                    found.append(lambda day, years=years: _years(day, clock, leap) == years)  # type: ignore[misc]
        for flag_ in self.problem.flags:
            match flag_.meaning:
                case Free(ir.Anniversary(ir.Attribute(of), window)) if of == name:
                    wanted = self.model.flag(flag_.name)
                    found.append(
                        lambda day, window=window, wanted=wanted: (  # type: ignore[misc]
                            has_anniversary(day, window, clock, leap) is wanted
                        )
                    )
        weekday = self._weekday(name)
        if weekday is not None:
            found.append(lambda day: _WEEKDAYS[day.weekday()] == weekday)
        return found

    def _weekday(self, name: str) -> str | None:
        column = self.encoder.rules.catalogue.customers.attributes.get(name)
        source = None if column is None else f"weekday {digest(ir.Attribute(name, column.type))}"
        return None if source is None else self._text(source, _WEEKDAYS)

    # --- bands, consents, lists, relations, key

    def _bands(self) -> dict[tuple[str, str], Literal]:
        """Bands that are cut anew, and those with cut points beside them: who is given one of a score has no others."""
        anew = [var.meaning for var in self.problem.variables if isinstance(var.meaning, FreeBand)]
        given = {(of.score, of.rank) for of in anew if self._is_scored(of.score, of.rank)}
        found = {}
        for score in sorted({score for score, _ in given}):
            for rank in sorted(self.encoder.rules.scores[score].ranks):
                var = self._spoken.get(f"{score}.{rank}")
                if var is not None and ((score, rank) in given or self._is_scored(score, rank)):
                    found[score, rank] = Literal(int(self.model.number(var)), IntegerType())
        return found

    def _is_scored(self, score: str, rank: str) -> bool:
        return self.model.holds(self.encoder.value(ir.Band(score, rank, IntegerType())).presence.there)

    def _consents(self) -> Iterator[GivenConsent]:
        channels = self.encoder.rules.catalogue.consents.channels
        for channel in channels:
            if channel not in self.encoder.rules.catalogue.consents.columns:
                yield from self._consents_of(channel)

    def _consents_of(self, channel: str) -> Iterator[GivenConsent]:
        states = [item for item in self.problem.flags if isinstance(item.meaning, ConsentIs)]
        held = [
            item.meaning.state
            for item in states
            if isinstance(item.meaning, ConsentIs) and item.meaning.channel == channel and self.model.flag(item.name)
        ]
        state = held[0] if held else None
        granted = {
            item.meaning.purpose: self.model.flag(item.name)
            for item in self.problem.flags
            if isinstance(item.meaning, ConsentGiven) and item.meaning.channel == channel
        }
        wanted = sorted(str(purpose) for purpose, flag_ in granted.items() if flag_)
        refused = sorted(str(purpose) for purpose, flag_ in granted.items() if not flag_)
        for purpose in wanted:
            at = self._consent_time(channel, purpose) or self._days_ago(2)
            yield GivenConsent(channel, ConsentStatus.GRANTED.value, at, purpose)
        if state is not None and state != "missing":
            if wanted and state == ConsentStatus.GRANTED.value:
                return
            others = [item for item in self.encoder.rules.catalogue.consents.purposes if item not in granted]
            purpose_ = (others[0] if others else "other") if wanted else None
            said = self._consent_time(channel, None) or (self._days_ago(1) if granted else None)
            yield GivenConsent(channel, state, said, purpose_, self._over() if state == "expired" else None)
            if state == ConsentStatus.GRANTED.value:
                for purpose in refused:
                    yield GivenConsent(channel, ConsentStatus.WITHDRAWN.value, said, purpose)
        elif state == "missing":
            at = self._days_ago(1)
            yield GivenConsent(channel, ConsentStatus.GRANTED.value, at)
            yield GivenConsent(channel, ConsentStatus.WITHDRAWN.value, at)

    def _over(self) -> date | datetime | None:
        """An expiry at which consent is just over; None where the catalogue keeps none."""
        table = self.encoder.rules.catalogue.consents.table
        if table is None or table.expiry is None:
            return None
        column = self.encoder.rules.catalogue.tables[table.table].columns[table.expiry]
        if isinstance(column.type, DateType):
            return local_day(self.as_of, self.encoder.calendar.zone)
        return self.as_of - timedelta(seconds=1)

    def _consent_time(self, channel: str, purpose: str | None) -> date | datetime | None:
        for var in self.problem.variables:
            match var.meaning:
                case ConsentTime(of, for_, is_date) if of == channel and for_ == purpose:
                    position = self.model.number(var)
                    if is_date:
                        return local_day(self.as_of, self.encoder.calendar.zone) - timedelta(days=int(position))
                    return self.encoder.calendar.moment(self.as_of, position)
        return None

    def _days_ago(self, days: int) -> date | datetime:
        day = local_day(self.as_of, self.encoder.calendar.zone) - timedelta(days=days)
        table = self.encoder.rules.catalogue.consents.table
        assert table is not None
        column = self.encoder.rules.catalogue.tables[table.table].columns[table.time]
        return day if isinstance(column.type, DateType) else start_of_day(day, self.encoder.calendar.zone)

    def _related(self, attributes: dict[str, Literal]) -> tuple[GivenRow, ...]:
        """Rows to which relations lead, and the keys that lead there."""
        catalogue = self.encoder.rules.catalogue
        found = []
        for name, relation in sorted(catalogue.relations.items()):
            if relation.table == catalogue.customers.table or not self._speaks_of(name):
                continue
            column = catalogue.customers.attributes[relation.column]
            if self._missing(relation.column, column):
                continue
            key = attributes.setdefault(relation.column, Literal(_key_value(column.type), column.type))
            if self.model.flag(f"{name} has no row"):
                continue
            table = catalogue.tables[relation.table]
            values = {}
            for of in table.columns.values():
                if of.derive is not None or of.name == table.key or self.model.flag(f"{name}.{of.name} is missing"):
                    continue
                value = self._value(f"{name}.{of.name}", of.type, of)
                if value is None and not of.nullable:
                    value = default(of)
                if value is not None:
                    values[of.name] = Literal(value, of.type)
            assert isinstance(key.value, int | str)
            found.append(GivenRow(relation.table, key.value, values))
        return tuple(found)

    def _speaks_of(self, relation: str) -> bool:
        prefix = f"{relation}."
        names = [item.name for item in self.problem.flags] + [var.name for var in self.problem.variables]
        return any(name.startswith((prefix, f"{relation} has no row")) for name in names)

    def _key(self) -> int | str | None:
        """A key that falls into the buckets that a model has, None where any key will do."""
        key = self.encoder.rules.catalogue.customers.key
        wanted = [
            (var.meaning.salt, int(self.model.number(var)), self._edges(var.name))
            for var in self.problem.variables
            if isinstance(var.meaning, Bucket)
        ]
        text = self._text(key.name, None)
        if text is not None:
            return text
        if not wanted:
            # Whatever is asked of it holds of each key.
            return ("k1" if isinstance(key.type, TextType) else 1) if _asks_for_samples(self.encoder) else None
        for number in range(1, _KEYS):
            candidate: int | str = f"c{number}" if isinstance(key.type, TextType) else number
            if all(
                chosen(Fraction(edge, 10_000), salt, candidate) is (bucket < edge)
                for salt, bucket, edges in wanted
                for edge in edges
            ):
                return candidate
        return None

    def _edges(self, name: str) -> list[int]:
        """The shares with which a bucket is compared."""
        found = set()
        for leaf in self.problem.leaves:
            if isinstance(leaf, Linear) and [var.name for _, var in leaf.terms] == [name]:
                found.add(leaf.bound + 1 if leaf.terms[0][0] > 0 else -leaf.bound)
        return sorted(found)

    # --- events

    def _events(self, order: Order) -> tuple[GivenEvent, ...] | None:
        cells = [(cell, int(self.model.number(cell.count))) for cell in self.problem.cells.cells]
        if sum(count for _, count in cells) > _MOST_ROWS:
            return None
        found: list[GivenEvent] = []
        laid: Counter[tuple[str, Stretch]] = Counter()
        for cell, count in cells:
            if count:
                times = self._times(cell, count, order, laid[cell.event, cell.stretch])
                if times is None:
                    return None
                laid[cell.event, cell.stretch] += count
                found += self._rows(cell, count, times, order)
        return tuple(sorted(found, key=lambda item: (_instant(item.at), item.event)))

    def _rows(
        self, cell: EventCell, count: int, times: Sequence[date | datetime], order: Order
    ) -> Iterator[GivenEvent]:
        properties = self.encoder.rules.catalogue.events[cell.event].properties
        for place in range(count):
            values: dict[str, Literal] = {}
            for name, column in sorted(properties.items()):
                value: Constant | None = None
                if name in cell.totals:
                    scale = scale_of(column.type, column)
                    value = _number(_share(self.model.number(cell.totals[name]), count, place, scale), column.type)
                elif any(item.name == name for item in cell.kind.compared):
                    value = self._as_compared(cell, name, column)
                elif name in cell.kind.values:
                    value = _of_region(
                        cell, name, self._place_of_value(cell, name, place), scale_of(column.type, column)
                    )
                if value is None and name not in cell.kind.values and (order.alike or not column.nullable):
                    value = default(column)
                if value is not None:
                    values[name] = Literal(value, column.type)
            yield GivenEvent(cell.event, times[place], values)

    def _place_of_value(self, cell: EventCell, name: str, place: int) -> int:
        """Which of the values of its region a row has: each its own, unless the model counts how many there are."""
        places = self._places_of_values.get((cell.count.name, name))
        return place if places is None else places[place]

    @cached_property
    def _places_of_values(self) -> dict[tuple[str, str], list[int]]:
        """For cells and properties of which different values are counted, which value each row has.

        A value is new as long as all that count it have too few, else one that those have which have enough.
        """
        different = self.problem.cells.different
        held: dict[Different, dict[int, None]] = {item: {} for item in different}
        counted_in = {
            (cell, of): [item for item in different if item.property == of and cell in item.cells]
            for of, cell in dict.fromkeys((item.property, cell) for item in different for cell in item.cells)
        }
        found: dict[tuple[str, str], list[int]] = {}
        fresh: Counter[tuple[str, int]] = Counter()
        for (cell, of), counts in sorted(counted_in.items(), key=lambda one: -len(one[1])):
            places = found[cell, of] = []
            for _ in range(int(self.model.numbers.get(cell, 0))):
                full = [item for item in counts if len(held[item]) >= self.model.number(item.number)]
                if full:
                    shared = [value for value in held[full[0]] if all(value in held[item] for item in full)]
                    value = shared[0] if shared else 0
                else:
                    value = fresh[of, id(counts[0].region)]
                    fresh[of, id(counts[0].region)] += 1
                places.append(value)
                for item in counts:
                    held[item].setdefault(value)
        return found

    def _as_compared(self, cell: EventCell, name: str, column: Column) -> Constant | None:
        """A value of a region that compares with the customer's numbers as a kind of row does."""
        usual = _of_region(cell, name, 0, 1)
        region, scale = cell.kind.kept[name], scale_of(column.type, column) or 1
        if not isinstance(usual, int | Fraction):
            return usual
        asked = [
            (item.op, self._sum(item.number.low), item.truth)
            for item in cell.kind.compared
            if item.name == name and item.truth is not None
        ]
        near = [number + Fraction(step, scale) for _, number, _ in asked for step in (0, 1, -1)]
        for value in (Fraction(usual), *near):
            steps = value * scale
            inside = (region.low is None or region.low <= steps) and (region.high is None or steps <= region.high)
            if inside and all(_COMPARED[op](value, number) is truth for op, number, truth in asked):
                return _number(value, column.type)
        return usual

    def _sum(self, of: Sum) -> Fraction:
        return Fraction(of.constant + sum(coefficient * self._number(var) for coefficient, var in of.terms))

    def _times(self, cell: EventCell, count: int, order: Order, laid: int) -> list[date | datetime] | None:
        """Times of rows in a stretch: whole days where there are any, the newest ones unless others are asked for.

        So many rows of other kinds are `laid` there already.
        """
        encoder = self.encoder
        dated = is_dated(encoder, cell.event)
        step = 1 if dated else DAY

        def position(edge: Edge) -> int | Fraction:
            of = edge.days if dated else encoder.calendar.position(edge)
            return of.constant + sum(coefficient * self._number(var) for coefficient, var in of.terms)

        newest = max(position(edge) for edge in cell.stretch.until) + 1
        oldest = min((position(edge) for edge in cell.stretch.since), default=newest + 4000 * step)
        if newest > oldest:
            return None
        first_day, last_day = -(-newest // step), oldest // step
        days = [place * step for place in range(int(first_day), min(int(last_day), int(first_day) + 4000) + 1)]
        spots: list[int | Fraction] = list(days) if days else [newest]
        if cell.event in order.earlier:
            spots = spots[::-1] if order.far else spots[1:] or [oldest]
        if order.per_unit is not None and days:
            times, length = order.per_unit
            places = [place // times * length + place % times for place in range(laid, laid + count)]
            spots = [spots[place % len(spots)] for place in places]
        elif not order.spread and len(spots) > 1 and self._edges_among(cell):
            return self._layered(cell, count, spots, dated=dated)
        elif not order.spread:
            spots = spots[:1]
        elif len(spots) == 1 and not dated:
            # Within a day rows are laid apart by seconds.
            seconds = [spots[0] - place * 1_000_000 for place in range(count)]
            spots = [spot for spot in seconds if spot >= newest] or spots
        return self._moments([spots[place % len(spots)] for place in range(count)], dated=dated)

    def _moments(self, spots: Sequence[int | Fraction], *, dated: bool) -> list[date | datetime]:
        calendar = self.encoder.calendar
        if dated:
            today = local_day(self.as_of, calendar.zone)
            return [today - timedelta(days=int(spot)) for spot in spots]
        return [calendar.moment(self.as_of, spot) for spot in spots]

    def _edges_among(self, cell: EventCell) -> bool:
        """Whether the first or last row of some lies in the stretch of a cell."""
        beside = (other for other in self.problem.cells.cells if other.event == cell.event)
        return any(self._edges_in(other) for other in beside if other.stretch == cell.stretch)

    def _edges_in(self, cell: EventCell) -> set[str]:
        """Whether the first row of some lies in a cell, or the last one."""
        picked = (var.name for var in self.problem.variables if var.name.endswith(f" {cell.count.name}"))
        return {
            word
            for name in picked
            for word in ("first", "last")
            if name.startswith(f"{word} ") and self.model.numbers.get(name) == 1
        }

    def _layered(
        self, cell: EventCell, count: int, spots: Sequence[int | Fraction], *, dated: bool
    ) -> list[date | datetime]:
        """The last row on the newest day of a stretch, the first on an older one than all others."""
        edges = self._edges_in(cell)
        layer = 0 if "last" in edges else 2 if "first" in edges else 1
        layers = [layer, *([2 if "first" in edges else 1] * (count - 1))] if layer == 0 else [layer] * count
        return self._moments([spots[min(place, len(spots) - 1)] for place in layers], dated=dated)

    def _number(self, var: Var) -> int | Fraction:
        found = self.model.numbers.get(var.name)
        return self.encoder.calendar.values([var], self.as_of).get(var, 0) if found is None else found


# --- helpers

_COMPARED: dict[ir.CompareOp, Callable[[Fraction, Fraction], bool]] = {
    ir.CompareOp.EQ: operator.eq,
    ir.CompareOp.NE: operator.ne,
    ir.CompareOp.LT: operator.lt,
    ir.CompareOp.LE: operator.le,
    ir.CompareOp.GT: operator.gt,
    ir.CompareOp.GE: operator.ge,
}


def default(column: Column) -> Constant:
    """A simple value of a column."""
    low = column.minimum
    match column.type:
        case BooleanType():
            return False
        case TextType(values) | ListType(values):
            text = values[0] if values else "x"
            return (text,) if isinstance(column.type, ListType) else text
        case DateType():
            return low if isinstance(low, date) else date(2020, 1, 1)
        case TimestampType():
            return low if isinstance(low, datetime) else datetime(2020, 1, 1, tzinfo=UTC)
        case _:
            number = Fraction(low) if isinstance(low, Fraction) else Fraction(1)
            return _number(number, column.type)


def _share(total: int | Fraction, count: int, place: int, scale: int) -> Fraction:
    """The part of a total that one of so many rows has: in whole steps, the first rows with one more."""
    if not scale:
        return Fraction(total) / count
    steps, rest = divmod(int(total), count)
    return Fraction(steps + (place < rest), scale)


def _number(number: Fraction, of: Type) -> Constant:
    return int(number) if isinstance(of, IntegerType) else number


def _key_value(of: Type) -> Constant:
    return "k1" if isinstance(of, TextType) else 1


def _of_region(cell: EventCell, name: str, place: int, scale: int) -> Constant | None:
    """A value of a kind of row; where values are counted, another one for each place as far as the region goes."""
    value = cell.kind.values[name]
    region = cell.kind.kept.get(name)
    if region is None or place == 0 or value is None:
        return value  # type: ignore[return-value]
    if isinstance(value, str) and region.size is None:
        return f"{value}{place + 1}"
    if isinstance(value, int | Fraction) and not isinstance(value, bool) and region.size != 1:
        found = _moved(Fraction(value), region, place, scale)
        return int(found) if isinstance(value, int) else found
    return value  # type: ignore[return-value]


def _moved(value: Fraction, region: Region, place: int, scale: int) -> Fraction:
    """Another number of a region: whole ones after a value where there is no end, else the next ones."""
    if not scale:
        low, high = region.low, region.high
        if low is not None and high is not None:
            return low + (value - low) / (place + 1)
        return value + place if high is None else value - place
    steps = int(value * scale)
    if region.high is None:
        return Fraction(steps + place * scale, scale)
    if region.low is None:
        return Fraction(steps - place * scale, scale)
    low, high = int(region.low), int(region.high)
    return Fraction(low + (steps - low + place) % (high - low + 1), scale)


def _of_list(item: Flag, name: str) -> bool:
    return isinstance(item.meaning, tuple) and item.meaning[:2] == ("has", name)


def _years(day: date, clock: Clock, leap: LeapDay) -> int:
    today = clock.today
    return today.year - day.year - (anniversary(day, today.year, leap) > today)


def _outwards(most: int) -> Iterator[int]:
    yield 0
    for distance in range(1, most + 1):
        yield distance
        yield -distance


def _instant(at: date | datetime) -> tuple[date, str]:
    return (at.date(), at.isoformat()) if isinstance(at, datetime) else (at, "")
