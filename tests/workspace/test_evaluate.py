"""`RuleSet.evaluate`: members over tables in memory or in files, and the `Result` that it gives."""

import copy
import itertools
import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet
import pytest

import segrules
from tests.cli.project import CATALOGUE, ROOT, write_project
from tests.fuzz import LONG

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


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (TABLE, "a pyarrow Table"),
        (pd.DataFrame(PEOPLE), "a pandas DataFrame"),
        ([TABLE], "a list"),
        ("people.csv", "text"),
        (7, "an int"),
    ],
    ids=str,
)
def test_tables_are_given_by_name(rules: segrules.RuleSet, data: Any, what: str) -> None:
    with pytest.raises(segrules.BadInput) as caught:
        rules.evaluate(data, as_of=AS_OF)
    assert caught.value.message == f"`data` is {what}, expected a mapping from names of tables to tables"
    assert caught.value.help == (
        'name the table, as in `{"people": ...}`; the catalogue\'s tables are `people`, `orders`'
    )


def test_columns_are_not_taken_for_tables(rules: segrules.RuleSet) -> None:
    with pytest.raises(segrules.BadInput, match="the catalogue has no table `customer_id`") as caught:
        rules.evaluate(PEOPLE, as_of=AS_OF)
    assert str(caught.value.help).startswith('name the table, as in `{"people": ...}`')


@pytest.mark.parametrize(
    ("as_of", "what"),
    [(None, "None"), (5, "an int"), (pd.NaT, "no point in time"), (["2026-11-01"], "a list")],
    ids=str,
)
def test_an_instant_has_one_of_its_shapes(rules: segrules.RuleSet, as_of: Any, what: str) -> None:
    with pytest.raises(segrules.BadInput) as caught:
        rules.evaluate(as_of=as_of)
    assert caught.value.message == f"`as_of` is {what}"
    assert "a date (`2026-11-01`)" in str(caught.value.help)


def test_who_forgot_a_table_is_told_to_give_it(rules: segrules.RuleSet, project: Path) -> None:
    (project / "orders.csv").unlink()
    with pytest.raises(segrules.BadData) as caught:
        rules.evaluate({"people": TABLE}, as_of=AS_OF)
    (found,) = caught.value.findings
    assert found.message == "table `orders`: `orders.csv` does not exist"
    assert found.help is not None
    assert found.help.startswith("give `orders` to `evaluate`, or correct its path; ")
    with pytest.raises(segrules.BadData) as caught:
        rules.evaluate({"people": TABLE, "orders": project / "ordrs.csv"}, as_of=AS_OF)
    assert "give `orders`" not in str(caught.value.findings[0].help)
    with pytest.raises(segrules.BadData) as caught:
        rules.run(AS_OF)
    assert "`evaluate`" not in str(caught.value.findings[0].help)


def test_a_file_that_is_there_and_damaged_is_not_asked_for(rules: segrules.RuleSet, project: Path) -> None:
    (project / "orders.csv").write_bytes(b"")
    with pytest.raises(segrules.BadData) as caught:
        rules.evaluate({"people": TABLE}, as_of=AS_OF)
    assert "give `orders`" not in str(caught.value.findings[0].help)


def test_unknown_names_are_missing_keys(rules: segrules.RuleSet) -> None:
    result = rules.evaluate({"people": TABLE}, as_of=AS_OF)
    asks: list[tuple[Callable[[Any], Any], Any, str]] = [
        (result.__getitem__, "reach", "`reach` is a partition: `result.partition('reach')`"),
        (result.partition, "big", "`big` is a segment: `result['big']`"),
        (result.__getitem__, "trial", 'evaluate it, too: name it in `segments`, and a draft needs `include="draft"`'),
        (result.__getitem__, "zzz", "there are `big`, `british`"),
        (result.__getitem__, 7, "there are `big`, `british`"),
        (result.__getitem__, ["big", "british"], "did you mean `british`?"),
    ]
    for ask, name, help_ in asks:
        with pytest.raises(KeyError) as caught:
            ask(name)
        assert isinstance(caught.value, segrules.UnknownName)
        assert str(caught.value).endswith(f"`{name}` was evaluated")
        assert caught.value.help == help_ or isinstance(name, list)
    assert [name in result for name in ("big", "trial", 7, ["big"])] == [True, False, False, False]


