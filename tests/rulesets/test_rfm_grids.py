"""`rulesets/rfm_grids`: every cell of both grids, every customer with both engines, and the figures of its page."""

import shutil
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

import segrules
from segrules.proofs.statements import Kind, Proofs
from segrules.proofs.verdict import Answer
from tests.rulesets.rfm_grids_expected import EXPECTED, GRIDS, Cell, Grid, count

FOLDER = Path(__file__).parents[2] / "rulesets" / "rfm_grids"
AS_OF = "2006-12-31"
RANKS = ("recency", "frequency", "monetary")
NAMES = tuple(GRIDS)


@pytest.fixture(scope="session")
def orders() -> pd.DataFrame:
    return pd.read_parquet(FOLDER / "data" / "orders.parquet")


def test_the_rules_are_clean_and_their_tests_pass() -> None:
    rules = segrules.load(FOLDER)
    assert rules.check() == ()
    assert rules.test().passed


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_are_those_of_counting(name: str) -> None:
    assert count(GRIDS[name]) == EXPECTED[name]


def test_one_row_of_the_two_grids_can_never_win() -> None:
    assert {name: EXPECTED[name].never for name in NAMES} == {"r_grid": (), "putler_grid": ("cannot_lose_them",)}


@pytest.fixture(scope="session")
def proofs() -> Proofs:
    return segrules.load(FOLDER).prove()


def test_proofs_count_the_cells_alike(proofs: Proofs) -> None:
    found = {grid.partition: (grid.cells, grid.several, grid.none) for grid in proofs.grids}
    assert found == {name: (item.cells, item.several, len(item.none)) for name, item in EXPECTED.items()}


def test_the_same_rows_are_proved_never_to_win(proofs: Proofs) -> None:
    stages = [item for item in proofs.statements if item.kind is Kind.STAGE]
    proved = {item.names[0] for item in stages if item.verdict.answer is Answer.PROVED}
    assert proved == {f"{name}.{row}" for name, item in EXPECTED.items() for row in item.never}
    refuted = {item.names[0] for item in stages if item.verdict.answer is Answer.REFUTED}
    assert refuted == {f"{name}.{row}" for name, item in EXPECTED.items() for row, wins in item.wins.items() if wins}


@pytest.mark.parametrize("name", NAMES)
def test_the_rules_put_every_cell_into_the_row_that_wins_it(name: str, tmp_path: Path) -> None:
    project = tmp_path / "grids"
    shutil.copytree(FOLDER, project, ignore=shutil.ignore_patterns("data", "out"))
    (project / "cells.seg").write_text(_test_of_cells(name, GRIDS[name]), encoding="utf-8")
    run = segrules.load(project).test(f"every cell of {name}")
    assert run.passed, run
    assert len(run) == 1


def _test_of_cells(name: str, grid: Grid) -> str:
    """A test in the language with a customer for each cell, and what is expected of all of them."""
    cells = list(grid.cells())
    lines = [f'test "every cell of {name}"', f"  as of {AS_OF}"]
    for number, cell in enumerate(cells):
        bands = ", ".join(f"{grid.score}.{rank} = {band}" for rank, band in zip(RANKS, cell, strict=True))
        lines.append(f'  given customer "{number}" with {bands}')
    for number, cell in enumerate(cells):
        lines.append(f'  expect "{number}" in {name}.{grid.winner(cell) or "in_no_row"}')
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("engine", ["arrow", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_every_customer_is_in_the_row_of_plain_counting(
    name: str, engine: str, orders: pd.DataFrame, tmp_path: Path
) -> None:
    result = segrules.load(FOLDER).run(AS_OF, tmp_path / "out", engine=engine)
    found = dict(zip(result.keys.to_pylist(), result.partition(name).to_pylist(), strict=True))
    grid = GRIDS[name]
    cells = _cells(orders, len(grid.bands), grid.bands[0])
    assert found == {customer: grid.winner(cell) or "in_no_row" for customer, cell in cells.items()}


def _cells(orders: pd.DataFrame, bands: int, first: int) -> dict[str, Cell]:
    """The bands of every customer: 1 + floor(bands * worse / customers), from `first` on."""
    by_customer = orders.groupby("customer_id")
    last = pd.to_datetime(by_customer["order_date"].max())
    values = {
        "recency": -(pd.Timestamp(AS_OF) - last).dt.days,
        "frequency": by_customer.size(),
        "monetary": by_customer["revenue"].sum(),
    }
    cells: dict[str, list[int]] = defaultdict(list)
    for rank in RANKS:
        better = sorted(values[rank])
        worse = {value: better.index(value) for value in set(better)}
        for customer, value in values[rank].items():
            cells[str(customer)].append(first + bands * worse[value] // len(better))
    return {customer: (row[0], row[1], row[2]) for customer, row in cells.items()}


def test_the_data_are_whole(orders: pd.DataFrame) -> None:
    assert len(orders) == 4_906
    assert orders["customer_id"].nunique() == 995
    assert orders["revenue"].sum() == 464_158
    assert (str(orders["order_date"].min()), str(orders["order_date"].max())) == ("2001-10-29", "2006-12-30")


def test_the_readme_counts_right() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8").replace("**", "")
    assert [line for name in NAMES for line in _lines(name) if line not in text] == []
    r, putler = EXPECTED["r_grid"], EXPECTED["putler_grid"]
    phrases = (
        f"of {r.cells} cells, {r.several} fit more than one row, and {len(r.none)} fit none",
        ", ".join(" ".join(map(str, cell)) for cell in r.none) + ".",
        f"of {putler.cells} cells (six bands each), {putler.several} fit more than one row, and none fits no row",
    )
    assert [phrase for phrase in phrases if phrase not in text] == []


def _lines(name: str) -> list[str]:
    """The rows of the table of one grid, with the titles of its stages."""
    typed = segrules.load(FOLDER).typed
    assert typed is not None
    figures = EXPECTED[name]
    stages = typed.partitions[name].stages
    assert [stage.name for stage in stages] == list(figures.fits)
    return [f"| {stage.title} | {figures.fits[stage.name]} | {figures.wins[stage.name]} |" for stage in stages]


def test_the_readme_counts_right_by_recency_and_mean() -> None:
    grid = GRIDS["putler_grid"]
    drawn = {
        (recency, Fraction(frequency + monetary, 2)): (recency, frequency, monetary)
        for recency, frequency, monetary in grid.cells()
    }
    several = sum(sum(grid.fits(row, cell) for row in grid.rows) > 1 for cell in drawn.values())
    assert f"it is {several} of {len(drawn)}" in (FOLDER / "README.md").read_text(encoding="utf-8")
