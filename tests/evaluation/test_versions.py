"""The customers of two versions as one list."""

import pyarrow as pa
import pytest

from segrules.diagnostics.errors import BadInput
from segrules.evaluation.versions import ABSENT, both


def test_the_same_customers_keep_their_places() -> None:
    made = both(pa.array([3, 1, 2]), pa.array([3, 1, 2]))
    assert (made.customers, made.before.tolist(), made.after.tolist()) == (3, [0, 1, 2], [0, 1, 2])


@pytest.mark.parametrize("before", [pa.array([1, 4, 2], pa.int32()), pa.array([1, 4, 2], pa.uint64())])
def test_customers_of_either_version_have_a_place(before: pa.Array) -> None:
    made = both(before, pa.array([3, 1, 2], pa.int64()))
    assert (made.customers, made.before.tolist(), made.after.tolist()) == (4, [1, 3, 2], [0, 1, 2])
    assert made.flags(pa.array([True, True, False]), made.before).tolist() == [False, True, False, True]
    entries = pa.array(["x", "y", "x"]).dictionary_encode()
    assert made.stages(entries, made.after).tolist() == [0, 1, 0, ABSENT]


def test_nobody_is_followed_to_nobody() -> None:
    assert both(pa.array([], pa.int64()), pa.array([], pa.string()).cast(pa.int64())).customers == 0


def test_numbers_are_not_followed_to_text() -> None:
    with pytest.raises(BadInput, match="their keys are numbers in one and text in the other"):
        both(pa.array([1]), pa.array(["1"]))
