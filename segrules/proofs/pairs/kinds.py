"""The kinds that rows of an event can be of, as far as filters tell them apart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from segrules.ir import nodes as ir
from segrules.proofs.encoding.attributes import scale_of
from segrules.proofs.encoding.cells import one_property, shared_filter, tests_in
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.regions import Region, regions
from segrules.reference.interpreter import Interpreter
from segrules.reference.world import Row

MOST = 6_000
_SIZES = (1_000,)
"""Amounts that rows have besides the simplest one, where nothing is asked of the amount of one row."""

Signs = NDArray[np.int8]
"""What a condition says of kinds of rows: 1 yes, 0 unknown, -1 no."""

SIGN: Mapping[bool | None, int] = {True: 1, False: -1, None: 0}


@dataclass(frozen=True, slots=True)
class Kinds:
    """Kinds of rows: what conditions say of each, and the place among `regions` of each value of a property."""

    count: int
    signs: Mapping[ir.Condition, Signs]
    places: Mapping[str, NDArray[np.intp]]
    regions: Mapping[str, Sequence[Region]]
    amounts: Mapping[str, NDArray[np.float64]]
    """The regions' values as numbers, for what is added up."""

    def __len__(self) -> int:
        return self.count

    def values(self, kind: int) -> dict[str, object]:
        """The values of one kind."""
        return {name: self.regions[name][int(places[kind])].value for name, places in self.places.items()}

    def said(self, where: ir.Condition | None) -> Signs:
        """What a filter says of each kind; all pass where there is none."""
        return np.ones(len(self), dtype=np.int8) if where is None else self.signs[where]


