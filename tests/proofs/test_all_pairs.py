"""All pairs at once say what the solver says of each pair, with whatever was remembered, and the same every time."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.proofs.formulas.logic import no
from segrules.proofs.pairs.all_pairs import Pairs, all_pairs, together
from segrules.proofs.pairs.cache import Cache
from segrules.proofs.pairs.pair import PairVerdict
from segrules.proofs.prover import Prover, Question
from segrules.proofs.verdict import Answer
from segrules.proofs.witnesses.replay import confirm
from tests.fuzz import LONG
from tests.proofs import tiny

COUNT = 9
"""How many segments there are; rules that take many seconds are taken by `make test-long` alone."""


def _rules(seed: int, count: int = COUNT) -> Rules:
    return tiny.bound(tiny.segments(seed, count))


def _said(pairs: Pairs) -> list[tuple[str, str, str, str | None]]:
    return [(pair.a, pair.b, str(pair.verdict), pair.reason and str(pair.reason)) for pair in pairs]


def _one_by_one(rules: Rules) -> Iterator[PairVerdict]:
    """The verdict of each pair, from the solver alone."""
    prover = Prover(rules)

    def within(one: str, other: str) -> bool:
        clauses = prover.encoder.clauses(one)
        inside, outside = (ir.InSegment(one),), (ir.InSegment(other),)
        question = Question("", clauses, (no(prover.encoder.member(other)),), inside, outside)
        return prover.refute(question).answer is Answer.PROVED

    for one, other in combinations(rules.segments, 2):
        answer = prover.refute(together(prover, one, other)).answer
        if answer is Answer.PROVED:
            yield PairVerdict.DISJOINT
        elif answer is Answer.UNDECIDED:
            yield PairVerdict.UNDECIDED
        else:
            held = within(one, other), within(other, one)
            yield {
                (True, True): PairVerdict.EQUAL,
                (True, False): PairVerdict.A_IN_B,
                (False, True): PairVerdict.B_IN_A,
                (False, False): PairVerdict.OVERLAP,
            }[held]


@pytest.mark.parametrize("seed", [1, 4, *([2, 3] if LONG else [])])
def test_pairs_are_as_the_solver_says_of_each(seed: int) -> None:
    rules = _rules(seed)
    compared = 0
    for pair, verdict in zip(all_pairs(rules), _one_by_one(rules), strict=True):
        # A customer who was found for another pair may decide what the solver does not.
        if verdict is not PairVerdict.UNDECIDED:
            assert pair.verdict is verdict, pair
            compared += 1
    assert compared > 20


@pytest.mark.parametrize("seed", [20, *([5, 6] if LONG else [])])
def test_nobody_of_the_tiny_world_is_in_both_of_a_pair_called_disjoint(seed: int) -> None:
    rules = _rules(seed, 14)
    found = tiny.find(rules)
    pairs = all_pairs(rules)
    assert pairs.counts()[PairVerdict.OVERLAP]
    for pair in pairs:
        one, other = found[pair.a].members, found[pair.b].members
        if pair.verdict is PairVerdict.DISJOINT:
            assert not one & other, pair
        if pair.verdict in (PairVerdict.A_IN_B, PairVerdict.EQUAL):
            assert not one & ~other, pair
        if pair.verdict in (PairVerdict.B_IN_A, PairVerdict.EQUAL):
            assert not other & ~one, pair


def test_what_shows_a_pair_holds() -> None:
    rules = _rules(7, COUNT if LONG else 6)
    pairs = all_pairs(rules)
    for pair in pairs:
        shown = pairs.shown(pair.a, pair.b)
        assert (shown.a, shown.b, shown.verdict) == (pair.a, pair.b, pair.verdict)
        if pair.verdict in (PairVerdict.DISJOINT, PairVerdict.UNDECIDED):
            assert shown.witness is None
            assert {clause.segment for clause in shown.core} <= {pair.a, pair.b}
        else:
            assert shown.witness is not None
            assert confirm(rules, shown.witness)


def test_empty_segments_are_disjoint_from_all() -> None:
    rules = tiny.bound(
        "segment nobody\n  where visits >= 2 and visits <= 1\n\n"
        "segment some\n  where visits >= 2\n\nsegment more\n  where visits >= 1 or vip\n"
    )
    pairs = all_pairs(rules)
    assert pairs.verdict("nobody", "some") is PairVerdict.DISJOINT
    assert pairs.verdict("nobody", "more") is PairVerdict.DISJOINT
    assert pairs.verdict("some", "more") is PairVerdict.A_IN_B


def test_only_those_asked_for_are_looked_at() -> None:
    rules = _rules(8)
    names = list(rules.segments)[2:5]
    told: list[tuple[int, int]] = []
    pairs = all_pairs(rules, names, lambda _, done, of: told.append((done, of)))
    assert [(pair.a, pair.b) for pair in pairs] == list(combinations(names, 2))
    assert told[-1] == (3, 3)


@pytest.mark.parametrize("seed", [9, 10])
def test_where_steps_run_out_a_pair_is_undecided_and_says_so(seed: int) -> None:
    rules = _rules(seed)
    full, short = all_pairs(rules), all_pairs(rules, budget=1)
    for pair, cut in zip(full, short, strict=True):
        if cut.verdict is PairVerdict.UNDECIDED:
            assert cut.reason is not None
        elif cut.verdict is not PairVerdict.OVERLAP:
            assert cut.verdict is pair.verdict
        else:
            assert pair.verdict is not PairVerdict.DISJOINT
    assert len(short.undecided()) == short.counts()[PairVerdict.UNDECIDED]


# --- what is remembered


def test_a_warm_cache_asks_nothing_and_says_the_same(tmp_path: Path) -> None:
    rules, path = _rules(11), tmp_path / ".segrules_cache" / "pairs.json"
    cold = all_pairs(rules)
    first = all_pairs(rules, cache=Cache(path))
    warm = all_pairs(rules, cache=Cache(path))
    assert _said(cold) == _said(first) == _said(warm)
    assert warm.asked == 0 < first.asked
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_witnesses_are_the_same_whatever_is_remembered(tmp_path: Path) -> None:
    rules, path = _rules(11, 5), tmp_path / "pairs.json"
    cold = all_pairs(rules, cache=Cache(path))
    warm = all_pairs(rules, cache=Cache(path))
    for pair in cold:
        assert cold.shown(pair.a, pair.b) == warm.shown(pair.a, pair.b)


@pytest.mark.parametrize("seed", [13, *([12, 20] if LONG else [])])
def test_changed_segments_are_decided_as_without_a_cache(seed: int) -> None:
    before = tiny.segments(seed, COUNT)
    after = before.replace("segment s3\n", "segment s3_before\n", 1) + "\n\nsegment s3\n  where visits >= 1\n"
    cache = Cache()
    all_pairs(tiny.bound(before), cache=cache)
    assert _said(all_pairs(tiny.bound(after), cache=cache)) == _said(all_pairs(tiny.bound(after)))


def test_of_changed_segments_only_pairs_with_them_are_asked() -> None:
    texts = [
        f'segment s{visits}{tier}\n  where visits = {visits} and tier = "{tier}"\n'
        for visits in range(3)
        for tier in ("web", "trade")
    ]
    texts.append("segment few\n  where visits <= 1\n")
    cache = Cache()
    all_pairs(tiny.bound("\n".join(texts)), cache=cache)
    texts[1] = 'segment other\n  where visits = 0 and tier = "web" and vip\n'
    rules = tiny.bound("\n".join(texts))
    cold, warm = all_pairs(rules), all_pairs(rules, cache=cache)
    assert _said(cold) == _said(warm)
    assert 0 < warm.asked < cold.asked


def _broken(path: Path) -> Iterator[str]:
    text = path.read_text()
    held = json.loads(text)
    yield ""
    yield "[]"
    yield "null"
    yield "{}"
    yield text[: len(text) // 2]
    yield text.replace(":", ";")
    for name in held:
        yield json.dumps({**held, name: None})
        yield json.dumps({key: value for key, value in held.items() if key != name})
    turned = [row.translate(str.maketrans("ds", "sd")) for row in held["rows"]]
    yield json.dumps({**held, "rows": turned})
    yield json.dumps({**held, "rows": held["rows"][:2]})


def test_a_broken_cache_is_as_none(tmp_path: Path) -> None:
    rules, path = _rules(14, 4 if LONG else 3), tmp_path / "pairs.json"
    expected = _said(all_pairs(rules, cache=Cache(path)))
    for text in list(_broken(path)):
        path.write_text(text)
        assert _said(all_pairs(rules, cache=Cache(path))) == expected, text


def test_a_cache_of_other_rules_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    all_pairs(_rules(15), cache=Cache(path))
    rules = _rules(16)
    assert _said(all_pairs(rules, cache=Cache(path))) == _said(all_pairs(rules))


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "pairs.json")
    rules = _rules(17, 4)
    assert _said(all_pairs(rules, cache=cache)) == _said(all_pairs(rules))


@pytest.mark.skipif(os.name == "nt", reason="pipes have no place among files there")
def test_what_is_no_file_is_passed_over_and_leaves_nothing_behind(tmp_path: Path) -> None:
    rules = _rules(6, 4)
    expected = _said(all_pairs(rules))
    for make in (os.mkfifo, os.mkdir):
        path = tmp_path / make.__name__ / "pairs.json"
        path.parent.mkdir()
        make(path)
        assert _said(all_pairs(rules, cache=Cache(path))) == expected
        assert sorted(item.name for item in path.parent.iterdir()) == [".gitignore", "pairs.json"]


@pytest.mark.skipif(os.name == "nt", reason="devices have no place among files there")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    path.symlink_to("/dev/zero")
    rules = _rules(6, 4)
    assert _said(all_pairs(rules, cache=Cache(path))) == _said(all_pairs(rules))


# --- the same every time

PRINTING = """
import json
from tests.fuzz import LONG
from tests.proofs import tiny
from segrules.proofs.pairs.all_pairs import all_pairs
from segrules.proofs.pairs.pair import PairVerdict
rules = tiny.bound(tiny.segments(18, 7 if LONG else 5))
pairs = all_pairs(rules)
said = [repr(pairs.shown(pair.a, pair.b)) for pair in pairs]
print(json.dumps([said, pairs.asked]))
"""


def test_processes_say_the_same() -> None:
    said = set()
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run([sys.executable, "-c", PRINTING], capture_output=True, env=environment, check=True)
        said.add(run.stdout)
    assert len(said) == 1
    assert json.loads(said.pop())[1] > 0
