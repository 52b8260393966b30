"""Conditions into a tree of their clauses, each with what it comes to for one customer and the values that led there.

The words are those of `show`; what is true of the customer is asked of whoever knows, through `Answers`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from segrules.diagnostics.render import Piece, printable
from segrules.explain.conditions import Teller
from segrules.explain.consents import consent_words
from segrules.explain.literals import literal_words
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.ir.membership import caps, suppressions
from segrules.ir.rules import ConsentClause, Rules, Segment
from segrules.ir.walk import descendants
from segrules.ir.windows import Ever
from segrules.text.span import NOWHERE, Span
from segrules.types.types import IntegerType, TextType, Type

_DEEPEST = 12
"""So many names are followed, one inside the other."""
_MOST = 400
"""So many clauses are told."""
_STYLES = {True: "green", False: "red", None: "yellow"}
_WORDS = {True: "true", False: "false", None: "unknown"}
_WIDTH = 9


@dataclass(frozen=True, slots=True)
class Answer:
    """What a value is for the customer: the numbers that it may be where rows are in doubt, else one or none.

    `absence` says why there is no value.
    """

    values: tuple[object, ...] = ()
    absence: str | None = None


class Answers(Protocol):
    """Whoever knows what conditions and values come to for one customer."""

    def truth(self, condition: ir.Condition) -> bool | None:
        """Whether a condition holds; None where that is unknown."""

    def value(self, value: ir.Value) -> Answer:
        """What a value is."""

    def granted(self, clause: ConsentClause, segment: Segment) -> bool:
        """Whether a segment's consent clause holds."""

    def suppressed(self, name: str) -> bool:
        """Whether the customer stands on a suppression list."""


