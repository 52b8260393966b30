"""A result into what its segments share, with small counts hidden.

What may be shown is decided in `small_cells`; ratios are of shown counts alone, and hidden ones are None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from segrules.evaluation.result import Result
from segrules.evaluation.shared import packed, shared_members
from segrules.evaluation.small_cells import MIN_CELL, shown


@dataclass(frozen=True, slots=True)
class SharedMembers:
    """What two segments share; all numbers are None where a count that they would tell is small.

    `lift` is how many times as many customers are in both as there would be if the two had nothing to do with each
    other: 1 is chance. A ratio is None, too, where its denominator is zero.
    """

    a: str
    b: str
    shared: int | None = None
    share_of_a: float | None = None
    share_of_b: float | None = None
    jaccard: float | None = None
    lift: float | None = None

    @property
    def hidden(self) -> bool:
        """Whether the numbers are hidden."""
        return self.shared is None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "a": self.a,
            "b": self.b,
            "suppressed": self.hidden,
            "shared": self.shared,
            "share_of_a": self.share_of_a,
            "share_of_b": self.share_of_b,
            "jaccard": self.jaccard,
            "lift": self.lift,
        }


@dataclass(frozen=True, slots=True)
class OverlapCounts:
    """Members of segments, and what each two of them share; None is a number that is hidden.

    `pairs` has each two segments once, in the order of `members`.
    """

    as_of: datetime
    min_cell: int
    customers: int | None
    members: Mapping[str, int | None]
    pairs: tuple[SharedMembers, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "as_of": self.as_of.isoformat(),
            "min_cell": self.min_cell,
            "customers": self.customers,
            "members": dict(self.members),
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def overlap_counts(result: Result, names: Sequence[str], *, min_cell: int = MIN_CELL) -> OverlapCounts:
    """What the segments of these names share in a result, counts from 1 to `min_cell - 1` hidden.

    Raises:
        UnknownName: no such segment was evaluated.
    """
    matrix = shared_members(packed([result[name] for name in names]))
    total = len(result.keys)
    seen = shown(total, matrix, min_cell)
    sizes = [int(size) for size in matrix.diagonal()]
    pairs = (
        _pair((names[a], names[b]), (sizes[a], sizes[b]), int(matrix[a, b]), total)
        if seen.pairs[a, b]
        else SharedMembers(names[a], names[b])
        for a, b in combinations(range(len(names)), 2)
    )
    members = {name: size if told else None for name, size, told in zip(names, sizes, seen.sizes, strict=True)}
    return OverlapCounts(result.as_of, min_cell, total if seen.customers else None, members, tuple(pairs))


def _pair(names: tuple[str, str], sizes: tuple[int, int], shared: int, total: int) -> SharedMembers:
    a, b = sizes
    return SharedMembers(
        *names,
        shared,
        _ratio(shared, a),
        _ratio(shared, b),
        _ratio(shared, a + b - shared),
        _ratio(shared * total, a * b),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
