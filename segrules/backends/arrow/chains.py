"""Which rows start a chain, for all customers at once: `did A then B with same product within 7 days without C`.

A chain is worked out from its end: once it is known which rows of the last step hold, the step before asks only
whether one of them lies where it has to, which is a lookup among sorted rows. Where a step names a row further back,
or compares rows otherwise than by equality, pairs of rows are laid out and tested, so many at a time. What is unknown
makes two passes: one for rows that surely start a chain, one for those that may.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from segrules.backends.arrow.behind import stretch_behind
from segrules.backends.arrow.frames import BaseValue, Setting
from segrules.backends.arrow.grouping import identity
from segrules.backends.arrow.lookups import Sought, places_in
from segrules.backends.arrow.steps import StepRows, own_and_paired, steps_named
from segrules.backends.arrow.tables import RowFrame
from segrules.backends.arrow.vectors import Flags, Ints, Vector, joined
from segrules.ir import nodes as ir
from segrules.ir.build import conjunction
from segrules.types.types import TextType

_MOST_KEYS = 4
"""So many equal columns are looked up; for further ones pairs of rows are tested."""

Starts = Mapping[int, Ints]
"""The first steps of a chain, several times over: by number of a step its rows. What nobody asks for is left out."""

Kept = Callable[[ir.Link], StepRows | None]
"""The rows that may be what a link looks for; None where there are none."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A column of the row that is looked for, and the column of an earlier row that it equals."""

    name: str
    step: int
    earlier: str


@dataclass(frozen=True, slots=True, eq=False)
class _KeyCodes:
    """Numbers for the values of a key in both tables, equal where the values are and 0 for none; and their bound."""

    earlier: Ints
    rows: Ints
    bound: int


@dataclass(frozen=True, slots=True, eq=False)
class _Link:
    """A link seen from step `step`: the rows it looks for, which of them may matter, and what is asked of a pair."""

    link: ir.Link
    step: int
    rows: StepRows
    alive: Ints
    keys: tuple[_Key, ...]
    codes: tuple[_KeyCodes, ...]
    paired: ir.Condition | None

    @property
    def event(self) -> str:
        """The event that it looks for."""
        return self.link.events.names[0]

    @property
    def named(self) -> frozenset[int]:
        """The steps whose rows are compared."""
        paired = frozenset[int]() if self.paired is None else steps_named([self.paired])
        return paired | {key.step for key in self.keys}


