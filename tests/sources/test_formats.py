from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, ipc
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.ir.catalogue import Format
from segrules.types.types import IntegerType, TextType
from tests.sources.build import cells_of, column, load, only, table, write

X = column("x", IntegerType())


def test_parquet_reads_what_the_catalogue_names_only(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1], "extra": [object.__name__], "a.b": ["dotted"]})
    loaded = load(tmp_path, table("t.parquet", X, column("dotted", TextType(), physical="a.b")))
    assert loaded.tables == {"t": {"x": [1], "dotted": ["dotted"]}}


@pytest.mark.parametrize("kind", ["file", "stream"])
def test_arrow_file_and_stream(tmp_path: Path, kind: str) -> None:
    data = pa.table({"x": pa.chunked_array([[1], [2, None]])})
    maker = ipc.new_file if kind == "file" else ipc.new_stream
    with maker(tmp_path / "t.arrow", data.schema) as writer:
        writer.write_table(data)
    assert cells_of(load(tmp_path, table("t.arrow", X, kind=Format.ARROW))) == [1, 2, None]


def test_arrow_with_compression(tmp_path: Path) -> None:
    feather.write_feather(pa.table({"x": list(range(1000))}), tmp_path / "t.feather", compression="zstd")
    assert cells_of(load(tmp_path, table("t.feather", X, kind=Format.ARROW))) == list(range(1000))


def test_table_without_rows(tmp_path: Path) -> None:
    write(tmp_path, {"x": pa.array([], pa.int64()), "y": pa.nulls(0)})
    loaded = load(tmp_path, table("t.parquet", X, column("y", TextType()), key="x"))
    assert (loaded.findings, loaded.tables) == ((), {"t": {"x": [], "y": []}})


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_truncated_parquet(tmp_path: Path, kept: float) -> None:
    write(tmp_path, {"x": list(range(1000))})
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: int(len(data) * kept)])
    found = only(load(tmp_path, table("t.parquet", X)))
    assert found.code is codes.UNREADABLE_DATA
    assert found.message == "table `t`: the Parquet file `t.parquet` is cut short"


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_damaged_parquet_is_a_finding_or_reads(tmp_path: Path, place: int) -> None:
    pq.write_table(pa.table({"x": list(range(50)), "y": ["a"] * 50}), tmp_path / "t.parquet", write_page_checksum=True)
    data = bytearray((tmp_path / "t.parquet").read_bytes())
    data[4 + place % (len(data) - 8)] ^= 0xFF
    (tmp_path / "t.parquet").write_bytes(bytes(data))
    loaded = load(tmp_path, table("t.parquet", X, column("y", TextType())))
    assert {item.code.number[:4] for item in loaded.findings} <= {"SEG5"}
    assert all("\n" not in item.message for item in loaded.findings)


@pytest.mark.parametrize("cut", [1, 9, 60, 200])
@pytest.mark.parametrize("kind", ["file", "stream"])
def test_truncated_arrow(tmp_path: Path, kind: str, cut: int) -> None:
    data = pa.table({"x": pa.chunked_array([[1], [2]])})
    maker = ipc.new_file if kind == "file" else ipc.new_stream
    with maker(tmp_path / "t.arrow", data.schema) as writer:
        writer.write_table(data)
    whole = (tmp_path / "t.arrow").read_bytes()
    (tmp_path / "t.arrow").write_bytes(whole[:-cut])
    assert only(load(tmp_path, table("t.arrow", X, kind=Format.ARROW))).code is codes.UNREADABLE_DATA


@pytest.mark.parametrize(
    ("kind", "data", "help_text"),
    [
        (Format.PARQUET, b"x,y\n1,2\n", "the file looks like CSV: declare `format: csv`"),
        (Format.PARQUET, b"", "the file is empty"),
        (Format.PARQUET, b"ARROW1\0\0rest", "the file looks like Arrow: declare `format: arrow`"),
        (Format.PARQUET, b"PARE....PARE", None),
        (Format.PARQUET, b"PAR1PAR1", "write or copy the file again"),
        (Format.ARROW, b"", "the file is empty"),
        (Format.ARROW, b"PAR1....PAR1", "the file looks like Parquet: declare `format: parquet`"),
        (Format.ARROW, b"FEA1....", "the file is Feather version 1: write it again as Arrow IPC"),
        (Format.ARROW, b"x,y\n1,2\n", "the file looks like CSV: declare `format: csv`"),
        (Format.CSV, b"PAR1....PAR1", "the file looks like Parquet: declare `format: parquet`"),
        (Format.CSV, b"\x1f\x8b\x08", "the file is compressed: unpack it"),
        (Format.CSV, b"", None),
    ],
)
def test_other_format_than_declared(tmp_path: Path, kind: Format, data: bytes, help_text: str | None) -> None:
    (tmp_path / "t").write_bytes(data)
    found = only(load(tmp_path, table("t", X, kind=kind)))
    assert found.code is codes.UNREADABLE_DATA
    assert found.help == help_text


def test_column_twice(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"]), tmp_path / "t.parquet")
    assert "more than one column `x`" in only(load(tmp_path, table("t.parquet", X))).message


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, {"customer_id": [1], "country": ["x"]})
    found = only(load(tmp_path, table("t.parquet", column("id", IntegerType(), physical="custmer_id"))))
    assert found.code is codes.MISSING_COLUMN
    assert found.message == "the data of table `t` have no column `custmer_id`"
    assert found.help == "did you mean `customer_id`?"


def test_missing_column_lists_what_is_there(tmp_path: Path) -> None:
    write(tmp_path, {f"column_{number}": [1] for number in range(14)})
    found = only(load(tmp_path, table("t.parquet", X)))
    assert found.help is not None
    assert found.help.endswith("`column_11` and 2 more")


def test_all_findings_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"y": [1.5], "z": ["a"]})
    columns = (X, column("y", IntegerType()), column("z", TextType(("b",))))
    loaded = load(tmp_path, table("t.parquet", *columns), table("gone.parquet", X, name="u"))
    assert [item.code for item in loaded.findings] == [
        codes.MISSING_COLUMN,
        codes.OTHER_TYPE,
        codes.VALUE_NOT_LISTED,
        codes.UNREADABLE_DATA,
    ]
    assert loaded.tables == {}
