"""What an overlap says as text and as JSON, from verdicts and counts that are given."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from segrules.diagnostics.errors import BadInput, UnknownName
from segrules.evaluation.overlap import OverlapCounts, SharedMembers
from segrules.ir import testcases
from segrules.ir.nodes import InSegment
from segrules.proofs.pairs.pair import Pair, PairVerdict
from segrules.proofs.verdict import Clause, Reason
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.overlap import Overlap, check_asked
from segrules.workspace.overlap_text import Alone, overlap_text
from tests.evaluation.build import rules

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
SOMEBODY = testcases.GivenCustomer(None, {}, {}, (), (), frozenset())
IN_BOTH = tuple(testcases.Expectation(testcases.Expected.IN, InSegment(name), 0) for name in ("a", "b"))
WITNESS = testcases.Test("in both", AS_OF, (SOMEBODY,), {}, IN_BOTH)
CLAUSE = Clause("champions", Span("a.seg", 3, 9, 3, 20), "where")
PAIRS = (
    Pair("a", "b", PairVerdict.OVERLAP, WITNESS),
    Pair("a", "c", PairVerdict.DISJOINT, core=(CLAUSE,)),
    Pair("a", "d", PairVerdict.A_IN_B, WITNESS),
    Pair("b", "c", PairVerdict.EQUAL, WITNESS),
    Pair("b", "d", PairVerdict.UNDECIDED, reason=Reason.SEQUENCE),
    Pair("c", "d", PairVerdict.B_IN_A, WITNESS),
)
BLOCK = 'test "in both"\n  as of 2026-11-01\n  expect in a, in b'
COUNTS = OverlapCounts(
    AS_OF,
    11,
    1_000,
    {"a": 100, "b": 200, "c": 0, "d": None},
    (
        SharedMembers("a", "b", 50, 0.5, 0.25, 0.2, 2.5),
        SharedMembers("a", "c", 0, 0.0, None, 0.0, None),
        SharedMembers("a", "d"),
        SharedMembers("b", "c", 0, 0.0, None, 0.0, None),
        SharedMembers("b", "d"),
        SharedMembers("c", "d"),
    ),
)


def test_text_has_a_matrix_and_what_asks_for_a_second_look() -> None:
    assert (
        str(Overlap(("a", "b", "c", "d"), PAIRS))
        == """\
4 segments, 6 pairs, for any customers that the catalogue allows:
       1 excludes each other
       1 overlaps
       2 lie one inside the other
       1 has the same members
       1 is undecided

who can be in both
          1     2     3     4
  1 a     .  some  none    in
  2 b  some     .  same     ?
  3 c  none  same     .   has
  4 d   has     ?    in     .
  none  nobody can be in both
  some  somebody can be in both
  in    whoever is in the row's segment is in the column's, too
  has   whoever is in the column's segment is in the row's, too
  same  both have the same members
  ?     undecided

the same members: one of the two can go
  b = c

one inside the other
  a in d
  d in c

undecided, and why
  b, d: the order of events

two segments alone (`--segments`) are shown with a customer who is in both
"""
    )


def test_counts_come_behind_it() -> None:
    text = str(Overlap(("a", "b", "c", "d"), PAIRS, COUNTS))
    assert (
        text.partition("the order of events\n\n")[2]
        == """\
of the row's members, how many are in the column's, too, as of 2026-11-01, of 1,000 customers
       members     1     2     3     4
  1 a      100     .   50%    0%     *
  2 b      200   25%     .    0%     *
  3 c        0                 .     *
  4 d        *     *     *     *     .

what they share
  segments  shared  of the first  of the second  of both  against chance
  a, b          50           50%            25%      20%            2.5x

* hidden: it, or a difference with it, would tell of 1 to 10 customers

two segments alone (`--segments`) are shown with a customer who is in both
"""
    )


def test_where_a_matrix_is_too_wide_each_segment_has_a_line() -> None:
    text = overlap_text(("a", "b", "c", "d"), PAIRS, COUNTS, Alone(None, {}, {}), width=30)
    assert "who can be in both" not in text
    assert "of the row's members" not in text
    assert (
        text.partition("\n\n")[2].partition("\n\n")[0]
        == """\
