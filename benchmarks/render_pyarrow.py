"""Rules as calls of `pyarrow.compute`: Kleene's kernels, batches of rows on all threads, every atom worked out once."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import reduce
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.conditions import (
    And,
    Between,
    Compare,
    Condition,
    DateRange,
    Flag,
    InSegment,
    IsKnown,
    Not,
    OneOf,
    Or,
    Rule,
    Value,
)

Counts: TypeAlias = dict[str, int]
ROWS = 131_072
_KERNELS: dict[str, Callable[[object, object], pa.Array]] = {
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


def counts(table: pa.Table, rules: Sequence[Rule]) -> Counts:
    """How many members each rule has."""
    found = dict.fromkeys((rule.name for rule in rules), 0)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for batch in threads.map(lambda batch: _Batch(batch).counts(rules), _batches(table)):
            for name, count in batch.items():
                found[name] += count
    return found


def _batches(table: pa.Table) -> Iterator[pa.RecordBatch]:
    return iter(table.to_batches(max_chunksize=ROWS))


class _Batch:
    """What is known about some rows: the result of every condition so far."""

    def __init__(self, rows: pa.RecordBatch) -> None:
        self.rows = rows
        self.known: dict[Condition, pa.Array] = {}

    def counts(self, rules: Sequence[Rule]) -> Counts:
        found = {}
        for rule in rules:
            mask = self.known[InSegment(rule.name)] = self.mask(rule.condition)
            found[rule.name] = mask.true_count
        return found

    def mask(self, node: Condition) -> pa.Array:
        if node not in self.known:
            self.known[node] = self._evaluated(node)
        return self.known[node]

    def _evaluated(self, node: Condition) -> pa.Array:
        match node:
            case Compare(column, operator, value):
                values, constant = self._comparable(column, value)
                return _KERNELS[operator](values, constant)
            case Between(column, low, high):
                return pc.and_(
                    pc.greater_equal(*self._comparable(column, low)), pc.less_equal(*self._comparable(column, high))
                )
            case OneOf(column, values):
                # `is_in` calls null false; a chain of comparisons leaves it unknown.
                return reduce(pc.or_kleene, (pc.equal(*self._comparable(column, value)) for value in values))
            case DateRange(column, _, first, end):
                values = self.rows[column]
                bounds = [] if first is None else [pc.greater_equal(values, pa.scalar(first))]
                bounds += [] if end is None else [pc.less(values, pa.scalar(end))]
                return reduce(pc.and_, bounds)
            case IsKnown(column):
                return pc.is_valid(self.rows[column])
            case Flag(column):
                return self.rows[column]
            case Not(part):
                return pc.invert(self.mask(part))
            case And(parts):
                return reduce(pc.and_kleene, map(self.mask, parts))
            case Or(parts):
                return reduce(pc.or_kleene, map(self.mask, parts))
            case InSegment():
                raise KeyError(node)  # every rule stands after those it refers to

    def _comparable(self, column: str, value: Value) -> tuple[pa.Array, object]:
        """Column and constant in one type; a dictionary's codes instead of its texts, which kernels would unpack."""
        values = self.rows[column]
        if isinstance(values, pa.DictionaryArray):
            code = pc.index(values.dictionary, value).as_py()
            return values.indices, pa.scalar(code, values.indices.type)
        return values, pa.scalar(value, values.type if isinstance(value, Decimal) else None)
