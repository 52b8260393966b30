"""What a Parquet file says about its row groups, as far as it is exact."""

import json
from collections import Counter
from collections.abc import Collection
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import types as at

from segrules.ir.catalogue import Column
from segrules.sources.blocks import Prune, Statistics
from segrules.sources.cast import Zones, cast
from segrules.sources.plain import cells

_EXACT_TEXT = ("parquet-cpp",)
"""Writers that never cut text in statistics short, and leave NaN out of them."""


_UNITS = {"milliseconds": "ms", "microseconds": "us", "nanoseconds": "ns"}


def leaves(schema: Any, arrow: pa.Schema) -> dict[str, int]:
    """The places of the columns that are no lists or structures, by name, as row groups count columns."""
    paths = [schema.column(index).path for index in range(len(schema))]
    # A name that several columns have is nobody's: Arrow finds no column by it.
    named, found = Counter(arrow.names), Counter(paths)
    flat = {field.name for field in arrow if named[field.name] == 1 and not at.is_nested(field.type)}
    return {path: index for index, path in enumerate(paths) if path in flat and found[path] == 1}


def statistics(metadata: Any, arrow: pa.Schema, group: int, prune: Prune) -> dict[str, Statistics]:
    """What is known exactly of the columns in `prune` in one row group, by the catalogue's names."""
    of_group = metadata.row_group(group)
    places = leaves(metadata.schema, arrow)
    careful = str(metadata.created_by or "").startswith(_EXACT_TEXT)
    found: dict[str, Statistics] = {}
    for name, column in prune.columns.items():
        if column.physical in places:
            kind = arrow.field(column.physical).type
            stored = of_group.column(places[column.physical]).statistics
            known = _known(stored, kind, column, prune.zones[name], of_group.num_rows, careful=careful)
            if known is not None:
                found[name] = known
    return found


def _known(
    stored: Any, kind: pa.DataType, column: Column, zones: Zones, rows: int, *, careful: bool
) -> Statistics | None:
    if stored is None:
        return None
    nulls = stored.null_count if stored.has_null_count else None
    if nulls == rows:
        return Statistics(None, None, rows, rows)
    if not stored.has_min_max:
        return None
    ends = _ends(stored, kind, careful=careful)
    made = None if ends is None else cast(ends, column.type, zones)
    if made is None or made.times is not None or made.values.null_count:
        return None
    least, most = cells(column.type, pa.chunked_array([made.values]))
    # How many are NaN, and so null, nobody counts.
    return Statistics(least, most, None if at.is_floating(kind) else nulls, rows)


def _ends(stored: Any, kind: pa.DataType, *, careful: bool) -> pa.Array | None:
    """The least and the greatest value in the type of the column; None where they may not be exact."""
    raw = [stored.min_raw, stored.max_raw]
    if at.is_signed_integer(kind) or at.is_boolean(kind):
        return pa.array(raw, kind)
    if at.is_date32(kind) or (at.is_timestamp(kind) and kind.tz is not None):
        return _counted(raw, stored, kind)
    if at.is_decimal128(kind):
        unscaled = [int.from_bytes(end, "big", signed=True) if isinstance(end, bytes) else end for end in raw]
        return pa.array([Decimal(end).scaleb(-kind.scale) for end in unscaled], kind)
    if careful and (at.is_float64(kind) or at.is_float32(kind)):
        return pa.array(raw, kind).cast(pa.float64())
    if careful and (at.is_string(kind) or at.is_large_string(kind)):
        return pa.array([end.decode() for end in raw], pa.string())
    return None


def _counted(raw: list[int], stored: Any, kind: pa.DataType) -> pa.Array | None:
    if at.is_date32(kind):
        return pa.array(raw, pa.int32()).cast(kind)
    # The unit in the file is another than the column's where the writer's units were finer or coarser than Parquet's.
    told = json.loads(stored.logical_type.to_json()) if stored.physical_type == "INT64" else {}
    unit = _UNITS.get(told.get("timeUnit", ""))
    if unit is None or not told.get("isAdjustedToUTC"):
        return None
    return pa.array(raw, pa.int64()).cast(pa.timestamp(unit, "UTC"))


def small_dictionaries(metadata: Any, arrow: pa.Schema, wanted: Collection[str]) -> list[str]:
    """The columns of text that are better read as dictionaries: few different values in many rows."""
    places = leaves(metadata.schema, arrow)
    return [
        name
        for name, index in places.items()
        if name in wanted and _is_text(arrow.field(name).type) and _is_small(metadata, index)
    ]


def _is_text(kind: pa.DataType) -> bool:
    return bool(at.is_string(kind) or at.is_large_string(kind))


def _is_small(metadata: Any, index: int) -> bool:
    chunks = [metadata.row_group(group).column(index) for group in range(min(metadata.num_row_groups, 4))]
    rows = sum(chunk.num_values for chunk in chunks)
    return all(chunk.has_dictionary_page for chunk in chunks) and (
        sum(chunk.total_uncompressed_size for chunk in chunks) < 4 * rows + 1_000
    )
