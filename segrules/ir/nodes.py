"""Typed values and conditions: the tree that every engine, the solver and the English rendering read.

A *value* has a type and, for a customer, is something, missing (not recorded) or none (there is no such thing).
A *condition* is true, false or unknown (Kleene's three values).
Nodes are built by `build.py`, which checks types; they neither evaluate nor print themselves.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from segrules.ir.windows import Period, Unit, Window
from segrules.text.span import NOWHERE, Span
from segrules.types.types import Type

Constant = bool | int | Fraction | str | date | datetime | tuple[str, ...]
"""Python values of literals: numbers and money are int or Fraction (exact), instants carry a zone, lists are tuples."""


class CompareOp(StrEnum):
    """The six comparisons."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="

    @property
    def mirrored(self) -> "CompareOp":
        """The comparison that says the same with its sides exchanged."""
        return _MIRRORED.get(self, self)

    @property
    def opposite(self) -> "CompareOp":
        """The comparison that holds of two known values where this one does not."""
        return _OPPOSITE[self]


_MIRRORED = {
    CompareOp.LT: CompareOp.GT,
    CompareOp.LE: CompareOp.GE,
    CompareOp.GT: CompareOp.LT,
    CompareOp.GE: CompareOp.LE,
}
_OPPOSITE = {
    CompareOp.EQ: CompareOp.NE,
    CompareOp.NE: CompareOp.EQ,
    CompareOp.LT: CompareOp.GE,
    CompareOp.LE: CompareOp.GT,
    CompareOp.GT: CompareOp.LE,
    CompareOp.GE: CompareOp.LT,
}


class TextOp(StrEnum):
    """The tests on text."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"
    MATCHES = "matches"


class ListOp(StrEnum):
    """The tests on a list of text."""

    ANY = "has any of"
    ALL = "has all of"
    NONE = "has none of"


class ArithmeticOp(StrEnum):
    """The four operations."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"


class AggregateKind(StrEnum):
    """What an aggregate makes of the rows that it is given."""

    NUMBER = "number of"
    TOTAL = "total of"
    AVERAGE = "average of"
    MEDIAN = "median of"
    SMALLEST = "smallest of"
    LARGEST = "largest of"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"
    MOST_FREQUENT = "most frequent"
    ONLY = "only"


class LinkKind(StrEnum):
    """What a link of a chain asks for."""

    THEN = "then"
    WITHOUT = "without"


class Quantifier(StrEnum):
    """Of how many of some customers a condition is asked."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


class UnitsKind(StrEnum):
    """What is asked of the calendar units (days, weeks, months) in which there are rows."""

    DISTINCT = "distinct"
    LONGEST_STREAK = "longest streak of"


class FigureKind(StrEnum):
    """What a population figure makes of the values that it is given."""

    TOTAL = "total"
    AVERAGE = "average"
    MEDIAN = "median"
    SMALLEST = "smallest"
    LARGEST = "largest"
    PERCENTILE = "percentile"


class End(StrEnum):
    """Which end of the population `Top` takes."""

    TOP = "top"
    BOTTOM = "bottom"


class DatePart(StrEnum):
    """Parts of a date: the month as 1 to 12, the weekday by its English name."""

    MONTH = "month"
    WEEKDAY = "weekday"


# --- values ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of the rule."""

    value: Constant
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the customers, derived ones included."""

    name: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Property:
    """A column of the row in hand: inside an event's `where`, or in an expression of the catalogue."""

    name: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class StepProperty:
    """A property of an earlier row of a chain, inside a later step's `where`; steps count from 0, the chain's first."""

    step: int
    name: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """`consent.email` as a value: the state that the latest record gives, as text."""

    channel: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Band:
    """`rfm.recency`: a score's band."""

    score: str
    rank: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DefinedValue:
    """A `define` that names a value."""

    name: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Events:
    """Which rows: events of one or several kinds, a test on each row, a window on its time, what follows each row."""

    names: tuple[str, ...]
    where: "Condition | None"
    window: Window
    span: Span = field(default=NOWHERE, compare=False)
    links: "tuple[Link, ...]" = ()
    """What has to follow each row, or must not: `then B`, `without B`."""


@dataclass(frozen=True, slots=True)
class Link:
    """A row of `events` that follows the step reached by the last `then`; with `without` no such row does.

    `same` are properties that are equal in both rows; `within` is how far the row may lie behind, None being any time.
    """

    kind: LinkKind
    events: Events
    same: tuple[str, ...] = ()
    within: Period | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A value over a customer's rows; `of` is what is taken from each row, None for `NUMBER`."""

    kind: AggregateKind
    events: Events
    of: "Value | None"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class EventTime:
    """`first purchase`, `last purchase`: the time of the first or last of the rows."""

    which: AggregateKind
    events: Events
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class UnitsOf:
    """`distinct weeks of E`, `longest streak of days of E`: a number of calendar units that hold a row."""

    kind: UnitsKind
    unit: Unit
    events: Events
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class UnitsWith:
    """In how many whole units of the window so many rows lie: `at least 3 times per week` of the last 4 whole weeks.

    Invariant: the window of `events` is `WholeUnits`.
    """

    events: Events
    op: CompareOp
    times: int
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DaysBetween:
    """`average days between E`: made of the days from each row to the next one."""

    kind: AggregateKind
    events: Events
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


