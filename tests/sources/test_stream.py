from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import inf, nan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import feather, ipc
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.ir.catalogue import Column, CsvOptions, Format, Fresh, Table
from segrules.ir.windows import Period, Unit
from segrules.sources.blocks import Statistics
from segrules.sources.problems import TableProblems
from segrules.sources.stream import file_source
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
from tests.sources.build import AS_OF, catalogue, column, table, write
from tests.sources.streams import all_cells, drain, same_as_whole, source_of

GBP = MoneyType("GBP")
BEFORE_1970 = datetime(1970, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)
X = column("x", IntegerType())


def parquet(root: Path, columns: Mapping[str, Any], name: str = "t.parquet", groups: int = 2) -> str:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), root / name, row_group_size=groups)
    return name


def everything() -> dict[str, Any]:
    return {
        "whole": pa.array([1, None, 3, 4, 5, 6, 7], pa.int32()),
        "exact": pa.array([Decimal("1.50"), None, Decimal("-2.25"), *[Decimal("0.10")] * 4], pa.decimal128(9, 2)),
        "about": [1.5, nan, None, inf, -inf, 0.0, 2.5],
        "flag": [True, None, False, True, True, False, None],
        "text": ["a", None, "b", "a", "", "ä", "a"],
        "coded": pa.array(["a", None, "b", "a", "", "ä", "a"]).dictionary_encode(),
        "day": [date(2026, 1, 1), None, date(1, 1, 1), *[date(9999, 12, 31)] * 4],
        "moment": pa.array([0, None, -1, 1, 2, 3, 4], pa.int64()).cast(pa.timestamp("us", "UTC")),
        "local": [datetime(2026, 10, 25, 1, 30), None, datetime(2026, 3, 29, 1, 30), *[datetime(2026, 7, 1)] * 4],
        "list": [["a", "b"], None, [], ["c"], ["a"], [], None],
        "nothing": pa.nulls(7),
    }


EVERYTHING = (
    column("whole", IntegerType()),
    column("exact", GBP),
    column("about", FloatType()),
    column("flag", BooleanType()),
    column("text", TextType()),
    column("coded", TextType(("a", "b", "", "ä"))),
    column("day", DateType()),
    column("moment", TimestampType()),
    column("local", TimestampType()),
    column("list", ListType()),
    column("nothing", DecimalType()),
)


@pytest.mark.parametrize("groups", [1, 2, 3, 100])
def test_every_type_of_parquet(tmp_path: Path, groups: int) -> None:
    whole = same_as_whole(tmp_path, table(parquet(tmp_path, everything(), groups=groups), *EVERYTHING))
    assert [item.code for item in whole.findings] == [codes.CLOCK_CHANGE] * 2


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize("rows", [1, 2, 5, 100])
def test_every_type_of_arrow(tmp_path: Path, kind: str, rows: int) -> None:
    data = pa.table(everything())
    maker = ipc.new_file if kind == "file" else ipc.new_stream
    with maker(tmp_path / "t.arrow", data.schema) as writer:
        writer.write_table(data, max_chunksize=rows)
    same_as_whole(tmp_path, table("t.arrow", *EVERYTHING, kind=Format.ARROW))


def test_compressed_feather(tmp_path: Path) -> None:
    feather.write_feather(pa.table(everything()), tmp_path / "t.feather", compression="zstd", chunksize=3)
    same_as_whole(tmp_path, table("t.feather", *EVERYTHING, kind=Format.ARROW))


def test_several_files_with_other_widths_and_partitions(tmp_path: Path) -> None:
    parquet(tmp_path, {"x": pa.array([1, None, 3], pa.int8()), "y": pa.array([1, 2, 3])}, "l/year=1/land=a b/0.parquet")
    parquet(tmp_path, {"x": pa.array([2**40], pa.int64()), "y": pa.nulls(1)}, "l/year=2/land=b/0.parquet")
    parquet(tmp_path, {"x": pa.array([], pa.int64()), "y": pa.nulls(0)}, "l/year=3/land=b/0.parquet")
    null = "__HIVE_DEFAULT_PARTITION__"
    parquet(tmp_path, {"x": [None, 5], "y": [5, 6]}, f"l/year=4/land={null}/0.parquet")
    columns = (X, column("y", DecimalType()), column("year", IntegerType()), column("land", TextType(("a b", "b"))))
    whole = same_as_whole(tmp_path, table("l", *columns, hive=True))
    assert whole.findings == ()
    bad = (column("y", IntegerType()), column("year", DateType()), column("land", TextType(("b",)), nullable=False))
    assert len(same_as_whole(tmp_path, table("l", *bad, hive=True)).findings) == 3


