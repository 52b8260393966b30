"""What moved in the data as text and as Markdown, from counts that are given."""

from dataclasses import replace
from datetime import UTC, datetime

from segrules.evaluation.causes import Cause, Flip, Turn, Written
from segrules.evaluation.moved import PartitionMoves, SegmentMoves, StageMove, StageSizes
from segrules.workspace.diffs.moves import Moves, Problem
from segrules.workspace.diffs.moves_markdown import moves_markdown

OLD = Written("where", "age >= 18", "a|b.seg", 3)
NEW = Written("where", "age >= 21", "a|b.seg", 3)
CITY = Written("eligible", 'eligible city = "rome"', "a|b.seg", 5)
MOVES = Moves(
    datetime(2026, 11, 1, tzinfo=UTC),
    11,
    1_000,
    (
        SegmentMoves(
            "grown_up",
            "adults",
            400,
            390,
            50,
            60,
            340,
            entered_because=(
                Cause(30, (Flip(OLD, None, Turn.CHANGED, NEW), Flip(CITY, False, Turn.ALONE, None))),
                Cause(None, ()),
            ),
            left_because=(
                Cause(40, (Flip(NEW, False, Turn.CHANGED, OLD),)),
                Cause(20, (Flip(CITY, None, Turn.ALONE, None), Flip(OLD, False, Turn.SAME, OLD))),
            ),
        ),
        SegmentMoves(None, "fresh", None, 2_000, 2_000, None, None),
        SegmentMoves("gone", None, 70, None, None, 70, None),
        SegmentMoves("few", "few", 100, None, None, 0, 100, ("after", "entered")),
        SegmentMoves("calm", "calm", None, None, 0, 0, None, ("before", "after", "stayed")),
    ),
    (
        PartitionMoves(
            "ages",
            "ages",
            (StageSizes("young", 500, None, ("after",)), StageSizes("old", 500, 510), StageSizes(None, None, 20)),
            (
                StageMove("young", "old", None),
                StageMove("old", None, 20),
                StageMove(None, "old", 30),
                StageMove("old", "old", 470),
            ),
        ),
        PartitionMoves("calm", "calm", (StageSizes("all", None, None, ("before", "after")),), ()),
    ),
)


def test_text() -> None:
    assert (
        str(MOVES)
        == """\
members in the data as of 2026-11-01, of 1,000 customers
  segment                before   after  entered  left
  adults (was grown_up)     400     390       50    60
  fresh (new)                     2,000    2,000
  gone (removed)             70                     70
  few                       100  hidden   hidden     0
  nobody entered or left the other segment

why 50 entered adults (was grown_up)
      30  `age >= 18` (a|b.seg:3) was not known to hold; it became `age >= 21` (a|b.seg:3)
          `eligible city = "rome"` (a|b.seg:5) did not hold; it is gone
  hidden  for other reasons

why 60 left adults (was grown_up)
  40  `age >= 21` (a|b.seg:3) does not hold; it was `age >= 18` (a|b.seg:3)
  20  `eligible city = "rome"` (a|b.seg:5) is not known to hold; it is new
      `age >= 18` (a|b.seg:3) does not hold; what it reads changed

stages of ages
  stage           before   after
  young              500  hidden
  old                500     510
  not a customer              20

who changed the stage of ages
      30  came to old, who were no customers before
      20  were in old, and are no customers any more
  hidden  from young to old

hidden: the number, or a difference with it, would tell of 1 to 10 customers
"""
    )


def test_markdown_leaves_sizes_to_the_table_of_segments() -> None:
    assert (
        moves_markdown(MOVES)
        == """\
Members in the data as of 2026-11-01, of 1,000 customers.

Why 50 entered adults \\(was grown\\_up\\):

- 30: `age >= 18` (`a|b.seg:3`) was not known to hold; it became `age >= 21` (`a|b.seg:3`)
  <br>`eligible city = "rome"` (`a|b.seg:5`) did not hold; it is gone
- hidden: for other reasons

Why 60 left adults \\(was grown\\_up\\):

- 40: `age >= 21` (`a|b.seg:3`) does not hold; it was `age >= 18` (`a|b.seg:3`)
- 20: `eligible city = "rome"` (`a|b.seg:5`) is not known to hold; it is new
  <br>`age >= 18` (`a|b.seg:3`) does not hold; what it reads changed

Stages of ages:

| stage | before | after |
| --- | ---: | ---: |
| young | 500 | hidden |
| old | 500 | 510 |
| not a customer |  | 20 |

Who changed the stage of ages:

- 30: came to old, who were no customers before
- 20: were in old, and are no customers any more
- hidden: from young to old

hidden: the number, or a difference with it, would tell of 1 to 10 customers.
"""
    )


def test_of_many_segments_the_first_are_told() -> None:
    one = SegmentMoves("s", "s", 20, 40, 20, 0, 20, entered_because=(Cause(20, ()),))
    text = str(replace(MOVES, segments=(one,) * 60, partitions=()))
    assert text.count("\n  s ") == 50
    assert "  and 10 segments more that somebody entered or left\n" in text
    assert text.count("why 20 entered s\n") == 20
    assert "why others moved\n    `--output-format json` has 40 more\n" in text


def test_where_nobody_moves_that_is_all() -> None:
    calm = replace(MOVES, segments=MOVES.segments[-1:] * 3, partitions=())
    assert str(calm).splitlines()[1:] == ["  nobody entered or left any of the 3 segments"]
    assert moves_markdown(calm) == "Members in the data as of 2026-11-01, of 1,000 customers.\n"


def test_a_problem_is_all_that_is_told() -> None:
    problem = Problem("before", "nobody was counted: `a` is\x1b gone", help="give *it*")
    moves = replace(MOVES, customers=None, segments=(), partitions=(), problem=problem)
    assert str(moves) == "nobody was counted: `a` is\ufffd gone\ngive *it*\n"
    assert moves_markdown(moves) == "nobody was counted: `a` is\ufffd gone\n\ngive \\*it\\*\n"


def test_numbers_by_name_are_those_of_the_comment() -> None:
    assert MOVES.shown("adults") == {"before": "400", "after": "390", "entered": "50", "left": "60"}
    assert MOVES.shown("few") == {"before": "100", "after": "hidden", "entered": "hidden", "left": "0"}
    assert MOVES.shown("gone") == {"before": "70", "after": "", "entered": "", "left": "70"}
    assert MOVES.numbers("ages.old") == {"before": 500, "after": 510, "entered": None, "left": 20}
    assert MOVES.shown("ages.old") == {"before": "500", "after": "510", "entered": "hidden", "left": "20"}
    assert MOVES.shown("ages.young") == {"before": "500", "after": "hidden", "entered": "0", "left": "hidden"}
    assert MOVES.numbers("ages.never") == MOVES.numbers("nothing") == {}
