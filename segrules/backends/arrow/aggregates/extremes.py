"""The smallest or largest value per customer, and the first or last time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from segrules.backends.arrow.aggregates.ordering import Ranked, of_values, ranked
from segrules.backends.arrow.aggregates.states import Valued
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector, of_results, results
from segrules.ir import nodes as ir
from segrules.reference.aggregates import order_key
from segrules.reference.values import NONE
from segrules.types.types import Type

_INT64 = np.iinfo(np.int64)
_STEADY = (Kind.NUMBER, Kind.FLOAT, Kind.DAY, Kind.INSTANT)
"""Kinds whose numbers mean the same in every chunk."""


class Extremes(Valued):
    """Largest values (smallest where not `largest`), as the numbers that stand for them.

    `form` says what the numbers mean; chunks in which they mean something else are kept apart as Python values.
    """

    def __init__(self, customers: int, of: ir.Value | None, of_type: Type, *, largest: bool) -> None:
        super().__init__(customers, of)
        self.type = of_type
        self.largest = largest
        self.form: tuple[Any, ...] | None = None
        self.back: Any = None
        self.nothing = _INT64.min if largest else _INT64.max
        self.best: Ints = np.full(customers, self.nothing, np.int64)
        self.odd: dict[int, Any] = {}

    def take_in(self, codes: Ints, vector: Vector, rows: object, kept: Array | None) -> None:
        """Compare values with the best ones so far."""
        if not len(codes):
            return
        made = ranked(vector, self.type)
        form = _form(vector, made)
        self.form = self.form or form
        if form is None or form != self.form or self._edge(made.numbers) == self.nothing:
            self._add_odd(codes, vector)
            return
        self.back = made.back
        (np.maximum if self.largest else np.minimum).at(self.best, codes, made.numbers)

    def _edge(self, numbers: Ints) -> int:
        return int(numbers.min() if self.largest else numbers.max())

    def _add_odd(self, codes: Ints, vector: Vector) -> None:
        choose = max if self.largest else min
        key = order_key(self.type)
        for code, value in zip(codes.tolist(), results(vector), strict=True):
            self.odd[code] = choose(self.odd[code], value, key=key) if code in self.odd else value

    def values(self) -> dict[int, Any]:
        """The best values by customer, as Python has them."""
        found = dict(self.odd)
        codes = np.flatnonzero(self.best != self.nothing)
        if not len(codes):
            return found
        choose, key = max if self.largest else min, order_key(self.type)
        for code, value in zip(codes.tolist(), results(self.back(self.best[codes])), strict=True):
            found[code] = choose(found[code], value, key=key) if code in found else value
        return found


def _form(vector: Vector, made: Ranked) -> tuple[Any, ...] | None:
    """What numbers mean, where this does not change with the chunk."""
    if vector.kind in _STEADY and vector.divisors is None:
        return vector.kind, vector.denominator
    if vector.kind is Kind.CODE:
        return vector.kind, tuple(made.back(np.zeros(0, np.int64)).dictionary.to_pylist())
    return None


def extreme(states: Sequence[Extremes], customers: int) -> Vector:
    """The best values over all states; none for customers without one."""
    forms = {state.form for state in states if state.form is not None}
    if any(state.odd for state in states) or len(forms) > 1:
        return _slowly(states, customers)
    used = [state for state in states if state.back is not None]
    if not used:
        return Vector(
            Kind.NUMBER, np.zeros(customers, np.int64), np.zeros(customers, np.bool_), np.ones(customers, np.bool_)
        )
    best = used[0].best
    for state in used[1:]:
        best = (np.maximum if state.largest else np.minimum)(best, state.best)
    present = best != used[0].nothing
    vector: Vector = used[0].back(np.where(present, best, 0))
    if present.all():
        return vector
    return Vector(
        vector.kind, vector.data, present, ~present, denominator=vector.denominator, dictionary=vector.dictionary
    )


def _slowly(states: Sequence[Extremes], customers: int) -> Vector:
    choose, key = max if states[0].largest else min, order_key(states[0].type)
    found: dict[int, Any] = {}
    for state in states:
        for code, value in state.values().items():
            found[code] = choose(found[code], value, key=key) if code in found else value
    return scattered(found, customers)


def scattered(found: dict[int, Any], customers: int) -> Vector:
    """Python values by customer as a vector; none for everybody else."""
    if any(isinstance(value, str | tuple) for value in found.values()):
        codes = np.fromiter(found, np.int64, len(found))
        return spread(of_values(list(found.values())), codes, customers)
    return of_results([found.get(code, NONE) for code in range(customers)])


def spread(vector: Vector, codes: Ints, customers: int) -> Vector:
    """Values of some customers as a vector of all; none for everybody else."""
    there = np.zeros(customers, np.bool_)
    there[codes] = True
    if not len(codes):
        return Vector(Kind.NUMBER, np.zeros(customers, np.int64), there, ~there)
    place = np.zeros(customers, np.int64)
    place[codes] = np.arange(len(codes))
    taken = vector.take(place)
    present = there if taken.present is None else there & taken.present
    none = None if there.all() else ~there
    return Vector(
        taken.kind,
        taken.data,
        None if present.all() else present,
        none,
        taken.denominator,
        taken.divisors,
        taken.dictionary,
        taken.distinct,
    )
