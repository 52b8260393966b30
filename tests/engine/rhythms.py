"""Random values of when rows happened: as nodes, and as the text of rules."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from segrules.ir import nodes as ir
from segrules.ir.windows import SUB_DAY, Period, Unit, WholeUnits
from segrules.types.types import DecimalType, IntegerType, Type
from tests.engine.picking import Pick

_UNITS = [unit for unit in Unit if unit not in SUB_DAY]
_COUNTS = [ir.CompareOp.GE, ir.CompareOp.LE, ir.CompareOp.GT, ir.CompareOp.LT, ir.CompareOp.EQ]
_GAPS = [ir.AggregateKind.AVERAGE, ir.AggregateKind.MEDIAN, ir.AggregateKind.SMALLEST, ir.AggregateKind.LARGEST]


def rhythm(random: Random, events: ir.Events) -> ir.Rhythm:
    """Any value of the times of rows, over these rows or those of the same `where` in some whole units."""
    match random.choice(["units", "with", "between"]):
        case "units":
            return ir.UnitsOf(random.choice([*ir.UnitsKind]), random.choice(_UNITS), events, IntegerType())
        case "with":
            window = WholeUnits(Period(random.choice([1, 2, 3, 7, 1000]), random.choice(_UNITS)))
            op, times = random.choice(_COUNTS), random.choice([0, 1, 1, 2, 3])
            return ir.UnitsWith(replace(events, window=window), op, times, IntegerType())
        case _:
            return ir.DaysBetween(random.choice(_GAPS), events, DecimalType("days"))


def number_text(pick: Pick, rows: Callable[[], str]) -> tuple[str, Type]:
    """A number of units or days, and its type; `rows` writes events with their `where` and window."""
    units = pick(("days", "weeks", "months", "quarters", "years"))
    match pick(("distinct", "streak", "between")):
        case "distinct":
            return f"distinct {units} of {rows()}", IntegerType(units)
        case "streak":
            return f"longest streak of {units} of {rows()}", IntegerType(units)
        case _:
            kind = pick(("average", "median", "smallest", "largest"))
            return f"{kind} days between {rows()}", DecimalType("days") if kind == "average" else IntegerType("days")


def count_text(pick: Pick) -> str:
    """A count of rows in some of the last whole units, as it stands behind `did E`."""
    unit = pick(("week", "day", "month", "quarter", "year"))
    out_of = pick((2, 1, 4, 7, 30))
    hits = pick([number for number in (1, 2, 3, out_of) if number <= out_of])
    many = [f"exactly {hits}", f"at least {hits}", f"fewer than {hits}"]
    many += [f"at most {hits - 1}", f"more than {hits - 1}"]
    times = ("at least once", "at least 2 times", "once", "at most once", "exactly 2 times", "more than 1 times",
             "fewer than 2 times", "exactly 0 times", "at most 0 times")  # fmt: skip
    return f"{pick(times)} per {unit} in {pick(many)} of the last {out_of} whole {unit}s"
