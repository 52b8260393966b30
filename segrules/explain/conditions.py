"""Conditions of the typed tree into plain English, one line each, what they stand for in lines below.

`not` is pushed into the phrase where that is exact, so that it says `has no …` and not `it is not so that has …`.
A condition is true or not of a customer, so that a phrase has the customer for its unspoken subject.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import assert_never

from segrules.explain.lines import MOST_ITEMS, Item, listed, one_line, quoted
from segrules.explain.literals import cut_words, literal_words, percent_words, text_words
from segrules.explain.population import top_words
from segrules.explain.rhythm import times_per_unit_words
from segrules.explain.values import band_range, may_be_absent, may_be_none, members_words, rows_words, value_words
from segrules.explain.verbs import AMOUNTS, COUNTS, LISTS, OPPOSITE, QUANTIFIERS, TEXTS, TIMES
from segrules.explain.windows import period_words, window_words
from segrules.ir.nodes import (
    And,
    Anniversary,
    Between,
    Compare,
    CompareOp,
    Condition,
    DaysSince,
    Defined,
    Did,
    EdgeRow,
    EventTime,
    Expression,
    Fixed,
    InListFile,
    InSample,
    InSegment,
    InStage,
    InWindow,
    IsKnown,
    IsTrue,
    KnownFor,
    ListTest,
    Literal,
    Not,
    OneOf,
    Or,
    Quantified,
    TextTest,
    Top,
    UnitsWith,
    Value,
    YearsSince,
)
from segrules.ir.rules import Direction, Rank, Rules, Score
from segrules.ir.windows import Ever, Window
from segrules.types.types import DateType, TimestampType

_MOST_INLINE = 3
_MOST_DEEP = 16
"""Lists and defines inside one another; beyond it a define is told by its name only."""


class Teller:
    """Tells the conditions and values of one explanation; every define and rank is told once, at its first use."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._told: set[tuple[str, ...]] = set()
        self._pending: list[Callable[[], Item]] = []
        self._depth = 0
        self._in_row = False

    @property
    def rules(self) -> Rules:
        """The rules that are told."""
        return self._rules

    @property
    def in_row(self) -> bool:
        """Whether a condition on a row of events is being told."""
        return self._in_row

    def item(self, condition: Condition, *, holds: bool = True) -> Item:
        """The condition, or its Kleene negation where `holds` is false, with all that has to be told below it."""
        match condition:
            case Not(inner):
                return self.item(inner, holds=not holds)
            case And(items):
                head = "all of these hold:" if holds else "not all of these hold:"
                return Item(head, self.items(items))
            case Or(items):
                head = "any of these holds:" if holds else "none of these holds:"
                return Item(head, self.items(items))
            case Defined(name):
                return self._defined(name, holds=holds)
            case _:
                outer, self._pending = self._pending, []
                text = self._phrase(condition, holds=holds)
                notes, self._pending = self._pending, outer
                return Item(text, tuple(tell() for tell in notes))

    def items(self, conditions: tuple[Condition, ...]) -> tuple[Item, ...]:
        """Several conditions; of a long list its start and how many there are beyond."""
        most = MOST_ITEMS if len(conditions) > MOST_ITEMS + 1 else len(conditions)
        self._depth += 1
        told = tuple(self.item(condition) for condition in conditions[:most])
        self._depth -= 1
        beyond = len(conditions) - most
        return (*told, Item(f"… and {beyond} more")) if beyond else told

    def value(self, value: Value, before: str = "", after: str = "") -> Item:
        """The value as a line of its own, between two texts."""
        outer, self._pending = self._pending, []
        text = before + value_words(value, self).removesuffix(",") + after
        notes, self._pending = self._pending, outer
        return Item(text, tuple(tell() for tell in notes))

    def expression(self, expression: Expression) -> Item:
        """A value or a condition."""
        return self.value(expression) if isinstance(expression, Value) else self.item(expression)

    # --- notes below a line

    def define(self, name: str) -> None:
        """Note below the line what a define of a value stands for, at its first use."""
        body = self._rules.definitions[name].body
        if isinstance(body, Value) and self._first("define", name):
            with_title = f"`{name}`{self._title(name)} is: "
            self._pending.append(partial(self._inside, partial(self.value, body, with_title)))

    def rank(self, score: str, rank: str) -> None:
        """Note below the line how a rank is made, and once whom its score ranks, at their first use."""
        scored = self._rules.scores[score]
        if self._first("rank", score, rank):
            tell = partial(self.rank_item, scored, scored.ranks[rank], f"{score}.{rank}")
            self._pending.append(partial(self._inside, tell))
        if scored.among is not None and self._first("among", score):
            self._pending.append(partial(self._inside, partial(self._among, score, scored.among)))

    def rows(self, where: Condition) -> str:
        """The test on a row as `where …` or, if it is long, `as below`, with the test noted below the line."""
        item = self._inside(partial(self.item, where), in_row=True)
        if not item.below:
            return f"where {item.text}"
        plain = len(item.below) <= _MOST_INLINE and not any(part.below for part in item.below)
        if plain and isinstance(where, And | Or):
            joined = " and " if isinstance(where, And) else " or "
            return "where " + joined.join(part.text for part in item.below)
        self._note(Item(f"rows are counted where {_this(item)}", item.below))
        return "as below"

    def each(self, condition: Condition) -> str:
        """What is asked of each customer of a relation as `for whom …` or, if it is long, noted below the line."""
        item = self._inside(partial(self.item, condition))
        if not item.below:
            return f"for whom this holds ({item.text})"
        self._note(Item(f"they are counted where {_this(item)}", item.below))
        return "counted as below"

    def among(self, what: str, among: Condition) -> None:
        """Note below the line whom something about everybody counts."""
        self._pending.append(partial(self._inside, partial(self._counted, what, among)))

    def parts(self, construct: str, parts: tuple[Expression, ...]) -> None:
        """Note below the line what a construct without words of its own is made of."""
        if parts:
            self._pending.append(partial(self._inside, partial(self._made_of, construct, parts)))

    def rank_item(self, score: Score, rank: Rank, name: str) -> Item:
        """How a rank is made, as a line that begins with its `name`."""
        bands = rank.bands
        first, best = band_range(self._rules, score.name, rank.name)
        end = "lowest" if bands.direction is Direction.LOW else "highest"
        size = " equally large" if bands.equal else ""
        cut = ""
        if bands.cuts is not None:
            cuts = [cut_words(cut, rank.by.type, self._rules.catalogue.zone) for cut in bands.cuts]
            word = "frozen" if bands.frozen else "cut"
            cut = f", {word} at {listed(cuts)}, each cut in the better band" if cuts else f", {word} without cut points"
        elif bands.frozen:
            cut = ", to be frozen"
        after = f", in {bands.count}{size} bands from {first} to {best}{cut}; {best} is best and has the {end} values"
        item = self.value(rank.by, f"`{name}` ranks by: ", after)
        if bands.ties is None:
            return item
        return Item(item.text, (*item.below, self.value(bands.ties, "ties are broken by: ", ", then by customer key")))

    def _among(self, score: str, among: Condition) -> Item:
        item = self.item(among)
        return Item(f"`{score}` ranks only customers for whom {_this(item)}", item.below)

    def _counted(self, what: str, among: Condition) -> Item:
        item = self.item(among)
        return Item(f"{what} counts only customers for whom {_this(item)}", item.below)

    def _made_of(self, construct: str, parts: tuple[Expression, ...]) -> Item:
        return Item(f"`{construct}` is made of:", tuple(self.expression(part) for part in parts))

    def _note(self, item: Item) -> None:
        self._pending.append(lambda: item)

    def _defined(self, name: str, *, holds: bool) -> Item:
        body = self._rules.definitions[name].body
        label = f"{'' if holds else 'not '}`{name}`"
        if isinstance(body, Value) or not self._first("define", name):
            return Item(label + (", as told above" if ("define", name) in self._told else ", a define of its own"))
        item = self._inside(partial(self.item, body))
        meaning = "that is" if holds else "which would be"
        return Item(f"{label}{self._title(name)}, {meaning}: {item.text}", item.below)

    def _first(self, *what: str) -> bool:
        """Whether this is to be told here: it was not told before, and is not too deep inside other things told."""
        if what in self._told or self._depth >= _MOST_DEEP:
            return False
        self._told.add(what)
        return True

    def _inside(self, tell: Callable[[], Item], *, in_row: bool = False) -> Item:
        """Something told as part of another; what it notes stays with it."""
        before = self._in_row
        self._in_row, self._depth = in_row, self._depth + 1
        try:
            return tell()
        finally:
            self._in_row, self._depth = before, self._depth - 1

    def _title(self, name: str) -> str:
        title = self._rules.definitions[name].title
        return f" ({one_line(title)})" if title else ""

    def _stage_title(self, partition: str, stage: str) -> str:
        if stage == self._rules.partitions[partition].otherwise:
            return ", where those in doubt are too,"
        titles = (item.title for item in self._rules.partitions[partition].stages if item.name == stage and item.title)
        return "".join(f" ({one_line(title)})" for title in titles)

    # --- phrases

    def _phrase(self, condition: Condition, *, holds: bool) -> str:
        match condition:
            case Fixed(value):
                return "is any customer" if value == holds else "is no customer at all"
            case IsTrue(value):
                return f"{self._words(value)} is {'true' if holds else 'false'}" + self._else_none(holds, value)
            case Compare():
                return self._compare(condition, holds=holds)
            case Between(value, low, high):
                ends = f"between {self._words(low)} and {self._words(high).removesuffix(',')}, both included"
                verb = "is" if holds else "is not"
                return f"{self._words(value)} {verb} {ends}" + self._else_none(holds, value, low, high)
            case OneOf():
                return self._one_of(condition, holds=holds)
            case InListFile(value, path, entries, negated, folded):
                verb = "is in" if negated != holds else "is not in"
                counted = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
                text = f"{self._words(value)} {verb} the list `{path}` ({counted}){_folded(folded)}"
                return text + self._absent(value, holds=holds, negated=negated)
            case TextTest(op, value, pattern, folded):
                verb = TEXTS[op][0 if holds else 1]
                return f"{self._words(value)} {verb} {text_words(pattern)}{_folded(folded)}" + self._else_none(
                    holds, value
                )
            case ListTest(op, value, choices, folded):
                verb = LISTS[op][0 if holds else 1]
                text = (
                    f"{self._words(value)} {verb} {listed([text_words(choice) for choice in choices])}{_folded(folded)}"
                )
                return text + self._else_none(holds, value)
            case IsKnown(value):
                none = " (not recorded, or there is none)" if may_be_none(value, self._rules) else ""
                return f"{self._words(value)} is {'known' if holds else f'unknown{none}'}"
            case InWindow(value, window):
                verb = ("was" if isinstance(value, EventTime) else "is") + ("" if holds else " not")
                text = f"{self._words(value)} {verb} {self._window(window)}"
                return text + self._else_none(holds, value)
            case Anniversary(value, window):
                which = "an" if holds else "no"
                text = f"{which} anniversary of {self._words(value)} lies {self._window(window)}"
                return text + self._else_none(holds, value)
            case Did():
                return self._did(condition, holds=holds)
            case EdgeRow():
                return self._edge_row(condition, holds=holds)
            case KnownFor(since, period):
                bound = "at least" if holds else "less than"
                return f"has been known for {bound} {period_words(period)}, counted from {self._words(since)}"
            case InSample(_, share, salt):
                drawn = f"the {percent_words(share)} of all customers that the salt {text_words(salt)} draws"
                return f"is {'' if holds else 'not '}in {drawn}"
            case Top(_, by):
                words = self._words(by).removesuffix(",")
                return top_words(condition, words, self, holds=holds, none=may_be_none(by, self._rules))
            case InSegment(name):
                title = self._rules.segments[name].title
                shown = f" ({one_line(title)})" if title else ""
                return f"{'qualifies' if holds else 'does not qualify'} for `{name}`{shown}"
            case InStage(partition, stage):
                verb = "stands" if holds else "does not stand"
                return f"{verb} in `{stage}`{self._stage_title(partition, stage)} of the partition `{partition}`"
            case Quantified():
                return self._quantified(condition, holds=holds)
            case Defined() | Not() | And() | Or():
                return self.item(condition, holds=holds).text
            case _:
                assert_never(condition)

    def _words(self, value: Value) -> str:
        return value_words(value, self)

    def _compare(self, node: Compare, *, holds: bool) -> str:
        op = node.op if holds else OPPOSITE[node.op]
        if isinstance(node.left, UnitsWith):
            only = rows_words(replace(node.left.events, window=Ever()), self).removesuffix(",")
            return times_per_unit_words(node.left, op, self._words(node.right), only)
        # `number of days since … is more than 30`: the unit is said on one side already.
        bare = isinstance(node.left, DaysSince | YearsSince) or isinstance(node.right, DaysSince | YearsSince)
        left, right = (value_words(side, self, bare=bare) for side in (node.left, node.right))
        times = isinstance(node.left.type, DateType | TimestampType)
        text = f"{left} {(TIMES if times else AMOUNTS)[op]} {right.removesuffix(',')}{_folded(node.ignoring_case)}"
        if op is CompareOp.NE:
            both = not isinstance(node.left, Literal) and not isinstance(node.right, Literal)
            return text + self._absent(node.left, node.right, holds=holds, negated=holds, both=both)
        return text + self._else_none(holds, node.left, node.right)

    def _one_of(self, node: OneOf, *, holds: bool) -> str:
        choices = [literal_words(choice, self._rules.catalogue.zone) for choice in node.choices]
        inside = node.negated != holds
        if not choices:
            text = f"{self._words(node.value)} is {'one' if inside else 'none'} of no values at all"
        elif len(choices) == 1:
            text = f"{self._words(node.value)} {'is' if inside else 'is not'} {choices[0]}"
        else:
            text = f"{self._words(node.value)} is {'one' if inside else 'none'} of {listed(choices)}"
        return text + _folded(node.ignoring_case) + self._absent(node.value, holds=holds, negated=node.negated)

    def _absent(self, *values: Value, holds: bool, negated: bool, both: bool = False) -> str:
        """What becomes of missing and none where a phrase could be taken to hold for them."""
        none = self._else_none(holds, *values)
        if none:
            return none
        if negated == holds and any(may_be_absent(value, self._rules) for value in values):
            return " (and both are recorded)" if both else " (and is recorded)"
        return ""

    def _else_none(self, holds: bool, *values: Value) -> str:
        """A negation is true of none."""
        return " (or there is none)" if not holds and any(may_be_none(value, self._rules) for value in values) else ""

    def _window(self, window: Window) -> str:
        return window_words(window, self._rules.catalogue.zone) or "at any time"

    def _did(self, node: Did, *, holds: bool) -> str:
        op = node.op if holds else OPPOSITE[node.op]
        named = listed(quoted(node.events.names), "or")
        rows = rows_words(node.events, self).removesuffix(",")
        none = (op, node.times) in ((CompareOp.LT, 1), (CompareOp.LE, 0), (CompareOp.EQ, 0))
        if none:
            return f"has no {named} event{rows}"
        return f"{COUNTS[op]} {node.times} {named} event{'s' * (node.times != 1)}{rows}"

    def _edge_row(self, node: EdgeRow, *, holds: bool) -> str:
        named = f"{listed(quoted(node.events.names), 'or')} event{rows_words(node.events, self).removesuffix(',')}"
        item = self._inside(partial(self.item, node.condition, holds=holds), in_row=True)
        what = item.text if item.below else f"this holds: {item.text}"
        for part in item.below:
            self._note(part)
        if holds:
            return f"of the {node.which} {named}, {what}"
        return f"there is no {named}, or of the {node.which} one {what}"

    def _quantified(self, node: Quantified, *, holds: bool) -> str:
        item = self._inside(partial(self.item, node.condition))
        for part in item.below:
            self._note(part)
        words = QUANTIFIERS[node.quantifier][0 if holds else 1]
        return f"for {words} {members_words(node.relation, self._rules)} {_this(item)}"


def _this(item: Item) -> str:
    return item.text if item.text.endswith(":") else f"this holds: {item.text}"


def _folded(ignoring_case: bool) -> str:
    return ", upper and lower case alike" if ignoring_case else ""
