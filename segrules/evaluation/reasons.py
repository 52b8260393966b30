"""Why customers moved: which parts of a segment did not hold of them before, or do not hold of them after."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from segrules.backends.arrow.found import Found
from segrules.evaluation.causes import Flip, flip, written
from segrules.evaluation.engines import Progress
from segrules.evaluation.moved import Pair
from segrules.evaluation.versions import Both, Flags, Version
from segrules.ir.parts import Part, parts
from segrules.lowering.parts import part_name

Reasons = Mapping[tuple[Pair, str], Sequence[tuple[tuple[Flip, ...], Flags]]]
"""For a pair of segments and `entered` or `left`: what kept whom out. Without parts it is for all other reasons."""

MOST_CAUSES = 5
"""So many causes are told apart."""

_Groups = list[tuple[tuple[Flip, ...], Flags]]


def reasons(
    versions: tuple[Version, Version],
    found: tuple[Found, Found],
    both: Both,
    pairs: Sequence[Pair],
    min_cell: int,
    progress: Progress,
) -> Reasons:
    """The reasons of all moves of `min_cell` customers and more, between segments that both versions have.

    Whoever enters did not satisfy the version before; whoever leaves does not satisfy the one after.

    Raises:
        BadRules, BadData: as `Version.parts`.
    """
    moved: tuple[dict[tuple[str, str], Flags], dict[tuple[str, str], Flags]] = ({}, {})
    for one, other in pairs:
        if one is not None and other is not None:
            was, now = both.members(*found, (one, other))
            for side, movers in enumerate((now & ~was, was & ~now)):
                if np.count_nonzero(movers) >= min_cell:
                    moved[side][one, other] = movers
    made: dict[tuple[Pair, str], _Groups] = {}
    for side, direction in enumerate(("entered", "left")):
        names = sorted({pair[side] for pair in moved[side]})
        if names:
            # Columns are read again, but only those of segments that moved.
            told = versions[side].parts(names, progress)
            places = (both.before, both.after)[side]
            for pair, movers in moved[side].items():
                groups = _patterns(told, versions[side], pair[side], movers, places)
                made[pair, direction] = _large(groups, versions, pair, side, min_cell)
    return made


_Pattern = tuple[list[tuple[Part, bool | None]], Flags]
"""Parts that did not hold, each with whether that is known (`False`) or open (`None`), and of whom."""


def _patterns(
    found: Found, version: Version, segment: str, movers: Flags, places: npt.NDArray[np.int64]
) -> list[_Pattern]:
    """The movers by the parts that did not hold of them, the largest group first."""
    asked = parts(version.rules, version.rules.segments[segment])
    holds = np.ones((len(asked), len(movers)), np.int8)
    for number, row in enumerate(holds):
        flags = found.qualifying[part_name(segment, number)]
        row[places] = pc.if_else(flags, 1, 0).fill_null(2).to_numpy(zero_copy_only=False)
    who = np.flatnonzero(movers)
    codes, group = np.unique(holds[:, who], axis=1, return_inverse=True)
    made: list[_Pattern] = []
    for number, column in enumerate(codes.T):
        failing = [(part, None if code == 2 else False) for part, code in zip(asked, column, strict=True) if code != 1]
        flags = np.zeros(len(movers), np.bool_)
        flags[who[group.reshape(-1) == number]] = True
        made.append((failing, flags))
    return sorted(made, key=lambda item: -np.count_nonzero(item[1]))


def _large(
    groups: Sequence[_Pattern], versions: tuple[Version, Version], pair: tuple[str, str], side: int, min_cell: int
) -> _Groups:
    """The largest groups, with what became of the parts; few people are not told apart by what they lack."""
    listed = [
        [written(part, version.sources) for part in parts(version.rules, version.rules.segments[name])]
        for version, name in zip(versions, pair, strict=True)
    ]
    own, others = listed[side], listed[1 - side]
    sources = versions[side].sources
    large = [item for item in groups if item[0] and np.count_nonzero(item[1]) >= min_cell][:MOST_CAUSES]
    made: _Groups = [
        (tuple(flip(written(part, sources), truth, own, others) for part, truth in failing), flags)
        for failing, flags in large
    ]
    rest = np.logical_or.reduce([flags for _, flags in groups]) & ~np.logical_or.reduce([flags for _, flags in large])
    return [*made, ((), rest)] if rest.any() else made
