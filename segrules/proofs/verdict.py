"""What comes of a question: proved, refuted by a customer, or undecided with the reason."""

from dataclasses import dataclass, field
from enum import StrEnum

from segrules.ir.testcases import Test
from segrules.text.span import Span


class Answer(StrEnum):
    """The three answers to "does this hold for every customer?"; the third is never folded into the others."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why a question is undecided; counted in summaries. Of several the first one is named."""

    POPULATION = "who else there is"
    RELATION = "other customers of an account"
    SEQUENCE = "the order of events"
    REGULARITY = "the rhythm of events"
    SAMPLE = "a drawn sample"
    TEXT = "a pattern in text"
    ARITHMETIC = "arithmetic that is not linear"
    CALENDAR = "how long months are"
    SIZE = "more cases than the limit"
    BUDGET = "more steps than the limit"
    UNCONFIRMED = "a customer that the interpreter did not confirm"


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a rule that takes part in a proof: its place, and which segment it stands in."""

    segment: str
    span: Span
    what: str = ""
    """`where`, `except`, `eligible`, `consent`, `suppression` or `cap`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its evidence.

    `core` are clauses that conflict, the smallest such set, where the answer is proved. `witness` is the customer who
    shows that it is refuted: a test that holds, with what it expects. `premises` say on what a proof rests besides the
    catalogue, such as `for any cut points of rfm`.
    """

    answer: Answer
    core: tuple[Clause, ...] = ()
    witness: Test | None = None
    reason: Reason | None = None
    premises: tuple[str, ...] = field(default=())
