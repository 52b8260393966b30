"""Typed rules into the plan of a run: what is scanned, what segments share, what is worked out, what clauses cost.

It needs neither data nor `as_of`; costs are estimates by the table of prices in `costs.py`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from segrules.diagnostics.errors import BadRules
from segrules.explain.lines import listed, quoted
from segrules.explain.reads import Reads, reads_of
from segrules.explain.windows import window_words
from segrules.ir import nodes as ir
from segrules.ir.build import negation
from segrules.ir.catalogue import Catalogue, Table
from segrules.ir.membership import suppressions
from segrules.ir.rules import ConsentClause, Partition, Rules, Segment, Status
from segrules.ir.walk import children, conditions_of, descendants, expressions_of
from segrules.lowering import leaves
from segrules.lowering.costs import (
    PRICES,
    Cost,
    leaf_cost,
    leaf_kind,
    operations_cost,
    source_cost,
    source_kind,
    total,
)
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.lowering.lower import Lowered, Lowering, lower
from segrules.lowering.print import condition_line, leaf_words, program_lines, value_line
from segrules.lowering.program import Operation, Plane, Program, Root, Side
from segrules.lowering.stages import Source, count_of
from segrules.reference.needs import Step, steps

_MOST_SHOWN = 20
_MEMBER = Root(Plane.MEMBER, "")


@dataclass(frozen=True, slots=True)
class Scan:
    """A table that is read, and the columns of it, by their names in the catalogue."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventScan:
    """A kind of event that is read, the table it is in, and the windows that rules ask for."""

    event: str
    table: str
    windows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A value, aggregate, threshold or other test that several segments need: worked out once."""

    kind: str
    words: str
    segments: int


@dataclass(frozen=True, slots=True)
class Worked:
    """What is worked out before the program runs: values of events, then scores, stage by stage."""

    stage: int
    kind: str
    words: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Size:
    """How large the program is: leaves by kind, operations, rows of bits."""

    leaves: Mapping[str, int]
    ands: int
    ors: int
    nots: int
    rows: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a segment; `shared` is how many other segments of the plan need all of its tests, too."""

    segment: str
    kind: str
    words: str
    cost: Cost
    shared: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of some segments does. `cost` is that of the whole program, each shared part counted once."""

    segments: tuple[str, ...]
    partitions: tuple[str, ...]
    scans: tuple[Scan, ...]
    events: tuple[EventScan, ...]
    shared: tuple[Shared, ...]
    worked: tuple[Worked, ...]
    size: Size
    clauses: tuple[Clause, ...]
    cost: Cost
    operations: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(_text(self)) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values, without the program's operations."""
        return {
            "segments": list(self.segments),
            "partitions": list(self.partitions),
            "scans": [{"table": item.table, "columns": list(item.columns)} for item in self.scans],
            "events": [
                {"event": item.event, "table": item.table, "windows": list(item.windows)} for item in self.events
            ],
            "shared": [{"kind": item.kind, "what": item.words, "segments": item.segments} for item in self.shared],
            "worked_out": [
                {"stage": item.stage, "kind": item.kind, "what": item.words, "cost": _cost_json(item.cost)}
                for item in self.worked
            ],
            "program": {
                "leaves": dict(self.size.leaves),
                "and": self.size.ands,
                "or": self.size.ors,
                "not": self.size.nots,
                "rows": self.size.rows,
            },
            "clauses": [
                {
                    "segment": item.segment,
                    "kind": item.kind,
                    "what": item.words,
                    "cost": _cost_json(item.cost),
                    "shared_with": item.shared,
                }
                for item in self.clauses
            ],
            "cost": _cost_json(self.cost),
            "prices": {
                name: {"nanoseconds": price.nanoseconds, "per": price.per, "source": price.source}
                for name, price in PRICES.items()
            },
        }


def plan(rules: Rules, segment: str | None = None) -> Plan:
    """The plan of all active segments and partitions, or of one segment and what it refers to.

    Raises:
        BadRules: something that would be run is not yet evaluated.
        KeyError: there is no such segment.
    """
    active = tuple(name for name, item in sorted(rules.segments.items()) if item.header.status is Status.ACTIVE)
    names, run = active, rules
    if segment is not None:
        names = (segment,)
        run = replace(rules, partitions=_partitions_of(rules, rules.segments[segment]))
    try:
        lowered = lower(run, names, three_valued=False)
        return _Planning(rules, lowered, names, tuple(run.partitions), active).plan()
    except NotImplementedError as error:
        raise BadRules(
            f"`{error}` is not yet evaluated, so that there is no plan", help="plan the other segments one by one"
        ) from None


