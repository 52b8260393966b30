"""Rows of a table that are events: which of them take part, and whose they are."""

from collections.abc import Collection, Iterator, Mapping

from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.grouped import grouped
from segrules.backends.arrow.ignored import IgnoredCounts
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.scanning import Tabular, frames_of
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.taking_part import SIZE, Reader, columns_of
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Event

__all__ = ["IgnoredCounts", "grouped", "occurrences"]


def occurrences(
    setting: Setting,
    source: Tabular,
    events: Mapping[str, Event],
    columns: Collection[str],
    population: Population,
    ignored: IgnoredCounts,
    problems: list[Finding],
    size: int = SIZE,
) -> Iterator[Chunk]:
    """The rows of one table that are events of these kinds, which are not grouped; `columns` are wanted besides.

    Stretches in which no row takes part are left out. What takes no part is counted in `ignored`; rows without a time
    are a problem that is told once all rows are read.
    """
    reader = Reader(setting, population, ignored)
    named = {name for event in events.values() for name in columns_of(event)} | set(columns)
    for start, frame in frames_of(setting, source, named, size=size):
        for customer in dict.fromkeys(event.customer for event in events.values()):
            same = {name: event for name, event in events.items() if event.customer == customer}
            yield from _chunk(reader, frame, start, same)
    problems += reader.problems(source)


def _chunk(reader: Reader, frame: RowFrame, start: int, events: Mapping[str, Event]) -> Iterator[Chunk]:
    """One stretch, of events whose customer stands in the same column; nothing where no row takes part."""
    taken = {name: reader.read(frame, start, event) for name, event in events.items()}
    if any(part.any for part in taken.values()):
        codes = next(iter(taken.values())).owners
        yield Chunk(
            frame,
            codes,
            {name: part.time for name, part in taken.items()},
            {name: part.member for name, part in taken.items()},
            None,
            start,
            events,
        )
