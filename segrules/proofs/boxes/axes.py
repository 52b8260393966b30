"""Formulas' leaves as ranges on axes: a flag, a variable and a sum of variables are an axis each.

`spend - refunds >= 100` is the range from 100 on the axis `-refunds + spend`, turned around where needed, so that a
comparison and its opposite lie on one axis and do not meet. A flag is an axis with the numbers 0 and 1.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import gcd

from segrules.proofs.boxes.ranges import HIGHEST, LOWEST, End, Ranges, all_but, both, fitted, plus, times
from segrules.proofs.formulas.logic import Flag, Formula, Linear, Not, Relation, Var

Terms = tuple[tuple[int, Var], ...]

NO: Ranges = (((0, 0), (0, 0)),)
YES: Ranges = (((1, 0), (1, 0)),)
YES_OR_NO: Ranges = (((0, 0), (1, 0)),)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """What has a number for every customer; `base` is where that number always lies.

    `of` is a flag, or a sum with a positive first coefficient, of which a variable alone is the usual case. `index` is
    the order of first appearance.
    """

    index: int
    of: Flag | Terms
    whole: bool
    base: Ranges

    @property
    def var(self) -> Var | None:
        """The variable, where the axis is one alone."""
        return self.of[0][1] if isinstance(self.of, tuple) and len(self.of) == 1 else None


class Axes:
    """The axes met so far."""

    def __init__(self) -> None:
        self.made: list[Axis] = []
        self._flags: dict[Flag, Axis] = {}
        self._sums: dict[Terms, Axis] = {}
        self._literals: dict[Formula, tuple[Axis, Ranges]] = {}

    def literal(self, formula: Formula) -> tuple[Axis, Ranges] | None:
        """The axis of a flag, a comparison or its opposite, and where it holds there; None for other formulas."""
        found = self._literals.get(formula)
        if found is None:
            item = formula.item if isinstance(formula, Not) else formula
            if isinstance(item, Flag):
                found = self.flag(item), NO if isinstance(formula, Not) else YES
            elif isinstance(item, Linear):
                found = self._compared(item, opposite=isinstance(formula, Not))
            else:
                return None
            self._literals[formula] = found
        return found

    def flag(self, flag: Flag) -> Axis:
        """The axis of a flag."""
        found = self._flags.get(flag)
        if found is None:
            found = self._flags[flag] = Axis(len(self.made), flag, True, YES_OR_NO)
            self.made.append(found)
        return found

    def sum(self, terms: Terms) -> Axis:
        """The axis of a sum, or of a variable alone; the first coefficient is positive."""
        found = self._sums.get(terms)
        if found is None:
            whole = all(var.whole for _, var in terms)
            low, high = total([((number, var), _always(var)) for number, var in terms])
            found = self._sums[terms] = Axis(len(self.made), terms, whole, fitted(low, high, whole=whole))
            self.made.append(found)
        return found

    def number(self, var: Var) -> Axis:
        """The axis of a variable."""
        return self.sum(((1, var),))

    def bounded(self) -> tuple[set[Axis], set[Axis]]:
        """The axes that some comparison bounds from above, and those that some bounds from below."""
        capped, floored = set(), set()
        for axis, ranges in self._literals.values():
            if ranges and ranges != axis.base:
                several = len(ranges) > len(axis.base)
                if several or ranges[-1][1] < axis.base[-1][1]:
                    capped.add(axis)
                if several or ranges[0][0] > axis.base[0][0]:
                    floored.add(axis)
        return capped, floored

    def _compared(self, item: Linear, *, opposite: bool) -> tuple[Axis, Ranges]:
        scale = gcd(*(coefficient for coefficient, _ in item.terms))
        if item.terms[0][0] < 0:
            scale = -scale
        axis = self.sum(tuple((coefficient // scale, var) for coefficient, var in item.terms))
        bound = Fraction(item.bound, scale)
        number = bound.numerator if bound.denominator == 1 else bound
        if item.relation is Relation.EQ:
            point = fitted((number, 0), (number, 0), whole=axis.whole)
            ranges = all_but(number, whole=axis.whole) if opposite else point
        else:
            nudge = 0 if item.relation is Relation.LE else -1
            ends = (LOWEST, (number, nudge)) if scale > 0 else ((number, -nudge), HIGHEST)
            ranges = fitted(*ends, whole=axis.whole)
        return axis, both(ranges, axis.base)


def _always(var: Var) -> tuple[End, End]:
    return LOWEST if var.low is None else (var.low, 0), HIGHEST if var.high is None else (var.high, 0)


def total(parts: list[tuple[tuple[int, Var], tuple[End, End]]]) -> tuple[End, End]:
    """The lowest and highest sum, from the lowest and highest of each variable."""
    low: End = (0, 0)
    high: End = (0, 0)
    for (coefficient, _), ends in parts:
        least, most = ends if coefficient > 0 else ends[::-1]
        low, high = plus(low, times(least, coefficient), 1), plus(high, times(most, coefficient), -1)
    return low, high
