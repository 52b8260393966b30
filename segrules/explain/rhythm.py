"""Values of when rows happened into noun phrases."""

from typing import assert_never

from segrules.explain.lines import listed, quoted
from segrules.explain.verbs import COUNTS
from segrules.explain.windows import window_words
from segrules.ir.nodes import CompareOp, DaysBetween, Rhythm, UnitsKind, UnitsOf, UnitsWith
from segrules.ir.windows import WholeUnits

_NO_ROW = ((CompareOp.LT, 1), (CompareOp.LE, 0), (CompareOp.EQ, 0))


def rhythm_words(value: Rhythm, rows: str) -> str:
    """The value as a noun phrase; `rows` are the words on window and test that stand behind the events' names."""
    named = listed(quoted(value.events.names), "or")
    match value:
        case UnitsOf(kind, unit):
            if kind is UnitsKind.DISTINCT:
                return f"number of different {unit}s with {named} events{rows}"
            return f"longest run of {unit}s, one after the other, each with {named} events{rows}"
        case UnitsWith(events):
            assert isinstance(events.window, WholeUnits)
            return f"number of {events.window.period.unit}s with {_many(value, named)}{rows}"
        case DaysBetween(kind):
            return f"{kind.removesuffix(' of')} number of days from each {named} event to the next{rows}"
        case _:
            assert_never(value)


def times_per_unit_words(value: UnitsWith, op: CompareOp, hits: str, only: str) -> str:
    """So many rows in so many units, as a phrase about the customer; `only` are the words on the test of rows."""
    assert isinstance(value.events.window, WholeUnits)
    period = value.events.window.period
    per = "" if (value.op, value.times) in _NO_ROW else f" per {period.unit}"
    units = window_words(value.events.window, "").removeprefix("in ")
    named = listed(quoted(value.events.names), "or")
    return f"has {_many(value, named)}{per} in {_bound(op)} {hits} of {units}{only}"


def _many(value: UnitsWith, named: str) -> str:
    if (value.op, value.times) in _NO_ROW:
        return f"no {named} event"
    return f"{_bound(value.op)} {value.times} {named} event{'s' * (value.times != 1)}"


def _bound(op: CompareOp) -> str:
    return COUNTS[op].removeprefix("has ")
