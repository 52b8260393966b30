"""The test of one customer into JSON values, for programs that read what proofs found."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from segrules.evaluation.cells import cell_json
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.nodes import Constant, Literal
from segrules.ir.testcases import Test
from segrules.proofs.witnesses.expected import in_order
from segrules.proofs.witnesses.testblock import block
from segrules.types.types import FloatType, Type
from segrules.types.zones import zone


def witness_json(test: Test, catalogue: Catalogue) -> dict[str, Any]:
    """A test of one customer as JSON values, with its block under `test`.

    Raises:
        Unwritable: the test holds what the language cannot write.
    """
    (given,) = test.customers
    attributes, key = catalogue.customers.attributes, catalogue.customers.key.name
    own = {} if given.key is None else {key: given.key}
    found: dict[str, Any] = {
        "as_of": _iso(test.as_of, catalogue),
        "customer": {**own, **_values_json(given.attributes, attributes, catalogue)},
        "events": [
            {
                "event": event.event,
                "at": _iso(event.at, catalogue),
                "properties": _values_json(event.properties, catalogue.events[event.event].properties, catalogue),
            }
            for event in in_order(given.events, catalogue)
        ],
        "consents": [
            {
                "channel": consent.channel,
                "state": consent.state,
                "at": None if consent.at is None else _iso(consent.at, catalogue),
                "purpose": consent.purpose,
                "expiry": None if consent.expiry is None else _iso(consent.expiry, catalogue),
            }
            for consent in given.consents
        ],
        "suppressions": sorted(given.suppressions),
        "bands": {f"{score}.{rank}": value.value for (score, rank), value in sorted(given.bands.items())},
    }
    if test.lists:
        found["lists"] = {path: sorted(entries) for path, entries in sorted(test.lists.items())}
    if test.rows:
        found["rows"] = [
            {
                "table": row.table,
                "key": row.key,
                "values": _values_json(row.values, catalogue.tables[row.table].columns, catalogue),
            }
            for row in test.rows
        ]
    return {**found, "test": block(test, catalogue)}


def _values_json(values: Mapping[str, Literal], columns: Mapping[str, Column], catalogue: Catalogue) -> dict[str, Any]:
    return {name: _value_json(item.value, columns[name].type, catalogue) for name, item in values.items()}


def _value_json(value: Constant, of: Type, catalogue: Catalogue) -> Any:
    if isinstance(of, FloatType) and isinstance(value, int | Fraction):
        return float(value)
    return _iso(value, catalogue) if isinstance(value, date) else cell_json(value, of)


def _iso(at: date | datetime, catalogue: Catalogue) -> str:
    """A day, or an instant in local time with its offset."""
    if not isinstance(at, datetime):
        return at.isoformat()
    try:
        return at.astimezone(zone(catalogue.zone)).isoformat()
    except OverflowError:  # the ends of the calendar
        return at.isoformat()