def _partitions_of(rules: Rules, segment: Segment) -> dict[str, Partition]:
    """The partitions that a segment refers to, through whatever it names."""
    found: set[str] = set()
    seen: set[Step] = set()
    waiting: list[Step] = [("segment", segment.name)]
    while waiting:
        step = waiting.pop()
        if step not in seen:
            seen.add(step)
            if step[0] == "partition":
                found.add(step[1])
            names = (_named(node) for root in _roots(rules, *step) for node in descendants(root))
            waiting.extend(name for name in names if name is not None)
    return {name: item for name, item in rules.partitions.items() if name in found}


def _named(node: ir.Expression | ir.Events) -> Step | None:
    """What a node names of the rule set."""
    match node:
        case ir.Defined(name) | ir.DefinedValue(name):
            return "define", name
        case ir.InSegment(name):
            return "segment", name
        case ir.InStage(name):
            return "partition", name
        case ir.Band(name):
            return "score", name
        case _:
            return None


def _roots(rules: Rules, kind: str, name: str) -> tuple[ir.Expression, ...]:
    """The expressions that a name stands for."""
    match kind:
        case "define":
            return (rules.definitions[name].body,)
        case "segment":
            return tuple(conditions_of(rules.segments[name]))
        case "partition":
            return tuple(stage.condition for stage in rules.partitions[name].stages)
        case _:
            return tuple(expressions_of(rules.scores[name]))


def _conditions(segment: Segment) -> Iterator[tuple[str, ir.Condition]]:
    """The clauses of a segment as conditions that have to hold, each part of `where` by itself."""
    where = segment.where
    if where is not None:
        yield from (("where", part) for part in (where.items if isinstance(where, ir.And) else (where,)))
    for excepted in segment.excepts:
        yield "except", excepted.condition
    for eligible in segment.eligible:
        yield "eligible", eligible.condition


