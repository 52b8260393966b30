"""The reference interpreter, which defines what rules mean: its times are here so that a great slowdown is seen."""

import statistics
import time
from collections.abc import Callable
from functools import partial

from benchmarks import reference
from benchmarks.measure import Timing
from benchmarks.workload import Outcome, Settings, Table, say
from segrules.reference.evaluate import evaluate


def interpreter(settings: Settings) -> Outcome:
    """The segments of `reference.py`, each alone."""
    people = settings.rows(2000, 500)
    outcome = Outcome(
        "interpreter",
        "The reference interpreter",
        "Its times are here so that a change which makes it ten times slower is seen; each segment is evaluated alone.",
    )
    heading = f"{people:,} customers, {people * reference.PURCHASES_EACH:,} purchases"
    say(heading)
    data, rules = reference.tables(people), reference.read_rules()
    timings = [_timed("read the rules", reference.read_rules)]
    timings += [_timed(name, partial(evaluate, rules, data, reference.AS_OF, [name])) for name in rules.segments]
    outcome.tables.append(Table(heading, timings))
    return outcome


def _timed(name: str, work: Callable[[], object]) -> Timing:
    timing = Timing(name)
    for _ in range(3):
        start, start_cpu = time.perf_counter(), time.process_time()
        work()
        timing.seconds.append(time.perf_counter() - start)
        timing.cpu.append(time.process_time() - start_cpu)
    say(f"  {name}: {statistics.median(timing.seconds) * 1000:,.1f} ms")
    return timing
