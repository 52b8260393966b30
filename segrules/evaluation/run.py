"""Typed rules and data into members, findings and an output folder."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from segrules.diagnostics.errors import BadRules, StrictRefusal
from segrules.diagnostics.finding import Finding, Severity, in_order
from segrules.evaluation.as_of import resolve_as_of
from segrules.evaluation.engines import ENGINES, Evaluated, Job, Progress
from segrules.evaluation.folder import MANIFEST, check_target
from segrules.evaluation.held import check_held
from segrules.evaluation.needed import cut_down, reach
from segrules.evaluation.openlineage import Ran, check_lineage, now, write_lineage
from segrules.evaluation.report import Inputs
from segrules.evaluation.request import Request
from segrules.evaluation.result import Result
from segrules.evaluation.select import select, select_partitions
from segrules.evaluation.sizes import result_findings
from segrules.evaluation.tables import check_wide
from segrules.evaluation.write import Output, write_output
from segrules.ir.rules import Rules
from segrules.lowering.lower import Lowered, lower

Weigh = Callable[[Iterable[Finding]], tuple[Finding, ...]]
"""Gives findings the severities that the project asks for."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All about a run that does not depend on data: the rules cut down to what is reached, and their program."""

    rules: Rules
    partitions: tuple[str, ...]
    lowered: Lowered


Prepare = Callable[[tuple[str, ...], bool, bool], Prepared]
"""Prepares a run of some segments, with drafts of partitions or without, three-valued or not; it may remember them."""


def prepare(rules: Rules, segments: tuple[str, ...], drafts: bool, three_valued: bool) -> Prepared:
    """Make everything ready that can be before data are read."""
    partitions = select_partitions(rules, drafts=drafts)
    reached = reach(rules, segments, partitions)
    needed = cut_down(rules, reached)
    return Prepared(needed, partitions, lower(needed, segments, three_valued=three_valued))


def run(
    rules: Rules,
    inputs: Inputs,
    request: Request,
    *,
    base: Path,
    known: tuple[Finding, ...] = (),
    weigh: Weigh = tuple,
    progress: Progress | None = None,
    prepared: Prepare | None = None,
    unlocked: tuple[Finding, ...] = (),
) -> Result:
    """Evaluate the rules over the data that the catalogue names (relative to `base`), and write what comes out.

    `known` are findings of the rules themselves, which the result repeats; `unlocked` are those about the cut points of
    frozen bands.

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
    check_held(rules.catalogue, request.given)
    if request.wide:
        check_wide(segments)
    if request.out is not None:
        check_target(request.out, overwrite=request.overwrite, keep=request.keep)
    if request.lineage is not None:
        check_lineage(request.lineage, request.out)
    started = now()
    ready = (prepared or partial(prepare, rules))(segments, request.drafts, request.three_valued)
    open_ranks = unfrozen(ready.rules)
    if open_ranks:
        message = f"nothing was run: the cut points of {', '.join(open_ranks)} are not frozen as the rules ask for"
        raise BadRules(message, unlocked, help="find them with `segrules fit`")
    job = Job(
        ready.rules,
        as_of.instant,
        segments,
        base,
        request.data,
        request.given,
        ready.lowered,
        tell,
        request.three_valued,
    )
    evaluated = _without(ENGINES[request.engine](job), ready.partitions)
    found = weigh((*as_of.notes, *evaluated.findings, *result_findings(rules, evaluated.found)))
    findings = in_order((*known, *found))
    result = Result(findings, _rules=rules, _found=evaluated.found)
    if request.strict and too_heavy(findings, request.fail_on):
        raise StrictRefusal("nothing was written, since the run is strict", findings, result.summary())
    if request.out is None:
        return result
    files = write_output(Output(rules, inputs, as_of, segments, evaluated, result.summary()), request, tell)
    if request.lineage is not None:
        parts = (segments, ready.partitions, as_of.instant, base, inputs.root, request.data, request.out)
        manifest = (request.out / MANIFEST).read_bytes()
        write_lineage(request.lineage, Ran(rules, *parts, manifest, inputs.segrules, started, now()))
    return replace(result, out=request.out, files=files)


def unfrozen(rules: Rules) -> list[str]:
    """The ranks whose bands are to be frozen and are not."""
    ranks = ((score.name, rank) for score in rules.scores.values() for rank in score.ranks.values())
    return [f"`{name}.{rank.name}`" for name, rank in ranks if rank.bands.frozen and rank.bands.cuts is None]


def _without(evaluated: Evaluated, partitions: tuple[str, ...]) -> Evaluated:
    """Leave out the partitions that were evaluated only for who reads them: drafts."""
    entries = {name: evaluated.found.entries[name] for name in partitions}
    return replace(evaluated, found=replace(evaluated.found, entries=entries))


def too_heavy(findings: Iterable[Finding], fail_on: Severity) -> bool:
    """Whether a finding is an error, or with `fail_on` warning a warning."""
    heavy = {Severity.ERROR} if fail_on is Severity.ERROR else {Severity.ERROR, Severity.WARNING}
    return any(item.severity in heavy for item in findings)


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
