"""What holds for every customer, pushed through a box: more is known of it, or that nobody is in it.

A count in the last 30 days is at most the count in the last 90. A box with 5 in 30 days therefore has at least 5 in
90, and shares nobody with a box that has 2 in 90.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import inf

from segrules.proofs.boxes.axes import Axes, Axis, Terms, total
from segrules.proofs.boxes.ranges import HIGHEST, LOWEST, End, Ranges, both, fitted
from segrules.proofs.formulas.logic import FALSE, All, Formula, Some, Var

Domains = dict[Axis, Ranges]
"""Where a customer lies on each axis; anywhere on those that are left out."""

STEPS = 1000
"""So often a box is narrowed at most; what is left unsaid then is true all the same."""

Literal = tuple[Axis, Ranges]

_INFINITE = (inf, -inf)
_SEVERAL = -1


class Premises:
    """`order` has variables `(small, large)` where `small <= large` always; `facts` are formulas that always hold.

    Of facts, comparisons, and flags and comparisons joined by `or`, are made use of; a conjunction is each of its
    parts. Sums that the formulas under proof compare are worked out from their variables as well.
    """

    def __init__(self, axes: Axes, order: Iterable[tuple[Var, Var]] = (), facts: Iterable[Formula] = ()) -> None:
        self._axes = axes
        self._larger: dict[Var, dict[Var, None]] = {}
        self._smaller: dict[Var, dict[Var, None]] = {}
        for small, large in order:
            self._larger.setdefault(small, {})[large] = None
            self._smaller.setdefault(large, {})[small] = None
        self._facts: list[Literal] = []
        self._always: Domains = {}
        self._clauses: dict[Axis, list[tuple[Literal, ...]]] = {}
        self.impossible = False
        for fact in facts:
            self._add(fact)
        self._follows: dict[tuple[Axis, Ranges], Domains | None] = {}
        self._above: dict[Axis, tuple[Axis, ...]] = {}
        self._below: dict[Axis, tuple[Axis, ...]] = {}
        self._sums: dict[Axis, list[tuple[Axis, tuple[Axis, ...]]]] = {}

    def _add(self, fact: Formula) -> None:
        if isinstance(fact, All):
            for part in fact.items:
                self._add(part)
        elif isinstance(fact, Some):
            literals = tuple(literal for part in fact.items if (literal := self._axes.literal(part)) is not None)
            if len(literals) == len(fact.items):
                for axis in dict.fromkeys(axis for axis, _ in literals):
                    self._clauses.setdefault(axis, []).append(literals)
        elif fact is FALSE:
            self.impossible = True
        elif (literal := self._axes.literal(fact)) is not None:
            self._facts.append(literal)

    def settle(self) -> None:
        """Bounds go to the axes made by now, which are those that formulas and facts speak of."""
        made = self._axes.made
        for axis in tuple(made):
            if isinstance(axis.of, tuple) and len(axis.of) > 1:
                for _, var in axis.of:
                    self._axes.number(var)
        numbers = {axis.var: axis for axis in made if axis.var is not None}
        self._sums = {}
        for axis in made:
            if isinstance(axis.of, tuple) and len(axis.of) > 1:
                parts = tuple(numbers[var] for _, var in axis.of)
                for part in (axis, *parts):
                    self._sums.setdefault(part, []).append((axis, parts))

        # A lower bound tells where something else bounds from above, and the other way round.
        capped, floored = self._axes.bounded()
        involved = self._sums.keys() | self._clauses.keys()
        under = {var: axis for var, axis in numbers.items() if axis in capped or axis in involved}
        over = {var: axis for var, axis in numbers.items() if axis in floored or axis in involved}
        self._above = {axis: _reached(var, self._larger, under) for var, axis in numbers.items()}
        self._below = {axis: _reached(var, self._smaller, over) for var, axis in numbers.items()}
        everybody = self._pushed(_Pushing({}, {}, self._facts))
        self.impossible = self.impossible or everybody is None
        self._always = everybody or {}

    def closed(self, domains: Mapping[Axis, Ranges]) -> Domains | None:
        """The box with all that follows, besides what holds for everybody; None where nobody can be in it."""
        if self.impossible:
            return None
        box = _Pushing({}, self._always, ())
        came_from: dict[Axis, int] = {}
        for place, (axis, ranges) in enumerate(domains.items()):
            alone = self._alone(axis, ranges)
            if alone is None:
                return None
            for reached, within in alone.items():
                came_from[reached] = _SEVERAL if reached in came_from else place
                box.join(reached, within)
        # What follows from one axis alone is there already. The rest takes two that come together.
        self._together(box, came_from)
        known = self._pushed(box)
        if known is None:
            return None
        return {axis: known[axis] for axis in sorted(known, key=lambda axis: axis.index)}

    def _alone(self, axis: Axis, ranges: Ranges) -> Domains | None:
        """What follows from the place on one axis; worked out once."""
        if (axis, ranges) not in self._follows:
            self._follows[axis, ranges] = self._pushed(_Pushing({}, self._always, ((axis, ranges),)))
        return self._follows[axis, ranges]

    def _together(self, box: "_Pushing", came_from: Mapping[Axis, int]) -> None:
        """Facts and sums that are touched from several sides."""
        clauses: dict[int, tuple[int, tuple[Literal, ...]]] = {}
        sums: dict[Axis, tuple[int, tuple[Axis, ...]]] = {}
        for axis, place in came_from.items():
            for clause in self._clauses.get(axis, ()):
                before, _ = clauses.get(id(clause), (place, clause))
                clauses[id(clause)] = place if before == place else _SEVERAL, clause
            for sum_, parts in self._sums.get(axis, ()):
                before, _ = sums.get(sum_, (place, parts))
                sums[sum_] = place if before == place else _SEVERAL, parts
        for place, clause in clauses.values():
            if place == _SEVERAL and not box.empty:
                box.clause(clause)
        for sum_, (place, parts) in sums.items():
            if place == _SEVERAL and not box.empty:
                box.sum(sum_, parts)

    def _pushed(self, box: "_Pushing") -> Domains | None:
        while box.waiting and not box.empty and box.steps < STEPS:
            axis = next(iter(box.waiting))
            ordered = box.waiting.pop(axis)
            low, high = _hull(box.at(axis))
            if not ordered:
                for larger in self._above.get(axis, ()):
                    if low > box.at(larger)[0][0]:
                        box.ordered(larger, low, HIGHEST)
                for smaller in self._below.get(axis, ()):
                    if high < box.at(smaller)[-1][1]:
                        box.ordered(smaller, LOWEST, high)
            for clause in self._clauses.get(axis, ()):
                box.clause(clause)
            for sum_, parts in self._sums.get(axis, ()):
                box.sum(sum_, parts)
        return None if box.empty else box.known


def _reached(start: Var, steps: Mapping[Var, Iterable[Var]], numbers: Mapping[Var, Axis]) -> tuple[Axis, ...]:
    """The axes of all variables that lie on one side of `start`, however far."""
    seen: dict[Var, None] = {}
    stack = list(steps.get(start, ()))
    while stack:
        var = stack.pop()
        if var not in seen and var != start:
            seen[var] = None
            stack.extend(steps.get(var, ()))
    return tuple(sorted((numbers[var] for var in seen if var in numbers), key=lambda axis: axis.index))


class _Pushing:
    """One box on its way; on axes that are not `known` it is what holds for everybody."""

    def __init__(self, known: Domains, always: Domains, given: Iterable[Literal]) -> None:
        self.known = known
        self._always = always
        self.waiting: dict[Axis, bool] = {}
        """Axes with news; True where the news is a bound that all further along the order were told of as well."""
        self.empty = False
        self.steps = 0
        for axis, ranges in given:
            self.narrow(axis, ranges)

    def at(self, axis: Axis) -> Ranges:
        """Where the box lies on an axis."""
        found = self.known.get(axis)
        if found is None:
            found = self._always.get(axis)
        return axis.base if found is None else found

    def narrow(self, axis: Axis, ranges: Ranges) -> None:
        """The box lies within these ranges; where nothing is left it stays as it is, and is empty."""
        before = self.at(axis)
        made = both(before, ranges)
        if not made:
            self.empty = True
        elif made != before:
            self.known[axis] = made
            self.waiting[axis] = False
            self.steps += 1

    def join(self, axis: Axis, ranges: Ranges) -> None:
        """The box lies within ranges from which all is drawn already that follows from them alone."""
        before = self.known.get(axis)
        made = ranges if before is None else both(before, ranges)
        if not made:
            self.empty = True
            return
        self.known[axis] = made
        if made not in (before, ranges):
            self.waiting[axis] = False

    def ordered(self, axis: Axis, low: End, high: End) -> None:
        """The box lies between two ends, and so it does on all axes further along the order."""
        known = self.waiting.get(axis, True)
        self.bound(axis, low, high)
        least, most = _hull(self.at(axis))
        if axis in self.waiting and known and (most == high if low == LOWEST else least == low):
            self.waiting[axis] = True

    def bound(self, axis: Axis, low: End, high: End) -> None:
        """The box lies between two ends."""
        before = self.at(axis)
        if low > before[0][0] or high < before[-1][1]:
            self.narrow(axis, fitted(low, high, whole=axis.whole))

    def clause(self, literals: tuple[Literal, ...]) -> None:
        """Where all literals but one are out of reach, that one holds."""
        left: Literal | None = None
        for axis, ranges in literals:
            if both(self.at(axis), ranges):
                if left is not None:
                    return
                left = axis, ranges
        if left is None:
            self.empty = True
        else:
            self.narrow(*left)

    def sum(self, axis: Axis, parts: tuple[Axis, ...]) -> None:
        """From variables to their sum, and from the sum to each variable."""
        terms = axis.of
        assert isinstance(terms, tuple)
        ends = [_hull(self.at(part)) for part in parts]
        low, high = total(list(zip(terms, ends, strict=True)))
        self.bound(axis, low, high)
        hull = _hull(self.at(axis))
        # A sum that may be anything that its variables allow says nothing of them.
        if hull[0] > low or hull[1] < high:
            for place, part in enumerate(parts):
                self.bound(part, *_rest(terms, ends, place, hull))


def _hull(ranges: Ranges) -> tuple[End, End]:
    return ranges[0][0], ranges[-1][1]


def _rest(terms: Terms, ends: list[tuple[End, End]], place: int, hull: tuple[End, End]) -> tuple[End, End]:
    """Where one variable of a sum lies, given the sum and the other variables."""
    others = [(term, end) for at, (term, end) in enumerate(zip(terms, ends, strict=True)) if at != place]
    least, most = total(others)
    by = terms[place][0]
    low, high = _less(hull[0], most, 1), _less(hull[1], least, -1)
    if by < 0:
        low, high = high, low
    return LOWEST if low is None else _divided(low, by), HIGHEST if high is None else _divided(high, by)


def _less(one: End, other: End, side: int) -> End | None:
    if one[0] in _INFINITE or other[0] in _INFINITE:
        return None
    return (one[0] - other[0], side if one[1] or other[1] else 0)


def _divided(end: End, by: int) -> End:
    number, nudge = end
    if by in (1, -1):
        return (number * by, nudge * by)
    assert not isinstance(number, float)
    made = Fraction(number) / by
    return (made.numerator if made.denominator == 1 else made, nudge if by > 0 else -nudge)
