"""Events, single rows and grouped lines, compared with what the reference prepares."""

from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest

from segrules.backends.arrow.chunks import Chunk
from segrules.backends.arrow.occurrences import IgnoredCounts, grouped, occurrences
from segrules.backends.arrow.population import Population, populate
from segrules.backends.arrow.vectors import results
from segrules.diagnostics.finding import Finding
from segrules.ir.catalogue import Catalogue
from segrules.reference.outcome import Ignored
from segrules.reference.values import Absent
from segrules.reference.world import World
from segrules.types.cells import Tables
from tests.engine import data, fakes
from tests.engine.catalogues import catalogues, document, read
from tests.engine.picking import Pick, by_seed
from tests.fuzz import cases

Seen = dict[str, dict[Any, list[tuple[Any, dict[str, Any]]]]]


def events_of(chunks: list[Chunk], catalogue: Catalogue, population: Population) -> Seen:
    """The events of each kind and customer in order of time: time and properties."""
    found: dict[str, dict[Any, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for chunk in chunks:
        for name, event in chunk.events.items():
            times = results(chunk.time[name])
            properties = {item: results(chunk.frame.column(item)) for item in catalogue.events[name].properties}
            order = [results(chunk.frame.column(item)) for item in event.order_by]
            member = chunk.member[name]
            for row in range(chunk.frame.rows):
                if member is None or member[row]:
                    key = population.keys[int(chunk.codes[row])].as_py()
                    ties = tuple((not isinstance(column[row], Absent), column[row]) for column in order)
                    cells = {item: _cell(values[row]) for item, values in properties.items()}
                    found[name][key].append(((times[row], ties, chunk.position + row), times[row], cells))
    return {
        name: {key: [row[1:] for row in sorted(rows, key=lambda row: _sortable(row[0]))] for key, rows in kinds.items()}
        for name, kinds in found.items()
    }


def _cell(value: Any) -> Any:
    return None if isinstance(value, Absent) else value


def _sortable(order: Any) -> Any:
    time, ties, position = order
    return time, tuple((there, value if there else 0) for there, value in ties), position


def compare(pick: Pick, dirt: int) -> None:
    catalogue = catalogues(pick)
    as_of = data.instants(pick)
    compare_with(pick, catalogue, as_of, data.tables(pick, catalogue, as_of, 4, 9, dirt))


def compare_with(pick: Pick, catalogue: Catalogue, as_of: datetime, tables: Tables) -> None:
    expected = fakes.by_reference(catalogue, tables, as_of, [*catalogue.events])
    setting, sources = fakes.setting(catalogue, as_of), fakes.sources(pick, catalogue, tables)
    problems: list[Finding] = []
    population = populate(setting, sources, problems)
    if problems:
        assert fakes.told(problems) == expected
        return
    ignored = IgnoredCounts()
    chunks: list[Chunk] = []
    for table in catalogue.tables:
        plain = {name: item for name, item in catalogue.events.items() if item.table == table and item.grouping is None}
        needed = {name for item in plain.values() for name in item.properties}
        chunks += occurrences(setting, sources[table], plain, needed, population, ignored, problems)
    for event in catalogue.events.values():
        if event.grouping is not None:
            needed = {*event.properties}
            chunks += grouped(setting, sources[event.table], event, needed, population, ignored, problems)
    if isinstance(expected, World):
        assert not problems, problems
        found = events_of(chunks, catalogue, population)
        for customer in expected.customers:
            for name in catalogue.events:
                rows = [(row.time, dict(row.values)) for row in customer.events.get(name, [])]
                assert found.get(name, {}).get(customer.key, []) == rows
        assert _of_events(ignored.all(catalogue)) == _of_events(expected.ignored)
    else:
        told = fakes.told(problems)
        assert told <= expected, (told, expected)
        assert {item for item in expected if "consent" not in item[1]} <= told


def _of_events(ignored: tuple[Ignored, ...]) -> list[Ignored]:
    return [item for item in ignored if item.event != "consent"]


@pytest.mark.parametrize("seed", range(cases(60)))
def test_events_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(seed), 0)


@pytest.mark.parametrize("seed", range(cases(60)))
def test_problems_are_those_of_the_reference(seed: int) -> None:
    compare(by_seed(1000 + seed), 12)


@pytest.mark.parametrize("of_customers", [False, True])
@pytest.mark.parametrize("seed", range(cases(40)))
def test_what_is_not_one_value_is_told_as_by_the_reference(seed: int, of_customers: bool) -> None:
    pick = by_seed(seed)
    made = document(pick)
    while "invoice" not in made["events"] or "derive" not in made["customers"]:
        made = document(pick)
    made["events"]["invoice"]["group"]["properties"]["only_product"] = "only product"
    attributes = made["customers"]["derive"]["attributes"]
    attributes.pop("only_product", None)
    if of_customers:
        attributes["only_product"] = {"column": "product", "choose": "only"}
    catalogue = read(made)
    as_of = data.instants(pick)
    tables = {name: dict(columns) for name, columns in data.tables(pick, catalogue, as_of, 6, 12).items()}
    tables["lines"]["product"] = [pick(("p", "p", "q", None)) for _ in tables["lines"]["product"]]
    compare_with(pick, catalogue, as_of, tables)
