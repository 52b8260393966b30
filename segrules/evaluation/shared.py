"""Members of segments as packed bits into how many each two of them share."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Bits = npt.NDArray[np.uint64]
"""One row of packed bits for each segment, filled up with zeros to whole words."""

_WORDS = 256
"""How many words of each row are looked at in one go: so many that 500 rows of them stay in a processor's cache."""


def packed(flags: Sequence[pa.BooleanArray]) -> Bits:
    """Arrays of one length, one bit for each of their flags; there must be no nulls."""
    length = len(flags[0]) if flags else 0
    rows = np.zeros((len(flags), -(-length // 64) * 8), np.uint8)
    for row, array in zip(rows, flags, strict=True):
        used = -(-length // 8)
        if array.offset % 8:
            row[:used] = np.packbits(array.to_numpy(zero_copy_only=False).astype(np.bool_), bitorder="little")
        elif length:
            # Arrow packs them the same way; what stands behind the last one may be anything.
            row[:used] = np.frombuffer(array.buffers()[1], np.uint8, used, array.offset // 8)
            row[used - 1] &= 0xFF >> (-length % 8)
    return rows.view(np.uint64)


def shared_members(bits: Bits) -> npt.NDArray[np.int64]:
    """How many bits each two rows have in common, a symmetric matrix; on its diagonal how many each row has.

    >>> shared_members(np.array([[0b0111], [0b1101]], np.uint64)).tolist()
    [[3, 2], [2, 3]]
    """
    rows, words = bits.shape
    shared = np.zeros((rows, rows), np.int64)
    both = np.empty((rows, _WORDS), np.uint64)
    ones = np.empty((rows, _WORDS), np.uint8)
    for start in range(0, words, _WORDS):
        tile = np.ascontiguousarray(bits[:, start : start + _WORDS])
        width = tile.shape[1]
        for row in range(rows):
            left = rows - row
            np.bitwise_and(tile[row], tile[row:], out=both[:left, :width])
            np.bitwise_count(both[:left, :width], out=ones[:left, :width])
            shared[row, row:] += ones[:left, :width].sum(axis=1, dtype=np.uint32)
    upper = np.triu(shared, 1)
    return upper + upper.T + np.diag(np.diag(shared))
