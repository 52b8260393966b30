"""What is kept per customer while chunks come in: counts, flags and what spoils a value."""

from abc import ABC, abstractmethod

import numpy as np

from segrules.backends.arrow.aggregates.rows import Rows
from segrules.backends.arrow.slow import sure
from segrules.backends.arrow.vectors import Array, Flags, Ints, Vector
from segrules.ir import nodes as ir


class State(ABC):
    """Something about every customer's rows of one event in one segment of time."""

    def __init__(self, customers: int) -> None:
        self.customers = customers

    @abstractmethod
    def add(self, rows: Rows) -> None:
        """Take in rows."""


class Counts(State):
    """How many rows each customer has."""

    def __init__(self, customers: int) -> None:
        super().__init__(customers)
        self.counts: Ints = np.zeros(customers, np.int64)

    def add(self, rows: Rows) -> None:
        """Count rows."""
        self.count(rows.codes)

    def count(self, codes: Ints) -> None:
        """Count rows by their customers."""
        if len(codes) < self.customers:
            np.add.at(self.counts, codes, 1)
        else:
            self.counts += np.bincount(codes, minlength=self.customers)


class Seen(State):
    """Who has a row at all."""

    def __init__(self, customers: int) -> None:
        super().__init__(customers)
        self.flags: Flags = np.zeros(customers, np.bool_)

    def add(self, rows: Rows) -> None:
        """Mark the customers of rows."""
        self.flags[rows.codes] = True


class Valued(State):
    """Something about the values of `of` in rows (their times where it is None); `lacking` has a row without it."""

    def __init__(self, customers: int, of: ir.Value | None) -> None:
        super().__init__(customers)
        self.of = of
        self.lacking: Flags | None = None

    def add(self, rows: Rows) -> None:
        """Take in rows; those without a value are noted."""
        vector, codes = rows.value(self.of), rows.codes
        present = sure(vector)
        if present is not None and not present.all():
            if self.lacking is None:
                self.lacking = np.zeros(self.customers, np.bool_)
            self.lacking[codes[~present]] = True
            kept = np.flatnonzero(present)
            codes, vector = codes[kept], vector.take(kept)
            self.take_in(codes, vector, rows, kept)
        else:
            self.take_in(codes, vector, rows, None)

    @abstractmethod
    def take_in(self, codes: Ints, vector: Vector, rows: Rows, kept: Array | None) -> None:
        """Values and their customers; `kept` says which of the rows they are (None: all)."""
