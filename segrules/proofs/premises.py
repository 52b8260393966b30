"""What holds for every customer, pushed through a box: more is known of it, or that nobody is in it.

A count in the last 30 days is at most the count in the last 90. A box with 5 in 30 days therefore has at least 5 in
90, and shares nobody with a box that has 2 in 90.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import inf

from segrules.proofs.axes import Axes, Axis, Terms, total
from segrules.proofs.logic import FALSE, All, Formula, Some, Var
from segrules.proofs.ranges import HIGHEST, LOWEST, End, Ranges, both, fitted

Domains = dict[Axis, Ranges]
"""Where a customer lies on each axis; anywhere on those that are left out."""

STEPS = 1000
"""So often a box is narrowed at most; what is left unsaid then is true all the same."""

Literal = tuple[Axis, Ranges]

_INFINITE = (inf, -inf)


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
        self._above = {axis: _reached(var, self._larger, numbers) for var, axis in numbers.items()}
        self._below = {axis: _reached(var, self._smaller, numbers) for var, axis in numbers.items()}
        self._sums = {}
        for axis in made:
            if isinstance(axis.of, tuple) and len(axis.of) > 1:
                parts = tuple(numbers[var] for _, var in axis.of)
                for part in (axis, *parts):
                    self._sums.setdefault(part, []).append((axis, parts))

        everybody = self._pushed(_Pushing({}, {}, self._facts))
        self.impossible = self.impossible or everybody is None
        self._always = everybody or {}

    def closed(self, domains: Mapping[Axis, Ranges]) -> Domains | None:
        """The box with all that follows, besides what holds for everybody; None where nobody can be in it."""
        if self.impossible:
            return None
        known = self._pushed(_Pushing({}, self._always, domains.items()))
        if known is None:
            return None
        return {axis: known[axis] for axis in sorted(known, key=lambda axis: axis.index)}

    def _pushed(self, box: "_Pushing") -> Domains | None:
        while box.waiting and not box.empty and box.steps < STEPS:
            axis = next(iter(box.waiting))
            del box.waiting[axis]
            ranges = box.at(axis)
            low, high = ranges[0][0], ranges[-1][1]
            for larger in self._above.get(axis, ()):
                if low > box.at(larger)[0][0]:
                    box.bound(larger, low, HIGHEST)
            for smaller in self._below.get(axis, ()):
                if high < box.at(smaller)[-1][1]:
                    box.bound(smaller, LOWEST, high)
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
        self.waiting: dict[Axis, None] = {}
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
            self.waiting[axis] = None
            self.steps += 1

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
