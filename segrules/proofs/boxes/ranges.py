"""Sets of numbers as ranges, with arithmetic on their ends.

An end is a number and a nudge: `(5, 0)` is 5, `(5, 1)` lies just above it, `(5, -1)` just below. So `x > 5` is the
range from `(5, 1)`, and ends are compared as tuples. Over whole numbers no end has a nudge: `x > 5` begins at `(6, 0)`.
"""

from fractions import Fraction
from math import ceil, floor, inf

End = tuple[int | Fraction | float, int]
"""A number, infinite at most where there is no end, and -1, 0 or 1."""

Range = tuple[End, End]
"""Lowest and highest, both ends in."""

Ranges = tuple[Range, ...]
"""Sorted, apart from each other, none empty."""

LOWEST: End = (-inf, 0)
HIGHEST: End = (inf, 0)


def fitted(low: End, high: End, *, whole: bool) -> Ranges:
    """The numbers from `low` to `high`; nothing where there are none.

    >>> fitted((5, 1), (7, 0), whole=True)
    (((6, 0), (7, 0)),)
    """
    if whole:
        low, high = _whole_low(low), _whole_high(high)
    return ((low, high),) if low <= high else ()


def _whole_low(end: End) -> End:
    number, nudge = end
    if number in (inf, -inf):
        return (number, 0)
    up = ceil(number)
    return (up + 1 if nudge > 0 and up == number else up, 0)


def _whole_high(end: End) -> End:
    number, nudge = end
    if number in (inf, -inf):
        return (number, 0)
    down = floor(number)
    return (down - 1 if nudge < 0 and down == number else down, 0)


def all_but(number: int | Fraction, *, whole: bool) -> Ranges:
    """Every number except this one."""
    return fitted(LOWEST, (number, -1), whole=whole) + fitted((number, 1), HIGHEST, whole=whole)


def both(one: Ranges, other: Ranges) -> Ranges:
    """The numbers of the two sets in common."""
    if len(one) == 1 == len(other):
        low, high = max(one[0][0], other[0][0]), min(one[0][1], other[0][1])
        return ((low, high),) if low <= high else ()
    made: list[Range] = []
    here = there = 0
    while here < len(one) and there < len(other):
        low, high = max(one[here][0], other[there][0]), min(one[here][1], other[there][1])
        if low <= high:
            made.append((low, high))
        if one[here][1] <= other[there][1]:
            here += 1
        else:
            there += 1
    return tuple(made)


def either(one: Ranges, other: Ranges, *, whole: bool) -> Ranges:
    """The numbers of one set or the other.

    >>> either((((1, 0), (2, 0)),), (((3, 0), (3, 0)),), whole=True)
    (((1, 0), (3, 0)),)
    """
    made: list[Range] = []
    for low, high in sorted(one + other):
        if made and low <= after(made[-1][1], whole=whole):
            made[-1] = (made[-1][0], max(made[-1][1], high))
        else:
            made.append((low, high))
    return tuple(made)


def after(end: End, *, whole: bool) -> End:
    """The end that comes next: over whole numbers the next number, else what lies just above."""
    return (end[0] + 1, 0) if whole else (end[0], end[1] + 1)


def times(end: End, factor: int | Fraction) -> End:
    """The end of multiples; where the factor is negative, of the other side."""
    return (end[0] * factor, end[1] if factor > 0 else -end[1])


def plus(one: End, other: End, side: int) -> End:
    """The end of sums: open where either is; `side` is 1 for lowest, -1 for highest ends."""
    return (one[0] + other[0], side if one[1] or other[1] else 0)
