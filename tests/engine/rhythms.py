"""Random values of when rows happened."""

from dataclasses import replace
from random import Random

from segrules.ir import nodes as ir
from segrules.ir.windows import SUB_DAY, Period, Unit, WholeUnits
from segrules.types.types import DecimalType, IntegerType

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
