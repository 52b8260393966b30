"""Typed rules into the constructs that a run would need and that this version does not evaluate."""

from collections.abc import Iterable

from segrules.diagnostics.codes import NOT_YET_EVALUATED
from segrules.diagnostics.finding import Finding, Severity, finding
from segrules.evaluation.needed import Root, nodes_of
from segrules.ir.nodes import UnevaluatedCondition, UnevaluatedValue
from segrules.ir.rules import Rules


def unevaluated(rules: Rules, reached: Iterable[Root]) -> tuple[Finding, ...]:
    """An error for every construct in what a run has `reached` that no engine here evaluates."""
    findings = [
        _construct(node, root)
        for root in reached
        for node in nodes_of(rules, root)
        if isinstance(node, UnevaluatedValue | UnevaluatedCondition)
    ]
    return tuple(dict.fromkeys(findings))


def _construct(node: UnevaluatedValue | UnevaluatedCondition, root: Root) -> Finding:
    kind, name = root
    needing = f"a cap of segment `{name}`" if kind == "caps" else f"{kind} `{name}`"
    return finding(
        NOT_YET_EVALUATED,
        f"`{node.construct}` is not yet evaluated, and {needing} needs it",
        node.span,
        help="this version reads, checks and shows it; to run the others, mark what needs it as `status draft`",
        severity=Severity.ERROR,
    )
