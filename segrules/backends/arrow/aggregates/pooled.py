"""Values of everybody into one: what population figures are made of, from rows of events or from customers."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from segrules.backends.arrow.aggregates.extremes import Extremes, extreme
from segrules.backends.arrow.aggregates.pairs import Values
from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.aggregates.states import Counts, State
from segrules.backends.arrow.aggregates.sums import Sums, total
from segrules.backends.arrow.numbers import largest
from segrules.backends.arrow.ordering import places
from segrules.backends.arrow.slow import sure
from segrules.backends.arrow.vectors import Ints, Kind, Vector, joined, results
from segrules.ir import nodes as ir
from segrules.ir.build import rounded
from segrules.reference.population import place_of
from segrules.reference.values import NONE, Result
from segrules.types.types import FloatType

_SAFE = 2**63 - 1


class Doubtful(Counts):
    """How many rows of everybody are in doubt."""

    def __init__(self) -> None:
        super().__init__(1)

    def count(self, codes: Ints) -> None:
        """Count rows, whosever they are."""
        self.counts[0] += len(codes)


class Pooled(State):
    """Values of everybody's rows, kept as `kind` needs them; `without` is how many rows have none."""

    def __init__(self, kind: ir.AggregateKind, of: ir.Value) -> None:
        super().__init__(1)
        self.of = of
        self.counted = 0
        self.without = 0
        self.quotients: list[Vector] = []
        self.inner: Sums | Extremes | Values
        match kind:
            case ir.AggregateKind.TOTAL | ir.AggregateKind.AVERAGE:
                self.inner = Sums(1, of)
            case ir.AggregateKind.SMALLEST | ir.AggregateKind.LARGEST:
                self.inner = Extremes(1, of, of.type, largest=kind is ir.AggregateKind.LARGEST)
            case _:
                self.inner = Values(1, of)

    def add(self, rows: Rows) -> None:
        """Take in rows."""
        self.take(rows.value(self.of), rows)

    def take(self, vector: Vector, rows: object = None) -> None:
        """Take in values; those that are absent or in doubt are counted only."""
        present = sure(vector)
        if present is not None and not present.all():
            self.without += int(np.count_nonzero(~present))
            vector = vector.take(np.flatnonzero(present))
        if not len(vector):
            return
        self.counted += len(vector)
        if isinstance(self.inner, Sums) and vector.kind is Kind.NUMBER and vector.divisors is not None:
            self.quotients.append(vector)
            return
        plain = Vector(
            vector.kind,
            vector.data,
            None,
            None,
            vector.denominator,
            vector.divisors,
            vector.dictionary,
            vector.distinct,
        )
        self.inner.take_in(np.zeros(len(vector), np.int64), plain, rows, None)  # type: ignore[arg-type]


def pooled_value(node: ir.Figure, states: Sequence[Pooled]) -> Result:
    """The figure that some values come to."""
    count = sum(state.counted for state in states)
    if not count:
        return 0 if node.kind is ir.FigureKind.TOTAL else NONE
    if node.kind in (ir.FigureKind.TOTAL, ir.FigureKind.AVERAGE):
        return _summed(node, states, count)
    if node.kind in (ir.FigureKind.SMALLEST, ir.FigureKind.LARGEST):
        return results(extreme([state.inner for state in states if isinstance(state.inner, Extremes)], 1))[0]
    vector = joined([part for state in states if isinstance(state.inner, Values) for part in state.inner.vectors])
    chosen = np.argpartition(places(vector, node.of.type), place := place_of(node, count))[place]
    return results(vector, np.array([chosen]))[0]


def _summed(node: ir.Figure, states: Sequence[Pooled], count: int) -> Result:
    sums = [state.inner for state in states if isinstance(state.inner, Sums)]
    quotients = [vector for state in states for vector in state.quotients]
    average = node.kind is ir.FigureKind.AVERAGE
    if not quotients:
        counts = np.array([count]) if average else None
        return results(total(sums, counts, 1, node.type))[0]
    rest = results(total(sums, None, 1, node.of.type))[0]
    if not isinstance(rest, int | Fraction):
        return rest  # infinite, beside which all others count for nothing
    exact = rest + sum((_of_quotients(vector) for vector in quotients), Fraction(0))
    exact = exact / count if average else exact
    return rounded(exact, node.type) if isinstance(node.type, FloatType) else exact


def _of_quotients(vector: Vector) -> Fraction:
    """The exact sum of numbers with divisors: those of one divisor are added first."""
    assert vector.divisors is not None
    distinct, place = np.unique(vector.divisors, return_inverse=True)
    fits = largest(vector.data) * len(vector.data) <= _SAFE
    sums = np.zeros(len(distinct), np.int64 if fits else object)
    np.add.at(sums, place, vector.data.astype(sums.dtype, copy=False))
    parts = zip(sums.tolist(), distinct.tolist(), strict=True)
    return sum((Fraction(int(number), int(divisor) * vector.denominator) for number, divisor in parts), Fraction(0))