FAULTS: list[tuple[Any, Column]] = [
    (["a", None, "c", "c", "d", "a", "e", "f", "g", "h"], column("x", TextType(("a",)), nullable=False)),
    (pa.array(["a", None, "c", "c"]).dictionary_encode(), column("x", TextType(("a",)), nullable=False)),
    ([["a"], ["c", "d"], None, ["d"]], column("x", ListType(("a",)))),
    ([["a"], ["c", None], None, [None]], column("x", ListType())),
    (list(range(10)), column("x", IntegerType(), minimum=Fraction(3), maximum=Fraction(13, 2))),
    ([1.5, nan, inf, -1.0, None], column("x", FloatType(), minimum=Fraction(0), maximum=Fraction(5), nullable=False)),
    ([Decimal("1.234"), Decimal("1.230"), None], column("x", GBP, scale=2)),
    ([Decimal("1.5"), Decimal("1.0"), Decimal("2.5")], column("x", IntegerType())),
    ([1.5, 2.0], column("x", IntegerType())),
    (["a"] * 4, column("x", DecimalType())),
    ([datetime(2026, 1, 1), datetime(2026, 1, 1, 1), None], column("x", DateType())),
    ([datetime(2026, 10, 25, 1, n) for n in range(9)], column("x", TimestampType(), minimum=date(2026, 10, 26))),
    (pa.array([0, 2**62], pa.int64()).cast(pa.timestamp("us", "UTC")), column("x", TimestampType())),
    (pa.array([0, 2**31 - 1], pa.int32()).cast(pa.date32()), column("x", DateType())),
    (pa.array([b"a"]), column("x", TextType())),
]


@pytest.mark.parametrize(("values", "of"), FAULTS)
@pytest.mark.parametrize("kind", [Format.PARQUET, Format.ARROW])
def test_faults(tmp_path: Path, values: Any, of: Column, kind: Format) -> None:
    data = pa.table({"x": values, "n": list(range(len(values)))})
    if kind is Format.PARQUET:
        pq.write_table(data, tmp_path / "t", row_group_size=2)
    else:
        feather.write_feather(data, tmp_path / "t", chunksize=2)
    whole = same_as_whole(tmp_path, table("t", of, column("n", IntegerType()), kind=kind))
    assert whole.findings != ()


def test_faults_over_many_row_groups_have_five_examples(tmp_path: Path) -> None:
    numbers = [number if number % 3 else None for number in range(100)]
    of = column("x", IntegerType(), nullable=False, maximum=Fraction(50))
    whole = same_as_whole(tmp_path, table(parquet(tmp_path, {"x": numbers}, groups=7), of))
    assert [len(item.examples) for item in whole.findings] == [5, 5]


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3, 4],
        [4, 3, 2, 1],
        [1, None, 1, None],
        pa.array([127, -128, 0, 127], pa.int8()),
        pa.array([2**64 - 1, 0, 2**63], pa.uint64()),
        [2**62, -(2**62), 0, 2**62],
        [2**62, -(2**62), 0],
        ["a", "b", "a"],
        pa.array(["a", "b", "a"]).dictionary_encode(),
        [date(2026, 1, 1), date(2026, 1, 1)],
        [],
    ],
)
def test_keys(tmp_path: Path, values: Any) -> None:
    data = pa.table({"x": values})
    of = IntegerType() if pa.types.is_integer(data.schema.types[0]) else TextType()
    if pa.types.is_date(data.schema.types[0]):
        of = DateType()  # type: ignore[assignment]
    pq.write_table(data, tmp_path / "t", row_group_size=2)
    same_as_whole(tmp_path, table("t", column("x", of), key="x"))


