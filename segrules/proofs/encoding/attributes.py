"""Columns of the customers, and of rows to which relations lead, as unknowns with what the catalogue says of them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Column
from segrules.ir.rewrite import rewritten
from segrules.ir.walk import descendants
from segrules.proofs.encoding.meanings import ColumnValue, Missing
from segrules.proofs.encoding.values import (
    Boolean,
    Encoded,
    Listed,
    Numeric,
    Presence,
    Textual,
    Timed,
)
from segrules.proofs.formulas import sums
from segrules.proofs.formulas.calendar import DAY, TODAY, Edge
from segrules.proofs.formulas.logic import (
    FALSE,
    Formula,
    Var,
    every,
    flag,
    no,
    some,
)
from segrules.proofs.formulas.sums import Number, Sum
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
)

if TYPE_CHECKING:
    from segrules.proofs.encoding.encode import Encoder


def attribute(encoder: "Encoder", name: str) -> Encoded:
    """What is known of a column of the customers."""
    customers = encoder.rules.catalogue.customers
    column = customers.attributes.get(name, customers.key)
    presence = _presence(encoder, name, column)
    if column.derive is not None:
        derived = _derived(encoder, name, column, presence)
        if derived is not None:
            return derived
    return _plain(encoder, name, column.type, presence, column)


def _presence(encoder: "Encoder", name: str, column: Column) -> Presence:
    customers = encoder.rules.catalogue.customers
    tables = encoder.rules.catalogue.tables
    missing: list[Formula] = [
        flag(f"no row in {table}", ("no row", table))
        for table in customers.joined
        if column is tables[table].columns.get(name)
    ]
    if column.nullable and column.derive is None and column.name != customers.key.name:
        missing.append(flag(f"{name} is missing", Missing(name)))
    return Presence(some(missing))


def _plain(encoder: "Encoder", name: str, of_type: Type, presence: Presence, column: Column | None = None) -> Encoded:
    """A column as an unknown of its type."""
    meaning = ColumnValue(name)
    match of_type:
        case BooleanType():
            return Boolean(presence, flag(name, meaning))
        case IntegerType() | DecimalType() | FloatType() | MoneyType():
            var, factor = _number(encoder, name, of_type, column, meaning)
            return Numeric(presence, sums.of(var, factor), sums.of(var, factor))
        case TextType(values):
            return Textual(presence, name, values)
        case ListType():
            return Listed(presence, name)
        case DateType():
            age = Var(f"{name} age", meaning=meaning)
            encoder.always(age, *_a_day(sums.of(age)))
            _in_range(encoder, age, sums.of(age), column, is_date=True)
            return Timed(presence, True, lambda edge: sums.less(edge.days, sums.of(age)), sums.of(age), sums.of(age))
        case TimestampType():
            position, age = Var(f"{name} at", meaning=meaning), Var(f"{name} age", meaning=meaning)
            encoder.always(position, *_a_day(sums.of(age)), *_same_day(encoder, sums.of(position), sums.of(age)))
            encoder.always(age, *_a_day(sums.of(age)), *_same_day(encoder, sums.of(position), sums.of(age)))
            _in_range(encoder, position, sums.of(position), column, is_date=False)
            return Timed(
                presence,
                False,
                lambda edge: _before(encoder, edge, sums.of(position), sums.of(age)),
                sums.of(age),
                sums.of(position),
            )
        case _:
            raise AssertionError(of_type)  # invariant: rules without errors have no unknown types


def _before(encoder: "Encoder", edge: Edge, position: Sum, age: Sum) -> Formula:
    if edge.micros is None:
        return sums.less(edge.days, age)
    return sums.less(encoder.calendar.position(edge), position)


def _same_day(encoder: "Encoder", position: Sum, age: Sum) -> tuple[Formula, Formula]:
    """A position lies on the day that is so many days back."""
    turned = sums.just(0) if not encoder.calendar.hours else sums.just(26 * 3_600_000_000)
    return (
        sums.less(age.plus(-1).times(DAY) - turned, position),
        sums.less_or_equal(position, age.times(DAY) + turned),
    )


def _number(encoder: "Encoder", name: str, of_type: Type, column: Column | None, meaning: object) -> tuple[Var, Number]:
    """A variable for a number, and what one step of it is worth."""
    scale = scale_of(of_type, column)
    factor = Fraction(1, scale) if scale else 1
    low: Number | None = None
    high: Number | None = None
    if column is not None and column.derive is None:
        low = column.minimum if isinstance(column.minimum, Fraction) else None
        high = column.maximum if isinstance(column.maximum, Fraction) else None
    if scale:
        low, high = None if low is None else ceil(low * scale), None if high is None else floor(high * scale)
    return Var(name, scale > 0, low, high, meaning), factor


def _in_range(encoder: "Encoder", var: Var, position: Sum, column: Column | None, *, is_date: bool) -> None:
    if column is None or column.derive is not None:
        return
    for end, least in ((column.minimum, True), (column.maximum, False)):
        if isinstance(end, date):
            edge = encoder.calendar.instant(end)
            at = edge.days if is_date else encoder.calendar.position(edge)
            encoder.always(var, sums.less_or_equal(position, at) if least else sums.less_or_equal(at, position))


def _derived(encoder: "Encoder", name: str, column: Column, presence: Presence) -> Encoded | None:
    """A derived column by what it is computed from; None where that is not followed."""
    assert column.derive is not None
    attributes = encoder.rules.catalogue.customers.attributes

    def over_customers(part: ir.Expression | ir.Events) -> ir.Expression | ir.Events:
        return ir.Attribute(part.name, part.type, part.span) if isinstance(part, ir.Property) else part

    read = [node for node in descendants(column.derive) if isinstance(node, ir.Property)]
    if any(node.name not in attributes for node in read):
        return _plain(encoder, name, column.type, Presence(flag(f"{name} is missing", Missing(name))), column)
    body = rewritten(column.derive, over_customers)
    if isinstance(body, ir.Condition):
        truth = encoder.truth(body)
        return Boolean(Presence(some((presence.missing, truth.unknown))), truth.true)
    value = encoder.value(body)
    absent = Presence(some((presence.missing, value.presence.missing, value.presence.none)))
    return replace(value, presence=absent)


def related_column(encoder: "Encoder", relation: str, column: str) -> Encoded:
    """What is known of a column of the row to which a relation leads."""
    found = encoder.rules.catalogue.relations[relation]
    key = attribute(encoder, found.column)
    of = encoder.rules.catalogue.tables[found.table].columns[column]
    no_row = every((key.presence.there, flag(f"{relation} has no row", ("no related row", relation))))
    null = flag(f"{relation}.{column} is missing", ("related missing", relation, column)) if of.nullable else FALSE
    if of.derive is not None:
        null = flag(f"{relation}.{column} is missing", ("related missing", relation, column))
    missing = some((key.presence.missing, every((no(no_row), null))))
    return _plain(encoder, f"{relation}.{column}", of.type, Presence(missing, no_row), replace(of, derive=None))


def scale_of(of_type: Type, column: Column | None) -> int:
    """Into how many steps one is divided, 0 where there are no steps."""
    match of_type:
        case IntegerType():
            return 1
        case MoneyType() | DecimalType() if column is not None and column.scale is not None and column.derive is None:
            return int(10**column.scale)
        case _:
            return 0


def _a_day(age: Sum) -> tuple[Formula, Formula]:
    """That there is such a day in Python's calendar."""
    day = sums.of(TODAY) - age
    return (
        sums.less_or_equal(sums.just(date.min.toordinal()), day),
        sums.less_or_equal(day, sums.just(date.max.toordinal())),
    )
