"""Frames over customers: attributes from their columns, everything else from what was worked out for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from segrules.backends.arrow.constants import for_all, settled
from segrules.backends.arrow.frames import BaseCondition, BaseValue, Frame, Setting
from segrules.backends.arrow.planes import Planes, fixed
from segrules.backends.arrow.vectors import Flags, Vector
from segrules.ir import nodes as ir
from segrules.ir.membership import qualifying
from segrules.ir.rules import Partition, Rules
from segrules.ir.windows import Window
from segrules.lowering.definitions import Definitions, Source, count_of
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.reference.needs import Step
from segrules.reference.values import Result

if TYPE_CHECKING:
    from segrules.backends.arrow.consents import ConsentRecords
    from segrules.backends.arrow.relations import Relations


@dataclass
class Known:
    """What has been worked out for all customers so far, in the order of their dense numbers."""

    rules: Rules
    customers: int
    sources: dict[Source, Vector] = field(default_factory=dict)
    bands: dict[tuple[str, str], Vector] = field(default_factory=dict)
    consents: "ConsentRecords | None" = None
    suppressed: dict[str, Flags] = field(default_factory=dict)
    relations: "Relations | None" = None
    figures: dict[ir.Figure, Result] = field(default_factory=dict)
    tops: dict[ir.Top, Planes] = field(default_factory=dict)

    @cached_property
    def definitions(self) -> Definitions:
        """What each name reads."""
        return Definitions(self.rules)


class CustomerFrame(Frame):
    """Customers `start` up to `start + rows`; `columns` gives their attributes by name."""

    def __init__(self, setting: Setting, known: Known, start: int, rows: int, columns: Callable[[str], Vector]) -> None:
        super().__init__(setting, rows)
        self._known = known
        self._start = start
        self._columns = columns
        self._attributes: dict[str, Vector] = {}
        self._told: dict[BaseCondition, Planes] = {}
        self._defined: dict[str, Vector] = {}
        self._done: set[Step] = set()

    def block(self, start: int, stop: int) -> "CustomerFrame":
        """Some of the customers, sharing memory."""
        return CustomerFrame(
            self.setting,
            self._known,
            self._start + start,
            stop - start,
            lambda name: self.attribute(name).slice(start, stop),
        )

    def attribute(self, name: str) -> Vector:
        """A column of the customers."""
        if name not in self._attributes:
            self._attributes[name] = self._columns(name)
        return self._attributes[name]

    def base(self, node: BaseValue) -> Vector:
        """An attribute, or what was worked out for all customers."""
        match node:
            case ir.Attribute(name):
                return self.attribute(name)
            case ir.Aggregate() | ir.EventTime() | ir.UnitsOf() | ir.UnitsWith() | ir.DaysBetween():
                return self._of_all(self._known.sources[node])
            case ir.Band(score, rank):
                return self._of_all(self._known.bands[score, rank])
            case ir.RelatedColumn() | ir.NumberOfRelated():
                assert self._known.relations is not None
                return self._known.relations.value(node, self._start, self._start + self.rows)
            case ir.ConsentState(channel):
                assert self._known.consents is not None
                return self._of_all(self._known.consents.state(channel))
            case ir.DefinedValue(name):
                self._name("define", name)
                return self._defined[name]
            case ir.Figure():
                return for_all(self._known.figures[node], self.rows)
            case ir.Property(name=name) | ir.StepProperty(name=name):
                raise AssertionError(f"`{name}` is no value of a customer")

    def constant_of(self, node: ir.Value) -> ir.Literal | None:
        """A value that is made of population figures as a constant."""
        definitions = self._known.rules.definitions
        return settled(node, self._known.figures.__getitem__, lambda name: definitions[name].body)

    def _of_all(self, vector: Vector) -> Vector:
        return vector.slice(self._start, self._start + self.rows)

    def consent(self, channel: str, given: Window | None, purposes: tuple[str, ...]) -> Flags:
        """Who has granted consent."""
        assert self._known.consents is not None
        flags = self._known.consents.granted(channel, given, purposes)
        return flags[self._start : self._start + self.rows]

    def suppressed(self, name: str) -> Flags:
        """Who stands on a suppression list."""
        return self._known.suppressed[name][self._start : self._start + self.rows]

    def told(self, node: BaseCondition) -> Planes:
        """A condition about customers by its name, or about their events."""
        match node:
            case ir.Defined(name):
                self._name("define", name)
            case ir.InSegment(name):
                self._name("segment", name)
            case ir.InStage(name):
                self._name("partition", name)
            case ir.Did(_, op, times):
                count = count_of(node)
                return self.truth(ir.Compare(op, count, ir.Literal(times, count.type)))
            case ir.EdgeRow(_, _, condition):
                row = self.value(edge_time(node))
                planes = self.truth(at_edge(condition, node))
                nobody = row.none if row.none is not None else np.zeros(self.rows, np.bool_)
                return Planes(planes.true & row.known, (planes.false & row.known) | nobody)
            case ir.Top():
                return self._known.tops[node].slice(self._start, self._start + self.rows)
        return self._told[node]

    def _name(self, kind: str, name: str) -> None:
        """Work out what a name stands for, and first all names that it refers to.

        One after the other and not each within the next, since a chain of references may be longer than Python's stack.
        """
        waiting: list[Step] = [(kind, name)]
        while waiting:
            step = waiting[-1]
            before = [] if step in self._done else self._known.definitions.of(step).names
            missing = [other for other in before if other not in self._done and other[0] != "score"]
            if missing:
                waiting += missing
                continue
            if step not in self._done:
                self._work_out(step)
                self._done.add(step)
            waiting.pop()

    def _work_out(self, step: Step) -> None:
        rules = self._known.rules
        match step:
            case ("define", name):
                body = rules.definitions[name].body
                if isinstance(body, ir.Condition):
                    self._told[ir.Defined(name)] = self.truth(body)
                else:
                    self._defined[name] = self.value(body)
            case ("segment", name):
                self._told[ir.InSegment(name)] = self.truth(qualifying(rules.segments[name]))
            case (_, name):
                self._partition(rules.partitions[name])

    def _partition(self, partition: Partition) -> None:
        """Stages as a chain of excepts: each holds when its condition is true and all earlier ones are known false."""
        free = fixed(True, self.rows)
        taken = np.zeros(self.rows, np.bool_)
        for stage in partition.stages:
            planes = self.truth(stage.condition)
            held = Planes(planes.true & free.true, planes.false | free.false)
            self._told[ir.InStage(partition.name, stage.name)] = held
            taken |= held.true
            free = Planes(free.true & planes.false, free.false | planes.true)
        self._told[ir.InStage(partition.name, partition.otherwise)] = Planes(~taken)
