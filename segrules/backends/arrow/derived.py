"""Values worked out from others, a whole column at a time: days since, parts of dates, arithmetic."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from segrules.backends.arrow import days as calendar
from segrules.backends.arrow import numbers
from segrules.backends.arrow.slow import doubtful_rows, sure
from segrules.backends.arrow.vectors import Ints, Kind, Vector, both, either, of_results, results
from segrules.ir import nodes as ir
from segrules.reference.values import Absent, Doubt, Result
from segrules.types.instants import day_number

if TYPE_CHECKING:
    from segrules.backends.arrow.frames import Setting

_WEEKDAYS = pa.array(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])


def days_since(node: ir.DaysSince, of: Vector, setting: "Setting") -> Vector:
    """Days from each day or instant to the day of `as_of`."""
    days = _days(of, setting)
    if days is None:
        return _slowly(node, [(node.of, of)], setting)
    return Vector(Kind.NUMBER, day_number(setting.clock.today) - days, of.present, of.none)


def years(node: ir.YearsSince, of: Vector, setting: "Setting") -> Vector:
    """Whole years from each day or instant to the day of `as_of`."""
    days = _days(of, setting)
    if days is None:
        return _slowly(node, [(node.of, of)], setting)
    found = calendar.years_since(days, setting.clock.today, setting.catalogue.leap_day)
    return Vector(Kind.NUMBER, found, of.present, of.none)


def part(node: ir.PartOf, of: Vector, setting: "Setting") -> Vector:
    """The month or the weekday of each day or instant."""
    days = _days(of, setting)
    if days is None:
        return _slowly(node, [(node.of, of)], setting)
    if node.part is ir.DatePart.MONTH:
        return Vector(Kind.NUMBER, calendar.parts(days)[1], of.present, of.none)
    return Vector(Kind.CODE, calendar.weekdays(days), of.present, of.none, dictionary=_WEEKDAYS, distinct=True)


def _days(of: Vector, setting: "Setting") -> Ints | None:
    if of.kind is Kind.DAY:
        return of.data.astype(np.int64, copy=False)
    return calendar.local_days(of.data, setting.clock) if of.kind is Kind.INSTANT else None


def arithmetic(node: ir.Arithmetic, left: Vector, right: Vector, setting: "Setting") -> Vector:
    """Two columns of numbers put together, exactly."""
    operands = [(node.left, left), (node.right, right)]
    made = numbers.calculated(node.op, left, right, node.type)
    if made is None:
        return _slowly(node, operands, setting)
    kind, data, denominator, lost = made
    present = both(sure(left), sure(right))
    if lost is not None:
        present = both(present, ~lost)
    vector = Vector(kind, data, present, either(left.none, right.none), denominator)
    return _with_doubts(vector, node, operands, setting)


def _with_doubts(
    vector: Vector, node: ir.Value, operands: Sequence[tuple[ir.Value, Vector]], setting: "Setting"
) -> Vector:
    rows = doubtful_rows([operand for _, operand in operands])
    if not len(rows):
        return vector
    exact = results(setting.slow.values(node, operands, rows))
    if any(not isinstance(value, Absent | Doubt) for value in exact):
        everything: list[Result] = results(vector)
        for row, value in zip(rows.tolist(), exact, strict=True):
            everything[row] = value
        return of_results(everything)
    doubts = {row: value for row, value in zip(rows.tolist(), exact, strict=True) if isinstance(value, Doubt)}
    return replace(vector, doubts=doubts)


def _slowly(node: ir.Value, operands: Sequence[tuple[ir.Value, Vector]], setting: "Setting") -> Vector:
    return setting.slow.values(node, operands, np.arange(len(operands[0][1])))
