"""What becomes of one segment or stage between two versions: words, and what shows them."""

from dataclasses import dataclass
from enum import StrEnum

from segrules.ir.testcases import Test


class Kind(StrEnum):
    """How the members of a segment change, for every customer who could exist.

    Whoever gains somebody is `WIDER`, whoever loses somebody `NARROWER`; `SHIFTED` does both, and `DISJOINT` keeps
    nobody. `RENAMED` is the same under another name.
    """

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    SHIFTED = "shifted"
    DISJOINT = "disjoint"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    UNDECIDED = "undecided"


GAINS = frozenset({Kind.WIDER, Kind.SHIFTED, Kind.DISJOINT})
"""Changes by which somebody can enter who was not in."""

LOSES = frozenset({Kind.NARROWER, Kind.SHIFTED, Kind.DISJOINT})
"""Changes by which somebody can leave who was in."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How members change, and why that is said.

    `gained` is a customer who is a member only afterwards, `lost` one who was only before: each a test that holds in
    the later version, but for those that `by_earlier` names, which hold in the earlier one. `proved` says that a proof
    stands behind it, and not one text of both meanings alone; `reason` is why something is undecided, `premises` on
    what proofs rest besides the catalogue.
    """

    kind: Kind
    gained: Test | None = None
    lost: Test | None = None
    by_earlier: tuple[str, ...] = ()
    proved: bool = False
    reason: str | None = None
    premises: tuple[str, ...] = ()
