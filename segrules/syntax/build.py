"""lark's parse tree into syntax nodes; literals that mean nothing (30 February) become findings."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from lark import Token, Transformer_NonRecursive
from lark.tree import Meta, Tree

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.syntax import nodes
from segrules.text.span import NOWHERE, Span

T = TypeVar("T")

_ESCAPED = re.compile(r'\\([\\"])')
_COUNT_OPS = {"least": ">=", "most": "<="}


class Builder(Transformer_NonRecursive[Token, Any]):
    """Turns one parse tree into nodes; `findings` gathers what is wrong with single literals."""

    def __init__(self, path: str) -> None:
        super().__init__(visit_tokens=False)
        self._path = path
        self.findings: list[Finding] = []

    def _call_userfunc(self, tree: Tree[Token], new_children: list[Any] | None = None) -> Any:
        # What lark's `v_args` would do, which makes a wrapper anew for every call.
        method = getattr(self, tree.data, None)
        children = tree.children if new_children is None else new_children
        return Tree(tree.data, children, tree.meta) if method is None else method(tree.meta, children)

    def _span(self, meta: Meta) -> Span:
        if meta.empty:
            return NOWHERE
        return Span(self._path, meta.line, meta.column, meta.end_line, meta.end_column)

    def _at(self, token: Token) -> Span:
        return Span(self._path, token.line or 0, token.column or 0, token.end_line or 0, token.end_column or 0)

    # --- names and literals

    def name(self, meta: Meta, children: list[Token]) -> nodes.Name:
        return nodes.Name(str(children[0]).strip("`"), self._span(meta))

    def names(self, meta: Meta, children: list[nodes.Name]) -> tuple[nodes.Name, ...]:
        return tuple(children)

    def ref(self, meta: Meta, children: list[nodes.Name]) -> nodes.Ref:
        return nodes.Ref(tuple(children), self._span(meta))

    def refs(self, meta: Meta, children: list[nodes.Ref]) -> tuple[nodes.Ref, ...]:
        return tuple(children)

    def number(self, meta: Meta, children: list[Token]) -> nodes.Number:
        return self._number(children[0])

    def quantity(self, meta: Meta, children: list[Token]) -> nodes.Number:
        return nodes.Number(Decimal(children[0]), str(children[1]), self._span(meta))

    def signed(self, meta: Meta, children: list[Token]) -> nodes.Number:
        return self._number(children[0])

    def minus(self, meta: Meta, children: list[Token]) -> nodes.Number:
        return nodes.Number(-Decimal(children[0]), None, self._span(meta))

    def percent(self, meta: Meta, children: list[Token]) -> nodes.Percent:
        return self._percent(children[0])

    def string(self, meta: Meta, children: list[Token]) -> nodes.Text:
        return self._text(children[0])

    def boolean(self, meta: Meta, children: list[Token]) -> nodes.Truth:
        return nodes.Truth(children[0] == "true", self._span(meta))

    def date(self, meta: Meta, children: list[Token]) -> nodes.Day:
        return self._day(children[0])

    def timestamp(self, meta: Meta, children: list[Token]) -> nodes.Instant:
        return self._instant(children[0])

    def moment(self, meta: Meta, children: list[Token]) -> nodes.Moment:
        token = children[0]
        return self._day(token) if token.type == "DATE" else self._instant(token)

    def key(self, meta: Meta, children: list[Token]) -> nodes.Text | nodes.Number:
        token = children[0]
        return self._text(token) if token.type == "STRING" else self._number(token)

    def items(self, meta: Meta, children: list[Any]) -> nodes.Items:
        return nodes.Items(tuple(child for child in children if child is not None), self._span(meta))

    def _number(self, token: Token) -> nodes.Number:
        return nodes.Number(Decimal(token), None, self._at(token))

    def _percent(self, token: Token) -> nodes.Percent:
        return nodes.Percent(Decimal(token[:-1]), self._at(token))

    def _text(self, token: Token) -> nodes.Text:
        return nodes.Text(unquote(token), self._at(token))

    def _title(self, token: Token | None) -> nodes.Text | None:
        return None if token is None else self._text(token)

    def _day(self, token: Token) -> nodes.Day:
        value = self._read(token, lambda text: date.fromisoformat(text) if len(text) == 10 else None)
        return nodes.Day(str(token), value, self._at(token))

    def _instant(self, token: Token) -> nodes.Instant:
        value = self._read(token, lambda text: datetime.fromisoformat(text) if text[10] in "T " else None)
        return nodes.Instant(str(token), value, self._at(token))

    def _read(self, token: Token, read: Callable[[str], T | None]) -> T | None:
        try:
            value = read(str(token))
        except ValueError:
            value = None
        if value is None:
            help_ = "write a day as `2026-01-31`: four digits, two digits, two digits, and a day that exists"
            self.findings.append(finding(codes.BAD_DATE, f"`{token}` is not a date", self._at(token), help=help_))
        return value

    def _whole(self, token: Token, what: str) -> int:
        if "." in token:
            message = f"{what} is a whole number, not `{token}`"
            self.findings.append(finding(codes.BAD_NUMBER, message, self._at(token), help="leave the fraction out"))
        if len(token) > 9:
            message = f"{what} of `{token[:12]}…` is too large"
            self.findings.append(
                finding(codes.BAD_NUMBER, message, self._at(token), help="write a number below 1000000000")
            )
            return 1
        return int(Decimal(token))

    # --- windows

    def period(self, meta: Meta, children: list[Token]) -> nodes.Length:
        count, unit = children
        return nodes.Length(self._whole(count, "a number of " + str(unit)), _singular(unit), self._span(meta))

    def in_last(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("in_last", (children[0],), span=self._span(meta))

    def in_last_whole(self, meta: Meta, children: list[Token]) -> nodes.WindowText:
        length = self.period(meta, children)
        return nodes.WindowText("in_last_whole", (length,), span=self._span(meta))

    def in_this(self, meta: Meta, children: list[Token]) -> nodes.WindowText:
        return nodes.WindowText("in_this", unit=_singular(children[0]), span=self._span(meta))

    def in_next(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("in_next", (children[0],), span=self._span(meta))

    def more_ago(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("more_ago", (children[0],), span=self._span(meta))

    def more_ahead(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("more_ahead", (children[0],), span=self._span(meta))

    def between_ago(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        count, unit, far = children
        near = nodes.Length(
            self._whole(count, "a number of units"), _singular(unit) if unit else far.unit, self._at(count)
        )
        return nodes.WindowText("between_ago", (near, far), span=self._span(meta))

    def since(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("since", moments=(children[0],), span=self._span(meta))

    def before(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("before", moments=(children[0],), span=self._span(meta))

    def on_day(self, meta: Meta, children: list[Token]) -> nodes.WindowText:
        return nodes.WindowText("on_day", moments=(self._day(children[0]),), span=self._span(meta))

    def after_day(self, meta: Meta, children: list[Token]) -> nodes.WindowText:
        return nodes.WindowText("after_day", moments=(self._day(children[0]),), span=self._span(meta))

    def from_to(self, meta: Meta, children: list[Token]) -> nodes.WindowText:
        first, last = (self._day(child) for child in children)
        return nodes.WindowText("from_to", moments=(first, last), span=self._span(meta))

    def ever(self, meta: Meta, children: list[Any]) -> nodes.WindowText:
        return nodes.WindowText("ever", span=self._span(meta))

    # --- events

    def event_names(self, meta: Meta, children: list[Any]) -> nodes.EventNames:
        if isinstance(children[0], Token):
            return nodes.EventNames(str(children[0]), tuple(children[1:]), self._span(meta))
        return nodes.EventNames(None, (children[0],), self._span(meta))

    def alias(self, meta: Meta, children: list[nodes.Name]) -> nodes.Name:
        return children[0]

    def row_filter(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    def source(self, meta: Meta, children: list[Any]) -> nodes.Rows:
        return nodes.Rows(children[0], children[1], children[2], self._span(meta))

    selection = source

    def bound_extreme(self, meta: Meta, children: list[Token]) -> nodes.Bound:
        return self._bound(_COUNT_OPS[children[0]], children[1], meta)

    def bound_exactly(self, meta: Meta, children: list[Token]) -> nodes.Bound:
        return self._bound("=", children[0], meta)

    def bound_more(self, meta: Meta, children: list[Token]) -> nodes.Bound:
        return self._bound(">", children[0], meta)

    def bound_fewer(self, meta: Meta, children: list[Token]) -> nodes.Bound:
        return self._bound("<", children[0], meta)

    def _bound(self, op: str, number: Token, meta: Meta) -> nodes.Bound:
        return nodes.Bound(op, self._whole(number, "a count"), self._span(meta))

    def count_times(self, meta: Meta, children: list[nodes.Bound]) -> nodes.Count:
        return nodes.Count(children[0].op, children[0].number, None, self._span(meta))

    def count_extreme_once(self, meta: Meta, children: list[Token]) -> nodes.Count:
        return nodes.Count(_COUNT_OPS[children[0]], 1, None, self._span(meta))

    def count_once(self, meta: Meta, children: list[Any]) -> nodes.Count:
        return nodes.Count("=", 1, None, self._span(meta))

    def regularity(self, meta: Meta, children: list[Any]) -> nodes.Regularity:
        per, hits, out_of, unit = children
        whole = nodes.Length(self._whole(out_of, "a number of units"), _singular(unit), self._at(out_of))
        return nodes.Regularity(_singular(per), hits, whole, self._span(meta))

    def counted(self, meta: Meta, children: list[Any]) -> nodes.Count:
        count: nodes.Count = children[0]
        return replace(count, regularity=children[1])

    def same(self, meta: Meta, children: list[Any]) -> tuple[nodes.Name, ...]:
        found: tuple[nodes.Name, ...] = children[0]
        return found

    def chain(self, meta: Meta, children: list[Any]) -> nodes.Chain:
        kind, event, alias, where, same, within = children
        return nodes.Chain(str(kind), event, alias, where, same or (), within, self._span(meta))

    def step_first(self, meta: Meta, children: list[Any]) -> list[Any]:
        return children

    def steps(self, meta: Meta, children: list[Any]) -> list[Any]:
        return children

    # --- conditions

    def or_(self, meta: Meta, children: list[Any]) -> nodes.OrExpr:
        return nodes.OrExpr(tuple(children), self._span(meta))

    def and_(self, meta: Meta, children: list[Any]) -> nodes.AndExpr:
        return nodes.AndExpr(tuple(children), self._span(meta))

    def not_(self, meta: Meta, children: list[Any]) -> nodes.NotExpr:
        return nodes.NotExpr(children[0], self._span(meta))

    def parens(self, meta: Meta, children: list[Any]) -> nodes.Parens:
        return nodes.Parens(children[0], self._span(meta))

    def ignoring_case(self, meta: Meta, children: list[Any]) -> bool:
        return True

    def compare(self, meta: Meta, children: list[Any]) -> nodes.CompareExpr:
        left, op, right, ignoring = children
        return nodes.CompareExpr(str(op), left, right, bool(ignoring), self._span(meta))

    def between(self, meta: Meta, children: list[Any]) -> nodes.BetweenExpr:
        value, low, high = children
        return nodes.BetweenExpr(value, low, high, self._span(meta))

    def one_of(self, meta: Meta, children: list[Any]) -> nodes.OneOfExpr:
        value, negated, items, ignoring = children
        return nodes.OneOfExpr(value, items, negated is not None, bool(ignoring), self._span(meta))

    def in_list_file(self, meta: Meta, children: list[Any]) -> nodes.InListFileExpr:
        value, negated, path, ignoring = children
        return nodes.InListFileExpr(value, self._text(path), negated is not None, bool(ignoring), self._span(meta))

    def text_test(self, meta: Meta, children: list[Any]) -> nodes.TextTestExpr:
        value, op, pattern, ignoring = children
        words = " ".join(op.split())
        return nodes.TextTestExpr(words, value, self._text(pattern), bool(ignoring), self._span(meta))

    def list_test(self, meta: Meta, children: list[Any]) -> nodes.ListTestExpr:
        value, quantifier, items, ignoring = children
        return nodes.ListTestExpr(str(quantifier), value, items, bool(ignoring), self._span(meta))

    def anniversary(self, meta: Meta, children: list[Any]) -> nodes.AnniversaryExpr:
        return nodes.AnniversaryExpr(children[0], children[1], self._span(meta))

    def known(self, meta: Meta, children: list[Any]) -> nodes.KnownExpr:
        value, negated, word = children
        return nodes.KnownExpr(value, (word == "known") == (negated is None), self._span(meta))

    def in_window(self, meta: Meta, children: list[Any]) -> nodes.InWindowExpr:
        value, negated, window = children
        return nodes.InWindowExpr(value, window, negated is not None, self._span(meta))

    def row_test(self, meta: Meta, children: list[Any]) -> nodes.RowTestExpr:
        value, negated, test = children
        return nodes.RowTestExpr(value, test, negated is not None, self._span(meta))

    def in_segment(self, meta: Meta, children: list[nodes.Ref]) -> nodes.InSegmentExpr:
        return nodes.InSegmentExpr(children[0], self._span(meta))

    def in_sample(self, meta: Meta, children: list[Token]) -> nodes.InSampleExpr:
        return nodes.InSampleExpr(self._percent(children[0]), self._title(children[1]), self._span(meta))

    def known_for(self, meta: Meta, children: list[nodes.Length]) -> nodes.KnownForExpr:
        return nodes.KnownForExpr(children[0], self._span(meta))

    def did(self, meta: Meta, children: list[Any]) -> nodes.DidExpr:
        negated, ((events, alias, where, count, window), *chain) = children
        return nodes.DidExpr(negated is not None, events, alias, where, count, window, tuple(chain), self._span(meta))

    def top(self, meta: Meta, children: list[Any]) -> nodes.TopExpr:
        end, amount, by, among = children
        read = self._percent(amount) if amount.type == "PERCENT" else self._number(amount)
        return nodes.TopExpr(str(end), read, by, among, self._span(meta))

    def related(self, meta: Meta, children: list[Any]) -> nodes.RelatedExpr:
        quantifier, target, test = children
        return nodes.RelatedExpr(str(quantifier), target, test, self._span(meta))

    # --- values

    def add(self, meta: Meta, children: list[Any]) -> nodes.BinaryExpr:
        return nodes.BinaryExpr("+", children[0], children[1], self._span(meta))

    def subtract(self, meta: Meta, children: list[Any]) -> nodes.BinaryExpr:
        return nodes.BinaryExpr("-", children[0], children[1], self._span(meta))

    def multiply(self, meta: Meta, children: list[Any]) -> nodes.BinaryExpr:
        return nodes.BinaryExpr("*", children[0], children[1], self._span(meta))

    def divide(self, meta: Meta, children: list[Any]) -> nodes.BinaryExpr:
        return nodes.BinaryExpr("/", children[0], children[1], self._span(meta))

    def negative(self, meta: Meta, children: list[Any]) -> nodes.NegativeExpr:
        return nodes.NegativeExpr(children[0], self._span(meta))

    def percent_of(self, meta: Meta, children: list[Any]) -> nodes.PercentOfExpr:
        return nodes.PercentOfExpr(self._percent(children[0]), children[1], self._span(meta))

    def consent_state(self, meta: Meta, children: list[Any]) -> nodes.ConsentRef:
        return nodes.ConsentRef(children[1], self._span(meta))

    def number_of(self, meta: Meta, children: list[nodes.Rows]) -> nodes.NumberOfExpr:
        return nodes.NumberOfExpr(children[0], self._span(meta))

    def number_of_related(self, meta: Meta, children: list[Any]) -> nodes.NumberOfRelatedExpr:
        target, test = children
        return nodes.NumberOfRelatedExpr(target, test, self._span(meta))

    def aggregate(self, meta: Meta, children: list[Any]) -> nodes.AggregateExpr:
        return nodes.AggregateExpr(str(children[0]), children[1], self._span(meta))

    def distinct(self, meta: Meta, children: list[nodes.Rows]) -> nodes.AggregateExpr:
        return nodes.AggregateExpr("distinct", children[0], self._span(meta))

    def distinct_units(self, meta: Meta, children: list[Any]) -> nodes.DistinctUnitsExpr:
        return nodes.DistinctUnitsExpr(_singular(children[0]), children[1], self._span(meta))

    def most_frequent(self, meta: Meta, children: list[nodes.Rows]) -> nodes.AggregateExpr:
        return nodes.AggregateExpr("most frequent", children[0], self._span(meta))

    def edge(self, meta: Meta, children: list[Any]) -> nodes.AggregateExpr:
        return nodes.AggregateExpr(str(children[0]), children[1], self._span(meta))

    def days_since(self, meta: Meta, children: list[Any]) -> nodes.DaysSinceExpr:
        return nodes.DaysSinceExpr(children[0], self._span(meta))

    def years_since(self, meta: Meta, children: list[Any]) -> nodes.YearsSinceExpr:
        return nodes.YearsSinceExpr(children[0], self._span(meta))

    def part_of(self, meta: Meta, children: list[Any]) -> nodes.PartOfExpr:
        return nodes.PartOfExpr(str(children[0]), children[1], self._span(meta))

    def longest_streak(self, meta: Meta, children: list[Any]) -> nodes.LongestStreakExpr:
        return nodes.LongestStreakExpr(_singular(children[0]), children[1], self._span(meta))

    def days_between(self, meta: Meta, children: list[Any]) -> nodes.DaysBetweenExpr:
        return nodes.DaysBetweenExpr(str(children[0]), children[1], self._span(meta))

    def population(self, meta: Meta, children: list[Any]) -> nodes.PopulationExpr:
        kind, rows, among = children
        return nodes.PopulationExpr(str(kind), None, rows, among, self._span(meta))

    def percentile(self, meta: Meta, children: list[Any]) -> nodes.PopulationExpr:
        percent, rows, among = children
        return nodes.PopulationExpr("percentile", self._number(percent), rows, among, self._span(meta))

    # --- clauses

    def describe(self, meta: Meta, children: list[Token]) -> nodes.TextClause:
        return nodes.TextClause("describe", self._text(children[0]), self._span(meta))

    def owner(self, meta: Meta, children: list[Token]) -> nodes.TextClause:
        return nodes.TextClause("owner", self._text(children[0]), self._span(meta))

    def purpose(self, meta: Meta, children: list[Any]) -> nodes.NamesClause:
        return nodes.NamesClause("purpose", children[0], self._span(meta))

    def channel(self, meta: Meta, children: list[Any]) -> nodes.NamesClause:
        return nodes.NamesClause("channel", children[0], self._span(meta))

    def tags(self, meta: Meta, children: list[Any]) -> nodes.NamesClause:
        return nodes.NamesClause("tags", children[0], self._span(meta))

    def status(self, meta: Meta, children: list[nodes.Name]) -> nodes.NamesClause:
        return nodes.NamesClause("status", (children[0],), self._span(meta))

    def priority(self, meta: Meta, children: list[Token]) -> nodes.PriorityClause:
        self._whole(children[0], "a priority")
        return nodes.PriorityClause(self._number(children[0]), self._span(meta))

    def where(self, meta: Meta, children: list[Any]) -> nodes.WhereClause:
        return nodes.WhereClause(children[0], self._span(meta))

    def except_(self, meta: Meta, children: list[Any]) -> nodes.ExceptClause:
        return nodes.ExceptClause(children[0], self._span(meta))

    def eligible(self, meta: Meta, children: list[Any]) -> nodes.EligibleClause:
        return nodes.EligibleClause(children[0], self._span(meta))

    def granted(self, meta: Meta, children: list[Any]) -> nodes.GrantedText:
        return nodes.GrantedText(children[0], children[1], self._span(meta))

    def consent_all(self, meta: Meta, children: list[nodes.GrantedText]) -> tuple[nodes.GrantedText, ...]:
        return tuple(children)

    def consent_any(self, meta: Meta, children: list[Any]) -> tuple[tuple[nodes.GrantedText, ...], ...]:
        return tuple(children)

    def consent(self, meta: Meta, children: list[Any]) -> nodes.ConsentClauseText:
        return nodes.ConsentClauseText(children[1], self._span(meta))

    def cap(self, meta: Meta, children: list[Any]) -> nodes.CapClause:
        channels, test = children
        return nodes.CapClause(channels or (), test, self._span(meta))

    def size_bound(self, meta: Meta, children: list[Token]) -> nodes.SizeBound:
        extreme, amount = children
        read = self._percent(amount) if amount.type == "PERCENT" else self._number(amount)
        return nodes.SizeBound(str(extreme), read, self._span(meta))

    def size(self, meta: Meta, children: list[nodes.SizeBound]) -> nodes.SizeClause:
        return nodes.SizeClause(tuple(children), self._span(meta))

    def holdout(self, meta: Meta, children: list[Token]) -> nodes.HoldoutClause:
        return nodes.HoldoutClause(self._percent(children[0]), self._title(children[1]), self._span(meta))

    def justified(self, meta: Meta, children: list[Token]) -> nodes.JustifiedClause:
        reason, by, until = children
        return nodes.JustifiedClause(self._text(reason), self._text(by), self._day(until), self._span(meta))

    def review(self, meta: Meta, children: list[Token]) -> nodes.ReviewClause:
        return nodes.ReviewClause(self._day(children[0]), self._span(meta))

    # --- blocks

    def ruleset(self, meta: Meta, children: list[Any]) -> nodes.RulesetBlock:
        name, title, *clauses = children
        return nodes.RulesetBlock(name, self._title(title), tuple(clauses), self._span(meta))

    def define(self, meta: Meta, children: list[Any]) -> nodes.DefineBlock:
        name, title, description, body = children
        return nodes.DefineBlock(name, self._title(title), description, body, self._span(meta))

    def bands_by_count(self, meta: Meta, children: list[Any]) -> nodes.BandsText:
        count, equal, start, direction, ties = children
        return nodes.BandsText(
            str(direction), self._number(count), None, start, equal is not None, ties, self._span(meta)
        )

    def bands_at_cuts(self, meta: Meta, children: list[Any]) -> nodes.BandsText:
        *cuts, start, direction = children
        return nodes.BandsText(str(direction), None, tuple(cuts), start, False, None, self._span(meta))

    def rank(self, meta: Meta, children: list[Any]) -> nodes.RankText:
        name, by, bands = children
        return nodes.RankText(name, by, bands, self._span(meta))

    def score(self, meta: Meta, children: list[Any]) -> nodes.ScoreBlock:
        name, title, description, among, frozen, *ranks = children
        return nodes.ScoreBlock(name, self._title(title), description, among, tuple(ranks), frozen, self._span(meta))

    def frozen(self, meta: Meta, children: list[Any]) -> nodes.FrozenClause:
        return nodes.FrozenClause(self._span(meta))

    def segment(self, meta: Meta, children: list[Any]) -> nodes.SegmentBlock:
        name, title, *clauses = children
        present = tuple(clause for clause in clauses if clause is not None)
        return nodes.SegmentBlock(name, self._title(title), present, self._span(meta))

    def stage(self, meta: Meta, children: list[Any]) -> nodes.StageText:
        name, title, test = children
        return nodes.StageText(name, self._title(title), test, self._span(meta))

    def otherwise(self, meta: Meta, children: list[nodes.Name]) -> nodes.Name:
        return children[0]

    def partition(self, meta: Meta, children: list[Any]) -> nodes.PartitionBlock:
        name, title, *rest, otherwise = children
        stages = tuple(item for item in rest if isinstance(item, nodes.StageText))
        clauses = tuple(item for item in rest if not isinstance(item, nodes.StageText))
        return nodes.PartitionBlock(name, self._title(title), clauses, stages, otherwise, self._span(meta))

    def exclusive(self, meta: Meta, children: list[Any]) -> nodes.DeclarationText:
        return nodes.DeclarationText("exclusive", children[0], self._span(meta))

    def covers_everyone(self, meta: Meta, children: list[Any]) -> nodes.DeclarationText:
        return nodes.DeclarationText("covers everyone", children[0], self._span(meta))

    def subset(self, meta: Meta, children: list[Any]) -> nodes.DeclarationText:
        return nodes.DeclarationText("subset", tuple(children), self._span(meta))

    def group(self, meta: Meta, children: list[Any]) -> nodes.GroupBlock:
        name, title, *declarations = children
        return nodes.GroupBlock(name, self._title(title), tuple(declarations), self._span(meta))

    def scope_all(self, meta: Meta, children: list[Any]) -> nodes.Scope:
        return nodes.Scope("all", (), children[0] or (), self._span(meta))

    def scope_with(self, meta: Meta, children: list[Any]) -> nodes.Scope:
        return nodes.Scope(str(children[0]), children[1], (), self._span(meta))

    def scope_named(self, meta: Meta, children: list[Any]) -> nodes.Scope:
        return nodes.Scope("named", (), children[0], self._span(meta))

    def require(self, meta: Meta, children: list[Any]) -> nodes.RequireText:
        return nodes.RequireText(children[0], self._span(meta))

    def require_consent(self, meta: Meta, children: list[Any]) -> nodes.RequireText:
        span = self._span(meta)
        return nodes.RequireText(nodes.ConsentClauseText(children[1], span), span)

    def forbid(self, meta: Meta, children: list[Any]) -> nodes.ForbidText:
        return nodes.ForbidText(children[0], children[1] or (), self._span(meta))

    def policy(self, meta: Meta, children: list[Any]) -> nodes.PolicyBlock:
        name, title, scope, *rules = children
        return nodes.PolicyBlock(name, self._title(title), scope, tuple(rules), self._span(meta))

    def as_of(self, meta: Meta, children: list[Any]) -> nodes.Moment:
        found: nodes.Moment = children[0]
        return found

    def assignment(self, meta: Meta, children: list[Any]) -> nodes.AssignmentText:
        target, op, value = children
        self._only_equals(op)
        return nodes.AssignmentText(target, value, self._span(meta))

    def _only_equals(self, op: Token) -> None:
        if op != "=":
            message = f"`{op}` found where `=` sets a value"
            self.findings.append(finding(codes.SYNTAX, message, self._at(op), help="a test gives values with `=`"))

    def given_time(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    given_ago = given_time

    def given_customer(self, meta: Meta, children: list[Any]) -> nodes.GivenCustomerText:
        key, *assignments = children
        return nodes.GivenCustomerText(key, tuple(assignments), self._span(meta))

    def given_event(self, meta: Meta, children: list[Any]) -> nodes.GivenEventText:
        event, by, at, *assignments = children
        return nodes.GivenEventText(event, by, at, tuple(assignments), self._span(meta))

    def given_consent(self, meta: Meta, children: list[Any]) -> nodes.GivenConsentText:
        _, channel, op, status, by, at, *assignments = children
        self._only_equals(op)
        text = self._text(status)
        return nodes.GivenConsentText(channel, text, by, at, tuple(assignments), self._span(meta))

    def given_row(self, meta: Meta, children: list[Any]) -> nodes.GivenRowText:
        relation, key, *assignments = children
        return nodes.GivenRowText(relation, key, tuple(assignments), self._span(meta))

    def given_list(self, meta: Meta, children: list[Any]) -> nodes.GivenListText:
        path, op, items = children
        self._only_equals(op)
        return nodes.GivenListText(self._text(path), items, self._span(meta))

    def given_fixture(self, meta: Meta, children: list[Any]) -> nodes.GivenFixtureText:
        return nodes.GivenFixtureText(children[0], self._span(meta))

    def fixture(self, meta: Meta, children: list[Any]) -> nodes.FixtureBlock:
        name, title, *given = children
        return nodes.FixtureBlock(name, self._title(title), tuple(given), self._span(meta))

    def expect_in(self, meta: Meta, children: list[Any]) -> nodes.ExpectText:
        return nodes.ExpectText("in", children[0], None, self._span(meta))

    def expect_not_in(self, meta: Meta, children: list[Any]) -> nodes.ExpectText:
        return nodes.ExpectText("not in", children[0], None, self._span(meta))

    def expect_unknown_in(self, meta: Meta, children: list[Any]) -> nodes.ExpectText:
        return nodes.ExpectText("unknown in", children[0], None, self._span(meta))

    def expect_value(self, meta: Meta, children: list[Any]) -> nodes.ExpectText:
        self._only_equals(children[1])
        return nodes.ExpectText("value", children[0], children[2], self._span(meta))

    def keys(self, meta: Meta, children: list[nodes.Text | nodes.Number]) -> tuple[nodes.Text | nodes.Number, ...]:
        return tuple(children)

    def expect(self, meta: Meta, children: list[Any]) -> list[nodes.ExpectText]:
        keys, *expected = children
        return [replace(item, keys=keys or ()) for item in expected]

    def test(self, meta: Meta, children: list[Any]) -> nodes.TestBlock:
        title, *rest = children
        as_of: nodes.Moment | None = None
        given: list[nodes.GivenText] = []
        expectations: list[nodes.ExpectText] = []
        for item in rest:
            match item:
                case nodes.Day() | nodes.Instant():
                    as_of = item
                case list():
                    expectations.extend(item)
                case _:
                    given.append(item)
        return nodes.TestBlock(self._text(title), as_of, tuple(given), tuple(expectations), self._span(meta))

    def file(self, meta: Meta, children: list[Any]) -> tuple[nodes.Block, ...]:
        return tuple(children)


def unquote(token: str) -> str:
    r"""The text of a string token: `\"` and `\\` stand for the second character, any other backslash for itself."""
    return _ESCAPED.sub(r"\1", token[1:-1])


def _singular(unit: str) -> str:
    return str(unit).removesuffix("s")
