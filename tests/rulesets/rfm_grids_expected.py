"""The published grids of `rulesets/rfm_grids` as numbers, and what their rows come to, in plain Python.

Nothing of segrules is used here: every cell, one combination of bands, is looked up row by row. `EXPECTED` has the
figures that come of it; whoever counts, or proves, the same of the rules can compare.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

Cell = tuple[int, int, int]
"""Bands of recency, frequency and monetary."""

Range = tuple[int, int]
"""The smallest and the largest band; both belong to it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid: the bands of its score, and its rows in order.

    A row has a range for recency and one each for frequency and monetary, or one for the mean of the two.
    """

    score: str
    bands: tuple[int, ...]
    rows: Mapping[str, tuple[Range, ...]]

    def cells(self) -> Iterator[Cell]:
        """All cells: the first bands vary slowest."""
        return product(self.bands, self.bands, self.bands)

    def fits(self, row: str, cell: Cell) -> bool:
        """Whether the row's ranges take the cell, whatever stands above it."""
        ranges = self.rows[row]
        recency, frequency, monetary = cell
        values: Sequence[Fraction | int] = cell
        if len(ranges) == 2:
            values = (recency, Fraction(frequency + monetary, 2))
        return all(low <= value <= high for value, (low, high) in zip(values, ranges, strict=True))

    def winner(self, cell: Cell) -> str | None:
        """The first row that takes the cell."""
        return next((row for row in self.rows if self.fits(row, cell)), None)


GRIDS = {
    "r_grid": Grid(
        "rfm",
        (1, 2, 3, 4, 5),
        {
            "champions": ((5, 5), (5, 5), (5, 5)),
            "potential_loyalist": ((3, 5), (3, 5), (2, 5)),
            "loyal_customers": ((2, 4), (2, 4), (2, 4)),
            "promising": ((3, 4), (1, 3), (3, 5)),
            "new_customers": ((4, 5), (1, 3), (1, 5)),
            "cannot_lose_them": ((1, 2), (3, 4), (4, 5)),
            "at_risk": ((1, 2), (2, 5), (4, 5)),
            "need_attention": ((1, 3), (3, 5), (3, 5)),
            "about_to_sleep": ((2, 3), (1, 3), (1, 4)),
            "lost": ((1, 1), (1, 5), (1, 5)),
        },
    ),
    "putler_grid": Grid(
        "putler_score",
        (0, 1, 2, 3, 4, 5),
        {
            "champions": ((4, 5), (4, 5)),
            "loyal": ((2, 5), (3, 5)),
            "potential_loyalist": ((3, 5), (1, 3)),
            "recent": ((4, 5), (0, 1)),
            "promising": ((3, 4), (0, 1)),
            "needing_attention": ((2, 3), (2, 3)),
            "about_to_sleep": ((2, 3), (0, 2)),
            "at_risk": ((0, 2), (2, 5)),
            "cannot_lose_them": ((0, 1), (4, 5)),
            "hibernating": ((1, 2), (1, 2)),
            "lost": ((0, 2), (0, 2)),
        },
    ),
}
"""The grids by the name of their partition."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a grid comes to: how many cells fit several rows and none, and by row how many it fits and wins."""

    cells: int
    several: int
    none: tuple[Cell, ...]
    fits: Mapping[str, int]
    wins: Mapping[str, int]

    @property
    def never(self) -> tuple[str, ...]:
        """The rows that can never win, since earlier ones take all of their cells."""
        return tuple(row for row, count in self.wins.items() if count == 0)


EXPECTED = {
    "r_grid": Figures(
        cells=125,
        several=58,
        none=(
            (2, 1, 5),
            (2, 4, 1),
            (2, 5, 1),
            (2, 5, 2),
            (3, 4, 1),
            (3, 5, 1),
            (4, 4, 1),
            (4, 5, 1),
            (5, 4, 1),
            (5, 5, 1),
        ),
        fits={
            "champions": 1,
            "potential_loyalist": 36,
            "loyal_customers": 27,
            "promising": 18,
            "new_customers": 30,
            "cannot_lose_them": 8,
            "at_risk": 16,
            "need_attention": 27,
            "about_to_sleep": 24,
            "lost": 25,
        },
        wins={
            "champions": 1,
            "potential_loyalist": 35,
            "loyal_customers": 15,
            "promising": 8,
            "new_customers": 15,
            "cannot_lose_them": 6,
            "at_risk": 7,
            "need_attention": 4,
            "about_to_sleep": 10,
            "lost": 14,
        },
    ),
    "putler_grid": Figures(
        cells=216,
        several=122,
        none=(),
        fits={
            "champions": 12,
            "loyal": 60,
            "potential_loyalist": 69,
            "recent": 12,
            "promising": 12,
            "needing_attention": 32,
            "about_to_sleep": 30,
            "at_risk": 78,
            "cannot_lose_them": 12,
            "hibernating": 24,
            "lost": 45,
        },
        wins={
            "champions": 12,
            "loyal": 48,
            "potential_loyalist": 54,
            "recent": 6,
            "promising": 3,
            "needing_attention": 11,
            "about_to_sleep": 10,
            "at_risk": 52,
            "cannot_lose_them": 0,
            "hibernating": 7,
            "lost": 13,
        },
    ),
}
"""What the grids come to, by the name of their partition."""


def count(grid: Grid) -> Figures:
    """The figures of a grid, by looking at every cell."""
    cells = list(grid.cells())
    fitting = {cell: [row for row in grid.rows if grid.fits(row, cell)] for cell in cells}
    return Figures(
        len(cells),
        sum(len(rows) > 1 for rows in fitting.values()),
        tuple(cell for cell, rows in fitting.items() if not rows),
        {row: sum(row in rows for rows in fitting.values()) for row in grid.rows},
        {row: sum(grid.winner(cell) == row for cell in cells) for row in grid.rows},
    )
