"""Relations in the engine: blocks, row groups, large keys, and what is read for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segrules.backends.arrow import evaluate as engine
from segrules.ir.rules import Rules
from segrules.lowering.lower import lower
from segrules.lowering.plan import plan
from segrules.lowering.scans import scans
from segrules.reference.evaluate import evaluate as evaluate_by_reference
from segrules.sources.stream import file_source
from segrules.types.cells import Cell
from tests.conformance.cases import bind_text, errors
from tests.engine.case import Case, case_from, seeded_catalogue
from tests.engine.catalogues import read
from tests.engine.picking import by_seed
from tests.engine.reduce import check
from tests.fuzz import cases

AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
_RELATED = [seed for seed in range(24) if seeded_catalogue(seed).relations]


def _catalogue(key: str = "integer") -> dict[str, Any]:
    people = {"id": "integer", "country": "text", "vip": "boolean", "account_id": key, "boss_id": "integer"}
    return {
        "format": 1,
        "time_zone": "Europe/London",
        "tables": {
            "people": {"path": "people.parquet", "key": "id", "columns": people},
            "accounts": {
                "path": "accounts.parquet",
                "key": "account_id",
                "columns": {"account_id": key, "plan": "text", "seats": "integer", "twice": {"derive": "seats * 2"}},
            },
        },
        "customers": {"table": "people"},
        "relations": {
            "account": {"table": "accounts", "column": "account_id", "back": "users"},
            "boss": {"table": "people", "column": "boss_id", "back": "team"},
        },
    }


def _bound(text: str, document: Mapping[str, Any]) -> Rules:
    rules, findings = bind_text(text, read(document), {})
    assert errors(findings) == []
    return rules


@pytest.mark.parametrize("seed", range(cases(60)))
def test_customers_are_asked_block_by_block(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BLOCK", 7)
    check(case_from(by_seed(seed), _RELATED, customers=40, rows=60))


@pytest.mark.parametrize(
    "keys",
    [
        [2**63, 2**64, -(2**70), 5, 2**63, None],
        [2**63 - 1, -(2**63), 0, 2**63 - 1, -1, None],
        [None] * 6,
        [],
    ],
    ids=["beyond 64 bits", "the ends of 64 bits", "no key at all", "nobody"],
)
def test_keys_of_any_size(keys: Sequence[int | None]) -> None:
    rules = """
    segment planned where account.plan = "a" or account.twice > 2
    segment not_planned where not account.plan = "a"
    segment unknown_plan where account.plan is unknown
    segment alone where number of account.users = 1
    segment vips where any of account.users (vip)
    segment no_vips where none of account.users (vip and account.seats = 1)
    """
    there = list(dict.fromkeys(key for key in keys[:4] if key is not None))
    count = len(keys)
    people: dict[str, list[Cell]] = {
        "id": [*range(count)],
        "country": [None] * count,
        "vip": [None if number % 3 == 2 else number % 2 == 0 for number in range(count)],
        "account_id": [*keys],
        "boss_id": [None] * count,
    }
    accounts: dict[str, list[Cell]] = {
        "account_id": [*there],
        "plan": ["a" if number % 2 else "b" for number in range(len(there))],
        "seats": [1 + number for number in range(len(there))],
    }
    check(Case(_catalogue(), AS_OF, rules, {"people": people, "accounts": accounts}))


def test_counts_that_many_share() -> None:
    """Few keys with many customers and many keys with few: both ways of counting."""
    rules = "segment some where number of account.users (vip) between 1 and 2 or number of boss.team (vip) > 3"
    count = 5_000
    people: dict[str, list[Cell]] = {
        "id": [*range(count)],
        "country": [None] * count,
        "vip": [None if number % 7 == 0 else number % 2 == 0 for number in range(count)],
        "account_id": [number // 2 for number in range(count)],
        "boss_id": [number % 3 for number in range(count)],
    }
    check(Case(_catalogue(), AS_OF, rules, {"people": people, "accounts": {"account_id": [], "plan": [], "seats": []}}))


def test_customers_in_row_groups_that_are_left_out_are_asked_all_the_same(tmp_path: Path) -> None:
    people = {
        "id": [1, 2, 3, 4],
        "country": ["DE", "DE", "GB", "GB"],
        "vip": [False, False, True, False],
        "account_id": [7, 8, 7, 9],
        "boss_id": [3, 3, None, 1],
    }
    types = {
        "id": pa.int64(),
        "country": pa.string(),
        "vip": pa.bool_(),
        "account_id": pa.int64(),
        "boss_id": pa.int64(),
    }
    table = pa.table({name: pa.array(cells, types[name]) for name, cells in people.items()})
    pq.write_table(table, tmp_path / "people.parquet", row_group_size=2)
    text = """
    segment a where country = "DE" and any of account.users (vip)
    segment b where country = "DE" and boss.country = "GB"
    """
    rules = _bound(text, _catalogue())
    catalogue = rules.catalogue
    sources = {name: file_source(catalogue, table, tmp_path, AS_OF) for name, table in catalogue.tables.items()}
    found = engine.evaluate(rules, sources, AS_OF, ("a", "b"))
    assert found.keys.filter(found.members["a"]).to_pylist() == [1]
    assert found.keys.filter(found.members["b"]).to_pylist() == [1, 2]
    plain = {"people": people, "accounts": {"account_id": [], "plan": [], "seats": []}}
    assert evaluate_by_reference(rules, plain, AS_OF, ("a", "b")).members == found.outcome().members  # type: ignore[arg-type]


def test_a_related_table_is_read_only_for_its_columns() -> None:
    text = """
    segment shared where any of account.users (vip and country = "DE")
    segment planned where account.twice > 2
    segment below where boss.country = "DE"
    """
    rules = _bound(text, _catalogue())
    assert scans(rules.catalogue, lower(rules, ["shared"], three_valued=False)) == {
        "people": {"id", "account_id", "vip", "country"}
    }
    assert scans(rules.catalogue, lower(rules, ["planned"], three_valued=False)) == {
        "people": {"id", "account_id"},
        "accounts": {"account_id", "seats"},
    }
    assert scans(rules.catalogue, lower(rules, ["below"], three_valued=False)) == {
        "people": {"id", "boss_id", "country"}
    }


def test_equal_questions_are_asked_once_and_each_stage_after_what_it_needs() -> None:
    text = """
    define busy as any of account.users (vip)
    segment a where busy
    segment b where not (none of account.users (vip))
    segment c where number of account.users (vip) >= 3
    segment d where all of boss.team (busy)
    """
    lowered = lower(_bound(text, _catalogue()), ["a", "b", "c", "d"], three_valued=True)
    first, second = lowered.stages.stages
    assert [node.relation for node in first.related] == ["account"]
    assert [node.relation for node in second.related] == ["boss"]
    assert (first.asked, second.asked) == (frozenset({"vip"}), frozenset())
    assert lowered.stages.attributes == lowered.stages.background == set()


def test_a_plan_names_what_is_counted() -> None:
    made = plan(_bound('segment a where none of account.users (vip) and account.plan = "x"', _catalogue()))
    (worked,) = made.worked
    assert worked.words == (
        "number of `account.users` (customers with the same `account_id`) for whom this holds (`vip` is true)"
    )
    assert (worked.stage, worked.kind) == (1, "related")
    assert [clause.words for clause in made.clauses] == [
        "for none of `account.users` (customers with the same `account_id`) this holds: `vip` is true",
        '`account.plan` is "x"',
    ]
