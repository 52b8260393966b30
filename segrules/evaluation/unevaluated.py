"""Typed rules into the constructs that a run would need and that this version does not evaluate."""

from collections.abc import Iterable

from segrules.diagnostics.codes import NOT_YET_EVALUATED
from segrules.diagnostics.finding import Finding, Severity, finding
from segrules.evaluation.needed import Root, nodes_of
from segrules.ir.nodes import UnevaluatedCondition, UnevaluatedValue
from segrules.ir.rules import Rules, Segment


def unevaluated(rules: Rules, segments: Iterable[str], reached: Iterable[Root]) -> tuple[Finding, ...]:
    """An error for every construct in what a run has `reached` that no engine here evaluates.

    A holdout counts where its segment is one of `segments`, which are run, and not where it is read only.
    """
    findings = [_holdout(rules.segments[name]) for name in segments if rules.segments[name].holdout is not None]
    findings += [
        _construct(node, root)
        for root in reached
        for node in nodes_of(rules, root)
        if isinstance(node, UnevaluatedValue | UnevaluatedCondition)
    ]
    return tuple(dict.fromkeys(findings))


def _construct(node: UnevaluatedValue | UnevaluatedCondition, root: Root) -> Finding:
    kind, name = root
    return finding(
        NOT_YET_EVALUATED,
        f"`{node.construct}` is not yet evaluated, and {kind} `{name}` needs it",
        node.span,
        help="this version reads, checks and shows it; to run the others, mark what needs it as `status draft`",
        severity=Severity.ERROR,
    )


def _holdout(segment: Segment) -> Finding:
    assert segment.holdout is not None
    return finding(
        NOT_YET_EVALUATED,
        f"`holdout` is not yet evaluated, and segment `{segment.name}` has one",
        segment.holdout.span,
        help="without it everybody would be treated; to run the others, mark the segment as `status draft`",
        severity=Severity.ERROR,
    )
