"""What lock files hold, what is wrong with them, and what fits the rules."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import segrules
from segrules.diagnostics.finding import has_errors
from segrules.ir.rules import CutMethod
from segrules.text.source import Source
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)
from segrules.workspace.frozen import raw_cut, typed_cuts
from segrules.workspace.lock import Locked, lock_text, parse_lock
from tests.cli.project import RULES, write_project

SIZES = TextType(("S", "M", "L"), ordered=True)
FROZEN = (
    RULES
    + """
score value
  bands frozen
  rank spent by total of purchase.amount into 3 bands, high is best
segment spenders where value.spent = 3
"""
)
LINE = '{method = "rank", as_of = 2026-11-01T00:00:00Z, customers = 4, cuts = [1.5, 20], definition = "x"}'


def lock(body: str) -> str:
    return f"format = 1\n\n[scores]\n{body}\n"


def read(text: str) -> tuple[tuple[Locked, ...], list[str]]:
    lines, findings = parse_lock(Source("segrules.lock", text))
    assert all(item.code.number == "SEG008" for item in findings)
    return lines, [item.message for item in findings]


def test_a_line_for_each_rank() -> None:
    lines, wrong = read(lock(f'value.spent = {LINE}\n"größe".x = {LINE}'))
    assert wrong == []
    assert [(item.score, item.rank, item.span.line) for item in lines] == [("value", "spent", 4), ("größe", "x", 5)]
    assert lines[0].cuts == (Decimal("1.5"), 20)
    assert lines[0].as_of == datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "`format` is not 1, the only one that this segrules knows"),
        ("format = 2", "`format` is not 1, the only one that this segrules knows"),
        ("format = true", "`format` is not 1, the only one that this segrules knows"),
        ("format = 1\nscores = 3", "`scores` must be a table"),
        ("format = 1\nrules = 3", "unknown key `rules`"),
        (lock("value = 3"), "`value` must hold a table for each rank"),
        (lock("value.spent = 3"), "`value.spent` must be a table"),
        (lock("value.spent = {}"), "`value.spent` has no `method`"),
        (lock(f"value.spent = {LINE[:-1]}, extra = 1}}"), "unknown key `extra`"),
        (
            lock(f"value.spent = {LINE.replace('rank', 'guess')}"),
            "`method` of `value.spent` must be one of `rank`, `type7`, `qcut`",
        ),
        (
            lock(f"value.spent = {LINE.replace('00Z', '00')}"),
            "`as_of` of `value.spent` must be a timestamp with an offset",
        ),
        (lock(f"value.spent = {LINE.replace('= 4', '= -4')}"), "`customers` of `value.spent` must be a whole number"),
        (lock(f"value.spent = {LINE.replace('= 4', '= true')}"), "`customers` of `value.spent` must be a whole number"),
        (
            lock(f"value.spent = {LINE.replace('[1.5, 20]', '[true]')}"),
            "`cuts` of `value.spent` must be a list of numbers, dates or texts",
        ),
        (
            lock(f"value.spent = {LINE.replace('[1.5, 20]', '1')}"),
            "`cuts` of `value.spent` must be a list of numbers, dates or texts",
        ),
        (lock('value.spent = {method = "rank"'), "not TOML: "),
        (lock(f"value.spent = {LINE}\nvalue.spent = {LINE}"), "not TOML: cannot overwrite a value"),
        ("<<<<<<< HEAD\nformat = 1\n", "not TOML: "),
        ("format = 1" + "0" * 5000, "something in it is nested too deeply or out of range"),
        ("format = " + "[" * 5000, ""),
        ("\x00", "not TOML: "),
    ],
)
def test_broken_lock_files_are_findings(text: str, message: str) -> None:
    lines, wrong = read(text)
    assert lines == ()
    assert wrong[0].startswith(message)


@pytest.mark.parametrize(
    ("of", "cuts", "values"),
    [
        (IntegerType(), [1, 2], (1, 2)),
        (IntegerType(), [1.5], None),
        (IntegerType(), ["1/2"], None),
        (IntegerType(), [Decimal("1e999999999")], None),
        (IntegerType(), [Decimal("inf")], None),
        (DecimalType(), [Decimal("1.10"), "1/3"], (Fraction("1.1"), Fraction(1, 3))),
        (DecimalType(), ["1/0"], None),
        (DecimalType(), ["one"], None),
        (DecimalType(), [Decimal("nan")], None),
        (DecimalType(), [date(2026, 1, 1)], None),
        (MoneyType("GBP"), [Decimal("12.50")], (Fraction("12.5"),)),
        (FloatType(), [Decimal("0.1"), Decimal("inf")], (Fraction(0.1), math.inf)),
        (FloatType(), [10**400], None),
        (DateType(), [date(2026, 1, 1)], (date(2026, 1, 1),)),
        (DateType(), [datetime(2026, 1, 1, tzinfo=UTC)], None),
        (TimestampType(), [datetime(2026, 1, 1, tzinfo=UTC)], (datetime(2026, 1, 1, tzinfo=UTC),)),
        (TimestampType(), [datetime(2026, 1, 1)], None),
        (TimestampType(), [date(2026, 1, 1)], None),
        (SIZES, ["M"], ("M",)),
        (SIZES, ["XXL"], None),
        (BooleanType(), [1], None),
    ],
)
def test_cuts_are_values_of_the_type_or_none(of: Type, cuts: list[Any], values: Any) -> None:
    raw = [Decimal(str(item)) if isinstance(item, float) else item for item in cuts]
    assert typed_cuts(raw, of) == values


@given(
    st.one_of(
        st.tuples(st.just(IntegerType()), st.lists(st.integers())),
        st.tuples(st.just(DecimalType()), st.lists(st.fractions() | st.decimals("-1e9", "1e9").map(Fraction))),
        st.tuples(st.just(FloatType()), st.lists(st.floats(allow_nan=False))),
        st.tuples(st.just(DateType()), st.lists(st.dates())),
        st.tuples(st.just(TimestampType()), st.lists(st.datetimes(timezones=st.just(UTC)))),
        st.tuples(st.just(TextType(('a"\\\n', "ü\x7f"), ordered=True)), st.just(['a"\\\n', "ü\x7f"])),
    ),
    st.text(min_size=1),
)
def test_cuts_come_back_as_they_were(typed: tuple[Type, list[Any]], name: str) -> None:
    of, values = typed
    values = [Fraction(item) if isinstance(item, float) and math.isfinite(item) else item for item in values]
    as_of = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
    raw = tuple(raw_cut(value, of) for value in values)
    line = Locked(name, name, CutMethod.QCUT, as_of, 3, raw, "abc")
    lines, wrong = read(lock_text([line]))
    assert wrong == []
    assert [(item.score, item.rank, item.method, item.as_of) for item in lines] == [(name, name, "qcut", as_of)]
    assert typed_cuts(lines[0].cuts, of) == tuple(values)


def test_lines_stand_by_score_and_rank() -> None:
    as_of = datetime(2026, 11, 1, tzinfo=UTC)
    names = [("b", "x"), ("a", "y"), ("a", "x")]
    text = lock_text(Locked(score, rank, CutMethod.RANK, as_of, 3, (1,), "d") for score, rank in names)
    assert [line.split(" = ")[0] for line in text.splitlines() if line.endswith("}")] == ["a.x", "a.y", "b.x"]


# --- beside the rules


def checked(tmp_path: Path, body: str | None, rules: str = FROZEN) -> list[tuple[str, str]]:
    folder = write_project(tmp_path / "p", rules=rules)
    if body is not None:
        (folder / "segrules.lock").write_text(body, encoding="utf-8")
    return [(item.code.number, item.message) for item in segrules.load(folder).findings]


def test_without_frozen_scores_there_need_be_no_lock_file(tmp_path: Path) -> None:
    assert checked(tmp_path, None, RULES) == []


def test_frozen_bands_without_a_line_are_found(tmp_path: Path) -> None:
    message = "the lock file has no cut points for the frozen bands of `value.spent`"
    assert checked(tmp_path, None) == [("SEG009", message)]


def test_a_line_for_another_definition_is_found(tmp_path: Path) -> None:
    assert checked(tmp_path, lock(f"value.spent = {LINE}")) == [
        ("SEG009", "`value.spent` has changed since the cut points were frozen")
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("valeu.spent", "there is no score `valeu`"),
        ("value.spend", "the score `value` has no rank `spend`"),
        ("fresh.spent", "the bands of `fresh.spent` are not frozen"),
    ],
)
def test_lines_that_no_score_uses_are_found(tmp_path: Path, name: str, message: str) -> None:
    rules = RULES + "score value rank spent by age into 3 bands, high is best\n"
    rules += "score fresh rank spent by age into 3 bands, high is best\n"
    assert checked(tmp_path, lock(f"{name} = {LINE}"), rules) == [("SEG010", message)]


def fitted(folder: Path) -> str:
    segrules.load(folder).fit("2026-11-01")
    return (folder / "segrules.lock").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ("[20, 1.5]", "the cut points of `value.spent` do not rise"),
        ("[1, 2, 3]", "the cut points of `value.spent` are 3, for 3 bands"),
        ('["S"]', "the cut points of `value.spent` are not all of the type of its values, money in GBP"),
        ("[1e999999999]", "the cut points of `value.spent` are not all of the type of its values, money in GBP"),
    ],
)
def test_cut_points_that_do_not_fit_are_found(tmp_path: Path, cuts: str, message: str) -> None:
    folder = write_project(tmp_path / "p", rules=FROZEN)
    text = fitted(folder)
    start, end = text.index("cuts = ") + 7, text.index(", definition")
    (folder / "segrules.lock").write_text(text[:start] + cuts + text[end:], encoding="utf-8")
    rules = segrules.load(folder)
    assert [(item.code.number, item.message) for item in rules.check()] == [("SEG008", message)]
    with pytest.raises(segrules.BadRules, match="not frozen as the rules ask for"):
        rules.evaluate(as_of="2026-11-01")


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("score value\n", 'score value "A title"\n', True),
        ("segment spenders", "define other as age\nsegment spenders", True),
        ("into 3 bands, high", "into 4 bands, high", False),
        ("into 3 bands, high", "into 3 bands, low", False),
        ("into 3 bands, high", "into 3 bands from 0, high", False),
        ("purchase.amount into", "purchase.amount in the last 30 days into", False),
        ("  bands frozen\n", "  among buyer\n  bands frozen\n", False),
    ],
)
def test_a_rank_is_stale_once_its_meaning_may_have_changed(tmp_path: Path, before: str, after: str, same: bool) -> None:
    folder = write_project(tmp_path / "p", rules=FROZEN)
    fitted(folder)
    assert not segrules.load(folder).check()
    assert before in FROZEN
    (folder / "rules.seg").write_text(FROZEN.replace(before, after), encoding="utf-8")
    assert ("SEG009" not in [item.code.number for item in segrules.load(folder).check()]) is same


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("rules.seg", "define pounds as total of", "define pounds as largest of"),
        ("rules.seg", 'where country = "GB"', 'where country = "IE"'),
        ("rules.seg", "stage once where buyer", "stage once where not buyer"),
        ("catalog.yaml", "id: order_id", "id: order_id\n    where: amount > 1 GBP"),
    ],
)
def test_what_a_rank_names_belongs_to_its_meaning(tmp_path: Path, file: str, before: str, after: str) -> None:
    rules = RULES.replace("define buyer", "define pounds as total of purchase.amount\ndefine buyer")
    rules += "score value among in segment british or in segment reach.once\n  bands frozen\n"
    folder = write_project(tmp_path / "p", rules=rules + "  rank spent by pounds into 3 bands, high is best\n")
    fitted(folder)
    assert not has_errors(segrules.load(folder).check())
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), encoding="utf-8")
    assert "SEG009" in [item.code.number for item in segrules.load(folder).check()]


def test_a_lock_file_that_cannot_be_read_is_a_finding_and_rules_are_shown_all_the_same(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", rules=FROZEN)
    (folder / "segrules.lock").mkdir()
    rules = segrules.load(folder)
    assert [item.code.number for item in rules.check()] == ["SEG001"]
    assert "to be frozen" in rules.show("value")


def test_segments_that_need_no_frozen_score_run_without_the_lock_file(tmp_path: Path) -> None:
    rules = segrules.load(write_project(tmp_path / "p", rules=FROZEN))
    assert rules.evaluate(as_of="2026-11-01", segments=["british"]).members("british").to_pylist() == [2, 10]
    with pytest.raises(segrules.BadRules, match=r"`value\.spent`") as caught:
        rules.evaluate(as_of="2026-11-01")
    assert [item.code.number for item in caught.value.findings] == ["SEG009"]