class _Planning:
    """Makes one plan. One lowering serves for all clauses, so that equal tests are equal leaves."""

    def __init__(
        self,
        rules: Rules,
        lowered: Lowered,
        names: tuple[str, ...],
        partitions: tuple[str, ...],
        active: tuple[str, ...],
    ) -> None:
        self._rules = rules
        self._lowered = lowered
        self._names = names
        self._partitions = partitions
        kept = {name: rules.partitions[name] for name in partitions}
        self._order = steps(replace(rules, partitions=kept), names)
        self._one = Lowering(rules)
        self._priced: dict[int, tuple[frozenset[leaves.Leaf], Cost]] = {}
        self._tests: dict[str, frozenset[leaves.Leaf]] = {}
        for kind, name in steps(rules, (*names, *active)):
            # What is not yet evaluated stops the plan only where the plan is about it.
            with suppress(NotImplementedError):
                self._one.name(kind, name)
        for name in dict.fromkeys((*names, *active)):
            with suppress(NotImplementedError):
                self._tests[name] = self._leaves(self._one.member(rules.segments[name]))

    def plan(self) -> Plan:
        program = self._lowered.program
        worked = tuple(self._worked())
        return Plan(
            self._names,
            self._partitions,
            *self._scans(),
            self._shared(),
            worked,
            self._size(),
            tuple(clause for name in self._names for clause in self._clauses(self._rules.segments[name])),
            self._cost(program),
            tuple(program_lines(self._rules, program)),
        )

    # --- what is shared

    def _program(self, node: int) -> Program:
        return self._one.nodes.finished(self._one.values, {_MEMBER: node})

    def _leaves(self, node: int) -> frozenset[leaves.Leaf]:
        return frozenset(self._program(node).leaves)

    def _shared(self) -> tuple[Shared, ...]:
        """What more than one segment needs, the most shared first."""
        tests: Counter[leaves.Leaf] = Counter()
        values: Counter[int] = Counter()
        here = frozenset(leaf for name in self._names for leaf in self._tests.get(name, ()))
        tested = _values(here)
        for found in self._tests.values():
            tests.update(found & here)
            values.update(_values(found) & tested)
        program = replace(self._lowered.program, values=tuple(self._one.values))
        shared = [
            Shared(self._test_kind(leaf), leaf_words(self._rules, program, leaf), count)
            for leaf, count in tests.items()
            if count > 1
        ]
        shared += [
            Shared(_value_kind(self._one.values[number]), value_line(self._rules, self._one.values[number]), count)
            for number, count in values.items()
            if count > 1
        ]
        return tuple(sorted(set(shared), key=lambda item: (-item.segments, item.kind, item.words)))

    def _test_kind(self, leaf: leaves.Leaf) -> str:
        return "threshold" if isinstance(leaf, leaves.AtLeast) else "condition"

    # --- what is worked out

    def _worked(self) -> Iterator[Worked]:
        for number, stage in enumerate(self._lowered.stages.stages, 1):
            made = [
                Worked(number, source_kind(source), value_line(self._rules, source), source_cost(source))
                for source in stage.aggregates
            ]
            yield from sorted(made, key=lambda item: item.words)
            for score in sorted(stage.scores):
                yield Worked(number, "score", f"score `{score}`", Cost(PRICES["score"].nanoseconds))

    def _size(self) -> Size:
        program = self._lowered.program
        kinds = Counter(leaf_kind(leaf, program.values) for leaf in program.leaves)
        operations = Counter(program.operations.tolist())
        ands, ors, nots = (operations[int(of)] for of in (Operation.AND, Operation.OR, Operation.NOT))
        return Size(dict(sorted(kinds.items())), ands, ors, nots, program.rows)

    def _cost(self, program: Program) -> Cost:
        """Everything that a program needs, each part once."""
        made = total(leaf_cost(leaf, program.values) for leaf in program.leaves)
        sources, scores = self._needed(program)
        prepared = total(map(source_cost, sources)) + Cost(len(scores) * PRICES["score"].nanoseconds)
        return made + operations_cost(len(program.operations)) + prepared

    def _needed(self, program: Program) -> tuple[tuple[Source, ...], frozenset[str]]:
        """The values of events and the scores that leaves need, names followed."""
        tested = sorted(_values(program.leaves))
        waiting: list[ir.Expression | ir.Events] = [program.values[number] for number in tested]
        waiting += [leaf.atom for leaf in program.leaves if isinstance(leaf, leaves.Tested)]
        sources: dict[Source, None] = {}
        names: set[tuple[str, str]] = set()
        while waiting:
            node = waiting.pop()
            name = _named(node)
            if name is not None and name not in names:
                names.add(name)
                waiting.extend(_roots(self._rules, *name))
            match node:
                case ir.Aggregate() | ir.EventTime():
                    found: Source = node
                case ir.Did():
                    found = count_of(node)
                case ir.EdgeRow(_, _, condition):
                    found = edge_time(node)
                    waiting.append(at_edge(condition, node))
                case _:
                    waiting.extend(children(node))
                    continue
            if found not in sources:
                sources[found] = None
                waiting.extend(children(found))
        return tuple(sources), frozenset(name for kind, name in names if kind == "score")

    # --- clauses

    def _clauses(self, segment: Segment) -> Iterator[Clause]:
        for kind, condition in _conditions(segment):
            shown = negation(condition) if kind == "except" else condition
            yield self._clause(segment, kind, condition_line(self._rules, shown), self._one.known(condition, True))
        for clause in segment.consents:
            words = _consent_words(clause, segment, self._rules.catalogue)
            bare = replace(segment, where=None, excepts=(), eligible=(), consents=(clause,))
            node = self._consent(bare)
            yield self._clause(segment, "consent", words, node)
        for name in suppressions(self._rules.catalogue, segment):
            node = self._one.nodes.leaf(leaves.Suppressed(name), Side.NO)
            yield self._clause(segment, "suppression", f"not on the list `{name}`", node)

    def _consent(self, segment: Segment) -> int:
        """The node of one consent clause."""
        groups = [
            self._one.nodes.all_of(
                [
                    self._one.nodes.leaf(leaves.HasConsent(item.channel, item.given, segment.header.purposes), Side.YES)
                    for item in group
                ]
            )
            for group in segment.consents[0].any_of
        ]
        return self._one.nodes.any_of(groups)

    def _clause(self, segment: Segment, kind: str, words: str, node: int) -> Clause:
        if node not in self._priced:
            program = self._program(node)
            self._priced[node] = (frozenset(program.leaves), self._cost(program))
        tests, cost = self._priced[node]
        shared = sum(1 for name, found in self._tests.items() if name != segment.name and tests and tests <= found)
        return Clause(segment.name, kind, words, cost, shared)

    # --- what is read

    def _scans(self) -> tuple[tuple[Scan, ...], tuple[EventScan, ...]]:
        columns: dict[str, set[str]] = {}
        windows: dict[str, set[str]] = {}
        reads = [reads_of(self._rules, name) for name in (*self._names, *self._partitions)]
        for item in reads:
            _customer_columns(self._rules.catalogue, item, columns)
            _event_columns(self._rules.catalogue, item, columns)
            for name in item.events:
                windows.setdefault(name, set())
        for kind, name in self._order:
            for node in (node for root in _roots(self._rules, kind, name) for node in descendants(root)):
                if isinstance(node, ir.Events):
                    words = window_words(node.window, self._rules.catalogue.zone) or "ever"
                    for event in node.names:
                        windows.setdefault(event, set()).add(words)
        scans = tuple(Scan(table, tuple(sorted(names))) for table, names in sorted(columns.items()))
        known = self._rules.catalogue.events
        events = tuple(
            EventScan(name, known[name].table, tuple(sorted(found)))
            for name, found in sorted(windows.items())
            if name in known
        )
        return scans, events


