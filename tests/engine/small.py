"""A small catalogue with a column of every type, for examples that are written out."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from segrules.types.cells import Cell, Tables
from tests.engine.case import Case, described, difference

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
_GBP = {"type": "money", "currency": "GBP"}
_SIZE = {"type": "text", "values": ["S", "M", "L"], "ordered": True}

CATALOGUE: Mapping[str, Any] = {
    "format": 1,
    "time_zone": "Europe/London",
    "tables": {
        "people": {
            "path": "people.parquet",
            "key": "id",
            "columns": {
                "id": {"type": "text", "column": "customer id"},
                "whole": "integer",
                "exact": "decimal",
                "double": "float",
                "credit": _GBP,
                "flag": "boolean",
                "word": "text",
                "size": _SIZE,
                "day": "date",
                "moment": "timestamp",
                "words": "list of text",
            },
        },
        "lines": {
            "path": "lines.parquet",
            "columns": {
                "line_id": "integer",
                "who": "text",
                "at": "timestamp",
                "invoice": "text",
                "items": "integer",
                "amount": _GBP,
                "weight": "decimal",
                "share": "float",
                "kind": "text",
                "gift": "boolean",
                "bought": _SIZE,
                "due": "date",
                "until": "timestamp",
                "labels": "list of text",
            },
        },
        "stays": {"path": "stays.parquet", "columns": {"stay_id": "integer", "person": "text", "day": "date"}},
    },
    "customers": {"table": "people", "since": "day"},
    "events": {
        "line": {"table": "lines", "customer": "who", "time": "at", "id": "line_id"},
        "stay": {"table": "stays", "customer": "person", "time": "day", "id": "stay_id"},
        "invoice": {
            "table": "lines",
            "customer": "who",
            "time": "at",
            "order_by": "line_id",
            "group": {
                "by": "invoice",
                "time": "first",
                "properties": {
                    "items": "total of items",
                    "lines": "number of lines",
                    "kind": "last kind",
                    "share": "total of share",
                },
            },
        },
    },
}

RULES = """
score values
  rank whole  by whole                into 1000 bands, high is best
  rank exact  by exact                into 1000 bands, high is best
  rank double by double               into 1000 bands, low is best
  rank credit by credit               into 1000 bands, high is best
  rank size   by size                 into 1000 bands, high is best
  rank day    by day                  into 1000 bands, high is best
  rank moment by moment               into 1000 bands, high is best
  rank items  by total of line.items  into 1000 bands, high is best
  rank amount by total of line.amount into 1000 bands, high is best
  rank weight by average of line.weight into 1000 bands, high is best
  rank share  by total of line.share  into 1000 bands, high is best
  rank bought by largest of line.bought into 1000 bands, high is best
  rank due    by smallest of line.due into 1000 bands, high is best
  rank until  by median of line.until into 1000 bands, high is best
  rank last   by last line            into 1000 bands, high is best
  rank stay   by first stay           into 1000 bands, high is best
  rank group  by last invoice.items   into 1000 bands, high is best
  rank kinds  by distinct line.kind   into 1000 bands, high is best
segment ranked where values.whole > 1 or values.share > 1 or values.kinds > 1
segment known
  where whole is known and exact is known and double is known and credit is known and flag is known and word is known
    and size is known and day is known and moment is known and words is known
segment flagged where flag
segment worded where word in ["web", ""] or word contains "e" ignoring case
segment listed where words has any of ["web"] and not (words has all of ["web", "a"])
segment recent where day is in the last 30 days or moment is in the last 3 hours
segment bought where did line where (gift and kind = customer.word or labels has any of ["a"]) in the last 30 days
segment usual where most frequent line.kind = "web" or last line was (bought >= "M" and due is in this year)
segment grouped where did invoice where (lines >= 2) or last invoice.kind = word
segment doubt where number of line where (items > 1) >= 2 and did not stay in the last 7 days
partition steps
  stage one where flag and whole >= 1
  stage two where known for at least 30 days
  otherwise rest
