"""Two versions of a rule set over the same data into who was and is in what, customer by customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.found import Found
from segrules.diagnostics.errors import BadInput, BadRules
from segrules.evaluation.engines import Job, Progress, with_arrow
from segrules.evaluation.held import check_held
from segrules.evaluation.moved import Pair
from segrules.evaluation.needed import cut_down, reach
from segrules.evaluation.run import unfrozen
from segrules.ir.parts import parts
from segrules.ir.rules import Rules
from segrules.lowering.lower import Lowered, lower
from segrules.lowering.parts import lower_parts
from segrules.text.source import Source

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]

ABSENT = -1
"""The stage of a customer whom only the other version knows."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its rules, with the cut points of frozen bands, their texts, its instant, and its tables."""

    rules: Rules
    sources: Mapping[str, Source]
    as_of: datetime
    base: Path
    paths: Mapping[str, str]
    given: Mapping[str, Any]

    def members(self, segments: Sequence[str], partitions: Sequence[str], progress: Progress) -> Found:
        """Who is in these segments, whatever their status, and in which stage of these partitions.

        Raises:
            BadRules: a construct that is needed is not evaluated, or cut points are not frozen.
            BadData: the data cannot be read or do not fit the catalogue.
        """
        needed = cut_down(self.rules, reach(self.rules, segments, partitions))
        return self._found(needed, segments, lower(needed, tuple(segments), three_valued=False), progress)

    def parts(self, segments: Sequence[str], progress: Progress) -> Found:
        """Of whom each part of these segments is known to hold, or known not to: among `qualifying`, by `part_name`.

        Raises:
            BadRules, BadData: as `members`.
        """
        needed = cut_down(self.rules, reach(self.rules, segments, ()))
        asked = {name: parts(self.rules, self.rules.segments[name]) for name in segments}
        return self._found(needed, segments, lower_parts(needed, asked), progress, three_valued=True)

    def _found(
        self,
        needed: Rules,
        segments: Sequence[str],
        lowered: Lowered,
        progress: Progress,
        *,
        three_valued: bool = False,
    ) -> Found:
        check_held(needed.catalogue, self.given)
        open_ranks = unfrozen(needed)
        if open_ranks:
            message = f"the cut points of {', '.join(open_ranks)} are not frozen as the rules ask for"
            raise BadRules(message, help="find them with `segrules fit`")
        named = tuple(segments)
        job = Job(needed, self.as_of, named, self.base, self.paths, self.given, lowered, progress, three_valued)
        return with_arrow(job).found


@dataclass(frozen=True, slots=True, eq=False)
class Both:
    """The customers of two versions as one list: the places in it of those whom each version knows."""

    customers: int
    before: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]

    def flags(self, found: pa.BooleanArray, places: npt.NDArray[np.int64]) -> Flags:
        """True or false for each customer of one version, for all customers: false of those whom it does not know."""
        made = np.zeros(self.customers, np.bool_)
        made[places] = found.to_numpy(zero_copy_only=False)
        return made

    def members(self, before: Found, after: Found, pair: Pair) -> tuple[Flags, Flags]:
        """Who was in a segment, and who is; nobody where a version does not have it."""
        nobody = np.zeros(self.customers, np.bool_)
        one, other = pair
        return (
            nobody if one is None else self.flags(before.members[one], self.before),
            nobody if other is None else self.flags(after.members[other], self.after),
        )

    def stages(self, found: pa.DictionaryArray, places: npt.NDArray[np.int64]) -> Codes:
        """The number of the stage of each customer, `ABSENT` of those whom the version does not know."""
        made = np.full(self.customers, ABSENT, np.int16)
        made[places] = found.indices.to_numpy(zero_copy_only=False)
        return made


def both(before: pa.Array, after: pa.Array) -> Both:
    """The customers of two versions by their keys.

    Raises:
        BadInput: one version has numbers as keys, the other text.
    """
    if before.equals(after):
        places = np.arange(len(after), dtype=np.int64)
        return Both(len(after), places, places)
    if before.type != after.type:
        if pa.types.is_string(before.type) or pa.types.is_string(after.type):
            raise BadInput(
                "customers cannot be followed from one version to the other: their keys are numbers in one and text "
                "in the other"
            )
        # Whole numbers of different widths; their digits are the same.
        before, after = before.cast(pa.string()), after.cast(pa.string())
    keys = pc.unique(pa.concat_arrays([after, before]))
    return Both(len(keys), _places(before, keys), _places(after, keys))


def _places(some: pa.Array, keys: pa.Array) -> npt.NDArray[np.int64]:
    return np.asarray(pc.index_in(some, keys).to_numpy(zero_copy_only=False), np.int64)
