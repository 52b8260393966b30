"""An expression into what it reads, one step far: columns, events, consents, and the definitions that it names.

Each reading knows whether the condition around it is to hold, and which values a test looks for (see `choice.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from segrules.governance.choice import Choice, Holds, asks_for_some, choice, is_some, opposite, ranked, truth_asked
from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import (
    Aggregate,
    AggregateKind,
    And,
    Attribute,
    Band,
    Between,
    Compare,
    ConsentState,
    Defined,
    DefinedValue,
    Did,
    EdgeRow,
    Events,
    Expression,
    Figure,
    InListFile,
    InSegment,
    InStage,
    IsTrue,
    LinkKind,
    ListTest,
    Node,
    Not,
    NumberOfRelated,
    OneOf,
    Or,
    Property,
    Quantified,
    Quantifier,
    RelatedColumn,
    StepProperty,
    TextTest,
    Top,
)
from segrules.ir.origins import homes
from segrules.ir.walk import children
from segrules.text.span import Span
from segrules.types.types import BooleanType


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing that is read: its kind and name, and the column, rank or stage of it.

    `holds` says whether what it means is to hold, `choice` which of its values a test looks for (None: any).
    """

    kind: str
    name: str
    part: str = ""
    holds: Holds = True
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: the place that reads, and what it reads there."""

    span: Span
    what: str


Reading = tuple[Spot, Step]

Rows = tuple[tuple[str, str], ...]
"""Whose rows are in hand: those of an event or of a table, by kind and name."""


@dataclass(frozen=True, slots=True)
class At:
    """How an expression is read: whether it is to hold, what is looked for in it, and whose rows are in hand.

    `steps` are the rows of the earlier steps of a chain. `found` says whether such rows are to be there: where that is
    open, what is asked of the customer among them is to hold or not. `counted` says it of what a number counts.
    """

    holds: Holds = True
    choice: Choice | None = None
    rows: Rows = ()
    steps: tuple[Rows, ...] = ()
    found: bool = True
    counted: bool = False

    def asking(self, holds: Holds, looked_for: Choice | None = None, *, counted: bool = False) -> "At":
        """The same rows, asked something else."""
        return At(holds, looked_for, self.rows, self.steps, self.found, counted)

    @property
    def of_customer(self) -> "At":
        """How things of the customer are read here, who is the same whether or not there are such rows."""
        return self if self.found else At(None)


_ONE_OF_THE_VALUES = frozenset(
    (
        AggregateKind.FIRST,
        AggregateKind.LAST,
        AggregateKind.MOST_FREQUENT,
        AggregateKind.ONLY,
        AggregateKind.SMALLEST,
        AggregateKind.LARGEST,
        AggregateKind.MEDIAN,
    )
)


def gives_one_of_the_values(kind: AggregateKind) -> bool:
    """Whether an aggregate gives one of the values that it is made of, so that a test on it is one on them."""
    return kind in _ONE_OF_THE_VALUES


class Reader:
    """Reads expressions against one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._homes = homes(catalogue)

    def readings(self, root: Expression, at: At) -> Iterator[Reading]:
        """What an expression reads, in the order in which it is written."""
        stack: list[tuple[Node, At]] = [(root, at)]
        while stack:
            node, at = stack.pop()
            yield from self._read(node, at)
            stack.extend(reversed(list(_below(node, at))))

    def attribute(self, name: str, span: Span, holds: Holds = None, looked_for: Choice | None = None) -> Reading:
        """The reading of an attribute of customers."""
        table, column = self._homes[name]
        return Spot("column", table, column, holds, looked_for), Step(span, f"the attribute `{name}`")

    def _read(self, node: Node, at: At) -> Iterator[Reading]:
        """What a node reads itself."""
        own = at.of_customer
        match node:
            case Attribute(name, span=span):
                yield self.attribute(name, span, own.holds, own.choice)
            case Property(name, span=span):
                yield from self._properties(at.rows, name, span, at)
            case StepProperty(number, name, span=span):
                yield from self._properties(at.steps[number], name, span, at)
            case ConsentState(channel, span=span):
                yield Spot("consent", channel), Step(span, f"the consent for `{channel}`")
            case Band(score, rank, span=span):
                yield Spot("rank", score, rank, own.holds), Step(span, f"the score `{score}.{rank}`")
            case Defined(name, span=span):
                yield Spot("define", name, "", own.holds), Step(span, f"the define `{name}`")
            case DefinedValue(name, span=span):
                yield Spot("define", name, "", own.holds, own.choice), Step(span, f"the define `{name}`")
            case InSegment(name, span):
                yield Spot("segment", name, "", own.holds), Step(span, f"the segment `{name}`")
            case InStage(partition, stage, span):
                yield Spot("stage", partition, stage, own.holds), Step(span, f"the stage `{partition}.{stage}`")
            case RelatedColumn(name, column, span=span):
                relation = self._catalogue.relations[name]
                yield self.attribute(relation.column, span)
                step = Step(span, f"the column `{name}.{column}`")
                yield Spot("column", relation.table, column, own.holds, own.choice), step
            case Quantified(relation=name, span=span) | NumberOfRelated(relation=name, span=span):
                yield self.attribute(self._catalogue.relations[name].column, span)
            case Events():
                yield from self._events(node)
            case _:
                pass

    def _events(self, events: Events) -> Iterator[Reading]:
        """The events whose rows are chosen, and the properties by which the rows of a chain are compared."""
        for name in events.names:
            yield Spot("event", name), Step(events.span, f"the event `{name}`")
        reached = events.names
        for link in events.links:
            for event in dict.fromkeys((*link.events.names, *reached)):
                for name in link.same:
                    yield from self._properties((("event", event),), name, link.span, At(None))
            if link.kind is LinkKind.THEN:
                reached = link.events.names

    def _properties(self, rows: Rows, name: str, span: Span, at: At) -> Iterator[Reading]:
        for kind, owner in rows:
            if kind == "table":
                step = Step(span, f"the column `{owner}.{name}`")
                yield Spot("column", owner, name, at.holds, at.choice), step
                continue
            event = self._catalogue.events[owner]
            step = Step(span, f"the property `{owner}.{name}`")
            if event.grouping is not None:
                yield Spot("combined", owner, name, at.holds, at.choice), step
            else:
                # Invariant: the properties of an event that is a single row are columns of its table, by their names.
                yield Spot("column", event.table, name, at.holds, at.choice), step


