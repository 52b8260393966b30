"""Members and partitions into Arrow tables, and those into files. Columns have plain types, no dictionaries."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from segrules.diagnostics.errors import BadInput
from segrules.reference.outcome import Outcome
from segrules.types.cells import Key

ARM = "treated"
"""The arm of every member: holdouts are not evaluated yet."""

KEY = "customer_id"

_LARGEST_INT64 = 2**63 - 1


def key_array(keys: tuple[Key, ...], *, text: bool, in_data: pa.DataType | None) -> pa.Array:
    """The customers' keys in the type that their column has in the data.

    Text of every make becomes `string`. Whole numbers that the data do not hold as such (spelled in a CSV file,
    written as decimals) become `int64`, or `uint64` where they need it.
    """
    if text:
        return pa.array(keys, pa.string())
    if in_data is not None and pa.types.is_integer(in_data):
        return pa.array(keys, in_data)
    large = any(isinstance(key, int) and key > _LARGEST_INT64 for key in keys)
    return pa.array(keys, pa.uint64() if large else pa.int64())


def membership(outcome: Outcome, keys: pa.Array) -> pa.Table:
    """One row for each member of each segment: `segment`, `customer_id`, `arm`; sorted by segment, then customer."""
    schema = pa.schema([("segment", pa.string()), (KEY, keys.type), ("arm", pa.string())])
    tables = []
    for name in sorted(outcome.members):
        chosen = keys.filter(pa.array(outcome.members[name], pa.bool_()))
        columns = [pa.repeat(pa.scalar(name), len(chosen)), chosen, pa.repeat(pa.scalar(ARM), len(chosen))]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def partitions(outcome: Outcome, keys: pa.Array) -> pa.Table:
    """One row for each customer and partition: `partition`, `customer_id`, `entry`; sorted in that order."""
    schema = pa.schema([("partition", pa.string()), (KEY, keys.type), ("entry", pa.string())])
    tables = []
    for name, entries in sorted(outcome.partitions.items()):
        columns = [pa.repeat(pa.scalar(name), len(keys)), keys, pa.array(entries, pa.string())]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def wide(outcome: Outcome, keys: pa.Array) -> pa.Table:
    """One row for each customer: `customer_id`, and for every segment whether the customer is a member.

    Raises:
        BadInput: a segment is called `customer_id`.
    """
    check_wide(outcome.members)
    columns = {KEY: keys}
    columns |= {name: pa.array(outcome.members[name], pa.bool_()) for name in sorted(outcome.members)}
    return pa.table(columns)


def check_wide(segments: Mapping[str, object] | tuple[str, ...]) -> None:
    """Refuse a segment whose name the column of keys has."""
    if KEY in segments:
        raise BadInput(f"a segment called `{KEY}` cannot stand in the wide table", help="run without `--wide`")


def write_table(table: pa.Table, folder: Path, name: str, file_format: str) -> dict[str, dict[str, Any]]:
    """Write one table as `parquet`, `csv` or `arrow`; the file's name with its rows and its hash."""
    path = folder / f"{name}.{file_format}"
    with path.open("wb") as file:
        match file_format:
            case "parquet":
                # Invariant: the stored schema names no dictionary, so that every reader gets plain types.
                pyarrow.parquet.write_table(table, file, compression="zstd")
            case "csv":
                pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(quoting_style="needed"))
            case _:
                with pyarrow.ipc.new_file(file, table.schema) as writer:
                    writer.write_table(table)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {path.name: {"rows": table.num_rows, "hash": f"sha256:{digest}"}}
