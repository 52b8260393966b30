"""`last E was (X)`, seen from the customer: what X says of the row's properties, each of them an aggregate."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from segrules.ir import nodes as ir
from segrules.ir.walk import ABOUT_OTHER_ROWS
from segrules.types.types import TimestampType


def edge_time(node: ir.EdgeRow) -> ir.EventTime:
    """The time of the first or last row: none where there is no row, missing where a row is in doubt."""
    return ir.EventTime(node.which, node.events, TimestampType())


def at_edge(condition: ir.Condition, node: ir.EdgeRow) -> ir.Condition:
    """The condition with every property of the row as `first E.p` or `last E.p` of the same rows.

    Nodes below aggregates and population figures are left alone: properties in there are those of other rows.
    """
    changed: ir.Condition = _changed(condition, node)
    return changed


def _changed(part: Any, node: ir.EdgeRow) -> Any:
    match part:
        case ir.Property():
            return ir.Aggregate(node.which, node.events, part, part.type, part.span)
        case _ if isinstance(part, ABOUT_OTHER_ROWS):
            return part
        case tuple():
            return tuple(_changed(item, node) for item in part)
        case _ if is_dataclass(part) and isinstance(part, ir.Condition | ir.Value):
            return replace(part, **{item.name: _changed(getattr(part, item.name), node) for item in fields(part)})
        case _:
            return part
