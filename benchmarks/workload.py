"""What a workload is given and what it gives back."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl
import pyarrow as pa

from benchmarks import render_polars
from benchmarks.conditions import EventRule, Rule
from benchmarks.data import AS_OF
from benchmarks.measure import Contender, Counts, Timing
from benchmarks.render_seg import project

OURS = "segrules"


@dataclass(frozen=True, slots=True)
class Settings:
    """How large, and who takes part."""

    quick: bool
    us: bool
    scratch: Path
    rounds: int

    def rows(self, full: int, quick: int) -> int:
        """A size."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report: its heading, the timings, and a sentence where one is due."""

    heading: str
    timings: Sequence[Timing]
    remark: str = ""


@dataclass(slots=True)
class Outcome:
    """What a workload has to tell; `per_row` names what its figures are divided by where growth is the question."""

    name: str
    title: str
    told: str
    tables: list[Table] = field(default_factory=list)
    load_seconds: dict[str, float] = field(default_factory=dict)


Workload: TypeAlias = Callable[[Settings], Outcome]


def say(text: str) -> None:
    """Progress, beside the results."""
    print(text, file=sys.stderr, flush=True)


def ours(
    settings: Settings,
    outcome: Outcome,
    label: str,
    rules: Sequence[Rule | EventRule],
    tables: Mapping[str, object],
    *,
    name: str = OURS,
    masks: bool = False,
    anew: bool = False,
    customers_path: str = "customers.parquet",
) -> list[Contender]:
    """Our engine with the same rules out of a project that is written for it; nobody with `--without-us`.

    Tables in memory are held for all rounds, which is our way of preparing them; with `anew` they also take part as
    they are, once more. `masks` also asks for every boolean column, as a caller does who goes on with them, and hands
    over a new table each time, so that nothing is known of it.
    """
    folder = project(settings.scratch / f"{outcome.name} {label}".replace(" ", "_"), rules, customers_path)
    loaded = _load(folder, outcome, label)
    if not settings.us:
        return []
    names = [rule.name for rule in rules]

    def counts(given: Mapping[str, object]) -> Counts:
        segments = loaded.evaluate(given, as_of=AS_OF.isoformat()).summary()["segments"]
        return {name: int(segments[name]["members"]) for name in names}

    def columns() -> Counts:
        result = loaded.evaluate({name: _unseen(table) for name, table in tables.items()}, as_of=AS_OF.isoformat())
        return {name: int(result[name].true_count) for name in names}

    if masks:
        return [Contender(name, columns)]
    in_files = any(isinstance(table, str) for table in tables.values())
    held = tables if in_files else loaded.hold(tables)
    again = [Contender(f"{name}, tables given anew", lambda: counts(tables))] if anew else []
    return [Contender(name, lambda: counts(held)), *again]


def polars(plan: pl.LazyFrame, streaming: pl.LazyFrame | None = None) -> list[Contender]:
    """Polars with its two engines; the second may want a plan of its own."""
    other = plan if streaming is None else streaming
    return [
        Contender("Polars", lambda: render_polars.counts(plan)),
        Contender("Polars streaming", lambda: render_polars.counts(other, "streaming")),
    ]


def _unseen(table: object) -> object:
    """The same columns in a table that is another object."""
    return pa.table(table.columns, names=table.column_names) if isinstance(table, pa.Table) else table


def _load(folder: Path, outcome: Outcome, label: str) -> Any:
    """The project, once it is known to have no errors; how long that took is kept."""
    import segrules

    start = time.perf_counter()
    loaded = segrules.load(folder)
    outcome.load_seconds[label] = time.perf_counter() - start
    findings = loaded.check()
    if findings:
        raise RuntimeError(f"the made-up rules have findings: {findings[0]}")
    return loaded
