"""Text as engines take it: dictionaries stay dictionaries, and all other packing is undone."""

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types as at

from segrules.sources.cast import as_stored, is_text
from segrules.sources.sound import rebased

_ROOM = 2**31 - 1
"""How many bytes of text an array of `string` has room for."""


def packed_text(array: pa.Array) -> pa.Array:
    """What `as_stored` makes of a column, but text keeps its dictionary and its width.

    The entries of a dictionary become `string`, and none of them is null. Views become plain text, which many
    functions of Arrow know alone; wide text that plain text has no room for gets a dictionary.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return packed_text(array.storage) if is_text(kind.storage_type) else array
    if at.is_large_string(kind):
        if _bytes(array) > _ROOM:
            encoded = pc.dictionary_encode(array)
            return pa.DictionaryArray.from_arrays(encoded.indices, as_stored(encoded.dictionary))
        return rebased(array)
    if not is_text(kind) or not at.is_dictionary(kind):
        return as_stored(array)
    entries = as_stored(array.dictionary)
    if entries.null_count:
        return pc.dictionary_encode(pc.take(entries, array.indices))
    return array if entries is array.dictionary else pa.DictionaryArray.from_arrays(array.indices, entries)


def _bytes(array: pa.LargeStringArray) -> int:
    return int(pc.sum(pc.binary_length(array)).as_py() or 0) if array.nbytes > _ROOM else 0


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
