"""Header clauses, consent, size and the like: syntax into the typed parts of a segment."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir import rules as ir
from segrules.semantics.expressions import Binder
from segrules.semantics.windows import WindowBinder
from segrules.syntax import nodes
from segrules.types.types import TimestampType

_ONCE = {
    nodes.WhereClause: "where",
    nodes.PriorityClause: "priority",
    nodes.SizeClause: "size",
    nodes.HoldoutClause: "holdout",
    nodes.ReviewClause: "review",
}


def check_once(clauses: Sequence[nodes.Clause]) -> list[Finding]:
    """Findings for clauses that may stand once and stand again."""
    first: dict[str, nodes.Clause] = {}
    findings = []
    for clause in clauses:
        if isinstance(clause, nodes.TextClause | nodes.NamesClause):
            keyword = clause.keyword
        elif type(clause) in _ONCE:
            keyword = _ONCE[type(clause)]
        else:
            continue
        before = first.setdefault(keyword, clause)
        if before is not clause:
            related = [Related(before.span, "the first one stands here")]
            message = f"a second `{keyword}` found"
            help_ = "leave one of them" + (", with several names behind it" if keyword in ("tags", "purpose") else "")
            findings.append(finding(codes.DUPLICATE_CLAUSE, message, clause.span, help=help_, related=related))
    return findings


def header(own: Sequence[nodes.Clause], defaults: Sequence[nodes.Clause], findings: list[Finding]) -> ir.Header:
    """Metadata; a segment's own owner, purpose, channel and so on replace the ruleset's."""
    texts: dict[str, str] = {}
    names: dict[str, tuple[nodes.Name, ...]] = {}
    priority: int | None = None
    for clause in (*defaults, *own):
        match clause:
            case nodes.TextClause(keyword, text):
                texts[keyword] = text.value
            case nodes.NamesClause(keyword, listed):
                names[keyword] = listed
            case nodes.PriorityClause(number):
                priority = int(number.value)
            case _:
                pass
    own_texts = {
        clause.text.value for clause in own if isinstance(clause, nodes.TextClause) and clause.keyword == "describe"
    }
    return ir.Header(
        description=next(iter(own_texts), None),
        owner=texts.get("owner"),
        purposes=_texts(names.get("purpose", ())),
        channels=_texts(names.get("channel", ())),
        tags=_texts(names.get("tags", ())),
        status=_status(names.get("status", ()), findings),
        priority=priority,
    )


def _texts(names: Iterable[nodes.Name]) -> tuple[str, ...]:
    return tuple(name.text for name in names)


def _status(names: Sequence[nodes.Name], findings: list[Finding]) -> ir.Status:
    for name in names:
        try:
            return ir.Status(name.text)
        except ValueError:
            known = [status.value for status in ir.Status]
            help_ = did_you_mean(name.text, known) or "a status is `draft`, `active` or `retired`"
            findings.append(finding(codes.UNKNOWN_NAME, f"`{name.text}` is not a status", name.span, help=help_))
    return ir.Status.ACTIVE


def consent(
    node: nodes.ConsentClauseText, binder: Binder, windows: WindowBinder, *, inherited: bool
) -> ir.ConsentClause:
    """A `consent` clause; unknown channels are reported."""
    groups = []
    for group in node.any_of:
        granted = []
        for item in group:
            binder.channel(item.channel)
            given = windows.event_window(item.given, TimestampType()) if item.given is not None else None
            granted.append(ir.Granted(item.channel.text, given, item.span))
        groups.append(tuple(granted))
    return ir.ConsentClause(tuple(groups), inherited, node.span)


def size(node: nodes.SizeClause, findings: list[Finding]) -> ir.Size:
    """Bounds of a size; each once, the least not above the most."""
    bounds: dict[str, ir.Bound] = {}
    for item in node.bounds:
        if item.extreme in bounds:
            message = f"a second `at {item.extreme}` found"
            findings.append(finding(codes.BAD_SIZE, message, item.span, help="leave one of them"))
        bounds[item.extreme] = _bound(item, findings)
    least, most = bounds.get("least"), bounds.get("most")
    if least and most and _above(least, most):
        message = "no size is at least and at most this"
        findings.append(finding(codes.BAD_SIZE, message, node.span, help="write the smaller bound behind `at least`"))
    return ir.Size(least, most, node.span)


def _bound(node: nodes.SizeBound, findings: list[Finding]) -> ir.Bound:
    value = Fraction(node.amount.value)
    if isinstance(node.amount, nodes.Percent):
        if value > 100:
            message = f"{node.amount.value}% is more than all customers"
            findings.append(finding(codes.BAD_SIZE, message, node.span, help="write a percentage up to 100%"))
        return ir.Bound(share=value / 100)
    if value.denominator != 1:
        message = f"{node.amount.value} is not a number of customers"
        findings.append(finding(codes.BAD_SIZE, message, node.span, help="write a whole number or a percentage"))
    return ir.Bound(number=int(value))


def _above(least: ir.Bound, most: ir.Bound) -> bool:
    if least.number is not None and most.number is not None:
        return least.number > most.number
    return least.share is not None and most.share is not None and least.share > most.share
