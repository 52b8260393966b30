"""Comparisons that no value of the catalogue's range can meet, and those that every value meets."""

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from segrules.diagnostics.codes import OUTSIDE_RANGE
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.limits import NO_LIMITS, Limit, Limits, LimitsOf, below
from segrules.governance.settings import Settings
from segrules.ir import nodes as ir
from segrules.ir.rules import Requirement, Rules
from segrules.ir.walk import caps_of, conditions_of, descendants, expressions_of
from segrules.types.types import TextType

Tested = ir.Compare | ir.Between | ir.OneOf
"""The comparisons that are looked at."""


def outside_range(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """The comparisons that are never true, or true of every known value, by ranges, bands and closed lists of values.

    Each is looked at by itself. Known gap: dates against windows, and rows further back in a chain.
    """
    limits = LimitsOf(rules)
    for root in _roots(rules):
        for node, events in _tests(root):
            about, within, verdict = _judged(node, limits, events)
            if verdict is not None:
                yield _finding(node, about, within, verdict)


def _roots(rules: Rules) -> Iterator[ir.Expression]:
    yield from (definition.body for definition in rules.definitions.values())
    for score in rules.scores.values():
        yield from expressions_of(score)
    for segment in rules.segments.values():
        yield from conditions_of(segment)
        yield from caps_of(rules.catalogue, segment)
    yield from (stage.condition for partition in rules.partitions.values() for stage in partition.stages)
    for policy in rules.policies.values():
        for rule in policy.rules:
            if isinstance(rule, Requirement) and isinstance(rule.demand, ir.Condition):
                yield rule.demand


def _tests(root: ir.Expression) -> Iterator[tuple[Tested, tuple[str, ...]]]:
    """Every comparison below `root`, with the events whose row it is asked of."""
    rows: dict[int, tuple[str, ...]] = {}
    for node in descendants(root):
        inside: ir.Node | None = None
        names: tuple[str, ...] = ()
        match node:
            case ir.Events(names=names, where=inside):
                pass
            case ir.EdgeRow(events=ir.Events(names=names), condition=inside):
                pass
            case _:
                pass
        if inside is not None:
            # What stands deeper is met later, and replaces this where it is about other rows.
            rows.update((id(below_it), names) for below_it in descendants(inside))
        if isinstance(node, Tested):
            yield node, rows.get(id(node), ())


def verdict_on(node: Tested, limits: LimitsOf, events: tuple[str, ...] = ()) -> bool | None:
    """False where the comparison is never true, True where it is true of every known value, else None.

    `events` are those of the row that it is asked of.
    """
    return _judged(node, limits, events)[2]


def _judged(node: Tested, limits: LimitsOf, events: tuple[str, ...]) -> tuple[ir.Value, Limits, bool | None]:
    """The value that a comparison is about, its limits, and the verdict."""
    match node:
        case ir.Compare(left=ir.Literal() as left, right=ir.Literal()):
            return left, NO_LIMITS, None
        case ir.Compare(op, left, right):
            first, second = _ordered(left, right) or (limits.value(left, events), limits.value(right, events))
            about, within = (right, second) if isinstance(left, ir.Literal) else (left, first)
            return about, within, _compared(op, first, second)
        case ir.Between(value, low, high):
            within = limits.value(value, events)
            above = _compared(ir.CompareOp.GE, within, limits.value(low, events))
            beneath = _compared(ir.CompareOp.LE, within, limits.value(high, events))
            unsettled = None if None in (above, beneath) else True
            return value, within, False if False in (above, beneath) else unsettled
        case ir.OneOf(value, choices, negated):
            within = limits.value(value, events)
            holds = _listed(node) if isinstance(value.type, TextType) else _among(within, choices)
            return value, within, holds if holds is None else holds is not negated


def _ordered(left: ir.Value, right: ir.Value) -> tuple[Limits, Limits] | None:
    """The places of two texts in a closed list with an order; None for anything else."""
    values = next((s.type.values for s in (left, right) if isinstance(s.type, TextType) and s.type.ordered), None)
    if not values:
        return None
    first, second = (_places(side, values) for side in (left, right))
    return None if first is None or second is None else (first, second)


def _places(side: ir.Value, values: tuple[str, ...]) -> Limits | None:
    if isinstance(side, ir.Literal):
        at = Fraction(values.index(side.value)) if side.value in values else None
        return None if at is None else Limits(at, at, always=True)
    return Limits(Fraction(0), Fraction(len(values) - 1))


def _compared(op: ir.CompareOp, left: Limits, right: Limits) -> bool | None:
    """True where the comparison holds of all values within the limits, False where of none, else None."""
    match op:
        case ir.CompareOp.LT:
            return _lower(left, right)
        case ir.CompareOp.GT:
            return _lower(right, left)
        case ir.CompareOp.LE:
            return _opposite(_lower(right, left))
        case ir.CompareOp.GE:
            return _opposite(_lower(left, right))
        case ir.CompareOp.EQ:
            return False if _lower(left, right) or _lower(right, left) else None
        case ir.CompareOp.NE:
            return True if _lower(left, right) or _lower(right, left) else None


def _lower(left: Limits, right: Limits) -> bool | None:
    """Whether all of `left` lies below all of `right`; False where none of it does."""
    if below(left.high, right.low):
        return True
    return False if below(left.low, right.high) is False else None


def _opposite(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _among(within: Limits, choices: tuple[ir.Literal, ...]) -> bool | None:
    """False where no choice lies within the limits."""
    parts = [_compared(ir.CompareOp.EQ, within, Limits(*_ends(choice))) for choice in choices]
    return False if parts and all(part is False for part in parts) else None


def _ends(choice: ir.Literal) -> tuple[Limit, Limit]:
    value = choice.value
    if isinstance(value, bool | str | tuple):
        return None, None
    limit = Fraction(value) if isinstance(value, int | Fraction) else value
    return limit, limit


def _listed(node: ir.OneOf) -> bool | None:
    """True where the choices are all values of a closed list."""
    of = node.value.type
    if not isinstance(of, TextType) or of.values is None or node.ignoring_case:
        return None
    return True if {choice.value for choice in node.choices}.issuperset(of.values) else None


def _finding(node: Tested, about: ir.Value, within: Limits, verdict: bool) -> Finding:
    shown, range_ = _name(about), _range(about, within)
    because = f": {shown or 'the value'} {range_}" if range_ else ""
    if not verdict:
        help_ = "correct the comparison, or the range in the catalogue"
        return finding(OUTSIDE_RANGE, f"this is never true{because}", node.span, help=help_)
    if within.always:
        return finding(OUTSIDE_RANGE, f"this is always true{because}", node.span, help="leave it out, or correct it")
    message = f"this is true wherever {shown or 'the value'} is known{because}"
    help_ = f"write {f'`{shown[1:-1]} is known`' if shown else '`is known`'} if that is meant, or correct it"
    return finding(OUTSIDE_RANGE, message, node.span, help=help_)


def _name(node: ir.Value) -> str | None:
    """A value that has a name, as rules write it."""
    match node:
        case ir.Attribute(name) | ir.Property(name) | ir.DefinedValue(name):
            return f"`{name}`"
        case ir.Band(score, rank):
            return f"`{score}.{rank}`"
        case ir.RelatedColumn(relation, column):
            return f"`{relation}.{column}`"
        case _:
            return None


def _range(about: ir.Value, within: Limits) -> str | None:
    of = about.type
    if isinstance(of, TextType) and of.values:
        return "is one of " + ", ".join(f"`{value}`" for value in of.values)
    match within.low, within.high:
        case None, None:
            return None
        case low, None:
            return f"is at least {_shown(low)}"
        case None, high:
            return f"is at most {_shown(high)}"
        case low, high:
            return f"lies between {_shown(low)} and {_shown(high)}"


def _shown(limit: Limit) -> str:
    match limit:
        case Fraction() if limit.denominator == 1:
            return str(limit.numerator)
        case Fraction():
            return f"{float(limit):g}"
        case datetime():
            return limit.isoformat()
        case _:
            return str(limit)
