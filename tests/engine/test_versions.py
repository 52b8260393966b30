"""Who was and is in what, by two versions of random rules: the reference interpreter, asked once for each, agrees.

The parts of a segment are asked, too: whoever is a member satisfies all of them, and nobody else does.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from segrules.diagnostics.errors import BadData
from segrules.evaluation.moved import Pair
from segrules.evaluation.moves import count_moves
from segrules.evaluation.reasons import reasons
from segrules.evaluation.versions import Version, both
from segrules.ir.parts import parts
from segrules.ir.rules import Rules
from segrules.lowering.parts import part_name
from segrules.reference.outcome import Outcome
from tests.conformance.cases import bind_text, errors
from tests.engine import rules
from tests.engine.case import Case, case_from
from tests.engine.harness import by_reference
from tests.engine.picking import by_seed
from tests.engine.test_equal_to_reference import CATALOGUES
from tests.fuzz import FUZZ


@pytest.mark.parametrize("seed", range(12 * FUZZ))
def test_moves_are_those_that_the_interpreter_says(seed: int) -> None:
    case = case_from(by_seed(seed), CATALOGUES, customers=12, rows=20)
    other = rules.rules(by_seed(seed + 1_000_000), case.typed_catalogue, case.as_of)
    was, now = case.bound(), _bound(case, other)
    versions = _version(case, was), _version(case, now)
    before, after = (_told(case, version) for version in versions)
    if before is None or after is None:
        return
    pairs: list[Pair] = [(name, name) for name in sorted(was.segments.keys() & now.segments.keys())]
    pairs += [(name, None) for name in sorted(was.segments.keys() - now.segments.keys())]
    pairs += [(None, name) for name in sorted(now.segments.keys() - was.segments.keys())]
    partitions = sorted(was.partitions.keys() & now.partitions.keys())
    found = (
        versions[0].members(sorted(was.segments), partitions, _silent),
        versions[1].members(sorted(now.segments), partitions, _silent),
    )
    customers = both(found[0].keys, found[1].keys)
    why = reasons(versions, found, customers, pairs, 1, _silent)
    told = count_moves(found, customers, pairs, [(name, name) for name in partitions], why, 1)
    assert told.customers == len(before.keys)
    for (one, two), made in zip(pairs, told.segments, strict=True):
        old = before.members[one] if one is not None else (False,) * len(before.keys)
        new = after.members[two] if two is not None else (False,) * len(before.keys)
        entered = sum(y and not x for x, y in zip(old, new, strict=True))
        left = sum(x and not y for x, y in zip(old, new, strict=True))
        assert made.before == (None if one is None else sum(old))
        assert made.after == (None if two is None else sum(new))
        assert made.entered == (None if two is None else entered)
        assert made.left == (None if one is None else left)
        if one is not None and two is not None:
            assert sum(cause.customers or 0 for cause in made.entered_because) == entered
            assert sum(cause.customers or 0 for cause in made.left_because) == left
    for name, stages in zip(partitions, told.partitions, strict=True):
        steps = list(zip(before.partitions[name], after.partitions[name], strict=True))
        expected = {step: steps.count(step) for step in steps}
        assert {(move.before, move.after): move.customers for move in stages.moves} == expected


@pytest.mark.parametrize("seed", range(12 * FUZZ))
def test_who_satisfies_all_parts_is_a_member(seed: int) -> None:
    case = case_from(by_seed(seed), CATALOGUES, customers=12, rows=20)
    typed = case.bound()
    version = _version(case, typed)
    told = _told(case, version)
    if told is None:
        return
    found = version.parts(list(typed.segments), _silent)
    order = found.in_order(pa.array(np.arange(len(found.keys)))).to_pylist()
    for name, segment in typed.segments.items():
        held = [found.qualifying[part_name(name, number)].to_pylist() for number, _ in enumerate(parts(typed, segment))]
        assert [all(row[place] is True for row in held) for place in order] == list(told.members[name])


def _silent(what: str, done: int, total: int) -> None:
    """Nothing is told."""


def _bound(case: Case, text: str) -> Rules:
    typed, findings = bind_text(text, case.typed_catalogue, rules.LISTS)
    assert errors(findings) == [], text
    return typed


def _told(case: Case, version: Version) -> Outcome | None:
    """What the interpreter says; None where the data stop it, and then they stop the engine, too."""
    segments = list(version.rules.segments)
    outcome = by_reference(version.rules, case.tables, case.as_of, segments)
    if isinstance(outcome, Outcome):
        return outcome
    with pytest.raises(BadData):
        version.members(segments, (), _silent)
    return None


def _version(case: Case, typed: Rules) -> Version:
    # Both evaluations of a version read the tables, and a reader gives them once.
    data = {name: table.read_all() if hasattr(table, "read_all") else table for name, table in case.data().items()}
    return Version(typed, {}, case.as_of, Path(), {}, data)
