"""Samples of customers: MurmurHash3 x86-32 of salt and key, over all keys at once."""

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.texts import are_texts, of_rows
from segrules.backends.arrow.vectors import Flags, Kind, Vector
from segrules.reference.sampling import BUCKETS

Hashes = npt.NDArray[np.uint32]

_FIRST, _SECOND = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)
_MASKS = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF], np.uint32)
"""What is kept of four bytes where so many are left of a text."""


def chosen(keys: Vector, share: Fraction, salt: str) -> Flags | None:
    """Which customers are among a share; None for keys beyond 64 bits, which are done one by one."""
    limit = int(share * BUCKETS)

    def among(texts: pa.Array) -> Flags:
        hashes = murmur3(f"{salt}:".encode(), texts)
        # Dividing and multiplying is several times as fast in numpy as taking the remainder.
        flags: Flags = hashes - hashes // np.uint32(BUCKETS) * np.uint32(BUCKETS) < limit
        return flags

    if keys.kind is Kind.NUMBER and keys.denominator == 1 and keys.divisors is None:
        return among(pa.array(np.ascontiguousarray(keys.data)).cast(pa.string()))
    return of_rows(keys, among) if are_texts(keys) else None


def murmur3(prefix: bytes, texts: pa.Array, seed: int = 0) -> Hashes:
    """The hash of `prefix` and each text in UTF-8, none of which is null."""
    # What all have in common is hashed once; up to three bytes of it are left to be put before each text.
    whole = len(prefix) // 4 * 4
    common = np.array([seed], np.uint32)
    for word in np.frombuffer(prefix[:whole], "<u4"):
        common = _taken_in(common, np.array([word], np.uint32))
    words, starts, lengths = _laid_out(prefix[whole:], texts)
    state = np.repeat(common, len(texts))
    blocks = lengths >> 2
    # Blocks that all texts have are taken in for all at once, later ones for those that have them.
    done = int(blocks.min()) if len(blocks) else 0
    for block in range(done):
        state = _taken_in(state, words[starts + 4 * block])
    rows = np.flatnonzero(blocks > done)
    while len(rows):
        state[rows] = _taken_in(state[rows], words[starts[rows] + 4 * done])
        done += 1
        rows = rows[blocks[rows] > done]
    rest = words[starts + (blocks << 2)] & _MASKS[lengths & 3]
    state ^= _scrambled(rest)
    state ^= (whole + lengths).astype(np.uint32)
    state = (state ^ state >> np.uint32(16)) * np.uint32(0x85EBCA6B)
    state = (state ^ state >> np.uint32(13)) * np.uint32(0xC2B2AE35)
    found: Hashes = state ^ state >> np.uint32(16)
    return found


def _laid_out(before: bytes, texts: pa.Array) -> tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The four bytes from each place on, where each text with what stands before it begins, and its length."""
    binary = pa.large_binary()
    joined = pc.binary_join_element_wise(pa.scalar(before, binary), texts.cast(binary), pa.scalar(b"", binary))
    _, places, data = joined.buffers()
    offsets = np.frombuffer(places, np.int64)[joined.offset : joined.offset + len(joined) + 1]
    used = b"" if data is None else data
    # Behind the last text there is room for a block that reaches beyond it.
    padded = np.frombuffer(b"".join((used, bytes(8))), np.uint8)
    words: Hashes = np.ndarray((len(padded) - 3,), "<u4", padded, strides=(1,))
    return words, offsets[:-1], np.diff(offsets)


def _taken_in(state: Hashes, block: Hashes) -> Hashes:
    mixed: Hashes = _rotated(state ^ _scrambled(block), 13) * np.uint32(5) + np.uint32(0xE6546B64)
    return mixed


def _scrambled(block: Hashes) -> Hashes:
    scrambled: Hashes = _rotated(block * _FIRST, 15) * _SECOND
    return scrambled


def _rotated(words: Hashes, by: int) -> Hashes:
    rotated: Hashes = words << np.uint32(by) | words >> np.uint32(32 - by)
    return rotated
