"""Too many segments, and sizes that are missing, too small or say nothing."""

from collections.abc import Iterator

from segrules.diagnostics.codes import MISSING_SIZE, POINTLESS_SIZE, TOO_MANY_SEGMENTS, TOO_SMALL
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.settings import Settings
from segrules.ir.rules import Bound, Rules, Segment, Size, Status


def too_many_segments(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """One finding where there are more active segments than the project allows."""
    most = settings.number(TOO_MANY_SEGMENTS.name, "most")
    active = sum(segment.header.status is Status.ACTIVE for segment in rules.segments.values())
    if active > most:
        message = f"there are {active:,} active segments, more than {most:,}"
        help_ = "give those that nobody needs `status retired`, or raise `most`"
        yield finding(TOO_MANY_SEGMENTS, message, settings.place(f"checks.{TOO_MANY_SEGMENTS.name}"), help=help_)


def missing_size(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """The segments that do not say how large they should be."""
    spared = set(settings.names(MISSING_SIZE.name, "unless_purpose"))
    for segment in _in_use(rules):
        purposes = segment.header.purposes
        if segment.size is None and not (purposes and spared.issuperset(purposes)):
            message = f"segment `{segment.name}` does not say how large it should be"
            help_ = "add a line such as `size at least 100, at most 30%`, so that a run says when it is not"
            yield finding(MISSING_SIZE, message, segment.span, help=help_)


def too_small(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """The sizes that allow, or ask for, fewer customers than the project wants in a segment.

    Shares cannot be told in customers without data, so that a segment with a share as its least size passes.
    """
    least = settings.number(TOO_SMALL.name, "least")
    for segment, size in _sized(rules):
        low, high = _number(size.least), _number(size.most)
        if high is not None and high < least:
            message = f"segment `{segment.name}` may have {_customers(high)} at most, fewer than {least:,}"
            help_ = "join it with another one, or retire it"
        elif size.least is None or (low is not None and low < least):
            allowed = "any size from the smallest" if low is None else f"{_customers(low)} and up"
            message = f"segment `{segment.name}` may be smaller than {_customers(least)}: it allows {allowed}"
            help_ = f"write `size at least {least}`"
        else:
            continue
        yield finding(TOO_SMALL, message, size.span, help=help_)


def pointless_size(rules: Rules, _settings: Settings) -> Iterator[Finding]:
    """The bounds that every segment keeps, and those that only an empty one keeps."""
    for segment, size in _sized(rules):
        if size.most is not None and 0 in (size.most.number, size.most.share):
            message = f"only an empty segment has the size of `{segment.name}`"
            yield finding(POINTLESS_SIZE, message, size.span, help="raise the bound, or retire the segment")
            continue
        if size.least is not None and 0 in (size.least.number, size.least.share):
            message = f"every segment has at least the size of `{segment.name}`, even an empty one"
            yield finding(POINTLESS_SIZE, message, size.span, help="raise the bound behind `at least`, or leave it out")
        if size.most is not None and size.most.share == 1:
            message = f"every segment has at most the size of `{segment.name}`: all customers"
            yield finding(POINTLESS_SIZE, message, size.span, help="lower the bound behind `at most`, or leave it out")


def _in_use(rules: Rules) -> Iterator[Segment]:
    return (segment for segment in rules.segments.values() if segment.header.status is not Status.RETIRED)


def _sized(rules: Rules) -> Iterator[tuple[Segment, Size]]:
    return ((segment, segment.size) for segment in _in_use(rules) if segment.size is not None)


def _number(bound: Bound | None) -> int | None:
    return None if bound is None else bound.number


def _customers(number: int) -> str:
    return f"{number:,} customer{'' if number == 1 else 's'}"
