"""Rules and data into cut points of ranks: what `fit` finds, before anything is written."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.finding import Finding
from segrules.evaluation.as_of import resolve_as_of
from segrules.evaluation.engines import ENGINES, Job
from segrules.evaluation.needed import cut_down, reach
from segrules.evaluation.sizes import result_findings
from segrules.ir import nodes as ir
from segrules.ir.build import disjunction
from segrules.ir.rules import Cut, CutMethod, Header, Rules, Segment
from segrules.lowering.lower import lower
from segrules.reference.outcome import RankReport
from segrules.types.types import IntegerType, TextType

Progress = Callable[[str, int, int], None]
Ranks = Sequence[tuple[str, str]]
"""Scores and ranks of theirs."""


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What is asked of `fit`: cut points of `ranks` at an instant, over tables as a run reads them."""

    as_of: str | date | datetime
    ranks: Ranks
    method: CutMethod
    data: Mapping[str, str]
    given: Mapping[str, Any]
    engine: str


@dataclass(frozen=True, slots=True)
class Fitted:
    """Cut points by score and rank, how many customers each is made of, the instant, and findings about the data."""

    as_of: datetime
    cuts: Mapping[tuple[str, str], tuple[Cut, ...]]
    customers: Mapping[tuple[str, str], int]
    findings: tuple[Finding, ...]


def find_cuts(rules: Rules, request: FitRequest, base: Path, progress: Progress) -> Fitted:
    """Cut the ranks over the data.

    Raises:
        BadInput: the instant is wrong, a method does not suit a rank, or a rank has no value to be cut.
        BadRules: a construct that is needed is not evaluated by this version.
        BadData: the data cannot be read or do not fit the catalogue.
    """
    as_of = resolve_as_of(request.as_of, rules.catalogue.zone)
    _check_method(rules, request)
    name = _free_name(rules)
    made = _with_segment(_with_method(rules, request), request.ranks, name)
    reached = reach(made, (name,), ())
    needed = cut_down(made, reached)
    lowered = lower(needed, (name,), three_valued=False)
    job = Job(needed, as_of.instant, (name,), base, request.data, request.given, lowered, progress)
    evaluated = ENGINES[request.engine](job)
    reports = {(score, rank): evaluated.found.ranks[score][rank] for score, rank in request.ranks}
    _check_found(reports)
    return Fitted(
        as_of.instant,
        {key: report.cuts for key, report in reports.items()},
        {key: report.scored for key, report in reports.items()},
        (*as_of.notes, *evaluated.findings, *result_findings(needed, replace(evaluated.found, members={}))),
    )


def _check_method(rules: Rules, request: FitRequest) -> None:
    for score, rank in request.ranks:
        of = rules.scores[score].ranks[rank].by.type
        if request.method is not CutMethod.RANK and isinstance(of, TextType):
            raise BadInput(
                f"`{score}.{rank}` ranks texts of a list, between which there are no quantiles",
                help="fit it with `--method rank`",
            )


def _check_found(reports: Mapping[tuple[str, str], RankReport]) -> None:
    empty = [f"`{score}.{rank}`" for (score, rank), report in reports.items() if not report.scored]
    if empty:
        raise BadInput(
            f"nobody has a value of {', '.join(empty)}, so that there is nothing to cut",
            help="look at `among`, at the data and at `--as-of`",
        )


def _free_name(rules: Rules) -> str:
    name = "fitted"
    while name in rules.segments:
        name += "_"
    return name


def _with_method(rules: Rules, request: FitRequest) -> Rules:
    """The rules with the ranks in question as fresh ones, which are cut by the method."""
    scores = dict(rules.scores)
    for score, rank in request.ranks:
        of = scores[score].ranks[rank]
        bands = replace(of.bands, frozen=False, cuts=None, fit=request.method)
        scores[score] = replace(scores[score], ranks={**scores[score].ranks, rank: replace(of, bands=bands)})
    return replace(rules, scores=scores)


def _with_segment(rules: Rules, ranks: Iterable[tuple[str, str]], name: str) -> Rules:
    """The rules with a segment that needs all of the ranks; nobody is contacted, so that no cap or list binds it."""
    tests = [ir.IsKnown(ir.Band(score, rank, IntegerType())) for score, rank in ranks]
    segment = Segment(name, None, Header(), disjunction(tests))
    catalogue = replace(rules.catalogue, caps={}, suppressions={})
    return replace(rules, catalogue=catalogue, segments={**rules.segments, name: segment})
