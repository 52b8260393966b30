"""Typed rules and data into members, findings and an output folder."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from segrules.diagnostics.errors import BadData, BadRules, StrictRefusal
from segrules.diagnostics.finding import Finding, Severity, has_errors, in_order
from segrules.evaluation.as_of import AsOf, resolve_as_of
from segrules.evaluation.folder import check_target
from segrules.evaluation.needed import cut_down, reach
from segrules.evaluation.report import Inputs, summary_json
from segrules.evaluation.request import Request
from segrules.evaluation.select import select, select_partitions
from segrules.evaluation.sizes import result_findings
from segrules.evaluation.tables import check_wide
from segrules.evaluation.unevaluated import unevaluated
from segrules.evaluation.write import Output, write_output
from segrules.ir.rules import Rules
from segrules.reference.evaluate import evaluate
from segrules.reference.outcome import Outcome
from segrules.reference.problems import DataProblem
from segrules.sources.loaded import Loaded
from segrules.sources.read import read_tables
from segrules.types.cells import Key

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many steps of it are done, and how many there are."""

Weigh = Callable[[Iterable[Finding]], tuple[Finding, ...]]
"""Gives findings the severities that the project asks for."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found: the instant, sizes as in `summary.json`, findings, and where the files went (or None)."""

    as_of: datetime
    summary: Mapping[str, Any]
    findings: tuple[Finding, ...]
    outcome: Outcome
    out: Path | None
    files: tuple[str, ...]

    def members(self, segment: str) -> tuple[Key, ...]:
        """The keys of the members of a segment that was run, sorted; KeyError for any other."""
        flags = self.outcome.members[segment]
        return tuple(key for key, member in zip(self.outcome.keys, flags, strict=True) if member)


def run(
    rules: Rules,
    inputs: Inputs,
    request: Request,
    *,
    base: Path,
    known: tuple[Finding, ...] = (),
    weigh: Weigh = tuple,
    progress: Progress | None = None,
) -> RunResult:
    """Evaluate the rules over the data that the catalogue names (relative to `base`), and write what comes out.

    `known` are findings of the rules themselves, which the result repeats.

    Raises:
        BadInput: the instant, a segment, a table or the output folder is wrong; nothing was read yet.
        BadRules: a construct that the run needs is not evaluated by this version.
        BadData: the data cannot be read or do not fit the catalogue.
        StrictRefusal: the run is strict and a finding weighs too much; nothing was written.
        OutputProblem: the files could not be written; nothing is left of them.
    """
    tell = progress or _silent
    as_of = resolve_as_of(request.as_of, rules.catalogue.zone)
    segments = select(rules, request.segments, drafts=request.drafts)
    if request.wide:
        check_wide(segments)
    if request.out is not None:
        check_target(request.out, overwrite=request.overwrite, keep=request.keep)
    partitions = select_partitions(rules, drafts=request.drafts)
    reached = reach(rules, segments, partitions)
    missing = unevaluated(rules, segments, reached)
    if missing:
        raise BadRules("nothing was run: the rules need what this version does not evaluate", missing)
    tell("reading data", 0, 1)
    loaded = _load(rules, as_of, request, base)
    tell("reading data", 1, 1)
    outcome = _evaluate(cut_down(rules, reached), loaded, as_of, segments, progress)
    # A draft that others read is evaluated for them, and not written.
    outcome = replace(outcome, partitions={name: outcome.partitions[name] for name in partitions})
    found = weigh((*as_of.notes, *loaded.findings, *result_findings(rules, outcome)))
    findings = in_order((*known, *found))
    summary = summary_json(rules, outcome)
    if request.strict and too_heavy(findings, request.fail_on):
        raise StrictRefusal("nothing was written, since the run is strict", findings, summary)
    files: tuple[str, ...] = ()
    if request.out is not None:
        tell("writing", 0, 1)
        files = write_output(Output(rules, inputs, as_of, segments, loaded, outcome, summary), request)
        tell("writing", 1, 1)
    return RunResult(outcome.as_of, summary, findings, outcome, request.out, files)


def too_heavy(findings: Iterable[Finding], fail_on: Severity) -> bool:
    """Whether a finding is an error, or with `fail_on` warning a warning."""
    heavy = {Severity.ERROR} if fail_on is Severity.ERROR else {Severity.ERROR, Severity.WARNING}
    return any(item.severity in heavy for item in findings)


def _load(rules: Rules, as_of: AsOf, request: Request, base: Path) -> Loaded:
    loaded = read_tables(rules.catalogue, base, as_of.instant, request.data)
    if has_errors(loaded.findings):
        raise BadData("nothing was run: the data cannot be read or do not fit the catalogue", loaded.findings)
    return loaded


def _evaluate(
    rules: Rules, loaded: Loaded, as_of: AsOf, segments: tuple[str, ...], progress: Progress | None
) -> Outcome:
    try:
        return evaluate(rules, loaded.tables, as_of.instant, segments, progress)
    except DataProblem as problem:
        raise BadData(
            "nothing was run: the data do not fit the catalogue", (*loaded.findings, *problem.findings)
        ) from None


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
