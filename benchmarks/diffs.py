"""Two versions of a company's rule set compared: a few segments of many say something else."""

import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import segrules
from benchmarks.measure import Contender, race
from benchmarks.segments_made import write
from benchmarks.workload import Outcome, Settings, Table, say

CHANGED = 5
_COMMAND = "from segrules.cli.main import main; main()"


def diffs(settings: Settings) -> Outcome:
    """500 segments of which five changed: from Python, and as a command with its start."""
    outcome = Outcome(
        "diffs",
        "Diff: what a change to a rule set means",
        "Rule sets as a company grows them, of which five segments say something else.\n"
        "Each change is proved, or shown by a customer whom the interpreter confirms in both versions.",
    )
    for count, changed in ((settings.rows(500, 60), CHANGED), (settings.rows(500, 60), 0)):
        before, after = (write(settings.scratch / f"{count} {number}", count, number) for number in (0, changed))
        heading = f"{count:,} segments, {changed} changed"
        say(heading)
        work = [
            Contender("segrules.diff", partial(_diff, before, after)),
            Contender("segrules diff, with its start", partial(_run, before, after)),
        ]
        timings = race(work, min(settings.rounds, 5), say)
        kinds = Counter(item.kind.value for item in segrules.diff(before, after).segments)
        found = ", ".join(f"{number:,} {kind}" for kind, number in sorted(kinds.items()))
        outcome.tables.append(Table(heading, timings, f"Found: {found}."))
    return outcome


def _diff(before: Path, after: Path) -> None:
    segrules.diff(before, after).text()


def _run(before: Path, after: Path) -> None:
    subprocess.run([sys.executable, "-c", _COMMAND, "diff", before, after], stdout=subprocess.DEVNULL, check=True)
