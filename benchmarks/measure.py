"""Runs contenders by turns in one process, and compares what they found.

Each gets a first run that is not timed but compared; then come rounds in which every contender runs once, another one
first each time, so that a noisy minute touches all of them. One that has used up its allowance sits out the rest.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

Counts = Mapping[str, int]


class CountsDiffer(Exception):
    """Two three-valued engines found different members."""


@dataclass(frozen=True, slots=True)
class Contender:
    """An engine with its work: `run` gives the members' counts by rule, or nothing for a floor."""

    name: str
    run: Callable[[], Counts | None]
    compared: bool = True
    allowance: float = 30.0


@dataclass(slots=True)
class Timing:
    """What one contender took, run by run."""

    name: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: int | None = None
    failure: str | None = None
    differing: int | None = None
    first_run_counts: bool = False
    rows: int | None = None

    @property
    def median(self) -> float:
        """Seconds by the clock."""
        return statistics.median(self.seconds)

    @property
    def median_cpu(self) -> float:
        """Seconds of processor time, all threads together."""
        return statistics.median(self.cpu)


def race(contenders: Sequence[Contender], rounds: int, say: Callable[[str], None]) -> list[Timing]:
    """The timings in the order of the contenders; raises where members differ."""
    timings = [Timing(contender.name) for contender in contenders]
    used = [0.0] * len(contenders)
    found: list[tuple[str, Counts]] = []
    for index, (contender, timing) in enumerate(zip(contenders, timings, strict=True)):
        say(f"  {contender.name}: first run")
        used[index], counts = _once(contender, timing)
        if timing.failure:
            say(f"  {contender.name} failed: {timing.failure}")
        if counts is not None and contender.compared:
            found.append((contender.name, counts))
            _compare(found[0], found[-1])
        elif counts is not None and found:
            timing.differing = sum(counts[name] != count for name, count in found[0][1].items())
        _settle(contender, timing, used[index])
    for number in range(rounds):
        turn = [(number + index) % len(contenders) for index in range(len(contenders))]
        for index in turn:
            contender, timing = contenders[index], timings[index]
            expected = used[index] / (1 + len(timing.seconds))
            if timing.failure or (timing.first_run_counts or used[index] + expected > contender.allowance):
                continue
            seconds, counts = _once(contender, timing)
            used[index] += seconds
            if counts is not None and contender.compared:
                _compare(found[0], (contender.name, counts))
    for timing in timings:
        if timing.seconds:
            say(f"  {timing.name}: {timing.median * 1000:,.1f} ms, {len(timing.seconds)} runs")
    return timings


def _settle(contender: Contender, timing: Timing, used: float) -> None:
    """The first run is dropped, unless another one would not fit into the allowance."""
    if timing.failure:
        return
    if 2 * used > contender.allowance:
        timing.first_run_counts = True
    else:
        timing.seconds.clear()
        timing.cpu.clear()


def _once(contender: Contender, timing: Timing) -> tuple[float, Counts | None]:
    gc.collect()
    pa.default_memory_pool().release_unused()
    before = _resident("VmRSS")
    _forget_peak()
    start, start_cpu = time.perf_counter(), time.process_time()
    try:
        counts = contender.run()
    except Exception as problem:  # an engine that fails is reported, the others go on
        timing.failure = f"{type(problem).__name__}: {str(problem).splitlines()[0] if str(problem) else ''}"
        return time.perf_counter() - start, None
    seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
    timing.seconds.append(seconds)
    timing.cpu.append(cpu)
    peak = _resident("VmHWM")
    if before is not None and peak is not None:
        timing.memory = max(timing.memory or 0, peak - before)
    return seconds, counts


def _compare(expected: tuple[str, Counts], actual: tuple[str, Counts]) -> None:
    """Raises for the first rule that two engines do not agree on, and says how many there are."""
    (one, counts), (other, others) = expected, actual
    if missing := counts.keys() ^ others.keys():
        raise CountsDiffer(f"{one} and {other} do not have the same rules: {sorted(missing)[0]}")
    wrong = [name for name in counts if counts[name] != others[name]]
    if wrong:
        name = wrong[0]
        raise CountsDiffer(
            f"rule {name}: {one} finds {counts[name]:,} members, {other} {others[name]:,} "
            f"({len(wrong)} of {len(counts)} rules differ)"
        )


def _resident(key: str) -> int | None:
    """Bytes of memory that are (VmRSS) or were at most (VmHWM) resident; None where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return None
    for line in status.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    return None


def _forget_peak() -> None:
    """Lets the high-water mark begin again at what is resident now (Linux only)."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
