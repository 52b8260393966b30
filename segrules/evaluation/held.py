"""Tables that a program keeps for many evaluations."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from segrules.backends.arrow.held import HeldTable
from segrules.diagnostics.errors import BadInput
from segrules.ir.catalogue import Catalogue
from segrules.sources.given import given_source

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class HeldTables(Mapping[str, HeldTable]):
    """Tables by the catalogue's names, for `RuleSet.evaluate`; made by `RuleSet.hold`.

    Each column is read, checked against the catalogue and encoded when an evaluation first needs it, and kept.
    Several threads may evaluate with the same tables. What they were made of must not be changed.
    """

    def __init__(self, catalogue: Catalogue, data: Mapping[str, Any]) -> None:
        check_held(catalogue, data)
        # How fresh data are is judged by the instant of each evaluation.
        self._tables = {
            name: item
            if isinstance(item, HeldTable)
            else HeldTable(catalogue, given_source(catalogue, catalogue.tables[name], item, _EPOCH))
            for name, item in data.items()
        }

    def __getitem__(self, name: str) -> HeldTable:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        return f"HeldTables({', '.join(self)})"


def check_held(catalogue: Catalogue, data: Mapping[str, Any]) -> None:
    """Refuse tables that are held for another catalogue.

    Raises:
        BadInput: there are some.
    """
    for name, item in data.items():
        if isinstance(item, HeldTable) and item.catalogue is not catalogue and item.catalogue != catalogue:
            raise BadInput(
                f"table `{name}` is held for another catalogue",
                help="hold it with these rules: `rules.hold({...})`",
            )
