"""`python -m benchmarks`: measures segrules beside other engines and writes `docs/benchmarks.md`.

    python -m benchmarks                     everything, about ten minutes; writes docs/benchmarks.md
    python -m benchmarks --quick             small sizes, about a minute; prints the page
    python -m benchmarks --only events       one workload; prints the page

Each workload runs in a process of its own, and all engines of a workload in that one process by turns.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.apart import WORKLOADS, apart
from benchmarks.machine import load
from benchmarks.report import page
from benchmarks.workload import Outcome, say

ROOT = Path(__file__).parents[1]
QUIET = 0.5
"""A load up to this counts as an idle machine."""
PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 where members differ or something failed."""
    chosen = _parser().parse_args(arguments)
    names = chosen.only or list(WORKLOADS)
    rounds = chosen.rounds or (3 if chosen.quick else 7)
    busy = load()
    if busy is not None and busy > QUIET:
        say(f"note: the machine is busy (load {busy:.1f}); the figures will suffer, and the page says so")
    began = time.monotonic()
    outcomes, problems = [], []
    for name in names:
        say(f"== {name}")
        made = apart(name, quick=chosen.quick, us=not chosen.without_us, rounds=rounds)
        if isinstance(made, Outcome):
            outcomes.append(made)
            problems += _failures(made)
        else:
            problems.append(f"{name}: {made}")
    say(f"took {time.monotonic() - began:,.0f} seconds")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    if outcomes:
        command = " ".join(["python -m benchmarks", *(["--quick"] if chosen.quick else [])])
        text = page(outcomes, command, datetime.now(UTC).date(), quick=chosen.quick, busy=busy)
        _deliver(text, chosen.report, whole=not (chosen.only or chosen.quick or chosen.without_us or problems))
    return 1 if problems else 0


def _failures(outcome: Outcome) -> list[str]:
    return [
        f"{outcome.name}: {timing.name}: {timing.failure}"
        for table in outcome.tables
        for timing in table.timings
        if timing.failure
    ]


def _deliver(text: str, report: Path | None, *, whole: bool) -> None:
    """To the page of the documentation only what is whole, at full size and without an error."""
    if report is None and not whole:
        print(text, end="")
        return
    target = report or PAGE
    target.write_text(text, encoding="utf-8", newline="\n")
    say(f"written: {target}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure segrules beside other engines.")
    parser.add_argument("--quick", action="store_true", help="small sizes, about a minute; prints the page")
    parser.add_argument("--only", action="append", choices=list(WORKLOADS), help="this workload; can be given again")
    parser.add_argument("--without-us", action="store_true", help="rivals alone, where segrules cannot take part")
    parser.add_argument("--rounds", type=int, help="timed rounds (7, quick 3); long workloads take fewer")
    parser.add_argument("--report", type=Path, help="write the page to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
