"""Chains of the syntax into typed links: `then B within 7 days`, `without B with same product_id`.

Types are checked step by step; a step's `where` may name the steps before it.
"""

from collections.abc import Callable, Sequence

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Event
from segrules.ir.windows import SUB_DAY, BetweenAgo, Ever, InLast, Period, Window
from segrules.semantics.events import RowScope, row_scope, time_type
from segrules.semantics.steps import Step, Steps, with_step
from segrules.semantics.symbols import Symbols
from segrules.semantics.typing import Typing
from segrules.semantics.windows import WindowBinder, surely_nearer
from segrules.syntax import nodes
from segrules.text.span import Span
from segrules.types.types import DateType

MOST_LINKS = 20
"""So many `then` and `without` one chain may have: whatever walks a chain goes a level deeper at each `then`."""


class ChainBinder:
    """Binds the links of one chain; `events_of` and `where_of` bind names of events and tests on a row."""

    def __init__(
        self,
        symbols: Symbols,
        windows: WindowBinder,
        findings: list[Finding],
        events_of: Callable[[Sequence[nodes.Name]], list[Event] | None],
        where_of: Callable[[RowScope, nodes.Expr], ir.Condition],
    ) -> None:
        self._catalogue: Catalogue = symbols.catalogue
        self._symbols = symbols
        self._windows = windows
        self._typing = Typing(findings)
        self._findings = findings
        self._events_of = events_of
        self._where_of = where_of

    def links(self, node: nodes.DidExpr, first: Sequence[Event], window: Window) -> tuple[ir.Link, ...]:
        """The links behind the first step, rows of `first` in a window; after a mistake those before it."""
        self._check(node)
        reached: Sequence[Event] = first
        scope = row_scope(first)
        steps = self._named({}, node.alias, first, Step(0, scope.properties))
        count, made = 1, []
        for place, link in enumerate(node.chain[:MOST_LINKS]):
            events = self._events_of((link.event,))
            if events is None:
                # What stands behind may speak of this step; only its events are looked at.
                self._events_of([later.event for later in node.chain[place + 1 :]])
                break
            next_scope = row_scope(events, steps)
            where = None if link.where is None else self._where_of(next_scope, link.where)
            same = self._same(link, scope, next_scope)
            within = self._within(link, [*reached, *events], window)
            rows = ir.Events((link.event.text,), where, Ever(), link.span)
            made.append(ir.Link(ir.LinkKind(link.kind), rows, same, within, link.span))
            if link.kind == "then":
                reached, scope = events, next_scope
                steps = self._named(steps, link.alias, events, Step(count, scope.properties))
                count += 1
            elif link.alias is not None:
                message = "a name found for a row that is not there"
                self._report(codes.WRONG_KIND, message, link.alias.span, "only steps behind `then` have a name")
        return tuple(made)

    def _check(self, node: nodes.DidExpr) -> None:
        name = node.events.names[0].text
        if node.negated or node.events.quantifier == "none":
            found = "did not" if node.negated else "did none of"
            did = f"did any of {name}, …" if len(node.events.names) > 1 else f"did {name}"
            help_ = f"write `not ({did} {node.chain[0].kind} …)`"
            if node.chain[0].kind == "then":
                help_ += f"; for an event that nothing follows write `{did} without …`"
            self._report(codes.BAD_COUNT, f"`{found}` found before a chain", node.span, help_)
        if node.count is not None and node.count.regularity is not None:
            help_ = f"write two conditions: `did {name} at least 3 times per week in … and did {name} then …`"
            message = "a count for each unit of time found before a chain"
            self._report(codes.BAD_COUNT, message, node.count.span, help_)
        if len(node.chain) > MOST_LINKS:
            message = f"a chain has {len(node.chain)} times `then` or `without`, and at most {MOST_LINKS} are allowed"
            self._report(codes.BAD_COUNT, message, node.chain[MOST_LINKS].span, "shorten the chain")

    def _named(self, steps: Steps, alias: nodes.Name | None, events: Sequence[Event], step: Step) -> Steps:
        """The steps and one more; rows of several events have no name but an alias."""
        named, found = with_step(steps, alias, [event.name for event in events], step)
        self._findings += found
        return named

    def _same(self, link: nodes.Chain, before: RowScope, after: RowScope) -> tuple[str, ...]:
        """The properties of `with same`, which both rows must have, in types that may be compared."""
        found = []
        for name in link.same:
            lacking = next((scope for scope in (after, before) if name.text not in scope.properties), None)
            if lacking is not None:
                both = set(after.properties) & set(before.properties)
                what = f"a property of both {after.shown} and {before.shown}"
                unknown = self._symbols.unknown(name.text, name.span, what, sorted(both))
                self._findings += [unknown] if unknown else []
                continue
            one, other = (
                ir.Property(name.text, scope.properties[name.text].type, name.span) for scope in (before, after)
            )
            self._typing.comparison(ir.CompareOp.EQ, one, other, name.span)
            found.append(name.text)
        return tuple(dict.fromkeys(found))

    def _within(self, link: nodes.Chain, events: Sequence[Event], window: Window) -> Period | None:
        if link.within is None:
            return None
        period = self._windows.period(link.within)
        if period.unit in SUB_DAY and isinstance(time_type(self._catalogue, events), DateType):
            message = f"a period of {period.unit}s found between rows that are dated by a day"
            self._report(codes.BAD_WINDOW, message, link.within.span, "count in days, weeks, months or years")
        far = window.period if isinstance(window, InLast) else window.far if isinstance(window, BetweenAgo) else None
        if far is not None and surely_nearer(far, period):
            message = "this period is longer than the window of the first event, so that nothing lies beyond it"
            help_ = "no row at or after the run's date is seen: look back further, or leave `within` out"
            self._report(codes.WITHIN_BEYOND_WINDOW, message, link.within.span, help_)
        return period

    def _report(self, code: Code, message: str, span: Span, help_: str) -> None:
        self._findings.append(finding(code, message, span, help=help_))
