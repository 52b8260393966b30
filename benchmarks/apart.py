"""Runs one workload in a process of its own, so that neither its memory nor its end reaches the next."""

import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from benchmarks import agreement, attributes, diffs, events, interpreter, parquet, proofs
from benchmarks.measure import CountsDiffer
from benchmarks.workload import Outcome, Settings, Workload

WORKLOADS: Mapping[str, Workload] = {
    "attributes": attributes.warm,
    "attributes-cold": attributes.cold,
    "attributes-large": attributes.large,
    "events": events.ten_million,
    "events-growth": events.growth,
    "parquet": parquet.streaming,
    "parquet-pruning": parquet.pruning,
    "attributes-pandas": attributes.small,
    "agreement": agreement.agreement,
    "interpreter": interpreter.interpreter,
    "proofs": proofs.proofs,
    "diffs": diffs.diffs,
}


def apart(name: str, *, quick: bool, us: bool, rounds: int) -> Outcome | str:
    """The workload's outcome, or what went wrong."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        try:
            return one.submit(run, name, quick, us, rounds).result()
        except BrokenProcessPool:
            return "its process ended early; it may have run out of memory"
        except CountsDiffer as difference:
            return f"the engines do not agree: {difference}"
        except Exception as problem:  # one workload's trouble is reported, the others go on
            return f"{type(problem).__name__}: {problem}"


def run(name: str, quick: bool, us: bool, rounds: int) -> Outcome:
    """The workload, here and now."""
    with tempfile.TemporaryDirectory(prefix="segrules-bench-") as scratch:
        return WORKLOADS[name](Settings(quick, us, Path(scratch), rounds))