with how many others, and members as of 2026-11-01, of 1,000 customers
  segment  members  none  some  in  has  same  ?
  a            100     1     1   1    0     0  0
  b            200     0     1   0    0     1  1
  c              0     1     0   0    1     1  0
  d              *     0     0   1    1     0  1
  none  nobody can be in both
  some  somebody can be in both
  in    whoever is in it is in the other, too
  has   whoever is in the other is in it, too
  same  both have the same members
  ?     undecided"""
    )
    assert "fewer segments (`--segments`) are shown as a matrix" in text


def test_long_lists_are_cut_and_say_so() -> None:
    names = tuple(f"s{number:02}" for number in range(60))
    pairs = tuple(Pair(a, b, PairVerdict.EQUAL) for a, b in combinations(names, 2))
    text = str(Overlap(names, pairs))
    assert "  and 10 more segments\n" in text
    assert "  s00 = s10\n  and 1,760 more\n" in text
    assert len(text.splitlines()) < 80


def test_the_ten_that_share_most_are_listed() -> None:
    names = tuple(f"s{number}" for number in range(6))
    shared = [
        SharedMembers(a, b, 20, 0.5, 0.5, 0.01 * rank, 1.0) for rank, (a, b) in enumerate(combinations(names, 2), 1)
    ]
    counts = OverlapCounts(AS_OF + timedelta(hours=9), 11, 100, dict.fromkeys(names, 40), tuple(shared))
    pairs = tuple(Pair(a, b, PairVerdict.OVERLAP) for a, b in combinations(names, 2))
    text = str(Overlap(names, pairs, counts))
    _, _, listed = text.partition("the 10 pairs that share most\n")
    assert [line.split()[0] + line.split()[1] for line in listed.splitlines()[1:11]] == [
        f"{pair.a},{pair.b}" for pair in reversed(shared[5:])
    ]
    assert "as of 2026-11-01T09:00:00+00:00" in text


@pytest.mark.parametrize(("share", "shown"), [(0.0, "0%"), (0.001, "<1%"), (0.999, ">99%"), (1.0, "100%")])
def test_only_all_and_nobody_look_so(share: float, shown: str) -> None:
    pair = SharedMembers("a", "b", 1, share, share, share, 1.0)
    counts = OverlapCounts(AS_OF, 1, 1_000, {"a": 1, "b": 1}, (pair,))
    assert f"  1 a        1     .  {shown:>4}\n" in str(Overlap(("a", "b"), (PAIRS[0],), counts))


def test_of_two_segments_alone_the_evidence_is_shown() -> None:
    places = {"a": Span("a.seg", 1, 9, 1, 10), "b": Span("b.seg", 7, 9, 7, 10), "c": Span("a.seg", 3, 9, 3, 10)}
    sources = {"a.seg": Source("a.seg", 'segment a "First"\n\n  where age < 18\n')}
    assert (
        str(Overlap(("a", "b"), PAIRS[:1], None, (), places, sources, rules()))
        == """\
somebody can be in both `a` and `b`, for any customers that the catalogue allows
  a.seg:1:  segment a "First"
  b.seg:7:

a customer who is in both
  test "in both"
    as of 2026-11-01
    expect in a, in b
"""
    )
    assert (
        str(Overlap(("a", "c"), PAIRS[1:2], sources=sources))
        == """\
nobody can be in both `a` and `c`, for any customers that the catalogue allows

what cannot hold together
  a.seg:3:  where age < 18
"""
    )


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (PAIRS[2], "whoever is in `a` is in `d`, too, for any customers that the catalogue allows\n"),
        (PAIRS[3], "`b` and `c` have the same members, for any customers that the catalogue allows\n"),
        (PAIRS[4], "it is undecided whether anybody can be in both `b` and `d`, because of the order of events\n"),
        (PAIRS[5], "whoever is in `d` is in `c`, too, for any customers that the catalogue allows\n"),
    ],
)
def test_of_two_segments_alone_one_sentence_says_it(pair: Pair, said: str) -> None:
    assert str(Overlap((pair.a, pair.b), (pair,))) == said


def test_json_has_every_pair() -> None:
    made = Overlap(("a", "b", "c", "d"), PAIRS, COUNTS, _rules=rules()).to_json()
    assert json.loads(json.dumps(made)) == made
    assert made["segments"] == ["a", "b", "c", "d"]
    assert made["verdicts"] == {"disjoint": 1, "overlap": 1, "a_in_b": 1, "b_in_a": 1, "equal": 1, "undecided": 1}
    assert made["undecided"] == {"the order of events": 1}
    nothing: dict[str, Any] = {"witness": None, "reason": None, "core": []}
    core = [{"segment": "champions", "what": "where", "path": "a.seg", "line": 3, "column": 9}]
    assert made["pairs"][0]["witness"]["test"] == BLOCK
    assert made["pairs"][1] == {"a": "a", "b": "c", "verdict": "disjoint", **nothing, "core": core}
    assert made["pairs"][4]["reason"] == "the order of events"
    assert made["counts"] == COUNTS.to_json()
    assert Overlap(("a", "b"), PAIRS[:1]).to_json()["counts"] is None


def test_reasons_are_counted_the_most_frequent_first() -> None:
    reasons = (Reason.TEXT, Reason.SEQUENCE, Reason.TEXT)
    pairs = [replace(PAIRS[4], reason=reason) for reason in reasons]
    assert list(Overlap(("b", "d"), tuple(pairs)).undecided.items()) == [
        ("a pattern in text", 2),
        ("the order of events", 1),
    ]


def test_a_pair_is_found_by_its_names_in_either_order() -> None:
    overlap = Overlap(("a", "b", "c", "d"), PAIRS)
    assert overlap["d", "b"] is overlap["b", "d"] is PAIRS[4]
    with pytest.raises(UnknownName, match="`e` was not looked at"):
        overlap["a", "e"]
    with pytest.raises(UnknownName, match="two different segments"):
        overlap["a", "a"]


@pytest.mark.parametrize(
    ("names", "min_cell", "data", "message"),
    [
        ((), 11, False, "there is no segment to look at"),
        (("a",), 11, False, "`a` is the only segment to look at"),
        (("a", "b"), 0, False, "the smallest count to be shown is 0"),
        (("a", "b"), True, False, "the smallest count to be shown is True"),
        (("a", "b"), 11, True, "data are counted at an instant"),
    ],
)
def test_what_cannot_be_asked(names: tuple[str, ...], min_cell: int, data: bool, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        check_asked(names, min_cell, data=data, as_of=False)
