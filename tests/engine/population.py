"""Random population figures and `top`, out of what the rest of the rules can name."""

from collections.abc import Callable, Sequence

from segrules.types.types import DecimalType, IntegerType, Type
from tests.engine.picking import Pick, chance

Named = tuple[str, Type]
Rows = Callable[[], tuple[str, Type]]
"""Makes a property of an event with a `where` and a window behind it, and says its type."""

_NUMBERS = ("total", "average", "median", "smallest", "largest", "percentile 0", "percentile 33.3", "percentile 90")
_ORDERED = ("median", "smallest", "largest", "percentile 25", "percentile 100")


def number(pick: Pick, names: Sequence[Named], rows: Rows, condition: Callable[[], str]) -> Named:
    """A population figure that is a number or an amount, and its type."""
    kind = pick(_NUMBERS)
    of_rows = not names or chance(pick, 2)
    of, type_ = rows() if of_rows else pick(names)
    if kind == "average" and isinstance(type_, IntegerType):
        type_ = DecimalType(type_.unit)
    return f"population {kind} of {of}{_among(pick, condition)}", type_


def ordered(pick: Pick, names: Sequence[str], condition: Callable[[], str]) -> str:
    """A population figure of values that have an order."""
    return f"population {pick(_ORDERED)} of {pick(names)}{_among(pick, condition)}"


def top(pick: Pick, names: Sequence[str], condition: Callable[[], str]) -> str:
    """Who is at the top or at the bottom."""
    amount = pick(("1", "2", "50%", "25%", "33.3%", "100%", "3", "1000"))
    return f"{pick(('top', 'bottom'))} {amount} by {pick(names)}{_among(pick, condition)}"


def _among(pick: Pick, condition: Callable[[], str]) -> str:
    return f" among ({condition()})" if chance(pick, 2) else ""