class Chain:
    """The chain of some links behind the rows of one event."""

    def __init__(
        self, setting: Setting, customers: int, event: str, first: StepRows, links: Sequence[ir.Link], kept: Kept
    ) -> None:
        self._setting = setting
        self._events, self._rows = [event], [first]
        self._withouts: list[list[_Link]] = [[]]
        self._thens: list[_Link] = []
        present = np.zeros(customers, np.bool_)
        present[first.codes] = True
        for link in links:
            made = self._made(link, present, kept)
            if link.kind is ir.LinkKind.THEN:
                self._thens.append(made)
                self._events.append(made.event)
                self._rows.append(made.rows)
                self._withouts.append([])
            else:
                self._withouts[-1].append(made)
        self._good: dict[tuple[int, bool], Flags] = {}
        self._sorted: dict[tuple[int, bool], Sought] = {}

    def holds(self) -> tuple[Flags, Flags]:
        """Which of the first rows surely start a chain, and which may."""
        first = self._rows[0]
        perhaps = self._holds(0, {0: np.arange(len(first))}, surely=False)
        if self._is_certain():
            return perhaps, perhaps
        surely = first.sure & perhaps
        rows = np.flatnonzero(surely)
        surely[rows] = self._holds(0, {0: rows}, surely=True)
        return surely, perhaps

    # --- preparing

    def _made(self, link: ir.Link, present: Flags, kept: Kept) -> _Link:
        step = len(self._rows) - 1
        _, paired = own_and_paired(link.events.where)
        of = self._setting.catalogue.events[link.events.names[0]].properties
        before = self._setting.catalogue.events[self._events[step]].properties
        keys = [_Key(name, step, name) for name in link.same][:_MOST_KEYS]
        tests: list[ir.Condition] = [
            ir.Compare(
                ir.CompareOp.EQ, ir.Property(name, of[name].type), ir.StepProperty(step, name, before[name].type)
            )
            for name in link.same[_MOST_KEYS:]
        ]
        for condition in paired:
            key = _key(condition)
            if key is not None and len(keys) < _MOST_KEYS:
                keys.append(key)
            else:
                tests.append(condition)
        rows = kept(link)
        if rows is None:
            rows = self._rows[0].bare(np.zeros(0, np.int64))
        alive = np.flatnonzero(present[rows.codes])
        distinct = tuple(dict.fromkeys(keys))
        coded = tuple(self._codes(key, rows) for key in distinct) if len(alive) else ()
        return _Link(link, step, rows, alive, distinct, coded, conjunction(tests) if tests else None)

    def _codes(self, key: _Key, rows: StepRows) -> _KeyCodes:
        earlier = self._rows[key.step]
        if not len(earlier):
            return _KeyCodes(np.zeros(0, np.int64), np.zeros(len(rows), np.int64), 1)
        codes, bound = identity(joined([earlier.columns[key.earlier], rows.columns[key.name]]))
        return _KeyCodes(codes[: len(earlier)], codes[len(earlier) :], bound)

    def _links(self) -> list[_Link]:
        return [*(link for links in self._withouts for link in links), *self._thens]

    def _is_certain(self) -> bool:
        """Whether nothing is unknown, so that one pass says all."""
        links = self._links()
        if not all(rows.sure.all() for rows in (self._rows[0], *(link.rows for link in links))):
            return False
        codes = (codes for link in links for key in link.codes for codes in (key.earlier, key.rows))
        return all(link.paired is None for link in links) and all(found.all() for found in codes)

    def _asked(self, step: int) -> frozenset[int]:
        """The steps before `step` of which something is asked behind it."""
        behind = [link for link in self._links() if link.step >= step]
        return frozenset(other for link in behind for other in link.named if other < step)

    # --- working out

    def _holds(self, step: int, starts: Starts, *, surely: bool) -> Flags:
        """For starts that have reached `step`: whether all that is to follow does."""
        found = np.ones(len(starts[step]), np.bool_)
        for link in self._withouts[step]:
            left = np.flatnonzero(found)
            # Surely none is there only where there is none that may be.
            found[left] = ~self._exists(link, _some(starts, left), surely=not surely)
        for link in self._thens[step : step + 1]:
            left = np.flatnonzero(found)
            found[left] = self._exists(link, _some(starts, left), surely=surely)
        return found

    def _holds_each(self, step: int, starts: Starts, *, surely: bool) -> Flags:
        """`_holds`, worked out once for starts that differ only in rows that nobody asks for any more."""
        needed = sorted(self._asked(step) | {step})
        key, bound = np.zeros(len(starts[step]), np.int64), 1
        for number in needed:
            rows = max(len(self._rows[number]), 1)
            if bound > 2**62 // rows:
                # Numbers so far become as small as they can be.
                key = np.unique(key, return_inverse=True)[1]
                bound = len(key)
            key, bound = key * rows + starts[number], bound * rows
        _, first, back = np.unique(key, return_index=True, return_inverse=True)
        found: Flags = self._holds(step, {number: starts[number][first] for number in needed}, surely=surely)[back]
        return found

    def _exists(self, link: _Link, starts: Starts, *, surely: bool) -> Flags:
        """For some starts: whether there is a row that a link looks for, with all that is to follow it."""
        step = self._rows[link.step].bare(starts[link.step])
        found = np.zeros(len(step), np.bool_)
        rows, rest_is_open = self._candidates(link, surely=surely)
        if not len(step) or not len(rows):
            return found
        first, last, time = stretch_behind(step.time, link.rows.time, link.link, self._setting.clock)
        sought = self._sought(link, rows, time, surely=surely)
        keys = [codes.earlier[starts[key.step]] for key, codes in zip(link.keys, link.codes, strict=True)]
        own = self._own(link, step)
        for lookup in sought.found(step.codes, keys, first, last, surely=surely):
            if link.paired is None and not rest_is_open:
                found[lookup.which] |= lookup.any if own is None else lookup.others(own)
                continue
            for which, other in lookup.pairs(found):
                kept = np.ones(len(which), np.bool_) if own is None else own[which] != other
                which, other = which[kept], other[kept]
                fits = self._fits(link, _some(starts, which), other, surely=surely)
                if rest_is_open:
                    left = np.flatnonzero(fits)
                    ahead = {**_some(starts, which[left]), link.step + 1: other[left]}
                    fits[left] = self._holds_each(link.step + 1, ahead, surely=surely)
                found[which[fits]] = True
        return found

    def _candidates(self, link: _Link, *, surely: bool) -> tuple[Ints, bool]:
        """The rows that a link may find, and whether what follows them is still to be looked at for each start."""
        rows = link.alive[link.rows.sure[link.alive]] if surely else link.alive
        if link.link.kind is not ir.LinkKind.THEN:
            return rows, False
        step = link.step + 1
        if not self._withouts[step] and len(self._thens) == step:
            return rows, False
        if self._asked(step):
            return rows, True
        if (step, surely) not in self._good:
            good = np.zeros(len(link.rows), np.bool_)
            good[rows] = self._holds(step, {step: rows}, surely=surely)
            self._good[step, surely] = good
        return rows[self._good[step, surely][rows]], False

    def _sought(self, link: _Link, rows: Ints, time: Ints, *, surely: bool) -> Sought:
        """The rows of a link, sorted once."""
        key = id(link), surely
        if key not in self._sorted:
            keys = [(codes.rows, codes.bound) for codes in link.codes]
            self._sorted[key] = Sought(link.rows.codes, keys, time, rows)
        return self._sorted[key]

    def _own(self, link: _Link, step: StepRows) -> Ints | None:
        """For each looker its own row among the link's (-1: it is none); None where it cannot find it."""
        if link.link.kind is ir.LinkKind.THEN or link.event != self._events[link.step]:
            return None
        order = np.argsort(link.rows.positions)
        place = places_in(link.rows.positions[order], step.positions)
        return np.where(place < 0, -1, order[place])

    def _column(self, step: int, name: str, starts: Starts) -> Vector:
        return self._rows[step].columns[name].take(starts[step])

    def _fits(self, link: _Link, starts: Starts, other: Ints, *, surely: bool) -> Flags:
        """Whether pairs are what a link asks for, apart from keys and times."""
        if link.paired is None:
            return np.ones(len(other), np.bool_)
        rows = link.rows
        earlier = lambda step, name: self._column(step, name, starts)  # noqa: E731
        frame = _PairFrame(self._setting, rows, other, earlier)
        planes = frame.truth(link.paired)
        return planes.true if surely else ~planes.false


