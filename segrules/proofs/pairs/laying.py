"""Rows of events that are being laid for one customer, box after box: one that cannot be had besides is left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segrules.ir.nodes import AggregateKind
from segrules.ir.testcases import GivenEvent
from segrules.proofs.boxes.axes import Axis
from segrules.proofs.encoding.rows import Distinct, EdgeRow, Number, Plane, Total
from segrules.proofs.formulas.logic import Flag, Var
from segrules.proofs.pairs.bounds import Bounds, Limits, Numbers, terms_of
from segrules.proofs.pairs.events import EventRows, conditions_of
from segrules.proofs.pairs.kinds import SIGN

MOST_ROWS = 200
_NEVER = -1e6
_STEPS = 20
"""So many different rows a box may need more. Nearly all that can be had takes fewer than ten."""
_LIKELY = 300
"""So many kinds of rows are looked at for each stretch of time: those that help most wherever they lie."""
_SMALL = 200_000
"""So many numbers are multiplied in one go."""
_TRIED = 6
"""So many kinds of rows are looked at before a sum is given up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a box says of rows: the first and last rows that it wants, and where sums have to lie."""

    edges: Sequence[Flag]
    sums: Sequence[Axis]
    low: Numbers
    high: Numbers


class Laying:
    """Rows of some events, of which each belongs to a kind and a stretch of time."""

    def __init__(self, parts: Sequence["RowsOf"], axes: Sequence[Axis], wished: Limits) -> None:
        """`axes` are sums of rows' numbers, and `wished` is where they had better lie."""
        self._parts = parts
        self._part_of = [part for part in parts for _ in part.numbers]
        # Invariant: numbers stand in the order of the parts, from the `first` of each on.
        self._numbers = [var for part in parts for var in part.numbers]
        # What the fewest rows can help is seen to first.
        widths = dict(zip(self._numbers, (int(width) for part in parts for width in part.width), strict=True))
        width_of = [sum(widths[var] for _, var in terms_of(axis)) for axis in axes]
        order = sorted(range(len(axes)), key=lambda at: width_of[at])
        self._item_of = {axes[at]: item for item, at in enumerate(order)}
        self._bounds = Bounds([axes[at] for at in order], (wished[0][order], wished[1][order]), self._numbers)
        self._reached = np.concatenate([part.there for part in parts]) if parts else np.zeros(0)

    def lay(self, asked: Asked) -> bool:
        """Lay more rows, so that a box has what it wants too; where it cannot have it, nothing is changed."""
        reached, limits = self._reached.copy(), self._bounds.limits
        before = [part.state(changing=bool(asked.edges)) for part in self._parts]
        items = np.array([self._item_of[axis] for axis in asked.sums], dtype=np.intp)
        self._bounds.narrow(items, asked.low, asked.high)
        if (
            not self._bounds.past(self._reached)
            and all(self._edge(item) for item in asked.edges)
            and self._filled()
            and self._bounds.hold(self._reached)
        ):
            return True
        self._reached, self._bounds.limits = reached, limits
        for part, state in zip(self._parts, before, strict=True):
            part.reset(state)
        return False

    def rows(self) -> list[GivenEvent]:
        """The rows that were laid."""
        return [row for part in self._parts for row in part.rows()]

    def reached(self) -> dict[str, int]:
        """What each number comes to."""
        return {var.name: int(number) for var, number in zip(self._numbers, self._reached, strict=True)}

    def _filled(self) -> bool:
        """Add the row that helps most until nothing lacks; whether that was possible."""
        for _ in range(_STEPS):
            weights, lacking = self._bounds.weights(self._reached)
            if lacking is None:
                return True
            if self._count == MOST_ROWS or not self._added(weights, self._bounds.helping(lacking)):
                return False
        return False

    @property
    def _count(self) -> int:
        return sum(part.count for part in self._parts)

    def _added(self, weights: Numbers, helping: NDArray[np.intp]) -> bool:
        found: tuple[float, RowsOf, int, int] | None = None
        for part in {id(part): part for part in (self._part_of[place] for place in helping)}.values():
            own = helping[(helping >= part.first) & (helping < part.first + len(part.numbers))] - part.first
            for gain, spot, kind in part.best(weights[part.all], own):
                if found is not None and gain <= found[0]:
                    break
                if not self._bounds.past(self._reached + self._adds(part, spot, kind)):
                    found = gain, part, spot, kind
                    break
        if found is None:
            return False
        _, part, spot, kind = found
        adds = self._adds(part, spot, kind)
        times = 1 if part.counts_values else self._bounds.as_often(self._reached, adds, MOST_ROWS - self._count)
        self._reached += times * adds
        part.add(spot, kind, times)
        return True

    def _adds(self, part: "RowsOf", spot: int, kind: int) -> Numbers:
        adds = np.zeros(len(self._reached))
        adds[part.all] = part.adds(spot, kind)
        return adds

    def _edge(self, item: Flag) -> bool:
        """A first or last row that is as it has to be, and none of its like beyond it."""
        meaning = item.meaning
        assert isinstance(meaning, EdgeRow)
        part = next((part for part in self._parts if part.event.name == meaning.rows.event), None)
        if part is None or item in part.edges:
            return part is not None
        weights, _ = self._bounds.weights(self._reached)
        for spot, kind in part.ends(meaning, weights[part.all]):
            adds = self._adds(part, spot, kind)
            if not self._bounds.past(self._reached + adds):
                self._reached += adds
                part.end(item, spot, kind)
                return True
        return False


