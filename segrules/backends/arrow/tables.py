"""Frames over the rows of the catalogue's tables and of events."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

import pyarrow as pa

from segrules.backends.arrow.bind import bind
from segrules.backends.arrow.frames import BaseCondition, BaseValue, Frame, Setting
from segrules.backends.arrow.keys import KeyIndex
from segrules.backends.arrow.planes import Planes
from segrules.backends.arrow.vectors import Array, Ints, Kind, Vector
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Table

Columns = Callable[[str], Vector]
"""A column by its name; asked once for each name and frame."""


class Customers(Protocol):
    """What is known about every customer, in the order of their dense numbers."""

    @abstractmethod
    def base(self, node: BaseValue) -> Vector:
        """A value of all customers."""

    @abstractmethod
    def told(self, node: BaseCondition) -> Planes:
        """A condition about all customers."""

    @abstractmethod
    def constant_of(self, node: ir.Value) -> ir.Literal | None:
        """A value that is made of population figures as a constant."""


class RowFrame(Frame):
    """Rows of a table or of a kind of event: `Property` is a column of the row in hand.

    Where `codes` (the dense number of each row's customer, never negative) and `customers` are given, conditions can
    also speak of the customer to whom the row belongs.
    """

    def __init__(
        self,
        setting: Setting,
        rows: int,
        columns: Columns,
        derived: Mapping[str, ir.Expression] | None = None,
        codes: Array | None = None,
        customers: Customers | None = None,
    ) -> None:
        super().__init__(setting, rows)
        self._columns = columns
        self._derived = derived or {}
        self._codes = codes
        self._customers = customers
        self._found: dict[str, Vector] = {}

    def column(self, name: str) -> Vector:
        """A column, stored or derived; what is missing, none or unknown in a derived one is null."""
        if name not in self._found:
            expression = self._derived.get(name)
            self._found[name] = self._columns(name) if expression is None else self.expression(expression)
        return self._found[name]

    def coded(self, column: str, index: KeyIndex) -> Ints:
        """The customers' numbers by the keys in a column, -1 where there is no such customer."""
        return index.codes(self.column(column))

    def expression(self, expression: ir.Expression) -> Vector:
        """An expression of the catalogue as a column; missing, none and unknown are null in a column."""
        if isinstance(expression, ir.Condition):
            planes = self.truth(expression)
            return Vector(Kind.FLAG, planes.true, planes.true | planes.false)
        return replace(self.value(expression), none=None)

    def base(self, node: BaseValue) -> Vector:
        """A column of the row, or a value of its customer."""
        if isinstance(node, ir.Property):
            return self.column(node.name)
        assert self._customers is not None
        assert self._codes is not None
        return self._customers.base(node).take(self._codes)

    def constant_of(self, node: ir.Value) -> ir.Literal | None:
        """A value that is made of population figures as a constant."""
        return None if self._customers is None else self._customers.constant_of(node)

    def told(self, node: BaseCondition) -> Planes:
        """A condition about the row's customer."""
        assert self._customers is not None
        assert self._codes is not None
        return self._customers.told(node).take(self._codes)

    def take(self, rows: Array, codes: Array | None = None, customers: Customers | None = None) -> "RowFrame":
        """The rows with these numbers, in this order; `codes` and `customers` as they are from now on."""
        return RowFrame(
            self.setting,
            len(rows),
            lambda name: self.column(name).take(rows),
            codes=self._codes[rows] if codes is None and self._codes is not None else codes,
            customers=customers or self._customers,
        )

    def slice(self, start: int, stop: int) -> "RowFrame":
        """Rows from `start` up to `stop`, sharing memory."""
        return RowFrame(
            self.setting,
            stop - start,
            lambda name: self.column(name).slice(start, stop),
            codes=None if self._codes is None else self._codes[start:stop],
            customers=self._customers,
        )


def table_frame(setting: Setting, table: Table, columns: Mapping[str, pa.Array], rows: int) -> RowFrame:
    """A batch of a table's rows, its derived columns included."""
    return RowFrame(setting, rows, lambda name: bind(table.columns[name].type, columns[name]), derived_columns(table))


def derived_columns(table: Table) -> dict[str, ir.Expression]:
    """The columns that the catalogue works out of others."""
    return {column.name: column.derive for column in table.columns.values() if column.derive is not None}
