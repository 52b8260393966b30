"""Counts of segments and of what they share into which of them may be shown without telling of a few people.

A count from 1 to `min_cell - 1` is small, and is told neither outright nor as a difference of what is shown:

- of two segments these are four counts: in both, in one alone, in the other alone, in neither; where one of them is
  small, what the two share is hidden;
- a segment that is small, or leaves few customers out, is hidden with all that it shares;
- so is the smaller of two segments where rules alone may tell a small count: one lies in the other and is short of it
  by a few, or the two exclude each other and leave few customers out;
- two shares of one segment with others that lie in one another do not differ by a few;
- where segments that exclude each other make up a third one, or all customers, the hidden part of it is neither small
  nor a single count: else one more is hidden.

Nobody is not a few: zero is shown.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

MIN_CELL = 11
"""The smallest count that is shown unless another is asked for, as in public health statistics."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What may be shown: the number of customers, each segment's size, and what each two segments share."""

    customers: bool
    sizes: Flags
    pairs: Flags
    """Symmetric; the diagonal is false."""


def shown(customers: int, shared: Counts, min_cell: int) -> Shown:
    """What may be shown of the sizes, which are the diagonal of `shared`, and of the rest of it.

    Segments stand in the order of rows; of two that are equally good to hide, it is the later.
    """
    return _Cells(customers, shared, min_cell).shown()


class _Cells:
    """The counts, and what is shown of them so far: less with every step."""

    def __init__(self, customers: int, shared: Counts, min_cell: int) -> None:
        self._customers = customers
        self._shared = shared
        self._sizes = np.diag(shared).copy()
        self._min = min_cell
        count = len(self._sizes)
        self._size_shown = np.ones(count, np.bool_)
        self._pair_shown = ~np.eye(count, dtype=np.bool_)
        self._apart: Flags = shared == 0

    def shown(self) -> Shown:
        told = not bool(self._small(np.int64(self._customers)))
        if not told:
            self._size_shown[:] = False
        self._hide_small_segments()
        self._hide_small_cells()
        self._hide_differences()
        families = self._families()
        while self._hide_parts(families):
            pass
        return Shown(told, self._size_shown, self._pair_shown)

    def _small(self, counts: Counts | np.int64) -> Flags:
        return np.asarray((counts > 0) & (counts < self._min))

    def _cells(self) -> tuple[Counts, Counts, Counts, Counts]:
        """In both, in the row's segment alone, in the column's alone, in neither."""
        rows, columns = self._sizes[:, None], self._sizes[None, :]
        return (
            self._shared,
            rows - self._shared,
            columns - self._shared,
            self._customers - rows - columns + self._shared,
        )

    def _hide_small_segments(self) -> None:
        self._size_shown &= ~(self._small(self._sizes) | self._small(self._customers - self._sizes))
        cells = self._cells()
        # Who knows of the empty cell, from the rules, has the other three from the two sizes.
        told = np.logical_or.reduce([cell == 0 for cell in cells])
        leaks = told & np.logical_or.reduce([self._small(cell) for cell in cells])
        for one, other in np.argwhere(np.triu(leaks, 1)):
            if self._size_shown[one] and self._size_shown[other]:
                self._size_shown[one if self._sizes[one] < self._sizes[other] else other] = False
        self._pair_shown &= self._size_shown[:, None] & self._size_shown[None, :]

    def _hide_small_cells(self) -> None:
        self._pair_shown &= ~np.logical_or.reduce([self._small(cell) for cell in self._cells()])

    def _hide_differences(self) -> None:
        inside = (self._shared == self._sizes[:, None]) & self._size_shown[:, None] & self._size_shown[None, :]
        for outer in np.flatnonzero(self._size_shown):
            inner = np.flatnonzero(inside[:, outer])
            few = self._small(self._shared[outer] - self._shared[inner])
            # Both are hidden, so that no third share between the two tells the difference in two steps.
            for one, columns in zip(inner, few, strict=True):
                for row in (one, outer):
                    self._pair_shown[row, columns] = False
                    self._pair_shown[columns, row] = False

    def _families(self) -> Floats:
        """Segments that all exclude each other, a row of zeros and ones for each family; every segment starts one."""
        by_size = np.argsort(-self._sizes, kind="stable")
        found: dict[bytes, Flags] = {}
        for start in range(len(self._sizes)):
            family = np.zeros(len(self._sizes), np.bool_)
            family[start] = True
            free = self._apart[start].copy()
            for other in by_size:
                if free[other]:
                    family[other] = True
                    free &= self._apart[other]
            if family.sum() > 1:
                found.setdefault(family.tobytes(), family)
        return np.array([*found.values()], np.float64).reshape(len(found), len(self._sizes))

    def _hide_parts(self, families: Floats) -> bool:
        """Hide one more part of each whole that its other parts would tell of; whether there was any."""
        wholes = np.append(self._sizes, self._customers)
        seen = np.vstack([self._pair_shown, self._size_shown])
        parts = np.vstack([self._shared, self._sizes])
        np.fill_diagonal(parts, 0)
        told = np.where(seen, parts, 0) @ families.T
        untold = np.where(seen, 0, parts)
        rest = wholes[:, None] - told
        single = ((untold > 0) @ families.T == 1) & (untold @ families.T == rest)
        leaks = (told > 0) & (rest > 0) & ((rest < self._min) | single)
        leaks[:-1] &= self._size_shown[:, None]
        for whole in np.flatnonzero(leaks.any(axis=1)):
            family = families[np.argmax(leaks[whole])] > 0
            choice = np.where(family & seen[whole] & (parts[whole] > 0), parts[whole], np.iinfo(np.int64).max)
            part = len(choice) - 1 - int(np.argmin(choice[::-1]))
            if whole < len(self._sizes):
                self._pair_shown[whole, part] = self._pair_shown[part, whole] = False
            else:
                self._size_shown[part] = False
                self._pair_shown[part] = self._pair_shown[:, part] = False
        return bool(leaks.any())
