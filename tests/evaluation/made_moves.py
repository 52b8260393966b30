"""Two versions of segments and of a partition over made-up customers, and what is counted of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from segrules.backends.arrow.found import Found
from segrules.evaluation.causes import Flip, Turn, Written
from segrules.evaluation.moved import Counted, Pair
from segrules.evaluation.moves import count_moves
from segrules.evaluation.reasons import Reasons
from segrules.evaluation.versions import both

Flags = npt.NDArray[np.bool_]
Stages = tuple[npt.NDArray[np.int16], Sequence[str]]
"""The number of each customer's stage, and the names of all stages."""

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Members by segment, before and after; the stages of the partition `p`; groups of movers of a segment."""

    before: Mapping[str, Flags]
    after: Mapping[str, Flags]
    stages: tuple[Stages, Stages] | None = None
    groups: Mapping[tuple[str, str], Sequence[Flags]] = field(default_factory=dict)
    min_cell: int = 11

    @property
    def size(self) -> int:
        """How many customers there are."""
        return len(next(iter([*self.before.values(), *self.after.values()])))


def among(customers: int, who: Sequence[int] | range) -> Flags:
    """True for these of so many customers."""
    return np.isin(np.arange(customers), list(who))


def counted(world: World) -> Counted:
    """What is told of a world; segments of both versions are paired by name."""
    keys = pa.array(np.arange(world.size))
    found = [
        _found(keys, members, None if world.stages is None else world.stages[side])
        for side, members in enumerate((world.before, world.after))
    ]
    pairs: list[Pair] = [
        (name if name in world.before else None, name if name in world.after else None)
        for name in dict.fromkeys([*world.before, *world.after])
    ]
    reasons: Reasons = {
        ((name, name), direction): [((_flip(place),), flags) for place, flags in enumerate(groups)]
        for (name, direction), groups in world.groups.items()
    }
    partitions = [] if world.stages is None else [("p", "p")]
    return count_moves((found[0], found[1]), both(keys, keys), pairs, partitions, reasons, world.min_cell)


def _found(keys: pa.Array, members: Mapping[str, Flags], stages: Stages | None) -> Found:
    arrays = {name: pa.array(flags) for name, flags in members.items()}
    entries = {}
    if stages is not None:
        codes, names = stages
        entries["p"] = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(names, pa.string()))
    return Found(AS_OF, keys, arrays, arrays, entries, {}, ())


def _flip(place: int) -> Flip:
    return Flip(Written("where", f"clause {place}", "a.seg", place + 1), False, Turn.ALONE, None)
