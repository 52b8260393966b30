"""Members into arms: who is treated, and who is held out to measure against."""

import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.found import Found
from segrules.ir.rules import Rules

TREATED, HOLDOUT = "treated", "holdout"
ARMS = (TREATED, HOLDOUT)
"""The arms of members: every member is in one. Without a holdout all are treated."""


def in_arm(found: Found, segment: str, arm: str) -> pa.BooleanArray:
    """Which customers are members of a segment in one arm."""
    members = found.members[segment]
    held = found.held_out.get(segment)
    if held is None:
        return members if arm == TREATED else pc.and_(members, False)
    return held if arm == HOLDOUT else pc.and_not(members, held)


def arms(found: Found, segment: str) -> pa.DictionaryArray:
    """The arm of each customer, null for those who are no members."""
    held = found.held_out.get(segment)
    # Invariant: whether one is held out is the place in `ARMS`.
    places = pa.scalar(0, pa.int8()) if held is None else held.cast(pa.int8())
    placed = pc.if_else(found.members[segment], places, pa.scalar(None, pa.int8()))
    return pa.DictionaryArray.from_arrays(placed, pa.array(ARMS, pa.string()))


def sizes(found: Found, segment: str) -> dict[str, int]:
    """How many members are in each arm of a segment with a holdout."""
    return {arm: int(in_arm(found, segment, arm).true_count) for arm in ARMS}


def arm_column(segment: str) -> str:
    """The column of a table with a segment's arms; no segment has such a name.

    >>> arm_column("win_back")
    'win_back.arm'
    """
    return f"{segment}.arm"


def holdouts_json(rules: Rules, found: Found) -> dict[str, dict[str, str]]:
    """The holdouts that a run used, by segment."""
    holdouts = {name: rules.segments[name].holdout for name in sorted(found.held_out)}
    return {
        name: {"percent": f"{float(held.share * 100):g}", "salt": held.salt}
        for name, held in holdouts.items()
        if held is not None
    }