def test_keys_are_compared_where_asked_for_only(tmp_path: Path) -> None:
    given_table = table(parquet(tmp_path, {"x": [1, 1, None], "y": [1, 1, 1]}), X, column("y", IntegerType()), key="x")
    source = file_source(catalogue(given_table), given_table, tmp_path, AS_OF, unique_keys=())
    drain(source)
    assert [item.code for item in source.findings()] == [codes.MISSING_KEY]


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("encoded", [True, False])
def test_currencies_are_read_for_the_check(tmp_path: Path, declared: bool, encoded: bool) -> None:
    written = pa.array(["GBP", "EUR", "EUR", None, "EUR", "USD"])
    amounts = [Decimal(1), Decimal(2), None, Decimal(4), Decimal(5), Decimal(6)]
    path = parquet(tmp_path, {"x": amounts, "cur": written.dictionary_encode() if encoded else written})
    amount = column("x", GBP, currency_column="currency" if declared else "cur")
    more = (column("currency", TextType(), physical="cur"),) if declared else ()
    same_as_whole(tmp_path, table(path, amount, *more))
    same_as_whole(tmp_path, table(path, column("x", GBP, currency_column="gone")))
    source = source_of(tmp_path, table(path, amount, *more))
    assert all(set(batch.columns) == {"x"} for batch in source.batches(["x"]))
    assert [item.code for item in source.findings()] == [codes.OTHER_CURRENCY]


@pytest.mark.parametrize("newest", [date(2026, 10, 31), date(2026, 1, 1), None])
def test_freshness(tmp_path: Path, newest: date | None) -> None:
    path = parquet(tmp_path, {"x": pa.array([None, newest, date(2020, 1, 1)], pa.date32())}, groups=1)
    same_as_whole(tmp_path, table(path, column("x", DateType()), fresh=Fresh("x", Period(2, Unit.DAY))))


def test_freshness_waits_for_the_end(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"x": [date(2020, 1, 1), date(2026, 10, 31)]}, groups=1)
    source = source_of(tmp_path, table(path, column("x", DateType()), fresh=Fresh("x", Period(2, Unit.DAY))))
    batches = source.batches(["x"], size=1)
    next(batches)
    assert source.findings() == ()


CSV = "x,name,when\n" + "".join(
    f'{number},"a ""{number % 3}""\n",2026-10-25 01:{number:02}\n\n' if number % 5 else f"{number},NA,\n"
    for number in range(30)
)


@pytest.mark.parametrize("text", [CSV, CSV.replace("\n", "\r\n"), "x,name,when\n", "x,name,when", "x,name,when\n1,a,"])
def test_csv(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    columns = (column("x", IntegerType()), column("name", TextType()), column("when", TimestampType()))
    options = CsvOptions(nulls=("", "NA"))
    same_as_whole(tmp_path, table("t.csv", *columns, kind=Format.CSV, csv=options))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "klingon", "hex", ""])