def test_partitions_stand_in_the_table_where_asked(rules: segrules.RuleSet) -> None:
    result = rules.evaluate({"people": TABLE}, as_of=AS_OF)
    table = result.table(partitions=True)
    assert table.column_names == ["customer_id", "big", "british", "reach"]
    assert pa.types.is_dictionary(table.schema.field("reach").type)
    assert table.column("reach").to_pylist() == ["lately", "never", "never"]
    frame = result.to_pandas(partitions=True)
    assert frame["reach"].dtype == "category"
    assert list(frame["reach"].cat.categories) == ["lately", "once", "never"]
    assert frame.loc[10].to_dict() == {"big": True, "british": False, "reach": "lately"}


def test_pandas_is_asked_for_where_it_is_missing(rules: segrules.RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    result = rules.evaluate({"people": TABLE}, as_of=AS_OF)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        result.to_pandas()


def test_nobody_is_in_every_segment(rules: segrules.RuleSet) -> None:
    result = rules.evaluate({"people": TABLE.slice(0, 0)}, as_of=AS_OF)
    assert repr(result) == "Result(as_of 2026-11-01, 0 customers, 2 segments, 1 partition)"
    assert result.members("big").to_pylist() == result["big"].to_pylist() == result.keys.to_pylist() == []
    assert result.table(partitions=True).num_rows == 0
    assert result.to_pandas(partitions=True).shape == (0, 3)
    assert result.overlap("big", "british") == 0
    assert result.summary()["segments"]["big"]["share"] == 0


@pytest.mark.parametrize("chosen", [[], None])
def test_a_result_may_have_partitions_alone(tmp_path: Path, chosen: list[str] | None) -> None:
    text = 'partition home\n  stage here where country = "GB"\n  otherwise away\n'
    text += "" if chosen is None else "segment big\n  where age > 2\n"
    rules = segrules.load(write_project(tmp_path / "p", rules=text))
    result = rules.evaluate({"people": TABLE}, as_of=AS_OF, segments=chosen)
    assert result
    assert (list(result), len(result), result.segments, result.partitions) == ([], 0, (), ("home",))
    assert result.partition("home").to_pylist() == ["away", "here", "here"]
    assert result.table().column_names == ["customer_id"]
    assert result.to_pandas().shape == (3, 0)
    assert result.overlaps().num_rows == 0
    assert result.summary()["segments"] == {}
    with pytest.raises(segrules.UnknownName) as caught:
        result["x"]
    assert caught.value.help == "no segment was evaluated at all"


PERSONS = TABLE.rename_columns(["person", "country", "age"])
OTHER_KEY = CATALOGUE.replace("key: customer_id", "key: person").replace(
    "customer_id: {type: integer", "person: {type: integer"
)


def test_names_may_need_quotes_and_one_may_be_that_of_the_keys(tmp_path: Path) -> None:
    text = 'segment `10% off, "now"`\n  where age > 2\nsegment customer_id\n  where age > 0\n'
    rules = segrules.load(write_project(tmp_path / "p", rules=text, catalog_yaml=OTHER_KEY))
    assert list(rules) == ['10% off, "now"', "customer_id"]
    result = rules.evaluate({"people": PERSONS}, as_of=AS_OF)
    assert result['10% off, "now"'].to_pylist() == [False, False, True]
    assert result.members("customer_id").to_pylist() == [2, 10]
    assert result.overlap("customer_id", '10% off, "now"') == 1
    for ask in (result.table, result.to_pandas):
        with pytest.raises(segrules.BadInput, match="a segment called `customer_id`") as caught:
            ask()
        assert 'result["customer_id"]' in str(caught.value.help)
    with pytest.raises(segrules.BadInput) as caught:
        rules.run(AS_OF, tmp_path / "out", wide=True)
    assert "(in Python without `wide=True`)" in str(caught.value.help)
    only = rules.evaluate({"people": PERSONS}, as_of=AS_OF, segments=['10% off, "now"'])
    assert only.table().column_names == ["customer_id", '10% off, "now"']


def test_a_partition_called_as_the_keys_is_left_out_or_refused(tmp_path: Path) -> None:
    text = 'partition customer_id\n  stage here where country = "GB"\n  otherwise away\n'
    rules = segrules.load(write_project(tmp_path / "p", rules=text, catalog_yaml=OTHER_KEY))
    result = rules.evaluate({"people": PERSONS}, as_of=AS_OF)
    assert result.table().num_rows == 3
    with pytest.raises(segrules.BadInput, match="a partition called `customer_id`"):
        result.table(partitions=True)


def test_progress_has_totals_where_they_are_known(rules: segrules.RuleSet) -> None:
    orders = {
        "order_id": ["a", "b"],
        "customer_id": [10, 4],
        "ordered_at": [datetime(2026, 10, 20)] * 2,
        "amount": [Decimal("60.00")] * 2,
    }
    told: list[tuple[str, int, int]] = []
    rules.evaluate(
        {"people": TABLE, "orders": orders}, as_of=AS_OF, progress=lambda what, done, of: told.append((what, done, of))
    )
    assert ("reading `orders`", 0, 2) in told
    assert ("reading `orders`", 2, 2) in told
    assert ("adding up events", 1, 1) in told
    assert told[-1] == ("evaluating", 3, 3)
    assert all(0 <= done <= of or of == 0 for _, done, of in told)


def test_an_evaluation_can_be_cancelled_wherever_it_tells_of_progress(rules: segrules.RuleSet) -> None:
    told = 0

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told
        told += 1

    rules.evaluate(as_of=AS_OF, progress=tell)
    before = set(threading.enumerate())
    for point in range(told):
        asked = itertools.count()
        with pytest.raises(segrules.Cancelled):
            rules.evaluate(as_of=AS_OF, cancelled=lambda asked=asked, point=point: next(asked) >= point)  # type: ignore[misc]
        assert set(threading.enumerate()) <= before


def test_cutting_scores_is_told_and_can_be_cancelled() -> None:
    rules = segrules.load(ROOT / "rulesets" / "online_retail")
    told: list[tuple[str, int, int]] = []

    def cancelled() -> bool:
        return bool(told) and told[-1][0].startswith("cutting")

    with pytest.raises(segrules.Cancelled):
        rules.evaluate(as_of="2011-12-10", progress=lambda *item: told.append(item), cancelled=cancelled)
    what, done, of = told[-1]
    assert (what[:8], done, of > 1) == ("cutting ", 0, True)


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


def test_threads_share_rules_and_results(rules: segrules.RuleSet) -> None:
    days = [f"2026-{month:02}-01" for month in (range(1, 13) if LONG else (2, 6, 11))]
    choices = [None, ["big"], ["british"], ["big", "british"], []]
    cases = [(day, chosen, doubt) for day in days for chosen in choices for doubt in (False, True)]
    shared = rules.evaluate({"people": TABLE}, as_of=AS_OF)
    gate = Barrier(8)

    def answers(case: tuple[str, list[str] | None, bool]) -> list[Any]:
        day, chosen, doubt = case
        result = rules.evaluate({"people": TABLE}, as_of=day, segments=chosen, three_valued=doubt)
        return [result.table(partitions=True).to_pydict(), result.summary(), result.overlaps().to_pylist()]

    def worker(_: int) -> list[list[Any]]:
        gate.wait()
        said = [[shared.overlap("big", "british"), shared.members("british").to_pylist()]]
        return said + [answers(case) for case in cases]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(worker, range(8)))
    expected = [[0, [2, 4]], *map(answers, cases)]
    assert all(said == expected for said in found)


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


