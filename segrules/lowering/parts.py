"""Parts of segments into a program that says of whom each is known to hold, and of whom it is known not to."""

from collections.abc import Mapping, Sequence

from segrules.ir.parts import Part
from segrules.ir.rules import ConsentClause, Rules, Segment
from segrules.lowering import leaves
from segrules.lowering.lower import Begun, Lowered, Lowering, stage_roots
from segrules.lowering.program import Plane, Root, Side

Asked = Mapping[str, Sequence[Part]]
"""Parts of segments, by the names of these."""


def part_name(segment: str, number: int) -> str:
    """Under which name a part of a segment stands among who qualifies; no segment can have it."""
    return f"{segment} {number}"


def lower_parts(rules: Rules, asked: Asked) -> Lowered:
    """The program that says of each part who satisfies it, three-valued, as if it were who qualifies for a segment."""
    begun = Begun(rules, tuple(asked))
    roots: dict[Root, int] = {}
    for name, parts in asked.items():
        for number, part in enumerate(parts):
            holds, fails = _sides(begun.lowering, rules.segments[name], part)
            roots[Root(Plane.QUALIFIES, part_name(name, number))] = holds
            roots[Root(Plane.QUALIFIES_NOT, part_name(name, number))] = fails
    roots |= stage_roots(rules, begun.lowering)
    return begun.lowered(roots)


def _sides(lowering: Lowering, segment: Segment, part: Part) -> tuple[int, int]:
    match part.demand:
        case ConsentClause() as clause:
            given = lowering.consent(segment, clause)
            return given, lowering.nodes.opposite(given)
        case str(name):
            leaf = leaves.Suppressed(name)
            return lowering.nodes.leaf(leaf, Side.NO), lowering.nodes.leaf(leaf, Side.YES)
        case condition:
            return lowering.known(condition, True), lowering.known(condition, False)
