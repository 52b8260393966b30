"""A segment as an expression of pyarrow takes exactly the rows that the reference takes, or is refused."""

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyarrow import dataset as ds
from pyarrow import parquet as pq

from segrules.backends.arrow.expression import MOST_TESTS, arrow_expression
from segrules.diagnostics.errors import BadInput
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.reference.evaluate import evaluate
from segrules.reference.windows import Clock
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from segrules.types.cells import Tables
from segrules.types.types import TextType, Type
from tests.conformance.cases import bind_text, errors
from tests.engine import data
from tests.engine.catalogues import ZONES, read
from tests.engine.layouts import PACKINGS, ColumnLayout, TableLayout, lay_out
from tests.engine.picking import Pick, by_seed, chance

ROOT = Path(__file__).parents[2]
_MONEY = {"type": "money", "currency": "GBP"}
_SIZES = {"type": "text", "values": ["S", "M", "L", "XL"], "ordered": True}
_COLUMNS: dict[str, Any] = {
    "person": "integer",
    "age": "integer",
    "points": {"type": "integer", "column": "loyalty.points"},
    "height": "decimal",
    "ratio": "float",
    "factor": "float",
    "credit": _MONEY,
    "debt": _MONEY,
    "staff": "boolean",
    "vip": "boolean",
    "country": "text",
    "note": {"type": "text", "column": "Note (free)"},
    "tier": {"type": "text", "values": ["web", "trade", "DE"]},
    "shirt": _SIZES,
    "joined": "date",
    "ended": "date",
    "called": "timestamp",
    "seen": "timestamp",
}
_ORDERS = ("=", "!=", "<", "<=", ">", ">=")
_NUMBERS = ("1", "0", "2", "3", "-1", "10", "2.5", "0.1", "0.3", "9223372036854775807", "-9223372036854775808", "-128",
            "100000000000000000000", "12345678901234567890.123456789", "9007199254740993",
            "0.30000001", "255")  # fmt: skip
_WORDS = ("web", "", "a", "DE", "WEB", "Straße", "e\u0301", "😀", "b")
_PATTERNS = ("^w.b$", "(?i)we", "[a-z]+$", "^$", "\\\\bweb\\\\b", ".", "web|DE")
_WINDOWS = (
    "in the last 7 days", "more than 30 days ago", "between 7 and 30 days ago", "in the last 1 month", "in this year",
    "in the last 2 whole weeks", "in the next 30 days", "more than 30 days ahead", "in the last 1000 years", "ever",
)  # fmt: skip
_HOURS = ("in the last 3 hours", "more than 90 minutes ago", "in the next 3 hours")
LISTS = {"lists/some.csv": ["web", "DE", "1", "10", "Straße", "-0", "99999999999999999999"]}


