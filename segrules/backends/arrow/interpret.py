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
from segrules.backends.arrow.planting import Bits, Rows, Space, TextSets, Thresholds
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
        groups, self._alone = _grouped(program)
        row_of = _arranged(program, groups, self._alone)
        self._words = np.zeros((program.rows, self.block // 64), np.uint64)
        self._words[0] = ~np.uint64(0)
        rows = self._words.view(np.uint8)
        self._targets = list(rows)
        self._space = Space()
        self._steps = _steps(program, [self._words[row] for row in row_of])
        self.roots, which = np.unique(program.root_row, return_inverse=True)
        """The rows to read at the end, each once."""
        self._read = [self._targets[row_of[row]] for row in self.roots]
        self.root_of: list[int] = which.tolist()
        """Which of `roots` each root of the program is."""
        self._groups = [
            (
                program.values[group.value],
                Thresholds(_rows(rows, group.thresholds), [wanted.leaf for wanted in group.thresholds], clock),
                TextSets(_rows(rows, group.sets), [wanted.leaf for wanted in group.sets]),
                group.others,
            )
            for group in groups
        ]

    def run(self, frame: CustomerFrame, found: Bits) -> None:
        """Write the bits of `roots` for every customer of a frame: one row for each, eight customers a byte."""
        for start in range(0, frame.rows, self.block):
            stop = min(start + self.block, frame.rows)
            self._fill(frame.block(start, stop))
            size = (stop - start + 7) // 8
            for function, left, right, target in self._steps:
                if function is None:
                    np.bitwise_not(left, out=target)
                else:
                    function(left, right, out=target)
            for root, row in enumerate(self._read):
                found[root, start // 8 : start // 8 + size] = row[:size]
        if frame.rows % 8:
            found[:, -1] &= (1 << frame.rows % 8) - 1

    def _fill(self, frame: CustomerFrame) -> None:
        for node, thresholds, sets, others in self._groups:
            vector = frame.value(node)
            present = None if vector.present is None else np.packbits(vector.present, bitorder="little")
            thresholds.fill(vector, present, self._space)
            sets.fill(vector, present, self._space)
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


def _arranged(program: Program, groups: Sequence[_OfValue], alone: Sequence[_Wanted]) -> list[int]:
    """A number for each row so that tests of one value stand together, their yes sides first; `groups` are renumbered.

    Tests of which only the yes side is wanted come first, those of which only the no side is wanted last.
    """
    row_of = {0: 0, 1: 1}

    def place(wanted: _Wanted, side: Side) -> None:
        row = wanted.yes if side is Side.YES else wanted.no
        if row is not None:
            row_of[row] = len(row_of)

    for group in groups:
        for tests in (group.thresholds, group.sets):
            tests.sort(key=lambda wanted: (wanted.yes is None) - (wanted.no is None))
            for side in (Side.YES, Side.NO):
                for wanted in tests:
                    place(wanted, side)
        for wanted in group.others:
            place(wanted, Side.YES)
            place(wanted, Side.NO)
    for wanted in alone:
        place(wanted, Side.YES)
        place(wanted, Side.NO)
    for wanted in (*(item for group in groups for item in (*group.thresholds, *group.sets, *group.others)), *alone):
        wanted.yes = None if wanted.yes is None else row_of[wanted.yes]
        wanted.no = None if wanted.no is None else row_of[wanted.no]
    for row in range(program.rows):
        row_of.setdefault(row, len(row_of))
    return [row_of[row] for row in range(program.rows)]


def _rows(rows: Bits, tests: Sequence[_Wanted]) -> Rows:
    """The rows that tests of one value fill, which stand together."""
    yes = [wanted.yes for wanted in tests if wanted.yes is not None]
    no = [wanted.no for wanted in tests if wanted.no is not None]
    return Rows(rows[yes[0] : yes[-1] + 1] if yes else rows[:0], rows[no[0] : no[-1] + 1] if no else rows[:0])


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
