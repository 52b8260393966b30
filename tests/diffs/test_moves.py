"""Who enters and leaves between two versions of a project: counts, why, and versions that do not fit the data."""

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import segrules
from segrules.diagnostics.errors import BadInput
from segrules.evaluation.causes import Turn
from segrules.workspace.diffs.moves import Moves, counted

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: person
    columns:
      person: {type: integer, nullable: false}
      age: integer
      city: {type: text, nullable: false}
      staff: {type: boolean, nullable: false}
  consents:
    path: consents.csv
    columns:
      person: integer
      channel: {type: text, values: [email]}
      status: {type: text, values: [granted]}
      at: timestamp
  stop:
    path: stop.csv
    columns: {person: integer}
customers: {table: people}
consents:
  channels: [email]
  table: {table: consents, customer: person, channel: channel, status: status, time: at}
suppressions:
  stop: {table: stop, customer: person, channels: [email]}
"""
RULES = """\
define grown
  as age >= 18
     and city != "oslo"  # not yet there

segment adults
  where grown
  except staff

segment mailed
  channel email
  where age >= 30
  consent email

segment old_name
  where city = "rome"

segment gone
  where age > 70

partition ages
  stage young  where age < 30
  stage middle where age < 60
  otherwise rest
"""
OF_CONSENTS = """\
segment all_who_answer
  where person >= 0

partition ages
  stage young where person < 100
  otherwise rest
