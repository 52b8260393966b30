"""Segments that newcomers are in for want of time: they did not do in 90 days what they had 10 days to do.

Looked for where a segment asks for few events, or none, in a window up to now, and nothing else in it asks for time:

- no part reads the date since when customers are known (`known for at least 90 days`),
- no part asks for an event further back (`did purchase`, `last purchase was more than 90 days ago`),
- no part asks for a band of a score or a stage of a partition, whose population is not looked into.

Parts are what `and` joins, through defines and other segments; what stands below `or` is not looked into.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import inf

from segrules.diagnostics.codes import CATCHES_NEWCOMERS
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.ir import nodes as ir
from segrules.ir import windows
from segrules.ir.catalogue import Catalogue
from segrules.ir.membership import qualifying
from segrules.ir.rules import Definition, Segment, Status
from segrules.ir.walk import descendants
from segrules.ir.windows import SUB_DAY, Period, Unit

_DAYS = {
    Unit.MINUTE: 1 / 1440,
    Unit.HOUR: 1 / 24,
    Unit.DAY: 1,
    Unit.WEEK: 7,
    Unit.MONTH: 30,
    Unit.QUARTER: 91,
    Unit.YEAR: 365,
}

_MOST = 50
"""A segment of so many parts, those of the segments that it names included, is not looked into."""

_Part = tuple[ir.Condition, bool]
"""A condition, and whether it has to be true or has to be false."""


def caught(
    segments: Mapping[str, Segment], definitions: Mapping[str, Definition], catalogue: Catalogue
) -> Iterator[Finding]:
    """Notes on the tests of segments that newcomers pass; none where the catalogue does not say who is one."""
    if catalogue.customers.since is None:
        return
    looked = _Parts(segments, definitions)
    for segment in segments.values():
        if segment.header.status is Status.RETIRED or segment.where is None:
            continue
        tests = [test for test in map(_quiet, looked.of(segment.where, into_segments=False)) if test is not None]
        parts = looked.of(qualifying(segment)) if tests else []
        for did, period in dict.fromkeys(tests):
            reach = _reach(did.events.window)
            if len(parts) < _MOST and not any(_asks_for_time(part, reach, catalogue.customers.since) for part in parts):
                yield _note(segment, did, period)


def _note(segment: Segment, did: ir.Did, period: Period) -> Finding:
    words = f"{period.count} {period.unit}{'s' * (period.count != 1)}"
    message = f"segment `{segment.name}` takes in newcomers, who had less than {words} for this"
    help_ = f"add `known for at least {words}` to the segment if they are not meant"
    return finding(
        CATCHES_NEWCOMERS, message, did.span, help=help_, related=[Related(segment.span, "the segment stands here")]
    )


class _Parts:
    """What has to be true or false for a condition to hold, so far as `and` joins it."""

    def __init__(self, segments: Mapping[str, Segment], definitions: Mapping[str, Definition]) -> None:
        self._segments = segments
        self._definitions = definitions

    def of(self, condition: ir.Condition, *, into_segments: bool = True) -> list[_Part]:
        """The parts of a condition; those of segments that it names, too, unless these are left aside."""
        found: list[_Part] = []
        seen: set[tuple[str, str, bool]] = set()
        waiting: list[_Part] = [(condition, True)]
        while waiting and len(found) < _MOST:
            node, holds = waiting.pop()
            match node:
                case ir.Not(item):
                    waiting.append((item, not holds))
                case ir.And(items) if holds:
                    waiting += [(item, holds) for item in items]
                case ir.Or(items) if not holds:
                    waiting += [(item, holds) for item in items]
                case ir.Defined(name) if ("define", name, holds) not in seen:
                    seen.add(("define", name, holds))
                    waiting += [(body, holds) for body in self._body(name)]
                case ir.InSegment(name) if holds and into_segments and ("segment", name, holds) not in seen:
                    seen.add(("segment", name, holds))
                    waiting += [(qualifying(self._segments[name]), holds)] if name in self._segments else []
                case ir.Defined() | ir.InSegment():
                    pass
                case _:
                    found.append((node, holds))
        return found

    def _body(self, name: str) -> Iterable[ir.Condition]:
        # A define that could not be bound has its finding already.
        body = self._definitions[name].body if name in self._definitions else None
        return [body] if isinstance(body, ir.Condition) else []


def _quiet(part: _Part) -> tuple[ir.Did, Period] | None:
    """A test that holds for whoever did nothing in a time up to now, with that time; None for any other part."""
    node, holds = part
    if not isinstance(node, ir.Did):
        return None
    match node.events.window:
        case windows.InLast(period) if period.unit not in SUB_DAY and _of_none(node) == holds:
            return node, period
        case windows.WholeUnits(Period(count, unit)) if unit not in SUB_DAY and _of_none(node) == holds:
            return node, Period(count + 1, unit)
        case _:
            return None


def _of_none(did: ir.Did) -> bool:
    """Whether the test holds of no events at all."""
    match did.op:
        case ir.CompareOp.EQ | ir.CompareOp.GE:
            return did.times == 0
        case ir.CompareOp.NE:
            return did.times != 0
        case ir.CompareOp.LT:
            return did.times > 0
        case ir.CompareOp.LE:
            return True
        case ir.CompareOp.GT:
            return False


def _asks_for_time(part: _Part, reach: float, since: str) -> bool:
    """Whether a part leaves out newcomers: it reads since when they are known, or asks for what takes longer."""
    node, holds = part
    below = list(descendants(node))
    if any(isinstance(item, ir.Attribute) and item.name == since for item in below):
        return True
    if isinstance(node, ir.Did):
        return _of_none(node) != holds and _reach(node.events.window) > reach
    if not holds:
        return False
    if any(isinstance(item, ir.Band | ir.InStage) for item in below):
        return True
    if isinstance(node, ir.InWindow) and isinstance(node.value, ir.EventTime):
        return min(_reach(node.window), _reach(node.value.events.window)) > reach
    return any(isinstance(item, ir.Events) and _reach(item.window) > reach for item in below)


def _reach(window: windows.Window) -> float:
    """How many days a window reaches back, roughly; without end where it does not lie up to now."""
    match window:
        case windows.InLast(Period(count, unit)):
            return count * _DAYS[unit]
        case windows.WholeUnits(Period(count, unit)):
            return (count + 1) * _DAYS[unit]
        case windows.ThisUnit(unit):
            return _DAYS[unit]
        case _:
            return inf
