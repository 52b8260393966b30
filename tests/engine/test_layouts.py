"""Every physical layout on its own, over one small set of rules that reads a column of every type."""

from dataclasses import replace

import pytest

from segrules.reference.outcome import Outcome
from segrules.types.cells import Cell
from segrules.types.types import ListType
from tests.engine.harness import by_reference, read_back
from tests.engine.layouts import CONTAINERS, INDICES, PACKINGS, WRAPPINGS, ColumnLayout, TableLayout
from tests.engine.small import SMALL, assert_equal, without_rows

_COLUMNS = {(table, column) for table, columns in SMALL.tables.items() for column in columns}
_NEVER_NULL = {("people", "id"), ("lines", "at"), ("lines", "line_id"), ("stays", "day"), ("stays", "stay_id")}
"""Keys, and the times of events."""
_PACKINGS = sorted({packing for packings in PACKINGS.values() for packing in packings})
_SLICED = ((0, (), 0), (1, (3,), 1), (3, (0, 1, 1, 5), 0), (8, (), 5), (11, (2, 2), 1), (13, (1, 2, 3, 4, 5, 6), 9))


def _everywhere(layout: ColumnLayout, container: str = "table") -> dict[str, TableLayout]:
    """Every column in one layout, where its values fit."""
    return {name: TableLayout(container, dict.fromkeys(columns, layout)) for name, columns in SMALL.tables.items()}


def test_the_rules_say_something_of_everybody() -> None:
    bound = SMALL.bound()
    seen = by_reference(bound, SMALL.tables, SMALL.as_of, list(bound.segments))
    assert isinstance(seen, Outcome)
    assert all(len(set(flags)) > 1 for flags in seen.qualifying.values())
    assert len(set(seen.partitions["steps"])) == 3
    assert {report.scored for report in seen.ranks["values"].values()} <= set(range(2, 8))


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container(container: str, held: bool) -> None:
    assert_equal(replace(SMALL, layouts={name: TableLayout(container) for name in SMALL.tables}, held=held))


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("container", CONTAINERS)
def test_a_container_of_nothing(container: str, held: bool) -> None:
    layouts = {name: TableLayout(container) for name in SMALL.tables}
    assert_equal(replace(without_rows(SMALL, *SMALL.tables), layouts=layouts, held=held))


@pytest.mark.parametrize("packing", _PACKINGS)
@pytest.mark.parametrize(("container", "held"), [("table", False), ("parquet file", False), ("table", True)])
def test_a_packing(packing: str, container: str, held: bool) -> None:
    layouts = _everywhere(ColumnLayout(packing, cuts=(2,)), container)
    assert_equal(replace(SMALL, layouts=layouts, held=held))


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("packing", ["string", "large_string", "string_view"])
@pytest.mark.parametrize("cuts", [(), (1, 1, 4)])
def test_a_wrapping(wrapping: str, packing: str, cuts: tuple[int, ...]) -> None:
    assert_equal(replace(SMALL, layouts=_everywhere(ColumnLayout(packing, wrapping, cuts=cuts, before=3))))


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("wrapping", ["dictionary", "odd dictionary"])
@pytest.mark.parametrize("container", ["table", "arrow stream"])
def test_an_index_of_dictionaries(index: str, wrapping: str, container: str) -> None:
    layout = ColumnLayout("string", wrapping, index, cuts=(3,), before=5, after=2)
    assert_equal(replace(SMALL, layouts=_everywhere(layout, container)))


@pytest.mark.parametrize(("before", "cuts", "after"), _SLICED)
@pytest.mark.parametrize("container", ["table", "reader", "stream", "arrow file", "mapping"])
def test_slices_and_chunks(before: int, cuts: tuple[int, ...], after: int, container: str) -> None:
    assert_equal(replace(SMALL, layouts=_everywhere(ColumnLayout(cuts=cuts, before=before, after=after), container)))


@pytest.mark.parametrize("rows", [1, 2, 3, 7])
@pytest.mark.parametrize("container", ["parquet file", "parquet folder", "arrow stream", "scanner"])
def test_small_groups_of_rows(rows: int, container: str) -> None:
    assert_equal(replace(SMALL, layouts={name: TableLayout(container, rows=rows) for name in SMALL.tables}))


@pytest.mark.parametrize("order", [1, 2, 5])
@pytest.mark.parametrize("container", ["table", "parquet file", "pandas", "polars"])
def test_columns_in_another_order_and_more_of_them(order: int, container: str) -> None:
    layout = TableLayout(container, order=order, extra=2)
    assert_equal(replace(SMALL, layouts=dict.fromkeys(SMALL.tables, layout)))


@pytest.mark.parametrize("empty", [["people"], ["lines"], ["stays"], ["people", "stays"], ["lines", "stays"]])
def test_tables_without_rows(empty: list[str]) -> None:
    assert_equal(without_rows(SMALL, *empty))


@pytest.mark.parametrize(("table", "column"), sorted(_COLUMNS - _NEVER_NULL))
@pytest.mark.parametrize("null_type", [False, True])
def test_a_column_of_nulls(table: str, column: str, null_type: bool) -> None:
    cells: list[Cell] = [None] * len(SMALL.tables[table][column])
    tables = {**SMALL.tables, table: {**SMALL.tables[table], column: cells}}
    layouts = {table: TableLayout(columns={column: ColumnLayout(null_type=null_type, cuts=(1,))})}
    assert_equal(replace(SMALL, tables=tables, layouts=layouts))


@pytest.mark.parametrize("packing", _PACKINGS)
@pytest.mark.parametrize("wrapping", ["plain", "two dictionaries"])
def test_reading_gives_the_cells_back(packing: str, wrapping: str) -> None:
    """The layouts themselves are right: without any engine the data hold what was laid out."""
    laid = replace(SMALL, layouts=_everywhere(ColumnLayout(packing, wrapping, before=3))).data()
    assert read_back(SMALL.typed_catalogue, laid, SMALL.as_of) == SMALL.tables


def test_every_type_is_laid_out() -> None:
    types = {type(column.type) for table in SMALL.typed_catalogue.tables.values() for column in table.columns.values()}
    assert types == set(PACKINGS)
    assert ListType in types
