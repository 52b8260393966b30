"""Plain values of data, as they flow from reading to evaluating."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction

Cell = None | bool | int | Fraction | float | str | date | datetime | tuple[str, ...]
"""One value of the data: null (also for NaN) is None, finite numbers are int or Fraction, float is infinite only."""

Tables = Mapping[str, Mapping[str, list[Cell]]]
"""Columns of every table, by the catalogue's names; instants are aware, in UTC."""

Key = int | str
"""What identifies a customer."""
