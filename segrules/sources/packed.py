"""Text as engines take it: dictionaries stay dictionaries, and all other packing is undone."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.sources.cast import as_stored, is_text


def packed_text(array: pa.Array) -> pa.Array:
    """What `as_stored` makes of a column, but text keeps its dictionary, its width or its views.

    The entries of a dictionary become `string`, and none of them is null.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return packed_text(array.storage)
    if at.is_run_end_encoded(kind):
        return packed_text(pc.run_end_decode(array))
    if not is_text(kind):
        return as_stored(array)
    if not at.is_dictionary(kind):
        return array
    entries = as_stored(array.dictionary)
    if entries.null_count:
        return pc.dictionary_encode(pc.take(entries, array.indices))
    return array if entries is array.dictionary else pa.DictionaryArray.from_arrays(array.indices, entries)


def decoded(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Text of any kind as plain text, which every function of Arrow knows."""
    if at.is_dictionary(values.type) or at.is_string_view(values.type):
        return values.cast(pa.string())
    return values


def constant(value: str | None, rows: int) -> pa.Array:
    """The same text, or null, in every row, in little room."""
    entries = [] if value is None else [value]
    codes = pa.nulls(rows, pa.int8()) if value is None else pa.repeat(pa.scalar(0, pa.int8()), rows)
    return pa.DictionaryArray.from_arrays(codes, pa.array(entries, pa.string()))
