"""What has to be worked out for all customers before a program can run, and in which order.

Aggregates of events and bands of scores are numbered by stages: whatever one reads of a customer (in an event's
`where`, or as a score's value) has a smaller number. Most rule sets have one stage of aggregates and one of scores.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.walk import children, conditions_of, expressions_of
from segrules.lowering import leaves
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.lowering.program import Program
from segrules.reference.needs import Step
from segrules.types.types import IntegerType, Type


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value over every customer's rows: what `kind` makes of `of` over the rows of `events`.

    `of` is None for numbers of rows and of days, and where the time of the first or last row is wanted.
    With `cap` no rule asks for more than whether a number of rows reaches 1 to `cap`.
    """

    events: ir.Events
    kind: ir.AggregateKind
    of: ir.Value | None
    type: Type
    cap: int | None = None


Source = ir.Aggregate | ir.EventTime
"""Values that are made of a customer's events."""


@dataclass
class Stage:
    """What can be worked out at once, everything of earlier stages being known."""

    aggregates: dict[Source, Wanted] = field(default_factory=dict)
    scores: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Stages:
    """All stages in order, and what is read of the customers besides.

    `attributes` are those that the program reads itself, `background` those that have to be known for all customers
    before it runs: what scores and the `where` of events read.
    """

    stages: tuple[Stage, ...]
    attributes: frozenset[str]
    background: frozenset[str]


def stages(rules: Rules, program: Program, order: Iterable[Step]) -> Stages:
    """Everything that the leaves of `program` need; `order` names definitions, each behind all that it needs."""
    caps = dict(_caps(program))
    tested = [leaf.atom for leaf in program.leaves if isinstance(leaf, leaves.Tested)]
    values = list(_values_used(program))
    reads, front = _Reads(rules), _Reads(rules, follow=False)
    for value in values:
        reads.add(value, caps.get(value))
        front.add(value)
    for atom in tested:
        reads.add(atom)
        front.add(atom)
    back = _Reads(rules)
    for part in (*(part for source in reads.sources for part in _read_by(source)), *_of_scores(rules, reads.scores)):
        back.add(part)
    depths = _Depths(rules, order)
    made: dict[int, Stage] = {}
    for source, cap in reads.sources.items():
        made.setdefault(depths.of(source), Stage()).aggregates[source] = wanted(source, cap)
    for score in reads.scores:
        made.setdefault(depths.of_name("score", score), Stage()).scores.append(score)
    ordered = tuple(made[number] for number in sorted(made))
    return Stages(ordered, frozenset(front.attributes), frozenset(back.attributes))


def count_of(node: ir.Did) -> ir.Aggregate:
    """The number of rows that `did` compares."""
    return ir.Aggregate(ir.AggregateKind.NUMBER, node.events, None, IntegerType())


def _sources(node: ir.Expression | ir.Events) -> tuple[list[Source], list[ir.Expression]] | None:
    """What a node takes from events, and what it reads besides; None for nodes that take nothing from there."""
    match node:
        case ir.Aggregate() | ir.EventTime():
            return [node], []
        case ir.Did():
            return [count_of(node)], []
        case ir.EdgeRow(_, _, condition):
            return [edge_time(node)], [at_edge(condition, node)]
        case _:
            return None


def _read_by(source: Source) -> list[ir.Expression]:
    of = source.of if isinstance(source, ir.Aggregate) else None
    return [part for part in (source.events.where, of) if part is not None]


def _parts(rules: Rules, kind: str, name: str) -> list[ir.Expression]:
    """The expressions that a name of the rule set stands for."""
    match kind:
        case "define":
            return [rules.definitions[name].body]
        case "segment":
            return list(conditions_of(rules.segments[name]))
        case "score":
            return list(expressions_of(rules.scores[name]))
        case _:
            return [stage.condition for stage in rules.partitions[name].stages]


def _of_scores(rules: Rules, names: Iterable[str]) -> Iterator[ir.Expression]:
    return (part for name in names for part in expressions_of(rules.scores[name]))


def _name(node: ir.Expression | ir.Events) -> Step | None:
    match node:
        case ir.Defined(name) | ir.DefinedValue(name):
            return "define", name
        case ir.InSegment(name):
            return "segment", name
        case ir.InStage(name):
            return "partition", name
        case ir.Band(score):
            return "score", score
        case _:
            return None