@pytest.mark.parametrize("again", [lambda item: pickle.loads(pickle.dumps(item)), copy.copy, copy.deepcopy])
def test_a_result_is_copied_and_pickled(again: Callable[[Any], Any], rules: segrules.RuleSet, project: Path) -> None:
    rules_of_score = segrules.load(ROOT / "rulesets" / "online_retail")
    made = [
        rules.evaluate({"people": TABLE}, as_of=AS_OF, three_valued=True),
        rules.run(AS_OF, project / "out", engine="reference", include="draft"),
        rules_of_score.evaluate(as_of="2011-12-10"),
    ]
    for result in made:
        result.overlaps()
        copied = again(result)
        assert copied.as_of == result.as_of
        assert copied.as_of.tzinfo is result.as_of.tzinfo
        assert copied.summary() == result.summary()
        assert copied.table(partitions=True).equals(result.table(partitions=True))
        assert [copied.members(name) for name in copied] == [result.members(name) for name in result]
        assert [copied.qualifying(name) for name in copied] == [result.qualifying(name) for name in result]
        assert (copied.findings, copied.out, copied.files) == (result.findings, result.out, result.files)
        assert copied.ranks() == result.ranks()
        assert copied.overlaps().equals(result.overlaps())


def test_what_is_no_function_is_refused_at_the_door(rules: segrules.RuleSet) -> None:
    wrong: Any
    for ask in (rules.evaluate, rules.run):
        wrong = threading.Event()
        with pytest.raises(segrules.BadInput, match="`cancelled` is a threading Event, expected a function") as caught:
            ask(as_of=AS_OF, cancelled=wrong)
        assert caught.value.help == "give its `is_set`, as in `cancelled=event.is_set`"
        wrong = 5
        with pytest.raises(segrules.BadInput, match="`progress` is an int, expected a function"):
            ask(as_of=AS_OF, progress=wrong)


