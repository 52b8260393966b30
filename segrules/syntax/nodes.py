"""The syntax tree: a file as it is written, every node with its place, every comment kept.

Nothing here knows what a name means. Names are as written, without their backticks.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from segrules.text.span import NOWHERE, Span

# --- names ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """One name."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Ref:
    """A name, or several with dots between them: `age`, `rfm.recency`, `customer.home_state`."""

    parts: tuple[Name, ...]
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def text(self) -> str:
        """As written, without backticks."""
        return ".".join(part.text for part in self.parts)


# --- literals -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """`18`, `0.5`, and with a unit or a currency `500 GBP`."""

    value: Decimal
    unit: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Percent:
    """`20%`, its value being 20."""

    value: Decimal
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """`"DE"`."""

    value: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Day:
    """`2026-01-31`; `value` is None where there is no such day (a finding says so)."""

    text: str
    value: date | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Instant:
    """`2026-01-31T10:00Z`; without an offset it is local time of the catalogue's zone."""

    text: str
    value: datetime | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """`true`, `false`."""

    value: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Items:
    """`["DE", "AT"]`."""

    items: tuple["Expr", ...]
    span: Span = field(default=NOWHERE, compare=False)


Moment = Day | Instant

# --- windows --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Length:
    """`30 days`; the unit in the singular."""

    count: int
    unit: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WindowText:
    """A window: `kind` is the name of the grammar's alternative, the rest what stands in it."""

    kind: str
    lengths: tuple[Length, ...] = ()
    moments: tuple[Moment, ...] = ()
    unit: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