class _PairFrame(RowFrame):
    """Rows that follow others; `earlier` gives columns of the rows before them."""

    def __init__(self, setting: Setting, rows: StepRows, which: Ints, earlier: Callable[[int, str], Vector]) -> None:
        columns = lambda name: rows.columns[name].take(which)  # noqa: E731
        super().__init__(setting, len(which), columns, codes=rows.codes[which], customers=rows.customers)
        self._earlier = earlier

    def base(self, node: BaseValue) -> Vector:
        """A column of the row or of an earlier one, or a value of its customer."""
        if isinstance(node, ir.StepProperty):
            return self._earlier(node.step, node.name)
        return super().base(node)


def _some(starts: Starts, which: Ints) -> Starts:
    return {step: rows[which] for step, rows in starts.items()}


def _key(condition: ir.Condition) -> _Key | None:
    """An equality of a column of the row and one of an earlier row, where equal values are all that it asks for."""
    match condition:
        case ir.Compare(ir.CompareOp.EQ, ir.Property() as own, ir.StepProperty() as other, False):
            pass
        case ir.Compare(ir.CompareOp.EQ, ir.StepProperty() as other, ir.Property() as own, False):
            pass
        case _:
            return None
    plain = not any(isinstance(node.type, TextType) and node.type.ordered for node in (own, other))
    return _Key(own.name, other.step, other.name) if plain else None
