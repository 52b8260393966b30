"""A lowered program in words: its leaves, its operations on rows of bits, and what its roots say."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import assert_never

from segrules.explain.conditions import Teller
from segrules.explain.lines import Item, listed, quoted
from segrules.explain.literals import exact, instant_words, text_words
from segrules.explain.windows import period_words, window_words
from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.ir.windows import SUB_DAY
from segrules.lowering import leaves
from segrules.lowering.edges import At, AtInstant, Away, DaysAgo, Edge, Now, UnitStart
from segrules.lowering.edges import Side as Way
from segrules.lowering.program import Operation, Plane, Program, Root, Side

_MOST_TEXTS = 5


def program_lines(rules: Rules, program: Program) -> Iterator[str]:
    """The flat program, one row or operation to a line, in the order in which it runs."""
    yield f"{program.rows} rows of bits; row 0 is true and row 1 is false for everybody"
    planes = zip(program.plane_row.tolist(), program.plane_leaf.tolist(), program.plane_side.tolist(), strict=True)
    for row, leaf, side in planes:
        words = leaf_words(rules, program, program.leaves[leaf])
        yield f"row {row} = {'known' if side == Side.YES else 'known not'}: {words}"
    steps = zip(
        program.operations.tolist(), program.left.tolist(), program.right.tolist(), program.target.tolist(), strict=True
    )
    for operation, left, right, target in steps:
        match Operation(operation):
            case Operation.NOT:
                yield f"row {target} = not row {left}"
            case Operation.AND:
                yield f"row {target} = row {left} and row {right}"
            case Operation.OR:
                yield f"row {target} = row {left} or row {right}"
    for root, row in zip(program.roots, program.root_row.tolist(), strict=True):
        yield f"{_root_words(root)}: row {row}"


def _root_words(root: Root) -> str:
    match root.plane:
        case Plane.QUALIFIES:
            return f"qualifies for `{root.name}`"
        case Plane.QUALIFIES_NOT:
            return f"known not to qualify for `{root.name}`"
        case Plane.MEMBER:
            return f"members of `{root.name}`"
        case Plane.HELD_OUT:
            return f"held out of the members of `{root.name}`"
        case Plane.STAGE:
            return f"stage `{root.stage}` of `{root.name}`"
        case _:
            assert_never(root.plane)


def leaf_words(rules: Rules, program: Program, leaf: leaves.Leaf) -> str:
    """A leaf in words; edges of windows by what they are, since no `as_of` is known."""
    match leaf:
        case leaves.AtLeast(value, bound, strict):
            return f"{value_line(rules, program.values[value])} {'>' if strict else '>='} {_bound(rules, bound)}"
        case leaves.Member(value, texts):
            listed_texts = listed([text_words(text) for text in sorted(texts)], "or", _MOST_TEXTS)
            return f"{value_line(rules, program.values[value])} is {listed_texts or 'one of no texts'}"
        case leaves.IsSet(value):
            return f"{value_line(rules, program.values[value])} is true"
        case leaves.IsKnown(value):
            return f"{value_line(rules, program.values[value])} is known"
        case leaves.IsNone(value):
            return f"there is no {value_line(rules, program.values[value])}"
        case leaves.Tested(atom):
            return condition_line(rules, atom)
        case leaves.HasConsent(channel, given, purposes):
            window = "" if given is None else window_words(given, rules.catalogue.zone)
            covering = f" for {listed(quoted(purposes))}" if purposes else ""
            return f"consent for `{channel}`{covering}" + (f", given {window}" if window else "")
        case leaves.Suppressed(name):
            return f"on the suppression list `{name}`"
        case _:
            assert_never(leaf)


def value_line(rules: Rules, value: ir.Value) -> str:
    """A value in words, on one line; what it names is not told."""
    return Teller(rules).value(value).text


def crowd_line(rules: Rules, node: ir.Figure | ir.Top) -> str:
    """Something about everybody in words, on one line; whom it counts stands where it is named."""
    told = Teller(rules).value(node) if isinstance(node, ir.Figure) else Teller(rules).item(node)
    text, below = told.text.removeprefix("is in the "), list(told.below)
    for part in told.below:
        _, whom, among = part.text.partition(" for whom ")
        if node.among is not None and whom and " as below" in text:
            holds, _, inline = among.partition(":")
            among = inline.strip() or "; ".join(map(_one_line, part.below))
            text = text.replace(" as below", f" for whom {holds} ({among})", 1)
            below.remove(part)
    rest = "; ".join(_one_line(part) for part in below)
    return text + (f" ({rest})" if rest else "")


def condition_line(rules: Rules, condition: ir.Condition) -> str:
    """A condition in words, on one line; what a join is made of stands in brackets."""
    return _one_line(Teller(rules).item(condition))


def _one_line(item: Item) -> str:
    if not item.below or not item.text.endswith(":"):
        return item.text
    return f"{item.text} ({'; '.join(_one_line(part) for part in item.below)})"


def edge_words(edge: Edge, zone: str) -> str:
    """An edge of a window before `as_of` is known.

    >>> from segrules.ir.windows import Period, Unit
    >>> edge_words(Away(Period(30, Unit.DAY), Way.AGO), "UTC")
    'start of the day 30 days ago'
    """
    match edge:
        case Now():
            return "as_of"
        case Away(period, side, later) if period.unit in SUB_DAY:
            return f"{period_words(period)} {'before' if side is Way.AGO else 'after'} as_of" + _later(later)
        case Away(period, side, later):
            return f"start of the day {period_words(period)} {'ago' if side is Way.AGO else 'ahead'}" + _later(later)
        case UnitStart(unit, 0):
            return f"start of this {unit}"
        case UnitStart(unit, back):
            return f"start of the {unit} {back} {unit}{'s' * (back != 1)} ago"
        case At(day, later):
            return _day_after(day, later)
        case AtInstant(instant):
            return instant_words(instant, zone)
        case DaysAgo(days):
            return f"start of the day {abs(days)} day{'s' * (abs(days) != 1)} {'ahead' if days < 0 else 'ago'}"
        case _:
            assert_never(edge)


def _later(days: int) -> str:
    return f" and {days} day{'s' * (days != 1)} on" if days else ""


def _day_after(day: date, later: int) -> str:
    try:
        return (day + timedelta(days=later)).isoformat()
    except OverflowError:
        return f"{day.isoformat()}{_later(later)}"


def _bound(rules: Rules, bound: leaves.Bound) -> str:
    zone = rules.catalogue.zone
    match bound:
        case bool() | int() | Fraction():
            return exact(Fraction(bound))
        case float():
            return repr(bound)
        case datetime():
            return instant_words(bound, zone)
        case date():
            return bound.isoformat()
        case _:
            return edge_words(bound, zone)
