"""What segments share, counted on packed bits, and that small counts are told neither outright nor as differences."""

import itertools
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segrules.backends.arrow.found import Found
from segrules.diagnostics.errors import UnknownName
from segrules.evaluation.overlap import OverlapCounts, SharedMembers, overlap_counts
from segrules.evaluation.result import Result
from segrules.evaluation.shared import packed, shared_members
from segrules.evaluation.small_cells import Shown, shown
from tests.evaluation.build import rules, segment

Flags = npt.NDArray[np.bool_]


# --- counting


@pytest.mark.parametrize("customers", [0, 1, 7, 8, 63, 64, 65, 1_000, 70_000])
def test_shared_members_are_those_of_plain_counting(customers: int) -> None:
    flags = _flags(5, customers, seed=customers)
    counted = shared_members(packed([pa.array(row) for row in flags]))
    assert counted.tolist() == [[int((one & other).sum()) for other in flags] for one in flags]


@pytest.mark.parametrize("start", [0, 1, 8, 13])
def test_slices_are_counted_like_whole_arrays(start: int) -> None:
    flags = _flags(3, 200, seed=1)
    slices = [pa.array(row)[start:190] for row in flags]
    assert shared_members(packed(slices)).diagonal().tolist() == flags[:, start:190].sum(axis=1).tolist()


def test_no_segments_share_nothing() -> None:
    assert shared_members(packed([])).shape == (0, 0)


# --- what is hidden


def test_a_small_share_is_hidden_and_a_large_one_is_not() -> None:
    counts = _counts(1_000, {"a": range(100), "b": range(95, 200), "c": range(50, 150)})
    assert counts.members == {"a": 100, "b": 105, "c": 100}
    assert [(pair.a, pair.b, pair.shared) for pair in counts.pairs] == [
        ("a", "b", None),
        ("a", "c", 50),
        ("b", "c", 55),
    ]


@pytest.mark.parametrize(
    ("b", "why"),
    [
        (range(5, 200), "a alone has five"),
        (range(105), "b alone has five, and has all of a"),
        (range(95, 200), "both have five"),
        (range(100, 995), "neither has five, and the two exclude each other"),
        (range(50, 995), "neither has five"),
    ],
)
def test_each_of_the_four_counts_hides_a_pair(b: range, why: str) -> None:
    (pair,) = _counts(1_000, {"a": range(100), "b": b}).pairs
    assert pair == SharedMembers("a", "b"), why
    assert pair.hidden


def test_eleven_and_zero_are_shown() -> None:
    counts = _counts(1_000, {"a": range(100), "b": range(89, 200), "c": range(500, 600)})
    assert [pair.shared for pair in counts.pairs] == [11, 0, 0]


def test_a_small_segment_is_hidden_with_all_that_it_shares() -> None:
    counts = _counts(1_000, {"a": range(10), "b": range(500), "c": range(990)})
    assert counts.members == {"a": None, "b": 500, "c": None}
    assert all(pair.hidden for pair in counts.pairs)


def test_a_few_customers_are_not_counted_at_all() -> None:
    counts = _counts(8, {"a": range(8), "b": range(0)})
    assert (counts.customers, counts.members) == (None, {"a": None, "b": None})
    assert all(pair.hidden for pair in counts.pairs)


def test_without_customers_there_are_no_ratios() -> None:
    counts = _counts(0, {"a": range(0), "b": range(0)})
    assert (counts.customers, counts.members) == (0, {"a": 0, "b": 0})
    assert counts.pairs == (SharedMembers("a", "b", 0),)


def test_the_smaller_of_two_is_hidden_where_the_rules_tell_that_it_lies_in_the_other() -> None:
    # Who knows that `a` lies in `b` has the five that it lacks as a difference of sizes.
    assert _counts(1_000, {"a": range(100), "b": range(105)}).members == {"a": None, "b": 105}


def test_the_part_that_completes_a_whole_is_hidden_too() -> None:
    stages = {"active": range(400), "asleep": range(400, 700), "lost": range(700, 1_000)}
    vip = [*range(40), *range(400, 420), *range(700, 703)]
    counts = _counts(1_000, {**stages, "vip": vip})
    shares = {pair.a: pair.shared for pair in counts.pairs if pair.b == "vip"}
    # 63 - 40 - 20 would be the three.
    assert shares == {"active": 40, "asleep": None, "lost": None}


def test_the_stage_that_completes_everybody_is_hidden_too() -> None:
    counts = _counts(1_000, {"a": range(600), "b": range(600, 993), "c": range(993, 1_000)})
    assert counts.members == {"a": 600, "b": None, "c": None}


def test_shares_with_nested_segments_do_not_differ_by_a_few() -> None:
    counts = _counts(
        1_000, {"inner": range(100), "outer": range(300), "x": [*range(50), *range(100, 103), *range(500, 600)]}
    )
    assert {pair.a: pair.shared for pair in counts.pairs if pair.b == "x"} == {"inner": None, "outer": None}


