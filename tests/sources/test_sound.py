"""What sources hand out is what Arrow's functions take it to be, however odd the data are that came in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.sources.blocks import one
from segrules.sources.cast import as_stored
from segrules.sources.given import given_source
from segrules.sources.opened import Batch
from segrules.sources.packed import packed_text
from segrules.sources.problems import TableProblems
from segrules.sources.sound import rebased
from segrules.sources.stream import TableSource
from segrules.types.cells import Cell
from segrules.types.types import (
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    TextType,
    TimestampType,
    Type,
)
from tests.sources.build import AS_OF, catalogue, column, table
from tests.sources.streams import SIZES, all_cells, drain, same_as_whole

LISTS = table("t", column("x", ListType()))
TEXTS = table("t", column("x", TextType()))


def source_of(data: object, of: Type) -> TableSource:
    each = table("t", column("x", of))
    return given_source(catalogue(each), each, data, AS_OF)


def gives(chunks: Sequence[pa.Array], of: Type, expected: list[Any]) -> list[Batch]:
    """Assert that a column has these cells, in batches of any size and in two passes; the largest batches."""
    batches: list[Batch] = []
    for size in SIZES:
        source = source_of({"x": pa.chunked_array(chunks)}, of)
        for again in (size, size + 2):
            batches = drain(source, again)
            assert all_cells(source.table, batches, "x") == expected
        assert source.findings() == ()
    return batches


# --- dictionaries in several chunks ---------------------------------------------------------------


def coded(indices: list[int | None], entries: pa.Array, index: pa.DataType) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices, index), entries)


INSTANTS = pa.array([datetime(2026, 1, 1, tzinfo=UTC), None], pa.timestamp("us", "UTC"))


@pytest.mark.parametrize("index", [pa.int8(), pa.uint8(), pa.int32(), pa.uint64()], ids=str)
@pytest.mark.parametrize(
    ("entries", "of", "value"),
    [
        (pa.array([7, None], pa.int16()), IntegerType(), 7),
        (pa.array([7, None], pa.int16()), FloatType(), 7),
        (pa.array([Decimal("1.5"), None], pa.decimal32(5, 1)), DecimalType(), Fraction(3, 2)),
        (pa.array([date(2026, 1, 1), None], pa.date32()), DateType(), date(2026, 1, 1)),
        (pa.array([date(2026, 1, 1), None], pa.date64()), DateType(), date(2026, 1, 1)),
        (INSTANTS, TimestampType(), datetime(2026, 1, 1, tzinfo=UTC)),
        (pa.array(["a", None]), TextType(), "a"),
        (pa.array(["a", None], pa.large_string()), TextType(), "a"),
        (pa.array(["a", None], pa.string_view()), TextType(), "a"),
    ],
    ids=lambda of: str(of.type) if isinstance(of, pa.Array) else str(of),
)
def test_dictionaries_with_null_in_several_chunks(entries: pa.Array, of: Type, value: Cell, index: Any) -> None:
    turned = pa.array(entries.to_pylist()[::-1], entries.type)
    chunks = [coded([0, 1, None], entries, index), coded([1, 0], turned, index), coded([None], entries, index)]
    gives(chunks, of, [value, None, None, value, None, None])


def test_dictionaries_with_more_entries_than_their_codes_can_count() -> None:
    numbers = [pa.array(range(first, first + 100), pa.int64()) for first in (0, 100, 200)]
    gives([coded(list(range(100)), each, pa.int8()) for each in numbers], IntegerType(), list(range(300)))
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        chunks = [coded(list(range(100)), each.cast(pa.string()).cast(kind), pa.int8()) for each in numbers]
        (batch,) = gives(chunks, TextType(), [str(number) for number in range(300)])
        assert batch.columns["x"].type == pa.dictionary(pa.int32(), pa.string())
        assert batch.columns["x"].dictionary.null_count == 0


def test_dictionaries_of_half_floats_keep_their_numbers() -> None:
    halves = pa.array([float("-inf"), 0.5, None], pa.float64()).cast(pa.float16())
    chunks = [coded([0, 1], halves.slice(0, 2), pa.int16()), coded([1, 0], halves.slice(1, 2), pa.int16())]
    gives(chunks, FloatType(), [float("-inf"), Fraction(1, 2), None, Fraction(1, 2)])
    gives([each.slice(0, 1) for each in chunks], FloatType(), [float("-inf"), None])


def test_codes_beyond_the_dictionary_are_no_values() -> None:
    indices = pa.array([0, 9], pa.int8())
    wrong = pa.DictionaryArray.from_arrays(indices, pa.array(["a"]), safe=False)
    source = source_of({"x": wrong}, TextType())
    drain(source)
    assert [item.code for item in source.findings()] == [codes.OTHER_TYPE]
    several = source_of({"x": pa.chunked_array([wrong, wrong])}, TextType())
    with pytest.raises(TableProblems, match="out of bounds"):
        drain(several)


# --- views, runs, empty chunks --------------------------------------------------------------------


def test_views_of_text_become_plain_text() -> None:
    text = pa.array(["p", "a", None, "not so short as to stand in the view itself"], pa.string_view())
    chunks = [text.slice(0, 0), text.slice(2, 0), text.slice(1)]
    (batch,) = gives(chunks, TextType(), text.to_pylist()[1:])
    assert batch.columns["x"].type == pa.string()
    gives([text.slice(0, 0), text.slice(1, 0), text.slice(1, 1)], TextType(), ["a"])


@pytest.mark.parametrize(
    "entries",
    [
        pa.array(["a", None, "b"]),
        pa.array(["a", None, "b"], pa.large_string()),
        pa.array(["a", None, "b"], pa.string_view()),
        pa.array(["a", None, "b"]).dictionary_encode(),
    ],
    ids=lambda entries: str(entries.type),
)
def test_runs_of_text(entries: pa.Array) -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3, 7], pa.int32()), entries)
    rows = ["a", "a", None, "b", "b", "b", "b"]
    gives([runs.slice(1, 4), runs.slice(7), runs], TextType(), [*rows[1:5], *rows])


class Streams:
    def __init__(self, data: pa.Table) -> None:
        self._data = data

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._data.__arrow_c_stream__(requested_schema)


@pytest.mark.parametrize(
    ("values", "of", "expected"),
    [
        (pa.array([1, 2, 3]), IntegerType(), 2),
        (pa.array([0.5, 1.5, None]), FloatType(), Fraction(3, 2)),
        (pa.array(["a", "b", None]), TextType(), "b"),
        (pa.array(["a", "b", None], pa.string_view()), TextType(), "b"),
        (pa.array(["a", "b", None]).dictionary_encode(), TextType(), "b"),
        (pa.array([["a"], ["b"], None]), ListType(), ("b",)),
        (pa.array([["a"], ["b"], None], pa.list_view(pa.string())), ListType(), ("b",)),
        (pa.array([["a"], ["b"], None], pa.list_(pa.string(), 1)), ListType(), ("b",)),
    ],
    ids=lambda of: str(of.type) if isinstance(of, pa.Array) else str(of),
)
def test_streams_with_empty_slices(values: pa.Array, of: Type, expected: Cell) -> None:
    chunks = pa.chunked_array([values.slice(3), values.slice(1, 1), values.slice(2, 0)])
    for size in SIZES:
        source = source_of(Streams(pa.table({"x": chunks})), of)
        assert all_cells(source.table, drain(source, size), "x") == [expected]
        assert source.findings() == ()
    nothing = pa.table({"x": pa.chunked_array([values.slice(3), values.slice(2, 0)])})
    source = source_of(Streams(nothing), of)
    assert drain(source) == []
    assert (source.findings(), source.rows) == ((), 0)


# --- lists ----------------------------------------------------------------------------------------

KINDS = [
    pa.list_(pa.string()),
    pa.list_(pa.field("element", pa.string())),
    pa.list_(pa.large_string()),
    pa.list_(pa.string_view()),
    pa.list_(pa.dictionary(pa.int8(), pa.string())),
    pa.list_(pa.dictionary(pa.int8(), pa.large_string())),
    pa.large_list(pa.string()),
    pa.large_list(pa.large_string()),
    pa.list_view(pa.string()),
    pa.list_view(pa.large_string()),
    pa.large_list_view(pa.string_view()),
    pa.list_(pa.string(), 2),
    pa.list_(pa.large_string(), 2),
    pa.list_(pa.string_view(), 0),
]


def assert_sound(array: pa.Array, rows: list[list[str] | None]) -> None:
    """Whatever one does with the lists and their entries is right."""
    array.validate(full=True)
    assert array.type == pa.list_(pa.string())
    assert array.to_pylist() == rows
    words = [word for row in rows if row is not None for word in row]
    owners = [number for number, row in enumerate(rows) if row is not None for _ in row]
    for flat in (array.flatten(), pc.list_flatten(array)):
        assert flat.to_pylist() == words
        assert pc.ascii_lower(flat).to_pylist() == [word.lower() for word in words]
        assert pc.is_in(flat, value_set=pa.array(["x"])).to_pylist() == [word == "x" for word in words]
        assert pc.dictionary_encode(flat).to_pylist() == words
    assert pc.list_parent_indices(array).to_pylist() == owners


def test_lists_whose_cast_has_another_beginning() -> None:
    array = pa.array([["x"], ["b", "WEB"]], pa.list_(pa.large_string())).slice(1, 1)
    assert_sound(as_stored(array), [["b", "WEB"]])


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
@pytest.mark.parametrize("null", [False, True])
def test_text_that_does_not_begin_where_its_buffer_does(kind: pa.DataType, null: bool) -> None:
    texts = [None if null else "y", "bB", "WEB"]
    whole = pa.array(["X", *texts], kind)
    _, ends, data = whole.buffers()
    valid = pa.py_buffer(bytes([0b110])) if null else None
    shifted = pa.Array.from_buffers(kind, 3, [valid, ends.slice(8 if pa.types.is_large_string(kind) else 4), data])
    lower = [None if text is None else text.lower() for text in texts]
    for array in (rebased(shifted), as_stored(shifted), packed_text(shifted), as_stored(whole.slice(1))):
        array.validate(full=True)
        assert array.to_pylist() == texts
        assert pc.ascii_lower(array).to_pylist() == lower
    entries = packed_text(pa.DictionaryArray.from_arrays(pa.array([2, 1]), shifted))
    assert entries.to_pylist() == texts[:0:-1]
    assert set(pc.ascii_lower(entries.dictionary).to_pylist()) == {text for text in lower if text is not None}
    assert rebased(whole) is whole


def test_null_lists_with_entries() -> None:
    offsets, words = pa.array([0, 2, 3, 3], pa.int32()), pa.array(["X", "Y", "z"])
    made = pa.ListArray.from_arrays(offsets, words, mask=pa.array([True, False, False]))
    assert len(made.values) == 3
    assert_sound(as_stored(made), [None, ["z"], []])
    gives([made, made.slice(1)], ListType(), [None, ("z",), (), ("z",), ()])


def test_views_that_overlap_and_turn_back() -> None:
    words = pa.array(["X", "Y", "z"], pa.large_string())
    made = pa.ListViewArray.from_arrays(pa.array([1, 0, 3, 0], pa.int32()), pa.array([2, 2, 0, 3], pa.int32()), words)
    assert_sound(as_stored(made), [["Y", "z"], ["X", "Y"], [], ["X", "Y", "z"]])
    assert_sound(as_stored(made.slice(1, 2)), [["X", "Y"], []])


WORDS = st.sampled_from(["x", "b", "WEB", "", "ä"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.none() | st.lists(WORDS, max_size=3), max_size=6), min_size=1, max_size=3),
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.integers(1, 7),
)
def test_lists_of_every_kind(chunks: list[list[Any]], kind: Any, before: int, size: int) -> None:
    fixed = kind.list_size if pa.types.is_fixed_size_list(kind) else None
    if fixed is not None:
        chunks = [[row and (row * fixed + ["x"] * fixed)[:fixed] for row in rows] for rows in chunks]
        chunks = [[[] if row == [] and fixed == 0 else row or None for row in rows] for rows in chunks]
    poison = [["WEB"] * (1 if fixed is None else fixed), None, ["p"] * (1 if fixed is None else fixed)][:before]
    arrays = [pa.array([*poison, *rows], kind).slice(len(poison)) for rows in chunks]
    for array, rows in zip(arrays, chunks, strict=True):
        assert_sound(as_stored(array), rows)
    source = source_of({"x": pa.chunked_array(arrays, kind)}, ListType())
    expected = [row for rows in chunks for row in rows]
    for again in (size, 100, size):
        seen = 0
        for batch in drain(source, again):
            assert_sound(batch.columns["x"], expected[seen : seen + batch.rows])
            seen += batch.rows
        assert seen == len(expected)
    assert source.findings() == ()


def test_lists_of_nothing_but_null() -> None:
    source = source_of({"x": pa.array([[None], None, []])}, ListType())
    (batch,) = drain(source)
    assert_sound(batch.columns["x"], [None, None, []])
    assert "null as an entry, in 1 row" in source.findings()[0].message


def test_lists_with_null_among_their_entries_stay_sound() -> None:
    source = source_of(
        {"x": pa.array([["p"], ["a", None], ["B"], None], pa.list_(pa.large_string())).slice(1)}, ListType()
    )
    (batch,) = drain(source)
    assert_sound(batch.columns["x"], [None, ["B"], None])


@pytest.mark.parametrize("groups", [1, 2, 3, 100])
@pytest.mark.parametrize("inner", [pa.string(), pa.large_string()], ids=str)
def test_dictionaries_in_lists_in_parquet(tmp_path: Path, groups: int, inner: Any) -> None:
    rows = [["a", "b"], ["c"], None, [], ["a"], ["d", "d"], ["b"]]
    lists = pa.array(rows, pa.list_(pa.dictionary(pa.int32(), inner)))
    pq.write_table(pa.table({"x": lists, "n": list(range(7))}), tmp_path / "t", row_group_size=groups)
    of = table("t", column("x", ListType()), column("n", IntegerType()))
    assert same_as_whole(tmp_path, of).findings == ()


def test_no_row_groups_with_dictionaries_in_lists(tmp_path: Path) -> None:
    kind = pa.list_(pa.dictionary(pa.int32(), pa.string()))
    pq.write_table(pa.schema([("x", kind)]).empty_table(), tmp_path / "t")
    assert same_as_whole(tmp_path, LISTS).findings == ()


# --- data in memory that are broken ---------------------------------------------------------------


def text_of(data: bytes, ends: list[int], *, wide: bool = False) -> pa.Array:
    kind, width = (pa.large_string(), np.int64) if wide else (pa.string(), np.int32)
    buffers = [None, pa.py_buffer(np.array(ends, width).tobytes()), pa.py_buffer(data)]
    return pa.Array.from_buffers(kind, len(ends) - 1, buffers)


BROKEN = text_of(b"ok\xff", [0, 2, 3])
VIEWS = pa.Array.from_buffers(
    pa.string_view(), 1, [None, pa.py_buffer(np.array([1], np.int32).tobytes() + b"\xff" + bytes(11))]
)


@pytest.mark.parametrize(
    ("broken", "of"),
    [
        (BROKEN, TextType()),
        (text_of(b"ok\xff", [0, 2, 3], wide=True), TextType()),
        (VIEWS, TextType()),
        (pa.DictionaryArray.from_arrays(pa.array([0, 1]), BROKEN), TextType()),
        (pa.DictionaryArray.from_arrays(pa.array([0, 0]), VIEWS), TextType()),
        (text_of(b"\xc3\xa4", [0, 1, 2]), TextType()),
        (text_of(b"abc", [0, 9, 3]), TextType()),
        (text_of(b"abc", [3, 0, 3]), TextType()),
        (pa.ListArray.from_arrays(pa.array([0, 1, 2], pa.int32()), BROKEN), ListType()),
        (pa.FixedSizeListArray.from_arrays(BROKEN, 2), ListType()),
        (pa.ListViewArray.from_arrays(pa.array([1], pa.int32()), pa.array([1], pa.int32()), BROKEN), ListType()),
        (pa.ListArray.from_arrays(pa.array([0, 9, 2], pa.int32()), pa.array(["a", "b"])), ListType()),
        (
            pa.ListViewArray.from_arrays(pa.array([1], pa.int32()), pa.array([7], pa.int32()), pa.array(["a", "b"])),
            ListType(),
        ),
        (BROKEN, IntegerType()),
    ],
)
@pytest.mark.parametrize("several", [False, True])
def test_text_and_lists_that_are_broken_are_findings(broken: pa.Array, of: Type, several: bool) -> None:
    data = pa.chunked_array([broken, broken] if several else [broken])
    for size in (1, 100):
        source = source_of({"x": data}, of)
        told = codes.OTHER_TYPE
        try:
            list(source.batches(["x"], size=size))
        except TableProblems:
            told = codes.UNREADABLE_DATA
        assert {item.code for item in source.findings()} == {told}


def test_what_stands_under_null_may_be_no_text() -> None:
    masked = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x01"), *BROKEN.buffers()[1:]], null_count=1)
    gives([masked], TextType(), ["ok", None])


def test_one_array_out_of_many() -> None:
    assert one(pa.chunked_array([], pa.string())).type == pa.string()
    kind = pa.dictionary(pa.int8(), pa.string_view())
    assert one(pa.chunked_array([], kind)).type == kind
    single = pa.array(["a"])
    assert one(pa.chunked_array([single.slice(0, 0), single])).buffers()[1].address == single.buffers()[1].address