"""

PEOPLE: Mapping[str, Sequence[Cell]] = {
    "id": ["b", "a", "", "é", "10", "9", "z"],
    "whole": [1, 2, None, 0, 100, -3, 1],
    "exact": [Fraction(1), Fraction("2.5"), None, Fraction("-0.25"), Fraction(3), Fraction(0), Fraction(1)],
    "double": [Fraction(1), Fraction(0.5), None, Fraction(0), float("inf"), Fraction(-2), Fraction(1)],
    "credit": [Fraction(1), Fraction("2.5"), None, Fraction("-0.25"), Fraction(300), Fraction(0), Fraction(1)],
    "flag": [True, False, None, True, True, False, None],
    "word": ["web", "", None, "WEB", "straße", "a\0b", "web"],
    "size": ["S", "M", None, "L", "S", "M", "L"],
    "day": [date(2026, 10, 2), date(2026, 10, 1), None, date(2024, 2, 29), date(2026, 11, 1), date(1969, 12, 31),
            date(2026, 10, 31)],
    "moment": [
        datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, 59, 59, tzinfo=UTC), None,
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC),
        datetime(2026, 11, 1, 11, 59, 59, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC),
    ],
    "words": [("web",), (), None, ("web", "a"), ("a",), ("web", "web"), ("b", "web")],
}  # fmt: skip

_AT = (datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, 11, tzinfo=UTC))
LINES: Mapping[str, Sequence[Cell]] = {
    "line_id": list(range(14)),
    "who": ["b", "b", "a", "a", "b", "", "é", "10", "nobody", None, "10", "b", "z", "a"],
    "at": [*([*_AT] * 4), datetime(2026, 11, 1, 12, tzinfo=UTC), _AT[0]],
    "invoice": ["i", "i", "i", "j", "i", "i", None, "k", "i", "i", "k", "i", "i", "i"],
    "items": [1, 2, 1, None, 2, 3, 1, 1, 1, 1, 2, 4, 9, 2],
    "amount": [Fraction(n, 4) if n % 5 else None for n in range(14)],
    "weight": [Fraction(n, 8) for n in range(14)],
    "share": [Fraction(n, 2) if n % 4 else None for n in range(14)],
    "kind": ["web", "web", "shop", None, "web", "", "web", "WEB", "x", "y", "shop", "shop", "web", "a"],
    "gift": [n % 3 == 0 if n % 4 else None for n in range(14)],
    "bought": [("S", "M", None, "L")[n % 4] for n in range(14)],
    "due": [date(2026, 1, 1 + n) if n % 3 else None for n in range(14)],
    "until": [datetime(2026, 1, 1 + n, 3, 4, 5, tzinfo=UTC) if n % 5 else None for n in range(14)],
    "labels": [(("a",), (), None, ("b", "a"))[n % 4] for n in range(14)],
}
STAYS: Mapping[str, Sequence[Cell]] = {
    "stay_id": [1, 2, 3],
    "person": ["b", "a", "z"],
    "day": [date(2026, 10, 31), date(2026, 10, 24), date(2026, 11, 1)],
}
TABLES: Tables = {
    name: {c: [*v] for c, v in of.items()} for name, of in (("people", PEOPLE), ("lines", LINES), ("stays", STAYS))
}

SMALL = Case(CATALOGUE, AS_OF, RULES, TABLES)
"""All of the above, in the plainest layout."""


def without_rows(case: Case, *tables: str) -> Case:
    """The case with these tables empty."""
    emptied: dict[str, dict[str, list[Cell]]] = {name: {column: [] for column in case.tables[name]} for name in tables}
    return replace(case, tables={**case.tables, **emptied})


def with_columns(case: Case, table: str, rows: int, **columns: Sequence[Cell]) -> Case:
    """The case with a table of so many rows: the columns given, whole numbers as ids, null in all others."""
    nulls: dict[str, list[Cell]] = {name: [None] * rows for name in case.tables[table]}
    given = {name: [*cells] for name, cells in columns.items()}
    return replace(case, tables={**case.tables, table: {**nulls, **given}})


def assert_equal(case: Case) -> None:
    """The engine must agree with the reference."""
    told = difference(case)
    assert told is None, f"{told}\n\n{described(case)}"