def test_with_one_as_the_smallest_count_everything_is_shown() -> None:
    counts = _counts(20, {"a": range(3), "b": range(2, 20)}, min_cell=1)
    assert (counts.customers, counts.members) == (20, {"a": 3, "b": 18})
    assert counts.pairs[0].shared == 1


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Flags, int]:
    """Members of a few segments, some of them made of others, and the smallest count to be shown."""
    customers = draw(st.integers(1, 80))
    seed = draw(st.integers(0, 2**32 - 1))
    flags = _flags(draw(st.integers(2, 6)), customers, seed=seed)
    for _ in range(draw(st.integers(0, 4))):
        one, other = (draw(st.integers(0, len(flags) - 1)) for _ in range(2))
        made = (flags[one] & flags[other], flags[one] & ~flags[other], flags[one] | flags[other])
        flags[one] = made[draw(st.integers(0, 2))]
    return flags, draw(st.integers(1, 8))


@given(worlds())
def test_no_two_shown_counts_differ_by_a_few(world: tuple[Flags, int]) -> None:
    flags, min_cell = world
    customers = flags.shape[1]
    told = _told(flags, min_cell)
    segments = range(len(flags))
    inside = {(a, b): not (flags[a] & ~flags[b]).any() for a in segments for b in segments}
    counts = {parts: int(np.logical_and.reduce(flags[list(parts)]).sum()) if parts else customers for parts in told}
    for parts, other in itertools.product(told, repeat=2):
        # The first lies in the second, as can be told from which segments lie in which.
        if all(any(inside[a, b] for a in parts) for b in other):
            difference = counts[other] - counts[parts]
            assert difference == 0 or difference >= min_cell, (parts, other)
    assert all(count == 0 or count >= min_cell for count in counts.values())


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.integers(3, 12))
def test_stages_never_tell_what_is_hidden_of_a_segment(seed: int, stages: int, min_cell: int) -> None:
    random = np.random.default_rng(seed)
    weights = random.random(stages) ** 2
    stage = random.choice(stages, 200, p=weights / weights.sum())
    flags = np.array([*(stage == number for number in range(stages)), *_flags(2, 200, seed=seed)])
    told = _told(flags, min_cell)
    for whole in ((), (stages,), (stages + 1,)):
        parts = [(number, *whole) for number in range(stages)]
        hidden = [int(np.logical_and.reduce(flags[list(part)]).sum()) for part in parts if part not in told]
        if whole in told and any(hidden):
            # A segment that lies in a stage shares all of its members with it, as everybody may know.
            size = int(flags[list(whole)].all(axis=0).sum())
            assert len(hidden) > 1 or hidden == [size], "the only hidden part is what is left of the whole"
            assert sum(hidden) >= min_cell


# --- ratios


def test_ratios_are_of_what_is_shown() -> None:
    (pair,) = _counts(1_000, {"a": range(200), "b": range(150, 550)}).pairs
    assert pair == SharedMembers("a", "b", 50, 0.25, 0.125, 50 / 550, 0.625)


def test_json_says_what_is_hidden() -> None:
    made = _counts(1_000, {"a": range(100), "b": range(95, 200)}).to_json()
    assert made == {
        "as_of": "2026-11-01T00:00:00+00:00",
        "min_cell": 11,
        "customers": 1_000,
        "members": {"a": 100, "b": 105},
        "pairs": [
            {
                "a": "a",
                "b": "b",
                "suppressed": True,
                "shared": None,
                "share_of_a": None,
                "share_of_b": None,
                "jaccard": None,
                "lift": None,
            }
        ],
    }


def test_only_segments_that_were_evaluated_are_counted() -> None:
    with pytest.raises(UnknownName):
        overlap_counts(_result(10, {"a": range(5)}), ("a", "b"))


def _flags(segments: int, customers: int, *, seed: int) -> Flags:
    random = np.random.default_rng(seed)
    shares = random.random((segments, 1))
    return np.asarray(random.random((segments, customers)) < shares)


def _told(flags: Flags, min_cell: int) -> list[tuple[int, ...]]:
    """What is shown, by the segments that a count is of: none for all customers, one, or two."""
    made: Shown = shown(flags.shape[1], flags.astype(np.int64) @ flags.astype(np.int64).T, min_cell)
    sizes = [(int(number),) for number in np.flatnonzero(made.sizes)]
    pairs = [(int(a), int(b)) for a, b in np.argwhere(np.triu(made.pairs, 1))]
    return [*([()] if made.customers else []), *sizes, *pairs]


def _counts(customers: int, members: dict[str, Any], **options: int) -> OverlapCounts:
    return overlap_counts(_result(customers, members), tuple(members), **options)


def _result(customers: int, members: dict[str, Any]) -> Result:
    keys = np.arange(customers)
    arrays = {name: pa.array(np.isin(keys, list(who)), pa.bool_()) for name, who in members.items()}
    found = Found(datetime(2026, 11, 1, tzinfo=UTC), pa.array(keys), arrays, arrays, {}, {}, ())
    return Result((), _rules=rules([segment(name) for name in members]), _found=found)