def test_csv_in_encodings(tmp_path: Path, encoding: str) -> None:
    known = encoding not in ("klingon", "hex", "")
    (tmp_path / "t.csv").write_bytes("x,y\n1,\u20ac\n2,ä\n".encode(encoding if known else "utf-8"))
    columns = (X, column("y", TextType()))
    same_as_whole(tmp_path, table("t.csv", *columns, kind=Format.CSV, csv=CsvOptions(encoding=encoding)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"x\na\n\xff\n",
        b"x\n" + b"1\n" * 2_000_000 + b"\xe4\n",
        b"\xff\n1\n",
        b'x,y\n1,"2\n3,4\n',
        b'x,y\n"1"a,2\n',
        b"x,y\n1,2\n1\n1,2,3\n",
        b"x,y\n" + b"1,2\n" * 5_000 + b"1\n" * 7,
        b"x,x\n1,2\n",
        b"x\nbad\n1\n\nbad\n",
        b"y, x\n1,2\n",
        b"PAR1....PAR1",
        b"\x1f\x8b\x08",
        b"x\n" + b"1" * 200_000 + b"\n",
    ],
)
def test_csv_that_is_not_in_order(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    source = source_of(tmp_path, table("t.csv", X, kind=Format.CSV))
    if len(data) < 100_000:
        assert same_as_whole(tmp_path, table("t.csv", X, kind=Format.CSV)).findings != ()
        return
    with pytest.raises(TableProblems) as caught:
        list(source.batches(["x"]))
    assert "(line 2000002)" in str(caught.value) or "malformed in line 2:" in str(caught.value)


def test_csv_in_several_files_names_them(tmp_path: Path) -> None:
    (tmp_path / "l").mkdir()
    (tmp_path / "l/a.csv").write_text("x\n1\n")
    (tmp_path / "l/b.csv").write_text("x,y\n2,\nbad,\n99999999999999999999,\n")
    whole = same_as_whole(tmp_path, table("l", X, kind=Format.CSV))
    assert whole.findings[0].examples == ("`bad` in line 3 of `l/b.csv`",)
    (tmp_path / "l/c.csv").write_text("y\n2\n")
    assert [item.code for item in same_as_whole(tmp_path, table("l", X, kind=Format.CSV)).findings] == [
        codes.MISSING_COLUMN
    ]


@pytest.mark.parametrize("kept", [0, 3, 100, 0.3, 0.9])
@pytest.mark.parametrize("kind", [Format.PARQUET, Format.ARROW])
@pytest.mark.parametrize("maker", [ipc.new_file, ipc.new_stream])
def test_truncated_files(tmp_path: Path, kept: float, kind: Format, maker: Any) -> None:
    data = pa.table({"x": list(range(1000))})
    if kind is Format.PARQUET:
        pq.write_table(data, tmp_path / "t")
    else:
        with maker(tmp_path / "t", data.schema) as writer:
            writer.write_table(data, max_chunksize=100)
    content = (tmp_path / "t").read_bytes()
    (tmp_path / "t").write_bytes(content[: int(len(content) * kept) if isinstance(kept, float) else kept])
    source = source_of(tmp_path, table("t", X, kind=kind))
    with pytest.raises(TableProblems):
        drain(source)
    (found,) = source.findings()
    assert found.code is codes.UNREADABLE_DATA
    assert (source.rows, source.clock_changes(), dict(source.stored)) == (None, (), {})
    with pytest.raises(TableProblems):
        drain(source)


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_damaged_parquet_is_a_finding_or_reads(tmp_path: Path, place: int) -> None:
    pq.write_table(pa.table({"x": list(range(50)), "y": ["a"] * 50}), tmp_path / "t", write_page_checksum=True)
    data = bytearray((tmp_path / "t").read_bytes())
    data[4 + place % (len(data) - 8)] ^= 0xFF
    (tmp_path / "t").write_bytes(bytes(data))
    source = source_of(tmp_path, table("t", X, column("y", TextType())))
    try:
        list(source.batches(["x", "y"], keep=lambda statistics: bool(statistics) or True))
    except TableProblems:
        assert source.findings() != ()
    assert {item.code.number[:4] for item in source.findings()} <= {"SEG5"}


@pytest.mark.parametrize("path", ["gone.parquet", "", "s3://key:secret@bucket/t", "ftp://x/y"])
def test_places_that_are_none(tmp_path: Path, path: str) -> None:
    whole = same_as_whole(tmp_path, table(path, X))
    assert [item.code for item in whole.findings] == [codes.UNREADABLE_DATA]


def test_unknown_zone(tmp_path: Path) -> None:
    parquet(tmp_path, {"x": [1]})
    same_as_whole(tmp_path, table("t.parquet", column("x", IntegerType(), zone="Europe/Atlantis")))


def test_columns_that_are_not_stored(tmp_path: Path) -> None:
    source = source_of(tmp_path, table(parquet(tmp_path, {"x": [1]}), X))
    with pytest.raises(KeyError, match="no stored column `y`"):
        list(source.batches(["y"]))


def test_columns_that_several_names_stand_for(tmp_path: Path) -> None:
    path = parquet(tmp_path, {"x": [1, 2, 3], "a.b": ["p", "q", "p"], "a": [{"b": 1}, None, None]})
    columns = (X, column("again", DecimalType(), physical="x"), column("dotted", TextType(), physical="a.b"))
    same_as_whole(tmp_path, table(path, *columns))


def test_rows_without_columns(tmp_path: Path) -> None:
    parquet(tmp_path, {"x": [1, 2, 3]})
    feather.write_feather(pa.table({"x": [1, 2, 3]}), tmp_path / "t.feather")
    (tmp_path / "t.csv").write_text("x\n1\n2\n3\n")
    for path, kind in (("t.parquet", Format.PARQUET), ("t.feather", Format.ARROW), ("t.csv", Format.CSV)):
        source = source_of(tmp_path, table(path, X, kind=kind))
        assert sum(batch.rows for batch in source.batches([])) == 3
        assert source.rows == 3


def test_row_groups_are_put_together_and_cut_evenly(tmp_path: Path) -> None:
    parquet(tmp_path, {"x": list(range(100))}, groups=10)
    source = source_of(tmp_path, table("t.parquet", X))
    assert [batch.rows for batch in source.batches(["x"], size=25)] == [20] * 5
    assert [batch.rows for batch in source.batches(["x"], size=6)] == [5] * 20
    assert [batch.rows for batch in source.batches(["x"], size=3)] == [3, 3, 3, 1] * 10
    assert [batch.rows for batch in source.batches(["x"], size=1_000)] == [100]


def test_text_with_few_values_comes_in_dictionaries(tmp_path: Path) -> None:
    few, many = ["a", "b"] * 5_000, [f"customer {number}" for number in range(10_000)]
    parquet(tmp_path, {"x": few, "y": many}, groups=3_000)
    source = source_of(tmp_path, table("t.parquet", column("x", TextType()), column("y", TextType())))
    (batch,) = drain(source, 10_000)
    assert pa.types.is_dictionary(batch.columns["x"].type)
    assert batch.columns["y"].type == pa.string()
    assert source.stored == {"x": pa.string(), "y": pa.string()}
    assert all_cells(source.table, [batch], "x") == few


def ends(tmp_path: Path, of: Type, values: Any, **more: Any) -> Statistics | None:
    """What is known of a row group with these values."""
    pq.write_table(pa.table({"x": values}), tmp_path / "t.parquet", **more)
    seen: list[Mapping[str, Statistics]] = []

    def keep(known: Mapping[str, Statistics]) -> bool:
        seen.append(known)
        return True

    source = source_of(tmp_path, table("t.parquet", column("x", of)))
    list(source.batches(["x"], keep=keep))
    return seen[0].get("x")


@pytest.mark.parametrize(
    ("of", "values", "expected"),
    [
        (IntegerType(), [3, None, -1], Statistics(-1, 3, 1, 3)),
        (IntegerType(), pa.array([3, -1], pa.int8()), Statistics(-1, 3, 0, 2)),
        (IntegerType(), pa.array([3, 1], pa.uint32()), None),
        (IntegerType(), pa.nulls(2, pa.int64()), Statistics(None, None, 2, 2)),
        (DecimalType(), [3, 1], Statistics(Fraction(1), Fraction(3), 0, 2)),
        (GBP, [Decimal("-1.50"), Decimal("0.25")], Statistics(Fraction(-3, 2), Fraction(1, 4), 0, 2)),
        (GBP, pa.array([Decimal(1)] * 2, pa.decimal128(38, 9)), Statistics(Fraction(1), Fraction(1), 0, 2)),
        (FloatType(), [1.5, nan, None], Statistics(Fraction(3, 2), Fraction(3, 2), None, 3)),
        (FloatType(), pa.array([0.5, -inf], pa.float32()), Statistics(-inf, Fraction(1, 2), None, 2)),
        (BooleanType(), [True, None], Statistics(True, True, 1, 2)),
        (TextType(), ["b", "ä", None], Statistics("b", "ä", 1, 3)),
        (DateType(), [date(2026, 1, 2), date(2026, 1, 1)], Statistics(date(2026, 1, 1), date(2026, 1, 2), 0, 2)),
        (TimestampType(), [datetime(2026, 1, 2)], None),
        (
            TimestampType(),
            pa.array([datetime(2026, 1, 2)], pa.timestamp("s", "Asia/Tokyo")),
            Statistics(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC), 0, 1),
        ),
        (
            TimestampType(),
            pa.array([-1], pa.int64()).cast(pa.timestamp("ns", "UTC")),
            Statistics(BEFORE_1970, BEFORE_1970, 0, 1),
        ),
        (ListType(), [["a"]], None),
        (IntegerType(), ["a"], None),
        (IntegerType(), [1.5], None),
    ],
)
def test_statistics(tmp_path: Path, of: Type, values: Any, expected: Statistics | None) -> None:
    assert ends(tmp_path, of, values) == expected
    assert ends(tmp_path, of, values, write_statistics=False) is None


