"""Fills a program's rows of bits from the tests of one value: thresholds on numbers and times, sets of texts.

What depends on the column alone (its scale, its dictionary) is worked out once for as long as that stays the same;
what is left for every block is one comparison of the column with all constants, and one packing of bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.atoms import as_bound, edge_number
from segrules.backends.arrow.numbers import divided_at_least, threshold
from segrules.backends.arrow.vectors import Array, Flags, Kind, Vector, lookup, results
from segrules.lowering import leaves
from segrules.lowering.edges import Edge
from segrules.reference.values import Absent
from segrules.reference.windows import Clock
from segrules.types.instants import day_number, microseconds

Bits = npt.NDArray[np.uint8]

_FEW = 6
"""Sets of texts with so few members are compared text by text, larger ones are looked up."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Where the tests of one value go: `yes` has rows for the first of them, `no` for the last of them."""

    yes: Bits
    no: Bits

    def put(self, tested: Bits, present: Bits | None, perhaps: Bits | None = None) -> None:
        """Write packed tests, a row for each, where there is a value.

        The no side is the opposite of `perhaps`, where that is given: of counts in doubt, what may be so.
        """
        size = tested.shape[1]
        yes, no = self.yes[:, :size], self.no[:, :size]
        if len(yes):
            if present is None:
                yes[:] = tested[: len(yes)]
            else:
                np.bitwise_and(tested[: len(yes)], present, out=yes)
        if len(no):
            np.bitwise_not((tested if perhaps is None else perhaps)[len(tested) - len(no) :], out=no)
            if present is not None:
                np.bitwise_and(no, present, out=no)


class Space:
    """Memory for comparisons, used again for every block: fresh memory of this size would cost more than comparing."""

    def __init__(self) -> None:
        self._flags = np.zeros(0, np.bool_)

    def packed(self, test: np.ufunc, data: Array, constants: Array) -> Bits:
        """The bits of a test of one column against several constants, one row for each."""
        size = len(constants) * len(data)
        if len(self._flags) < size:
            self._flags = np.zeros(size, np.bool_)
        flags = self._flags[:size].reshape(len(constants), len(data))
        test(data, constants[:, None], out=flags)
        return np.packbits(flags, axis=1, bitorder="little")


# --- thresholds -----------------------------------------------------------------------------------


class Thresholds:
    """Tests of one value against bounds."""

    def __init__(self, rows: Rows, tests: Sequence[leaves.Leaf], clock: Clock) -> None:
        self._rows = rows
        self._tests = [leaf for leaf in tests if isinstance(leaf, leaves.AtLeast)]
        self._clock = clock
        self._made: dict[Any, list[int | float] | None] = {}

    def fill(self, vector: Vector, present: Bits | None, space: Space) -> None:
        """Fill the rows of a block; `present` says (packed) where there is a value."""
        if not self._tests:
            return
        least = self._thresholds(vector)
        if least is None:
            one_by_one = [np.packbits(self._one_by_one(leaf, vector), bitorder="little") for leaf in self._tests]
            self._rows.put(np.stack(one_by_one), present)
            return
        reached = _reached(vector.data, least, space)
        perhaps = None if vector.upper is None else _reached(vector.upper, least, space)
        self._rows.put(reached, present, perhaps)

    def _thresholds(self, vector: Vector) -> list[int | float] | None:
        """The thresholds on the vector's own scale."""
        key = (vector.kind, vector.denominator, vector.divisors is None)
        if key not in self._made:
            self._made[key] = self._make(vector)
        return self._made[key]

    def _make(self, vector: Vector) -> list[int | float] | None:
        if vector.divisors is not None or vector.kind is Kind.OBJECT:
            return None
        numbers: list[int | float] = []
        for leaf in self._tests:
            bound = self._bound(leaf, vector)
            if bound is None:
                return None
            numbers.append(threshold(vector, bound, strict=leaf.strict))
        return numbers

    def _bound(self, leaf: leaves.AtLeast, vector: Vector) -> Fraction | int | float | None:
        if vector.kind in (Kind.DAY, Kind.INSTANT) and isinstance(leaf.bound, Edge):
            return edge_number(leaf.bound, vector.kind, self._clock)
        return None if isinstance(leaf.bound, Edge) else as_bound(vector, leaf.bound, self._clock)

    def _one_by_one(self, leaf: leaves.AtLeast, vector: Vector) -> Flags:
        """Numbers with divisors, and values that stand as Python objects."""
        if vector.divisors is not None and isinstance(leaf.bound, int | Fraction):
            return divided_at_least(vector, leaf.bound, strict=leaf.strict)
        reached = np.zeros(len(vector), np.bool_)
        for row, value in enumerate(results(vector)):
            if not isinstance(value, Absent):
                reached[row] = self._reaches(leaf, value)
        return reached

    def _reaches(self, leaf: leaves.AtLeast, value: Any) -> bool:
        bound: Any = leaf.bound
        if isinstance(bound, Edge):
            kind = Kind.INSTANT if hasattr(value, "hour") else Kind.DAY
            bound = edge_number(bound, kind, self._clock)
            value = microseconds(value) if kind is Kind.INSTANT else day_number(value)
        return bool(value > bound if leaf.strict else value >= bound)


