"""The tables of tests into Arrow tables of the same, for the Arrow engine."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction

import pyarrow as pa

from segrules.ir.catalogue import Catalogue
from segrules.sources.cast import arrow_type
from segrules.types.cells import Cell, Tables
from segrules.types.types import DecimalType, FloatType, IntegerType, MoneyType, Type


def arrow_tables(catalogue: Catalogue, tables: Tables) -> dict[str, pa.Table]:
    """All tables of the catalogue of tests, in types that hold whatever a test gives."""
    return {
        name: pa.table(
            {column: _array(catalogue.tables[name].columns[column].type, cells) for column, cells in of.items()}
        )
        for name, of in tables.items()
    }


def _array(of: Type, cells: Sequence[Cell]) -> pa.Array:
    match of:
        case IntegerType():
            try:
                return pa.array(cells, pa.int64())
            except (OverflowError, pa.ArrowInvalid):
                return pa.array([None if cell is None else Decimal(cell) for cell in cells], pa.decimal256(76, 0))  # type: ignore[arg-type]
        case DecimalType() | MoneyType():
            return _decimals(cells)
        case FloatType():
            return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())  # type: ignore[arg-type]
        case _:
            return pa.array(cells, arrow_type(of))


def _decimals(cells: Sequence[Cell]) -> pa.Array:
    exact = Context(prec=200)
    found = [None if cell is None else _decimal(Fraction(cell), exact) for cell in cells]  # type: ignore[arg-type]
    exponents = [-int(number.as_tuple().exponent) for number in found if number is not None]
    scale = max(0, *exponents) if exponents else 0
    whole = max((number.adjusted() + 1 for number in found if number is not None), default=1)
    precision = max(whole, 1) + scale
    return pa.array(found, pa.decimal128(38, scale) if precision <= 38 else pa.decimal256(76, scale))


def _decimal(number: Fraction, exact: Context) -> Decimal:
    return exact.divide(Decimal(number.numerator), Decimal(number.denominator))
