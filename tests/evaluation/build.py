"""Small typed rules, and what an engine may have found, for the tests of this folder."""

from collections.abc import Iterable
from datetime import UTC, datetime
from fractions import Fraction

import pyarrow as pa

from segrules.backends.arrow.found import Found, of_outcome
from segrules.ir.catalogue import Catalogue, Column, Customers, Format, Table
from segrules.ir.nodes import Condition, Fixed
from segrules.ir.rules import Bound, Header, Partition, Rules, Segment, Size, Stage, Status
from segrules.reference.outcome import CutPoint, Ignored, Outcome, RankReport, Reason
from segrules.text.span import Span
from segrules.types.cells import Key
from segrules.types.types import IntegerType, TextType

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


def span(line: int = 1) -> Span:
    return Span("a.seg", line, 1, line, 2)


def catalogue(key: IntegerType | TextType | None = None) -> Catalogue:
    column = Column("id", key or IntegerType(), "id", nullable=False)
    table = Table("people", "people.csv", Format.CSV, {"id": column}, key="id")
    return Catalogue("catalog.yaml", "UTC", {"people": table}, Customers(column, {"id": column}, table="people"))


def segment(
    name: str, status: Status = Status.ACTIVE, where: Condition | None = None, size: Size | None = None
) -> Segment:
    return Segment(name, None, Header(status=status), where, size=size, span=span())


def size(least: int | str | None = None, most: int | str | None = None) -> Size:
    """Bounds as people write them: 100, or "30%"."""
    return Size(_bound(least), _bound(most), span(2))


def _bound(given: int | str | None) -> Bound | None:
    if isinstance(given, str):
        return Bound(share=Fraction(given.rstrip("%")) / 100)
    return None if given is None else Bound(given)


def partition(name: str, condition: Condition | None = None) -> Partition:
    return Partition(name, None, Header(), (Stage("first", None, condition or Fixed(True)),), "rest", span())


def rules(segments: Iterable[Segment] = (), partitions: Iterable[Partition] = ()) -> Rules:
    return Rules(
        catalogue(),
        segments={item.name: item for item in segments},
        partitions={item.name: item for item in partitions},
    )


def found(keys: tuple[Key, ...] | pa.Array, **members: str) -> Found:
    """Members are given as one character for each key: `+` member, `q` qualifying only, `-` neither, `?` unknown."""
    meaning = {"+": True, "q": True, "-": False, "?": None}
    array = keys if isinstance(keys, pa.Array) else pa.array(keys, pa.int64())
    outcome = Outcome(
        AS_OF,
        tuple(array.to_pylist()),
        {name: tuple(meaning[c] for c in flags) for name, flags in members.items()},
        {name: tuple(c == "+" for c in flags) for name, flags in members.items()},
        {"stages": tuple("first" if index % 2 == 0 else "rest" for index in range(len(array)))},
        {"rfm": {"recency": RankReport(3, 1, (CutPoint(1, 2, Fraction(1, 3), Fraction(25, 2)),))}},
        (Ignored("purchase", Reason.NOBODY, 2, ("`row 1`",)),),
    )
    return of_outcome(outcome, array, {"stages": ("first", "rest")})
