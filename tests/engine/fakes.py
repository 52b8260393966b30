"""Tables in memory as the engine reads them, cut into small batches and packed in different ways."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pyarrow as pa

from segrules.backends.arrow.frames import Setting
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.ir.catalogue import Catalogue, Table
from segrules.reference.prepare import prepare
from segrules.reference.problems import DataProblem
from segrules.reference.windows import Clock
from segrules.reference.world import World
from segrules.sources.cast import arrow_type
from segrules.sources.stream import TableSource
from segrules.types.cells import Tables
from segrules.types.types import TextType
from tests.engine import layouts
from tests.engine.picking import Pick, chance


@dataclass
class FakeBatch:
    start: int
    rows: int
    columns: Mapping[str, pa.Array]


@dataclass
class FakeSource:
    """The columns of one table; `size` is how many rows a batch has.

    `key` is the column in which each customer stands once, `whose` what the reference calls these rows.
    """

    table: Table
    columns: Mapping[str, pa.Array]
    size: int
    key: str | None = None
    whose: str = ""

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def batches(self, columns: Collection[str], *, size: int = 1, keep: Any = None) -> Iterator[FakeBatch]:
        for start in range(0, self.rows, self.size):
            stop = min(start + self.size, self.rows)
            yield FakeBatch(start, stop - start, {name: self.columns[name][start:stop] for name in columns})

    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the keys, in the words of the reference."""
        keys = [] if self.key is None else self.columns[self.key].to_pylist()
        missing, twice = keys.count(None), again(keys)
        found = []
        if missing:
            message = f"`{self.key}` is missing in {'1 row' if missing == 1 else f'{missing} rows'} of {self.whose}"
            found.append(finding(codes.MISSING_KEY, message, help="every row needs a key; mend the data"))
        if twice:
            message = f"`{self.key}` is not unique among {self.whose}: {len(twice)} stand more than once"
            examples = [str(key) for key in twice[:5]]
            help_ = "keep one row for each key"
            found.append(finding(codes.DUPLICATE_CUSTOMER, message, help=help_, examples=examples))
        return tuple(found)


def again(keys: list[Any]) -> list[Any]:
    """The keys that stand more than once, as they come up again."""
    seen: set[Any] = set()
    twice: dict[Any, None] = {}
    for key in keys:
        if key in seen and key is not None:
            twice[key] = None
        seen.add(key)
    return [*twice]


def sources(pick: Pick, catalogue: Catalogue, tables: Tables) -> dict[str, TableSource]:
    """Sources of plain tables."""
    made = {}
    for name, table in catalogue.tables.items():
        columns = {}
        for column, cells in tables[name].items():
            of = table.columns[column]
            array = layouts.stored(of, cells, layouts.ColumnLayout(), catalogue.zone).combine_chunks()
            if len(array) == 0 or array.null_count == len(array):
                array = pa.nulls(len(array), arrow_type(of.type))
            if isinstance(array, pa.ChunkedArray):
                array = pa.concat_arrays(array.chunks)
            if isinstance(of.type, TextType) and chance(pick, 2):
                array = array.dictionary_encode()
            if len(array) and chance(pick, 2):
                array = pa.concat_arrays([array[:1], array])[1:]
            columns[column] = array
        made[name] = cast(
            TableSource, FakeSource(table, columns, pick((1_000_000, 1, 2, 3, 7)), *_key(catalogue, table))
        )
    return made


def _key(catalogue: Catalogue, table: Table) -> tuple[str | None, str]:
    customers = catalogue.customers
    if table.name == customers.table:
        return customers.key.name, "customers"
    return (table.key, f"`{table.name}`") if table.name in customers.joined else (None, "")


def setting(catalogue: Catalogue, as_of: datetime) -> Setting:
    return Setting(catalogue, Clock(as_of, catalogue.zone))


def by_reference(catalogue: Catalogue, tables: Tables, as_of: datetime, events: Collection[str]) -> World | set[Any]:
    """What the reference prepares, or the findings with which it stops."""
    try:
        return prepare(catalogue, tables, Clock(as_of, catalogue.zone), events)
    except DataProblem as problem:
        return told(problem.findings)


def told(findings: Collection[Finding]) -> set[Any]:
    return {(item.code.name, item.message, item.help, item.examples) for item in findings}
