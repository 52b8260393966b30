import hashlib
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from segrules.diagnostics import codes
from segrules.ir.catalogue import CsvOptions
from segrules.sources.problems import TableProblems
from segrules.sources.read import read_tables
from segrules.sources.stream import file_source
from segrules.types.types import DateType, IntegerType, TextType
from tests.sources.build import AS_OF, catalogue, cells_of, column, load, only, table, write

X = column("x", IntegerType())


def test_path_counts_from_the_catalogues_folder(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1, 2]}, "data/t.parquet")
    assert cells_of(load(tmp_path, table("data/t.parquet", X))) == [1, 2]


def test_absolute_path(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]})
    assert cells_of(load(tmp_path / "elsewhere", table(str(tmp_path / "t.parquet"), X))) == [1]


def test_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]})
    digest = hashlib.sha256((tmp_path / "t.parquet").read_bytes()).hexdigest()
    assert load(tmp_path, table("t.parquet", X)).hashes == {"t": f"sha256:{digest}"}


def test_hash_of_a_folder_is_that_of_its_sha256sum_listing(tmp_path: Path) -> None:
    write(tmp_path, {"x": [2]}, "lines/b.parquet")
    write(tmp_path, {"x": [1]}, "lines/a/z.parquet")
    names = ["a/z.parquet", "b.parquet"]
    listing = "".join(
        f"{hashlib.sha256((tmp_path / 'lines' / name).read_bytes()).hexdigest()}  {name}\n" for name in names
    )
    loaded = load(tmp_path, table("lines", X))
    assert loaded.hashes == {"t": f"sha256:{hashlib.sha256(listing.encode()).hexdigest()}"}
    assert cells_of(loaded) == [1, 2]


def test_folder_passes_over_hidden_names_only(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "lines/part-0.snappy.parquet")
    (tmp_path / "lines/_SUCCESS").write_bytes(b"")
    (tmp_path / "lines/.crc").write_bytes(b"1")
    assert cells_of(load(tmp_path, table("lines/", X))) == [1]
    (tmp_path / "lines/notes.txt").write_text("a note")
    found = only(load(tmp_path, table("lines", X)))
    assert found.code is codes.UNREADABLE_DATA
    assert "`lines/notes.txt` is not a Parquet file" in found.message


def test_hive_partitions_are_columns(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1, 2]}, "lines/year=2010/country=United%20Kingdom/0.parquet")
    write(tmp_path, {"x": [3]}, "lines/year=2011/country=__HIVE_DEFAULT_PARTITION__/0.parquet")
    loaded = load(tmp_path, table("lines", X, column("year", IntegerType()), column("country", TextType()), hive=True))
    assert cells_of(loaded, "year") == [2010, 2010, 2011]
    assert cells_of(loaded, "country") == ["United Kingdom", "United Kingdom", None]
    assert cells_of(loaded) == [1, 2, 3]


def test_hive_partition_wins_over_a_column_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "lines/x=7/0.parquet")
    assert cells_of(load(tmp_path, table("lines", X, hive=True))) == [7]


def test_hive_partition_that_does_not_parse(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1, 2]}, "lines/day=soon/0.parquet")
    found = only(load(tmp_path, table("lines", X, column("day", DateType()), hive=True)))
    assert found.code is codes.OTHER_TYPE
    assert found.examples == ("`soon` in row 1", "`soon` in row 2")


def test_uneven_hive_partitions(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "lines/year=2010/0.parquet")
    write(tmp_path, {"x": [1]}, "lines/stray.parquet")
    found = only(load(tmp_path, table("lines", X, hive=True)))
    assert found.code is codes.UNREADABLE_DATA
    assert set(found.examples) == {"`lines/stray.parquet`", "`lines/year=2010/0.parquet`"}


