"""What a test leaves out though it cannot be missing, and is read, or gives though nothing can have it: findings."""

from collections.abc import Iterable, Iterator, Mapping

from segrules.diagnostics.codes import LEFT_OUT, UNKNOWN_STATUS
from segrules.diagnostics.finding import Finding, finding
from segrules.ir import nodes as ir
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenCustomer, Test
from segrules.ir.walk import descendants
from segrules.testing.variant import Asked, Variant, target_words


def left_out(test: Test, variant: Variant) -> tuple[Finding, ...]:
    """The findings of one test, at the customer or event that lacks something; each thing once."""
    found: dict[object, Finding] = {}
    for expectation in test.expectations:
        asked = variant.ask(expectation.target)
        name = f"`{target_words(expectation.target, variant.rules)}`"
        # Whoever else is there may count where others are asked for.
        customers = test.customers if asked.apart else (test.customers[expectation.customer],)
        for customer in customers:
            for key, item in _of_customer(customer, asked, variant.rules, name, expectation.target):
                found.setdefault((id(customer), key), item)
    return tuple(found.values())


def _of_customer(
    customer: GivenCustomer, asked: Asked, rules: Rules, name: str, target: ir.Condition
) -> Iterator[tuple[object, Finding]]:
    catalogue = rules.catalogue
    attributes = catalogue.customers.attributes
    key = catalogue.customers.key.name
    read = _with_sources(asked.reads.columns, attributes, customer.attributes)
    for column in sorted(read):
        if column == key:
            if customer.key is None and column not in customer.attributes:
                help_ = "name the customer: `given customer KEY`"
                yield (
                    column,
                    finding(
                        LEFT_OUT, f"{name} reads the key `{key}`, and the customer has none", customer.span, help=help_
                    ),
                )
        elif column in attributes and _is_lacking(attributes[column], customer.attributes):
            message = f"{name} reads `{column}`, which cannot be missing, and the test leaves it out"
            help_ = f"add `given customer with {column} = …`"
            yield column, finding(LEFT_OUT, message, customer.span, help=help_)
    for number, event in enumerate(customer.events):
        properties = catalogue.events[event.event].properties
        wanted = asked.reads.events.get(event.event, set()) & properties.keys()
        for column in sorted(_with_sources(wanted, properties, event.properties)):
            if column in properties and _is_lacking(properties[column], event.properties):
                message = f"{name} reads `{column}`, which cannot be missing, and this event leaves it out"
                yield (number, column), finding(LEFT_OUT, message, event.span, help=f"add `with {column} = …`")
    yield from _undated_consents(customer, catalogue, rules, name, target)
    yield from _unknown_statuses(customer, catalogue)


def _undated_consents(
    customer: GivenCustomer, catalogue: Catalogue, rules: Rules, name: str, target: ir.Condition
) -> Iterator[tuple[object, Finding]]:
    """Consents without a time, where a clause asks when they were given; kept in columns, a time may be missing."""
    clauses = rules.segments[target.name].consents if isinstance(target, ir.InSegment) else ()
    windows = {
        item.channel for clause in clauses for group in clause.any_of for item in group if item.given is not None
    }
    for consent in customer.consents:
        if consent.at is None and consent.channel in windows and consent.channel not in catalogue.consents.columns:
            message = f"{name} asks when consent to `{consent.channel}` was given, and the test does not say"
            help_ = f'write `given consent.{consent.channel} = "{consent.state}" on 2026-01-31`'
            yield ("consent", consent.channel), finding(LEFT_OUT, message, consent.span, help=help_)


def _unknown_statuses(customer: GivenCustomer, catalogue: Catalogue) -> Iterator[tuple[object, Finding]]:
    """Texts in columns of consent that the catalogue does not know: a run would stop."""
    for columns in catalogue.consents.columns.values():
        given = customer.attributes.get(columns.state)
        if given is not None and isinstance(given.value, str) and given.value not in catalogue.consents.statuses:
            message = f"`{columns.state}` cannot be `{given.value}`: the catalogue knows no such status of consent"
            known = ", ".join(f"`{text}`" for text in sorted(catalogue.consents.statuses))
            yield ("status", columns.state), finding(UNKNOWN_STATUS, message, given.span, help=f"known are {known}")


def _is_lacking(column: Column, given: Mapping[str, object]) -> bool:
    return not column.nullable and column.derive is None and column.name not in given


def _with_sources(names: Iterable[str], columns: Mapping[str, Column], given: Mapping[str, object]) -> set[str]:
    """The columns with those that they are computed from, but for those that are given themselves."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        column = columns.get(name)
        if column is not None and column.derive is not None and name not in given:
            waiting += [node.name for node in descendants(column.derive) if isinstance(node, ir.Property)]
    return found
