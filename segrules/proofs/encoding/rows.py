"""Which event rows are meant: the unknown numbers of rows and sums over them that formulas speak of."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from segrules.ir import nodes as ir
from segrules.ir.fingerprint import digest
from segrules.ir.nodes import AggregateKind
from segrules.proofs.formulas.calendar import Edge
from segrules.proofs.formulas.logic import Flag, Var, flag


class Plane(StrEnum):
    """Whether rows are meant of which the filter is known to be true, or those of which it is unknown."""

    SURE = "sure"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit on the time of rows: at or after `edge` where `after`, else before it."""

    edge: Edge
    after: bool

    @property
    def text(self) -> str:
        """Its identity."""
        micros = "" if self.edge.micros is None else f"/{self.edge.micros}"
        return f"{'from' if self.after else 'before'} {self.edge.days}{micros}"


@dataclass(frozen=True)
class Rows:
    """The rows of one kind of event within bounds of time, by what a filter says of each."""

    event: str
    where: ir.Condition | None
    bounds: tuple[Bound, ...]

    @cached_property
    def limits(self) -> frozenset[str]:
        """The limits of time, by their texts."""
        return frozenset(item.text for item in self.bounds)

    @cached_property
    def text(self) -> str:
        """Its identity."""
        where = "" if self.where is None else f" where {digest(self.where)}"
        return f"{self.event}{where}{''.join(f' {limit}' for limit in sorted(self.limits))}"


@dataclass(frozen=True, slots=True)
class Number:
    """How many rows there are."""

    rows: Rows
    plane: Plane


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of a property over rows of which the filter is known to be true; rows without it add nothing.

    It counts in steps of `1 / scale`, or in no steps where that is 0.
    """

    rows: Rows
    property: str
    scale: int


@dataclass(frozen=True, slots=True)
class Distinct:
    """How many different values a property has in rows of which the filter is known to be true."""

    rows: Rows
    property: str


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """That there is a first or last row, of which a condition is true (`value` True), false, or unknown (None)."""

    which: AggregateKind
    rows: Rows
    condition: ir.Condition
    value: bool | None


def number(rows: Rows, plane: Plane) -> Var:
    """The number of rows."""
    return Var(f"n[{rows.text}]{'' if plane is Plane.SURE else '?'}", low=0, meaning=Number(rows, plane))


def total(rows: Rows, of: str, scale: int) -> Var:
    """The total of a property over rows."""
    return Var(f"sum[{rows.text}].{of}", whole=scale > 0, meaning=Total(rows, of, scale))


def distinct(rows: Rows, of: str) -> Var:
    """The number of different values of a property."""
    return Var(f"distinct[{rows.text}].{of}", low=0, meaning=Distinct(rows, of))


def edge_row(which: AggregateKind, rows: Rows, condition: ir.Condition, value: bool | None) -> Flag:
    """Whether a condition is true, false or unknown of the first or last row."""
    word = {True: "", False: " is false", None: " is unknown"}[value]
    return flag(f"{which}[{rows.text}] {digest(condition)}{word}", EdgeRow(which, rows, condition, value))
