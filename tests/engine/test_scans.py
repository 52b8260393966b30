"""What `scans` says is read is what the engine reads."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import pytest

from segrules.backends.arrow.evaluate import evaluate
from segrules.lowering.lower import lower
from segrules.lowering.scans import scans
from segrules.reference.problems import DataProblem
from segrules.sources.given import given_source
from segrules.sources.opened import Batch
from segrules.sources.stream import TableSource
from tests.engine.case import case_from
from tests.engine.picking import by_seed
from tests.fuzz import cases


@pytest.mark.parametrize("seed", range(cases(100)))
def test_scans_are_what_the_engine_reads(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    read: dict[str, set[str]] = defaultdict(set)
    batches = TableSource.batches

    def recorded(self: TableSource, columns: Collection[str], **more: Any) -> Iterator[Batch]:
        read[self.table.name] |= set(columns)
        return batches(self, columns, **more)

    monkeypatch.setattr(TableSource, "batches", recorded)
    pick = by_seed(seed)
    case = case_from(pick, range(24))
    rules = case.bound()
    segments = [name for name in rules.segments if pick((True, True, False))]
    lowered = lower(rules, segments, three_valued=False)
    sources = {
        name: given_source(rules.catalogue, rules.catalogue.tables[name], data, case.as_of)
        for name, data in case.data().items()
    }
    expected = scans(rules.catalogue, lowered)
    try:
        evaluate(rules, sources, case.as_of, segments, lowered=lowered)
    except DataProblem:
        # The data stop the run before all of it is read.
        assert all(columns <= expected[name] for name, columns in read.items())
        return
    # What only rows of events and scores ask of customers is not read where there are no such rows.
    stages = replace(lowered.stages, background=frozenset())
    surely = scans(rules.catalogue, replace(lowered, stages=stages))
    assert read.keys() == expected.keys()
    for name, table in rules.catalogue.tables.items():
        if name in read:
            judged = set() if table.fresh is None else {table.fresh.column}
            assert surely[name] - judged <= read[name] <= expected[name]