def test_row_groups_that_are_not_kept_are_not_read(tmp_path: Path) -> None:
    parquet(tmp_path, {"x": list(range(100))}, groups=10)
    source = source_of(tmp_path, table("t.parquet", column("x", IntegerType(), maximum=Fraction(50))))

    def keep(known: Mapping[str, Statistics]) -> bool:
        greatest = known["x"].maximum
        assert isinstance(greatest, int)
        return 25 <= greatest < 50 or greatest == 99

    batches = drain(source, 25, keep)
    assert [(batch.start, batch.rows) for batch in batches] == [(20, 20), (40, 10), (90, 10)]
    assert all_cells(source.table, batches, "x") == [*range(20, 50), *range(90, 100)]
    assert [item.message[-10:] for item in source.findings()] == ["in 10 rows"]
    drain(source)
    assert [item.message[-10:] for item in source.findings()] == ["in 49 rows"]


def test_partitions_have_statistics(tmp_path: Path) -> None:
    for year in (2010, 2011, 2012):
        parquet(tmp_path, {"x": [year] * 3}, f"l/year={year}/0.parquet")
    given_table = table("l", X, column("year", DecimalType()), hive=True)
    source = source_of(tmp_path, given_table)
    batches = drain(source, keep=lambda known: known["year"].minimum == 2011)
    assert [batch.start for batch in batches] == [3]
    assert all_cells(given_table, batches, "x") == [2011] * 3


