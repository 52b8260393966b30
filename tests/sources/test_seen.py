"""Files that somebody changes while they are read."""

import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv, feather, fs
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.diagnostics.errors import BadData
from segrules.ir.catalogue import Format, Table
from segrules.sources.problems import TableProblems
from segrules.sources.seen import Changed, Seen
from segrules.types.types import IntegerType
from tests.sources.build import column, table
from tests.sources.streams import drain, source_of

X, Y = column("x", IntegerType()), column("y", IntegerType())
KINDS = list(Format)


def replace(path: Path, kind: Format, first: int) -> None:
    """Write a file of always the same size under the name, by renaming another."""
    data = pa.table({"x": [first, first + 1], "y": [first, first + 1]})
    new = path.with_name("_new")
    match kind:
        case Format.PARQUET:
            pq.write_table(data, new)
        case Format.ARROW:
            feather.write_feather(data, new, compression="uncompressed")
        case Format.CSV:
            csv.write_csv(data, new)
    new.replace(path)


def of_kind(kind: Format) -> Table:
    return table(f"t.{kind}", X, Y, kind=kind)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_replaced_between_passes(tmp_path: Path, kind: Format) -> None:
    path = tmp_path / f"t.{kind}"
    replace(path, kind, 10)
    source = source_of(tmp_path, of_kind(kind))
    assert len(list(source.batches(["x"]))) == 1
    assert len(list(source.batches(["y"]))) == 1
    replace(path, kind, 20)
    with pytest.raises(TableProblems) as caught:
        list(source.batches(["y"]))
    (found,) = caught.value.findings
    assert found.code is codes.UNREADABLE_DATA
    assert found.message == f"table `t`: `t.{kind}` changed while it was read"
    assert found.help == "run again when nobody writes it; write a new file and rename it before the run"
    assert source.findings() == (found,)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_is_replaced_or_overwritten_within_a_pass(tmp_path: Path, kind: Format) -> None:
    path = tmp_path / f"t.{kind}"
    replace(path, kind, 10)
    source = source_of(tmp_path, of_kind(kind))
    batches = source.batches(["x"], size=1)
    next(batches)
    replace(path, kind, 20)
    with pytest.raises(TableProblems, match="changed while it was read"):
        list(batches)


def test_a_file_that_is_replaced_between_looking_in_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    replace(path, Format.PARQUET, 10)
    source = source_of(tmp_path, of_kind(Format.PARQUET))
    assert source.rows == 2
    replace(path, Format.PARQUET, 20)
    with pytest.raises(TableProblems, match="changed while it was read"):
        drain(source)


def test_a_file_that_is_touched_in_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,2\n")
    source = source_of(tmp_path, of_kind(Format.CSV))
    drain(source)
    path.write_text("x,y\n3,4\n")
    os.utime(path, (1, 1))
    with pytest.raises(TableProblems, match="changed while it was read"):
        drain(source)


@pytest.mark.parametrize("folder", [False, True])
def test_what_is_hashed_is_what_was_read(tmp_path: Path, folder: bool) -> None:
    (tmp_path / "t").mkdir()
    replace(tmp_path / "t" / "a", Format.PARQUET, 10)
    source = source_of(tmp_path, table("t" if folder else "t/a", X, Y))
    drain(source)
    replace(tmp_path / "t" / "a", Format.PARQUET, 20)
    with pytest.raises(BadData, match="`t/a` changed while it was read"):
        assert source.hash
    assert len(source.findings()) == 1


def test_a_hash_that_is_known_is_not_taken_again(tmp_path: Path) -> None:
    replace(tmp_path / "t.csv", Format.CSV, 10)
    source = source_of(tmp_path, of_kind(Format.CSV))
    drain(source)
    assert source.hash is not None
    replace(tmp_path / "t.csv", Format.CSV, 20)
    assert source.hash is not None


def test_a_file_that_vanishes_is_told_as_missing(tmp_path: Path) -> None:
    replace(tmp_path / "t.csv", Format.CSV, 10)
    source = source_of(tmp_path, of_kind(Format.CSV))
    drain(source)
    (tmp_path / "t.csv").unlink()
    with pytest.raises(TableProblems, match=r"`t\.csv` cannot be read: "):
        drain(source)


def test_files_elsewhere_are_known_by_size_and_time(tmp_path: Path) -> None:
    elsewhere = fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem())
    (tmp_path / "t").write_text("a")
    seen = Seen()
    for _ in range(2):
        with seen.watched(elsewhere, "t", "t"):
            pass
    with pytest.raises(Changed), seen.watched(elsewhere, "t", "t"):
        (tmp_path / "t").write_text("ab")
    with seen.watched(elsewhere, "none", "none"):
        pass
