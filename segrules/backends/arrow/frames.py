"""Rows of a table, of events or of customers, and what values and conditions are for all of them at once.

A frame knows the columns of its rows; `value` and `truth` read the typed tree the way the reference interpreter does,
a whole column at a time. What a frame cannot know by itself (events, scores, names of the rule set) its maker gives it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import assert_never

from segrules.backends.arrow import atoms, derived
from segrules.backends.arrow.constants import with_constants
from segrules.backends.arrow.planes import Planes, both, either, fixed, opposite
from segrules.backends.arrow.slow import RowByRow
from segrules.backends.arrow.vectors import Vector, constant
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue
from segrules.lowering.related import as_comparison
from segrules.reference.windows import Clock

BaseValue = (
    ir.Attribute
    | ir.Property
    | ir.StepProperty
    | ir.ConsentState
    | ir.Band
    | ir.DefinedValue
    | ir.Aggregate
    | ir.EventTime
    | ir.RelatedColumn
    | ir.NumberOfRelated
    | ir.Rhythm
    | ir.Figure
)
"""Values that come from outside a frame's own arithmetic."""

BaseCondition = ir.Defined | ir.InSegment | ir.InStage | ir.Did | ir.EdgeRow | ir.Top
"""Conditions that are about a whole customer, and known by name or worked out from events."""


@dataclass(frozen=True)
class Setting:
    """What all frames of one evaluation share."""

    catalogue: Catalogue
    clock: Clock

    @property
    def slow(self) -> RowByRow:
        """The interpreter, for single rows; a new one each time, since two threads may need one at once."""
        return RowByRow(self.catalogue, self.clock)


class Frame(ABC):
    """So many rows, and everything about them."""

    def __init__(self, setting: Setting, rows: int) -> None:
        self.setting = setting
        self.rows = rows
        self._values: dict[int, tuple[ir.Value, Vector]] = {}

    @abstractmethod
    def base(self, node: BaseValue) -> Vector:
        """A value that stands in a column, or that was worked out before."""

    @abstractmethod
    def told(self, node: BaseCondition) -> Planes:
        """A condition about whole customers that was worked out before."""

    def constant_of(self, node: ir.Value) -> ir.Literal | None:
        """A value that is made of population figures as a constant; None for what differs from row to row."""
        return None

    def value(self, node: ir.Value) -> Vector:
        """What a value is in every row; worked out once."""
        known = self._values.get(id(node))
        if known is None:
            # Invariant: the node is kept beside its vector, so that its id stays its own.
            known = self._values[id(node)] = (node, self._value(node))
        return known[1]

    def _value(self, node: ir.Value) -> Vector:
        match node:
            case ir.Literal(value):
                return constant(value, self.rows)
            case ir.DaysSince(of):
                return derived.days_since(node, self.value(of), self.setting)
            case ir.YearsSince(of):
                return derived.years(node, self.value(of), self.setting)
            case ir.PartOf(_, of):
                return derived.part(node, self.value(of), self.setting)
            case ir.Arithmetic(_, left, right):
                return derived.arithmetic(node, self.value(left), self.value(right), self.setting)
            case _:
                return self.base(node)

    def truth(self, node: ir.Condition) -> Planes:
        """Where a condition is true, and where it is false."""
        match node:
            case ir.And(items):
                planes = self.truth(items[0])
                for item in items[1:]:
                    planes = both(planes, self.truth(item))
                return planes
            case ir.Or(items):
                planes = self.truth(items[0])
                for item in items[1:]:
                    planes = either(planes, self.truth(item))
                return planes
            case ir.Not(item):
                return opposite(self.truth(item))
            case ir.Fixed(value):
                return fixed(value, self.rows)
            case ir.Defined() | ir.InSegment() | ir.InStage() | ir.Did() | ir.EdgeRow() | ir.Top():
                return self.told(node)
            case ir.Quantified():
                return self.truth(as_comparison(node))
            case (
                ir.IsTrue()
                | ir.Compare()
                | ir.Between()
                | ir.OneOf()
                | ir.InListFile()
                | ir.TextTest()
                | ir.ListTest()
                | ir.IsKnown()
                | ir.InWindow()
                | ir.Anniversary()
                | ir.KnownFor()
                | ir.InSample()
            ):
                return self.atom(node)
            case _:
                assert_never(node)

    def atom(self, node: atoms.Atom) -> Planes:
        """Where a single test is true, and where it is false."""
        if isinstance(node, ir.IsKnown):
            return Planes(self.value(node.value).known)
        node = with_constants(node, self.constant_of)
        vectors = [self.value(operand) for operand in atoms.operands(node)]
        return atoms.planes(node, vectors, self.setting, self.rows)
