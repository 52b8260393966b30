"""What an evaluation found, as Arrow arrays over the customers in the engine's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from segrules.reference.outcome import FigureReport, Ignored, Outcome, RankReport
from segrules.types.cells import Key


@dataclass(frozen=True, eq=False)
class Found:
    """Members of segments and stages of partitions; all arrays have one entry for each of `keys`.

    Customers stand in the order of their table; derived customers, who have no table, by key, and so do all whom
    the reference interpreter found.
    `qualifying` is null where that is unknown if the evaluation was `three_valued`, else false there.
    `entries` has the name of the stage, or of `otherwise`, as a dictionary array.
    `held_out` has the members who are held out, for each segment with a holdout.
    """

    as_of: datetime
    keys: pa.Array
    qualifying: Mapping[str, pa.BooleanArray]
    members: Mapping[str, pa.BooleanArray]
    entries: Mapping[str, pa.DictionaryArray]
    ranks: Mapping[str, Mapping[str, RankReport]]
    ignored: tuple[Ignored, ...]
    held_out: Mapping[str, pa.BooleanArray] = field(default_factory=dict)
    figures: tuple[FigureReport, ...] = ()
    _counts: dict[int, int] = field(default_factory=dict, repr=False)

    def count(self, flags: pa.BooleanArray) -> int:
        """How many are known to be true in one of `members` or `qualifying`; each array is counted once."""
        # Invariant: the arrays live as long as this does, so that no other one gets the same identity.
        found = self._counts.get(id(flags))
        if found is None:
            found = self._counts[id(flags)] = int(flags.true_count)
        return found

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.keys)

    @cached_property
    def order(self) -> pa.Array:
        """The places of the customers in the order of their keys; text by code point."""
        return pc.sort_indices(self.keys)

    @cached_property
    def is_sorted(self) -> bool:
        """Whether the customers stand in the order of their keys."""
        if len(self.keys) < 2:
            return True
        return bool(pc.all(pc.less(self.keys[:-1], self.keys[1:])).as_py())

    def in_order(self, array: pa.Array) -> pa.Array:
        """One of the arrays, by key."""
        return array if self.is_sorted else array.take(self.order)

    def outcome(self) -> Outcome:
        """The same in plain Python, sorted by key."""

        def plain(arrays: Mapping[str, pa.Array]) -> dict[str, tuple[Any, ...]]:
            return {name: tuple(self.in_order(array).to_pylist()) for name, array in arrays.items()}

        keys: tuple[Key, ...] = tuple(self.in_order(self.keys).to_pylist())
        return Outcome(
            self.as_of,
            keys,
            plain(self.qualifying),
            plain(self.members),
            plain(self.entries),
            self.ranks,
            self.ignored,
            plain(self.held_out),
            self.figures,
        )


def of_outcome(
    outcome: Outcome, keys: pa.Array, entries: Mapping[str, tuple[str, ...]], *, three_valued: bool = True
) -> Found:
    """What the reference interpreter found; `entries` has the entries of every partition, in order.

    Who is in doubt counts as not qualifying if not `three_valued`.
    """

    def qualifying(flags: Sequence[bool | None]) -> pa.BooleanArray:
        return pa.array(flags if three_valued else [flag is True for flag in flags], pa.bool_())

    return Found(
        outcome.as_of,
        keys,
        {name: qualifying(flags) for name, flags in outcome.qualifying.items()},
        {name: pa.array(flags, pa.bool_()) for name, flags in outcome.members.items()},
        {name: coded(of_customers, entries[name]) for name, of_customers in outcome.partitions.items()},
        outcome.ranks,
        outcome.ignored,
        {name: pa.array(flags, pa.bool_()) for name, flags in outcome.held_out.items()},
        outcome.figures,
    )


def coded(of_customers: tuple[str, ...], names: tuple[str, ...]) -> pa.DictionaryArray:
    """Names of entries as places in the list of all of them."""
    places = {name: place for place, name in enumerate(names)}
    indices = pa.array([places[name] for name in of_customers], pa.int16())
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