# --- events ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventNames:
    """One event, or `any of E, F`, `none of E, F` (`quantifier`)."""

    quantifier: str | None
    names: tuple[Name, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """Events with a row filter and a window; `column` where something is taken from each row (`purchase.amount`)."""

    events: EventNames | Ref
    where: "Expr | None"
    window: WindowText | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Bound:
    """`at least 3`: `op` is `>=`, `<=`, `=`, `>` or `<`."""

    op: str
    number: int
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Regularity:
    """`per week in at least 3 of the last 4 whole weeks`: unit, how many of the whole units, and which these are."""

    per: str
    hits: Bound
    whole: Length
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Count:
    """`at least 3 times`: `op` is `>=`, `<=`, `=`, `>` or `<`."""

    op: str
    times: int
    regularity: Regularity | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Chain:
    """`then B …`, `without B …` after a `did`."""

    kind: str
    event: Name
    alias: Name | None
    where: "Expr | None"
    same: tuple[Name, ...]
    within: Length | None
    span: Span = field(default=NOWHERE, compare=False)


# --- expressions ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConsentRef:
    """`consent.email` as a value."""

    channel: Name
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Parens:
    """An expression in parentheses, kept for the formatter."""

    inner: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OrExpr:
    """`a or b or c`."""

    items: tuple["Expr", ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AndExpr:
    """`a and b and c`."""

    items: tuple["Expr", ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NotExpr:
    """`not a`."""

    item: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CompareExpr:
    """`a >= b`."""

    op: str
    left: "Expr"
    right: "Expr"
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BetweenExpr:
    """`x between a and b`."""

    value: "Expr"
    low: "Expr"
    high: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OneOfExpr:
    """`x in [..]`, `x not in [..]`."""

    value: "Expr"
    items: Items
    negated: bool
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InListFileExpr:
    """`x in list "file.csv"`."""

    value: "Expr"
    path: Text
    negated: bool
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TextTestExpr:
    """`x contains "y"`; `op` in single spaces."""

    op: str
    value: "Expr"
    pattern: Text
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ListTestExpr:
    """`x has any of [..]`."""

    quantifier: str
    value: "Expr"
    items: Items
    ignoring_case: bool = False
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AnniversaryExpr:
    """`x has anniversary in the next 7 days`."""

    value: "Expr"
    window: WindowText
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KnownExpr:
    """`x is known`, `x is not unknown`: `known` after all negations."""

    value: "Expr"
    known: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InWindowExpr:
    """`x was more than 30 days ago`."""

    value: "Expr"
    window: WindowText
    negated: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RowTestExpr:
    """`last purchase was (amount > 5)`."""

    value: "Expr"
    test: "Expr"
    negated: bool
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InSegmentExpr:
    """`in segment x`, `in segment stage_partition.loyal`."""

    target: Ref
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InSampleExpr:
    """`in sample 10% salt "x"`."""

    share: Percent
    salt: Text | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class KnownForExpr:
    """`known for at least 90 days`."""

    length: Length
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DidExpr:
    """`did purchase where (..) at least 3 times in the last 30 days then ...`."""

    negated: bool
    events: EventNames
    alias: Name | None
    where: "Expr | None"
    count: Count | None
    window: WindowText | None
    chain: tuple[Chain, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TopExpr:
    """`top 25% by x among (..)`, `bottom 100 by x`."""

    end: str
    amount: Number | Percent
    by: Ref
    among: "Expr | None"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RelatedExpr:
    """`none of account.users (..)`."""

    quantifier: str
    target: Ref
    test: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NumberOfRelatedExpr:
    """`number of account.users (..)`; `test` is None where everybody counts."""

    target: Ref
    test: "Expr | None"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BinaryExpr:
    """`a + b` and the other three."""

    op: str
    left: "Expr"
    right: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NegativeExpr:
    """`-a`."""

    item: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PercentOfExpr:
    """`20% of spend`."""

    percent: Percent
    of: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NumberOfExpr:
    """`number of purchase in the last 30 days`."""

    rows: Rows
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AggregateExpr:
    """`total of purchase.amount`; `kind` also `distinct`, `most frequent`, `first`, `last`."""

    kind: str
    rows: Rows
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DistinctUnitsExpr:
    """`distinct days of app_open in the last 7 whole days`."""

    unit: str
    rows: Rows
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class LongestStreakExpr:
    """`longest streak of days of app_open in the last 30 days`."""

    unit: str
    rows: Rows
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DaysSinceExpr:
    """`days since last purchase`."""

    of: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class YearsSinceExpr:
    """`years since birth_date`, in the catalogue."""

    of: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PartOfExpr:
    """`month of signup`."""

    part: str
    of: "Expr"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DaysBetweenExpr:
    """`median days between purchase`."""

    kind: str
    rows: Rows
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PopulationExpr:
    """`population average of purchase.amount`; `percent` is set for a percentile."""

    kind: str
    percent: Number | None
    rows: Rows
    among: "Expr | None"
    span: Span = field(default=NOWHERE, compare=False)


Expr = (
    Number
    | Percent
    | Text
    | Day
    | Instant
    | Truth
    | Ref
    | ConsentRef
    | Parens
    | OrExpr
    | AndExpr
    | NotExpr
    | CompareExpr
    | BetweenExpr
    | OneOfExpr
    | InListFileExpr
    | TextTestExpr
    | ListTestExpr
    | AnniversaryExpr
    | KnownExpr
    | InWindowExpr
    | RowTestExpr
    | InSegmentExpr
    | InSampleExpr
    | KnownForExpr
    | DidExpr
    | TopExpr
    | RelatedExpr
    | BinaryExpr
    | NegativeExpr
    | PercentOfExpr
    | NumberOfExpr
    | NumberOfRelatedExpr
    | AggregateExpr
    | DistinctUnitsExpr
    | LongestStreakExpr
    | DaysSinceExpr
    | YearsSinceExpr
    | PartOfExpr
    | DaysBetweenExpr
    | PopulationExpr
)

# --- clauses --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextClause:
    """`describe "…"`, `owner "…"`."""

    keyword: str
    text: Text
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class NamesClause:
    """`purpose a, b`, `channel a`, `tags a, b`, `status draft`."""

    keyword: str
    names: tuple[Name, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PriorityClause:
    """`priority 3`."""

    number: Number
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WhereClause:
    """`where …`, once in a segment."""

    test: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ExceptClause:
    """`except staff, champions`."""

    refs: tuple[Ref, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class EligibleClause:
    """`eligible age >= 18`."""

    test: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GrantedText:
    """`sms given in the last 24 months`."""

    channel: Name
    given: WindowText | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ConsentClauseText:
    """`consent email and sms or push`: any of the groups, all of a group."""

    any_of: tuple[tuple[GrantedText, ...], ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CapClause:
    """`cap email require did mail fewer than 3 times in the last 7 days`; no channels where it names none."""

    channels: tuple[Name, ...]
    test: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SizeBound:
    """`at least 100`, `at most 30%`."""

    extreme: str
    amount: Number | Percent
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SizeClause:
    """`size at least 100, at most 30%`."""

    bounds: tuple[SizeBound, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class HoldoutClause:
    """`holdout 10% salt "x"`."""

    share: Percent
    salt: Text | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class JustifiedClause:
    """`justified "why" by "who" until DATE`."""

    reason: Text
    by: Text
    until: Day
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ReviewClause:
    """`review by DATE`."""

    by: Day
    span: Span = field(default=NOWHERE, compare=False)


Clause = (
    TextClause
    | NamesClause
    | PriorityClause
    | WhereClause
    | ExceptClause
    | EligibleClause
    | ConsentClauseText
    | CapClause
    | SizeClause
    | HoldoutClause
    | JustifiedClause
    | ReviewClause
)

# --- blocks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RulesetBlock:
    """`ruleset`: defaults for the segments of its file."""

    name: Name
    title: Text | None
    clauses: tuple[Clause, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DefineBlock:
    """`define`."""

    name: Name
    title: Text | None
    description: TextClause | None
    body: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class BandsText:
    """What stands after `into`."""

    direction: str
    count: Number | None
    cuts: tuple[Number, ...] | None
    start: Number | None
    equal: bool
    ties: Expr | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RankText:
    """`rank recency by … into …`."""

    name: Name
    by: Expr
    bands: BandsText
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FrozenClause:
    """`bands frozen`."""

    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ScoreBlock:
    """`score`."""

    name: Name
    title: Text | None
    description: TextClause | None
    among: Expr | None
    ranks: tuple[RankText, ...]
    frozen: FrozenClause | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class SegmentBlock:
    """`segment`."""

    name: Name
    title: Text | None
    clauses: tuple[Clause, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class StageText:
    """`stage loyal where …`."""

    name: Name
    title: Text | None
    test: Expr
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PartitionBlock:
    """`partition`."""

    name: Name
    title: Text | None
    clauses: tuple[Clause, ...]
    stages: tuple[StageText, ...]
    otherwise: Name | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeclarationText:
    """`exclusive a, b`, `covers everyone a, b`, `subset a of b` (two refs)."""

    kind: str
    refs: tuple[Ref, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GroupBlock:
    """`group`."""

    name: Name
    title: Text | None
    declarations: tuple[DeclarationText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """`all segments except a`, `segments with channel email`, `segment a`; `kind` is all, named, or the clause."""

    kind: str
    names: tuple[Name, ...]
    refs: tuple[Ref, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class RequireText:
    """`require …`."""

    demand: Expr | ConsentClauseText
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ForbidText:
    """`forbid reading a, b outside eligible`."""

    labels: tuple[Name, ...]
    outside: tuple[Name, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PolicyBlock:
    """`policy`."""

    name: Name
    title: Text | None
    scope: Scope | None
    rules: tuple[RequireText | ForbidText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AssignmentText:
    """`country = "DE"` in a test."""

    target: Ref
    value: "Expr | Items"
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenCustomerText:
    """`given customer "A" with …`."""

    key: Text | Number | None
    assignments: tuple[AssignmentText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenEventText:
    """`given purchase on 2026-02-01 with …`, `given purchase 3 days ago`."""

    event: Name
    by: Text | Number | None
    at: Moment | Length
    assignments: tuple[AssignmentText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenConsentText:
    """`given consent.email = "granted" on 2026-02-01 with …`."""

    channel: Name
    status: Text
    by: Text | Number | None
    at: Moment | Length
    assignments: tuple[AssignmentText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenRowText:
    """`given account "A1" with …`: a row to which a relation leads."""

    relation: Name
    key: Text | Number
    assignments: tuple[AssignmentText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenListText:
    """`given list "vip.csv" = ["A17"]`."""

    path: Text
    items: Items
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class GivenFixtureText:
    """`given a_regular`: all that the fixture gives."""

    name: Name
    span: Span = field(default=NOWHERE, compare=False)


GivenText = GivenCustomerText | GivenEventText | GivenConsentText | GivenRowText | GivenListText | GivenFixtureText


@dataclass(frozen=True, slots=True)
class ExpectText:
    """`in a`, `not in a`, `unknown in a` (`kind`), or what a value is (`kind` is `value`).

    `keys` are the customers of whom it is expected; empty for the one customer.
    """

    kind: str
    target: Ref
    value: Expr | None
    span: Span = field(default=NOWHERE, compare=False)
    keys: tuple[Text | Number, ...] = ()


@dataclass(frozen=True, slots=True)
class FixtureBlock:
    """`fixture`: what several tests give alike."""

    name: Name
    title: Text | None
    given: tuple[GivenText, ...]
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TestBlock:
    """`test`."""

    title: Text
    as_of: Moment | None
    given: tuple[GivenText, ...]
    expectations: tuple[ExpectText, ...]
    span: Span = field(default=NOWHERE, compare=False)


Block = (
    RulesetBlock
    | DefineBlock
    | ScoreBlock
    | SegmentBlock
    | PartitionBlock
    | GroupBlock
    | PolicyBlock
    | FixtureBlock
    | TestBlock
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment from its `#` to the end of the line."""

    text: str
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class File:
    """A parsed file; `broken` are names whose definitions could not be parsed, which are not unknown all the same."""

    path: str
    blocks: tuple[Block, ...]
    comments: tuple[Comment, ...]
    broken: frozenset[str] = frozenset()
