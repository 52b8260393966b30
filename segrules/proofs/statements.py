"""What is claimed of a rule set, by the rules themselves or by custom, and what came of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from segrules.diagnostics.finding import Finding
from segrules.proofs.verdict import Answer, Clause, Reason, Verdict
from segrules.text.span import Span


class Kind(StrEnum):
    """What a statement says; each is asked of every customer who could exist."""

    NOBODY = "nobody is a member"
    EVERYONE = "everyone is a member"
    IDLE = "a clause changes nothing"
    LET_IN = "a missing value lets nobody in"
    LEFT_OUT = "a missing value leaves nobody out"
    EXCLUSIVE = "no two share a customer"
    COVERS = "every customer is in one"
    SUBSET = "members of one are members of the other"
    EQUAL = "two segments have the same members"
    STAGE = "a stage never wins"
    GAP = "the stages leave nobody over"
    POLICY = "every member satisfies a policy"


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim about `names`, with its verdict.

    `text` is the claim as a sentence, `span` where it is made; `clause` is the part of a rule that it is about.
    `vacuous` says that it holds because nobody can be a member at all.
    """

    kind: Kind
    names: tuple[str, ...]
    text: str
    verdict: Verdict
    span: Span
    clause: Clause | None = None
    vacuous: bool = False
    unknown: bool = False
    """Whether the witness breaks the claim because something about them is not recorded."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How the stages of a partition cover the combinations of bands: how many several match, and how many none."""

    partition: str
    ranks: tuple[str, ...]
    cells: int
    several: int
    none: int
    one_of_several: str | None
    """A combination that several stages match."""
    one_of_none: str | None
    """A combination that no stage matches."""
    span: Span


@dataclass(frozen=True, slots=True, repr=False)
class Proofs:
    """All statements about a rule set, in the order of its files."""

    statements: tuple[Statement, ...]
    grids: tuple[Grid, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What somebody has to mend or to know."""
    as_of: datetime | None = None
    asked: int = field(default=0, compare=False)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(answer)} {answer}" for answer in Answer)
        return f"Proofs({counts}; {len(self.findings)} findings)"

    def count(self, answer: Answer) -> int:
        """How many statements have this answer."""
        return sum(item.verdict.answer == answer for item in self.statements)

    def undecided(self) -> Sequence[tuple[Reason, int]]:
        """Why statements are undecided, and how many for each reason."""
        reasons = Counter(item.verdict.reason for item in self.statements if item.verdict.answer is Answer.UNDECIDED)
        return sorted((reason, count) for reason, count in reasons.items() if reason is not None)
