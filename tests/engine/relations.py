"""Relations of random catalogues: an account that customers share, and a boss who is a customer too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segrules.ir.catalogue import Catalogue, Column
from segrules.types.cells import Cell, Key
from segrules.types.types import TextType
from tests.engine.picking import Pick, chance, some

ACCOUNTS = "accounts"
_GBP = {"type": "money", "currency": "GBP"}
_COLUMNS: dict[str, Any] = {
    "plan": "text",
    "level": {"type": "text", "values": ["S", "M", "L"], "ordered": True},
    "seats": "integer",
    "fee": _GBP,
    "share": "float",
    "frozen": "boolean",
    "contract_end": "date",
    "renewed": "timestamp",
    "badges": "list of text",
}
_DERIVED = {
    "double_seats": {"derive": "seats * 2"},
    "large": {"derive": "seats > 1 or frozen"},
    "yearly": {"derive": "fee * seats"},
}


@dataclass(frozen=True)
class Relations:
    """What a random catalogue gets: a table, columns of the people, and the links."""

    tables: dict[str, Any]
    columns: dict[str, Any]
    links: dict[str, Any]


def relations(pick: Pick, key: str) -> Relations:
    """Random relations, most of the time some; `key` is the type of customers' keys."""
    tables: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    links: dict[str, Any] = {}
    if not chance(pick, 3):
        of = pick(("text", "integer"))
        kept = {name: _DERIVED[name] for name in some(pick, [*_DERIVED])}
        tables[ACCOUNTS] = {
            "path": "accounts.parquet",
            "key": "number",
            "columns": {"number": {"type": of, "column": pick(("number", "no."))}, **_COLUMNS, **kept},
        }
        columns["account_ref"] = of
        links["account"] = {"table": ACCOUNTS, "column": "account_ref"} | pick(
            ({"back": "users"}, {"back": "users"}, {})
        )
    if chance(pick, 2):
        columns["boss_ref"] = key
        links["boss"] = {"table": "people", "column": "boss_ref", "back": "reports"}
    return Relations(tables, columns, links)


def account_keys(catalogue: Catalogue, count: int) -> list[Key]:
    """Keys of so many accounts; so few that customers share them."""
    if isinstance(catalogue.tables[ACCOUNTS].columns["number"].type, TextType):
        return [*("x", "", "é", "10", "9")[:count], *(f"a{number}" for number in range(5, count))]
    return [*(1, 2**40, -7, 0, 3)[:count], *range(50, 45 + count)]


def shared(catalogue: Catalogue, keys: Sequence[Key]) -> Sequence[Cell]:
    """What may stand where customers refer to accounts: a few accounts, one that is nowhere, and nothing."""
    nowhere: Key = "nowhere" if isinstance(catalogue.tables[ACCOUNTS].columns["number"].type, TextType) else 10**7
    return (*keys[:4], *keys[:4], *keys[-2:], nowhere, None)


def columns(catalogue: Catalogue) -> dict[str, Column]:
    """All columns that customers are related to, as rules name them."""
    return {
        f"{relation.name}.{name}": column
        for relation in catalogue.relations.values()
        for name, column in catalogue.tables[relation.table].columns.items()
    }


def members(catalogue: Catalogue) -> list[str]:
    """The customers who share a key, as rules name them."""
    return [relation.members for relation in catalogue.relations.values() if relation.back is not None]
