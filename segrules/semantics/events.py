"""What the rows of events look like to a rule: shared properties, the type of their times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segrules.ir.catalogue import Catalogue, Column, Event
from segrules.semantics.steps import Steps
from segrules.types.types import DateType, TimestampType, Type


@dataclass(frozen=True, slots=True)
class RowScope:
    """Where bare names are properties of a row: of which events, and which properties all of them have."""

    events: tuple[str, ...]
    properties: Mapping[str, Column]
    unshared: Mapping[str, str]
    steps: Steps

    @property
    def shown(self) -> str:
        """The events as messages name them."""
        return ", ".join(f"`{name}`" for name in self.events)


def row_scope(events: Sequence[Event], steps: Steps | None = None) -> RowScope:
    """The scope of a row of any of `events`; a property is shared if every event has it with the same type."""
    shared = dict(events[0].properties)
    unshared: dict[str, str] = {}
    for event in events[1:]:
        for name, column in list(shared.items()):
            other = event.properties.get(name)
            if other is None or other.type != column.type:
                reason = "does not have it" if other is None else "has it with another type"
                unshared[name] = f"`{event.name}` {reason}"
                del shared[name]
        for name in event.properties:
            if name not in shared and name not in unshared:
                unshared[name] = "not every event has it"
    return RowScope(tuple(event.name for event in events), shared, unshared, steps or {})


def time_type(catalogue: Catalogue, events: Sequence[Event]) -> Type:
    """The type of the events' times; days where any of them knows days only, so that no window asks for more."""
    types = [catalogue.tables[event.table].columns[event.time].type for event in events]
    return DateType() if any(isinstance(of, DateType) for of in types) else TimestampType()