@dataclass(frozen=True, slots=True)
class Valued:
    """A value in words, what it is for the customer, and the values that it is made of."""

    words: str
    shown: str
    below: tuple["Valued", ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition in words, whether it holds, the values in it, and the clauses that it is made of."""

    words: str
    truth: bool | None
    values: tuple[Valued, ...] = ()
    below: tuple["Clause", ...] = ()
    span: Span = NOWHERE


def segment_clause(rules: Rules, name: str, answers: Answers) -> Clause:
    """Whether a customer is a member of a segment, with every clause of it."""
    return _Tree(rules, answers).segment(rules.segments[name])


def condition_clause(rules: Rules, condition: ir.Condition, answers: Answers) -> Clause:
    """A condition with its clauses."""
    return _Tree(rules, answers).clause(condition)


def clause_pieces(clause: Clause, indent: str = "") -> Iterator[Piece]:
    """The tree as lines of styled text: what each clause comes to, its words, and below it its values."""
    stack: list[tuple[Clause, int]] = [(clause, 0)]
    while stack:
        current, level = stack.pop()
        yield Piece(indent)
        yield Piece(_WORDS[current.truth].ljust(_WIDTH), _STYLES[current.truth])
        yield Piece("  " * level + printable(current.words) + "\n")
        yield from _value_pieces(current.values, indent + " " * _WIDTH + "  " * (level + 2))
        stack.extend((part, level + 1) for part in reversed(current.below))


def clause_json(clause: Clause) -> dict[str, object]:
    """The tree as JSON values."""
    return {
        "clause": clause.words,
        "truth": clause.truth,
        "values": [_value_json(value) for value in clause.values],
        "clauses": [clause_json(part) for part in clause.below],
    }


def answer_words(answer: Answer, of: Type, zone: str) -> str:
    """What a value is, in words."""
    if answer.absence is not None:
        return answer.absence
    shown = [_constant_words(value, of, zone) for value in answer.values]
    return shown[0] if len(shown) == 1 else f"one of {', '.join(shown[:5])}{', …' * (len(shown) > 5)} (rows in doubt)"


def _constant_words(value: object, of: Type, zone: str) -> str:
    if isinstance(value, float):
        return "infinite" if value > 0 else "-infinite"
    return literal_words(ir.Literal(value, of), zone)  # type: ignore[arg-type]  # cells are constants but for infinity


def _value_pieces(values: Sequence[Valued], indent: str) -> Iterator[Piece]:
    for value in values:
        yield Piece(f"{indent}{printable(value.words)} = ", "dim")
        yield Piece(f"{printable(value.shown)}\n", "bold")
        yield from _value_pieces(value.below, indent + "  ")


def _value_json(value: Valued) -> dict[str, object]:
    return {"value": value.words, "is": value.shown, "of": [_value_json(part) for part in value.below]}


class _Tree:
    """Makes one tree; every name is followed where it stands first."""

    def __init__(self, rules: Rules, answers: Answers) -> None:
        self._rules = rules
        self._answers = answers
        self._followed: set[tuple[str, str]] = set()
        self._depth = 0
        self._count = 0

    # --- segments

    def segment(self, segment: Segment) -> Clause:
        """A segment with who qualifies, and who may be contacted."""
        below = list(self._qualifying(segment))
        qualifying = len(below)
        for clause in segment.consents:
            words = f"consent: {consent_words(clause, self._rules.catalogue.zone)}"
            channels = dict.fromkeys(item.channel for group in clause.any_of for item in group)
            states = (ir.ConsentState(channel, TextType()) for channel in channels)
            values = tuple(self._value(state) for state in states)
            below.append(Clause(words, self._answers.granted(clause, segment), values, span=clause.span))
        for name in suppressions(self._rules.catalogue, segment):
            words = f"not on the suppression list `{name}`"
            below.append(Clause(words, not self._answers.suppressed(name)))
        below += [
            self._labelled("cap" if cap.name is None else f"cap {cap.name}", cap.condition)
            for cap in caps(self._rules.catalogue, segment)
        ]
        qualifies = [clause.truth for clause in below[:qualifying]]
        # Consent, suppressions and caps let nobody in whom they are not known to let in.
        may_not = any(clause.truth is not True for clause in below[qualifying:])
        whole = False if may_not or False in qualifies else None if None in qualifies else True
        return Clause(f"member of `{segment.name}`", whole, (), tuple(below), segment.span)

    def _qualifying(self, segment: Segment) -> Iterator[Clause]:
        if segment.where is not None:
            parts = segment.where.items if isinstance(segment.where, ir.And) else (segment.where,)
            for part in parts:
                yield self._labelled("where", part)
        for exclusion in segment.excepts:
            yield self._labelled(f"except {exclusion.name}", exclusion.condition)
        for eligibility in segment.eligible:
            yield self._labelled("eligible", eligibility.condition)

    def _labelled(self, label: str, condition: ir.Condition) -> Clause:
        clause = self.clause(condition)
        return replace(clause, words=f"{label}: {clause.words}")

    # --- conditions

    def clause(self, condition: ir.Condition) -> Clause:
        """A condition, with what it is made of."""
        self._count += 1
        return self._told(condition, self._answers.truth(condition), holds=True)

    def _told(self, condition: ir.Condition, truth: bool | None, *, holds: bool) -> Clause:
        """The clause of a condition, or of its negation where `holds` is false; `truth` is that of the whole."""
        span = condition.span
        match condition:
            case ir.Not(item):
                return self._told(item, truth, holds=not holds)
            case ir.And(items):
                words = "all of these hold" if holds else "not all of these hold"
                return Clause(words, truth, (), self._clauses(items, ir.And), span)
            case ir.Or(items):
                words = "any of these holds" if holds else "none of these holds"
                return Clause(words, truth, (), self._clauses(items, ir.Or), span)
            case ir.Defined(name):
                words = f"{'' if holds else 'not '}`{name}`"
                return Clause(words, truth, (), self._named("define", name, self._body(name)), span)
            case ir.InSegment(name):
                segment = self._rules.segments[name]
                follow = self._follow("segment", name)
                below = tuple(self._inside(lambda: tuple(self._qualifying(segment)))) if follow else ()
                return Clause(self._words(condition, holds=holds), truth, (), below, span)
            case ir.InStage(partition, stage):
                below = self._stages(partition, stage) if self._follow("partition", f"{partition}.{stage}") else ()
                return Clause(self._words(condition, holds=holds), truth, (), below, span)
            case _:
                values = tuple(self._value(value) for value in _operands(condition, self._rules.catalogue))
                return Clause(self._words(condition, holds=holds), truth, values, (), span)

    def _clauses(
        self, items: tuple[ir.Condition, ...], joined: type[ir.And] | type[ir.Or] = ir.And
    ) -> tuple[Clause, ...]:
        told = []
        for place, item in enumerate(items):
            if self._count >= _MOST:
                rest = joined(items[place:])
                told.append(Clause(f"… and {len(items) - place} more", self._answers.truth(rest)))
                break
            told.append(self.clause(item))
        return tuple(told)

    def _body(self, name: str) -> tuple[ir.Condition, ...]:
        body = self._rules.definitions[name].body
        return (body,) if isinstance(body, ir.Condition) else ()

    def _named(self, kind: str, name: str, conditions: tuple[ir.Condition, ...]) -> tuple[Clause, ...]:
        return self._inside(lambda: self._clauses(conditions)) if self._follow(kind, name) else ()

    def _stages(self, partition: str, stage: str) -> tuple[Clause, ...]:
        """The stages up to this one, which all before it must be known not to hold."""
        told = []
        for item in self._rules.partitions[partition].stages:
            clause = self._inside(lambda item=item: (self.clause(item.condition),))[0]
            told.append(replace(clause, words=f"stage {item.name}: {clause.words}"))
            if item.name == stage:
                break
        return tuple(told)

    def _follow(self, kind: str, name: str) -> bool:
        if self._depth >= _DEEPEST or (kind, name) in self._followed:
            return False
        self._followed.add((kind, name))
        return True

    def _inside(self, tell: "_Tell") -> tuple[Clause, ...]:
        self._depth += 1
        try:
            return tell()
        finally:
            self._depth -= 1

    def _words(self, condition: ir.Condition, *, holds: bool) -> str:
        item = Teller(self._rules).item(condition, holds=holds)
        rows = next((part.text for part in item.below if part.text.startswith("rows are counted where")), None)
        return item.text if rows is None else f"{item.text} ({rows.removesuffix(':')} …)"

    # --- values

    def _value(self, value: ir.Value, level: int = 0) -> Valued:
        words = Teller(self._rules).value(value).text
        shown = answer_words(self._answers.value(value), value.type, self._rules.catalogue.zone)
        parts = _parts(value, self._rules) if level < 3 else ()
        below = tuple(self._value(part, level + 1) for part in parts)
        return Valued(words, shown, below)


class _Tell(Protocol):
    def __call__(self) -> tuple[Clause, ...]: ...


_NUMBER = IntegerType()


def _operands(condition: ir.Condition, catalogue: Catalogue) -> tuple[ir.Value, ...]:
    """The values that decide a single condition."""
    match condition:
        case ir.Compare(_, left, right):
            found: tuple[ir.Value, ...] = (left, right)
        case ir.Between(value, low, high):
            found = (value, low, high)
        case ir.Did(events):
            found = (_count(events), *_latest(events, catalogue))
        case ir.EdgeRow(which, events, test):
            read = {node.name: node for node in descendants(test) if isinstance(node, ir.Property)}
            found = (ir.EventTime(which, events, _time(events, catalogue)),)
            found += tuple(ir.Aggregate(which, events, node, node.type) for node in read.values())
        case (
            ir.IsTrue(value)
            | ir.OneOf(value)
            | ir.InListFile(value)
            | ir.TextTest(_, value)
            | ir.ListTest(_, value)
            | ir.IsKnown(value)
            | ir.InWindow(value)
            | ir.Anniversary(value)
            | ir.KnownFor(value)
            | ir.InSample(value)
        ):
            found = (value,)
        case ir.Top(by=value):
            found = (value,)
        case ir.Quantified(relation=relation, condition=asked):
            found = tuple(ir.NumberOfRelated(relation, item, _NUMBER) for item in (asked, ir.Fixed(True)))
        case ir.Fixed():
            found = ()
        case ir.Not() | ir.And() | ir.Or() | ir.Defined() | ir.InSegment() | ir.InStage():
            found = ()  # these are made of clauses
        case _:
            assert_never(condition)
    return tuple(value for value in found if not isinstance(value, ir.Literal))


def _parts(value: ir.Value, rules: Rules) -> tuple[ir.Value, ...]:
    """The values that a value is made of, where they tell something."""
    match value:
        case ir.DefinedValue(name):
            body = rules.definitions[name].body
            found: tuple[ir.Value, ...] = _parts(body, rules) if isinstance(body, ir.Value) else ()
        case ir.DaysSince(of) | ir.YearsSince(of) | ir.PartOf(_, of):
            found = (of,)
        case ir.Arithmetic(_, left, right):
            found = (left, right)
        case ir.Band(score, rank):
            found = (rules.scores[score].ranks[rank].by,) if score in rules.scores else ()
        case ir.Aggregate(kind, events):
            found = () if kind is ir.AggregateKind.NUMBER else (_count(events),)
        case ir.UnitsOf(events=events) | ir.UnitsWith(events=events) | ir.DaysBetween(events=events):
            found = (_count(events),)
        case ir.RelatedColumn() | ir.NumberOfRelated() | ir.Figure() | ir.StepProperty():
            found = ()
        case ir.Literal() | ir.Attribute() | ir.Property() | ir.ConsentState() | ir.EventTime():
            found = ()
        case _:
            assert_never(value)
    return tuple(part for part in found if not isinstance(part, ir.Literal))


def _count(events: ir.Events) -> ir.Value:
    return ir.Aggregate(ir.AggregateKind.NUMBER, events, None, _NUMBER)


def _latest(events: ir.Events, catalogue: Catalogue) -> tuple[ir.Value, ...]:
    """When there was the last of the events at all, where a window chooses among them."""
    if isinstance(events.window, Ever):
        return ()
    ever = replace(events, window=Ever())
    return (ir.EventTime(ir.AggregateKind.LAST, ever, _time(events, catalogue)),)


def _time(events: ir.Events, catalogue: Catalogue) -> Type:
    event = catalogue.events[events.names[0]]
    return catalogue.tables[event.table].columns[event.time].type
