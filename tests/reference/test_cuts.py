"""Cut points: they give the bands that they were made of, and published quantiles."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrules.ir.nodes import DefinedValue
from segrules.ir.rules import Bands, CutMethod, Direction, Rank
from segrules.reference.outcome import RankReport
from segrules.reference.scores import banded
from segrules.types.types import DateType, DecimalType, FloatType, IntegerType, MoneyType, TextType, TimestampType, Type

SIZES = TextType(("S", "M", "L", "XL"), ordered=True)


def cut(values: Sequence[Any], of: Type, bands: Bands) -> tuple[list[Any], RankReport]:
    return banded(Rank("r", DefinedValue("x", of), bands), [True] * len(values), values, [], [*range(len(values))])


@given(
    st.one_of(
        st.tuples(st.just(IntegerType()), st.lists(st.integers(-5, 5), max_size=30)),
        st.tuples(st.just(SIZES), st.lists(st.sampled_from(SIZES.values or ()), max_size=30)),
        st.tuples(st.just(DateType()), st.lists(st.dates(date(2026, 1, 1), date(2026, 1, 9)), max_size=30)),
    ),
    st.sampled_from(Direction),
    st.integers(2, 12),
    st.integers(-1, 1),
)
def test_frozen_on_the_same_data_bands_stay_as_they_are(
    typed: tuple[Type, list[Any]], direction: Direction, count: int, start: int
) -> None:
    of, values = typed
    fresh, report = cut(values, of, Bands(direction, count, start))
    frozen, again = cut(values, of, Bands(direction, count, start, cuts=report.cuts, frozen=True))
    assert frozen == fresh
    assert again.frozen
    assert not report.frozen
    assert again.bands == report.bands


def test_where_the_best_bands_are_empty_there_are_fewer_cut_points() -> None:
    bands, report = cut([1, 1, 1, 1], IntegerType(), Bands(Direction.HIGH, 5))
    assert (bands, report.cuts) == ([1, 1, 1, 1], ())
    bands, report = cut([1, 9, 9, 9], IntegerType(), Bands(Direction.HIGH, 4))
    assert (bands, report.cuts) == ([1, 2, 2, 2], (9,))


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=40), st.integers(2, 10))
def test_type_7_quantiles_are_those_of_numpy(values: list[int], count: int) -> None:
    _, report = cut([Fraction(value) for value in values], DecimalType(), _fitted(Direction.HIGH, count))
    expected = [np.quantile(values, band / count) for band in range(1, count)]
    assert [float(item) for item in report.cuts] == pytest.approx(expected, abs=1e-9)  # type: ignore[arg-type]


def _fitted(direction: Direction, count: int, method: CutMethod = CutMethod.TYPE7) -> Bands:
    return Bands(direction, count, fit=method)


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=60, unique=True), st.integers(2, 6), st.sampled_from(Direction)
)
def test_the_bands_of_qcut_are_those_of_pandas(values: list[int], count: int, direction: Direction) -> None:
    labels = [*range(1, count + 1)] if direction is Direction.HIGH else [*range(count, 0, -1)]
    try:
        expected = pd.qcut(pd.Series(values), count, labels=labels)
    except ValueError:  # pandas refuses where two of its quantiles are one
        return
    bands, report = cut(values, IntegerType(), _fitted(direction, count, CutMethod.QCUT))
    # Where a quantile is one of the values, pandas finds it only if the share has no rounding as a double.
    shares = [Fraction(band, count) for band in range(1, count)]
    if all(share.denominator in (2, 4) or ((len(values) - 1) * share).denominator > 1 for share in shares):
        assert bands == expected.tolist()
    frozen, _ = cut(values, IntegerType(), Bands(direction, count, cuts=report.cuts, frozen=True))
    assert frozen == bands


RFM = {
    # Twelve customers: days since the last order, orders, pounds.
    "recency": ([2, 5, 9, 14, 20, 31, 45, 60, 88, 120, 200, 365], Direction.LOW),
    "frequency": ([12, 1, 3, 8, 5, 2, 1, 4, 2, 6, 1, 1], Direction.HIGH),
}


def test_the_quintiles_of_a_published_kind_of_table() -> None:
    # quantile(type = 7) of R: h = 11 * p; 2.2 -> 9 + 0.2 * 5, 4.4 -> 20 + 0.4 * 11, 6.6 -> 45 + 0.6 * 15 and so on.
    values, direction = RFM["recency"]
    bands, report = cut(values, IntegerType(), _fitted(direction, 5))
    assert report.cuts == (10, 24, 54, 113)  # 10, 24.4, 54 and 113.6; days are whole
    assert bands == [5, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1]
    # 1 1 1 1 2 2 3 4 5 6 8 12: quantiles 1, 2, 3.6 and 5.8. An order less or more is a whole one.
    values, direction = RFM["frequency"]
    _, report = cut(values, IntegerType(), _fitted(direction, 5))
    assert report.cuts == (1, 2, 4, 6)
    _, report = cut(values, IntegerType(), _fitted(direction, 5, CutMethod.QCUT))
    assert report.cuts == (2, 3, 4, 6)


@pytest.mark.parametrize(
    ("of", "values", "method", "cuts"),
    [
        (MoneyType("GBP"), [Fraction(1), Fraction("2.01")], CutMethod.TYPE7, (Fraction("1.505"),)),
        (MoneyType("GBP"), [Fraction(1), Fraction(2), Fraction(3)], CutMethod.QCUT, (3,)),
        (MoneyType("GBP"), [Fraction(3), Fraction(3), Fraction(3)], CutMethod.QCUT, ()),
        (DateType(), [date(2024, 2, 28), date(2024, 3, 1)], CutMethod.TYPE7, (date(2024, 2, 29),)),
        (DateType(), [date(2024, 2, 28), date(2024, 2, 29)], CutMethod.TYPE7, (date(2024, 2, 29),)),
        (DateType(), [date.max], CutMethod.QCUT, ()),
        (TimestampType(), [datetime.max.replace(tzinfo=UTC)], CutMethod.QCUT, ()),
        (IntegerType(), [2**63 - 1], CutMethod.QCUT, (2**63,)),
        (DateType(), [date(2023, 2, 28)] * 3, CutMethod.QCUT, (date(2023, 3, 1),)),
        (FloatType(), [Fraction(0.1), Fraction(0.3)], CutMethod.TYPE7, (Fraction(0.2),)),
        (FloatType(), [Fraction(1)], CutMethod.QCUT, (Fraction(np.nextafter(1.0, 2.0)),)),
        (FloatType(), [-float("inf"), Fraction(1)], CutMethod.TYPE7, (-float("inf"),)),
        (FloatType(), [Fraction(1), float("inf")], CutMethod.QCUT, (float("inf"),)),
        (FloatType(), [], CutMethod.TYPE7, ()),
        (
            TimestampType(),
            [datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC)],
            CutMethod.TYPE7,
            (datetime(2026, 3, 29, 0, 59, 59, 500000, tzinfo=UTC),),
        ),
        (
            TimestampType(),
            [datetime(2026, 3, 29, tzinfo=UTC)],
            CutMethod.QCUT,
            (datetime(2026, 3, 29, tzinfo=UTC) + timedelta(microseconds=1),),
        ),
    ],
)
def test_cut_points_are_exact_in_their_type(
    of: Type, values: list[Any], method: CutMethod, cuts: tuple[Any, ...]
) -> None:
    assert cut(values, of, _fitted(Direction.HIGH, 2, method))[1].cuts == cuts