class _Conditions:
    """Random conditions on the customers' own columns."""

    def __init__(self, pick: Pick, clock: Clock) -> None:
        self._pick = pick
        self._clock = clock

    def condition(self, depth: int) -> str:
        match self._pick(("piece", "piece", "and", "or", "not")) if depth else "piece":
            case "and":
                return f"({self.condition(depth - 1)}) and ({self.condition(depth - 1)})"
            case "or":
                return f"({self.condition(depth - 1)}) or ({self.condition(depth - 1)})"
            case "not":
                return f"not ({self.condition(depth - 1)})"
            case _:
                return self._pick((self._number, self._text, self._size, self._time, self._time, self._other))()

    def _number(self) -> str:
        pick = self._pick
        name = pick(("age", "points", "height", "ratio", "factor", "credit", "debt"))
        unit = " GBP" if name in ("credit", "debt") else ""
        one, other = (number + unit for number in sorted((pick(_NUMBERS), pick(_NUMBERS)), key=Fraction))
        beside = {"credit": "debt", "ratio": "factor", "age": "points", "height": "age"}.get(name, name)
        many = ", ".join(f"{number}{unit}" for number in range(-3, 20))
        tests = [
            f"{name} {pick(_ORDERS)} {one}",
            f"{one} {pick(_ORDERS)} {name}",
            f"{name} between {one} and {other}",
            f"{name} {pick(_ORDERS)} {beside}",
            f"{name} between {one} and {beside}",
            f"{name} {pick(('in', 'not in'))} [{pick((one, f'{one}, {other}', many))}]",
        ]
        if name in ("age", "points"):
            tests += [f"{name} {pick(_ORDERS)} limit", f'{name} {pick(("in", "not in"))} list "lists/some.csv"']
        return pick(tests)

    def _text(self) -> str:
        pick = self._pick
        name = pick(("country", "note", "tier", "worded"))
        words = ("web", "DE") if name == "tier" else _WORDS
        case = pick(("", " ignoring case"))
        return pick((
            f'{name} {pick(("=", "!="))} "{pick(words)}"{case}',
            f'{name} {pick(("in", "not in"))} ["{pick(words)}", "{pick(words)}"]{case}',
            f'{name} {pick(("contains", "starts with", "ends with"))} "{pick(_WORDS)}"{case}',
            f'{name} matches "{pick(_PATTERNS)}"{case}',
            f'{name} {pick(("in", "not in"))} list "lists/some.csv"{case}',
            f"country {pick(('=', '!='))} note{case}",
        ))  # fmt: skip

    def _size(self) -> str:
        size = self._pick(("S", "M", "XL"))
        between = 'shirt between "M" and "L"'
        return self._pick((f'shirt {self._pick(_ORDERS)} "{size}"', f'"{size}" {self._pick(_ORDERS)} shirt', between))

    def _time(self) -> str:
        pick = self._pick
        name = pick(("joined", "ended", "called", "seen"))
        is_day = name in ("joined", "ended")
        ordinal = self._clock.today.toordinal() + pick((0, -1, -7, 30))
        day = date.fromordinal(min(max(ordinal, 1), date.max.toordinal())).isoformat()
        moment = (self._clock.as_of + pick((timedelta(0), timedelta(hours=-3), timedelta(microseconds=-1)))).isoformat()
        dated = (f"since {day}", f"before {day}", f"on {day}", f"after {day}", f"from {day} to {day}")
        windows = (*_WINDOWS, *dated) if is_day else (*_WINDOWS, *_HOURS, *dated, f"since {moment}", f"before {moment}")
        return pick((
            f"{name} {pick(('is', 'is not'))} {pick(windows)}",
            f"{name} {pick(_ORDERS)} {day if is_day else moment}",
            f"days since {name} {pick(_ORDERS)} {pick(('0', '7', '30', '-3'))}",
            f"{name} {pick(_ORDERS)} {'ended' if is_day else 'seen'}",
            "known for at least 30 days",
        ))  # fmt: skip

    def _other(self) -> str:
        pick = self._pick
        flag = pick(("staff", "vip"))
        name = pick([*_COLUMNS, "days since joined", "limit"][1:])
        known = f"{name} is {pick(('known', 'unknown'))}"
        return pick(
            (
                flag,
                f"{flag} = false",
                "staff != vip",
                known,
                known,
                "c1",
                "in segment a",
                "in segment p.rest",
                "in segment p.one",
            )
        )


@dataclass(frozen=True)
class _Made:
    rules: Rules
    text: str
    cells: Tables
    table: pa.Table
    as_of: datetime


def _catalogue(pick: Pick) -> Catalogue:
    columns = {
        name: {**(kind if isinstance(kind, dict) else {"type": kind}), "nullable": name != "person"}
        for name, kind in _COLUMNS.items()
    }
    if chance(pick, 2):
        columns["called"]["zone"] = pick(ZONES)
    tables = {"people": {"path": "people.parquet", "key": "person", "columns": columns}}
    customers = {"table": "people", "since": pick(("joined", "called"))}
    return read({"format": 1, "time_zone": pick(ZONES), "tables": tables, "customers": customers})


def _made(seed: int) -> _Made:
    pick = by_seed(seed)
    catalogue = _catalogue(pick)
    as_of = data.instants(pick)
    conditions = _Conditions(pick, Clock(as_of, catalogue.zone))
    lines = [
        f"define limit as {pick(('10', '2.5', 'points'))}",
        "define worded as country",
        f"define c1 as {_without_names(conditions, 1)}",
        f"segment a\n  where {_without_names(conditions, 2)}",
        "partition p",
        f"  stage one where {_without_names(conditions, 2)}",
        f"  stage two where {_without_names(conditions, 1)}",
        "  otherwise rest",
    ]
    lines += [f"segment s{number}\n  where {conditions.condition(2)}" for number in range(12)]
    text = "\n".join(lines) + "\n"
    rules, findings = bind_text(text, catalogue, LISTS)
    assert errors(findings) == [], [*errors(findings), text]
    cells = data.tables(pick, catalogue, as_of, 12, 0)
    own = catalogue.tables["people"]
    layout = TableLayout(columns={name: _layout(pick, own.columns[name].type) for name in cells["people"]})
    return _Made(rules, text, cells, lay_out(own, cells["people"], layout, catalogue.zone), as_of)