class _Reads:
    """All that some expressions read of a customer, names followed.

    Without `follow` only what they read themselves, not what their events and scores read.
    """

    def __init__(self, rules: Rules, *, follow: bool = True) -> None:
        self.sources: dict[Source, int | None] = {}
        self.scores: dict[str, None] = {}
        self.attributes: set[str] = set()
        self._follow = follow
        self._rules = rules
        self._names: set[Step] = set()

    def add(self, expression: ir.Expression, cap: int | None = None) -> None:
        """Add what an expression reads; `cap` where it is a number of rows of which no more is asked."""
        if cap is not None and isinstance(expression, ir.Aggregate):
            stack: list[ir.Expression | ir.Events] = [*self._source(expression, cap)]
        else:
            stack = [expression]
        while stack:
            node = stack.pop()
            taken = _sources(node)
            if taken is not None:
                stack.extend(taken[1])
                stack.extend(part for source in taken[0] for part in self._source(source, None))
                continue
            name = _name(node)
            if name is not None:
                if name[0] == "score":
                    self.scores[name[1]] = None
                if name not in self._names and (self._follow or name[0] != "score"):
                    self._names.add(name)
                    stack.extend(_parts(self._rules, *name))
                continue
            if isinstance(node, ir.Attribute):
                self.attributes.add(node.name)
            stack.extend(children(node))

    def _source(self, source: Source, cap: int | None) -> list[ir.Expression]:
        if source in self.sources:
            known = self.sources[source]
            self.sources[source] = None if known is None or cap is None else max(known, cap)
            return []
        self.sources[source] = cap
        return _read_by(source) if self._follow else []


class _Depths:
    """The latest stage of anything that an expression about customers reads; 0 for plain columns."""

    def __init__(self, rules: Rules, order: Iterable[Step]) -> None:
        self._names: dict[Step, int] = {}
        for kind, name in order:
            deepest = max((self._below(part) for part in _parts(rules, kind, name)), default=0)
            self._names[kind, name] = deepest + (kind == "score")

    def of(self, source: Source) -> int:
        """The stage in which a value of events can be worked out."""
        return 1 + max((self._below(part) for part in _read_by(source)), default=0)

    def of_name(self, kind: str, name: str) -> int:
        """The stage of a name."""
        return self._names[kind, name]

    def _below(self, expression: ir.Expression) -> int:
        deepest = 0
        stack: list[ir.Expression | ir.Events] = [expression]
        while stack:
            node = stack.pop()
            taken, name = _sources(node), _name(node)
            if taken is not None:
                deepest = max(deepest, *(self.of(source) for source in taken[0]))
                stack.extend(taken[1])
            elif name is not None:
                deepest = max(deepest, self._names[name])
            else:
                stack.extend(children(node))
        return deepest


def wanted(node: Source, cap: int | None = None) -> Wanted:
    """What to ask of events for a value."""
    match node:
        case ir.Aggregate(kind, events, of, type=of_type):
            return Wanted(events, kind, of, of_type, cap)
        case ir.EventTime(which, events, type=of_type):
            return Wanted(events, which, None, of_type)


def _values_used(program: Program) -> Iterator[ir.Value]:
    used = {leaf.value for leaf in program.leaves if not isinstance(leaf, _WITHOUT_VALUE)}
    return (program.values[number] for number in sorted(used))


_WITHOUT_VALUE = leaves.Tested | leaves.HasConsent | leaves.Suppressed


def _caps(program: Program) -> Iterator[tuple[ir.Value, int]]:
    """Counts of which leaves ask only whether they reach some numbers, with the largest of these."""
    bounds: dict[int, list[leaves.Bound | None]] = {}
    for leaf in program.leaves:
        if isinstance(leaf, leaves.AtLeast):
            bounds.setdefault(leaf.value, []).append(None if leaf.strict else leaf.bound)
        elif not isinstance(leaf, _WITHOUT_VALUE):
            bounds.setdefault(leaf.value, []).append(None)
    for number, asked in bounds.items():
        value = program.values[number]
        if isinstance(value, ir.Aggregate) and value.kind is ir.AggregateKind.NUMBER:
            whole: Sequence[int] = [bound for bound in asked if isinstance(bound, int)]
            if len(whole) == len(asked):
                yield value, max([1, *whole])
