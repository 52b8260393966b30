"""The values of one property of event rows, put together where no rule tells them apart.

Each region has a value that stands for all of its own; so the filters of rules can simply be tried on a few rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from math import ceil, floor

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.proofs.texts.classes import asked, classes
from segrules.types.cells import Cell
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)

_EXAMPLES: dict[type, Cell] = {DateType: date(2020, 1, 1), TimestampType: datetime(2020, 1, 1, tzinfo=UTC)}


@dataclass(frozen=True, slots=True)
class Region:
    """Values that are not told apart, and one of them; None is null.

    For numbers `low` and `high` are its ends in steps of the property, both ends in, None where there is none. `size`
    is how many values it has, None for any number of them.
    """

    value: Cell
    low: int | Fraction | None = None
    high: int | Fraction | None = None
    size: int | None = None


NULL = Region(None, size=0)


def regions(column: Column, of_type: Type, tests: Sequence[ir.Condition], scale: int) -> tuple[Region, ...] | None:
    """The regions into which tests of a property cut its values; None where they are not followed.

    Each of `tests` compares the property with constants. `scale` says how many steps make one, 0 for no steps.
    """
    null = (NULL,) if column.nullable or column.derive is not None else ()
    found: tuple[Region, ...] | None
    match of_type:
        case BooleanType():
            return (Region(True, size=1), Region(False, size=1), *null)
        case TextType(values) if values is not None:
            found = tuple(Region(text, size=1) for text in values)
        case TextType():
            found = _texts(tests)
        case IntegerType() | DecimalType() | FloatType() | MoneyType():
            found = _numbers(column, tests, scale)
        case _:
            only_known = all(isinstance(test, ir.IsKnown) for test in tests)
            found = (Region(_EXAMPLES.get(type(of_type), ())),) if only_known else None
    return None if found is None else (*found, *null)


def _texts(tests: Sequence[ir.Condition]) -> tuple[Region, ...] | None:
    known = [asked(test) for test in tests if not isinstance(test, ir.IsKnown)]
    found = classes([item[1] for item in known if item is not None])
    if found is None or None in known:
        return None
    return tuple(Region(item.example, size=1 if item.only else None) for item in found)


def _numbers(column: Column, tests: Sequence[ir.Condition], scale: int) -> tuple[Region, ...] | None:
    cuts: set[Fraction] = set()
    for test in tests:
        found = _constants(test)
        if found is None:
            return None
        cuts |= found
    low = column.minimum if isinstance(column.minimum, Fraction) and column.derive is None else None
    high = column.maximum if isinstance(column.maximum, Fraction) and column.derive is None else None
    return tuple(_stepped(sorted(cuts), low, high, scale) if scale else _dense(sorted(cuts), low, high))


def _constants(test: ir.Condition) -> set[Fraction] | None:
    """The numbers with which a property is compared."""
    match test:
        case ir.Compare(_, left, right):
            ends = [part for part in (left, right) if isinstance(part, ir.Literal)]
            if len(ends) != 1:
                return None
        case ir.Between(_, low, high) if isinstance(low, ir.Literal) and isinstance(high, ir.Literal):
            ends = [low, high]
        case ir.OneOf(_, choices):
            ends = list(choices)
        case ir.IsKnown():
            ends = []
        case _:
            return None
    values = [end.value for end in ends]
    numbers = [Fraction(value) for value in values if isinstance(value, int | Fraction)]
    return set(numbers) if len(numbers) == len(values) else None


def _stepped(cuts: Sequence[Fraction], low: Fraction | None, high: Fraction | None, scale: int) -> list[Region]:
    """Regions of a property that is a whole number of steps."""
    least = None if low is None else ceil(low * scale)
    most = None if high is None else floor(high * scale)
    found: list[Region] = []
    start = least
    for cut in cuts:
        at = cut * scale
        below, above = ceil(at) - 1, floor(at) + 1
        _add(found, start, below if most is None else min(below, most), scale)
        if at.denominator == 1 and (least is None or at >= least) and (most is None or at <= most):
            _add(found, int(at), int(at), scale)
        start = above if start is None else max(start, above)
    _add(found, start, most, scale)
    return found


def _add(found: list[Region], low: int | None, high: int | None, scale: int) -> None:
    if low is not None and high is not None and low > high:
        return
    value = Fraction(_round(low, high, scale), scale)
    size = None if low is None or high is None else high - low + 1
    found.append(Region(value if scale > 1 else int(value), low, high, size))


def _round(low: int | None, high: int | None, scale: int) -> int:
    """A number of steps from `low` to `high` that looks simple: a whole number near an end, where there is one."""
    if low is not None:
        whole = -(-low // scale) * scale
        return whole if high is None or whole <= high else low
    if high is not None:
        return high // scale * scale
    return scale


def _dense(cuts: Sequence[Fraction], low: Fraction | None, high: Fraction | None) -> list[Region]:
    """Regions of a property of any fraction: the cuts, and what lies between them."""
    inside = [cut for cut in cuts if (low is None or cut >= low) and (high is None or cut <= high)]
    points = sorted({*inside, *(end for end in (low, high) if end is not None)})
    if not points:
        return [Region(Fraction(1))]
    found = []
    if low is None:
        found.append(Region(points[0] - 1, None, points[0]))
    for place, point in enumerate(points):
        found.append(Region(point, point, point, 1))
        if place + 1 < len(points):
            after = points[place + 1]
            found.append(Region((point + after) / 2, point, after))
    if high is None:
        found.append(Region(points[-1] + 1, points[-1], None))
    return found
