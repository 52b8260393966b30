"""Population figures and `top` over random values of every kind, compared with the reference."""

from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from segrules.backends.arrow import crowds as engine
from segrules.backends.arrow.planes import Planes
from segrules.ir import nodes as ir
from segrules.reference import population as reference
from segrules.reference.values import MISSING, NONE, Doubt, Result
from segrules.types.types import DecimalType, IntegerType, Type
from tests.engine.test_bands import KINDS, as_vector

_NUMBERS = ("whole", "small", "decimal", "average", "fine", "float", "huge")


def _cells(random: Random, kind: str) -> list[Result]:
    absent: list[Any] = random.choice([[], [MISSING, NONE]])
    if absent and kind in _NUMBERS:
        absent = random.choice([absent, [*absent, Doubt(frozenset({1, 2}))]])
    pool = KINDS[kind][1]
    return [random.choice([*pool, *pool, *absent]) for _ in range(random.choice([0, 1, 2, 7, 30, 200]))]


def _exact(cells: list[Result]) -> list[Any]:
    return [Fraction(item) if type(item) is float and abs(item) < 1e301 else item for item in cells]


def _among(random: Random, count: int) -> tuple[list[bool | None], Planes | None]:
    if random.choice([True, False]):
        return [True] * count, None
    truths = [random.choice([True, True, False, None]) for _ in range(count)]
    flags = (np.array([truth is which for truth in truths], np.bool_) for which in (True, False))
    return truths, Planes(*flags)


def _result(kind: ir.FigureKind, of: Type) -> Type:
    return DecimalType() if kind is ir.FigureKind.AVERAGE and isinstance(of, IntegerType) else of


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_figures_are_those_of_the_reference(kind: str, seed: int) -> None:
    random = Random(seed)
    of = KINDS[kind][0]
    cells = _cells(random, kind)
    truths, planes = _among(random, len(cells))
    kinds = [*ir.FigureKind] if kind in _NUMBERS else [*ir.FigureKind][2:]
    for figure in kinds:
        percent = random.choice([Fraction(0), Fraction(100, 3), Fraction(50), Fraction(90), Fraction(100)])
        made = percent if figure is ir.FigureKind.PERCENTILE else None
        node = ir.Figure(figure, ir.DefinedValue("x", of), None, None, made, _result(figure, of))
        asked = [value for value, truth in zip(_exact(cells), truths, strict=True) if truth is True]
        present = [value for value in asked if reference.there(value)]
        value, report = engine.figure_of_customers(node, planes, as_vector(kind, cells))
        assert value == reference.figure(node, present), figure
        left_out = (report.counted, report.without_value, report.in_doubt)
        assert left_out == (len(present), len(asked) - len(present), truths.count(None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(30))
def test_the_top_is_that_of_the_reference(kind: str, seed: int) -> None:
    random = Random(seed)
    of = KINDS[kind][0]
    cells = _cells(random, kind)
    truths, planes = _among(random, len(cells))
    for end in ir.End:
        number = random.choice([None, 1, 2, 5, 1000])
        percent = None if number else random.choice([Fraction(1), Fraction(25), Fraction(100, 3), Fraction(100)])
        node = ir.Top(end, ir.DefinedValue("x", of), number, percent, None)
        expected, report = reference.top(node, truths, _exact(cells))
        found, told = engine.top(node, planes, as_vector(kind, cells))
        both = zip(found.true.tolist(), found.false.tolist(), strict=True)
        assert [True if yes else False if no else None for yes, no in both] == expected
        assert told == report


def test_the_top_is_those_whose_better_customers_are_few_enough() -> None:
    """The rule as the language page states it, for every number and share of a small population."""
    values: list[Any] = [5, 5, 3, 2, 2, 2, 1]
    better = [sum(other > value for other in values) for value in values]
    for amount in range(1, 110):
        by_number = ir.Top(ir.End.TOP, ir.DefinedValue("x", IntegerType()), amount, None, None)
        assert reference.top(by_number, [True] * 7, values)[0] == [count < amount for count in better]
        by_share = ir.Top(ir.End.TOP, ir.DefinedValue("x", IntegerType()), None, Fraction(amount), None)
        expected = [count * 100 < amount * 7 for count in better]
        assert reference.top(by_share, [True] * 7, values)[0] == expected
        assert engine.top(by_share, None, as_vector("huge", values))[0].true.tolist() == expected