_OF_CUSTOMER = (Did, Aggregate, EdgeRow, Top, Quantified, NumberOfRelated)
"""What asks something of the customer, or of their relations, whichever row it stands in."""


def _below(node: Node, at: At) -> Iterator[tuple[Node, At]]:
    """The parts of a node, each with how it is read."""
    if isinstance(node, _OF_CUSTOMER):
        at = at.of_customer
    match node:
        case Not(item):
            yield item, at.asking(opposite(at.holds))
        case And(items) | Or(items):
            yield from ((item, at.asking(at.holds)) for item in items)
        case IsTrue(value):
            yield value, at.asking(at.holds)
        case Compare(left=left, right=right):
            is_truth = isinstance(left.type, BooleanType)
            truth = truth_asked(node, at.holds) if is_truth else at.holds
            inner = at.asking(truth, choice(node, at.holds), counted=asks_for_some(node, at.holds))
            yield from ((left, inner), (right, inner))
        case Between(value, low, high):
            yield value, at.asking(at.holds, choice(node, at.holds))
            yield from ((bound, at.asking(at.holds)) for bound in (low, high))
        case OneOf(value=value) | InListFile(value=value) | TextTest(value=value) | ListTest(value=value):
            yield value, at.asking(at.holds, choice(node, at.holds))
        case Did(events, op, times):
            yield events, At(found=is_some(op, times, at.holds))
        case Aggregate(kind, events, of):
            yield events, At(found=at.counted)
            passes = gives_one_of_the_values(kind)
            if of is not None:
                yield of, At(at.holds if passes else None, at.choice if passes else None, _rows(events))
        case EdgeRow(events=events, condition=condition):
            found = at.holds is True
            yield events, At(found=found)
            yield condition, At(at.holds, None, _rows(events), found=found)
        case Figure(of=of, events=events, among=among):
            if events is not None:
                yield events, At()
            yield of, At(None, None, _rows(events) if events is not None else ())
            if among is not None:
                yield among, At()
        case Top(by=by, among=among):
            yield by, at.asking(None)
            if among is not None:
                yield among, At(ranked(at.holds))
        case Quantified(quantifier, condition=condition):
            # That none of several is so says what each of them is instead.
            yield condition, At(None if quantifier is Quantifier.NONE else at.holds)
        case NumberOfRelated(condition=condition):
            yield condition, At(True if at.counted else None)
        case Events():
            yield from _below_events(node, at)
        case _:
            # What is left asks for a value as such: whether it is known, when it was, what it adds up to.
            yield from (
                (part, At(found=False) if isinstance(part, Events) else at.asking(None)) for part in children(node)
            )


def _below_events(events: Events, at: At) -> Iterator[tuple[Node, At]]:
    """The tests on rows. Rows are chosen by what they are, whether or not there are to be any."""
    if events.where is not None:
        yield events.where, At(True, None, _rows(events), at.steps, at.found)
    reached = [_rows(events)]
    for link in events.links:
        yield link.events, At(steps=tuple(reached), found=at.found and link.kind is LinkKind.THEN)
        if link.kind is LinkKind.THEN:
            reached.append(_rows(link.events))


def _rows(events: Events) -> Rows:
    return tuple(("event", name) for name in events.names)
