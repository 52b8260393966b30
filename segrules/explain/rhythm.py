"""Values of when rows happened into noun phrases."""

from typing import assert_never

from segrules.explain.lines import listed, quoted
from segrules.explain.verbs import COUNTS
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
        case UnitsWith(events, op, times):
            assert isinstance(events.window, WholeUnits)
            many = f"{COUNTS[op].removeprefix('has ')} {times} {named} event{'s' * (times != 1)}"
            if (op, times) in _NO_ROW:
                many = f"no {named} event"
            return f"number of {events.window.period.unit}s with {many}{rows}"
        case DaysBetween(kind):
            return f"{kind.removesuffix(' of')} number of days from each {named} event to the next{rows}"
        case _:
            assert_never(value)
