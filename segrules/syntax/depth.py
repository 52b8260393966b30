"""How deep an expression nests: the limit that keeps every later pass clear of Python's recursion limit."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.syntax import nodes
from segrules.text.span import Span

MAX_DEPTH = 100
"""Levels of parentheses, `not`, signs and arithmetic, one inside the other."""


def too_deep(root: nodes.Block | nodes.Expr) -> list[Finding]:
    """A finding where expressions nest deeper than `MAX_DEPTH`; walks without recursion."""
    stack: list[tuple[object, int]] = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, tuple):
            stack.extend((item, depth) for item in node)
        elif names := _parts(type(node)):  # type: ignore[arg-type]  # types are hashable
            if depth > MAX_DEPTH:
                span = getattr(node, "span", None)
                help_ = "give parts of the rule names with `define`, or write many choices as `in [..]` or `in list`"
                message = f"this expression nests deeper than {MAX_DEPTH} levels"
                return [finding(codes.TOO_LARGE, message, span, help=help_)]
            stack.extend((getattr(node, name), depth + 1) for name in names)
    return []


@cache
def _parts(of: Any) -> tuple[str, ...]:
    """The fields of a node that may hold nodes; none of what is no node."""
    if not is_dataclass(of) or of is Span:
        return ()
    return tuple(item.name for item in fields(of) if item.name != "span")
