"""Outcomes as a page: tables with short paragraphs around them, one sentence on a line."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from benchmarks.data import AS_OF, SEED
from benchmarks.machine import machine
from benchmarks.measure import Timing
from benchmarks.workload import OURS, Outcome, Table

TEMPLATE = Path(__file__).with_name("page.md")
SMALL = "**These are the small sizes of `--quick`: they show that everything works, not how fast it is.**\n\n"


def page(outcomes: Sequence[Outcome], command: str, day: date, *, quick: bool, busy: float | None) -> str:
    """The whole page: the text of `page.md` with the tables in their places."""
    text = TEMPLATE.read_text(encoding="utf-8").format(
        command=command,
        seed=SEED,
        short=(SMALL if quick else "") + "".join(_short(outcomes)),
        workloads="".join(line for outcome in outcomes for line in _workload(outcome)),
        loading="".join(_loading(outcomes)),
        where="".join(_where(day, busy)),
    )
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _workload(outcome: Outcome) -> Iterator[str]:
    yield f"## {outcome.title}\n\n{outcome.told}\n\n"
    for table in outcome.tables:
        yield from _table(table)


def _short(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The one table for those who read no further: the best rival beside segrules."""
    rows = []
    for outcome in outcomes:
        for table in outcome.tables:
            us, rival = _us(table), _best_rival(table)
            if us is None or rival is None or any(timing.rows for timing in table.timings):
                continue
            ratio, cpu = rival.median / us.median, rival.median_cpu / us.median_cpu
            rows.append(
                f"| {outcome.title}: {table.heading} | {_ms(us.median)} | {rival.name}, {_ms(rival.median)} "
                f"| {_times(ratio)} | {_times(cpu)} |\n"
            )
    if rows:
        yield "## In short\n\n"
        yield "| work | segrules, ms | fastest rival, ms | segrules is faster by | and uses less CPU by |\n"
        yield "|---|---:|---:|---:|---:|\n"
        yield from rows
        yield "\nA figure below 1 means that the rival was faster.\n\n"


def _us(table: Table) -> Timing | None:
    return next((timing for timing in table.timings if timing.name == OURS and timing.seconds), None)


def _best_rival(table: Table) -> Timing | None:
    """The fastest by the clock of those who have the same semantics."""
    rivals = [
        timing
        for timing in table.timings
        if timing.seconds
        and timing.name not in ("reference interpreter", "pandas eval")
        and not timing.name.startswith(OURS)
        and not timing.name.startswith("floor")
    ]
    return min(rivals, key=lambda timing: timing.median, default=None)


def _table(table: Table) -> Iterator[str]:
    us = _us(table)
    per_row = any(timing.rows for timing in table.timings)
    beside = "ns per event" if per_row else "beside segrules" if us else ""
    columns = ("", "ms", "fastest to slowest", beside, "CPU, s", "memory, MB", "runs")
    measured = any(timing.memory is not None for timing in table.timings)
    kept = [0, 1, 2, *([3] if beside else []), 4, *([5] if measured else []), 6]
    yield f"**{table.heading}**\n\n"
    yield _line(columns[index] for index in kept)
    yield "|---|" + "---:|" * (len(kept) - 1) + "\n"
    for timing in table.timings:
        cells = _cells(timing, us)
        yield _line(cells[index] for index in kept)
    yield f"\n{table.remark}\n\n" if table.remark else "\n"


def _cells(timing: Timing, us: Timing | None) -> list[str]:
    if timing.failure:
        return [timing.name, f"failed: {timing.failure.replace('|', '/')}", "", "", "", "", ""]
    beside = ""
    if timing.rows:
        beside = f"{timing.median / timing.rows * 1e9:,.0f}"
    elif us is not None:
        beside = _times(timing.median / us.median)
    return [
        timing.name,
        _ms(timing.median),
        f"{_ms(min(timing.seconds))} to {_ms(max(timing.seconds))}",
        beside,
        f"{timing.median_cpu:,.2f}",
        "" if timing.memory is None else f"{timing.memory / 1e6:,.0f}",
        str(len(timing.seconds)),
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _loading(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Reading and checking the rules, once for each project."""
    rows = [
        f"| {outcome.title}: {label} | {_ms(seconds)} |\n"
        for outcome in outcomes
        for label, seconds in outcome.load_seconds.items()
    ]
    if rows:
        yield "## Reading the rules\n\n"
        yield "`segrules.load` reads and checks catalogue and rules.\n"
        yield "Every workload begins in a new process, so its first figure includes loading the package.\n\n"
        yield "| project | ms |\n|---|---:|\n"
        yield from rows
        yield "\n"


def _where(day: date, busy: float | None) -> Iterator[str]:
    yield f"Measured on {day.isoformat()}; rules were evaluated as of {AS_OF.isoformat()}.\n\n"
    yield "| | |\n|---|---|\n"
    for what, which in machine():
        yield f"| {what} | {which} |\n"
    if busy is not None:
        yield f"| load before the start | {busy:.1f} |\n"


def _ms(seconds: float) -> str:
    """Milliseconds with as many digits as they are worth."""
    value = seconds * 1000
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _times(ratio: float) -> str:
    if ratio >= 10:
        return f"{ratio:,.0f}x"
    return f"{ratio:.1f}x" if ratio >= 1 else f"{ratio:.2f}x"