def _layout(pick: Pick, of: Type) -> ColumnLayout:
    """Ways of storing of which pyarrow filters most."""
    wrapping = "dictionary" if isinstance(of, TextType) and chance(pick, 3) else "plain"
    if not chance(pick, 3):
        return ColumnLayout(wrapping=wrapping)
    packing = pick([name for name in PACKINGS[type(of)] if name not in ("string_view", "float16", "negative scale")])
    return ColumnLayout(packing, wrapping, null_type=chance(pick, 6))


def _without_names(conditions: _Conditions, depth: int) -> str:
    """A condition that names nothing of the file but its values."""
    while True:
        made = conditions.condition(depth)
        if "segment" not in made and "c1" not in made:
            return made


def _keys(table: pa.Table) -> list[int]:
    return sorted(int(key) for key in table["person"].to_pylist())


def _check(seed: int, folder: Path | None = None) -> Counter[str]:
    """Compare all segments; how many were taken and how many refused."""
    made = _made(seed)
    names = list(made.rules.segments)
    outcome = evaluate(made.rules, made.cells, made.as_of, names)
    seen: Counter[str] = Counter()
    if folder is not None and not _filtered(made.table):
        return seen
    where: Any = made.table if folder is None else _dataset(made.table, folder)
    for name in names:
        try:
            expression = arrow_expression(made.rules, name, made.as_of, made.table.schema)
        except BadInput as error:
            seen[error.message.partition(": ")[2]] += 1
            continue
        found = _keys(where.filter(expression) if folder is None else where.to_table(filter=expression))
        truths = zip(outcome.keys, outcome.qualifying[name], strict=True)
        expected = sorted(int(key) for key, truth in truths if truth is True)
        assert found == expected, f"{name} as of {made.as_of} in {made.text}\n{expression}\n{made.table.schema}"
        seen["exact"] += 1
    return seen


def _filtered(table: pa.Table) -> bool:
    """Whether a Parquet file holds the table as it is."""
    kinds = [field.type for field in table.schema]
    odd = (pa.types.is_string_view, pa.types.is_run_end_encoded, pa.types.is_float16)
    narrow = (pa.types.is_decimal32, pa.types.is_decimal64, pa.types.is_decimal256)
    return not any(test(kind) for kind in kinds for test in (*odd, *narrow))


def _dataset(table: pa.Table, folder: Path) -> ds.Dataset:
    pq.write_table(table, folder / "people.parquet", row_group_size=3)
    found = ds.dataset(folder / "people.parquet")
    return ds.dataset(folder / "people.parquet", schema=table.schema) if found.schema != table.schema else found


_MOSTLY = settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=True,
    deadline=None,
)


@settings(_MOSTLY, max_examples=40)
@given(st.integers(0, 2**48))
def test_tables_in_memory(seed: int) -> None:
    _check(seed)