_WITHOUT_VALUE = leaves.Tested | leaves.HasConsent | leaves.Suppressed


def _values(found: Iterable[leaves.Leaf]) -> frozenset[int]:
    """The numbers of the values that leaves test."""
    return frozenset(leaf.value for leaf in found if not isinstance(leaf, _WITHOUT_VALUE))


def _value_kind(value: ir.Value) -> str:
    return "aggregate" if isinstance(value, ir.Aggregate | ir.EventTime) else "value"


def _consent_words(clause: ConsentClause, segment: Segment, catalogue: Catalogue) -> str:
    groups = []
    for group in clause.any_of:
        parts = []
        for item in group:
            window = "" if item.given is None else window_words(item.given, catalogue.zone)
            parts.append(f"`{item.channel}`" + (f", given {window}" if window else ""))
        groups.append(" and ".join(parts))
    covering = f", covering {listed(quoted(segment.header.purposes))}" if segment.header.purposes else ""
    return f"consent for {' or '.join(groups)}{covering}"


# --- columns --------------------------------------------------------------------------------------


def _stored(table: Table, name: str) -> Iterator[str]:
    """The stored columns that a column of a table comes from."""
    column = table.columns.get(name)
    if column is None:
        return
    if column.derive is None:
        yield name
    else:
        yield from _properties(column.derive, table)


def _properties(expression: ir.Expression | None, table: Table) -> Iterator[str]:
    if expression is not None:
        names = {node.name for node in descendants(expression) if isinstance(node, ir.Property)}
        yield from (found for name in sorted(names) for found in _stored(table, name))


def _add(columns: dict[str, set[str]], table: str, names: Iterable[str]) -> None:
    columns.setdefault(table, set()).update(names)


def _customer_columns(catalogue: Catalogue, reads: Reads, columns: dict[str, set[str]]) -> None:
    """The key, and the columns of the customers and of the tables joined to them."""
    customers, tables = catalogue.customers, catalogue.tables
    needed = set(reads.columns)
    for channel in reads.consents:
        kept = catalogue.consents.columns.get(channel)
        if kept is not None:
            needed |= {name for name in (kept.state, kept.time, kept.expiry) if name is not None}
    derivation = customers.derivation
    if derivation is not None:
        table = tables[derivation.table]
        read = [derivation.key, derivation.time, *derivation.order_by, *_properties(derivation.where, table)]
        read += [chosen.column for name, chosen in derivation.attributes.items() if name in needed]
        _add(columns, table.name, (found for name in read for found in _stored(table, name)))
    for name in (customers.table, *customers.joined):
        if name is None:
            continue
        table = tables[name]
        found = {stored for column in needed for stored in _stored(table, column)}
        if (found or name == customers.table) and table.key is not None:
            _add(columns, name, found | {table.key})


