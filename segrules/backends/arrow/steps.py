"""The rows of a chain's steps: kept from all chunks, with the columns that the chain reads of them.

A step's `where` is a join of conditions. Those on the row and its customer are tested as rows come in, and a row for
which one is false is dropped; those that speak of earlier rows are tested on pairs, once all rows are there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from segrules.backends.arrow.aggregates.rows import Group
from segrules.backends.arrow.aggregates.spans import Span
from segrules.backends.arrow.tables import Customers
from segrules.backends.arrow.vectors import Flags, Ints, Vector, joined
from segrules.ir import nodes as ir
from segrules.ir import windows
from segrules.ir.build import conjunction
from segrules.ir.calendar import unit_start
from segrules.ir.walk import row_nodes
from segrules.reference.windows import Clock


@dataclass(frozen=True, slots=True, eq=False)
class StepRows:
    """Rows of one event that may be a step; of those that are not `sure` the step's own condition is unknown."""

    codes: Ints
    time: Vector
    positions: Ints
    sure: Flags
    columns: Mapping[str, Vector]
    customers: Customers | None

    def __len__(self) -> int:
        return len(self.codes)

    def bare(self, rows: Ints) -> "StepRows":
        """The rows with these numbers, without their columns."""
        return StepRows(
            self.codes[rows], self.time.take(rows), self.positions[rows], self.sure[rows], {}, self.customers
        )


class Keeping:
    """Keeps the rows of an event in some buckets for which `where` is not known to be false."""

    def __init__(self, where: ir.Condition | None, span: Span) -> None:
        self.span = span
        self.columns: set[str] = set()
        self._where = where
        self._parts: list[StepRows] = []

    def add(self, group: Group) -> None:
        """Take in the rows of a group."""
        first, stop = int(group.bounds[self.span[0]]), int(group.bounds[self.span[1]])
        if first >= stop:
            return
        frame = group.frame.slice(first, stop)
        rows, sure = np.arange(stop - first), np.ones(stop - first, np.bool_)
        if self._where is not None:
            planes = frame.truth(self._where)
            rows = np.flatnonzero(~planes.false)
            sure = planes.true[rows]
        if len(rows):
            taken = frame if len(rows) == stop - first else frame.take(rows)
            part = StepRows(
                group.codes[first:stop][rows],
                group.time.slice(first, stop).take(rows),
                group.positions[first:stop][rows],
                sure,
                {name: taken.column(name) for name in sorted(self.columns)},
                group.customers,
            )
            self._parts.append(part)

    def rows(self) -> StepRows | None:
        """All rows that were kept; None where there are none."""
        parts = self._parts
        if not parts:
            return None
        if len(parts) > 1:
            columns = {name: joined([part.columns[name] for part in parts]) for name in parts[0].columns}
            self._parts = [
                StepRows(
                    np.concatenate([part.codes for part in parts]),
                    joined([part.time for part in parts]),
                    np.concatenate([part.positions for part in parts]),
                    np.concatenate([part.sure for part in parts]),
                    columns,
                    parts[0].customers,
                )
            ]
        return self._parts[0]


def own_and_paired(where: ir.Condition | None) -> tuple[ir.Condition | None, tuple[ir.Condition, ...]]:
    """A step's `where` in two: what it says of the row and its customer, and each condition that names earlier rows."""
    if where is None:
        return None, ()
    items = where.items if isinstance(where, ir.And) else (where,)
    own = [item for item in items if not steps_named([item])]
    paired = tuple(item for item in items if steps_named([item]))
    return conjunction(own) if own else None, paired


def steps_named(conditions: Iterable[ir.Condition]) -> frozenset[int]:
    """The numbers of the earlier steps that conditions name."""
    return frozenset(node.step for node in row_nodes(conditions) if isinstance(node, ir.StepProperty))


def since_start(window: windows.Window, clock: Clock) -> windows.Window:
    """From where a window begins up to the run: all rows in it, and all that can follow them."""
    match window:
        case windows.InLast() | windows.ThisUnit() | windows.Since() | windows.AfterDay():
            return window
        case windows.BetweenAgo(_, far):
            return windows.InLast(far)
        case windows.WholeUnits(windows.Period(count, unit)):
            return windows.Since(unit_start(clock.today, unit, count))
        case windows.OnDay(day) | windows.FromTo(day, _):
            return windows.Since(day)
        case _:
            return windows.Ever()
