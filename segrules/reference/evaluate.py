"""Typed rules and plain tables into members: the definition of what a run gives."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from segrules.ir import nodes as ir
from segrules.ir.build import conjunction
from segrules.ir.rules import Rules, Segment
from segrules.reference import consent
from segrules.reference.interpreter import Interpreter
from segrules.reference.needs import events_read, expressions, related_read, steps
from segrules.reference.outcome import FigureReport, Outcome, RankReport
from segrules.reference.parts import Parts
from segrules.reference.population import Crowd, crowds_of, figure, there, top
from segrules.reference.prepare import prepare
from segrules.reference.results import WorkedOut, results_for
from segrules.reference.sampling import chosen
from segrules.reference.scores import banded
from segrules.reference.values import Absent, Doubt, Plain, Result, Truth, both, opposite
from segrules.reference.windows import Clock
from segrules.reference.world import Customer, World
from segrules.types.cells import Tables

Progress = Callable[[str, int, int], None]


def evaluate(
    rules: Rules,
    tables: Tables,
    as_of: datetime,
    segments: Collection[str],
    progress: Progress | None = None,
) -> Outcome:
    """Evaluate `segments` and all partitions for every customer at one instant.

    Args:
        rules: typed rules without errors.
        tables: columns of the catalogue's tables by name, see `Tables`; null is None.
        as_of: an aware datetime.
        segments: names of the segments to evaluate.
        progress: told what is worked out, how many steps are done, and how many there are.

    Raises:
        DataProblem: the data contradict the catalogue.
    """
    return _evaluated(rules, tables, as_of, segments, progress or _silent).outcome(segments)


def worked_out(
    rules: Rules, tables: Tables, as_of: datetime, segments: Collection[str]
) -> tuple[Interpreter, Sequence[Customer]]:
    """The interpreter after all that `segments` need is worked out, with the customers whom it can be asked about.

    Raises:
        DataProblem: the data contradict the catalogue.
    """
    evaluation = _evaluated(rules, tables, as_of, segments, _silent)
    return evaluation.interpreter, evaluation.world.customers


def _evaluated(
    rules: Rules, tables: Tables, as_of: datetime, segments: Collection[str], tell: Progress
) -> "Evaluation":
    """Everything that `segments` and all partitions need, worked out."""
    tell("preparing customers", 0, 1)
    todo = steps(rules, segments)
    clock = Clock(as_of, rules.catalogue.zone)
    world = prepare(rules.catalogue, tables, clock, events_read(rules, todo), *related_read(rules, todo))
    tell("preparing customers", 1, 1)
    evaluation = Evaluation(rules, world, Parts(rules), results_for(rules, world, WorkedOut))
    for done, (kind, name) in enumerate(todo):
        tell("evaluating", done, len(todo))
        evaluation.work_out(kind, name)
    tell("evaluating", len(todo), len(todo))
    return evaluation


class Evaluation:
    """Works out definitions for all customers of a world, and keeps what comes of them in `known`."""

    def __init__(self, rules: Rules, world: World, parts: Parts, known: WorkedOut) -> None:
        self._rules = rules
        self._world = world
        self._parts = parts
        self._known = known
        self._interpreter = Interpreter(rules.catalogue, world.clock, known)
        self._ranks: dict[str, dict[str, RankReport]] = {}
        self._figures: dict[Crowd, FigureReport] = {}

    @property
    def interpreter(self) -> Interpreter:
        """Knows what has been worked out."""
        return self._interpreter

    @property
    def world(self) -> World:
        """All customers."""
        return self._world

    def work_out(self, kind: str, name: str) -> None:
        """Work out one definition, score, segment or partition for every customer, and first the figures in it."""
        for node in crowds_of(expressions(self._rules, (kind, name))):
            self.work_out_crowd(node)
        self.work_out_step(kind, name)

    def work_out_crowd(self, node: Crowd) -> None:
        """Work out a population figure, or who is at the top, unless it is known."""
        if node not in self._figures:
            self._figures[node] = self._crowd(node)

    def work_out_step(self, kind: str, name: str) -> None:
        """Work out one definition, score, segment or partition for every customer."""
        match kind:
            case "define":
                body = self._rules.definitions[name].body
                if isinstance(body, ir.Condition):
                    self._known.conditions[name] = self._truths(body)
                else:
                    self._known.values[name] = self._values(body)
            case "score":
                self._score(name)
            case "segment":
                self._known.qualifying[name] = self._truths(self._parts.qualifying(name))
            case "caps":
                capped = self._parts.caps(name)
                self._known.caps[name] = [True] * len(self._world.customers) if capped is None else self._truths(capped)
            case _:
                self._partition(name)

    def _truths(self, condition: ir.Condition) -> list[Truth]:
        return [self._interpreter.truth(condition, customer) for customer in self._world.customers]

    def _values(self, value: ir.Value) -> list[Result]:
        return [self._interpreter.value(value, customer) for customer in self._world.customers]

    def _crowd(self, node: Crowd) -> FigureReport:
        """Work out a population figure, or who is at the top."""
        if isinstance(node, ir.Figure):
            values, without, doubtful = self._rows_of(node) if node.events is not None else self._customers_of(node)
            self._known.figures[node] = value = figure(node, values)
            shown = None if isinstance(value, Absent | Doubt) else value
            return FigureReport(node, shown, len(values), without, doubtful)
        self._known.tops[node], report = top(node, self._among(node.among), self._values(node.by))
        return report

    def _among(self, among: ir.Condition | None) -> list[Truth]:
        everybody: list[Truth] = [True] * len(self._world.customers)
        return everybody if among is None else self._truths(among)

    def _customers_of(self, node: ir.Figure) -> tuple[list[Plain], int, int]:
        """The values of the customers known to be among; how many of these have none, and how many are in doubt."""
        truths = self._among(node.among)
        values = [v for v, truth in zip(self._values(node.of), truths, strict=True) if truth is True]
        found = [value for value in values if there(value)]
        return found, len(values) - len(found), sum(truth is None for truth in truths)  # type: ignore[return-value]

    def _rows_of(self, node: ir.Figure) -> tuple[list[Plain], int, int]:
        """The values of everybody's rows that are known to be meant; how many of these have none, or are in doubt.

        A row is meant where its customer is among and its `where` holds.
        """
        assert node.events is not None
        meant = [part for part in (node.among, node.events.where) if part is not None]
        events = ir.Events(node.events.names, conjunction(meant) if meant else None, node.events.window)
        values: list[Result] = []
        in_doubt = 0
        for customer in self._world.customers:
            sure, doubtful = self._interpreter.rows(events, customer)
            in_doubt += len(doubtful)
            values += [self._interpreter.value(node.of, customer, row) for row in sure]
        found = [value for value in values if there(value)]
        return found, len(values) - len(found), in_doubt  # type: ignore[return-value]

    def _score(self, name: str) -> None:
        score = self._rules.scores[name]
        among = self._among(score.among)
        keys = [customer.key for customer in self._world.customers]
        self._ranks[name] = {}
        for rank in score.ranks.values():
            ties = self._values(rank.bands.ties) if rank.bands.ties is not None else []
            bands, report = banded(rank, among, self._values(rank.by), ties, keys)
            self._known.bands[name, rank.name] = bands
            self._ranks[name][rank.name] = report

    def _partition(self, name: str) -> None:
        """Stages as a chain of excepts: each holds when its condition is true and all earlier ones are known false."""
        partition = self._rules.partitions[name]
        count = len(self._world.customers)
        earlier_false: list[Truth] = [True] * count
        taken: list[Truth] = [False] * count
        for stage in partition.stages:
            truths = self._truths(stage.condition)
            held = [both(pair) for pair in zip(truths, earlier_false, strict=True)]
            self._known.stages[name, stage.name] = held
            taken = [before or truth is True for before, truth in zip(taken, held, strict=True)]
            earlier_false = [both((before, opposite(t))) for before, t in zip(earlier_false, truths, strict=True)]
        self._known.stages[name, partition.otherwise] = [not truth for truth in taken]

    # --- results

    def outcome(self, segments: Collection[str]) -> Outcome:
        """What was asked for, in the order of the customers' keys."""
        members = {name: self._members(self._rules.segments[name]) for name in segments}
        return Outcome(
            self._world.clock.as_of.astimezone(self._world.clock.zone),
            tuple(customer.key for customer in self._world.customers),
            {name: tuple(self._known.qualifying[name]) for name in segments},
            members,
            {name: self._entries(name) for name in self._rules.partitions},
            self._ranks,
            self._world.ignored,
            {name: self._held_out(name, members[name]) for name in segments if self._rules.segments[name].holdout},
            tuple(self._figures.values()),
        )

    def _members(self, segment: Segment) -> tuple[bool, ...]:
        flags = zip(self._known.qualifying[segment.name], self.contact(segment), strict=True)
        return tuple(qualifies is True and contact for qualifies, contact in flags)

    def contact(self, segment: Segment) -> list[bool]:
        """Whom a segment may contact: consent, suppression lists and caps let it, whoever qualifies."""
        lists, clock = self._parts.suppressions(segment.name), self._world.clock
        nobody_capped: list[Truth] = [True] * len(self._world.customers)
        below = self._known.caps.get(segment.name, nobody_capped)
        return [
            not customer.suppressions.intersection(lists)
            and all(consent.granted(customer, clause, segment.header.purposes, clock) for clause in segment.consents)
            and below_caps is True
            for below_caps, customer in zip(below, self._world.customers, strict=True)
        ]

    def _held_out(self, name: str, members: tuple[bool, ...]) -> tuple[bool, ...]:
        """The members whom the segment's holdout holds out."""
        holdout = self._rules.segments[name].holdout
        assert holdout is not None
        return tuple(
            member and chosen(holdout.share, holdout.salt, customer.key)
            for member, customer in zip(members, self._world.customers, strict=True)
        )

    def _entries(self, name: str) -> tuple[str, ...]:
        partition = self._rules.partitions[name]
        names = [stage.name for stage in partition.stages]
        entries = []
        for place in range(len(self._world.customers)):
            held = (stage for stage in names if self._known.stages[name, stage][place] is True)
            entries.append(next(held, partition.otherwise))
        return tuple(entries)


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
