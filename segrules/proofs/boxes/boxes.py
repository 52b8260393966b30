"""Formulas as boxes: a few ranges and flags each, of which one holds wherever the formula does.

Two formulas have nobody in common where no box of the one meets a box of the other; `clashes` tells that for all
pairs at once. Boxes say at least as much as the formula does not forbid, never less: what lies in no box is outside
the formula for sure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from segrules.proofs.boxes.axes import YES, Axes, Axis, Terms
from segrules.proofs.boxes.premises import Domains, Premises
from segrules.proofs.boxes.ranges import Ranges, both, either
from segrules.proofs.formulas.logic import FALSE, TRUE, All, Flag, Formula, Some, Var

LIMIT = 48
"""Boxes of one formula at most; past that, parts are replaced by the one box around them."""


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """Where a customer lies on each axis; anywhere on those that are left out."""

    ranges: Mapping[Axis, Ranges] = field(default_factory=dict)

    @property
    def flags(self) -> dict[Flag, bool]:
        """The flags that are settled."""
        return {axis.of: ranges == YES for axis, ranges in self.ranges.items() if isinstance(axis.of, Flag)}

    @property
    def numbers(self) -> dict[Var, Ranges]:
        """The variables that are bounded."""
        return {var: ranges for axis, ranges in self.ranges.items() if (var := axis.var) is not None}

    @property
    def sums(self) -> dict[Terms, Ranges]:
        """The sums of several variables that are bounded."""
        return {
            axis.of: ranges for axis, ranges in self.ranges.items() if isinstance(axis.of, tuple) and len(axis.of) > 1
        }


class Boxes:
    """The boxes of some formulas, by place, with all that `order` and `facts` say of them (see `Premises`).

    `of[i]` are the boxes of formula i; where there are none, it cannot hold.
    """

    def __init__(
        self,
        formulas: Iterable[Formula],
        order: Iterable[tuple[Var, Var]] = (),
        facts: Iterable[Formula] = (),
        limit: int = LIMIT,
    ) -> None:
        axes = Axes()
        self._premises = Premises(axes, order, facts)
        split = _Split(axes, limit)
        open_ = [split.parts(formula) for formula in formulas]
        self._premises.settle()
        self.of = tuple(tuple(self._closed(parts)) for parts in open_)

    def _closed(self, parts: Iterable[Domains]) -> Iterator[Box]:
        seen: set[tuple[tuple[int, Ranges], ...]] = set()
        for part in parts:
            made = self._premises.closed(part)
            if made is None:
                continue
            key = tuple((axis.index, ranges) for axis, ranges in made.items())
            if key not in seen:
                seen.add(key)
                yield Box(made)

    @property
    def empty(self) -> tuple[int, ...]:
        """The places of formulas that cannot hold."""
        return tuple(place for place, boxes in enumerate(self.of) if not boxes)

    def meet(self, one: Box, other: Box) -> Box | None:
        """What the two have in common, with all that follows; None where that is nothing."""
        made = _met(one.ranges, other.ranges)
        closed = None if made is None else self._premises.closed(made)
        return None if closed is None else Box(closed)

    def meet_all(self, boxes: Iterable[Box]) -> Box | None:
        """What all have in common, with all that follows; None where that is nothing."""
        met: Domains = {}
        for box in boxes:
            closer = _met(met, box.ranges)
            if closer is None:
                return None
            met = closer
        closed = self._premises.closed(met)
        return None if closed is None else Box(closed)

    def compatible(self, boxes: Iterable[Box], box: Box) -> bool:
        """Whether a box meets each of the others, looked at two by two; `meet_all` says more and costs more."""
        return all(_met(other.ranges, box.ranges) is not None for other in boxes)


def met_with(box: Box, other: Box) -> Box | None:
    """What two boxes have in common, axis by axis, without what follows from it; None where that is nothing."""
    made = _met(box.ranges, other.ranges)
    return None if made is None else Box(made)


def _met(one: Mapping[Axis, Ranges], other: Mapping[Axis, Ranges]) -> Domains | None:
    made = dict(one)
    for axis, ranges in other.items():
        before = made.get(axis)
        if before is not None and before is not ranges:
            ranges = both(before, ranges)
            if not ranges:
                return None
        made[axis] = ranges
    return made


class _Split:
    """Formulas into the boxes of their disjunctive form, each formula once."""

    def __init__(self, axes: Axes, limit: int) -> None:
        self._axes = axes
        self._limit = limit
        self._known: dict[Formula, list[Domains]] = {TRUE: [{}], FALSE: []}

    def parts(self, formula: Formula) -> list[Domains]:
        """Boxes of which one holds wherever the formula does."""
        found = self._known.get(formula)
        if found is None:
            if isinstance(formula, All):
                found = self._every([self.parts(item) for item in formula.items])
            elif isinstance(formula, Some):
                found = self._some([self.parts(item) for item in formula.items])
            else:
                literal = self._axes.literal(formula)
                assert literal is not None
                axis, ranges = literal
                found = ([{}] if ranges == axis.base else [{axis: ranges}]) if ranges else []
            self._known[formula] = found
        return found

    def _every(self, items: list[list[Domains]]) -> list[Domains]:
        made: list[Domains] = [{}]
        for item in sorted(items, key=len):
            product = _products(made, item)
            if len(product) > self._limit:
                product = _products(made, [_around(item)])
            made = product
        return made

    def _some(self, items: list[list[Domains]]) -> list[Domains]:
        made = _merged([part for item in items for part in item])
        if len(made) > self._limit:
            made = _merged([_around(item) for item in items if item])
        if len(made) > self._limit:
            made = [*made[: self._limit - 1], _around(made[self._limit - 1 :])]
        return made


def _products(some: list[Domains], others: list[Domains]) -> list[Domains]:
    return [met for one in some for other in others if (met := _met(one, other)) is not None]


def _around(parts: list[Domains]) -> Domains:
    """The smallest box around some boxes."""
    made = dict(parts[0])
    for part in parts[1:]:
        for axis in tuple(made):
            ranges = either(made[axis], part.get(axis, axis.base), whole=axis.whole)
            if ranges == axis.base:
                del made[axis]
            else:
                made[axis] = ranges
    return made


def _merged(parts: list[Domains]) -> list[Domains]:
    """Boxes that differ on one axis are one: `country = "DE"` or `country = "AT"`."""
    if len(parts) < 2:
        return parts
    if {} in parts:
        return [{}]
    for axis in dict.fromkeys(axis for part in parts for axis in part):
        groups: dict[object, list[Domains]] = {}
        for part in parts:
            if axis in part:
                rest: object = frozenset((other, ranges) for other, ranges in part.items() if other is not axis)
            else:
                rest = id(part)
            groups.setdefault(rest, []).append(part)
        parts = []
        for group in groups.values():
            made = dict(group[0])
            for part in group[1:]:
                made[axis] = either(made[axis], part[axis], whole=axis.whole)
            if made.get(axis) == axis.base:
                del made[axis]
            parts.append(made)
        if len(parts) < 2:
            break
    return parts
