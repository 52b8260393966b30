"""`RuleSet.evaluate`: members over tables in memory or in files, and the `Result` that it gives."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
import pytest

import segrules
from tests.cli.project import write_project

AS_OF = "2026-11-01"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p")


@pytest.fixture
def rules(project: Path) -> segrules.RuleSet:
    return segrules.load(project)


# Customers stand out of order, and 3 is not among them.
PEOPLE = {"customer_id": [10, 4, 2], "country": ["IE", "GB", "GB"], "age": [1, None, 3]}
TABLE = pa.table(PEOPLE)


def _in_folder(folder: Path) -> Path:
    pa.parquet.write_table(TABLE, folder / "people.parquet")
    return folder / "people.parquet"


GIVEN: dict[str, Callable[[Path], Any]] = {
    "table": lambda _: TABLE,
    "batch": lambda _: TABLE.to_batches()[0],
    "reader": lambda _: TABLE.to_reader(),
    "dataset": lambda folder: pa.dataset.dataset(_in_folder(folder)),
    "pandas": lambda _: pd.DataFrame(PEOPLE).astype({"age": "Int64"}),
    "mapping": lambda _: PEOPLE,
    "path": _in_folder,
    "text of a path": lambda folder: str(_in_folder(folder)),
}


@pytest.mark.parametrize("kind", GIVEN)
def test_a_table_is_given_in_many_ways(kind: str, rules: segrules.RuleSet, tmp_path: Path) -> None:
    result = rules.evaluate({"people": GIVEN[kind](tmp_path)}, as_of=AS_OF)
    assert isinstance(result, segrules.Result)
    assert result.keys.to_pylist() == [10, 4, 2]
    assert result["british"].to_pylist() == [False, True, True]
    assert result["big"].to_pylist() == [True, False, False]
    assert result.members("british").to_pylist() == [2, 4]
    assert result.partition("reach").to_pylist() == ["lately", "never", "never"]


def test_a_frame_of_polars_is_a_table(rules: segrules.RuleSet) -> None:
    polars = pytest.importorskip("polars")
    result = rules.evaluate({"people": polars.DataFrame(PEOPLE)}, as_of=AS_OF)
    assert result.members("british").to_pylist() == [2, 4]


def test_without_tables_files_are_read_and_nothing_is_written(rules: segrules.RuleSet, project: Path) -> None:
    before = sorted(project.rglob("*"))
    result = rules.evaluate(as_of=AS_OF, include="draft")
    ran = rules.run(AS_OF, include="draft")
    assert (result.segments, result.partitions) == (("big", "british", "trial"), ("reach",))
    assert result.summary() == ran.summary()
    assert result.table() == ran.table()
    assert (result.out, result.files) == (None, ())
    assert sorted(project.rglob("*")) == before


def test_a_result_is_asked_by_name(rules: segrules.RuleSet) -> None:
    result = rules.evaluate({"people": TABLE}, as_of=AS_OF)
    assert list(result) == ["big", "british"]
    assert len(result) == 2
    assert "big" in result
    assert "trial" not in result
    assert result.as_of.isoformat() == "2026-11-01T00:00:00+00:00"
    assert result.table().to_pydict() == {
        "customer_id": [10, 4, 2],
        "big": [True, False, False],
        "british": [False, True, True],
    }
    assert result.to_pandas().loc[4].to_dict() == {"big": False, "british": True}
    assert result.overlap("big", "british") == 0
    assert result.overlap("british", "british") == 2
    assert result.overlaps().to_pylist() == [{"segment": "big", "other": "british", "customers": 0}]
    for ask in (result.__getitem__, result.members, result.qualifying, lambda name: result.overlap("big", name)):
        with pytest.raises(segrules.BadInput, match="no segment `biig` was evaluated") as caught:
            ask("biig")
        assert caught.value.help == "did you mean `big`?"
    with pytest.raises(segrules.BadInput, match="no partition `big` was evaluated"):
        result.partition("big")


def test_doubt_is_told_apart_where_asked(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules="segment adults\n  where age >= 18\n"))
    people = {"customer_id": [1, 2, 3], "country": [None] * 3, "age": [20, None, 10]}
    for three_valued, expected in ((False, [True, False, False]), (True, [True, None, False])):
        result = rules.evaluate({"people": people}, as_of=AS_OF, three_valued=three_valued)
        assert result.qualifying("adults").to_pylist() == expected
        assert result["adults"].to_pylist() == [True, False, False]


def test_an_evaluation_is_cancelled(rules: segrules.RuleSet) -> None:
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    with pytest.raises(segrules.Cancelled):
        rules.evaluate({"people": TABLE}, as_of=AS_OF, cancelled=cancelled)
    assert asked == 3
    assert rules.evaluate({"people": TABLE}, as_of=AS_OF).members("british").to_pylist() == [2, 4]


def test_several_threads_evaluate_one_rule_set(rules: segrules.RuleSet) -> None:
    def british(number: int) -> list[int]:
        people = {"customer_id": [number, number + 1], "country": ["GB", "IE"], "age": [1, 2]}
        members: list[int] = rules.evaluate({"people": people}, as_of=AS_OF).members("british").to_pylist()
        return members

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(british, range(40))) == [[number] for number in range(40)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"peple": TABLE}, "the catalogue has no table `peple`"),
        ({"people": 7}, "`people`"),
        ({"people": None}, "`people`"),
    ],
)
def test_what_is_no_table_is_refused(rules: segrules.RuleSet, data: dict[str, Any], said: str) -> None:
    with pytest.raises(segrules.BadInput, match=said):
        rules.evaluate(data, as_of=AS_OF)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"country": ["DE", "GB", "GB"]}, "SEG504"),
        ({"customer_id": [10, 4, 4]}, "SEG507"),
        ({"customer_id": [10, None, 4]}, "SEG508"),
        ({"country": [1, 2, 3]}, "SEG503"),
    ],
)
def test_tables_that_do_not_fit_are_refused(rules: segrules.RuleSet, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(segrules.BadData) as caught:
        rules.evaluate({"people": PEOPLE | changed}, as_of=AS_OF)
    assert {item.code.number for item in caught.value.findings} == {code}
