"""Regularity over the real purchases of `rulesets/online_retail`, customer by customer beside pandas.

2011-12-10 is a Saturday, so the last whole weeks end on Sunday 2011-12-04. Invoices' times are local already.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

import segrules
from tests.rulesets.expected import TODAY, purchases, read_lines

FOLDER = Path(__file__).parents[2] / "rulesets" / "online_retail"
RULES = """
segment weeks where distinct weeks of purchase >= 12
segment months where distinct months of purchase in the last 12 whole months >= 6
segment streaks where longest streak of weeks of purchase >= 4
segment days where longest streak of days of purchase >= 3
segment averages where average days between purchase <= 20
segment medians where median days between purchase >= 30
segment overdue where days since last purchase > 2 * median days between purchase
segment steady where did purchase at least once per week in at least 4 of the last 8 whole weeks
segment busy
  where did purchase where (amount >= 100 GBP) at least 2 times per month in at least 3 of the last 12 whole months
segment mostly_large where did purchase and number of purchase where (amount >= 300 GBP) >= 50% of number of purchase
segment above_own_average where did purchase where (amount >= 2 * average of purchase.amount) at least 3 times
"""


@pytest.fixture(scope="module")
def qualifying(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[int]]:
    folder = tmp_path_factory.mktemp("online_retail")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    for path in folder.glob("*.seg"):
        path.unlink()
    (folder / "regularity.seg").write_text(RULES, encoding="utf-8")
    result = segrules.load(folder).run(as_of="2011-12-10")
    return {name: set(result.members(name).to_pylist()) for name in result}


@pytest.fixture(scope="module")
def bought() -> pd.DataFrame:
    frame = purchases(read_lines(FOLDER / "data"))
    frame["customer_id"] = frame["customer_id"].astype("int64")
    frame["day"] = frame["time"].dt.normalize()
    frame["week"] = frame["day"] - pd.to_timedelta(frame["day"].dt.day_of_week, unit="D")
    frame["month"] = frame["day"].dt.to_period("M")
    frame = frame.sort_values(["customer_id", "time", "invoice_no"])
    frame["gap"] = frame.groupby("customer_id")["day"].diff().dt.days
    return frame


def _those(flags: "pd.Series[bool]") -> set[int]:
    return {int(number) for number in flags.index[flags]}


def _streak(frame: pd.DataFrame, column: str, step: pd.Timedelta) -> "pd.Series[int]":
    units = frame[["customer_id", column]].drop_duplicates().sort_values(["customer_id", column])
    begins = units.groupby("customer_id")[column].diff() != step
    return units.assign(run=begins.cumsum()).groupby(["customer_id", "run"]).size().groupby("customer_id").max()


def test_distinct_units(qualifying: Mapping[str, set[int]], bought: pd.DataFrame) -> None:
    assert qualifying["weeks"] == _those(bought.groupby("customer_id")["week"].nunique() >= 12)
    year = bought[(bought["time"] >= "2010-12-01") & (bought["time"] < "2011-12-01")]
    assert qualifying["months"] == _those(year.groupby("customer_id")["month"].nunique() >= 6)


def test_streaks(qualifying: Mapping[str, set[int]], bought: pd.DataFrame) -> None:
    assert qualifying["streaks"] == _those(_streak(bought, "week", pd.Timedelta(days=7)) >= 4)
    assert qualifying["days"] == _those(_streak(bought, "day", pd.Timedelta(days=1)) >= 3)


def test_days_between(qualifying: Mapping[str, set[int]], bought: pd.DataFrame) -> None:
    gaps = bought.dropna(subset=["gap"]).groupby("customer_id")["gap"]
    median = gaps.quantile(0.5, interpolation="lower")
    assert qualifying["averages"] == _those(gaps.sum() <= 20 * gaps.size())
    assert qualifying["medians"] == _those(median >= 30)
    since = (TODAY - bought.groupby("customer_id")["day"].max()).dt.days
    assert qualifying["overdue"] == _those(since.reindex(median.index) > 2 * median)


def test_times_per_unit(qualifying: Mapping[str, set[int]], bought: pd.DataFrame) -> None:
    weeks = bought[(bought["time"] >= "2011-10-10") & (bought["time"] < "2011-12-05")]
    assert qualifying["steady"] == _those(weeks.groupby("customer_id")["week"].nunique() >= 4)
    large = bought[(bought["amount"] >= 100_000) & (bought["time"] >= "2010-12-01") & (bought["time"] < "2011-12-01")]
    months = large.groupby(["customer_id", "month"]).size()
    assert qualifying["busy"] == _those((months >= 2).groupby("customer_id").sum() >= 3)


def test_rows_beside_other_rows(qualifying: Mapping[str, set[int]], bought: pd.DataFrame) -> None:
    whose = bought["customer_id"]
    share = (bought["amount"] >= 300_000).groupby(whose).mean()
    assert qualifying["mostly_large"] == _those(share >= 0.5)
    sums = bought.groupby("customer_id")["amount"].transform("sum")
    sizes = bought.groupby("customer_id")["amount"].transform("size")
    unusual = (bought["amount"] * sizes >= 2 * sums).groupby(whose).sum()
    assert qualifying["above_own_average"] == _those(unusual >= 3)
    assert all(qualifying.values())
