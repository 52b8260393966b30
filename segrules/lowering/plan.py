"""Typed rules into the plan of a run: what is scanned, what segments share, what is worked out, what clauses cost.

It needs neither data nor `as_of`; costs are estimates by the table of prices in `costs.py`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from segrules.explain.lines import listed, quoted
from segrules.explain.windows import window_words
from segrules.ir import nodes as ir
from segrules.ir.build import negation
from segrules.ir.catalogue import Catalogue
from segrules.ir.membership import caps, held_out, suppressions
from segrules.ir.rules import ConsentClause, Rules, Segment, Status
from segrules.lowering import leaves
from segrules.lowering.costs import PRICES, Cost, crowd_cost, crowd_kind, leaf_kind, source_cost, source_kind
from segrules.lowering.definitions import Definitions
from segrules.lowering.lower import Lowered, Lowering, lower
from segrules.lowering.plan_costs import Costs
from segrules.lowering.plan_parts import Clause, EventScan, Plan, Scan, Shared, Size, Worked
from segrules.lowering.print import condition_line, crowd_line, leaf_words, program_lines, value_line
from segrules.lowering.program import Operation, Side
from segrules.lowering.scans import scans
from segrules.lowering.stages import Source, value_of

__all__ = ["Plan", "plan"]


def plan(rules: Rules, segment: str | None = None) -> Plan:
    """The plan of all active segments and partitions, or of one segment and what it refers to.

    Raises:
        KeyError: there is no such segment.
    """
    active = tuple(name for name, item in sorted(rules.segments.items()) if item.header.status is Status.ACTIVE)
    names = active if segment is None else (segment,)
    if segment is not None and segment not in rules.segments:
        raise KeyError(segment)
    definitions = Definitions(rules)
    run = {name for name, item in rules.partitions.items() if item.header.status is Status.ACTIVE}
    roots = [(kind, name) for name in names for kind in ("segment", "caps")]
    needed = {name for kind, name in definitions.order(roots) if kind == "partition"}
    kept = {
        name: item for name, item in rules.partitions.items() if name in needed or (segment is None and name in run)
    }
    besides = tuple(name for name in rules.partitions if name in run and name not in kept)
    lowered = lower(replace(rules, partitions=kept), names, three_valued=False)
    return _Planning(rules, definitions, lowered, names, active).plan(tuple(kept), besides)


class _Planning:
    """Makes one plan. One lowering serves for all clauses, so that equal tests are equal leaves.

    Sets of segments, and of what leaves need, are bits of whole numbers.
    """

    def __init__(
        self, rules: Rules, definitions: Definitions, lowered: Lowered, names: tuple[str, ...], active: tuple[str, ...]
    ) -> None:
        self._rules = rules
        self._definitions = definitions
        self._lowered = lowered
        self._names = names
        self._one = Lowering(rules)
        self._costs = Costs(definitions, self._one.nodes.leaves, self._one.values)
        everybody = dict.fromkeys((*names, *active))
        for step in definitions.order((kind, name) for name in everybody for kind in ("segment", "caps")):
            self._one.name(*step)
        self._bits = {name: 1 << place for place, name in enumerate(everybody)}
        self._needing: Counter[int] = Counter()
        for name, bit in self._bits.items():
            tests, _ = self._one.nodes.below(self._one.member(rules.segments[name]))
            for test in tests:
                self._needing[test] |= bit

    def plan(self, partitions: tuple[str, ...], besides: tuple[str, ...]) -> Plan:
        """All parts together."""
        program = self._lowered.program
        return Plan(
            self._names,
            partitions,
            besides,
            self._scans(),
            self._events(),
            self._shared(),
            tuple(self._worked()),
            self._size(),
            tuple(clause for name in self._names for clause in self._clauses(self._rules.segments[name])),
            Costs(self._definitions, program.leaves, program.values).of(
                range(len(program.leaves)), len(program.operations)
            ),
            tuple(program_lines(self._rules, program)),
        )

    # --- what is read

    def _scans(self) -> tuple[Scan, ...]:
        read = scans(self._rules.catalogue, self._lowered)
        return tuple(Scan(table, tuple(sorted(columns))) for table, columns in sorted(read.items()))

    def _events(self) -> tuple[EventScan, ...]:
        known, zone = self._rules.catalogue.events, self._rules.catalogue.zone
        windows: dict[str, set[str]] = {}
        selections = (events for step in self._lowered.order for events in self._definitions.of(step).selections)
        for window, names in dict.fromkeys((events.window, events.names) for events in selections):
            for name in names:
                windows.setdefault(name, set()).add(window_words(window, zone) or "ever")
        return tuple(EventScan(name, known[name].table, tuple(sorted(windows[name]))) for name in sorted(windows))

    # --- what is shared

    def _shared(self) -> tuple[Shared, ...]:
        """What more than one segment needs, the most shared first."""
        nodes, values = self._one.nodes, self._one.values
        here = sum(self._bits[name] for name in self._names)
        program = replace(self._lowered.program, values=tuple(values))
        tested: dict[int, int] = {}
        found: set[Shared] = set()
        for test, needing in self._needing.items():
            leaf = nodes.leaves[test]
            value = value_of(leaf)
            if value is not None:
                tested[value] = tested.get(value, 0) | needing
            if needing & here and needing.bit_count() > 1:
                kind = "threshold" if isinstance(leaf, leaves.AtLeast) else "condition"
                found.add(Shared(kind, leaf_words(self._rules, program, leaf), needing.bit_count()))
        for number, needing in tested.items():
            if needing & here and needing.bit_count() > 1:
                kind = "aggregate" if isinstance(values[number], Source) else "value"
                found.add(Shared(kind, value_line(self._rules, values[number]), needing.bit_count()))
        return tuple(sorted(found, key=lambda item: (-item.segments, item.kind, item.words)))

    # --- what is worked out

    def _worked(self) -> Iterator[Worked]:
        for number, stage in enumerate(self._lowered.stages.stages, 1):
            made = [
                Worked(number, source_kind(source), value_line(self._rules, source), source_cost(source))
                for source in (*stage.aggregates, *stage.related)
            ]
            yield from sorted(made, key=lambda item: item.words)
            for score in sorted(stage.scores):
                yield Worked(number, "score", f"score `{score}`", Cost(PRICES["score"].nanoseconds))
            told = [
                Worked(number, crowd_kind(node), crowd_line(self._rules, node), crowd_cost(node))
                for node in (*stage.crowds, *stage.pooled)
            ]
            yield from sorted(told, key=lambda item: item.words)

    def _size(self) -> Size:
        program = self._lowered.program
        kinds = Counter(leaf_kind(leaf, program.values) for leaf in program.leaves)
        operations = Counter(program.operations.tolist())
        ands, ors, nots = (operations[int(of)] for of in (Operation.AND, Operation.OR, Operation.NOT))
        return Size(dict(sorted(kinds.items())), ands, ors, nots, program.rows)

    # --- clauses

    def _clauses(self, segment: Segment) -> Iterator[Clause]:
        for kind, condition in _conditions(segment):
            shown = negation(condition) if kind == "except" else condition
            yield self._clause(segment, kind, condition_line(self._rules, shown), self._one.known(condition, True))
        for clause in segment.consents:
            words = _consent_words(clause, segment, self._rules.catalogue)
            yield self._clause(segment, "consent", words, self._one.consent(segment, clause))
        for name in suppressions(self._rules.catalogue, segment):
            node = self._one.nodes.leaf(leaves.Suppressed(name), Side.NO)
            yield self._clause(segment, "suppression", f"not on the list `{name}`", node)
        for cap in caps(self._rules.catalogue, segment):
            words = condition_line(self._rules, cap.condition)
            yield self._clause(segment, "cap", words, self._one.known(cap.condition, True))
        held = held_out(self._rules.catalogue, segment)
        if held is not None:
            words = condition_line(self._rules, held)
            yield self._clause(segment, "holdout", words, self._one.known(held, True))

    def _clause(self, segment: Segment, kind: str, words: str, node: int) -> Clause:
        tests, operations = self._one.nodes.below(node)
        needing = -1 if tests else 0
        for test in tests:
            needing &= self._needing[test]
        others = needing & ~self._bits[segment.name]
        return Clause(segment.name, kind, words, self._costs.of(tests, operations), others.bit_count())


def _conditions(segment: Segment) -> Iterator[tuple[str, ir.Condition]]:
    """The clauses of a segment as conditions that have to hold, each part of `where` by itself."""
    where = segment.where
    if where is not None:
        yield from (("where", part) for part in (where.items if isinstance(where, ir.And) else (where,)))
    for excepted in segment.excepts:
        yield "except", excepted.condition
    for eligible in segment.eligible:
        yield "eligible", eligible.condition


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
