"""What the names of a rule set stand for, and what each reads by itself. Every definition is walked once.

    define loyal as number of purchase >= 5 and age >= 18
    segment gold where loyal and country = "GB"

`gold` by itself reads `country` and the name `loyal`; `loyal` reads `age` and one value of events.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.walk import caps_of, children, conditions_of, expressions_of, named_by
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.lowering.related import number_of
from segrules.reference.needs import Step
from segrules.reference.population import Crowd
from segrules.types.types import IntegerType

OfEvents = ir.Aggregate | ir.EventTime | ir.Rhythm
"""Values that are made of a customer's events."""

Source = OfEvents | ir.NumberOfRelated
"""Values that are made of events, or of other customers."""


def count_of(node: ir.Did) -> ir.Aggregate:
    """The number of rows that `did` compares."""
    return ir.Aggregate(ir.AggregateKind.NUMBER, node.events, None, IntegerType())


def read_by(source: Source) -> list[ir.Expression]:
    """The expressions that a value is made of: each `where` of its events and what it is of, or what is asked."""
    if isinstance(source, ir.NumberOfRelated):
        return [source.condition]
    of = source.of if isinstance(source, ir.Aggregate) else None
    wheres = (source.events.where, *(link.events.where for link in source.events.links))
    return [part for part in (*wheres, of) if part is not None]


def counted_by(node: Crowd) -> list[ir.Expression]:
    """The expressions that something about everybody is made of."""
    if isinstance(node, ir.Top):
        parts = [node.by, node.among]
    else:
        parts = [None if node.events is None else node.events.where, node.of, node.among]
    return [part for part in parts if part is not None]


@dataclass(slots=True)
class Direct:
    """What expressions read by themselves, names not followed.

    `names`, `sources`, `crowds` and `attributes` are read of the customer; what the rows of a source read stands with
    the source, and what is read of everybody with the crowd.
    `mentions`, `selections` and `related` are all names, selections of events, and what is asked of relations,
    wherever they stand.
    """

    names: list[Step] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    crowds: list[Crowd] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    mentions: list[Step] = field(default_factory=list)
    selections: list[ir.Events] = field(default_factory=list)
    related: list[ir.RelatedColumn | ir.NumberOfRelated | ir.Quantified] = field(default_factory=list)


def direct(expressions: Iterable[ir.Expression]) -> Direct:
    """What some expressions read by themselves."""
    found = Direct()
    for expression in expressions:
        _walk(expression, found)
    return found


def _walk(expression: ir.Expression, found: Direct) -> None:
    stack: list[tuple[ir.Node, bool]] = [(expression, False)]
    while stack:
        node, in_rows = stack.pop()
        if (name := named_by(node)) is not None:
            found.mentions.append(name)
            if not in_rows:
                found.names.append(name)
            continue
        match node:
            case ir.Events():
                found.selections.append(node)
            case ir.RelatedColumn():
                found.related.append(node)
            case ir.NumberOfRelated() | ir.Quantified():
                found.related.append(node)
                if not in_rows:
                    found.sources.append(number_of(node) if isinstance(node, ir.Quantified) else node)
                in_rows = True
            case ir.Attribute(name=attribute) if not in_rows:
                found.attributes.add(attribute)
            case ir.Aggregate() | ir.EventTime() | ir.Did() | ir.EdgeRow() if not in_rows:
                _take(node, found)
                in_rows = True
            case ir.UnitsOf() | ir.UnitsWith() | ir.DaysBetween() if not in_rows:
                found.sources.append(node)
            case ir.Figure() | ir.Top() if not in_rows:
                found.crowds.append(node)
                in_rows = True
            case _:
                pass
        stack.extend((part, in_rows) for part in reversed(list(children(node))))


def _take(node: ir.Aggregate | ir.EventTime | ir.Did | ir.EdgeRow, found: Direct) -> None:
    match node:
        case ir.Did():
            found.sources.append(count_of(node))
        case ir.EdgeRow(_, _, condition):
            found.sources.append(edge_time(node))
            of_row = direct([at_edge(condition, node)])
            found.sources += of_row.sources
            found.crowds += of_row.crowds
            found.names += of_row.names
            found.attributes |= of_row.attributes
        case _:
            found.sources.append(node)


