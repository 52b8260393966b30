"""The gathering of event rows against the reference interpreter, on small random tables."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from segrules.backends.arrow.aggregates import doubles, ends, pairs, rows, tallies
from segrules.backends.arrow.bind import bind
from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.frames import BaseCondition, BaseValue, Setting
from segrules.backends.arrow.gather import Gathering
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.tables import table_frame
from segrules.backends.arrow.vectors import Vector, results
from segrules.ir import nodes as ir
from segrules.ir import windows as w
from segrules.ir.catalogue import Catalogue, Column, Customers, Event, Format, Table
from segrules.lowering.stages import Wanted
from segrules.reference.interpreter import Interpreter
from segrules.reference.values import Absent, Doubt
from segrules.reference.windows import Clock
from segrules.reference.world import Customer, EventRow
from segrules.sources.plain import cells
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
from tests.engine.rhythms import rhythm
from tests.fuzz import cases

K = ir.AggregateKind
AS_OF = datetime(2024, 4, 2, 9, 30, tzinfo=UTC)
SIZES = ("S", "M", "L")
TYPES: dict[str, tuple[Type, pa.DataType]] = {
    "n": (IntegerType(), pa.int64()),
    "small": (IntegerType(), pa.int8()),
    "huge": (IntegerType(), pa.decimal128(38, 0)),
    "wide": (IntegerType(), pa.int64()),
    "d": (DecimalType(), pa.decimal128(10, 3)),
    "m": (MoneyType("GBP"), pa.decimal128(12, 2)),
    "f": (FloatType(), pa.float64()),
    "g": (FloatType(), pa.float64()),
    "h": (FloatType(), pa.float64()),
    "s": (TextType(), pa.string()),
    "size": (TextType(SIZES, ordered=True), pa.string()),
    "b": (BooleanType(), pa.bool_()),
    "on": (DateType(), pa.date32()),
    "at": (TimestampType(), pa.timestamp("us", "UTC")),
    "tags": (ListType(), pa.list_(pa.string())),
}
ORDERED = {"n", "small", "huge", "wide", "d", "m", "f", "g", "h", "size", "on", "at"}
NUMBERS = {"n", "small", "huge", "wide", "d", "m", "f", "g", "h"}
WINDOWS: list[w.Window] = [
    w.Ever(),
    w.InLast(w.Period(3, w.Unit.DAY)),
    w.InLast(w.Period(30, w.Unit.DAY)),
    w.InLast(w.Period(1, w.Unit.YEAR)),
    w.MoreThanAgo(w.Period(5, w.Unit.DAY)),
    w.BetweenAgo(w.Period(2, w.Unit.DAY), w.Period(4, w.Unit.DAY)),
    w.BetweenAgo(w.Period(4, w.Unit.DAY), w.Period(2, w.Unit.DAY)),
    w.WholeUnits(w.Period(1, w.Unit.WEEK)),
    w.ThisUnit(w.Unit.WEEK),
    w.InNext(w.Period(3, w.Unit.DAY)),
    w.Since(date(2024, 3, 30)),
    w.Before(datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
    w.OnDay(date(2024, 3, 31)),
    w.FromTo(date(2024, 3, 30), date(2024, 4, 1)),
]


def _property(name: str) -> ir.Property:
    return ir.Property(name, TYPES[name][0])


_WHERES: list[ir.Condition | None] = [
    None,
    None,
    ir.Fixed(True),
    ir.Fixed(False),
    ir.Compare(ir.CompareOp.GT, _property("n"), ir.Literal(3, IntegerType())),
    ir.IsKnown(_property("n")),
    ir.IsTrue(_property("b")),
    ir.OneOf(_property("s"), (ir.Literal("x", TextType()), ir.Literal("y", TextType()))),
    ir.Not(ir.Compare(ir.CompareOp.LE, _property("f"), ir.Literal(Fraction(1, 2), FloatType()))),
    ir.And((ir.IsKnown(_property("m")), ir.IsKnown(_property("f")), ir.IsKnown(_property("s")))),
    ir.Or((ir.IsTrue(_property("b")), ir.Compare(ir.CompareOp.EQ, _property("s"), ir.Literal("x", TextType())))),
    ir.Compare(ir.CompareOp.GT, _property("n"), ir.Attribute("age", IntegerType())),
]


def _column(name: str, of: Type) -> Column:
    return Column(name, of, name)


def _catalogue(zone: str) -> Catalogue:
    columns = {name: _column(name, of) for name, (of, _) in TYPES.items()}
    columns |= {"who": _column("who", IntegerType()), "kind": _column("kind", TextType())}
    columns |= {"time": _column("time", TimestampType()), "day": _column("day", DateType())}
    tables = {name: Table(name, name, Format.PARQUET, columns) for name in ("rows", "more")}
    key = _column("id", IntegerType())
    people = Customers(key, {"id": key, "age": _column("age", IntegerType())}, "people")
    tables["people"] = Table("people", "people", Format.PARQUET, dict(people.attributes), "id")

    def event(name: str, table: str, time: str, *order_by: str) -> Event:
        return Event(name, table, "who", time, order_by, None, None, columns)

    events = [
        event("a", "rows", "time", "n"),
        event("ab", "rows", "time"),
        event("c", "rows", "day", "s", "f"),
        event("all", "rows", "time", "size", "b"),
        event("e", "more", "time"),
        event("d", "more", "day"),
    ]
    return Catalogue("", zone, tables, people, {item.name: item for item in events})


KINDS = {"a": "a", "ab": "ab", "c": "cd", "all": "abcd", "e": "ab", "d": "cd"}


class _People:
    """Ages of all customers."""

    def __init__(self, ages: list[int | None]) -> None:
        self._ages = bind(IntegerType(), pa.array(ages, pa.int64()))

    def base(self, node: BaseValue) -> Vector:
        assert isinstance(node, ir.Attribute)
        return self._ages

    def told(self, node: BaseCondition) -> Planes:
        raise AssertionError(node)

    def constant_of(self, node: ir.Value) -> None:
        assert not isinstance(node, ir.Figure)


def _cell(random: Random, name: str) -> Any:
    day = date(2024, 4, 1) - timedelta(days=random.choice([0, 1, 1, 2, 3, 40, 500]))
    match name:
        case "n":
            return random.randint(-2, 8)
        case "small":
            return random.randint(-128, 127)
        case "huge":
            return Decimal(random.choice([5, 5, 2**63, -(2**70), 2**63 - 1]))
        case "wide":
            return random.choice([2**63 - 1, -(2**63), 2**62, 2**62 + 1, 7])
        case "d":
            return Decimal(random.randint(-5000, 5000)) / 1000
        case "m":
            return Decimal(random.randint(0, 300)) / 100
        case "f":
            return random.choice([0.1, 0.2, 0.3, 1.5, -0.0, 0.0, 1e16, -1e16, random.gauss(0, 3)])
        case "g":
            extreme = [1e308, 1.7e308, -1.7e308, 5e-324, 1e-300, 1.0]
            return random.choice([*extreme, random.gauss(0, 1) * 10.0 ** random.randint(-300, 300)])
        case "h":
            return random.choice([float("inf"), float("-inf"), 1.5, 0.1, 0.2, 2.0, 3.0, -4.0])
        case "s":
            return random.choice(["x", "y", "z", "é", "ü", ""])
        case "size":
            return random.choice(SIZES)
        case "b":
            return random.random() < 0.5
        case "on":
            return day
        case "at":
            return datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=random.randint(0, 3000))
        case _:
            return [random.choice("pq") for _ in range(random.randint(0, 2))]


def _table(random: Random, rows: int, customers: int, *, nulls: float, sort: bool) -> dict[str, list[Any]]:
    who = [random.randrange(customers) for _ in range(rows)]
    days = [0, 0, 1, 1, 2, 3, 4, 6, 20, 200, 900]
    starts = [datetime(2024, 4, 1, tzinfo=UTC) - timedelta(days=random.choice(days)) for _ in range(rows)]
    data: dict[str, list[Any]] = {
        "who": sorted(who) if sort else who,
        "kind": [random.choice("abcd") for _ in range(rows)],
        "time": [start + timedelta(hours=random.choice([0, 0, 1, 12, 23, 25])) for start in starts],
        "day": [start.date() for start in starts],
    }
    for name in TYPES:
        data[name] = [None if random.random() < nulls else _cell(random, name) for _ in range(rows)]
    return data


def _arrays(data: dict[str, list[Any]], random: Random, start: int, stop: int) -> dict[str, pa.Array]:
    kinds = {name: arrow for name, (_, arrow) in TYPES.items()}
    kinds |= {"who": pa.int64(), "kind": pa.string(), "time": pa.timestamp("us", "UTC"), "day": pa.date32()}
    found = {name: pa.array(values[start:stop], kinds[name]) for name, values in data.items()}
    if random.random() < 0.5:
        found["s"] = found["s"].dictionary_encode()
    return found


def _chunks(setting: Setting, random: Random, name: str, data: dict[str, list[Any]], people: _People) -> list[Chunk]:
    table = setting.catalogue.tables[name]
    events = {event.name: event for event in setting.catalogue.events.values() if event.table == name}
    rows = len(data["who"])
    points = sorted({0, rows, *(random.randint(0, rows) for _ in range(random.randint(0, 3)))})
    found = []
    for start, stop in pairwise(points):
        frame = table_frame(setting, table, _arrays(data, random, start, stop), stop - start)
        kinds = data["kind"][start:stop]
        members = {one: np.array([kind in KINDS[one] for kind in kinds], np.bool_) for one in events}
        codes = np.array(data["who"][start:stop], random.choice([np.int32, np.int64]))
        time = {one: frame.column(event.time) for one, event in events.items()}
        member = {one: None if flags.all() else flags for one, flags in members.items()}
        found.append(Chunk(frame, codes, time, member, None, start, events).of(people))
    if random.random() < 0.2:
        random.shuffle(found)
    return found


def _people(catalogue: Catalogue, tables: dict[str, dict[str, list[Any]]], ages: list[int | None]) -> list[Customer]:
    people = [Customer(number, {"id": number, "age": age}) for number, age in enumerate(ages)]
    for event in catalogue.events.values():
        data = tables[event.table]
        columns = catalogue.tables[event.table].columns
        plain = {
            name: cells(columns[name].type, pa.chunked_array([array]))
            for name, array in _arrays(data, Random(0), 0, len(data["who"])).items()
        }
        lines: list[dict[str, Any]] = [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]
        lines = [line for line in lines if line["kind"] in KINDS[event.name]]
        order = (event.time, *event.order_by)
        for line in sorted(lines, key=lambda line: tuple((line[name] is not None, line[name]) for name in order)):
            row = EventRow(line, line[event.time])
            people[line["who"]].events.setdefault(event.name, []).append(row)
    return people


def _wanted(random: Random) -> Wanted:
    names = tuple(random.sample(sorted(KINDS), random.choice([1, 1, 1, 2, 3])))
    events = ir.Events(names, random.choice(_WHERES), random.choice(WINDOWS))
    if random.random() < 0.3:
        node = rhythm(random, events)
        return Wanted(node.events, node, None, node.type)
    kind = random.choice([kind for kind in K if kind is not K.ONLY])
    match kind:
        case K.NUMBER:
            return Wanted(events, kind, None, IntegerType(), random.choice([None, 1, 1, 3]))
        case K.FIRST | K.LAST if random.random() < 0.4:
            return Wanted(events, kind, None, TimestampType())
        case K.TOTAL | K.AVERAGE:
            name = random.choice(sorted(NUMBERS))
        case K.MEDIAN | K.SMALLEST | K.LARGEST:
            name = random.choice(sorted(ORDERED))
        case _:
            name = random.choice(sorted(TYPES))
    of: ir.Value = _property(name)
    result = DecimalType() if kind is K.AVERAGE and isinstance(of.type, IntegerType) else of.type
    if name == "n" and random.random() < 0.3:
        of = ir.Arithmetic(ir.ArithmeticOp.ADD, of, ir.Attribute("age", IntegerType()), IntegerType())
    return Wanted(events, kind, of, IntegerType() if kind is K.DISTINCT else result)


def _expected(wanted: Wanted, people: Sequence[Customer], interpreter: Interpreter) -> list[Any]:
    node: ir.Value
    if not isinstance(wanted.kind, K):
        node = wanted.kind
    elif wanted.of is None and wanted.kind in (K.FIRST, K.LAST):
        node = ir.EventTime(wanted.kind, wanted.events, wanted.type)
    else:
        node = ir.Aggregate(wanted.kind, wanted.events, wanted.of, wanted.type)
    return [_capped(interpreter.value(node, person), wanted.cap) for person in people]


def _capped(value: Any, cap: int | None) -> Any:
    """A number, or the numbers it may be, as far as anybody asks for them."""
    if cap is None or isinstance(value, Absent):
        return value
    if isinstance(value, Doubt):
        numbers = frozenset(min(number, cap) for number in value.numbers)
        return Doubt(numbers) if len(numbers) > 1 else next(iter(numbers))
    return min(value, cap)


def _check(seed: int, *, rows: int, nulls: float, customers: int = 7, wanted: int = 30) -> None:
    random = Random(seed)
    zone = random.choice(["UTC", "Europe/London", "America/St_Johns", "Asia/Kolkata"])
    catalogue, clock = _catalogue(zone), Clock(AS_OF, zone)
    ages = [random.choice([None, 1, 5, 30]) for _ in range(customers)]
    sort = random.random() < 0.3
    data = {
        name: _table(random, random.randint(0, rows), customers, nulls=nulls, sort=sort) for name in ("rows", "more")
    }
    setting, everybody = Setting(catalogue, clock), _People(ages)
    asked = [_wanted(random) for _ in range(wanted)]
    gathering = Gathering(setting, customers, asked)
    for name, table in data.items():
        for chunk in _chunks(setting, random, name, table, everybody):
            gathering.add(chunk)
    found = gathering.finished()
    people, interpreter = _people(catalogue, data, ages), Interpreter(catalogue, clock)
    for item in asked:
        assert len(found[item]) == customers
        seen = [_capped(value, item.cap) for value in results(found[item])]
        assert seen == _expected(item, people, interpreter), item


@pytest.mark.parametrize("seed", range(cases(60)))
def test_aggregates_are_those_of_the_reference(seed: int) -> None:
    _check(seed, rows=60, nulls=0.0)


@pytest.mark.parametrize("seed", range(cases(60)))
def test_aggregates_with_missing_values_are_those_of_the_reference(seed: int) -> None:
    _check(seed + 1000, rows=40, nulls=0.1)


@pytest.mark.parametrize("seed", range(cases(20)))
def test_aggregates_over_many_rows_of_few_customers(seed: int) -> None:
    _check(seed + 2000, rows=400, nulls=0.005, customers=3)


@pytest.mark.parametrize("seed", range(cases(30)))
def test_pieces_and_what_is_kept_may_be_of_any_size(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PIECE", 11)
    monkeypatch.setattr(ends, "SPARE", -20)
    monkeypatch.setattr(pairs, "MANY", 5)
    monkeypatch.setattr(tallies, "MANY", 5)
    monkeypatch.setattr(tallies, "DENSE", seed % 2 * 30)
    monkeypatch.setattr(doubles, "ROWS", 3)
    monkeypatch.setattr(doubles, "CUSTOMERS", 2)
    _check(seed + 3000, rows=80, nulls=0.01)
