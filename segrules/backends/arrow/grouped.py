"""Lines of a table that make one event together, such as those of an invoice."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.grouping import Groups, combined, distinct, grouped_rows, identity, together
from segrules.backends.arrow.ignored import EXAMPLES, IgnoredCounts
from segrules.backends.arrow.ordering import in_order
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.scanning import Tabular, frames_of
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.taking_part import SIZE, Reader, columns_of
from segrules.backends.arrow.vectors import Array, Flags, Ints, Kind, Vector, joined, results
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Choose, Combined, Event, Grouping
from segrules.ir.nodes import AggregateKind, Expression, Property, Value
from segrules.ir.walk import descendants
from segrules.reference.values import Absent
from segrules.types.types import BooleanType


@dataclass(frozen=True, slots=True, eq=False)
class _Lines:
    """The lines that take part: whose they are, when, what they are grouped and ordered by, and what they give."""

    owners: Ints
    time: Vector
    columns: Mapping[str, Vector]
    parts: Mapping[str, Vector]


def grouped(
    setting: Setting,
    source: Tabular,
    event: Event,
    columns: Collection[str],
    population: Population,
    ignored: IgnoredCounts,
    problems: list[Finding],
) -> Iterator[Chunk]:
    """All events that lines make, in order of time, as one stretch; nothing where there are none.

    `columns` are the properties that are wanted. The chunk's event has neither `where` nor `order_by` any more: its
    rows stand in the order that these say.
    """
    assert event.grouping is not None
    made = _wanted(event.grouping, columns)
    reader = Reader(setting, population, ignored)
    lines = list(_read(setting, source, event, made, reader))
    problems += reader.problems(source)
    if not lines:
        return
    yield _chunk(setting, event, made, _together(lines), (population.size, problems))


def _wanted(grouping: Grouping, columns: Collection[str]) -> dict[str, Combined]:
    """The properties to work out: those that are read, and those that may stop the run."""
    return {
        name: item for name, item in grouping.properties.items() if name in columns or item.kind is AggregateKind.ONLY
    }


def _read(
    setting: Setting, source: Tabular, event: Event, made: Mapping[str, Combined], reader: Reader
) -> Iterator[_Lines]:
    assert event.grouping is not None
    kept = {*event.grouping.by, *event.order_by}
    expressions = {name: item.of for name, item in made.items() if item.of is not None}
    read = columns_of(event) | kept | {name for item in expressions.values() for name in _names(item)}
    for start, frame in frames_of(setting, source, read, size=SIZE):
        found = reader.read(frame, start, event)
        if not found.any:
            continue
        owners, time = found.owners, found.time
        if found.member is not None:
            rows = np.flatnonzero(found.member)
            frame, owners, time = frame.take(rows), owners[rows], time.take(rows)
        yield _Lines(
            owners,
            replace(time, present=None),
            {name: frame.column(name) for name in kept},
            {name: _part(frame, item) for name, item in expressions.items()},
        )


def _names(expression: Expression) -> Iterator[str]:
    yield from (node.name for node in descendants(expression) if isinstance(node, Property))


def _part(frame: RowFrame, expression: Expression) -> Vector:
    return frame.column(expression.name) if isinstance(expression, Property) else frame.expression(expression)


def _together(lines: Sequence[_Lines]) -> _Lines:
    if len(lines) == 1:
        return lines[0]
    return _Lines(
        np.concatenate([item.owners for item in lines]),
        joined([item.time for item in lines]),
        {name: joined([item.columns[name] for item in lines]) for name in lines[0].columns},
        {name: joined([item.parts[name] for item in lines]) for name in lines[0].parts},
    )


def _chunk(
    setting: Setting,
    event: Event,
    made: Mapping[str, Combined],
    lines: _Lines,
    context: tuple[int, list[Finding]],
) -> Chunk:
    assert event.grouping is not None
    customers, problems = context
    order = in_order([lines.time, *(lines.columns[name] for name in event.order_by)])
    place = np.arange(len(lines.owners))
    if order is not None:
        place[order] = np.arange(len(order))
    mixed, bound = together([(lines.owners, customers), *(identity(lines.columns[name]) for name in event.grouping.by)])
    groups = grouped_rows(mixed, bound, order)
    chosen = groups.first if event.grouping.time is Choose.FIRST else groups.last
    values = {name: _value(event, name, item, lines, groups) for name, item in made.items()}
    problems += _clashes(event, made, lines, groups, place)
    sorting = _order(event, lines, groups, chosen, place)
    values = {name: vector.take(sorting) for name, vector in values.items()}
    owners, time = lines.owners[chosen][sorting], lines.time.take(chosen[sorting])
    return Chunk(
        RowFrame(setting, len(owners), values.__getitem__),
        owners,
        {event.name: time},
        {event.name: None},
        None,
        0,
        {event.name: replace(event, where=None, order_by=(), grouping=None)},
    )


def _value(event: Event, name: str, item: Combined, lines: _Lines, groups: Groups) -> Vector:
    """A property of the groups."""
    result = event.properties[name].type
    if item.of is None:
        everywhere = Vector(Kind.FLAG, np.ones(len(groups.rows), np.bool_))
        return combined(item.kind, everywhere, groups, BooleanType(), result)
    of = item.of.type if isinstance(item.of, Value) else BooleanType()
    return combined(item.kind, lines.parts[name], groups, of, result)


def _order(event: Event, lines: _Lines, groups: Groups, chosen: Ints, place: Ints) -> Array:
    """The groups by the time and order of their chosen line; equal ones as they come up."""
    comes_up = place[groups.first]
    keys = [lines.time.take(chosen), *(lines.columns[name].take(chosen) for name in event.order_by)]
    order = in_order([*keys, Vector(Kind.NUMBER, comes_up)])
    return np.arange(len(chosen)) if order is None else order


# --- what should be one value and is not ----------------------------------------------------------


def _clashes(
    event: Event, made: Mapping[str, Combined], lines: _Lines, groups: Groups, place: Ints
) -> Iterator[Finding]:
    assert event.grouping is not None
    found: dict[str, Flags] = {}
    if event.grouping.time is Choose.ONLY:
        found[event.time] = lines.time.data[groups.first] != lines.time.data[groups.last]
    for name, item in made.items():
        if item.kind is AggregateKind.ONLY:
            values = lines.parts[name].take(groups.rows)
            there = values.present if values.present is not None else np.ones(len(values), np.bool_)
            clash = distinct(values, there, groups) > 1
            found[name] = found[name] | clash if name in found else clash
    for name, flags in found.items():
        if flags.any():
            yield _clash(event, name, np.flatnonzero(flags), lines, groups, place)


def _clash(event: Event, name: str, which: Ints, lines: _Lines, groups: Groups, place: Ints) -> Finding:
    assert event.grouping is not None
    among = which[np.argsort(place[groups.first[which]])][:EXAMPLES]
    rows = groups.first[among]
    cells: list[list[Any]] = [list(results(lines.columns[by], rows)) for by in event.grouping.by]
    together_ = zip(*cells, strict=True)
    shown = [", ".join("None" if isinstance(cell, Absent) else str(cell) for cell in row) for row in together_]
    text = "1 group" if len(which) == 1 else f"{len(which)} groups"
    return finding(
        codes.NOT_ONE_VALUE,
        f"`{name}` is not one value for {text} of the event `{event.name}`",
        help="say how lines combine: `first`, `last`, `most frequent`",
        examples=shown,
    )
