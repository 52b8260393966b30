"""Whether the catalogue allows the values of a customer: ranges, closed lists, decimals, whole numbers."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction

from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.nodes import Literal
from segrules.ir.testcases import GivenCustomer
from segrules.types.types import IntegerType, ListType, TextType


def allowed(given: GivenCustomer, catalogue: Catalogue) -> bool:
    """Whether data of the catalogue could hold every value; what is left out is not looked at."""
    return _all_fit(given.attributes, catalogue.customers.attributes) and all(
        _all_fit(event.properties, catalogue.events[event.event].properties) for event in given.events
    )


def _all_fit(values: Mapping[str, Literal], columns: Mapping[str, Column]) -> bool:
    return all(fits(literal, columns[name]) for name, literal in values.items())


def fits(literal: Literal, column: Column) -> bool:
    """Whether a column can hold a value.

    >>> fits(Literal(17, IntegerType()), Column("age", IntegerType(), "age", minimum=Fraction(18)))
    False
    """
    value, of = literal.value, column.type
    if isinstance(of, TextType):
        return of.values is None or value in of.values
    if isinstance(of, ListType):
        return of.values is None or (isinstance(value, tuple) and set(value).issubset(of.values))
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        number = Fraction(value)
        if isinstance(of, IntegerType) and number.denominator != 1:
            return False
        if column.scale is not None and (number * 10**column.scale).denominator != 1:
            return False
    return not (_is_less(value, column.minimum) or _is_less(column.maximum, value))


def _is_less(one: object, other: object) -> bool:
    """Whether one is less, where both are there and of one kind."""
    if isinstance(one, datetime) or isinstance(other, datetime):
        return isinstance(one, datetime) and isinstance(other, datetime) and one < other
    if isinstance(one, date) or isinstance(other, date):
        return isinstance(one, date) and isinstance(other, date) and one < other
    if isinstance(one, int | Fraction | float) and isinstance(other, int | Fraction | float):
        return one < other
    return False
