"""Counts of a finished evaluation against what the rules declare: size findings and notes on what was left out."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from segrules.backends.arrow.found import Found
from segrules.diagnostics.codes import EMPTY_SEGMENT, IGNORED_EVENTS, SIZE_OUTSIDE
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Relation
from segrules.ir.rules import Bound, Rules, Segment
from segrules.reference.outcome import Ignored, Reason


def result_findings(rules: Rules, found: Found) -> tuple[Finding, ...]:
    """Segments that are empty or outside their size, and what took no part: events, customers without a key."""
    return (*_sizes(rules, found), *(_ignored(item, rules.catalogue.relations) for item in found.ignored))


def _sizes(rules: Rules, found: Found) -> Iterator[Finding]:
    customers = found.customers
    for name, flags in found.members.items():
        segment = rules.segments[name]
        members = found.count(flags)
        yield from _outside(segment, members, customers)
        if not members:
            yield _empty(segment, found.count(found.qualifying[name]), customers)


def _outside(segment: Segment, members: int, customers: int) -> Iterator[Finding]:
    size = segment.size
    if size is None:
        return
    share = f" ({_percent(Fraction(members, customers))} of all)" if customers else ""
    found = f"segment `{segment.name}` has {_counted(members, 'member')}{share}"
    if size.least is not None and members < _customers(size.least, customers):
        yield finding(SIZE_OUTSIDE, f"{found}, at least {_bound(size.least)} were expected", size.span)
    if size.most is not None and members > _customers(size.most, customers):
        yield finding(SIZE_OUTSIDE, f"{found}, at most {_bound(size.most)} were expected", size.span)


def _empty(segment: Segment, qualifying: int, customers: int) -> Finding:
    if not customers:
        why = "there are no customers"
    elif qualifying:
        verb = "qualifies" if qualifying == 1 else "qualify"
        why = f"{_counted(qualifying, 'customer')} {verb}, none may be contacted"
    else:
        why = f"nobody of {_counted(customers, 'customer')} qualifies"
    return finding(
        EMPTY_SEGMENT,
        f"segment `{segment.name}` has no members: {why}",
        segment.span,
        help='if that is meant, set `"empty-segment" = "off"` under `[checks]` in `segrules.toml`',
    )


_WHY: Mapping[Reason, str] = {
    Reason.NOBODY: "without a customer",
    Reason.UNKNOWN_CUSTOMER: "of unknown customers",
    Reason.NOT_YET: "at or after `as_of`",
}


def _ignored(item: Ignored, relations: Mapping[str, Relation]) -> Finding:
    if item.reason is Reason.NO_KEY:
        column = next(relation.column for relation in relations.values() if relation.members == item.event)
        stand = "stands" if item.count == 1 else "stand"
        message = f"{_counted(item.count, 'customer')} without `{column}` {stand} in no `{item.event}`"
        return finding(IGNORED_EVENTS, message, examples=item.examples)
    rows = _counted(item.count, "row")
    return finding(IGNORED_EVENTS, f"{rows} of `{item.event}` {_WHY[item.reason]} took no part", examples=item.examples)


def _customers(bound: Bound, customers: int) -> Fraction:
    """The bound as an exact number of customers; a share counts all customers."""
    return Fraction(bound.number) if bound.number is not None else (bound.share or Fraction(0)) * customers


def _bound(bound: Bound) -> str:
    return str(bound.number) if bound.number is not None else _percent(bound.share or Fraction(0))


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.4g}%"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
