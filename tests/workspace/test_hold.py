"""Tables that are held for many evaluations give what the tables themselves give."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import segrules
from tests.cli.project import CATALOGUE, write_project

PEOPLE = {"customer_id": [10, 4, 2], "country": ["IE", "GB", "GB"], "age": [1, None, 3]}
TABLE = pa.table(PEOPLE)
DAYS = ["2026-01-01", "2026-06-15", "2026-11-01", "2026-12-01"]


@pytest.fixture
def rules(tmp_path: Path) -> segrules.RuleSet:
    return segrules.load(write_project(tmp_path / "p"))


def _answer(rules: segrules.RuleSet, data: Any, day: str) -> Any:
    result = rules.evaluate(data, as_of=day)
    findings = [(item.code.number, item.message) for item in result.findings]
    return result.table(partitions=True).to_pydict(), result.summary(), findings


def _path(folder: Path) -> Path:
    pa.parquet.write_table(TABLE, folder / "people.parquet")
    return folder / "people.parquet"


@pytest.mark.parametrize(
    "given",
    [lambda _: TABLE, lambda _: TABLE.to_reader(), lambda _: PEOPLE, _path, lambda _: TABLE.slice(0, 0)],
    ids=["table", "reader", "mapping", "path", "no rows"],
)
def test_held_tables_answer_as_the_tables_do(
    given: Callable[[Path], Any], rules: segrules.RuleSet, tmp_path: Path
) -> None:
    held = rules.hold({"people": given(tmp_path)})
    for day in DAYS:
        assert _answer(rules, held, day) == _answer(rules, {"people": given(tmp_path)}, day)
    assert (list(held), len(held), repr(held)) == (["people"], 1, "HeldTables(people)")


def test_a_file_is_read_once(rules: segrules.RuleSet, tmp_path: Path) -> None:
    path = _path(tmp_path)
    held = rules.hold({"people": path})
    before = _answer(rules, held, DAYS[0])
    path.unlink()
    assert _answer(rules, held, DAYS[0]) == before


def test_a_part_is_given_anew(rules: segrules.RuleSet) -> None:
    held = rules.hold({"people": TABLE})
    newer = {"customer_id": [5], "country": ["GB"], "age": [1]}
    assert rules.evaluate({**held, "people": newer}, as_of=DAYS[0]).members("british").to_pylist() == [5]


def test_threads_share_held_tables(rules: segrules.RuleSet) -> None:
    held = rules.hold({"people": TABLE})
    gate = Barrier(8)

    def worker(_: int) -> list[Any]:
        gate.wait()
        return [_answer(rules, held, day) for day in DAYS * 5]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(worker, range(8)))
    expected = [_answer(rules, {"people": TABLE}, day) for day in DAYS * 5]
    assert all(said == expected for said in found)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"country": ["DE", "GB", "GB"]}, "SEG504"),
        ({"customer_id": [10, 4, 4]}, "SEG507"),
        ({"country": [1, 2, 3]}, "SEG503"),
    ],
)
def test_what_does_not_fit_is_told_each_time(rules: segrules.RuleSet, changed: dict[str, Any], code: str) -> None:
    held = rules.hold({"people": PEOPLE | changed})
    told = []
    for day in DAYS[:2]:
        with pytest.raises(segrules.BadData) as caught:
            rules.evaluate(held, as_of=day, segments=["british", "big"])
        told.append([(item.code.number, item.message) for item in caught.value.findings])
    assert told[0] == told[1]
    assert [number for number, _ in told[0]] == [code]


def test_freshness_is_judged_by_each_instant(tmp_path: Path) -> None:
    catalogue = CATALOGUE.replace(
        "    key: customer_id\n", "    key: customer_id\n    fresh_within: {column: seen, within: 7 days}\n"
    ).replace("      age: integer\n", "      age: integer\n      seen: date\n")
    rules = segrules.load(write_project(tmp_path / "p", catalog_yaml=catalogue))
    people = TABLE.append_column("seen", pa.array(["2026-06-12"] * 3).cast(pa.date32()))
    held = rules.hold({"people": people})
    for day, stale in zip(DAYS, [False, False, True, True], strict=True):
        try:
            rules.evaluate(held, as_of=day)
            codes = set()
        except segrules.BadData as error:
            codes = {item.code.name for item in error.findings}
        assert codes == ({"stale-data"} if stale else set())


def test_tables_of_another_catalogue_are_refused(rules: segrules.RuleSet, tmp_path: Path) -> None:
    other = segrules.load(write_project(tmp_path / "q", catalog_yaml=CATALOGUE.replace("Europe/London", "Asia/Tokyo")))
    with pytest.raises(segrules.BadInput, match="table `people` is held for another catalogue"):
        rules.evaluate(other.hold({"people": TABLE}), as_of=DAYS[0])


def test_the_same_project_loaded_again_takes_held_tables(rules: segrules.RuleSet) -> None:
    held = rules.hold({"people": TABLE})
    again = segrules.load(rules.project.root)
    assert _answer(again, held, DAYS[0]) == _answer(rules, held, DAYS[0])


@pytest.mark.parametrize("data", [{"peple": TABLE}, {"people": 7}, [TABLE]])
def test_what_is_no_table_is_refused(rules: segrules.RuleSet, data: Any) -> None:
    with pytest.raises(segrules.BadInput):
        rules.hold(data)


def test_what_is_held_is_held_again(rules: segrules.RuleSet) -> None:
    held = rules.hold({"people": TABLE})
    assert rules.hold(held)["people"] is held["people"]
    assert _answer(rules, rules.hold({**held}), DAYS[0]) == _answer(rules, held, DAYS[0])
