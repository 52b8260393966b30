"""Whether the values of a key are all different: exactly, over the whole column, and fast where they are."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Column, Table
from segrules.sources.packed import decoded
from segrules.sources.plain import cells
from segrules.sources.reading import common_type
from segrules.sources.samples import MOST, place, rows_text, shown


class Unique:
    """The values of a key, while they are seen; they are all kept, in their own width."""

    def __init__(self) -> None:
        self._chunks: list[pa.Array] = []
        self._counted: tuple[int, pa.StructArray | None] = (0, None)

    def see(self, values: pa.Array | pa.ChunkedArray) -> None:
        """Keep some values; null is not compared with anything."""
        chunks = values.chunks if isinstance(values, pa.ChunkedArray) else [values]
        self._chunks.extend(_without_null(chunk) for chunk in chunks if len(chunk))

    def repeated(self) -> pa.StructArray | None:
        """The values that stand more than once, each with its count, in the order of first standing; or None."""
        if self._counted[0] != len(self._chunks):
            self._counted = len(self._chunks), repeated(self._chunks)
        return self._counted[1]


def duplicates(table: Table, column: Column, unique: Unique, *, of_events: bool) -> Iterator[Finding]:
    """The finding about a key of which some values stand more than once."""
    counted = unique.repeated()
    if counted is None:
        return
    many, counts = len(counted), counted.field(1)
    some = cells(column.type, pa.chunked_array([counted.field(0)[:MOST]]))
    yield finding(
        codes.DUPLICATE_EVENT if of_events else codes.DUPLICATE_CUSTOMER,
        f"the key `{column.physical}` of table `{table.name}` has {'1 value' if many == 1 else f'{many:,} values'} "
        f"that {'stands' if many == 1 else 'stand'} more than once, in {rows_text(pc.sum(counts).as_py())} together",
        place(column.span),
        help="keep one row for every key",
        examples=(
            f"{shown(cell)} in {rows_text(count)}" for cell, count in zip(some, counts[:MOST].to_pylist(), strict=True)
        ),
    )


def repeated(chunks: list[pa.Array]) -> pa.StructArray | None:
    """The values (none of them null) that stand more than once, with their counts; None where all differ.

    >>> repeated([pa.array([7, 8]), pa.array([9])]) is None
    True
    >>> repeated([pa.array(["a", "b"]), pa.array(["a"])]).to_pylist()
    [{'values': 'a', 'counts': 2}]
    """
    if not chunks:
        return None
    kinds = {chunk.type for chunk in chunks}
    are_numbers = len(kinds) == 1 and at.is_integer(chunks[0].type)
    if are_numbers and _all_differ(np.concatenate([chunk.to_numpy(zero_copy_only=False) for chunk in chunks])):
        return None
    plain = [decoded(chunk) for chunk in chunks]
    # Invariant: values without a common type have a finding of their own, and this is not asked.
    kind = common_type({chunk.type for chunk in plain}, plain[0].type) or plain[0].type
    whole = pa.chunked_array([chunk.cast(kind) for chunk in plain], kind)
    if len(pc.unique(whole)) == len(whole):  # takes half as long as `count_distinct`
        return None
    counted = pc.value_counts(whole)
    return counted.filter(pc.greater(counted.field(1), 1))


def _without_null(chunk: pa.Array) -> pa.Array:
    if not chunk.null_count:
        return chunk
    return (decoded(chunk) if at.is_string_view(chunk.type) else chunk).drop_null()


def _all_differ(found: "np.ndarray[tuple[int], np.dtype[Any]]") -> bool:
    if bool((found[1:] > found[:-1]).all()):
        return True
    least, most = int(found.min()), int(found.max())
    room = most - least + 1
    if room < len(found):
        return False
    if room <= 2**32:
        # Narrow numbers are sorted twice as fast; and sorting reads memory in order, unlike marking a table.
        found = (found - found.min()).astype(np.uint32)
    found.sort()
    return bool((found[1:] != found[:-1]).all())
