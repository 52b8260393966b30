"""Runs a lowered program with numpy: leaves into rows of bits, then one operation on packed words after another.

Customers are taken block by block, so that a block's rows stay in the cache. A column is compared with all of its
constants in one broadcast operation; the two sides of a test share it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

import numpy as np
import numpy.typing as npt

from segrules.backends.arrow.customers import CustomerFrame
from segrules.backends.arrow.planting import Bits, Places, Space, TextSets, Thresholds
from segrules.backends.arrow.vectors import Flags, Kind, Vector
from segrules.lowering import leaves
from segrules.lowering.program import Operation, Program, Side
from segrules.reference.windows import Clock

Words = npt.NDArray[np.uint64]

_MOST_ROWS, _LEAST_ROWS = 131_072, 8_192
_ROOM = 64 * 2**20


def block_rows(program: Program, customers: int) -> int:
    """How many of so many customers are taken at once: fewer where a program has so many rows of bits."""
    fitting = max(_LEAST_ROWS, min(_MOST_ROWS, _ROOM * 8 // program.rows))
    return -(-max(min(fitting, customers), 1) // 64) * 64


@dataclass(slots=True)
class _Wanted:
    """The rows that the two sides of a leaf fill, None where a side is not read."""

    leaf: leaves.Leaf
    yes: int | None = None
    no: int | None = None


@dataclass(slots=True)
class _OfValue:
    """All leaves that test one value."""

    value: int
    thresholds: list[_Wanted] = field(default_factory=list)
    sets: list[_Wanted] = field(default_factory=list)
    others: list[_Wanted] = field(default_factory=list)


class Interpreter:
    """A program made ready to run over frames of customers, one after the other. It belongs to one thread."""

    def __init__(self, program: Program, clock: Clock, customers: int) -> None:
        self._program = program
        self._clock = clock
        self.block = block_rows(program, customers)
        self._words = np.zeros((program.rows, self.block // 64), np.uint64)
        self._words[0] = ~np.uint64(0)
        self._targets = [row.view(np.uint8) for row in self._words]
        self._space = Space()
        self._steps = _steps(program, list(self._words))
        groups, self._alone = _grouped(program)
        self._groups = [
            (
                program.values[group.value],
                Thresholds(_places(group.thresholds), [wanted.leaf for wanted in group.thresholds], clock),
                TextSets(_places(group.sets), [wanted.leaf for wanted in group.sets]),
                group.others,
            )
            for group in groups
        ]

    def run(self, frame: CustomerFrame, found: Bits) -> None:
        """Write the bits of every root for every customer of a frame: one row for each root, eight customers a byte."""
        for start in range(0, frame.rows, self.block):
            stop = min(start + self.block, frame.rows)
            self._fill(frame.block(start, stop))
            size = (stop - start + 7) // 8
            for function, left, right, target in self._steps:
                if function is None:
                    np.bitwise_not(left, out=target)
                else:
                    function(left, right, out=target)
            for root, row in enumerate(self._program.root_row.tolist()):
                found[root, start // 8 : start // 8 + size] = self._targets[row][:size]
        if frame.rows % 8:
            found[:, -1] &= (1 << frame.rows % 8) - 1

    def _fill(self, frame: CustomerFrame) -> None:
        for node, thresholds, sets, others in self._groups:
            vector = frame.value(node)
            present = None if vector.present is None else np.packbits(vector.present, bitorder="little")
            thresholds.fill(self._targets, vector, present, self._space)
            sets.fill(self._targets, vector, present, self._space)
            for wanted in others:
                self._other(wanted, vector, present)
        for wanted in self._alone:
            yes, no = _sides(wanted.leaf, frame)
            self._put(wanted.yes, np.packbits(yes, bitorder="little"), None)
            self._put(wanted.no, np.packbits(no, bitorder="little"), None)

    def _other(self, wanted: _Wanted, vector: Vector, present: Bits | None) -> None:
        match wanted.leaf:
            case leaves.IsSet():
                # A column without any value has no kind, and nothing in it is set.
                flags = vector.data if vector.kind is Kind.FLAG else np.zeros(len(vector), np.bool_)
            case leaves.IsKnown():
                flags, present = vector.known, None
            case leaves.IsNone():
                flags, present = np.zeros(len(vector), np.bool_) if vector.none is None else vector.none, None
            case _:
                raise AssertionError(wanted.leaf)
        packed = np.packbits(flags, bitorder="little")
        self._put(wanted.yes, packed, present)
        self._put(wanted.no, ~packed, present)

    def _put(self, row: int | None, bits: Bits, present: Bits | None) -> None:
        if row is not None:
            self._targets[row][: len(bits)] = bits if present is None else bits & present


_Step = tuple[np.ufunc | None, Words, Words, Words]


def _steps(program: Program, rows: Sequence[Words]) -> list[_Step]:
    """The operations, on the rows themselves; `None` is `NOT`."""
    functions = {int(Operation.AND): np.bitwise_and, int(Operation.OR): np.bitwise_or}
    columns = (program.operations, program.left, program.right, program.target)
    return [
        (functions.get(operation), rows[left], rows[right], rows[target])
        for operation, left, right, target in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _sides(leaf: leaves.Leaf, frame: CustomerFrame) -> tuple[Flags, Flags]:
    match leaf:
        case leaves.Tested(atom):
            planes = frame.truth(atom)
            return planes.true, planes.false
        case leaves.HasConsent(channel, given, purposes):
            flags = frame.consent(channel, given, purposes)
            return flags, ~flags
        case leaves.Suppressed(name):
            flags = frame.suppressed(name)
            return flags, ~flags
        case _:
            raise AssertionError(leaf)


def _places(group: Sequence[_Wanted]) -> Places:
    return Places([(wanted.yes, wanted.no) for wanted in group])


def _grouped(program: Program) -> tuple[list[_OfValue], list[_Wanted]]:
    """The leaves by the value that they test, and those that test something else."""
    wanted: dict[int, _Wanted] = {}
    planes = zip(program.plane_leaf.tolist(), program.plane_side.tolist(), program.plane_row.tolist(), strict=True)
    for leaf, side, row in planes:
        entry = wanted.setdefault(leaf, _Wanted(program.leaves[leaf]))
        if side == Side.YES:
            entry.yes = row
        else:
            entry.no = row
    groups: dict[int, _OfValue] = {}
    alone: list[_Wanted] = []
    for entry in wanted.values():
        match entry.leaf:
            case leaves.AtLeast(value):
                groups.setdefault(value, _OfValue(value)).thresholds.append(entry)
            case leaves.Member(value):
                groups.setdefault(value, _OfValue(value)).sets.append(entry)
            case leaves.IsSet(value) | leaves.IsKnown(value) | leaves.IsNone(value):
                groups.setdefault(value, _OfValue(value)).others.append(entry)
            case leaves.Tested() | leaves.HasConsent() | leaves.Suppressed():
                alone.append(entry)
            case _:
                assert_never(entry.leaf)
    return list(groups.values()), alone