def _reached(data: Array, least: Sequence[int | float], space: Space) -> Bits:
    """Packed `data >= t` for every threshold.

    Whole numbers are compared in the type that numpy compares fastest among those that hold the block's exactly:
    64-bit integers take four to six times as long as bytes, and twice as long as doubles. A threshold beyond the
    block's numbers holds for all or for none, and is moved beside the last of them.
    """
    if data.dtype.kind == "f" or not len(data):
        return space.packed(np.greater_equal, data, np.array(least, data.dtype))
    first, last = int(data.min()), int(data.max())
    if last == np.iinfo(np.int64).max:
        return np.stack([np.packbits(data >= t if t <= last else data < first, bitorder="little") for t in least])
    clipped = [min(max(number, first), last + 1) for number in least]
    fast = _fastest(first, last + 1)
    return space.packed(np.greater_equal, data.astype(fast, copy=False), np.array(clipped, fast))


def _fastest(first: int, last: int) -> type[np.generic]:
    for of, limit in _FASTEST:
        if -limit <= first and last < limit:
            return of
    return np.int64


_FASTEST = ((np.int8, 2**7), (np.int16, 2**15), (np.float32, 2**24), (np.float64, 2**53))
"""Types from fast to slow, and the size up to which each holds every whole number."""


# --- text -----------------------------------------------------------------------------------------


class TextSets:
    """Tests whether one value is among some texts."""

    def __init__(self, rows: Rows, tests: Sequence[leaves.Leaf]) -> None:
        self._rows = rows
        self._sets = [pa.array(sorted(leaf.texts), pa.string()) for leaf in tests if isinstance(leaf, leaves.Member)]
        self._dictionary: pa.Array | None = None
        self._hits: list[Array] = []
        self._asked: Array = np.zeros(0, np.int64)

    def fill(self, vector: Vector, present: Bits | None, space: Space) -> None:
        """Fill the rows of a block; `present` says (packed) where there is a value."""
        if not self._sets:
            return
        if not self._is_read(vector.dictionary):
            self._read(vector.dictionary)
        equal = self._equal(vector, space)
        tested = np.empty((len(self._hits), (len(vector) + 7) // 8), np.uint8)
        for row, hits in zip(tested, self._hits, strict=True):
            self._test(hits, vector, equal, row)
        self._rows.put(tested, present)

    def _test(self, hits: Array, vector: Vector, equal: Mapping[int, Bits], row: Bits) -> None:
        if len(hits) > _FEW:
            marks = np.zeros(len(vector.dictionary), np.bool_)
            marks[hits] = True
            row[:] = np.packbits(lookup(marks, vector), bitorder="little")
        elif not len(hits):
            row[:] = 0
        else:
            first, *others = (equal[code] for code in hits.tolist())
            row[:] = first
            for other in others:
                np.bitwise_or(row, other, out=row)

    def _is_read(self, dictionary: pa.Array | None) -> bool:
        if dictionary is None or self._dictionary is None:
            return False
        return dictionary is self._dictionary or self._dictionary.equals(dictionary)

    def _read(self, dictionary: pa.Array | None) -> None:
        # A column without any value has no dictionary, and nothing is among anything.
        texts = pa.array([], pa.string()) if dictionary is None else dictionary
        self._dictionary = dictionary
        found = (pc.is_in(texts, value_set=wanted).to_numpy(zero_copy_only=False) for wanted in self._sets)
        self._hits = [np.flatnonzero(flags) for flags in found]
        asked = {code for hits in self._hits if len(hits) <= _FEW for code in hits.tolist()}
        self._asked = np.array(sorted(asked), np.int64)

    def _equal(self, vector: Vector, space: Space) -> dict[int, Bits]:
        if not len(self._asked):
            return {}
        codes = vector.data
        return dict(
            zip(self._asked.tolist(), space.packed(np.equal, codes, self._asked.astype(codes.dtype)), strict=True)
        )
