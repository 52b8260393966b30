"""Who is in a sample or held out: a hash of salt and key, so that chance is the same in every run."""

from fractions import Fraction

from segrules.types.cells import Key

BUCKETS = 10_000
"""As many parts are customers cut into, so that a share is exact to a hundredth of a percent."""

_FIRST, _SECOND = 0xCC9E2D51, 0x1B873593


def chosen(share: Fraction, salt: str, key: Key) -> bool:
    """Whether a customer is among a share (of one): the first buckets are.

    A larger share of the same salt holds everybody whom a smaller one holds.
    """
    return bucket(salt, key) < share * BUCKETS


def bucket(salt: str, key: Key) -> int:
    """The bucket of a customer, from 0 to 9,999; whole numbers are hashed in decimal digits.

    >>> bucket("autumn", 1017) == bucket("autumn", "1017")
    True
    """
    return murmur3(f"{salt}:{key}".encode()) % BUCKETS


def murmur3(data: bytes, seed: int = 0) -> int:
    """MurmurHash3 x86-32, unsigned.

    >>> hex(murmur3(b"", seed=1))
    '0x514e28b7'
    """
    state = seed
    whole = len(data) // 4 * 4
    for start in range(0, whole, 4):
        state ^= _scrambled(int.from_bytes(data[start : start + 4], "little"))
        state = (_rotated(state, 13) * 5 + 0xE6546B64) % 2**32
    state ^= _scrambled(int.from_bytes(data[whole:], "little"))
    state ^= len(data)
    state = (state ^ state >> 16) * 0x85EBCA6B % 2**32
    state = (state ^ state >> 13) * 0xC2B2AE35 % 2**32
    return state ^ state >> 16


def _scrambled(block: int) -> int:
    return _rotated(block * _FIRST % 2**32, 15) * _SECOND % 2**32


def _rotated(word: int, by: int) -> int:
    return (word << by | word >> 32 - by) % 2**32
