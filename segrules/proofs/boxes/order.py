"""Which numbers of rows, and which totals, are never larger than which others: fewer rows where more is asked of them.

Purchases of shoes in the last 30 days are purchases in the last 90. This follows from windows and filters alone, for
every `as_of`, so that two counts are compared without cells. It is no more than a first look: what it misses, cells
find.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from fractions import Fraction
from functools import lru_cache

from segrules.ir import nodes as ir
from segrules.ir.fingerprint import digest
from segrules.ir.nodes import CompareOp
from segrules.proofs.encoding.counting import is_dated
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.rows import Distinct, Number, Plane, Rows, Total
from segrules.proofs.formulas.logic import Var
from segrules.proofs.formulas.sums import Sum

_FLOORS = (CompareOp.GE, CompareOp.GT)
_CEILINGS = (CompareOp.LE, CompareOp.LT)
_NOTHING = "everything"

_Limit = tuple[bool, Sum]
"""At or after (True) or before a position."""


def order(encoder: Encoder, used: Iterable[Var]) -> tuple[tuple[Var, Var], ...]:
    """All pairs `(small, large)` of these variables of which this is known, sorted."""
    by_event: dict[str, list[_Counted]] = {}
    for var in sorted(set(used), key=lambda item: item.name):
        match var.meaning:
            case Number(rows, Plane.SURE):
                by_event.setdefault(rows.event, []).append(_Counted(var, rows, None, _filter(rows), _window(rows)))
            case Distinct(rows, of):
                kind = _Kind.DISTINCT, of
                by_event.setdefault(rows.event, []).append(_Counted(var, rows, kind, _filter(rows), _window(rows)))
            case Total(rows, of) if _never_negative(encoder, rows, of):
                kind = _Kind.TOTAL, of
                by_event.setdefault(rows.event, []).append(_Counted(var, rows, kind, _filter(rows), _window(rows)))
            case _:
                pass
    return tuple(pair for event, found in by_event.items() for pair in _pairs(encoder, event, found))


class _Kind(Enum):
    DISTINCT = auto()
    TOTAL = auto()


@dataclass(frozen=True, slots=True)
class _Counted:
    """A number of rows, or what a property `of` comes to in them, with the names of filter and window."""

    var: Var
    rows: Rows
    of: tuple[_Kind, str] | None
    test: str
    window: str


def _pairs(encoder: Encoder, event: str, found: list[_Counted]) -> Iterator[tuple[Var, Var]]:
    calendar = encoder.calendar
    latest = calendar.position(calendar.today() if is_dated(encoder, event) else calendar.now())
    windows = {
        item.window: [(bound.after, calendar.position(bound.edge)) for bound in item.rows.bounds] for item in found
    }
    tests = {item.test: item.rows.where for item in found}
    wider = {
        name: [other for other, large in windows.items() if _within(small, large, latest)]
        for name, small in windows.items()
    }
    weaker = {
        name: [
            other for other, large in tests.items() if large is None or (small is not None and follows(small, large))
        ]
        for name, small in tests.items()
    }
    numbers: dict[tuple[str, str], list[_Counted]] = {}
    for item in found:
        numbers.setdefault((item.test, item.window), []).append(item)
    for item in found:
        for test in weaker[item.test]:
            for window in wider[item.window]:
                for other in numbers.get((test, window), ()):
                    # Different values are at most as many as the rows; how many rows there are says nothing of them.
                    fewer = item.of is not None and item.of[0] is _Kind.DISTINCT and other.of is None
                    if other is not item and (fewer or other.of == item.of):
                        yield item.var, other.var


def _never_negative(encoder: Encoder, rows: Rows, of: str) -> bool:
    column = encoder.rules.catalogue.events[rows.event].properties[of]
    return column.derive is None and isinstance(column.minimum, Fraction) and column.minimum >= 0


def _filter(rows: Rows) -> str:
    return _NOTHING if rows.where is None else digest(rows.where)


def _window(rows: Rows) -> str:
    return " ".join(sorted({bound.text for bound in rows.bounds}))


def _within(small: list[_Limit], large: list[_Limit], latest: Sum) -> bool:
    """Whether every row within some limits is within others; no row lies at or after the `latest` position."""

    def met(after: bool, place: Sum) -> bool:
        if not after and _surely(place, latest):
            return True
        return any(
            _surely(own, place) if after else _surely(place, own) for own_after, own in small if own_after is after
        )

    return all(met(after, place) for after, place in large)


@lru_cache(maxsize=4096)
def _surely(one: Sum, other: Sum) -> bool:
    """`one <= other`, whatever the calendar."""
    least = (other - one).low
    return least is not None and least >= 0


def follows(one: ir.Condition, other: ir.Condition) -> bool:
    """Whether a row of which one condition is known to be true has the other known to be true; a no is no answer."""
    if one == other:
        return True
    if isinstance(one, ir.Or):
        return all(follows(item, other) for item in one.items)
    if isinstance(other, ir.And):
        return all(follows(one, item) for item in other.items)
    if isinstance(other, ir.Between):
        floor, ceiling = _ends(other)
        return follows(one, floor) and follows(one, ceiling)
    if isinstance(one, ir.And):
        return any(follows(item, other) for item in one.items)
    if isinstance(one, ir.Between):
        return any(follows(item, other) for item in _ends(one))
    if isinstance(other, ir.Or):
        return any(follows(one, item) for item in other.items)
    return _listed(one, other) or _compared(one, other)


def _ends(between: ir.Between) -> tuple[ir.Condition, ir.Condition]:
    return (
        ir.Compare(CompareOp.GE, between.value, between.low),
        ir.Compare(CompareOp.LE, between.value, between.high),
    )


def _listed(one: ir.Condition, other: ir.Condition) -> bool:
    """A value out of some is a value out of more."""
    some, more = _values(one), _values(other)
    return some is not None and more is not None and some[0] == more[0] and some[1] <= more[1]


def _values(condition: ir.Condition) -> tuple[ir.Value, frozenset[ir.Constant]] | None:
    match condition:
        case ir.Compare(CompareOp.EQ, value, ir.Literal(constant), ignoring_case=False):
            return value, frozenset((constant,))
        case ir.OneOf(value, choices, negated=False, ignoring_case=False):
            return value, frozenset(choice.value for choice in choices)
        case _:
            return None


def _compared(one: ir.Condition, other: ir.Condition) -> bool:
    """A number that is high enough for a high bound is so for a lower one."""
    match one, other:
        case ir.Compare(op, value, ir.Literal(given)), ir.Compare(op_other, of, ir.Literal(bound)) if value == of:
            if not (_is_number(given) and _is_number(bound)):
                return False
            assert isinstance(given, int | Fraction)
            assert isinstance(bound, int | Fraction)
            strict = op_other in (CompareOp.GT, CompareOp.LT) and op not in (CompareOp.GT, CompareOp.LT)
            if op_other in _FLOORS and op in (*_FLOORS, CompareOp.EQ):
                return given > bound if strict else given >= bound
            if op_other in _CEILINGS and op in (*_CEILINGS, CompareOp.EQ):
                return given < bound if strict else given <= bound
    return False


def _is_number(constant: ir.Constant) -> bool:
    return isinstance(constant, int | Fraction) and not isinstance(constant, bool)
