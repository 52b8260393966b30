"""What is known of two segments, whatever the data: whether anybody can be a member of both."""

from dataclasses import dataclass
from enum import StrEnum

from segrules.ir.testcases import Test
from segrules.proofs.verdict import Clause, Reason


class PairVerdict(StrEnum):
    """How the members of two segments `a` and `b` lie to each other, for every customer whom the catalogue allows.

    `OVERLAP` is said where somebody can be in both, and each can have somebody whom the other has not; where that
    last part is not decided, too. Segments that nobody can be in are disjoint from all.
    """

    DISJOINT = "disjoint"
    OVERLAP = "overlap"
    A_IN_B = "a_in_b"
    B_IN_A = "b_in_a"
    EQUAL = "equal"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two segments, `a` before `b` by name, and what is known of them.

    `witness` is a customer who is in both, as a test that holds; `reason` is why the pair is undecided; `core` are
    clauses that cannot hold together, the smallest such set, where the pair is disjoint.
    """

    a: str
    b: str
    verdict: PairVerdict
    witness: Test | None = None
    reason: Reason | None = None
    core: tuple[Clause, ...] = ()
