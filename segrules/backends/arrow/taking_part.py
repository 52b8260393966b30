"""Rows of a table as events: which of them take part, whose they are, and what is counted of the others."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.ignored import IgnoredCounts, WithoutTime, as_time, seen
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.scanning import Tabular
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Flags, Ints, Vector
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Event
from segrules.ir.nodes import Property
from segrules.ir.walk import descendants
from segrules.reference.outcome import Reason

SIZE = 524_288
"""How many rows are read at once: few enough to stay in the cache while they are looked at again and again."""


def columns_of(event: Event) -> set[str]:
    """The columns that tell which rows are such events, whose they are, when, and in what order."""
    found = {event.customer, event.time, *event.order_by}
    if event.where is not None:
        found |= {node.name for node in descendants(event.where) if isinstance(node, Property)}
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """Rows as an event has them: the customers' numbers (0 for nobody), times, and who takes part (None: all)."""

    owners: Ints
    time: Vector
    member: Flags | None

    @property
    def any(self) -> bool:
        """Whether any row takes part."""
        return len(self.owners) > 0 and (self.member is None or bool(self.member.any()))


@dataclass
class Reader:
    """Reads rows as events and counts those that take no part."""

    setting: Setting
    population: Population
    ignored: IgnoredCounts
    _without: dict[str, WithoutTime] = field(default_factory=dict)
    _owners: dict[str, tuple[Ints, Flags | None]] = field(default_factory=dict)
    _events: dict[str, Event] = field(default_factory=dict)
    _frame: RowFrame | None = None

    def read(self, frame: RowFrame, start: int, event: Event) -> Read:
        """The rows of a batch, which begins at `start`, as one kind of event."""
        self._events[event.name] = event
        time = as_time(frame.column(event.time), self.setting.catalogue.tables[event.table].columns[event.time].type)
        passing = None if event.where is None else frame.truth(event.where).true
        if time.present is not None:
            without = ~time.present if passing is None else passing & ~time.present
            self._without.setdefault(event.name, WithoutTime()).add(start, without)
            passing = time.present if passing is None else passing & time.present
        early = seen(time, self.setting.clock)
        owners, known = self._customers(frame, event.customer)
        member = early if known is None else early & known
        if passing is not None:
            member = member & passing
        everybody = bool(member.all())
        if not everybody:
            self._ignore(event.name, passing, (early, known), (time, frame.column(event.customer)), member)
        return Read(owners, time, None if everybody else member)

    def problems(self, source: Tabular) -> Iterator[Finding]:
        """Rows without a time, event by event."""
        for name, without in self._without.items():
            if without.count:
                event = self._events[name]
                message = f"`{event.time}` is missing in {{}} of the event `{name}`"
                help_ = "every event needs a time; mend the data or its `where`"
                yield without.finding(message, help_, self.setting, source)

    def _customers(self, frame: RowFrame, column: str) -> tuple[Ints, Flags | None]:
        """The customers' numbers (0 for nobody) and where there is one (None: everywhere); once for a batch."""
        if self._frame is not frame:
            self._frame, self._owners = frame, {}
        if column not in self._owners:
            codes = self.population.owners(frame, column)
            known = codes >= 0
            everywhere = bool(known.all())
            self._owners[column] = (codes, None) if everywhere else (np.maximum(codes, 0), known)
        return self._owners[column]

    def _ignore(
        self,
        name: str,
        passing: Flags | None,
        found: tuple[Flags, Flags | None],
        columns: tuple[Vector, Vector],
        member: Flags,
    ) -> None:
        left = ~member if passing is None else passing & ~member
        if not left.any():
            return
        (early, known), (time, keys) = found, columns
        self.ignored.add(name, Reason.NOT_YET, time, left & ~early)
        if known is None:
            return
        strangers = left & early & ~known
        if keys.present is not None:
            self.ignored.add(name, Reason.NOBODY, time, strangers & ~keys.present)
            strangers = strangers & keys.present
        self.ignored.add(name, Reason.UNKNOWN_CUSTOMER, keys, strangers)
