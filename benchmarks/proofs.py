"""All pairs of a company's segments: proofs in layers beside one call of the solver for each pair.

The calls are made for a sample of pairs, chosen by a seed, and scaled up. What the two say of the sample has to agree.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import segrules
from benchmarks.measure import Contender, CountsDiffer, Timing, race
from benchmarks.segments_chance import Chance
from benchmarks.segments_made import segments, write
from benchmarks.workload import OURS, Outcome, Settings, Table, say
from segrules.ir.rules import Rules
from segrules.proofs.pairs.all_pairs import Pairs, all_pairs, together
from segrules.proofs.pairs.cache import Cache
from segrules.proofs.pairs.pair import PairVerdict
from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer

CHANGED = 5
SAMPLE = 200

Pair = tuple[str, str]


def proofs(settings: Settings) -> Outcome:
    """All pairs of 500 segments and of 1,000, and five changed segments of 500."""
    outcome = Outcome(
        "proofs",
        "Proofs: which segments share a customer",
        "Rule sets as a company grows them: two to eight conditions a segment, two in five of them about events, with "
        "exclusions, consent, scores and references.\n"
        "Every pair is proved disjoint, shown to overlap by a customer whom the interpreter confirms, or undecided.",
    )
    for full, quick in ((500, 60), (1000, 120)):
        _size(settings, outcome, settings.rows(full, quick), changes=full == 500)
    return outcome


def _size(settings: Settings, outcome: Outcome, count: int, *, changes: bool) -> None:
    rules = _read(settings.scratch / f"{count}", outcome, count)
    heading = f"{count:,} segments, {count * (count - 1) // 2:,} pairs"
    say(heading)
    said: list[Pairs] = []
    timings = race([Contender(OURS, _keeping(said, lambda: all_pairs(rules)), allowance=120.0)], 1, say)
    sample, calls = _one_by_one(rules, said[-1], count)
    timings.append(calls)
    if changes:
        timings += _changed(settings, outcome, rules, count)
    outcome.tables.append(Table(heading, timings, _remark(said[-1], count, timings, sample)))


def _read(folder: Path, outcome: Outcome, count: int, changed: int = 0) -> Rules:
    start = time.perf_counter()
    loaded = segrules.load(write(folder, count, changed))
    if not changed:
        outcome.load_seconds[f"{count:,} segments"] = time.perf_counter() - start
    assert loaded.typed is not None
    return loaded.typed


def _keeping(said: list[Pairs], work: Callable[[], Pairs]) -> Callable[[], None]:
    def run() -> None:
        said.append(work())

    return run


def _one_by_one(rules: Rules, said: Pairs, count: int) -> tuple[int, Timing]:
    """One call of the solver a pair, without anything learned from other pairs; raises where the answers differ."""
    pairs = list(combinations(rules.segments, 2))
    chosen = Chance("sample", count).some(pairs, min(SAMPLE, len(pairs)))
    prover = Prover(rules)
    start, start_cpu = time.perf_counter(), time.process_time()
    answers = {pair: prover.refute(together(prover, *pair, small=False)).answer for pair in chosen}
    scale = len(pairs) / len(chosen)
    timing = Timing(
        f"one solver call a pair ({len(chosen)} pairs, scaled)",
        [(time.perf_counter() - start) * scale],
        [(time.process_time() - start_cpu) * scale],
    )
    for pair, answer in answers.items():
        ours = said.verdict(*pair)
        if PairVerdict.UNDECIDED is ours or answer is Answer.UNDECIDED:
            continue
        if (ours is PairVerdict.DISJOINT) is not (answer is Answer.PROVED):
            raise CountsDiffer(f"{pair[0]} and {pair[1]}: {ours} in layers, {answer} by the solver")
    return len(chosen), timing


def _changed(settings: Settings, outcome: Outcome, before: Rules, count: int) -> Sequence[Timing]:
    """A few segments say something else, and what was said of the others is remembered."""
    after = _read(settings.scratch / f"{count} changed", outcome, count, CHANGED)
    cache = Cache()
    all_pairs(before, cache=cache)
    timing = Timing(f"{OURS}, {CHANGED} segments changed")
    start, start_cpu = time.perf_counter(), time.process_time()
    all_pairs(after, cache=cache)
    timing.seconds.append(time.perf_counter() - start)
    timing.cpu.append(time.process_time() - start_cpu)
    return [timing]


def _remark(said: Pairs, count: int, timings: Sequence[Timing], sample: int) -> str:
    exact = {made.name for made in segments(count) if made.exact}
    undecided = Counter(said.undecided().values())
    within = sum(one in exact and other in exact for one, other in said.undecided())
    reasons = _counts({str(reason): number for reason, number in undecided.items()})
    return (
        f"A solver call a pair takes {timings[1].median / timings[0].median:,.0f} times as long.\n"
        f"Found: {_counts(said.counts())}.\n"
        f"The solver was asked {said.asked:,} times.\n"
        f"Undecided: {reasons or 'none'}; {within} of them between segments of the exact fragment.\n"
        f"Both say the same of the {sample} pairs of the sample."
    )


def _counts(counts: Mapping[str, int] | Mapping[PairVerdict, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))
