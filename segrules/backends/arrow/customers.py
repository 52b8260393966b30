"""Frames over customers: attributes from their columns, everything else from what was worked out for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from segrules.backends.arrow.frames import BaseCondition, BaseValue, Frame, Setting
from segrules.backends.arrow.planes import Planes, fixed
from segrules.backends.arrow.vectors import Flags, Vector
from segrules.ir import nodes as ir
from segrules.ir.membership import qualifying
from segrules.ir.rules import Rules
from segrules.ir.windows import Window
from segrules.lowering.edge_rows import at_edge, edge_time
from segrules.lowering.stages import Source, count_of

if TYPE_CHECKING:
    from segrules.backends.arrow.consents import ConsentRecords


@dataclass
class Known:
    """What has been worked out for all customers so far, in the order of their dense numbers."""

    rules: Rules
    customers: int
    sources: dict[Source, Vector] = field(default_factory=dict)
    bands: dict[tuple[str, str], Vector] = field(default_factory=dict)
    consents: "ConsentRecords | None" = None
    suppressed: dict[str, Flags] = field(default_factory=dict)


class CustomerFrame(Frame):
    """Customers `start` up to `start + rows`; `columns` gives their attributes by name."""

    def __init__(self, setting: Setting, known: Known, start: int, rows: int, columns: Callable[[str], Vector]) -> None:
        super().__init__(setting, rows)
        self._known = known
        self._start = start
        self._columns = columns
        self._attributes: dict[str, Vector] = {}
        self._told: dict[BaseCondition, Planes] = {}

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
            case ir.Aggregate() | ir.EventTime():
                return self._of_all(self._known.sources[node])
            case ir.Band(score, rank):
                return self._of_all(self._known.bands[score, rank])
            case ir.ConsentState(channel):
                assert self._known.consents is not None
                return self._of_all(self._known.consents.state(channel))
            case ir.DefinedValue(name):
                body = self._known.rules.definitions[name].body
                assert not isinstance(body, ir.Condition)
                return self.value(body)
            case ir.Property(name):
                raise AssertionError(f"`{name}` is no value of a customer")

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
        if node not in self._told:
            self._told[node] = self._tell(node)
        return self._told[node]

    def _tell(self, node: BaseCondition) -> Planes:
        rules = self._known.rules
        match node:
            case ir.Defined(name):
                body = rules.definitions[name].body
                assert isinstance(body, ir.Condition)
                return self.truth(body)
            case ir.InSegment(name):
                return self.truth(qualifying(rules.segments[name]))
            case ir.InStage(partition, stage):
                return self._stage(partition, stage)
            case ir.Did(_, op, times):
                count = count_of(node)
                return self.truth(ir.Compare(op, count, ir.Literal(times, count.type)))
            case ir.EdgeRow(_, _, condition):
                row = self.value(edge_time(node))
                there = row.known
                planes = self.truth(at_edge(condition, node))
                nobody = row.none if row.none is not None else np.zeros(self.rows, np.bool_)
                return Planes(planes.true & there, (planes.false & there) | nobody)

    def _stage(self, name: str, wanted: str) -> Planes:
        partition = self._known.rules.partitions[name]
        free = fixed(True, self.rows)
        taken = np.zeros(self.rows, np.bool_)
        for stage in partition.stages:
            planes = self.truth(stage.condition)
            held = Planes(planes.true & free.true, planes.false | free.false)
            if stage.name == wanted:
                return held
            taken |= held.true
            free = Planes(free.true & planes.false, free.false | planes.true)
        return Planes(~taken, taken)
