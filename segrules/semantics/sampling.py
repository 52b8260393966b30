"""Samples and holdouts: syntax into typed shares and salts, and what is wrong with a salt."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.ir.catalogue import Column
from segrules.ir.nodes import Attribute, Condition, Expression, Fixed, InSample
from segrules.ir.rules import Holdout, Segment
from segrules.ir.walk import descendants
from segrules.syntax import nodes
from segrules.text.span import Span

_ALL = Decimal(100)
_FINEST = Decimal("0.01")
"""The smallest step of a percentage."""
_SHOWN = 20


def sample(node: nodes.InSampleExpr, key: Column, findings: list[Finding]) -> Condition:
    """`in sample 10% salt "x"`, tested on the customers' key; nothing where the share is wrong, which is reported."""
    share = _share(node.share, findings)
    if share <= 0:
        _bad_share("a sample of 0% holds nobody", node.share.span, "write a percentage above 0%", findings)
    elif share > 1:
        _bad_share(f"{_text(node.share)} is more than all customers", node.share.span, "write at most 100%", findings)
    salt = _salt(node.salt, "in sample", node.span, findings)
    if salt is None:
        return Fixed(False, node.span)
    return InSample(Attribute(key.name, key.type, node.span), share, salt, node.span)


def holdout(node: nodes.HoldoutClause, findings: list[Finding]) -> Holdout:
    """A holdout's share and salt."""
    share = _share(node.share, findings)
    if share <= 0:
        help_ = "leave the clause out, or write a percentage above 0%"
        _bad_share("a holdout of 0% holds out nobody", node.span, help_, findings)
    elif share >= 1:
        help_ = "write a percentage below 100%"
        _bad_share("a holdout of everybody leaves nobody to contact", node.span, help_, findings)
    return Holdout(share, _salt(node.salt, "holdout", node.span, findings) or "", node.span)


def in_catalogue(span: Span) -> Finding:
    """A sample of customers found where a row of a table is tested."""
    help_ = "a sample is taken in a rule; an expression of the catalogue reads the columns of its own table"
    return finding(codes.WRONG_KIND, "`in sample` found in an expression of the catalogue", span, help=help_)


def _bad_share(message: str, span: Span, help_: str, findings: list[Finding]) -> None:
    findings.append(finding(codes.BAD_SIZE, message, span, help=help_))


def _share(percent: nodes.Percent, findings: list[Finding]) -> Fraction:
    """A percentage as a share of one; any share above one for more than 100%."""
    # Compared as decimals first: a number of very many digits takes long to become a fraction.
    if percent.value > _ALL:
        return Fraction(2)
    share = percent.value.quantize(_FINEST)
    if share != percent.value:
        message = f"{_text(percent)} is finer than a hundredth of a percent"
        _bad_share(message, percent.span, "write two digits behind the point at most, such as `2.25%`", findings)
        share = max(share, _FINEST)
    return Fraction(share) / 100


def _text(percent: nodes.Percent) -> str:
    digits = f"{percent.value:f}"
    return f"{digits if len(digits) <= _SHOWN else digits[:_SHOWN] + '…'}%"


def _salt(text: nodes.Text | None, construct: str, span: Span, findings: list[Finding]) -> str | None:
    if text is not None and text.value:
        return text.value
    message = f"`{construct}` has no salt" if text is None else f"the salt of `{construct}` is empty"
    help_ = 'add a text of its own, such as `salt "spring-2027"`: it decides who is drawn, and a new one draws anew'
    findings.append(finding(codes.MISSING_SALT, message, span if text is None else text.span, help=help_))
    return None


# --- salts that stand twice -----------------------------------------------------------------------


def reused_salts(segments: Iterable[Segment], conditions: Iterable[Expression]) -> Iterator[Finding]:
    """Warnings for holdouts whose salt another holdout, or a sample among the `conditions`, has too.

    Samples may share a salt: that is how one splits customers into parts.
    """
    segments = [segment for segment in segments if segment.holdout is not None and segment.holdout.salt]
    if not segments:
        return
    sampled: dict[str, Span] = {}
    for condition in conditions:
        for node in descendants(condition):
            if isinstance(node, InSample):
                sampled.setdefault(node.salt, node.span)
    first: dict[str, Segment] = {}
    for segment in segments:
        held = segment.holdout
        assert held is not None
        before = first.setdefault(held.salt, segment)
        if before is not segment and before.holdout is not None:
            message = f"`{segment.name}` and `{before.name}` hold out the same customers: their holdouts have one salt"
            yield _reused(message, held.span, before.holdout.span, f"the holdout of `{before.name}` stands here")
        if held.salt in sampled:
            message = f"the holdout of `{segment.name}` has the salt of a sample, so that both draw the same customers"
            yield _reused(message, held.span, sampled[held.salt], "the sample stands here")


def _reused(message: str, span: Span, other: Span, what: str) -> Finding:
    help_ = (
        "give each holdout a salt of its own; for one control group across segments,"
        ' set `"reused-salt" = "off"` under `[checks]` in `segrules.toml`'
    )
    return finding(codes.REUSED_SALT, message, span, help=help_, related=[Related(other, what)])
