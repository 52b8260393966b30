"""The names of a chain's steps: how a later step's `where` speaks of an earlier row.

did visit as a then visit where (page != a.page)
did add_to_basket then purchase where (product != add_to_basket.product)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import nearest
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.syntax import nodes
from segrules.types.types import UnknownType


@dataclass(frozen=True, slots=True)
class Step:
    """An earlier row: the number of its step, from 0, and its properties; `unclear` says why its name is of no use."""

    number: int
    properties: Mapping[str, Column]
    unclear: str | None = None


Steps = Mapping[str, Step]
"""Earlier steps by the names that `where` may use."""


def with_step(steps: Steps, name: nodes.Name | None, events: Sequence[str], step: Step) -> tuple[Steps, list[Finding]]:
    """The steps and one more: by its alias, else by the name of its only event.

    A second step of the same event takes the name from both; an alias that stands already is a mistake.
    """
    if name is None:
        unclear = "any of several earlier steps" if steps.keys() & set(events) else None
        if len(events) > 1:
            unclear = "one of several events of an earlier step"
        return {**steps, **dict.fromkeys(events, replace(step, unclear=unclear))}, []
    if name.text == "customer" or name.text in steps:
        what = "the customer" if name.text == "customer" else "an earlier step"
        message = f"`{name.text}` names {what} already"
        return steps, [finding(codes.DUPLICATE_NAME, message, name.span, help="give the step another name")]
    return {**steps, name.text: step}, []


def step_property(node: nodes.Ref, steps: Steps) -> tuple[ir.Value, Column | None, list[Finding]]:
    """`a.page` as a property of an earlier row, with the column that it is; its first part names a step."""
    first, *rest = node.parts
    step = steps[first.text]
    broken = ir.Literal(0, UnknownType(), node.span)
    if step.unclear is not None:
        message = f"`{first.text}` may be {step.unclear}"
        help_ = f"name the step that is meant with `as a`, and write `a.{nodes.Ref(tuple(rest)).text}`"
        return broken, None, [finding(codes.UNKNOWN_NAME, message, node.span, help=help_)]
    name = nodes.Ref(tuple(rest)).text
    column = step.properties.get(name)
    if column is None:
        message = f"`{name}` is not a property of the step `{first.text}`"
        near = nearest(name, step.properties)
        known = f"did you mean `{first.text}.{near}`?" if near else _listed(first.text, step.properties)
        return broken, None, [finding(codes.UNKNOWN_NAME, message, node.span, help=known)]
    return ir.StepProperty(step.number, name, column.type, node.span), column, []


def _listed(name: str, properties: Sequence[str] | Mapping[str, Column]) -> str | None:
    shown = ", ".join(f"`{name}.{item}`" for item in list(properties)[:8])
    return f"its properties are {shown}" if shown else None
