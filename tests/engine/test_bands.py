"""Bands of random values, compared with the reference."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from segrules.backends.arrow import bands as engine
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.population import Population
from segrules.backends.arrow.vectors import Kind, Vector, of_results, results
from segrules.ir.nodes import DefinedValue
from segrules.ir.rules import Bands, CutMethod, Direction, Rank
from segrules.reference.aggregates import order_key
from segrules.reference.scores import banded
from segrules.reference.values import MISSING, NONE, Absent, Doubt, Result
from segrules.types.instants import day_number, microseconds
from segrules.types.types import DateType, DecimalType, FloatType, IntegerType, TextType, TimestampType, Type

SIZES = TextType(("S", "M", "L"), ordered=True)
START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS: dict[str, tuple[Type, list[Any]]] = {
    "whole": (IntegerType(), [0, 1, 2, 5, -3, 2**63 - 1, -(2**63)]),
    "small": (IntegerType(), [0, 1, 2, 3, 255]),
    "decimal": (DecimalType(), [Fraction("0.1"), Fraction("0.25"), Fraction(2), Fraction(-1)]),
    "average": (DecimalType(), [Fraction(1, 3), Fraction(2, 3), Fraction(1), Fraction(5, 7)]),
    "fine": (DecimalType(), [Fraction(10**17, 3), Fraction(10**17 + 1, 3), Fraction(10**17, 7), Fraction(1)]),
    "float": (FloatType(), [0.0, -1.5, 2.5, float("inf"), float("-inf"), 1e300]),
    "day": (DateType(), [date(2026, 1, day) for day in (1, 2, 9)]),
    "instant": (TimestampType(), [START + timedelta(hours=hour) for hour in (0, 1, 50)]),
    "text": (SIZES, ["S", "M", "L"]),
    "huge": (IntegerType(), [10**30, 2**64, 3, -(10**25)]),
}


class FakePopulation:
    def __init__(self, keys: Sequence[Any]) -> None:
        self.keys = keys
        self.size = len(keys)

    def order(self) -> Any:
        return np.array(sorted(range(self.size), key=lambda place: self.keys[place]), np.int64)


def as_vector(kind: str, cells: Sequence[Result]) -> Vector:
    present = np.array([not isinstance(item, Absent | Doubt) for item in cells], np.bool_)
    none = np.array([item is NONE for item in cells], np.bool_)
    doubts = {row: item for row, item in enumerate(cells) if isinstance(item, Doubt)}

    def filled(default: Any) -> list[Any]:
        return [default if isinstance(item, Absent | Doubt) else item for item in cells]

    match kind:
        case "whole":
            return Vector(Kind.NUMBER, np.array(filled(7), np.int64), present, none, doubts=doubts)
        case "small":
            return Vector(Kind.NUMBER, np.array(filled(7), np.uint8), present, none, doubts=doubts)
        case "average" | "fine":
            values = [Fraction(item) for item in filled(Fraction(1))]
            divisors = np.array([item.denominator for item in values], np.int64)
            numbers = np.array([item.numerator for item in values], np.int64)
            return Vector(Kind.NUMBER, numbers, present, none, divisors=divisors, doubts=doubts)
        case "float":
            return Vector(Kind.FLOAT, np.array(filled(0.5)), present, none, doubts=doubts)
        case "day":
            return Vector(
                Kind.DAY, np.array([day_number(item) for item in filled(date(1, 1, 1))], np.int32), present, none
            )
        case "instant":
            return Vector(Kind.INSTANT, np.array([microseconds(item) for item in filled(START)]), present, none)
        case "text":
            words = ["L", "M", "S"]
            return Vector(
                Kind.CODE, np.array([words.index(item) for item in filled("M")], np.uint8), present, none,
                dictionary=pa.array(words), distinct=True,
            )  # fmt: skip
        case _:
            return of_results(cells)


def as_values(kind: str) -> list[Any]:
    """The pool as the reference has it: finite floats are exact numbers."""
    return [Fraction(item) if type(item) is float and abs(item) < 1e301 else item for item in KINDS[kind][1]]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(40))
def test_bands_are_those_of_the_reference(kind: str, seed: int) -> None:
    random = Random(seed)
    of, pool = KINDS[kind]
    count = random.choice([0, 1, 2, 7, 30, 200])
    counted = kind in ("whole", "small", "decimal", "average", "fine", "float", "huge")
    absent: list[Any] = random.choice([[], [MISSING, NONE], [MISSING, NONE, Doubt(frozenset({1, 2}))]])
    if kind in ("day", "instant", "text"):
        absent = absent[:2]
    cells: list[Result] = [random.choice([*pool, *pool, *absent]) for _ in range(count)]
    tie_kind = random.choice([*KINDS])
    ties: list[Result] = [random.choice([*KINDS[tie_kind][1], MISSING, NONE]) for _ in range(count)]
    keys = random.sample(range(-500, 500), count) if seed % 2 else list(range(count))
    truths = [random.choice([True, True, True, False, None]) for _ in range(count)]
    everybody = random.choice([True, False])
    if everybody:
        truths = [True] * count
    made = Bands(
        random.choice([*Direction]),
        random.choice([1, 2, 3, 5, 10, 40, 300]),
        random.choice([0, 1]),
        random.choice([True, False]),
        DefinedValue("tie", KINDS[tie_kind][0]) if random.choice([True, False]) else None,
        random.choice([None, (Fraction(1, 3), Fraction(2), Fraction(5, 2))]) if counted else None,
    )
    if seed % 4 == 1:
        # As frozen bands have them: values of the pool, in their order, one of them twice.
        key = order_key(of)
        cuts = sorted((random.choice(as_values(kind)) for _ in range(random.choice([0, 1, 3]))), key=key)
        made = replace(made, cuts=(*cuts, *cuts[-1:]), frozen=True, equal=False)
    elif seed % 4 == 3 and kind != "text":
        made = replace(made, cuts=None, fit=random.choice([CutMethod.TYPE7, CutMethod.QCUT]), equal=False)
    rank = Rank("rank", DefinedValue("by", of), made)
    exact = [Fraction(item) if type(item) is float and abs(item) < 1e301 else item for item in cells]
    exact_ties: list[Any] = [Fraction(item) if type(item) is float and abs(item) < 1e301 else item for item in ties]
    place = sorted(range(count), key=lambda at: keys[at])
    expected, report = banded(
        rank,
        [truths[at] for at in place],
        [exact[at] for at in place],
        [exact_ties[at] for at in place],
        [keys[at] for at in place],
    )
    planes = Planes(np.array([t is True for t in truths], np.bool_), np.array([t is False for t in truths], np.bool_))
    found, told = engine.banded(
        rank,
        None if everybody else planes,
        as_vector(kind, cells),
        as_vector(tie_kind, ties) if made.ties is not None else None,
        cast(Population, FakePopulation(keys)),
    )
    assert results(found, np.array(place, np.int64)) == expected
    assert told == report
