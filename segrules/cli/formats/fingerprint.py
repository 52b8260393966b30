"""Lines into fingerprints that stay the same when a line moves."""

import hashlib
import sys
from collections import Counter

_WINDOW = 100
_BASE = 37
_ROUND = 1 << 64
_END = 0xFFFF
# In the order of bytes in which a view of the memory reads them.
_UNITS = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_LEFT_OUT = {ord(" "): None, ord("\t"): None}


def line_hashes(text: str) -> tuple[str, ...]:
    r"""For each line the hash that GitHub's upload of SARIF works out itself, which must not differ from ours.

    It is a polynomial over the 100 UTF-16 units from the start of the line, blanks and tabs left out, with a unit
    for the end of the file; behind the colon stands the how-many-th line with this hash it is.

    >>> line_hashes("")
    ('c129715d7a2bc9a3:1',)
    """
    units: list[int] = []
    starts: list[int] = []
    for line in text.split("\n"):
        starts.append(len(units))
        encoded = f"{line.translate(_LEFT_OUT)}\n".encode(_UNITS, "surrogatepass")
        units += memoryview(encoded).cast("H").tolist()
    units[-1] = _END
    units += [0] * _WINDOW
    highest = pow(_BASE, _WINDOW, _ROUND)
    value = 0
    for unit in units[:_WINDOW]:
        value = (value * _BASE + unit) % _ROUND
    hashes = []
    seen: Counter[str] = Counter()
    position = 0
    for start in starts:
        while position < start:
            value = (value * _BASE + units[position + _WINDOW] - highest * units[position]) % _ROUND
            position += 1
        shown = f"{value:x}"
        seen[shown] += 1
        hashes.append(f"{shown}:{seen[shown]}")
    return tuple(hashes)


def digest(*parts: str) -> str:
    """One hash, in hexadecimal digits, of several texts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