"""
CITIES = ("rome", "oslo", "bern")


def _people(**columns: Any) -> dict[str, list[Any]]:
    """Three hundred people, an age from 0 to 99 and a city by turns; every tenth of them on the staff."""
    numbers = range(300)
    return {
        "person": list(numbers),
        "age": [None if number < 15 else number % 100 for number in numbers],
        "city": [CITIES[number % 3] for number in numbers],
        "staff": [number % 10 == 0 for number in numbers],
        **columns,
    }


DATA: dict[str, Any] = {
    "people": _people(),
    "consents": pa.table(
        {
            "person": list(range(200)),
            "channel": ["email"] * 200,
            "status": ["granted"] * 200,
            "at": pa.array([0] * 200, pa.timestamp("s")),
        }
    ),
    "stop": pa.table({"person": list(range(100, 150))}),
}
PAIRS = [("adults", "adults"), ("mailed", "mailed")]


@pytest.fixture
def before(tmp_path: Path) -> segrules.RuleSet:
    return _project(tmp_path / "before")


def _project(folder: Path, *changes: tuple[str, str], catalogue: str = CATALOGUE) -> segrules.RuleSet:
    text = RULES
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "segrules.toml").write_text("language = 1\n")
    (folder / "catalog.yaml").write_text(catalogue)
    (folder / "shop.seg").write_text(text)
    return segrules.load(folder)


def _moves(before: segrules.RuleSet, after: segrules.RuleSet, **options: Any) -> Moves:
    return counted(before, after, options.pop("pairs", PAIRS), DATA, as_of="2026-11-01", **options)


def _members(rules: segrules.RuleSet, segment: str) -> set[int]:
    return set(rules.evaluate(DATA, as_of="2026-11-01").members(segment).to_pylist())


def _why(moves: Moves, name: str, direction: str) -> list[tuple[int | None, list[tuple[str, int, bool | None, str]]]]:
    made = moves.of(name, name)
    assert made is not None
    return [
        (cause.customers, [(flip.part.text, flip.part.line, flip.truth, str(flip.turn)) for flip in cause.flips])
        for cause in getattr(made, f"{direction}_because")
    ]


def test_counts_are_those_of_two_runs(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("age >= 18", "age >= 40"), ('city != "oslo"', 'city != "rome"'))
    moves = _moves(before, after)
    was, now = _members(before, "adults"), _members(after, "adults")
    made = moves.of("adults", "adults")
    assert made is not None
    assert (made.before, made.after, made.entered, made.left, made.stayed) == (
        len(was),
        len(now),
        len(now - was),
        len(was - now),
        len(now & was),
    )
    assert moves.customers == 300


def test_the_part_that_kept_people_out_is_named_with_what_became_of_it(
    before: segrules.RuleSet, tmp_path: Path
) -> None:
    after = _project(tmp_path / "after", ("age >= 18", "age >= 8"))
    assert _why(_moves(before, after), "adults", "entered") == [(13, [("age >= 18", 2, False, "changed")])]
    made = _moves(before, after).of("adults", "adults")
    assert made is not None
    (flip,) = made.entered_because[0].flips
    assert flip.other is not None
    assert flip.other.to_json() == {"what": "where", "text": "age >= 8", "path": "shop.seg", "line": 2}


def test_a_part_that_is_new_keeps_people_out(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("  except staff\n", '  except staff\n  eligible city = "bern"\n'))
    ((number, flips),) = _why(_moves(before, after), "adults", "left")
    assert flips == [('eligible city = "bern"', 8, False, "alone")]
    made = _moves(before, after).of("adults", "adults")
    assert made is not None
    assert number == made.left


def test_a_missing_value_is_told_apart_from_a_false_part(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("  as age >= 18\n     and", "  as"))
    found = {tuple(flips): number for number, flips in _why(_moves(before, after, min_cell=1), "adults", "entered")}
    assert {flips[0][2] for flips in found} == {False, None}
    assert {flips[0][0] for flips in found} == {"age >= 18"}


def test_consent_and_suppressions_are_parts(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("  channel email\n", ""), ("  consent email\n", ""))
    parts = {flips[0][0] for _, flips in _why(_moves(before, after), "mailed", "entered")}
    assert parts == {"consent email", "not on the suppression list stop"}


def test_a_suppression_list_that_is_gone_lets_people_in(before: segrules.RuleSet, tmp_path: Path) -> None:
    other = CATALOGUE.partition("suppressions:")[0]
    made = _moves(before, _project(tmp_path / "after", catalogue=other)).of("mailed", "mailed")
    assert made is not None
    assert [flip.turn for cause in made.entered_because for flip in cause.flips] == [Turn.ALONE]
    assert made.left == 0


def test_segments_may_come_go_and_be_renamed(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(
        tmp_path / "after", ("old_name", "new_name"), ("gone\n  where age > 70", "fresh\n  where age < 50")
    )
    pairs = [("old_name", "new_name"), ("gone", None), (None, "fresh")]
    moves = _moves(before, after, pairs=pairs)
    assert [(item.before, item.after, item.entered, item.left) for item in moves.segments] == [
        (100, 100, 0, 0),
        (len(_members(before, "gone")), None, None, len(_members(before, "gone"))),
        (None, len(_members(after, "fresh")), len(_members(after, "fresh")), None),
    ]
    assert moves.numbers("new_name") == {"before": 100, "after": 100, "entered": 0, "left": 0}
    assert moves.shown("fresh")["before"] == ""
    assert "new_name" not in str(moves)


def test_stages_move(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("young  where age < 30", "young  where age < 45"))
    moves = _moves(before, after, pairs=[])
    assert moves.numbers("ages.young") == {"before": 75, "after": 120, "entered": 45, "left": 0}
    assert str(moves) == (
        "members in the data as of 2026-11-01, of 300 customers\n\n"
        "stages of ages\n"
        "  stage   before  after\n"
        "  young       75    120\n"
        "  middle      90     45\n"
        "  rest       135    135\n\n"
        "who changed the stage of ages\n"
        "  45  from middle to young\n"
    )


def test_the_text_says_who_moved_and_why(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("age >= 18", "age >= 8"), ("age >= 30", "age >= 29"))
    assert str(_moves(before, after)) == (
        "members in the data as of 2026-11-01, of 300 customers\n"
        "  segment  before   after  entered  left\n"
        "  adults      148     161       13     0\n"
        "  mailed      120  hidden   hidden     0\n\n"
        "why 13 entered adults\n"
        "  13  `age >= 18` (shop.seg:2) did not hold; it became `age >= 8` (shop.seg:2)\n\n"
        "hidden: the number, or a difference with it, would tell of 1 to 10 customers\n"
    )


def test_both_versions_read_the_data_of_the_later_one(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("age >= 18", "age >= 8"))
    lines = ["person,age,city,staff", *(f"{number},{number},rome,false" for number in range(100))]
    (tmp_path / "after" / "people.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "after" / "consents.csv").write_text("person,channel,status,at\n")
    made = counted(before, after, [("adults", "adults")], as_of="2026-11-01", min_cell=1)
    assert [(item.before, item.after) for item in made.segments] == [(82, 92)]


def test_a_reader_is_read_for_both_versions(before: segrules.RuleSet, tmp_path: Path) -> None:
    after = _project(tmp_path / "after", ("age >= 18", "age >= 8"))
    reader = pa.table(_people()).to_reader()
    made = counted(before, after, PAIRS[:1], {**DATA, "people": reader}, as_of="2026-11-01")
    assert made.segments == _moves(before, after, pairs=PAIRS[:1]).segments


def test_a_version_that_does_not_fit_the_data_says_so(before: segrules.RuleSet, tmp_path: Path) -> None:
    renamed = CATALOGUE.replace("city: {", "town: {")
    after = _project(tmp_path / "after", ("city", "town"), catalogue=renamed)
    moves = counted(
        before, after, PAIRS, {**DATA, "people": {**_people(), "town": _people()["city"]}}, as_of="2026-11-01"
    )
    assert moves.problem is None, "the data have the column under both names"
    moves = _moves(before, after)
    assert moves.problem is not None
    assert (moves.problem.version, moves.customers, moves.segments) == ("after", None, ())
    assert str(moves).startswith("nobody was counted: the version after cannot be run on these data, ")
    assert "`town`" in str(moves)
    assert moves.to_json()["problem"]["version"] == "after"
    assert (moves.numbers("adults"), moves.shown("adults")) == ({}, {})


def test_customers_of_one_version_alone_are_followed(before: segrules.RuleSet, tmp_path: Path) -> None:
    derived = CATALOGUE.replace(
        "customers: {table: people}", "customers: {derive: {table: consents, key: person, time: at}}"
    )
    (tmp_path / "after").mkdir()
    for name, text in (
        ("segrules.toml", "language = 1\n"),
        ("catalog.yaml", derived),
        (
            "shop.seg",
            OF_CONSENTS,
        ),
    ):
        (tmp_path / "after" / name).write_text(text)
    after = segrules.load(tmp_path / "after")
    made = counted(before, after, [("old_name", "all_who_answer")], DATA, as_of="2026-11-01")
    (segment,) = made.segments
    assert made.customers == 300
    assert (segment.before, segment.after) == (100, 200)
    (ages,) = made.partitions
    assert [(stage.name, stage.after) for stage in ages.stages] == [
        ("young", 100),
        ("middle", None),
        ("rest", 100),
        (None, 100),
    ]
    assert sum(move.customers or 0 for move in ages.moves if move.after is None) == 100
    assert sum(cause.customers or 0 for cause in segment.entered_because) == segment.entered


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_cell": 0}, "the smallest count to be shown is 0, expected a whole number from 1 on"),
        ({"pairs": [("adult", "adults")]}, "the version before has no segment `adult`"),
        ({"partitions": ["age"]}, "there is no partition `age` in both versions"),
    ],
)
def test_what_is_not_there_cannot_be_counted(before: segrules.RuleSet, options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadInput) as raised:
        _moves(before, before, **options)
    assert raised.value.message == message


def test_a_table_of_neither_version_is_refused(before: segrules.RuleSet) -> None:
    with pytest.raises(BadInput, match="neither version has a table `persons`"):
        counted(before, before, PAIRS, {"persons": DATA["people"]}, as_of="2026-11-01")
    with pytest.raises(BadInput, match=r"`data` is .*, expected a mapping from names of tables to tables"):
        before.diff(before, data=[DATA["people"]], as_of="2026-11-01")  # type: ignore[arg-type]  # not a mapping


def test_data_with_keys_of_another_kind_fit_one_version(before: segrules.RuleSet, tmp_path: Path) -> None:
    text = CATALOGUE.replace("person: {type: integer, nullable: false}", "person: {type: text, nullable: false}")
    text = text.replace("person: integer", "person: text")
    after = _project(tmp_path / "after", catalogue=text)
    data = {
        name: pa.table(table).set_column(0, "person", pa.array(list(map(str, pa.table(table)["person"].to_pylist()))))
        for name, table in DATA.items()
    }
    moves = counted(before, after, PAIRS, data, as_of="2026-11-01")
    assert moves.problem is not None
    assert moves.problem.version == "before"
