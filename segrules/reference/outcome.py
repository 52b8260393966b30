"""What an evaluation gives back: members, partitions and what was left out, in plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from segrules.ir import nodes as ir
from segrules.ir.rules import Cut
from segrules.types.cells import Cell, Key


class Reason(StrEnum):
    """Why rows of an event, or customers among those of a relation, take no part."""

    NOBODY = "no customer"
    UNKNOWN_CUSTOMER = "unknown customer"
    NOT_YET = "at or after as_of"
    NO_KEY = "no key"


@dataclass(frozen=True, slots=True)
class Ignored:
    """Events that took no part, with up to five examples (their customer, or their time).

    For a relation `event` is what it leads to, such as `account.users`, and the examples are customers without a key.
    """

    event: str
    reason: Reason
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CutPoint:
    """The values of one band that a run saw: how many customers, from the smallest to the largest value."""

    band: int
    customers: int
    smallest: Cell
    largest: Cell


@dataclass(frozen=True, slots=True)
class RankReport:
    """How a rank was cut: customers scored, customers in `among` without a value, and the bands that occur.

    `cuts` are the cut points, from small to large; equal bands have none. They are `frozen` where they were not found
    in this run.
    """

    scored: int
    without_value: int
    bands: tuple[CutPoint, ...]
    cuts: tuple[Cut, ...] = ()
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class FigureReport:
    """What a population figure came to, or with which value the last customer at the `top` is in (None: nobody).

    `counted` customers or rows made it; those without a value, and those of which it is unknown whether they are to
    be counted, are left out.
    """

    node: ir.Figure | ir.Top
    value: Cell
    counted: int
    without_value: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Members of every segment that was asked for; all tuples run in the order of `keys`, which are sorted.

    `qualifying` is three-valued (None is unknown); `members` holds who may be contacted.
    `partitions` has the name of the stage, or of `otherwise`, for every customer.
    `held_out` has the members who are held out, for each segment with a holdout.
    """

    as_of: datetime
    keys: tuple[Key, ...]
    qualifying: Mapping[str, tuple[bool | None, ...]]
    members: Mapping[str, tuple[bool, ...]]
    partitions: Mapping[str, tuple[str, ...]]
    ranks: Mapping[str, Mapping[str, RankReport]]
    ignored: tuple[Ignored, ...]
    held_out: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    figures: tuple[FigureReport, ...] = ()