Rhythm = UnitsOf | UnitsWith | DaysBetween
"""Values that ask when a customer's rows happened, not what stands in them."""


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Days from the day of a date or timestamp to the day of `as_of`; negative for what lies ahead."""

    of: "Value"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class YearsSince:
    """Whole years from a date to the day of `as_of`, as ages are counted; for derived columns of the catalogue."""

    of: "Value"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PartOf:
    """`month of signup`, `weekday of signup`."""

    part: DatePart
    of: "Value"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers or amounts put together; exact."""

    op: ArithmeticOp
    left: "Value"
    right: "Value"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RelatedColumn:
    """`account.plan`: a column of the row to which a relation leads; none where no row has the customer's key."""

    relation: str
    column: str
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NumberOfRelated:
    """`number of account.users (X)`: of the customers who share the key of a relation, those of whom X is true."""

    relation: str
    condition: "Condition"
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """`population average of spend among (..)`: one value for everybody.

    It is made of one value for each customer, or where `events` is set of one for each of everybody's rows; `among`
    says whose. `percent` is set for percentiles.
    """

    kind: FigureKind
    of: "Value"
    events: Events | None
    among: "Condition | None"
    percent: Fraction | None
    type: Type
    span: Span = field(default=NOWHERE, compare=False)


Value = (
    Literal
    | Attribute
    | Property
    | StepProperty
    | ConsentState
    | Band
    | DefinedValue
    | Aggregate
    | EventTime
    | UnitsOf
    | UnitsWith
    | DaysBetween
    | DaysSince
    | YearsSince
    | PartOf
    | Arithmetic
    | RelatedColumn
    | NumberOfRelated
    | Figure
)


# --- conditions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    """`true` or `false`."""

    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IsTrue:
    """A boolean value by its bare name."""

    value: Value
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two values; `ignoring_case` folds ASCII letters of text."""

    op: CompareOp
    left: Value
    right: Value
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """`x between a and b`, both ends in."""

    value: Value
    low: Value
    high: Value
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneOf:
    """`x in [a, b]`, and `x not in [a, b]` where `negated` (which is false, not true, on none)."""

    value: Value
    choices: tuple[Literal, ...]
    negated: bool = False
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InListFile:
    """`x in list "file.csv"`; `path` is relative to the project, `entries` what the file holds."""

    value: Value
    path: str
    entries: frozenset[str]
    negated: bool = False
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TextTest:
    """`x contains "y"` and its relatives; `matches` finds a RE2 pattern anywhere in the text."""

    op: TextOp
    value: Value
    pattern: str
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListTest:
    """`tags has any of ["a", "b"]`."""

    op: ListOp
    value: Value
    choices: tuple[str, ...]
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class IsKnown:
    """`x is known`: the value is neither missing nor none; never unknown itself."""

    value: Value
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InWindow:
    """`contract_end is in the next 90 days`: a date or timestamp tested against a window."""

    value: Value
    window: Window
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Anniversary:
    """`birth_date has anniversary in the next 7 days`: a yearly copy of the date lies in the window."""

    value: Value
    window: Window
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Did:
    """How many rows there are, compared with a constant: `did E` is `>= 1`."""

    events: Events
    op: CompareOp
    times: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """`last E was (X)`: the first or last row exists and satisfies `condition`."""

    which: AggregateKind
    events: Events
    condition: "Condition"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KnownFor:
    """`known for at least 90 days`: since the date that the catalogue names for its customers."""

    since: Value
    period: Period
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InSample:
    """`in sample 10% salt "x"`: the hash of salt and key is in the first part; `share` is a fraction of one."""

    value: Value
    share: Fraction
    salt: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Top:
    """`top 25% by x among (..)`: fewer customers than this `number`, or this `percent` of them, have a better value."""

    end: End
    by: Value
    number: int | None
    percent: Fraction | None
    among: "Condition | None"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Defined:
    """A `define` that names a condition."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InSegment:
    """`in segment x`: who qualifies there, consent and suppression left aside."""

    name: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InStage:
    """`in segment lifecycle_stage.loyal`: the stage, or the `otherwise`, of a partition."""

    partition: str
    stage: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Quantified:
    """`none of account.users (X)`: what X says of the customers who share the key of a relation, Kleene's way."""

    quantifier: Quantifier
    relation: str
    condition: "Condition"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene's not."""

    item: "Condition"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Kleene's and, over one or more."""

    items: tuple["Condition", ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Kleene's or, over one or more."""

    items: tuple["Condition", ...]
    span: Span = field(default=NOWHERE, compare=False)


Condition = (
    Fixed
    | IsTrue
    | Compare
    | Between
    | OneOf
    | InListFile
    | TextTest
    | ListTest
    | IsKnown
    | InWindow
    | Anniversary
    | Did
    | EdgeRow
    | KnownFor
    | InSample
    | Top
    | Defined
    | InSegment
    | InStage
    | Quantified
    | Not
    | And
    | Or
)

Expression = Value | Condition

Node = Expression | Events | Link
"""All that typed expressions are made of."""