class Definitions:
    """What each name of a rule set, and each value of events, reads by itself; found once."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._named: dict[Step, Direct] = {}
        self._rows: dict[Source, Direct] = {}
        self._crowds: dict[Crowd, Direct] = {}

    def of(self, step: Step) -> Direct:
        """What a name reads."""
        if step not in self._named:
            self._named[step] = direct(self.expressions(step))
        return self._named[step]

    def of_rows(self, source: Source) -> Direct:
        """What the rows of a value of events read: of their customer, too."""
        found = self._rows.get(source)
        if found is None:
            found = self._rows[source] = direct(read_by(source))
        return found

    def of_crowd(self, node: Crowd) -> Direct:
        """What something about everybody reads of each customer."""
        found = self._crowds.get(node)
        if found is None:
            found = self._crowds[node] = direct(counted_by(node))
        return found

    def expressions(self, step: Step) -> Iterator[ir.Expression]:
        """The expressions that a name stands for."""
        kind, name = step
        match kind:
            case "define":
                yield self._rules.definitions[name].body
            case "segment":
                yield from conditions_of(self._rules.segments[name])
            case "caps":
                yield from caps_of(self._rules.catalogue, self._rules.segments[name])
            case "score":
                yield from expressions_of(self._rules.scores[name])
            case _:
                yield from (stage.condition for stage in self._rules.partitions[name].stages)

    def order(self, roots: Iterable[Step]) -> tuple[Step, ...]:
        """The roots and all that they name, each behind all that it needs."""
        ordered: dict[Step, None] = {}
        for root in roots:
            stack = [] if root in ordered else [(root, iter(self.of(root).mentions))]
            while stack:
                step, following = stack[-1]
                needed = next(following, None)
                if needed is None:
                    stack.pop()
                    ordered[step] = None
                elif needed not in ordered:
                    stack.append((needed, iter(self.of(needed).mentions)))
        return tuple(ordered)

    def related(self, steps: Iterable[Step]) -> dict[str, frozenset[str]]:
        """The relations of which these steps read columns, and which."""
        found: dict[str, set[str]] = {}
        for step in steps:
            for node in self.of(step).related:
                if isinstance(node, ir.RelatedColumn):
                    found.setdefault(node.relation, set()).add(node.column)
        return {name: frozenset(found[name]) for name in sorted(found)}

    def shared(self, steps: Iterable[Step]) -> frozenset[str]:
        """The relations whose customers these steps ask something."""
        asked = (node for step in steps for node in self.of(step).related)
        return frozenset(node.relation for node in asked if not isinstance(node, ir.RelatedColumn))

    def events(self, steps: Iterable[Step]) -> frozenset[str]:
        """The events whose rows these steps read."""
        return frozenset(name for step in steps for events in self.of(step).selections for name in events.names)


class Reads:
    """All that some expressions read of a customer, names followed.

    Without `follow` only what they read themselves, not what their events, scores and crowds read. `sources` have the
    largest number of rows that is asked for, None where there is no such.
    """

    def __init__(self, definitions: Definitions, *, follow: bool = True) -> None:
        self.sources: dict[Source, int | None] = {}
        self.scores: dict[str, None] = {}
        self.crowds: dict[Crowd, None] = {}
        self.attributes: set[str] = set()
        self._follow = follow
        self._definitions = definitions
        self._names: set[Step] = set()

    def add(self, expression: ir.Expression, cap: int | None = None) -> None:
        """Add what an expression reads; `cap` where it is a number of rows of which no more is asked."""
        if isinstance(expression, Source):
            self._add_source(expression, cap)
        else:
            self.add_direct(direct([expression]))

    def add_direct(self, found: Direct) -> None:
        """Add what is read by itself, and all that this reads."""
        waiting = [found]
        while waiting:
            part = waiting.pop()
            self.attributes |= part.attributes
            for name in part.names:
                if name[0] == "score":
                    self.scores[name[1]] = None
                if name not in self._names and (self._follow or name[0] != "score"):
                    self._names.add(name)
                    waiting.append(self._definitions.of(name))
            for node in part.crowds:
                if node not in self.crowds:
                    self.crowds[node] = None
                    waiting += [self._definitions.of_crowd(node)] if self._follow else []
            waiting += [rows for source in part.sources if (rows := self._source(source, None)) is not None]

    def _add_source(self, source: Source, cap: int | None) -> None:
        rows = self._source(source, cap)
        if rows is not None:
            self.add_direct(rows)

    def _source(self, source: Source, cap: int | None) -> Direct | None:
        """What the rows of a source read, where that is to be followed and was not yet."""
        if source in self.sources:
            known = self.sources[source]
            self.sources[source] = None if known is None or cap is None else max(known, cap)
            return None
        self.sources[source] = cap
        return self._definitions.of_rows(source) if self._follow else None
