"""A stretch of rows of events, as reading gives it and aggregating takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segrules.backends.arrow.tables import Customers, RowFrame
from segrules.backends.arrow.vectors import Array, Flags, Vector
from segrules.ir.catalogue import Event


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Rows that are events of one or more kinds.

    Everything by name of the event: `time` is each row's time (of kind DAY or INSTANT), `member` says which rows are
    such events that take part (all of them where it is None): they are seen, and their customer is known.
    `codes` are the customers' dense numbers, 0 where the customer is unknown, so never negative.
    `position` is the number of the first row in the order of the table, by which ties in time are broken last.
    `frame` knows the properties, and the columns that `events` are ordered by.
    """

    frame: RowFrame
    codes: Array
    time: Mapping[str, Vector]
    member: Mapping[str, Flags | None]
    customers: Customers | None
    position: int
    events: Mapping[str, Event]

    def of(self, customers: Customers) -> "Chunk":
        """The same rows, of customers about whom conditions can speak."""
        frame = RowFrame(self.frame.setting, self.frame.rows, self.frame.column, codes=self.codes, customers=customers)
        return replace(self, frame=frame, customers=customers)
