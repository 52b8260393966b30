"""Values and rows of the data as findings show them: short, on one line, harmless on a terminal."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import pyarrow as pa
import pyarrow.compute as pc

from segrules.sources.formats import Piece
from segrules.text.span import NOWHERE, Span
from segrules.types.cells import Cell

MOST = 5
"""How many examples a finding shows."""

_LONGEST = 60


def shown(value: Cell | Decimal | bytes | object) -> str:
    """A value in backticks, numbers in decimal digits, control characters written out, cut after 60 characters.

    >>> shown(Fraction(5, 2)), shown("a b"), shown(None)
    ('`2.5`', '`a b`', 'null')
    """
    match value:
        case None:
            return "null"
        case bool():
            text = "true" if value else "false"
        case Fraction():
            text = _decimal(value)
        case datetime():
            text = value.isoformat(" ")
        case date():
            text = value.isoformat()
        case _:
            text = str(value)
    safe = "".join(char if char.isprintable() and char != "`" else _escaped(char) for char in text[: _LONGEST + 1])
    return f"`{safe}`" if len(text) <= _LONGEST else f"`{safe[:_LONGEST]}…`"


def _escaped(char: str) -> str:
    return "'" if char == "`" else char.encode("unicode_escape").decode("ascii")


def _decimal(value: Fraction) -> str:
    """Decimal digits of a number; all numbers of the data have an end, a float's many digits are left to float."""
    if value.denominator == 1:
        return str(value.numerator)
    for places in range(1, 39):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"
    return repr(float(value))


def named(names: Sequence[str], most: int = 12) -> str:
    """Names in backticks, with how many more there are.

    >>> named(["a", "b", "c"], most=2)
    '`a`, `b` and 1 more'
    """
    listed = ", ".join(f"`{name}`" for name in names[:most])
    return listed if len(names) <= most else f"{listed} and {len(names) - most:,} more"


def rows_text(count: int) -> str:
    """A number of rows in words.

    >>> rows_text(1), rows_text(1200)
    ('1 row', '1,200 rows')
    """
    return "1 row" if count == 1 else f"{count:,} rows"


def first_rows(mask: pa.Array | pa.ChunkedArray) -> list[int]:
    """The numbers (from 0) of the first rows in which a mask is true."""
    found: list[int] = pc.indices_nonzero(mask)[:MOST].to_pylist()
    return found


def place(span: Span) -> Span | None:
    """The span of a finding about something in the catalogue, None for what nobody wrote."""
    return None if span == NOWHERE else span


class Rows:
    """What to call a row of a table: its line in a CSV file, else its number (from 1).

    Where a table has several files, the file is named too.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._starts = list(accumulate((piece.rows for piece in pieces), initial=0))

    def name(self, row: int) -> str:
        """The name of row `row`, counted from 0 over all files of the table."""
        index = bisect_right(self._starts, row) - 1
        piece = self._pieces[index]
        within = row - self._starts[index]
        place = f"row {within + 1:,}" if piece.lines is None else f"line {piece.lines[within]:,}"
        return f"{place} of `{piece.shown}`" if len(self._pieces) > 1 else place