def test_undeclared_hive_partitions_are_pointed_at(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "lines/year=2010/0.parquet")
    found = only(load(tmp_path, table("lines", X, column("year", IntegerType()))))
    assert found.code is codes.MISSING_COLUMN
    assert found.help is not None
    assert "Hive" in found.help


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "customers.parquet")
    found = only(load(tmp_path, table("custmers.parquet", X)))
    assert found.code is codes.UNREADABLE_DATA
    assert found.message == "table `t`: `custmers.parquet` does not exist"
    assert found.help == "did you mean `customers.parquet`?"


def test_missing_folder(tmp_path: Path) -> None:
    found = only(load(tmp_path, table("data/t.parquet", X)))
    assert found.help is not None
    assert found.help.startswith("there is no folder")


def test_empty_path(tmp_path: Path) -> None:
    assert only(load(tmp_path, table("", X))).message == "table `t`: the path is empty"


def test_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    assert only(load(tmp_path, table("lines", X))).message == "table `t`: the folder `lines` holds no files"


@pytest.mark.parametrize(
    "address",
    [
        "s3://AKIAEXAMPLE:sEcReT@bucket/t.parquet",
        "s3://AKIAEXAMPLE@bucket/t.parquet",
        "gs://user:sEcReT@bucket/t.parquet",
        "abfs://container:sEcReT@account.dfs.core.windows.net/t.parquet",
        "abfs://container@account.dfs.core.windows.net/t.parquet?sig=sEcReT",
        "s3://bucket/t.parquet?secret_key=sEcReT",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(tmp_path: Path, address: str) -> None:
    found = only(load(tmp_path, table(address, X)))
    assert found.code is codes.UNREADABLE_DATA
    assert "credentials" in found.message
    assert "sEcReT" not in repr(found)
    assert "AKIA" not in repr(found)


@pytest.mark.parametrize("address", ["http://host/t.parquet", "ftp://host/t", "file:///t.parquet"])
def test_other_schemes_are_refused(tmp_path: Path, address: str) -> None:
    found = only(load(tmp_path, table(address, X)))
    assert "cannot be read" in found.message
    assert found.help == "use a local path, or `s3://`, `gs://` or `abfs://`"


def test_remote_tables_are_read_through_arrows_filesystems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"x": [1]}, "bucket/lines/a.parquet")

    def from_uri(address: str) -> tuple[pa.fs.FileSystem, str]:
        assert address == "s3://bucket/lines/?region=eu-west-1"
        return pa.fs.SubTreeFileSystem(tmp_path.as_posix(), pa.fs.LocalFileSystem()), "bucket/lines"

    monkeypatch.setattr("segrules.sources.places._from_address", from_uri)
    loaded = load(tmp_path, table("s3://bucket/lines/?region=eu-west-1", X))
    assert cells_of(loaded) == [1]
    assert set(loaded.hashes) == {"t"}


def test_remote_failure_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def from_uri(address: str) -> tuple[pa.fs.FileSystem, str]:
        raise OSError("no route to host.\nmore of it")

    monkeypatch.setattr("segrules.sources.places._from_address", from_uri)
    found = only(load(tmp_path, table("gs://anonymous@bucket/t.parquet", X)))
    assert found.message == "table `t`: `gs://anonymous@bucket/t.parquet` cannot be opened: no route to host"


def test_override_counts_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"x": [1]}, "project/t.parquet")
    write(tmp_path, {"x": [2]}, "here/other.parquet")
    monkeypatch.chdir(tmp_path / "here")
    given = catalogue(table("t.parquet", X))
    loaded = read_tables(given, tmp_path / "project", AS_OF, {"t": "other.parquet"})
    assert cells_of(loaded) == [2]


def test_ending_of_an_override_decides_on_its_format(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x\n5\n")
    given = catalogue(table("t.parquet", X, csv=CsvOptions()))
    assert cells_of(read_tables(given, tmp_path, AS_OF, {"t": str(tmp_path / "t.csv")})) == [5]


def test_override_of_an_unknown_table_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]})
    loaded = read_tables(catalogue(table("t.parquet", X)), tmp_path, AS_OF, {"tt": "t.parquet", "zebra": "y"})
    assert [item.code for item in loaded.findings] == [codes.CATALOGUE_NAME, codes.CATALOGUE_NAME]
    assert [item.help for item in loaded.findings] == ["did you mean `t`?", "the catalogue has `t`"]


