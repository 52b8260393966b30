"""Caps: conditions that a ruleset or the catalogue puts on whom the segments of a channel may contact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from segrules.diagnostics.codes import BAD_LIST_FILE, UNKNOWN_NAME
from segrules.diagnostics.finding import Finding, finding, has_errors
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Cap, Catalogue
from segrules.ir.membership import binds, channels_of
from segrules.ir.nodes import Condition
from segrules.ir.rules import Segment
from segrules.semantics.expressions import Binder, Bound
from segrules.semantics.symbols import collect
from segrules.syntax import nodes
from segrules.syntax.parse import parse_expression
from segrules.text.span import Span


def bind_caps(clauses: Iterable[nodes.Clause], binder: Binder) -> tuple[Cap, ...]:
    """The caps of one ruleset."""
    return tuple(
        Cap(None, tuple(name.text for name in clause.channels), binder.condition(clause.test), clause.span)
        for clause in clauses
        if isinstance(clause, nodes.CapClause)
    )


def capped(segments: Mapping[str, Segment], caps: Mapping[str, tuple[Cap, ...]]) -> dict[str, Segment]:
    """The segments with those caps of their files that bind them; `caps` has them by path."""
    bound = {}
    for name, segment in segments.items():
        channels = channels_of(segment)
        own = tuple(cap for cap in caps.get(segment.span.path, ()) if binds(cap, channels))
        bound[name] = replace(segment, caps=own) if own else segment
    return bound


def check_channels(
    clauses: Iterable[nodes.Clause], segments: Iterable[Segment], consents: Sequence[str], findings: list[Finding]
) -> None:
    """Report the channels of caps that neither the catalogue's consents nor any segment know: they bind nobody."""
    known = sorted({*consents, *(channel for segment in segments for channel in channels_of(segment))})
    for clause in clauses:
        if isinstance(clause, nodes.CapClause):
            for name in clause.channels:
                if name.text not in known:
                    help_ = did_you_mean(name.text, known) or "name a channel of the segments that the cap is to bind"
                    message = f"`{name.text}` is not a channel of the catalogue's consents or of any segment"
                    findings.append(finding(UNKNOWN_NAME, message, name.span, help=help_))


def bind_text(text: str, span: Span, catalogue: Catalogue) -> tuple[Condition | None, list[Finding]]:
    """The condition of a cap that stands at `span` in the catalogue: over customers and events, without names of rules.

    Gives None and findings, all at `span`, where it is wrong.
    """
    parsed, findings = parse_expression(text, span)
    if parsed is None:
        return None, findings
    names, _ = collect((), catalogue)
    bound = Binder(names, Bound(), _no_lists, findings).condition(parsed)
    placed = [finding(item.code, item.message, span, help=item.help, severity=item.severity) for item in findings]
    return (None if has_errors(placed) else _at(bound, span)), placed


def _at(part: Any, span: Span) -> Any:
    """A node, or what stands in one, with every place below it set to `span`."""
    if isinstance(part, tuple):
        return tuple(_at(item, span) for item in part)
    if isinstance(part, Span):
        return span
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return replace(part, **{item.name: _at(getattr(part, item.name), span) for item in fields(part)})


def _no_lists(path: str) -> Finding:
    message = f"the list file `{path}` found in a cap of the catalogue"
    return finding(BAD_LIST_FILE, message, help="use `in list` in a rule, or `in [..]` here")