def _event_columns(catalogue: Catalogue, reads: Reads, columns: dict[str, set[str]]) -> None:
    """The columns of events, of consent records and of suppression lists."""
    tables = catalogue.tables
    for name, properties in reads.events.items():
        event = catalogue.events.get(name)
        if event is None:
            continue
        table = tables[event.table]
        found = {event.customer, event.time, *event.order_by, *_properties(event.where, table)}
        for item in properties:
            found |= set(_stored(table, item))
            if event.grouping is not None and item in event.grouping.properties:
                found |= set(_properties(event.grouping.properties[item].of, table))
        if event.grouping is not None:
            found |= set(event.grouping.by)
        _add(columns, event.table, found)
    kept = catalogue.consents.table
    if kept is not None and any(channel not in catalogue.consents.columns for channel in reads.consents):
        wanted = (kept.customer, kept.channel, kept.status, kept.time, kept.purpose, kept.expiry)
        _add(columns, kept.table, (column for column in wanted if column is not None))
    for name in reads.suppressions:
        _add(columns, catalogue.suppressions[name].table, [catalogue.suppressions[name].customer])


# --- text -----------------------------------------------------------------------------------------


def _text(made: Plan) -> Iterator[str]:
    yield f"plan of {_some(made.segments, 'segment')}" + (
        f" and {_some(made.partitions, 'partition')}" if made.partitions else ""
    )
    yield ""
    yield "reads"
    for scan in made.scans:
        yield f"  table {scan.table}: {', '.join(scan.columns)}"
    for event in made.events:
        yield f"  event {event.event} of table {event.table}: {'; '.join(event.windows)}"
    if made.shared:
        yield ""
        yield "shares, worked out once"
        for shared in made.shared[:_MOST_SHOWN]:
            yield f"  {shared.segments} segments: {shared.kind} {shared.words}"
        if len(made.shared) > _MOST_SHOWN:
            yield f"  … and {len(made.shared) - _MOST_SHOWN} more"
    if made.worked:
        yield ""
        yield "works out before the program runs"
        for worked in made.worked:
            yield f"  stage {worked.stage}: {worked.words} [{cost_words(worked.cost)}]"
    yield ""
    yield "runs the program, block by block of customers"
    counted = sum(made.size.leaves.values())
    kinds = ", ".join(f"{count} {kind}" for kind, count in made.size.leaves.items())
    yield f"  {counted} leaves" + (f": {kinds}" if kinds else "")
    yield f"  {made.size.ands} AND, {made.size.ors} OR, {made.size.nots} NOT on {made.size.rows} rows of bits"
    for segment in made.segments:
        yield ""
        yield f"segment {segment}"
        for clause in made.clauses:
            if clause.segment == segment:
                others = f"; shared with {clause.shared} other{'s' * (clause.shared != 1)}" if clause.shared else ""
                yield f"  {clause.kind}: {clause.words} [{cost_words(clause.cost)}{others}]"
    yield ""
    yield f"estimated in all: {cost_words(made.cost)}"
    yield "an estimate to compare clauses by, without reading the data; what is shared is counted once in all,"
    yield "and in every clause that needs it"


def cost_words(cost: Cost) -> str:
    """An estimate in words.

    >>> cost_words(Cost(0.09, {"purchase": 4.0}))
    '0.09 ns per customer + 4 ns per `purchase` in the window'
    """
    parts = [f"{cost.customer:.3g} ns per customer"] if cost.customer or not cost.events else []
    parts += [f"{price:.3g} ns per `{name}` in the window" for name, price in cost.events.items()]
    return " + ".join(parts)


def _some(names: tuple[str, ...], what: str) -> str:
    if len(names) == 1:
        return f"{what} {names[0]}"
    return f"{len(names)} {what}s"


def _cost_json(cost: Cost) -> dict[str, Any]:
    return {
        "nanoseconds_per_customer": round(cost.customer, 3),
        "nanoseconds_per_event": {name: round(price, 3) for name, price in cost.events.items()},
    }
