"""Expressions of the syntax into typed values and conditions.

Conditions and values share one rule in the grammar; here it is decided which is which. After a mistake a node of the
unknown type stands in, which fits everything, so that one mistake makes one finding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from typing import assert_never

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.build import arithmetic, conjunction, disjunction, negation
from segrules.ir.catalogue import Column, Event
from segrules.ir.windows import Ever
from segrules.semantics import sampling
from segrules.semantics.chains import ChainBinder
from segrules.semantics.events import RowScope, row_scope, time_type
from segrules.semantics.literals import fitted, literal, unlisted
from segrules.semantics.patterns import bad_pattern
from segrules.semantics.population import PopulationBinder
from segrules.semantics.regularity import RegularityBinder
from segrules.semantics.relations import Relations
from segrules.semantics.steps import step_property
from segrules.semantics.symbols import Symbols
from segrules.semantics.typing import Typing, is_number
from segrules.semantics.windows import WindowBinder, has_time
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    Type,
    UnknownType,
    describe,
)
from segrules.types.zones import zone

ListReader = Callable[[str], "frozenset[str] | Finding"]
"""Reads a list file by its path in the project."""

CONSENT_STATES = TextType(("granted", "withdrawn", "pending", "expired"))
WEEKDAYS = TextType(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), ordered=True)
DAYS = IntegerType("days")

_KINDS = {
    "total": ir.AggregateKind.TOTAL,
    "average": ir.AggregateKind.AVERAGE,
    "median": ir.AggregateKind.MEDIAN,
    "smallest": ir.AggregateKind.SMALLEST,
    "largest": ir.AggregateKind.LARGEST,
    "distinct": ir.AggregateKind.DISTINCT,
    "most frequent": ir.AggregateKind.MOST_FREQUENT,
    "first": ir.AggregateKind.FIRST,
    "last": ir.AggregateKind.LAST,
}
_LIST_OPS = {"any": ir.ListOp.ANY, "all": ir.ListOp.ALL, "none": ir.ListOp.NONE}


@dataclass
class Bound:
    """Definitions that are bound already: the type of a value, None for a condition; and ranks of scores."""

    definitions: dict[str, Type | None] = field(default_factory=dict)
    ranks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    stages: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Binder:
    """Binds expressions over one set of names; `findings` gathers mistakes.

    `row` is set where bare names are columns of a row: in an event's `where`, and in the catalogue (`in_catalogue`),
    where alone two columns may be multiplied and `years since` may stand. `among` names the customers of a relation
    of whom one is in hand.
    """

    def __init__(
        self,
        symbols: Symbols,
        bound: Bound,
        lists: ListReader,
        findings: list[Finding],
        *,
        row: RowScope | None = None,
        in_catalogue: bool = False,
        among: str | None = None,
    ) -> None:
        self._symbols = symbols
        self._catalogue = symbols.catalogue
        self._bound = bound
        self._lists = lists
        self._findings = findings
        self._row = row
        self._in_catalogue = in_catalogue
        self._among = among
        self._relations = Relations(symbols, findings)
        self._zone = zone(symbols.catalogue.zone)
        self._windows = WindowBinder(self._zone, findings)
        self._typing = Typing(findings)
        self._regularity = RegularityBinder(self._windows, findings)

    def _in_row(self, row: RowScope) -> "Binder":
        return Binder(self._symbols, self._bound, self._lists, self._findings, row=row)

    def _of_customer(self) -> "Binder":
        return Binder(self._symbols, self._bound, self._lists, self._findings)

    def _of_each(self, members: str) -> "Binder":
        return Binder(self._symbols, self._bound, self._lists, self._findings, among=members)

    def _report(self, code: Code, message: str, span: Span, help_: str | None = None) -> None:
        self._findings.append(finding(code, message, span, help=help_))

    # --- the two entries

    def condition(self, node: nodes.Expr) -> ir.Condition:
        """The expression as a condition; a value is one only where it is true or false."""
        bound = self.expression(node)
        if isinstance(bound, ir.Condition):
            return bound
        match bound.type:
            case BooleanType() if isinstance(bound, ir.Literal):
                return ir.Fixed(bool(bound.value), bound.span)
            case BooleanType():
                return ir.IsTrue(bound, bound.span)
            case UnknownType():
                return ir.Fixed(False, bound.span)
            case of:
                self._report(
                    codes.NOT_A_CONDITION,
                    f"{_a(of)} found where a condition was expected",
                    node.span,
                    _condition_help(bound, of),
                )
                return ir.Fixed(False, bound.span)

    def value(self, node: nodes.Expr) -> ir.Value:
        """The expression as a value; a condition is none."""
        bound = self.expression(node)
        if isinstance(bound, ir.Value):
            return bound
        self._report(
            codes.NOT_A_VALUE,
            "a condition found where a value was expected",
            node.span,
            "a condition is joined by `and`, `or` and `not`; it is not compared or counted",
        )
        return _broken(node.span)

    def expression(self, node: nodes.Expr) -> ir.Expression:
        """The expression as whatever it is."""
        span = node.span
        match node:
            case nodes.Parens(inner):
                return self.expression(inner)
            case nodes.OrExpr(items):
                return disjunction([self.condition(item) for item in items], span)
            case nodes.AndExpr(items):
                return conjunction([self.condition(item) for item in items], span)
            case nodes.NotExpr(item):
                return negation(self.condition(item), span)
            case nodes.Number() | nodes.Text() | nodes.Day() | nodes.Instant() | nodes.Truth():
                return literal(node, self._zone)
            case nodes.Percent():
                help_ = "write a share of something, such as `20% of spend`, or a plain number"
                self._report(codes.TYPE_MISMATCH, "a percentage found where a value was expected", span, help_)
                return _broken(span)
            case nodes.Ref():
                return self._ref(node)
            case nodes.ConsentRef(channel):
                return self._consent_state(channel, span)
            case nodes.CompareExpr():
                return self._compare(node)
            case nodes.BetweenExpr():
                return self._between(node)
            case nodes.OneOfExpr():
                return self._one_of(node)
            case nodes.InListFileExpr():
                return self._in_list_file(node)
            case nodes.TextTestExpr():
                return self._text_test(node)
            case nodes.ListTestExpr():
                return self._list_test(node)
            case nodes.AnniversaryExpr():
                return self._anniversary(node)
            case nodes.KnownExpr(inner, known):
                test = ir.IsKnown(self.value(inner), span)
                return test if known else negation(test, span)
            case nodes.InWindowExpr():
                return self._in_window(node)
            case nodes.RowTestExpr():
                return self._row_test(node)
            case nodes.InSegmentExpr(target):
                return self.membership(target, span)
            case nodes.InSampleExpr() if self._in_catalogue:
                self._findings.append(sampling.in_catalogue(span))
                return ir.Fixed(False, span)
            case nodes.InSampleExpr():
                return sampling.sample(node, self._catalogue.customers.key, self._findings)
            case nodes.KnownForExpr():
                return self._known_for(node)
            case nodes.DidExpr():
                return self._did(node)
            case nodes.TopExpr() | nodes.PopulationExpr():
                return self._crowd(node)
            case nodes.RelatedExpr(target=target):
                return self._relations.quantified(node, self._of_each(target.text).condition)
            case nodes.NumberOfRelatedExpr(target):
                return self._relations.number(node, self._of_each(target.text).condition)
            case nodes.BinaryExpr():
                return self._binary(node)
            case nodes.NegativeExpr(item):
                return self._scaled(Fraction(-1), item, span)
            case nodes.PercentOfExpr(percent, of):
                return self._scaled(Fraction(percent.value) / 100, of, span)
            case nodes.NumberOfExpr(rows):
                events = self._events(rows)
                if events is None:
                    return _broken(span)
                return ir.Aggregate(ir.AggregateKind.NUMBER, events, None, IntegerType(), span)
            case nodes.AggregateExpr():
                return self._aggregate(node)
            case nodes.DistinctUnitsExpr(rows=rows) | nodes.LongestStreakExpr(rows=rows):
                return self._regularity.units(node, self._events(rows))
            case nodes.DaysSinceExpr(of):
                return ir.DaysSince(self._time(of, "days since"), DAYS, span)
            case nodes.YearsSinceExpr(of):
                return self._years_since(of, span)
            case nodes.PartOfExpr(part, of):
                kind = IntegerType() if part == "month" else WEEKDAYS
                return ir.PartOf(ir.DatePart(part), self._time(of, f"{part} of"), kind, span)
            case nodes.DaysBetweenExpr(rows=rows):
                return self._regularity.days_between(node, self._events(rows))
            case _:
                assert_never(node)

    # --- names

    def _ref(self, node: nodes.Ref) -> ir.Expression:
        first, *rest = node.parts
        if self._row is not None:
            found = self._row_ref(node, self._row)
            if found is not None:
                return found
        if first.text == "customer" and rest and self._among is not None:
            self._relations.outer(node, self._among)
            return _broken(node.span)
        if first.text == "customer" and rest:
            return self._of_customer()._ref(nodes.Ref(tuple(rest), node.span))
        kind = self._symbols.kind(first.text)
        if first.text in self._symbols.broken:
            return _broken(node.span)
        match kind, len(rest):
            case "attribute", 0:
                return self._attribute(first.text, node.span)
            case "define", 0:
                of = self._bound.definitions.get(first.text)
                if of is None:
                    return ir.Defined(first.text, node.span)
                return ir.DefinedValue(first.text, of, node.span)
            case "score", 1:
                return self._band(first, rest[0], node.span)
            case "relation", 1:
                return self._relations.column(first, rest[0], node.span)
            case None, _:
                self._unknown(node)
            case _:
                self._wrong_kind(node, str(kind))
        return _broken(node.span)

    def _row_ref(self, node: nodes.Ref, row: RowScope) -> ir.Expression | None:
        first, *rest = node.parts
        if first.text == "customer" and not self._in_catalogue:
            return None
        if not rest and first.text in row.properties:
            column = row.properties[first.text]
            self._deprecated(column, node.span)
            return ir.Property(first.text, column.type, node.span)
        if rest and first.text in row.steps:
            value, of, mistakes = step_property(node, row.steps)
            self._findings += mistakes
            if of is not None:
                self._deprecated(of, node.span)
            return value
        if first.text in row.unshared:
            self._report(
                codes.UNSHARED_PROPERTY,
                f"`{first.text}` is not a property of all of {row.shown}: {row.unshared[first.text]}",
                node.span,
                "test only properties that all of the events have, or write one condition for each event",
            )
            return _broken(node.span)
        known = [*row.properties, *row.steps]
        what = "a column of this table" if self._in_catalogue else f"a property of {row.shown}"
        found = self._symbols.unknown(node.text, node.span, what, known)
        if found is not None:
            if rest and first.text in row.events:
                help_ = f"the row's own properties stand alone: write `{nodes.Ref(tuple(rest)).text}`"
                found = finding(found.code, found.message, node.span, help=help_)
            elif not self._in_catalogue and self._symbols.kind(first.text) in ("attribute", "define", "relation"):
                help_ = f"inside an event's `where` the customer is `customer.{node.text}`"
                found = finding(found.code, found.message, node.span, help=help_)
            self._findings.append(found)
        return _broken(node.span)

    def _attribute(self, name: str, span: Span) -> ir.Value:
        column = self._catalogue.customers.attributes[name]
        self._deprecated(column, span)
        return ir.Attribute(name, column.type, span)

    def _deprecated(self, column: Column, span: Span) -> None:
        if column.deprecated is not None:
            message = f"`{column.name}` is deprecated"
            self._report(codes.DEPRECATED_COLUMN, message, span, column.deprecated)

    def _band(self, score: nodes.Name, rank: nodes.Name, span: Span) -> ir.Value:
        ranks = self._bound.ranks.get(score.text, ())
        if rank.text not in ranks:
            found = self._symbols.unknown(rank.text, rank.span, f"a rank of the score `{score.text}`", ranks)
            if found is not None:
                self._findings.append(found)
            return _broken(span)
        return ir.Band(score.text, rank.text, IntegerType(), span)

    def _consent_state(self, channel: nodes.Name, span: Span) -> ir.Value:
        self.channel(channel)
        return ir.ConsentState(channel.text, CONSENT_STATES, span)

    def channel(self, name: nodes.Name) -> None:
        """Report a channel for which the catalogue knows no consent."""
        channels = self._catalogue.consents.channels
        if name.text not in channels:
            found = self._symbols.unknown(name.text, name.span, "a channel with consent in the catalogue", channels)
            if found is not None:
                self._findings.append(found)

    def _unknown(self, node: nodes.Ref) -> None:
        known = self._symbols.of_kind("attribute", "define", "score", "event", "segment", "partition")
        name = node.parts[0].text
        found = self._symbols.unknown(name, node.span, "an attribute or a define", known)
        if found is not None:
            quoted = f'put text into double quotes: `"{name}"`; attributes are listed in the catalogue'
            help_ = found.help if found.help and found.help.startswith("did you mean") else quoted
            self._findings.append(finding(found.code, found.message, node.span, help=help_))

    def _wrong_kind(self, node: nodes.Ref, kind: str) -> None:
        first = node.parts[0].text
        rank = next(iter(self._bound.ranks.get(first, ())), "RANK")
        helps = {
            "attribute": f"an attribute has no parts: write `{first}`",
            "define": f"a define has no parts: write `{first}`",
            "event": f"write `did {first}`, or a value such as `number of {first}`, `last {first}`",
            "segment": f"write `in segment {first}`",
            "partition": f"write `in segment {first}.STAGE`",
            "score": f"write one of its ranks, such as `{first}.{rank}`",
            "relation": self._relations.how_to_write(node) if kind == "relation" else "",
        }
        message = f"`{node.text}` is {_article(kind)}, where a value or a condition was expected"
        if len(node.parts) > 1 and kind == "event":
            helps["event"] = f"write how its rows make one value, such as `total of {node.text}`, `last {node.text}`"
        self._report(codes.WRONG_KIND, message, node.span, helps.get(kind, "name an attribute or a define"))

    def membership(self, target: nodes.Ref, span: Span) -> ir.Condition:
        """`x` as a segment, or `p.stage` as a stage of a partition."""
        first, *rest = target.parts
        kind = self._symbols.kind(first.text)
        if first.text in self._symbols.broken:
            return ir.Fixed(False, span)
        match kind, len(rest):
            case "segment", 0:
                return ir.InSegment(first.text, span)
            case "partition", 1:
                stages = self._bound.stages.get(first.text, ())
                if rest[0].text not in stages:
                    what = f"a stage of the partition `{first.text}`"
                    found = self._symbols.unknown(rest[0].text, rest[0].span, what, stages)
                    self._findings += [found] if found else []
                return ir.InStage(first.text, rest[0].text, span)
            case "partition", _:
                help_ = (
                    f"name one of its stages, such as `{first.text}.{next(iter(self._bound.stages[first.text]), '')}`"
                )
                self._report(codes.WRONG_KIND, f"`{target.text}` is a partition, not a segment", target.span, help_)
            case None, _:
                known = self._symbols.of_kind("segment", "partition")
                found = self._symbols.unknown(target.text, target.span, "a segment", known)
                self._findings += [found] if found else []
            case _:
                message = f"`{target.text}` is {_article(str(kind))}, not a segment"
                alone = kind in ("attribute", "define")
                help_ = "use its name alone, without `in segment`" if alone else "name a segment"
                self._report(codes.WRONG_KIND, message, target.span, help_)
        return ir.Fixed(False, span)

    # --- comparisons

    def _compare(self, node: nodes.CompareExpr) -> ir.Condition:
        left, right = self._beside(node.left, node.right)
        op = ir.CompareOp(node.op)
        self._typing.comparison(op, left, right, node.span)
        if node.ignoring_case:
            self._typing.text(left, "`ignoring case`")
        else:
            self._check_listed(left, right)
            self._check_listed(right, left)
        return ir.Compare(op, left, right, node.ignoring_case, node.span)

    def _beside(self, left: nodes.Expr, right: nodes.Expr) -> tuple[ir.Value, ir.Value]:
        one, other = self.value(left), self.value(right)
        return self._fit(one, other.type), self._fit(other, one.type)

    @staticmethod
    def _fit(value: ir.Value, beside: Type) -> ir.Value:
        return fitted(value, beside) if isinstance(value, ir.Literal) else value

    def _check_listed(self, constant: ir.Value, beside: ir.Value) -> None:
        if isinstance(constant, ir.Literal):
            found = unlisted(constant, beside.type, _shown(beside))
            self._findings += [found] if found else []

    def _between(self, node: nodes.BetweenExpr) -> ir.Condition:
        value = self.value(node.value)
        low, high = (self._fit(self.value(end), value.type) for end in (node.low, node.high))
        for end in (low, high):
            self._typing.comparison(ir.CompareOp.LE, value, end, node.span)
            self._check_listed(end, value)
        if isinstance(low, ir.Literal) and isinstance(high, ir.Literal) and _is_empty(low, high):
            help_ = "write the smaller or earlier end first"
            self._report(codes.EMPTY_RANGE, "no value lies between these ends", node.span, help_)
        return ir.Between(value, low, high, node.span)

    def _one_of(self, node: nodes.OneOfExpr) -> ir.Condition:
        value = self.value(node.value)
        choices = []
        for item in node.items.items:
            choice = self.value(item)
            if not isinstance(choice, ir.Literal):
                if not isinstance(choice.type, UnknownType):
                    help_ = "a list holds texts in quotes, numbers and dates; compare names with `=` and `or`"
                    self._report(codes.TYPE_MISMATCH, "a name found in a list of constants", item.span, help_)
                continue
            fit = fitted(choice, value.type)
            self._typing.comparison(ir.CompareOp.EQ, value, fit, item.span)
            if not node.ignoring_case:
                self._check_listed(fit, value)
            choices.append(fit)
        if not node.items.items:
            self._report(codes.EMPTY_RANGE, "an empty list holds no value", node.items.span, "write at least one value")
        if node.ignoring_case:
            self._typing.text(value, "`ignoring case`")
        return ir.OneOf(value, tuple(choices), node.negated, node.ignoring_case, node.span)

    def _in_list_file(self, node: nodes.InListFileExpr) -> ir.Condition:
        value = self.value(node.value)
        if not isinstance(value.type, TextType | IntegerType | UnknownType):
            message = f"{_a(value.type)} found where `in list` tests a text or a whole number"
            self._report(codes.TYPE_MISMATCH, message, value.span, "name a column of text or of whole numbers")
        entries = self._lists(node.path.value)
        if isinstance(entries, Finding):
            self._findings.append(
                finding(entries.code, entries.message, entries.span or node.path.span, help=entries.help)
            )
            entries = frozenset()
        return ir.InListFile(value, node.path.value, entries, node.negated, node.ignoring_case, node.span)

    def _text_test(self, node: nodes.TextTestExpr) -> ir.Condition:
        value = self.value(node.value)
        op = ir.TextOp(node.op)
        self._typing.text(value, f"`{node.op}`")
        if op is ir.TextOp.MATCHES:
            found = bad_pattern(node.pattern.value, node.pattern.span)
            self._findings += [found] if found else []
        return ir.TextTest(op, value, node.pattern.value, node.ignoring_case, node.span)

    def _list_test(self, node: nodes.ListTestExpr) -> ir.Condition:
        value = self.value(node.value)
        if not isinstance(value.type, ListType | UnknownType):
            help_ = "for a single value write `in [..]`"
            message = f"{_a(value.type)} found where `has {node.quantifier} of` tests a list"
            self._report(codes.TYPE_MISMATCH, message, value.span, help_)
        choices = []
        for item in node.items.items:
            if isinstance(item, nodes.Text):
                constant = literal(item, self._zone)
                found = None if node.ignoring_case else unlisted(constant, value.type, _shown(value))
                self._findings += [found] if found else []
                choices.append(item.value)
            else:
                message = "something else found in a list of texts"
                self._report(codes.TYPE_MISMATCH, message, item.span, "write texts in double quotes")
        if not node.items.items:
            self._report(codes.EMPTY_RANGE, "an empty list holds no value", node.items.span, "write at least one value")
        return ir.ListTest(_LIST_OPS[node.quantifier], value, tuple(choices), node.ignoring_case, node.span)

    # --- time

    def _time(self, node: nodes.Expr, what: str) -> ir.Value:
        value = self.value(node)
        if not has_time(value.type) and not isinstance(value.type, UnknownType):
            message = f"{_a(value.type)} found where `{what}` expects a date or a timestamp"
            self._report(codes.TYPE_MISMATCH, message, node.span, "name a date, or write `first E` or `last E`")
            return _broken(node.span)
        return value

    def _in_window(self, node: nodes.InWindowExpr) -> ir.Condition:
        value = self._time(node.value, "is")
        test = ir.InWindow(value, self._windows.window(node.window, value.type), node.span)
        return negation(test, node.span) if node.negated else test

    def _anniversary(self, node: nodes.AnniversaryExpr) -> ir.Condition:
        value = self._time(node.value, "has anniversary")
        return ir.Anniversary(value, self._windows.window(node.window, DateType()), node.span)

    def _known_for(self, node: nodes.KnownForExpr) -> ir.Condition:
        since = self._catalogue.customers.since
        if since is None:
            message = "the catalogue does not say since when a customer is known"
            self._report(codes.UNKNOWN_NAME, message, node.span, "add `since: COLUMN` to its `customers`")
            return ir.Fixed(False, node.span)
        of = self._catalogue.customers.attributes[since].type
        period = self._windows.period(node.length)
        if node.length.unit in ("minute", "hour"):
            message = f"`known for` does not count {node.length.unit}s"
            self._report(codes.BAD_WINDOW, message, node.length.span, "count in days, weeks, months or years")
        return ir.KnownFor(ir.Attribute(since, of, node.span), period, node.span)

    def _years_since(self, of: nodes.Expr, span: Span) -> ir.Value:
        if not self._in_catalogue:
            help_ = "let a derived column of the catalogue hold it, such as `age: {derive: years since birth_date}`"
            self._report(codes.TYPE_MISMATCH, "`years since` found outside the catalogue", span, help_)
        return ir.YearsSince(self._time(of, "years since"), IntegerType("years"), span)

    # --- arithmetic

    def _binary(self, node: nodes.BinaryExpr) -> ir.Value:
        left, right = self._beside(node.left, node.right)
        op = ir.ArithmeticOp(node.op)
        result = self._typing.arithmetic(op, left, right, node.span, in_catalogue=self._in_catalogue)
        if isinstance(result, UnknownType):
            return _broken(node.span)
        return arithmetic(op, left, right, result, node.span)

    def _scaled(self, factor: Fraction, node: nodes.Expr, span: Span) -> ir.Value:
        """A constant times a value: `-x`, `20% of x`."""
        value = self.value(node)
        whole = factor.denominator == 1
        constant = ir.Literal(int(factor) if whole else factor, IntegerType() if whole else DecimalType(), span)
        fit = self._fit(constant, value.type)
        result = self._typing.arithmetic(ir.ArithmeticOp.MULTIPLY, fit, value, span, in_catalogue=False)
        if isinstance(result, UnknownType):
            return _broken(span)
        return arithmetic(ir.ArithmeticOp.MULTIPLY, fit, value, result, span)

    # --- events

    def _known_events(self, names: Sequence[nodes.Name]) -> list[Event] | None:
        events = []
        for name in names:
            event = self._catalogue.events.get(name.text)
            if event is not None:
                events.append(event)
                continue
            kind = self._symbols.kind(name.text)
            if kind is not None:
                message = f"`{name.text}` is {_article(kind)}, not an event"
                self._report(codes.WRONG_KIND, message, name.span, "events are declared in the catalogue")
            else:
                found = self._symbols.unknown(name.text, name.span, "an event", self._catalogue.events)
                self._findings += [found] if found else []
        return events if len(events) == len(names) else None

    def _events(self, rows: nodes.Rows) -> ir.Events | None:
        assert isinstance(rows.events, nodes.EventNames)
        if self._in_catalogue:
            self._no_events(rows.span)
            return None
        if rows.events.quantifier not in (None, "any"):
            message = f"`{rows.events.quantifier} of` found where rows of events are counted"
            self._report(codes.BAD_COUNT, message, rows.events.span, "write `any of` for rows of several events")
            return None
        return self._selected(rows.events.names, rows.where, rows.window, rows.span)

    def _no_events(self, span: Span) -> None:
        help_ = "an expression of the catalogue reads the columns of its own table"
        self._report(codes.WRONG_KIND, "an event found in an expression of the catalogue", span, help_)

    def _selected(
        self,
        names: Sequence[nodes.Name],
        where: nodes.Expr | None,
        window: nodes.WindowText | None,
        span: Span,
    ) -> ir.Events | None:
        events = self._known_events(names)
        if events is None:
            return None
        condition = None if where is None else self._in_row(row_scope(events)).condition(where)
        bound = self._windows.event_window(window, time_type(self._catalogue, events))
        return ir.Events(tuple(event.name for event in events), condition, bound, span)

    def _aggregate(self, node: nodes.AggregateExpr) -> ir.Value:
        assert isinstance(node.rows.events, nodes.Ref)
        kind = _KINDS[node.kind]
        first, *rest = node.rows.events.parts
        if self._in_catalogue:
            self._no_events(node.span)
            return _broken(node.span)
        if self._symbols.kind(first.text) == "relation":
            self._relations.no_aggregate(node, first)
            return _broken(node.span)
        events = self._selected((first,), node.rows.where, node.rows.window, node.rows.span)
        if events is None:
            return _broken(node.span)
        if not rest:
            return self._edge_time(node, kind, events)
        column = self._property(first, rest)
        if column is None:
            return _broken(node.span)
        of = ir.Property(column.name, column.type, node.rows.events.span)
        result = self._typing.aggregate(kind, of, node.span)
        return (
            _broken(node.span) if isinstance(result, UnknownType) else ir.Aggregate(kind, events, of, result, node.span)
        )

    def _edge_time(self, node: nodes.AggregateExpr, kind: ir.AggregateKind, events: ir.Events) -> ir.Value:
        name = events.names[0]
        if kind not in (ir.AggregateKind.FIRST, ir.AggregateKind.LAST):
            known = self._summable(name, kind)
            words = node.kind if node.kind in ("distinct", "most frequent") else f"{node.kind} of"
            help_ = f"name a property of its rows, such as `{words} {name}.{known}`; `number of {name}` counts them"
            self._report(codes.NOT_A_VALUE, f"`{name}` is an event, not a value of its rows", node.rows.span, help_)
            return _broken(node.span)
        return ir.EventTime(kind, events, time_type(self._catalogue, [self._catalogue.events[name]]), node.span)

    def _summable(self, event: str, kind: ir.AggregateKind) -> str:
        """A property that a help can name: a number where numbers are asked for."""
        properties = self._catalogue.events[event].properties.values()
        any_goes = kind in (ir.AggregateKind.DISTINCT, ir.AggregateKind.MOST_FREQUENT)
        fitting = (column.name for column in properties if any_goes or is_number(column.type))
        return next(fitting, "PROPERTY")

    def _property(self, event: nodes.Name, rest: Sequence[nodes.Name]) -> Column | None:
        properties = self._catalogue.events[event.text].properties
        column = properties.get(rest[0].text) if len(rest) == 1 else None
        if column is None:
            name = nodes.Ref(tuple(rest)).text
            found = self._symbols.unknown(name, rest[0].span, f"a property of `{event.text}`", properties)
            self._findings += [found] if found else []
        else:
            self._deprecated(column, rest[0].span)
        return column

    def _did(self, node: nodes.DidExpr) -> ir.Condition:
        if self._in_catalogue:
            self._no_events(node.span)
            return ir.Fixed(False, node.span)
        quantifier = node.events.quantifier
        if quantifier == "all":
            help_ = "write `did E and did F`"
            self._report(codes.BAD_COUNT, "`did all of` is not a condition", node.events.span, help_)
            return ir.Fixed(False, node.span)
        negated = node.negated != (quantifier == "none")
        if (node.negated or quantifier == "none") and node.count is not None:
            help_ = "write `did E fewer than 3 times` or `did E at most 3 times`"
            self._report(codes.BAD_COUNT, "a count found behind `did not` or `none of`", node.count.span, help_)
        if node.negated and quantifier == "none":
            help_ = "write `did any of` or `did none of`"
            self._report(codes.BAD_COUNT, "two negations found in one `did`", node.span, help_)
        events = self._selected(node.events.names, node.where, node.window, node.span)
        if events is None:
            self._known_events([link.event for link in node.chain])
            return ir.Fixed(False, node.span)
        events = replace(events, links=self._links(node, events))
        did: ir.Condition = ir.Did(events, *self._times(node.count), node.span)
        if node.count is not None and node.count.regularity is not None:
            assert isinstance(did, ir.Did)
            did = self._regularity.times_per_unit(node, node.count.regularity, did)
        return negation(did, node.span) if negated else did

    def _times(self, count: nodes.Count | None) -> tuple[ir.CompareOp, int]:
        if count is None:
            return ir.CompareOp.GE, 1
        op = ir.CompareOp(count.op)
        if count.times == 0 and op in (ir.CompareOp.GE, ir.CompareOp.LT):
            who = "everybody" if op is ir.CompareOp.GE else "nobody"
            help_ = "count from 1; `did not E` says that there is no such event"
            self._report(codes.BAD_COUNT, f"this count holds for {who}", count.span, help_)
        return op, count.times

    def _links(self, node: nodes.DidExpr, first: ir.Events) -> tuple[ir.Link, ...]:
        where_of = lambda scope, where: self._in_row(scope).condition(where)  # noqa: E731
        chains = ChainBinder(self._symbols, self._windows, self._findings, self._known_events, where_of)
        events = [self._catalogue.events[name] for name in first.names]
        return chains.links(node, events, first.window) if node.chain else ()

    def _row_test(self, node: nodes.RowTestExpr) -> ir.Condition:
        inner = node.value
        while isinstance(inner, nodes.Parens):
            inner = inner.inner
        if not (
            isinstance(inner, nodes.AggregateExpr)
            and inner.kind in ("first", "last")
            and isinstance(inner.rows.events, nodes.Ref)
            and len(inner.rows.events.parts) == 1
        ):
            help_ = "write `last purchase was (amount > 50 GBP)`"
            self._report(
                codes.TYPE_MISMATCH, "`was (…)` tests the first or last row of an event", node.value.span, help_
            )
            return ir.Fixed(False, node.span)
        name = inner.rows.events.parts[0]
        events = self._selected((name,), inner.rows.where, inner.rows.window, inner.rows.span)
        if events is None:
            return ir.Fixed(False, node.span)
        scope = row_scope([self._catalogue.events[name.text]])
        test = ir.EdgeRow(_KINDS[inner.kind], events, self._in_row(scope).condition(node.test), node.span)
        return negation(test, node.span) if node.negated else test

    # --- everybody

    def _crowd(self, node: nodes.TopExpr | nodes.PopulationExpr) -> ir.Expression:
        if self._in_catalogue:
            help_ = "an expression of the catalogue reads the columns of its own table"
            self._report(codes.WRONG_KIND, "a population found in an expression of the catalogue", node.span, help_)
            return _broken(node.span)
        binder = PopulationBinder(self._of_customer(), self._findings)
        if isinstance(node, nodes.TopExpr):
            return binder.top(node)
        assert isinstance(node.rows.events, nodes.Ref)
        return binder.figure(node, of_rows=self._symbols.kind(node.rows.events.parts[0].text) == "event")

    # --- constructs that no engine evaluates yet


def _is_empty(low: ir.Literal, high: ir.Literal) -> bool:
    """Whether nothing lies between two numbers, amounts or times."""
    if isinstance(low.value, int | Fraction) and isinstance(high.value, int | Fraction):
        return is_number(low.type, high.type) and low.value > high.value
    if isinstance(low.value, datetime) or isinstance(high.value, datetime):
        return isinstance(low.value, datetime) and isinstance(high.value, datetime) and low.value > high.value
    return isinstance(low.value, date) and isinstance(high.value, date) and low.value > high.value


def _broken(span: Span) -> ir.Value:
    """What stands for something that could not be bound; its finding has been given."""
    return ir.Literal(0, UnknownType(), span)


def _shown(value: ir.Value) -> str:
    match value:
        case ir.Attribute(name=name) | ir.Property(name=name) | ir.DefinedValue(name=name):
            return f"`{name}`"
        case ir.ConsentState(channel=channel):
            return f"`consent.{channel}`"
        case ir.RelatedColumn(relation, column):
            return f"`{relation}.{column}`"
        case _:
            return "what it is compared with"


def _a(of: Type) -> str:
    words = describe(of)
    return words if words.startswith(("true", "text", "money", "unknown")) else f"a {words}"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _condition_help(value: ir.Value, of: Type) -> str:
    if isinstance(value, ir.EventTime):
        event = value.events.names[0]
        which = value.which.value
        window = "more than 30 days ago"
        if not isinstance(value.events.window, Ever):
            return (
                f"write `{which} {event} was {window}` to test its time, or `did {event} {window}` for any such row;"
                " without `was` the window chooses rows"
            )
        return f"write `{which} {event} was {window}`, or `did {event}`"
    if isinstance(of, MoneyType):
        return f"compare it with an amount, such as `>= 500 {of.currency}`"
    if isinstance(of, IntegerType | DecimalType | FloatType):
        return "compare it with something, such as `>= 3`"
    if has_time(of):
        return "test it against a window, such as `is in the last 30 days`"
    return 'compare it with something, such as `= "DE"`'