@pytest.mark.parametrize("engine", ["arrow", "reference"])
def test_a_run_can_be_cancelled_wherever_it_tells_of_progress(
    engine: str, rules: segrules.RuleSet, project: Path
) -> None:
    told: list[str] = []
    rules.run(AS_OF, engine=engine, progress=lambda what, *_: told.append(what))
    before = sorted(path.name for path in project.iterdir())
    for point in range(len(told) + 2):
        answers = itertools.chain([False] * point, itertools.repeat(True))
        with pytest.raises(segrules.Cancelled):
            rules.run(AS_OF, project / "out", engine=engine, cancelled=partial(next, answers))
        assert sorted(path.name for path in project.iterdir()) == before


def test_the_reference_says_false_of_who_is_in_doubt_and_stands_by_key(tmp_path: Path) -> None:
    people = "customer_id,country,age\n10,GB,30\n2,GB,\n3,IE,17\n"
    rules = segrules.load(write_project(tmp_path / "p", rules="segment a\n  where age >= 18\n", people_csv=people))
    found = {engine: rules.run(AS_OF, engine=engine) for engine in ("arrow", "reference")}
    assert {name: result.keys.to_pylist() for name, result in found.items()} == {
        "arrow": [10, 2, 3],
        "reference": [2, 3, 10],
    }
    assert found["arrow"].qualifying("a").to_pylist() == [True, False, False]
    assert found["reference"].qualifying("a").to_pylist() == [False, False, True]


@pytest.mark.parametrize("kind", [pa.decimal128(38, 0), pa.decimal256(76, 0)])
@pytest.mark.parametrize("keys", [[10**37, 7], [-5, 2**63], [2**64 - 1, 1], [3, 1]])
def test_engines_agree_on_the_type_of_large_keys(kind: Any, keys: list[int], tmp_path: Path) -> None:
    catalogue = CATALOGUE.replace("people.csv", "people.parquet").replace(", nullable: false", "", 1)
    folder = write_project(tmp_path / "p", rules='segment a\n  where country = "GB"\n', catalog_yaml=catalogue)
    people = {"customer_id": pa.array(map(Decimal, keys), kind), "country": ["GB", "IE"], "age": [1, 2]}
    pa.parquet.write_table(pa.table(people), folder / "people.parquet")
    rules = segrules.load(folder)
    for file_format in ("parquet", "arrow", "csv"):
        made = {
            engine: rules.run(AS_OF, tmp_path / f"{engine}.{file_format}", engine=engine, format=file_format, wide=True)
            for engine in ("arrow", "reference")
        }
        arrow, reference = made.values()
        assert arrow.keys.type == reference.keys.type
        assert sorted(arrow.keys.to_pylist()) == reference.keys.to_pylist()
        assert arrow.members("a") == reference.members("a")
        for name in arrow.files[:3]:
            one, other = (tmp_path / f"{engine}.{file_format}" / name for engine in made)
            assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("engine", ["arrow", "reference"])
@pytest.mark.parametrize("test", ['matches "(a{1000}){1000}"', 'matches "(A{1000}){1000}" ignoring case'])
def test_a_pattern_that_cannot_be_run_is_a_mistake_in_the_rules(engine: str, test: str, tmp_path: Path) -> None:
    text = f"define odd\n  as country {test}\n\nsegment a\n  where odd\n"
    catalogue = CATALOGUE.replace(', values: [GB, IE, "NO"]', "")
    rules = segrules.load(write_project(tmp_path / "p", rules=text, catalog_yaml=catalogue))
    assert rules.check() == ()
    with pytest.raises(segrules.BadRules) as caught:
        rules.run(AS_OF, engine=engine)
    assert caught.value.message == "nothing was run: a pattern cannot be run"
    (found,) = caught.value.findings
    assert found.code.number == "SEG105"
    assert found.span is not None
    assert (found.span.path, found.span.line) == ("rules.seg", 2)
