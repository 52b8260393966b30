"""A typed tree into another one in which some nodes are replaced; what does not change stays the same object."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from segrules.ir.walk import FIELDS

Node = TypeVar("Node")

Change = Callable[[Any], Any]
"""Gives the node that stands for a node, perhaps itself; what is below it was changed before."""


def rewritten(node: Node, change: Change) -> Node:
    """The node with `change` made to it and to everything below it, from the leaves up."""
    found: dict[str, Any] = {}
    for name in FIELDS[type(node)]:
        part = getattr(node, name)
        new = _part(part, change)
        if new is not part:
            found[name] = new
    changed: Node = change(replace(node, **found) if found else node)  # type: ignore[type-var]  # a dataclass
    return changed


def _part(part: Any, change: Change) -> Any:
    if isinstance(part, tuple):
        new = tuple(_part(item, change) for item in part)
        return new if any(one is not other for one, other in zip(new, part, strict=True)) else part
    return rewritten(part, change) if type(part) in FIELDS else part
