"""`RuleSet.fit`: cut points out of data into the lock file, and runs that use them."""

import os
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import segrules
from segrules.workspace.fit import Turn
from tests.cli.project import CATALOGUE, RULES, write_project

AS_OF = "2026-11-01"
SCORE = """
score rfm
  among buyer
  bands frozen
  rank recency  by days since last purchase      into 2 bands, low is best
  rank monetary by total of purchase.amount      into 2 bands, high is best
  rank fixed    by age                           into bands at [18], high is best
segment best where rfm.monetary = 2
segment lately where rfm.recency = 2
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path / "p", rules=RULES + SCORE)


def cuts(result: Any) -> dict[str, Any]:
    return {f"{item.score}.{item.rank}": item.after for item in result.changes}


def test_fit_writes_a_line_for_each_frozen_rank(folder: Path) -> None:
    # Customer 10 bought 12 days ago for 105.50, customer 3 650 days ago for 500.00.
    result = segrules.load(folder).fit(AS_OF)
    assert cuts(result) == {"rfm.monetary": (500,), "rfm.recency": (12,)}
    assert {item.turn for item in result.changes} == {Turn.NEW}
    assert result.written
    assert result.lock == folder / "segrules.lock"
    assert [item.code.number for item in result.findings] == ["SEG513", "SEG513"]
    assert [path.name for path in folder.glob(".*")] == []
    lines = [line for line in result.lock.read_text(encoding="utf-8").splitlines() if line.startswith("rfm.")]
    assert lines[0].startswith(
        'rfm.monetary = {method = "rank", as_of = 2026-11-01T00:00:00Z, customers = 2, cuts = [500], definition = "'
    )


def test_a_run_with_frozen_bands_finds_what_a_fresh_one_found_and_says_so(folder: Path, tmp_path: Path) -> None:
    fresh = write_project(tmp_path / "fresh", rules=RULES + SCORE.replace("  bands frozen\n", ""))
    expected = segrules.load(fresh).evaluate(as_of=AS_OF)
    segrules.load(folder).fit(AS_OF)
    for engine in ("arrow", "reference"):
        found = segrules.load(folder).run(AS_OF, engine=engine)
        for name in ("best", "lately"):
            assert found.members(name).to_pylist() == expected.members(name).to_pylist(), engine
        assert {rank: report.frozen for rank, report in found.ranks()["rfm"].items()} == {
            "recency": True,
            "monetary": True,
            "fixed": False,
        }
        assert found.ranks()["rfm"]["monetary"].cuts == (500,)
    assert not any(report.frozen for report in expected.ranks()["rfm"].values())
    assert expected.ranks()["rfm"]["monetary"].cuts == (500,)


def test_frozen_bands_stay_where_the_data_move(folder: Path) -> None:
    segrules.load(folder).fit(AS_OF)
    orders = "order_id,customer_id,ordered_at,amount\na,10,2026-10-20 10:00:00,600\nb,3,2026-10-20 10:00:00,499.99\n"
    orders += "c,2,2026-10-20 10:00:00,500.00\n"
    (folder / "orders.csv").write_text(orders, encoding="utf-8")
    result = segrules.load(folder).evaluate(as_of=AS_OF)
    assert result.members("best").to_pylist() == [2, 10]


def test_fitting_again_changes_nothing_where_the_cut_points_stay(folder: Path) -> None:
    segrules.load(folder).fit(AS_OF)
    before = (folder / "segrules.lock").read_bytes()
    again = segrules.load(folder).fit("2026-11-01T12:00")
    assert {item.turn for item in again.changes} == {Turn.UNCHANGED}
    assert not again.written
    assert (folder / "segrules.lock").read_bytes() == before


def test_what_changes_is_told(folder: Path) -> None:
    segrules.load(folder).fit(AS_OF)
    rules = RULES + SCORE.replace("rank monetary", "rank money").replace("rfm.monetary", "rfm.money")
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    tried = segrules.load(folder).fit("2026-11-02", write=False)
    assert not tried.written
    result = segrules.load(folder).fit("2026-11-02")
    assert {f"{item.score}.{item.rank}": (item.turn, item.before, item.after) for item in result.changes} == {
        "rfm.monetary": (Turn.REMOVED, (500,), None),
        "rfm.money": (Turn.NEW, None, (500,)),
        "rfm.recency": (Turn.CHANGED, (12,), (13,)),
    }
    assert tried.changes == result.changes


def test_cut_points_are_stale_where_what_an_event_is_derived_from_changes(folder: Path) -> None:
    amount = "      amount: {type: money, currency: GBP, scale: 2}\n"
    derived = CATALOGUE.replace("    id: order_id\n", "    id: order_id\n    where: counted\n")
    derived = derived.replace(amount, f"{amount}      counted: {{derive: sold}}\n      sold: {{derive: SOLD}}\n")
    assert derived.count("SOLD") == derived.count("where: counted") == 1
    catalog = folder / "catalog.yaml"
    for condition, stale in (("amount > 0 GBP", False), ("amount >= 0.01 GBP", True)):
        catalog.write_text(derived.replace("SOLD", condition), encoding="utf-8")
        if not stale:
            segrules.load(folder).fit(AS_OF)
        found = [item.code.name for item in segrules.load(folder).check()]
        assert ("stale-lock" in found) is stale, found


def test_one_score_can_be_fitted_alone(folder: Path) -> None:
    other = "score other\n  bands frozen\n  rank years by age into 3 bands, high is best\n"
    (folder / "rules.seg").write_text(RULES + SCORE + other, encoding="utf-8")
    segrules.load(folder).fit(AS_OF, scores="rfm")
    assert "other.years" not in (folder / "segrules.lock").read_text(encoding="utf-8")
    result = segrules.load(folder).fit("2026-11-02", scores=["other"])
    assert {item.rank: item.turn for item in result.changes} == {
        "monetary": Turn.UNCHANGED,
        "recency": Turn.UNCHANGED,
        "years": Turn.NEW,
    }
    assert not [item for item in segrules.load(folder).check() if item.code.number in ("SEG009", "SEG010")]


def test_a_score_that_reads_another_one_uses_what_was_fitted_for_it(folder: Path) -> None:
    other = "score other among rfm.monetary = 2\n  bands frozen\n  rank years by age into 2 bands, high is best\n"
    (folder / "rules.seg").write_text(RULES + SCORE + other, encoding="utf-8")
    with pytest.raises(segrules.BadInput, match=r"`rfm\.monetary`"):
        segrules.load(folder).fit(AS_OF, scores=["other"])
    segrules.load(folder).fit(AS_OF)
    result = segrules.load(folder).fit(AS_OF, scores=["other"])
    assert {item.rank: item.turn for item in result.changes if item.score == "other"} == {"years": Turn.UNCHANGED}


@pytest.mark.parametrize(("method", "expected"), [("rank", (30, 50)), ("type7", (26, 37)), ("qcut", (26, 37))])
def test_methods(folder: Path, method: str, expected: tuple[int, ...]) -> None:
    # Ages 17, 30 and 50: a third of the way along lies 17 + 2/3 * 13 = 25.67, two thirds along 30 + 1/3 * 20 = 36.67.
    rules = RULES + "score s\n  bands frozen\n  rank years by age into 3 bands, high is best\n"
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    assert cuts(segrules.load(folder).fit(AS_OF, method=method))["s.years"] == expected
    assert cuts(segrules.load(folder).fit(AS_OF, method=method, engine="reference"))["s.years"] == expected


def test_tables_in_memory_can_be_fitted(folder: Path) -> None:
    people = pa.table({"customer_id": [1, 2], "country": ["GB", "GB"], "age": [20, 40]})
    rules = RULES + "score s\n  bands frozen\n  rank years by age into 2 bands, high is best\n"
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    assert cuts(segrules.load(folder).fit(AS_OF, data={"people": people}))["s.years"] == (40,)
    with pytest.raises(segrules.BadInput, match="reads files"):
        segrules.load(folder).fit(AS_OF, data={"people": people}, engine="reference")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scores": ["rmf"]}, "there is no score `rmf` to fit"),
        ({"scores": ["plain"]}, "the bands of `plain` are not frozen"),
        ({"method": "median"}, "`median` is no method"),
        ({"engine": "duckdb"}, "`duckdb` is no engine"),
        ({"as_of": "soon"}, "`soon` is neither a date nor a timestamp"),
        ({"progress": 3}, "`progress` is an int"),
        ({"scores": ["empty"]}, "nobody has a value of `empty.years`"),
        ({"scores": ["sizes"], "method": "type7"}, "ranks texts of a list"),
    ],
)
def test_wrong_arguments_are_told(folder: Path, arguments: dict[str, Any], message: str) -> None:
    rules = RULES + SCORE + "score plain rank years by age into 2 bands, high is best\n"
    rules += "score empty among age > 1000\n  bands frozen\n  rank years by age into 2 bands, high is best\n"
    rules += "score sizes\n  bands frozen\n  rank size by size into 2 bands, high is best\n"
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    sized = CATALOGUE.replace(
        "      age: integer\n", "      age: integer\n      size: {type: text, values: [S, M], ordered: true}\n"
    )
    (folder / "catalog.yaml").write_text(sized, encoding="utf-8")
    (folder / "people.csv").write_text("customer_id,country,age,size\n10,GB,30,S\n3,IE,17,M\n", encoding="utf-8")
    with pytest.raises(segrules.BadInput) as caught:
        segrules.load(folder).fit(arguments.pop("as_of", AS_OF), **arguments)
    assert message in str(caught.value)
    assert not (folder / "segrules.lock").exists()


def test_without_frozen_scores_there_is_nothing_to_fit(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p"))
    with pytest.raises(segrules.BadInput, match="no score has frozen bands"):
        rules.fit(AS_OF)


def test_a_broken_lock_file_is_written_anew_as_a_whole_only(folder: Path) -> None:
    (folder / "segrules.lock").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(segrules.BadInput, match="no single score"):
        segrules.load(folder).fit(AS_OF, scores="rfm")
    assert cuts(segrules.load(folder).fit(AS_OF)) == {"rfm.monetary": (500,), "rfm.recency": (12,)}
    assert not [item for item in segrules.load(folder).check() if item.code.number == "SEG008"]


def test_a_lock_file_that_cannot_be_written_stays_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segrules.load(folder).fit(AS_OF)
    before = (folder / "segrules.lock").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(segrules.OutputProblem, match="no space left"):
        segrules.load(folder).fit("2026-11-02")
    assert (folder / "segrules.lock").read_bytes() == before
    assert sorted(path.name for path in folder.iterdir() if "lock" in path.name) == ["segrules.lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_the_manifest_says_that_cut_points_were_frozen_and_names_the_lock_file(folder: Path, tmp_path: Path) -> None:
    import json

    segrules.load(folder).fit(AS_OF)
    segrules.load(folder).run(AS_OF, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["cut_points"]["rfm"]["monetary"]["frozen"] is True
    assert manifest["cut_points"]["rfm"]["monetary"]["cuts"] == ["500"]
    assert manifest["rules"]["segrules.lock"].startswith("sha256:")