def test_only_tables_that_are_asked_for_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]})
    given = catalogue(table("t.parquet", X), table("missing.parquet", X, name="u"))
    loaded = read_tables(given, tmp_path, AS_OF, {}, ["t"])
    assert (loaded.findings, set(loaded.tables)) == ((), {"t"})


def test_many_unreadable_files_are_counted(tmp_path: Path) -> None:
    (tmp_path / "lines").mkdir()
    for number in range(8):
        (tmp_path / f"lines/{number}.parquet").write_text("x,y")
    loaded = load(tmp_path, table("lines", X))
    assert len(loaded.findings) == 6
    assert loaded.findings[-1].message == "table `t`: 3 more files cannot be read"


def test_files_may_differ_in_width_and_scale(tmp_path: Path) -> None:
    write(tmp_path, {"x": pa.array([1], pa.int32())}, "lines/a.parquet")
    write(tmp_path, {"x": pa.array([2**63], pa.uint64())}, "lines/b.parquet")
    write(tmp_path, {"x": pa.nulls(1)}, "lines/c.parquet")
    assert cells_of(load(tmp_path, table("lines", X))) == [1, 2**63, None]


def test_column_missing_in_some_files(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "lines/a.parquet")
    write(tmp_path, {"y": [1]}, "lines/b.parquet")
    found = only(load(tmp_path, table("lines", X)))
    assert found.code is codes.MISSING_COLUMN
    assert found.message == "column `x` is missing in 1 of 2 files of table `t`"
    assert found.examples == ("`lines/b.parquet`",)


def test_unreadable_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1]}), tmp_path / "t.parquet")
    (tmp_path / "t.parquet").chmod(0)
    try:
        (tmp_path / "t.parquet").read_bytes()
    except PermissionError:
        assert only(load(tmp_path, table("t.parquet", X))).code is codes.UNREADABLE_DATA
    else:
        pytest.skip("this user may read everything")


def test_links_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, {"x": [1]}, "t/a.parquet")
    write(tmp_path, {"x": [2]}, "elsewhere/b.parquet")
    (tmp_path / "t/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "t/c.parquet").symlink_to(tmp_path / "elsewhere/b.parquet")
    (tmp_path / "t/.hidden").symlink_to("nowhere")
    assert cells_of(load(tmp_path, table("t", X))) == [1, 2, 2]


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("nowhere", "`t/d/link` is a link to a file that is not there"),
        (".", "`t/d/link` is a link to a folder around it"),
        ("../../t", "`t/d/link` is a link to a folder around it"),
    ],
)
def test_links_that_lead_nowhere_or_around(tmp_path: Path, to: str, message: str) -> None:
    write(tmp_path, {"x": [1]}, "t/d/a.parquet")
    (tmp_path / "t/d/link").symlink_to(to)
    found = only(load(tmp_path, table("t", X)))
    assert found.code is codes.UNREADABLE_DATA
    assert found.message == f"table `t`: {message}"


def test_names_that_several_unwanted_columns_have(tmp_path: Path) -> None:
    data = pa.Table.from_arrays([pa.array([1]), pa.array(["a"]), pa.array(["b"])], names=["x", "y", "y"])
    pq.write_table(data, tmp_path / "t.parquet")
    source = file_source(catalogue(of := table("t.parquet", X)), of, tmp_path, AS_OF)
    (batch,) = source.batches(["x"], keep=lambda _: True)
    assert batch.columns["x"].to_pylist() == [1]
    needed = table("t.parquet", X, column("y", TextType()))
    refused = file_source(catalogue(needed), needed, tmp_path, AS_OF)
    with pytest.raises(TableProblems, match=r"`t\.parquet` has more than one column `y`"):
        list(refused.batches(["x"]))