class Properties:
    """The properties of one event, cut where `conditions` tell values apart; `kept` are added up or counted."""

    def __init__(
        self,
        encoder: Encoder,
        event: str,
        conditions: Iterable[ir.Condition],
        kept: Iterable[str],
        interpreter: Interpreter,
    ) -> None:
        self._interpreter = interpreter
        of = encoder.rules.catalogue.events[event]
        table = encoder.rules.catalogue.tables[of.table]
        self._columns = {**table.columns, **of.properties} if of.grouping is None else dict(of.properties)
        conditions = tuple(dict.fromkeys(conditions))
        self._allowed = shared_filter(of.where, conditions) if of.grouping is None else None
        kept = frozenset(kept)
        tests: dict[str, list[ir.Condition]] = {name: [] for name in sorted(kept)}
        others: list[ir.Condition] = []
        self._leaves: dict[ir.Condition, tuple[ir.Condition, ...]] = {}
        for condition in dict.fromkeys([*conditions, *([] if self._allowed is None else [self._allowed])]):
            self._leaves[condition] = tuple(dict.fromkeys(tests_in(condition)))
            for leaf in self._leaves[condition]:
                name = one_property(leaf, self._columns)
                into = others if name is None else tests.setdefault(name, [])
                if leaf not in into:
                    into.append(leaf)
        self._regions: dict[str, Sequence[Region]] = {}
        self._signs: dict[ir.Condition, tuple[str, Signs]] = {}
        for name in sorted(tests):
            column = self._columns[name]
            scale = scale_of(column.type, column)
            cut = regions(column, column.type, tests[name], scale)
            told = [] if cut is None else tests[name]
            if cut is None:
                cut = regions(column, column.type, (), scale) or ()
            if name in kept and scale:
                cut = tuple(part for region in cut for part in _of_all_sizes(region, scale))
            for leaf in told:
                said = [SIGN[interpreter.truth(leaf, None, Row({name: region.value}))] for region in cut]
                self._signs[leaf] = name, np.array(said, dtype=np.int8)
            self._regions[name] = cut
        self._amounts = {name: _numbers(self._regions[name]) for name in kept}

    def kinds(self, conditions: Iterable[ir.Condition], kept: Iterable[str]) -> Kinds:
        """The kinds that some conditions tell apart, or that have another value of a property that is `kept`."""
        conditions = tuple(dict.fromkeys(conditions))
        counted = set(kept)
        asked = (*conditions, *(() if self._allowed is None else (self._allowed,)))
        tests: dict[str, list[Signs]] = {name: [] for name in sorted(counted)}
        leaves = dict.fromkeys(leaf for condition in asked for leaf in self._leaves[condition])
        for leaf in leaves:
            if leaf in self._signs:
                name, signs = self._signs[leaf]
                tests.setdefault(name, []).append(signs)
        names = sorted(tests)
        chosen = [self._told_apart(name, tests[name], all_=name in counted) for name in names]
        while np.prod([len(found) for found in chosen], dtype=np.int64) > MOST:
            longest = max(range(len(chosen)), key=lambda place: len(chosen[place]))
            chosen[longest] = chosen[longest][: len(chosen[longest]) * 3 // 4]
        shape = tuple(len(found) for found in chosen)
        known: dict[ir.Condition, Signs] = {}
        for leaf in leaves:
            if leaf not in self._signs:
                known[leaf] = np.zeros(shape, dtype=np.int8)
                continue
            name, signs = self._signs[leaf]
            axis = names.index(name)
            along = [1] * len(shape)
            along[axis] = shape[axis]
            known[leaf] = np.broadcast_to(signs[chosen[axis]].reshape(along), shape)
        there = np.ones(shape, dtype=np.bool_)
        if self._allowed is not None:
            there = _kleene(self._allowed, known, shape) == 1
        told = [_kleene(condition, known, shape)[there] for condition in conditions]
        places = np.argwhere(there)
        # Kinds of which every condition says the same, with the same amounts, are one.
        apart = [axis for axis, name in enumerate(names) if name in counted]
        alike = np.column_stack([*told, *(places[:, axis] for axis in apart), np.zeros(len(places), dtype=np.int64)])
        first = _firsts(alike)
        places = places[first]
        return Kinds(
            len(places),
            {condition: signs[first] for condition, signs in zip(conditions, told, strict=True)},
            {name: chosen[axis][places[:, axis]] for axis, name in enumerate(names)},
            self._regions,
            self._amounts,
        )

    def said_of(self, condition: ir.Condition | None, row: Row) -> int:
        """What a condition says of one row; unknown where it compares the row with something else."""
        if condition is None:
            return 1
        told = {
            leaf: np.array(SIGN[self._interpreter.truth(leaf, None, row)] if leaf in self._signs else 0, dtype=np.int8)
            for leaf in self._leaves[condition]
        }
        return int(_kleene(condition, told, ()))

    def _told_apart(self, name: str, signs: Sequence[Signs], *, all_: bool) -> NDArray[np.intp]:
        """The first of all values of which the same is said; each where all are wanted."""
        count = len(self._regions[name])
        if all_ or not signs:
            return np.arange(count if all_ else min(count, 1))
        return _firsts(np.column_stack(signs))


def _of_all_sizes(region: Region, scale: int) -> Iterator[Region]:
    """A region for each of some of its values, small ones and large ones: a total is not made of many small amounts."""
    yield region
    if region.value is None or region.size == 1:
        return
    for size in _SIZES:
        steps = size * scale
        within = (region.low is None or region.low <= steps) and (region.high is None or steps <= region.high)
        value = Fraction(size) if isinstance(region.value, Fraction) else size
        if within and value != region.value:
            yield replace(region, value=value)


def _numbers(regions_: Sequence[Region]) -> NDArray[np.float64]:
    values = (region.value for region in regions_)
    return np.array([float(value) if isinstance(value, int | Fraction) else 0.0 for value in values])


def _firsts(rows: NDArray[np.generic]) -> NDArray[np.intp]:
    """The places of rows that are like none before them."""
    if not len(rows):
        return np.arange(0)
    packed = np.ascontiguousarray(rows)
    _, first = np.unique(packed.view(f"V{packed.dtype.itemsize * packed.shape[1]}").ravel(), return_index=True)
    first.sort()
    return first


def _kleene(condition: ir.Condition, known: Mapping[ir.Condition, Signs], shape: tuple[int, ...]) -> Signs:
    """What a condition says of all kinds of rows."""
    made: Signs
    match condition:
        case ir.And(items):
            made = np.minimum.reduce([_kleene(item, known, shape) for item in items])
        case ir.Or(items):
            made = np.maximum.reduce([_kleene(item, known, shape) for item in items])
        case ir.Not(item):
            made = -_kleene(item, known, shape)
        case ir.Fixed(value):
            made = np.full(shape, SIGN[value], dtype=np.int8)
        case _:
            made = known[condition]
    return made
