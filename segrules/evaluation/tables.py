"""Members and partitions into Arrow tables, and those into files. Columns have plain types, no dictionaries."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from segrules.backends.arrow.found import Found
from segrules.diagnostics.errors import BadInput
from segrules.evaluation.arms import arm_column, arms

KEY = "customer_id"


def membership(found: Found) -> pa.Table:
    """One row for each member of each segment: `segment`, `customer_id`, `arm`; sorted by segment, then customer.

    Those who are held out stand there too, in the arm `holdout`.
    """
    schema = pa.schema([("segment", pa.string()), (KEY, found.keys.type), ("arm", pa.string())])
    tables = []
    for name in sorted(found.members):
        chosen = found.keys.filter(found.members[name])
        arm = arms(found, name).filter(found.members[name])
        if not found.is_sorted:
            order = pc.sort_indices(chosen)
            chosen, arm = chosen.take(order), arm.take(order)
        columns = [pa.repeat(pa.scalar(name), len(chosen)), chosen, arm.cast(pa.string())]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def partitions(found: Found) -> pa.Table:
    """One row for each customer and partition: `partition`, `customer_id`, `entry`; sorted in that order."""
    schema = pa.schema([("partition", pa.string()), (KEY, found.keys.type), ("entry", pa.string())])
    keys = found.in_order(found.keys)
    tables = []
    for name, entries in sorted(found.entries.items()):
        columns = [pa.repeat(pa.scalar(name), len(keys)), keys, found.in_order(entries).cast(pa.string())]
        tables.append(pa.table(columns, schema=schema))
    return pa.concat_tables(tables) if tables else schema.empty_table()


def wide(found: Found, *, by_key: bool = False, with_partitions: bool = False, with_arms: bool = False) -> pa.Table:
    """One row for each customer: `customer_id`, and for every segment whether the customer is a member.

    With `with_arms` a segment with a holdout has a second column, `NAME.arm`, with the arms of its members.
    With `with_partitions` a column for every partition comes behind, with the customer's stage. Both are
    dictionaries. Customers stand in the engine's order, or sorted `by_key`.

    Raises:
        BadInput: a segment or a partition that has a column is called `customer_id`.
    """
    parts = {"segment": found.members} | ({"partition": found.entries} if with_partitions else {})
    placed = found.in_order if by_key else _as_it_is
    columns = {KEY: placed(found.keys)}
    for kind, part in parts.items():
        if KEY in part:
            alone = f'result["{KEY}"]' if kind == "segment" else f'result.partition("{KEY}")'
            raise BadInput(
                f"a {kind} called `{KEY}` cannot stand in a table beside the customers' keys",
                help=f"give it another name in the rules, or ask for each by itself, as in `{alone}`",
            )
        for name in sorted(part):
            columns[name] = placed(part[name])
            if with_arms and kind == "segment" and name in found.held_out:
                columns[arm_column(name)] = placed(arms(found, name))
    return pa.table(columns)


def _as_it_is(array: pa.Array) -> pa.Array:
    return array


def check_wide(segments: Mapping[str, object] | tuple[str, ...]) -> None:
    """Refuse a segment whose name the column of keys has."""
    if KEY in segments:
        raise BadInput(
            f"a segment called `{KEY}` cannot stand in the wide table",
            help="give it another name, or run without `--wide` (in Python without `wide=True`)",
        )


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
