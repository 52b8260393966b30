"""What flags and variables stand for, for those who make customers of them."""

from dataclasses import dataclass

from segrules.ir import nodes as ir
from segrules.proofs.formulas.logic import (
    Formula,
)
from segrules.proofs.verdict import Clause, Reason


@dataclass(frozen=True, slots=True)
class TextTested:
    """What a flag about a text says: that a test, written over a property of no name, holds of it."""

    source: str
    values: tuple[str, ...] | None
    test: ir.Condition


@dataclass(frozen=True, slots=True)
class SameText:
    """That two texts are equal; with the closed list of each."""

    one: str
    other: str
    values: tuple[tuple[str, ...] | None, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class FreeBand:
    """A band of a score that is cut anew for every population."""

    score: str
    rank: str


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """A column of the customers: its number, its position in time, its age in days, or that it is true."""

    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """That a column of the customers is missing."""

    name: str


@dataclass(frozen=True, slots=True)
class Free:
    """A truth or number that is not followed further, and why."""

    node: ir.Node
    reason: Reason


@dataclass(frozen=True, slots=True)
class OnList:
    """That a customer stands on a suppression list."""

    name: str


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """That consent is granted for a channel, and for a purpose where one is named."""

    channel: str
    purpose: str | None


@dataclass(frozen=True, slots=True)
class ConsentIs:
    """The state of consent for a channel; None for no record, "missing" for records that conflict."""

    channel: str
    state: str | None


@dataclass(frozen=True, slots=True)
class ConsentTime:
    """When consent was recorded, as a position or as days."""

    channel: str
    purpose: str | None
    is_date: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """Into which of the 10,000 buckets a salt puts a customer."""

    salt: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """A clause of a segment as a formula, with its place."""

    clause: Clause
    formula: Formula