_State = tuple[int, NDArray[np.bool_], NDArray[Any] | None, frozenset[Flag]]


class RowsOf:
    """The rows of one event: their kinds, and what one of each adds to each number."""

    def __init__(
        self, event: EventRows, numbers: Sequence[Var], first: int, edges: Sequence[Flag], there: Sequence[GivenEvent]
    ) -> None:
        """`first` is the place of the first of these numbers among those of all events."""
        self.event = event
        self.numbers = tuple(numbers)
        self.first = first
        meanings = [*(var.meaning for var in numbers), *(item.meaning for item in edges)]
        kept = {item.property for item in meanings if isinstance(item, Total | Distinct)}
        self._kinds = event.kinds(conditions_of(meanings), kept)
        self._of_kind = np.array([self._contributed(var) for var in numbers], dtype=np.float64)
        self._of_kind = self._of_kind.reshape(len(numbers), len(self._kinds))
        self._in_time = event.in_time(numbers)
        self.width = (self._in_time != 0).sum(axis=1) * (self._of_kind != 0).sum(axis=1)
        self._allowed = np.ones((self._in_time.shape[1], len(self._kinds)), dtype=np.bool_)
        self._distinct = [place for place, var in enumerate(numbers) if isinstance(var.meaning, Distinct)]
        self.edges: frozenset[Flag] = frozenset()
        """The first and last rows that are there."""
        self.there = event.come_to(there, numbers) if there else np.zeros(len(numbers))
        """What rows from elsewhere come to."""
        self._chosen: list[tuple[int, int]] = []

    @property
    def all(self) -> slice:
        """The places of these numbers among those of all events."""
        return slice(self.first, self.first + len(self.numbers))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._chosen)

    @property
    def counts_values(self) -> bool:
        """Whether a second row of a kind may add less than the first."""
        return bool(self._distinct)

    def rows(self) -> list[GivenEvent]:
        """The rows that were laid."""
        return [self.event.given(spot, self._kinds.values(kind)) for spot, kind in self._chosen]

    def adds(self, spot: int, kind: int) -> Numbers:
        """What one row adds to each number."""
        added: Numbers = self._in_time[:, spot] * self._of_kind[:, kind]
        return added

    def state(self, *, changing: bool) -> _State:
        """What `reset` needs to take back all that is laid from here on; `changing` where first or last rows are."""
        counted = self._of_kind[self._distinct].copy() if self._distinct else None
        return len(self._chosen), self._allowed.copy() if changing else self._allowed, counted, self.edges

    def reset(self, state: _State) -> None:
        """Take back what was laid since."""
        count, self._allowed, counted, self.edges = state
        del self._chosen[count:]
        if counted is not None:
            self._of_kind[self._distinct] = counted

    def best(self, weights: Numbers, helping: NDArray[np.intp]) -> list[tuple[float, int, int]]:
        """The rows that help most among those that raise one of some numbers: gain, stretch of time and kind."""
        used = weights.nonzero()[0]
        spots = np.flatnonzero(self._in_time[helping].any(axis=0))
        kinds = np.flatnonzero((self._of_kind[helping] > 0).any(axis=0))
        if not len(spots) or not len(kinds):
            return []
        helped = (self._in_time[used][:, spots] * weights[used, None]).T
        if len(kinds) > _LIKELY:
            weighed = np.zeros(len(weights))
            weighed[used] = helped.mean(axis=0)
            rough = np.rint(np.einsum("u,uk->k", weighed, self._of_kind)[kinds] * 1e6)
            kinds = np.sort(kinds[np.argsort(-rough, kind="stable")[:_LIKELY]])
        gain = _product(helped, self._of_kind[np.ix_(used, kinds)])
        gain = np.where(self._allowed[np.ix_(spots, kinds)], gain, _NEVER)
        # Rounded, since the last digits of sums are not the same on every machine.
        rounded = np.rint(gain * 1e6)
        found: list[tuple[float, int, int]] = []
        for _ in range(_TRIED):
            spot, kind = divmod(int(rounded.argmax()), len(kinds))
            if rounded[spot, kind] <= _NEVER * 1e6:
                break
            found.append((float(rounded[spot, kind]), int(spots[spot]), int(kinds[kind])))
            rounded[spot, kind] = _NEVER * 1e6
        return found

    def add(self, spot: int, kind: int, times: int) -> None:
        """Lay a row so many times."""
        self._chosen += [(spot, kind)] * times
        for place in self._distinct:
            meaning = self.numbers[place].meaning
            assert isinstance(meaning, Distinct)
            if self._in_time[place, spot] and self._of_kind[place, kind]:
                # The same value counts once.
                places = self._kinds.places[meaning.property]
                self._of_kind[place, places == places[kind]] = 0

    def ends(self, meaning: EdgeRow, weights: Numbers) -> list[tuple[int, int]]:
        """Rows that would do as a first or last one, those near the end first."""
        inside = self._kinds.said(meaning.rows.where) == 1
        fitting = inside & (self._kinds.signs[meaning.condition] == SIGN[meaning.value])
        within = self.event.within(meaning.rows).nonzero()[0]
        order = within if meaning.which is AggregateKind.LAST else within[::-1]
        found = []
        for spot in order[:4]:
            gain = np.einsum("u,uk->k", self._in_time[:, spot] * weights, self._of_kind)
            gain = np.where(self._allowed[spot] & fitting, gain, _NEVER)
            kind = int(np.rint(gain * 1e6).argmax()) if len(gain) else 0
            if len(gain) and gain[kind] > _NEVER:
                found.append((int(spot), kind))
        return found

    def end(self, item: Flag, spot: int, kind: int) -> None:
        """Lay a row as the first or last one: none that is otherwise comes beyond it."""
        meaning = item.meaning
        assert isinstance(meaning, EdgeRow)
        self.add(spot, kind, 1)
        self.edges |= {item}
        inside = self._kinds.said(meaning.rows.where) == 1
        fitting = inside & (self._kinds.signs[meaning.condition] == SIGN[meaning.value])
        beyond = self.event.within(meaning.rows)
        if meaning.which is AggregateKind.LAST:
            beyond[spot + 1 :] = False
        else:
            beyond[:spot] = False
        self._allowed[np.ix_(beyond, inside & ~fitting)] = False

    def _contributed(self, var: Var) -> NDArray[Any]:
        """What one row of each kind adds to a number."""
        match var.meaning:
            case Number(rows, plane):
                made: NDArray[Any] = self._kinds.said(rows.where) == (1 if plane is Plane.SURE else 0)
                return made
            case Total(rows, of, scale):
                inside = self._kinds.said(rows.where) == 1
                amounts = self._kinds.amounts[of][self._kinds.places[of]] * (scale or 1)
                return np.where(inside, amounts, 0.0)
            case Distinct(rows):
                return np.where(self._kinds.said(rows.where) == 1, 1.0, 0.0)
            case _:
                raise AssertionError(var.meaning)  # invariant: only these are asked for


def _product(left: Numbers, right: Numbers) -> Numbers:
    """The product of two matrices, a few columns at a time: for large ones threads are started that wait long."""
    made = np.empty((left.shape[0], right.shape[1]))
    step = max(1, _SMALL // max(1, left.size))
    for first in range(0, right.shape[1], step):
        np.matmul(left, right[:, first : first + step], out=made[:, first : first + step])
    return made
