"""Whether rules ask for anything finer than days."""

from collections.abc import Iterable
from datetime import datetime

from segrules.ir import nodes as ir
from segrules.ir import windows as win
from segrules.ir.rules import ConsentClause, Requirement, Rules
from segrules.ir.walk import all_nodes


def asks_for_hours(rules: Rules) -> bool:
    """Whether any rule has a window in hours or minutes, or one that begins or ends at an instant."""
    if any(_by_hours(window) for window in _windows_of_consent(rules)):
        return True
    for node in all_nodes(rules):
        if isinstance(node, ir.Literal) and isinstance(node.value, datetime):
            return True
        window = getattr(node, "window", None)
        if window is not None and _by_hours(window):
            return True
    return False


def _windows_of_consent(rules: Rules) -> Iterable[win.Window]:
    clauses = [clause for segment in rules.segments.values() for clause in segment.consents]
    for policy in rules.policies.values():
        demands = [rule.demand for rule in policy.rules if isinstance(rule, Requirement)]
        clauses += [demand for demand in demands if isinstance(demand, ConsentClause)]
    for clause in clauses:
        yield from (item.given for group in clause.any_of for item in group if item.given is not None)


def _by_hours(window: win.Window) -> bool:
    match window:
        case win.Since(start=moment) | win.Before(end=moment):
            return isinstance(moment, datetime)
        case win.InLast(period) | win.MoreThanAgo(period) | win.InNext(period) | win.MoreThanAhead(period):
            return period.unit in win.SUB_DAY
        case win.BetweenAgo(near, far):
            return near.unit in win.SUB_DAY or far.unit in win.SUB_DAY
        case _:
            return False