def test_freshness_counts_what_was_left_out(tmp_path: Path) -> None:
    days = [date(2026, 10, 31), date(2020, 1, 1)]
    fresh = Fresh("x", Period(2, Unit.DAY))
    parquet(tmp_path, {"x": days}, groups=1)
    source = source_of(tmp_path, table("t.parquet", column("x", DateType()), fresh=fresh))
    drain(source, keep=lambda known: known["x"].maximum == days[1])
    assert source.findings() == ()
    stale = source_of(tmp_path, table("t.parquet", column("x", DateType()), fresh=fresh), AS_OF + timedelta(days=9))
    drain(stale, keep=lambda known: known["x"].maximum == days[1])
    assert [item.code for item in stale.findings()] == [codes.STALE_DATA]


VALUES = st.lists(st.none() | st.integers(-5, 5), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(VALUES, min_size=1, max_size=3),
    st.integers(1, 9),
    st.sampled_from([pa.int64(), pa.int8(), pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]),
    st.sampled_from([Format.PARQUET, Format.ARROW]),
)
def test_files_of_any_kind(tmp_path: Path, files: list[list[int | None]], size: int, of: Any, kind: Format) -> None:
    for old in (tmp_path / "l").glob("*"):
        old.unlink()
    (tmp_path / "l").mkdir(exist_ok=True)
    is_number = pa.types.is_integer(of)
    for number, values in enumerate(files):
        texts = [None if value is None else value if is_number else f"v{value}" for value in values]
        data = pa.table({"x": pa.array(texts, of)})
        if kind is Format.PARQUET:
            pq.write_table(data, tmp_path / f"l/{number}", row_group_size=size)
        else:
            feather.write_feather(data, tmp_path / f"l/{number}", chunksize=size)
    given_type: Type = IntegerType() if is_number else TextType(("v1", "v2", "v3"))
    low = Fraction(-2) if is_number else None
    x = column("x", given_type, nullable=False, minimum=low)
    same_as_whole(tmp_path, table("l", x, kind=kind, key="x" if size % 2 else None))


def test_nothing_stays_open(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]})
    source = source_of(tmp_path, table("t.parquet", X))
    drain(source)
    (tmp_path / "t.parquet").unlink()
    assert isinstance(source.table, Table)
    assert source.hash is None
