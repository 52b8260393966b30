"""More edges of windows on one table than a narrow number counts."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from segrules.backends.arrow.aggregates.rows import groups
from segrules.backends.arrow.aggregates.spans import Cuts
from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Kind, Vector


@pytest.mark.parametrize("edges", [3, 300, 70_000])
def test_rows_stand_in_their_buckets_however_many_there_are(edges: int) -> None:
    random = np.random.default_rng(edges)
    times = random.integers(-5, 2 * edges + 5, 1_000)
    places = list(range(0, 2 * edges, 2))
    cuts = cast(Cuts, SimpleNamespace(kind=Kind.DAY, places=places, buckets=edges + 1))
    odd = random.integers(0, 2, 1_000) == 1
    time = Vector(Kind.DAY, times)
    setting: Any = None
    columns: dict[str, Vector] = {}
    chunk = Chunk(
        RowFrame(setting, 1_000, columns.__getitem__), np.arange(1_000), {"a": time, "b": time}, {"a": odd, "b": ~odd},
        None, 0, {"a": cast(Any, None), "b": cast(Any, None)},
    )  # fmt: skip
    for group in groups(chunk, {"a": cuts, "b": cuts}, {"a": (0, edges + 1), "b": (0, edges + 1)}):
        mine = np.flatnonzero(odd if group.event == "a" else ~odd)
        bucket = np.searchsorted(places, times[mine], side="right")
        assert group.codes.tolist() == mine[np.argsort(bucket, kind="stable")].tolist()
        assert np.diff(group.bounds).tolist() == np.bincount(bucket, minlength=edges + 1).tolist()
