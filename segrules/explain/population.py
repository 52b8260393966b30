"""Population figures and `top` into phrases; whom they count is told below the line."""

from fractions import Fraction
from typing import TYPE_CHECKING

from segrules.explain.lines import listed
from segrules.explain.literals import exact
from segrules.ir.nodes import Figure, FigureKind, Property, Top

if TYPE_CHECKING:
    from segrules.explain.values import Notes


def figure_words(node: Figure, of: str, rows: str, notes: "Notes") -> str:
    """`population median of `own_gap` over all customers`; `of` and `rows` are in words already."""
    kind = node.kind.value
    if node.kind is FigureKind.PERCENTILE:
        kind = f"percentile {_number(node.percent)}"
    if node.events is not None:
        if isinstance(node.of, Property):
            of = listed([f"`{name}.{node.of.name}`" for name in node.events.names], "or")
        phrase, crowd = f"{kind} of {of}", "everybody's rows"
    else:
        phrase, crowd = f"{kind} of {of}", "all customers"
    if node.among is not None:
        notes.among(f"the population {phrase}", node.among)
        crowd = "rows of customers as below" if node.events is not None else "customers as below"
    return f"population {phrase} over {crowd}{rows}"


def top_words(node: Top, by: str, notes: "Notes", *, holds: bool, none: bool) -> str:
    """`is in the top 25% by `spend` of all customers`; `by` is in words already."""
    amount = str(node.number) if node.number is not None else f"{_number(node.percent)}%"
    place = f"the {node.end.value} {amount} by {by}"
    crowd = "all customers"
    if node.among is not None:
        notes.among(place, node.among)
        crowd = "customers as below"
    text = f"is {'' if holds else 'not '}in {place} of {crowd}"
    if holds:
        return text
    others = ["is not one of these"] if node.among is not None else []
    others += ["there is none"] if none else []
    return text + (f" (or {' or '.join(others)})" if others else "")


def _number(percent: Fraction | None) -> str:
    assert percent is not None
    return exact(percent)
