"""Typed definitions: segments with their rulesets' defaults merged in, scores, partitions and the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from segrules.ir.catalogue import Cap, Catalogue
from segrules.ir.nodes import Condition, Value
from segrules.ir.testcases import Test
from segrules.ir.windows import Window
from segrules.text.span import NOWHERE, Span


class Status(StrEnum):
    """Whether a segment is run: `run` takes active ones, and drafts where it is asked to."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Definition:
    """A `define`: a name for a condition or a value."""

    name: str
    title: str | None
    body: Condition | Value
    is_condition: bool
    span: Span = field(default=NOWHERE, compare=False)


class Direction(StrEnum):
    """Which end of a rank is best."""

    LOW = "low"
    HIGH = "high"


class CutMethod(StrEnum):
    """How `fit` finds cut points: those of the bands by rank, or quantiles of type 7.

    With `QCUT` a value that equals a quantile lies below it, as in pandas; with `TYPE7` in the better band.
    """

    RANK = "rank"
    TYPE7 = "type7"
    QCUT = "qcut"


Cut = int | Fraction | float | str | date | datetime
"""Where a band begins, in the type of the values; a float is infinite."""


@dataclass(frozen=True, slots=True)
class Bands:
    """How a rank is cut into bands.

    With `cuts`, band = `start` + how many cuts the value equals or betters.
    Else `count` bands by rank; `equal` ones like SQL's NTILE, ties broken by `ties`, then by customer key.
    Where they are `frozen`, the cuts come from the lock file. With `fit` they are quantiles of the values.
    """

    direction: Direction
    count: int
    start: int = 1
    equal: bool = False
    ties: Value | None = None
    cuts: tuple[Cut, ...] | None = None
    frozen: bool = False
    fit: CutMethod | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """One number of a score: a value, and how it is cut into bands."""

    name: str
    by: Value
    bands: Bands
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """Ranks over the customers known to be `among` (everybody where that is None)."""

    name: str
    title: str | None
    description: str | None
    among: Condition | None
    ranks: Mapping[str, Rank]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One name after `except`; `inherited` where the ruleset says it."""

    name: str
    condition: Condition
    inherited: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """One `eligible` clause."""

    condition: Condition
    inherited: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """`email`, `sms given in the last 24 months`: consent for one channel."""

    channel: str
    given: Window | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ConsentClause:
    """One `consent` clause: any of these groups, all of a group. `a and b or c` is `((a, b), (c,))`."""

    any_of: tuple[tuple[Granted, ...], ...]
    inherited: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound of a size: a number of customers, or a share of all customers (0.3 for 30%)."""

    number: int | None = None
    share: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """`size at least 100, at most 30%`."""

    least: Bound | None
    most: Bound | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Holdout:
    """`holdout 10% salt "x"`, the share as a fraction of one."""

    share: Fraction
    salt: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Justification:
    """`justified "why" by "who" until DATE`."""

    reason: str
    by: str
    until: date
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Header:
    """Metadata of a segment or partition."""

    description: str | None = None
    owner: str | None = None
    purposes: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    status: Status = Status.ACTIVE
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment; `where` is None where it takes everybody who is eligible and not excluded.

    `caps` are those of its ruleset that bind it. `review_span` is where the review date stands.
    """

    name: str
    title: str | None
    header: Header
    where: Condition | None
    excepts: tuple[Exclusion, ...] = ()
    eligible: tuple[Eligibility, ...] = ()
    consents: tuple[ConsentClause, ...] = ()
    size: Size | None = None
    holdout: Holdout | None = None
    justifications: tuple[Justification, ...] = ()
    review: date | None = None
    caps: tuple[Cap, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)
    review_span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a partition."""

    name: str
    title: str | None
    condition: Condition
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Partition:
    """Stages tried in order; `otherwise` takes everybody whom none of them takes."""

    name: str
    title: str | None
    header: Header
    stages: tuple[Stage, ...]
    otherwise: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Exclusive:
    """No two of these share a customer."""

    members: tuple[Condition, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CoversEveryone:
    """Every customer is in one of these."""

    members: tuple[Condition, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Subset:
    """Everybody in `inner` is in `outer`."""

    inner: Condition
    outer: Condition
    span: Span = field(default=NOWHERE, compare=False)


Declaration = Exclusive | CoversEveryone | Subset


@dataclass(frozen=True, slots=True)
class Group:
    """Declared intent between segments."""

    name: str
    title: str | None
    declarations: tuple[Declaration, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Requirement:
    """What every member must satisfy: a condition or a consent."""

    demand: Condition | ConsentClause
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Ban:
    """Labels that no rule may read; `outside` names the clauses in which they may be read all the same."""

    labels: tuple[str, ...]
    outside: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """A promise about the segments in `segments` (resolved names)."""

    name: str
    title: str | None
    segments: tuple[str, ...]
    rules: tuple[Requirement | Ban, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rules:
    """A whole rule set, typed: what every engine, the solver and the English rendering take."""

    catalogue: Catalogue
    definitions: Mapping[str, Definition] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    partitions: Mapping[str, Partition] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    tests: tuple[Test, ...] = ()
