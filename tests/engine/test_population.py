"""Keys, dense numbers and attributes of customers, compared with what the reference prepares."""

import time
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from segrules.backends.arrow.bind import bind
from segrules.backends.arrow.keys import KeyIndex
from segrules.backends.arrow.population import Population, populate
from segrules.backends.arrow.vectors import Kind, Vector, of_results, results
from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Catalogue
from segrules.reference.values import MISSING, Absent
from segrules.reference.world import World
from segrules.sources.given import given_source
from segrules.types.types import IntegerType, TextType, Type
from tests.engine import data, fakes
from tests.engine.catalogues import catalogues, read
from tests.engine.picking import Pick, by_seed


def attributes(population: Population, catalogue: Catalogue) -> dict[Any, dict[str, Any]]:
    """All attributes of all customers by key."""
    names = [*catalogue.customers.attributes]
    found: dict[Any, dict[str, Any]] = {}
    for start, rows, column in population.batches(names):
        columns = {name: results(column(name)) for name in names}
        for row in range(rows):
            key = population.keys[start + row].as_py()
            cells = {name: values[row] for name, values in columns.items()}
            found[key] = {name: None if isinstance(cell, Absent) else cell for name, cell in cells.items()}
    return found


def compare(pick: Pick, dirt: int) -> None:
    catalogue = catalogues(pick)
    as_of = data.instants(pick)
    tables = data.tables(pick, catalogue, as_of, 6, 9, dirt)
    expected = fakes.by_reference(catalogue, tables, as_of, ())
    problems: list[Finding] = []
    population = populate(fakes.setting(catalogue, as_of), fakes.sources(pick, catalogue, tables), problems)
    if isinstance(expected, World):
        assert not problems
        assert attributes(population, catalogue) == {item.key: dict(item.attributes) for item in expected.customers}
        in_order = [population.keys[int(place)].as_py() for place in population.order()]
        assert in_order == [item.key for item in expected.customers]
        keys = of_results([*(item.key for item in expected.customers), MISSING])
        codes = population.codes(as_column(keys)).tolist()
        assert [population.keys[code].as_py() for code in codes[:-1]] == in_order
        assert codes[-1] == -1
    elif problems:
        assert fakes.told(problems) == {item for item in expected if item[0] in _OF_CUSTOMERS} & fakes.told(problems)
    if problems:
        assert not isinstance(expected, World)


def as_column(keys: Vector) -> Vector:
    """Texts as codes, as columns have them."""
    if keys.kind is not Kind.OBJECT:
        return keys
    encoded = pa.array([None if item is None else str(item) for item in keys.data], pa.string()).dictionary_encode()
    codes = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    return Vector(Kind.CODE, codes, keys.present, dictionary=encoded.dictionary, distinct=True)


_OF_CUSTOMERS = {codes.MISSING_KEY.name, codes.DUPLICATE_CUSTOMER.name, codes.NOT_ONE_VALUE.name}


@pytest.mark.parametrize("seed", range(60))
def test_customers_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(seed), 0)


@pytest.mark.parametrize("seed", range(60))
def test_problems_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(seed), 8)


def vector(keys: list[int | None]) -> Vector:
    data = np.array([0 if key is None else key for key in keys], np.int64)
    return Vector(Kind.NUMBER, data, np.array([key is not None for key in keys]))


@pytest.mark.parametrize(
    "keys",
    [
        [5, 6, 7],
        [7, 5, 6],
        [9, 1, 4],
        [-(2**63), 2**63 - 1, 0],
        [10**12, 3, -7],
        [2**63 - 1, 2**63 - 2],
        [-(2**63), -(2**63) + 1],
    ],
)
def test_numbers_are_found_wherever_they_lie(keys: list[int]) -> None:
    index = KeyIndex(pa.array(keys, pa.int64()))
    asked = [*keys, None, -(2**63), 2**63 - 1, 0, 5, 8, -1]
    known = {key: place for place, key in enumerate(keys)}
    assert index.codes(vector(asked)).tolist() == [-1 if key is None else known.get(key, -1) for key in asked]
    assert [keys[place] for place in index.order] == sorted(keys)


def keyed(of: str) -> Catalogue:
    """Customers in one table and their points in another one."""
    people = {"path": "people.parquet", "key": "id", "columns": {"id": of}}
    loyalty = {"path": "loyalty.parquet", "key": "person", "columns": {"person": of, "points": "integer"}}
    customers = {"table": "people", "join": ["loyalty"]}
    return read(
        {"format": 1, "time_zone": "UTC", "tables": {"people": people, "loyalty": loyalty}, "customers": customers}
    )


@pytest.mark.parametrize(
    ("of", "keys"), [("integer", [3, None, 1, 3, 2, 1, 3]), ("text", ["c", None, "a", "c", "b", "a", "c"])]
)
@pytest.mark.parametrize("table", ["people", "loyalty"])
def test_keys_that_are_missing_or_stand_twice_are_told_by_the_table(table: str, of: str, keys: list[Any]) -> None:
    catalogue = keyed(of)
    data_ = {"people": {"id": keys[:1]}, "loyalty": {"person": keys[:1], "points": [1]}}
    data_[table] = {"id": keys} if table == "people" else {"person": keys, "points": [1] * len(keys)}
    as_of = datetime(2026, 11, 1, tzinfo=UTC)
    sources = {name: given_source(catalogue, catalogue.tables[name], rows, as_of) for name, rows in data_.items()}
    problems: list[Finding] = []
    population = populate(fakes.setting(catalogue, as_of), sources, problems)
    key = "id" if table == "people" else "person"
    assert [item.message for item in problems] == [
        f"the key `{key}` of table `{table}` is null in 1 row",
        f"the key `{key}` of table `{table}` has 2 values that stand more than once, in 5 rows together",
    ]
    assert population.size == (0 if table == "people" else 1)


def test_many_keys_are_found_fast() -> None:
    keys = pa.array(np.arange(1_000_000) + 17)
    asked = Vector(Kind.NUMBER, np.random.default_rng(1).integers(17, 1_000_017, 4_000_000))
    index = KeyIndex(keys)
    start = time.perf_counter()
    codes = index.codes(asked)
    assert (codes == asked.data - 17).all()
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("text", [False, True])
def test_rows_sorted_by_customer_get_the_same_numbers(text: bool) -> None:
    keys = [f"{n:05}" if text else n * 1_000_003 for n in range(500)]
    asked = [key for number, key in enumerate(keys) for _ in range(number % 7)] + ["~" if text else -1 + 10**12] * 3
    asked = sorted(asked)
    index = KeyIndex(pa.array(keys))
    of: Type = TextType() if text else IntegerType()
    vector = bind(of, pa.array(asked))
    places = {key: place for place, key in enumerate(keys)}
    assert index.codes(vector).tolist() == [places.get(key, -1) for key in asked]
    shuffled = np.random.default_rng(7).permutation(len(asked))
    assert index.codes(vector.take(shuffled)).tolist() == [places.get(asked[row], -1) for row in shuffled]
