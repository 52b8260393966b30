"""Customers who stand in no table of their own: everybody whose key occurs in a row of events."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from segrules.backends.arrow.frames import Setting
from segrules.backends.arrow.grouping import Groups, combined, distinct, grouped_rows, identity
from segrules.backends.arrow.ignored import EXAMPLES, as_time, seen
from segrules.backends.arrow.keys import KeyIndex, as_array, distinct_sorted
from segrules.backends.arrow.ordering import in_order
from segrules.backends.arrow.scanning import Tabular, frames_of
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Array, Ints, Vector, joined, missing, results
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Choose, Derivation
from segrules.ir.nodes import AggregateKind, Property
from segrules.ir.walk import descendants

_MOST_ROWS = 16_777_216
"""So many rows are kept before those are let go that no attribute is chosen from."""

_EDGES = (Choose.FIRST, Choose.LAST)


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """Customers, sorted by key, and their attributes."""

    index: KeyIndex
    attributes: Mapping[str, Vector]


def derive(setting: Setting, source: Tabular, how: Derivation, problems: list[Finding]) -> Derived:
    """Everybody who occurs in a seen row that passes `where`, with attributes chosen out of these rows."""
    lines: list[dict[str, Vector]] = []
    edges = all(chosen.choose in _EDGES for chosen in how.attributes.values())
    kept = 0
    for part in _lines(setting, source, how):
        lines.append(part)
        kept += len(part[how.key])
        if edges and kept > _MOST_ROWS and len(lines) > 1:
            lines = [_edges_only(_together(lines), how)]
            kept = len(lines[0][how.key])
    if not lines:
        empty = missing(0)
        return Derived(KeyIndex(as_array(empty)), dict.fromkeys(how.attributes, empty))
    return _chosen(setting, _together(lines), how, problems)


def _lines(setting: Setting, source: Tabular, how: Derivation) -> Iterator[dict[str, Vector]]:
    names = {how.key, how.time, *how.order_by, *(chosen.column for chosen in how.attributes.values())}
    read = set(names)
    if how.where is not None:
        read |= {node.name for node in descendants(how.where) if isinstance(node, Property)}
    for _, frame in frames_of(setting, source, read):
        rows = _taking_part(setting, frame, how)
        yield {name: frame.column(name) if rows is None else frame.column(name).take(rows) for name in names}


def _taking_part(setting: Setting, frame: RowFrame, how: Derivation) -> Array | None:
    """The rows that tell of a customer; None for all rows."""
    time = as_time(frame.column(how.time), setting.catalogue.tables[how.table].columns[how.time].type)
    passing = seen(time, setting.clock)
    for present in (time.present, frame.column(how.key).present):
        if present is not None:
            passing &= present
    if how.where is not None:
        passing &= frame.truth(how.where).true
    return None if passing.all() else np.flatnonzero(passing)


def _together(lines: list[dict[str, Vector]]) -> dict[str, Vector]:
    return {name: joined([part[name] for part in lines]) for name in lines[0]}


def _edges_only(lines: Mapping[str, Vector], how: Derivation) -> dict[str, Vector]:
    """The first and the last row of each customer."""
    codes_, bound = identity(lines[how.key])
    groups = grouped_rows(codes_, bound, in_order([lines[how.time], *(lines[name] for name in how.order_by)]))
    rows = np.unique(np.concatenate([groups.first, groups.last]))
    return {name: vector.take(rows) for name, vector in lines.items()}


def _chosen(setting: Setting, lines: Mapping[str, Vector], how: Derivation, problems: list[Finding]) -> Derived:
    index = KeyIndex(distinct_sorted(lines[how.key]))
    numbers = index.codes(lines[how.key])
    order = in_order([lines[how.time], *(lines[name] for name in how.order_by)])
    attributes: dict[str, Vector] = {}
    groups: Groups | None = None
    clashes: list[tuple[str, Ints]] = []
    for name, chosen in how.attributes.items():
        column = lines[chosen.column]
        if chosen.choose in _EDGES:
            attributes[name] = column.take(_edge_rows(numbers, index.size, order, chosen.choose))
            continue
        groups = groups or grouped_rows(numbers, index.size, order)
        kind = AggregateKind.MOST_FREQUENT if chosen.choose is Choose.MOST_FREQUENT else AggregateKind.ONLY
        of = setting.catalogue.tables[how.table].columns[chosen.column].type
        attributes[name] = combined(kind, column, groups, of, of)
        if kind is AggregateKind.ONLY and len(groups.starts):
            values = column.take(groups.rows)
            there = values.present if values.present is not None else np.ones(len(values), np.bool_)
            clashes.append((name, np.flatnonzero(distinct(values, there, groups) > 1)))
    if groups is not None:
        problems += _problems(index, clashes, groups, order)
    return Derived(index, attributes)


def _edge_rows(numbers: Ints, customers: int, order: Ints | None, choose: Choose) -> Ints:
    """The first or the last row of each customer: of rows that are set one after the other the last one stays."""
    rows = np.arange(len(numbers)) if order is None else order
    if choose is Choose.FIRST:
        rows = rows[::-1]
    found = np.zeros(customers, np.int64)
    found[numbers[rows]] = rows
    return found


def _problems(
    index: KeyIndex, clashes: list[tuple[str, Ints]], groups: Groups, order: Ints | None
) -> Iterator[Finding]:
    """Attributes that are not one value, with examples in the order in which the customers come up."""
    place = np.arange(len(groups.rows))
    if order is not None:
        place[order] = np.arange(len(order))
    for name, who in clashes:
        if len(who):
            among = who[np.argsort(place[groups.first[who]])][:EXAMPLES]
            keys = results(index.vector(0, index.size), among)
            text = "1 customer" if len(who) == 1 else f"{len(who)} customers"
            yield finding(
                codes.NOT_ONE_VALUE,
                f"`{name}` is not one value for {text}",
                help="choose `last by time` or `most frequent` instead",
                examples=[str(key) for key in keys],
            )
