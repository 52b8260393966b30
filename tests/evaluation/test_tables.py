"""What the tables hold and how they are written."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
import pytest

from segrules.backends.arrow.found import Found
from segrules.diagnostics.errors import BadInput
from segrules.evaluation.engines import key_array
from segrules.evaluation.tables import membership, partitions, wide, write_table
from tests.evaluation.build import found

FOUND = found(pa.array([3, 10, 200], pa.int32()), vip="+-+", all="+++", none="---")
UNSORTED = found(pa.array([200, 3, 10], pa.int32()), vip="++-", all="+++", none="---")


@pytest.mark.parametrize(
    ("keys", "in_data", "expected"),
    [
        ((1, 2), pa.int32(), pa.int32()),
        ((1, 2), pa.int64(), pa.int64()),
        ((1, 2), pa.uint16(), pa.uint16()),
        ((1, 2), pa.string(), pa.int64()),
        ((1, 2), pa.decimal128(10, 0), pa.int64()),
        ((1, 2), None, pa.int64()),
        ((1, 2**63), None, pa.uint64()),
        ((10**37, 1), pa.decimal128(38, 0), pa.decimal256(76, 0)),
        ((-1, 2**63), pa.decimal128(38, 0), pa.decimal256(76, 0)),
        ((-(2**63), 2**63 - 1), pa.decimal128(38, 0), pa.int64()),
        ((2**64 - 1,), pa.string(), pa.uint64()),
        ((), pa.int32(), pa.int32()),
        ((), None, pa.int64()),
    ],
)
def test_numbers_keep_the_type_of_the_data(keys: tuple[int, ...], in_data: object, expected: object) -> None:
    assert key_array(keys, text=False, in_data=in_data).type == expected


@pytest.mark.parametrize("in_data", [pa.string(), pa.large_string(), None])
@pytest.mark.parametrize("keys", [("a", "b"), ()])
def test_text_is_plain_text(keys: tuple[str, ...], in_data: object) -> None:
    assert key_array(keys, text=True, in_data=in_data).type == pa.string()


@pytest.mark.parametrize("made", [FOUND, UNSORTED], ids=["by key", "in another order"])
def test_membership_is_sorted_by_segment_then_customer(made: Found) -> None:
    table = membership(made)
    assert table.to_pydict() == {
        "segment": ["all"] * 3 + ["vip"] * 2,
        "customer_id": [3, 10, 200, 3, 200],
        "arm": ["treated"] * 5,
    }
    assert table.schema.types == [pa.string(), pa.int32(), pa.string()]


def test_partitions_have_every_customer() -> None:
    table = partitions(FOUND)
    assert table.to_pydict() == {
        "partition": ["stages"] * 3,
        "customer_id": [3, 10, 200],
        "entry": ["first", "rest", "first"],
    }
    assert table.schema.types == [pa.string(), pa.int32(), pa.string()]


def test_partitions_are_sorted_by_customer() -> None:
    assert partitions(UNSORTED).to_pydict() == {
        "partition": ["stages"] * 3,
        "customer_id": [3, 10, 200],
        "entry": ["rest", "first", "first"],
    }


@pytest.mark.parametrize("made", [FOUND, UNSORTED], ids=["by key", "in another order"])
def test_wide_has_one_column_for_each_segment(made: Found) -> None:
    assert wide(made, by_key=True).to_pydict() == {
        "customer_id": [3, 10, 200],
        "all": [True, True, True],
        "none": [False, False, False],
        "vip": [True, False, True],
    }


def test_wide_leaves_customers_where_they_stand() -> None:
    assert wide(UNSORTED).to_pydict() == {
        "customer_id": [200, 3, 10],
        "all": [True, True, True],
        "none": [False, False, False],
        "vip": [True, True, False],
    }


def test_a_segment_called_as_the_key_cannot_stand_in_the_wide_table() -> None:
    with pytest.raises(BadInput, match="customer_id"):
        wide(found((1,), customer_id="+"))


def test_without_segments_or_customers_tables_keep_their_columns() -> None:
    nobody = key_array((), text=True, in_data=None)
    for table in (membership(found(nobody)), membership(found(nobody, vip=""))):
        assert table.num_rows == 0
        assert table.schema == pa.schema([("segment", pa.string()), ("customer_id", pa.string()), ("arm", pa.string())])


def test_every_format_is_read_back_with_plain_types(tmp_path: Path) -> None:
    table = membership(FOUND)
    files: dict[str, dict[str, object]] = {}
    for name in ("parquet", "csv", "arrow"):
        files |= write_table(table, tmp_path, "membership", name)
    assert {name: about["rows"] for name, about in files.items()} == {
        "membership.parquet": 5,
        "membership.csv": 5,
        "membership.arrow": 5,
    }
    assert all(str(about["hash"]).startswith("sha256:") for about in files.values())
    assert pyarrow.parquet.read_table(tmp_path / "membership.parquet").equals(table)
    with pyarrow.ipc.open_file(tmp_path / "membership.arrow") as reader:
        assert reader.read_all().equals(table)
    assert (tmp_path / "membership.csv").read_text(encoding="utf-8").splitlines()[:2] == [
        '"segment","customer_id","arm"',
        '"all",3,"treated"',
    ]