@settings(_MOSTLY, max_examples=12)
@given(st.integers(0, 2**48))
def test_parquet_files_with_row_groups(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    _check(seed, tmp_path_factory.mktemp("people"))


def test_few_are_refused() -> None:
    seen: Counter[str] = Counter()
    for seed in range(10):
        seen += _check(seed)
    assert seen["exact"] > 0.6 * seen.total(), seen


# --- what is refused, and how large it may be -----------------------------------------------------

_SHOP = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: person
    columns:
      person: {type: integer, nullable: false}
      age: integer
      other: integer
      credit: {type: money, currency: GBP}
      born: date
      called: timestamp
      tags: list of text
      word: text
  adults: {path: adults.csv, key: person, columns: {person: integer, adult: boolean}}
  orders:
    path: orders.csv
    columns: {order_no: {type: integer, nullable: false}, person: integer, at: timestamp}
customers: {table: people, join: [adults]}
events:
  order: {table: orders, customer: person, time: at, id: order_no}
"""


def _expression(where: str, *, as_of: datetime | None = None, schema: pa.Schema | None = None, more: str = "") -> Any:
    catalogue, findings = read_catalogue(Source("catalog.yaml", _SHOP))
    assert catalogue is not None, findings
    rules, findings = bind_text(f"{more}segment a\n  where {where}\n", catalogue, LISTS)
    assert errors(findings) == [], findings
    return arrow_expression(rules, "a", as_of, schema)


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("did order", "events: `order`"),
        ("days since last order > 3", "events: `order`"),
        ("adult", "not in the customers' own table `people`"),
        ('tags has any of ["a"]', "tests a list"),
        ("age + other > 3", "may round or overflow"),
        ("born has anniversary in the next 7 days", "anniversaries"),
        ('in sample 10% salt "x"', "a sample"),
        ("month of born = 3", "calculates with days"),
        ("born is in the last 7 days", "counts from `as_of`"),
        ("days since born > 3", "counts from `as_of`"),
        ("in segment b", "it reads events"),
        ("s.r > 1", "the score `s.r`"),
    ],
)
def test_what_is_no_test_of_columns_is_refused_with_the_reason(where: str, why: str) -> None:
    more = "segment b\n  where did order\nscore s\n  rank r by age into 3 bands, low is best\n"
    with pytest.raises(BadInput) as error:
        _expression(where, more=more)
    assert why in error.value.message


def test_without_a_schema_the_plain_types_are_taken() -> None:
    table = pa.table({
        "age": pa.array([1, None, 7], pa.int32()),
        "credit": pa.array([Decimal("1.00"), Decimal("2.50"), None]),
        "born": pa.array([date(2020, 1, 1), date(2021, 1, 1), None]),
        "called": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
    })  # fmt: skip
    assert table.filter(_expression("not age > 3"))["age"].to_pylist() == [1]
    assert table.filter(_expression("credit > 1.005 GBP")).num_rows == 1
    assert table.filter(_expression("born = 2021-01-01")).num_rows == 1
    assert table.filter(_expression("called >= 1970-01-01T00:00:00.000001Z")).num_rows == 1
    assert table.filter(_expression("age is unknown or age > 3")).num_rows == 2


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(BadInput, match="stored as `double`"):
        _expression("age > 3", schema=pa.schema([("age", pa.float64())]))
    with pytest.raises(BadInput, match="no column `age`"):
        _expression("age > 3", schema=pa.schema([("x", pa.int64())]))


def test_a_relative_window_asks_for_as_of_and_a_fixed_one_does_not() -> None:
    born = pa.table({"born": [date(2025, 1, 30), date(2025, 1, 31), None]})
    moment = datetime(2025, 2, 1, tzinfo=UTC)
    assert born.filter(_expression("born is in the last 1 day", as_of=moment)).num_rows == 1
    assert born.filter(_expression("born is since 2025-01-31")).num_rows == 1


def test_what_would_be_too_large_is_refused() -> None:
    with pytest.raises(BadInput, match=f"more than {MOST_TESTS} tests"):
        _expression(" or ".join(f"age = {number * 2}" for number in range(MOST_TESTS)))
    doubled = "define d0 as age > 1 and other > 2\n" + "".join(
        f"define d{n} as (d{n - 1} and age > {n}) or (d{n - 1} and other > {n})\n" for n in range(1, 40)
    )
    with pytest.raises(BadInput, match=f"more than {MOST_TESTS} tests"):
        _expression("d39", more=doubled)
    chain = "define d0 as age > 1\n" + "".join(f"define d{n} as d{n - 1}\n" for n in range(1, 3000))
    with pytest.raises(BadInput, match="too many names"):
        _expression("d2999", more=chain)


_DEEPER = """
import sys, tempfile, threading
import pyarrow as pa, pyarrow.compute as pc, pyarrow.dataset as ds, pyarrow.parquet as pq
from segrules.backends.arrow.expression import MOST_DEEP
made = pc.field("x") == 0
for number in range(4 * MOST_DEEP):
    leaf = pc.field("x") > number
    made = (made & leaf) if number % 2 else (made | leaf)
table = pa.table({"x": list(range(1000))})
folder = tempfile.mkdtemp()
pq.write_table(table, folder + "/x.parquet", row_group_size=500)
def run():
    table.filter(made), ds.dataset(folder).to_table(filter=made), str(made)
threading.stack_size(512 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("alive")
"""
"""Four times as deep as the deepest that is made, in a thread with as small a stack as any system gives one."""


def test_the_deepest_is_far_from_what_ends_a_process() -> None:
    done = subprocess.run([sys.executable, "-c", _DEEPER], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
