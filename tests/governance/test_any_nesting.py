"""Whatever a generated rule reads, it carries the label of: every column of a random catalogue has a label of its own.

What should be read is worked out a second time, as a closure over names that knows nothing of `not` or of paths.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segrules.explain.reads import reads_of
from segrules.governance.flow import Flow
from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Expression, InStage, Property
from segrules.ir.rules import Rules
from segrules.ir.walk import caps_of, conditions_of, descendants, expressions_of
from tests.conformance.cases import bind_text, errors
from tests.engine import rules as generated
from tests.engine.catalogues import document, read
from tests.engine.data import instants
from tests.engine.picking import by_seed
from tests.fuzz import cases

Column = tuple[str, str]


def labelled(made: dict[str, Any]) -> dict[str, Any]:
    """The document with a category of its own at every column."""
    names = []
    for table, about in made["tables"].items():
        for column, says in about["columns"].items():
            block = {"type": says} if isinstance(says, str) else dict(says)
            names.append(f"{table}_{column}")
            about["columns"][column] = block | {"labels": {"category": names[-1]}}
    return made | {"labels": names}


def read_of_expression(expressions: Iterable[Any], table: str) -> set[Column]:
    parts = [part for part in expressions if part is not None]
    return {(table, node.name) for part in parts for node in descendants(part) if isinstance(node, Property)}


def with_sources(catalogue: Catalogue, columns: Iterable[Column]) -> set[Column]:
    """The columns, and all that they are computed from."""
    found: set[Column] = set()
    waiting = list(columns)
    while waiting:
        table, name = waiting.pop()
        if (table, name) not in found:
            found.add((table, name))
            waiting += read_of_expression([catalogue.tables[table].columns[name].derive], table)
    return found


def expected(rules: Rules, name: str) -> set[str]:
    """The labels of every column that a definition reads, by the names that `show` tells."""
    catalogue = rules.catalogue
    told = reads_of(rules, name)
    columns = {home(catalogue, attribute) for attribute in told.columns}
    for event, properties in told.events.items():
        columns |= set(of_event(catalogue, event, properties - {"time"}))
    for relation, names in told.relations.items():
        of_table = catalogue.tables[catalogue.relations[relation].table]
        columns |= {(of_table.name, column) for column in names if column in of_table.columns}
    for channel in told.consents:
        columns |= set(of_consent(catalogue, channel))
    derivation = catalogue.customers.derivation
    if derivation is not None and name in rules.segments:
        columns |= read_of_expression([derivation.where], derivation.table)
    return {f"{table}_{column}" for table, column in with_sources(catalogue, columns)}


def home(catalogue: Catalogue, attribute: str) -> Column:
    customers = catalogue.customers
    derivation = customers.derivation
    if derivation is not None and attribute in derivation.attributes:
        return derivation.table, derivation.attributes[attribute].column
    if derivation is not None and attribute == derivation.key:
        return derivation.table, attribute
    tables = [*([customers.table] if customers.table else []), *customers.joined]
    return next((table, attribute) for table in tables if attribute in catalogue.tables[table].columns)


def of_event(catalogue: Catalogue, name: str, properties: Iterable[str]) -> Iterator[Column]:
    event = catalogue.events[name]
    yield event.table, event.time
    yield from read_of_expression([event.where], event.table)
    for item in properties:
        if event.grouping is None:
            yield event.table, item
        else:
            yield from read_of_expression([event.grouping.properties[item].of], event.table)


def of_consent(catalogue: Catalogue, channel: str) -> Iterator[Column]:
    consents = catalogue.consents
    kept: Mapping[str, Any] = consents.columns
    if channel in kept:
        attributes = (kept[channel].state, kept[channel].time, kept[channel].expiry)
        yield from (home(catalogue, name) for name in attributes if name is not None)
    elif consents.table is not None:
        table = consents.table
        names = (table.channel, table.status, table.time, table.purpose, table.expiry)
        yield from ((table.table, name) for name in names if name is not None)


def names_a_stage(rules: Rules) -> bool:
    roots: list[Expression] = [definition.body for definition in rules.definitions.values()]
    roots += [item for score in rules.scores.values() for item in expressions_of(score)]
    roots += [item for segment in rules.segments.values() for item in conditions_of(segment)]
    roots += [item for segment in rules.segments.values() for item in caps_of(rules.catalogue, segment)]
    roots += [stage.condition for partition in rules.partitions.values() for stage in partition.stages]
    return any(isinstance(node, InStage) for root in roots for node in descendants(root))


@settings(max_examples=cases(150), deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(st.integers(0, 2**32))
def test_what_is_read_carries_its_label(seed: int) -> None:
    pick = by_seed(seed)
    catalogue = read(labelled(document(by_seed(seed % 24))))
    rules, findings = bind_text(generated.rules(pick, catalogue, instants(pick)), catalogue, generated.LISTS)
    assert errors(findings) == []
    flow = Flow(rules)
    for name in (*rules.segments, *rules.partitions, *rules.scores, *rules.definitions):
        carried = {read.fact.word for read in flow.reads(name) if read.fact.axis == "category"}
        assert carried <= expected(rules, name), name
        # A stage reads nothing of the stages behind it, which `show` tells as well.
        assert carried == expected(rules, name) or names_a_stage(rules), name
