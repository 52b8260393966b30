"""`rulesets/twelve` gives what a script of its own works out, customer by customer, with either engine."""

import re
import runpy
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

import segrules
from segrules.evaluation.request import Request
from segrules.evaluation.result import Result
from tests.rulesets import twelve_expected as by_hand

FOLDER = Path(__file__).parents[2] / "rulesets" / "twelve"
DATA = FOLDER / "data"
STAGES = (
    "champions",
    "loyal",
    "cannot_lose",
    "at_risk",
    "potential_loyal",
    "new_customers",
    "promising",
    "needs_attention",
    "about_to_sleep",
    "hibernating",
    "unscored",
)
OTHER_TIMES = (
    "2026-11-01T00:00:01+00:00",
    "2026-10-31T23:00:00+00:00",
    "2026-10-25T00:00:00+01:00",
    "2026-10-25T01:30:00+01:00",
    "2026-10-25T01:30:00+00:00",
    "2026-10-26T09:30:00+00:00",
    "2026-12-30T18:00:00+00:00",
    "2026-03-29T12:00:00+01:00",
    "2027-02-22T00:00:00+00:00",
    "2027-02-28T00:00:00+00:00",
    "2028-02-29T00:00:00+00:00",
    "2025-06-01T00:00:00+01:00",
    "2020-01-01T00:00:00+00:00",
)
COLUMNS = (*by_hand.SEGMENTS, "rfm_stage")
CELLS = ("in", "out", "unknown", "no_consent", "holdout")

Table = dict[int, dict[str, str]]


@pytest.fixture(scope="session")
def rules() -> segrules.RuleSet:
    return segrules.load(FOLDER)


@pytest.fixture(scope="session")
def expected() -> Table:
    return by_hand.expected()


def run(rules: segrules.RuleSet, engine: str, at: datetime) -> Result:
    """A run that tells who is in doubt, with the engine of that name."""
    return rules._run(Request(at, engine=engine, three_valued=True), None, None)


def cells(result: Result, columns: Sequence[str] = COLUMNS) -> Table:
    """What was found, in the words of `expected.csv`."""
    keys = [int(key) for key in result.keys.to_pylist()]
    table: Table = {key: {} for key in keys}
    for segment in [name for name in columns if name in by_hand.SEGMENTS]:
        held_out = set(result.members(segment, arm="holdout").to_pylist())
        qualifying = result.qualifying(segment).to_pylist()
        for key, qualifies, member in zip(keys, qualifying, result[segment].to_pylist(), strict=True):
            if member:
                cell = "holdout" if str(key) in held_out else "in"
            else:
                cell = "unknown" if qualifies is None else "no_consent" if qualifies else "out"
            table[key][segment] = cell
    if "rfm_stage" in columns:
        for key, stage in zip(keys, result.partition("rfm_stage").to_pylist(), strict=True):
            table[key]["rfm_stage"] = stage
    return table


def different(found: Table, expected: Table) -> list[str]:
    """Each cell that is not as expected, with what the customer is there to show."""
    notes = {int(row["customer_id"]): row["note"] for row in by_hand.read("people", DATA)}
    return [
        f"{key} {column}: expected {cell}, found {found[key][column]} ({notes[key]})"
        for key, row in expected.items()
        for column, cell in row.items()
        if found[key][column] != cell
    ]


# --- members and stages


def test_the_rules_have_no_errors(rules: segrules.RuleSet) -> None:
    assert [item.message for item in rules.check() if item.severity is segrules.Severity.ERROR] == []
    assert set(rules.segments) == set(by_hand.SEGMENTS)


@pytest.mark.parametrize("engine", ["reference", "arrow"])
def test_members_and_stages_are_those_of_the_script(rules: segrules.RuleSet, engine: str, expected: Table) -> None:
    found = cells(run(rules, engine, by_hand.AS_OF))
    assert found.keys() == expected.keys()
    assert different(found, expected) == []


@pytest.mark.parametrize("at", OTHER_TIMES)
@pytest.mark.parametrize("engine", ["reference", "arrow"])
def test_so_they_are_at_other_times(rules: segrules.RuleSet, engine: str, at: str) -> None:
    instant = datetime.fromisoformat(at)
    assert different(cells(run(rules, engine, instant)), by_hand.expected(at=instant)) == []


def test_the_demo_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from segrules.cli.main import run_command

    assert run_command(["demo", "twelve", str(tmp_path / "shop")]) == 0
    assert "birthday_offer" in capsys.readouterr().out


def test_the_tests_in_the_language_pass(capsys: pytest.CaptureFixture[str]) -> None:
    from segrules.cli.main import run_command

    code = run_command(["test", str(FOLDER)])
    printed = capsys.readouterr()
    assert code == 0, printed.out + printed.err


# --- what is expected, and the data


def test_the_script_gives_the_table_that_is_kept(expected: Table) -> None:
    assert by_hand.as_text(expected) == (FOLDER / "expected.csv").read_text(encoding="utf-8")


def test_every_segment_has_members_and_others_and_every_stage_somebody(expected: Table) -> None:
    for segment in by_hand.SEGMENTS:
        found = Counter(row[segment] for row in expected.values())
        assert found["in"] >= 2, segment
        assert found["out"] >= 2, segment
    assert {row["rfm_stage"] for row in expected.values()} == set(STAGES)


def test_the_readme_says_who_stands_at_which_bound(expected: Table) -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(tuple(f"| {segment} |" for segment in by_hand.SEGMENTS))
    ]
    wrong = [
        f"{segment}: {number} is {expected[int(number)][segment]}, not {cell}"
        for segment, _, *listed in rows
        for cell, numbers in zip(CELLS, listed, strict=True)
        for number in re.findall(r"\d+", numbers)
        if expected[int(number)][segment] != cell
    ]
    assert wrong == []
    assert {segment for segment, *_ in rows} == set(by_hand.SEGMENTS)


def test_figures_over_all_customers_are_what_the_bounds_were_made_for() -> None:
    shop = by_hand.seen(DATA, by_hand.AS_OF)
    assert shop.mean_order() == 80
    assert shop.usual_gap() == 30


def test_the_data_are_what_their_script_makes() -> None:
    made = runpy.run_path(str(FOLDER / "make_data.py"))["make"]()
    kept = {path.stem: path.read_text(encoding="utf-8") for path in DATA.iterdir()}
    assert kept == made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0),
        ("test", 0xBA6BD213),
        ("Hello, world!", 0xC0363E43),
        ("The quick brown fox jumps over the lazy dog", 0x2E4FF723),
    ],
)
def test_the_hash_of_the_script_is_the_published_one(text: str, value: int) -> None:
    assert by_hand.murmur3(text.encode()) == value
