"""Chains of events: the engine gives what the reference gives, on random chains over crowded times, piece by piece."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from segrules.backends.arrow import lookups
from segrules.types.cells import Cell, Tables
from tests.conformance.cases import bind_text
from tests.engine import data, rules
from tests.engine.case import Case, difference, seeded_catalogue
from tests.engine.harness import by_engine
from tests.engine.picking import by_seed
from tests.engine.reduce import check
from tests.engine.small import assert_equal
from tests.engine.test_equal_to_reference import SEEDS
from tests.fuzz import cases

_MOSTLY = settings(
    suppress_health_check=[*HealthCheck],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    derandomize=not os.environ.get("SEGRULES_RANDOM"),
)


def chain_case(seed: int, customers: int, rows: int) -> Case:
    """Segments each of which is one chain."""
    pick = by_seed(seed)
    number = pick(range(24))
    catalogue = seeded_catalogue(number)
    as_of = data.instants(pick)
    text = rules.chains(pick, catalogue, as_of)
    return Case(number, as_of, text, data.tables(pick, catalogue, as_of, customers, rows))


@settings(_MOSTLY, max_examples=cases(60))
@given(SEEDS)
def test_chains(seed: int) -> None:
    check(chain_case(seed, 4, 30))


@settings(_MOSTLY, max_examples=cases(10))
@given(SEEDS)
def test_chains_of_many_rows(seed: int) -> None:
    check(chain_case(seed, 8, 120))


@pytest.mark.parametrize(("name", "value"), [("PIECE", 3), ("_BITS", 12), ("_MANY", 2), ("_SPARE", 0)])
def test_the_limits_of_lookups_change_nothing(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pairs in small pieces, groups and times too large for one number, lookers put in order, places in no table."""
    monkeypatch.setattr(lookups, name, value)
    for seed in range(cases(24)):
        case = chain_case(seed, 5, 40)
        assert difference(case) is None


CATALOGUE = {
    "format": 1,
    "time_zone": "Europe/London",
    "tables": {
        "people": {"path": "people.csv", "key": "id", "columns": {"id": "text"}},
        "visits": {
            "path": "visits.csv",
            "columns": {
                "visit_id": "integer",
                "person": "text",
                "at": "timestamp",
                "page": "text",
                **{f"p{number}": "integer" for number in range(8)},
            },
        },
        "parts": {
            "path": "parts.csv",
            "columns": {"part_id": "integer", "person": "text", "at": "timestamp", "basket": "integer", "n": "integer"},
        },
    },
    "customers": {"table": "people"},
    "events": {
        "visit": {"table": "visits", "customer": "person", "time": "at", "id": "visit_id"},
        "start": {"table": "visits", "customer": "person", "time": "at", "id": "visit_id", "where": 'page = "start"'},
        "basket": {
            "table": "parts",
            "customer": "person",
            "time": "at",
            "order_by": ["part_id"],
            "group": {"by": ["basket"], "time": "first", "properties": {"pieces": "total of n"}},
        },
    },
}
"""Visits with many properties, and baskets that are made of several lines."""

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _visits(*rows: tuple[str, float, str], **more: list[int | None]) -> Tables:
    """Visits of people, by hours from noon; `more` are further columns."""
    names = [f"p{number}" for number in range(8)]
    people = [*dict.fromkeys(person for person, _, _ in rows)]
    return {
        "people": {"id": [*people, "nobody"]},
        "visits": {
            "visit_id": [*range(len(rows))],
            "person": [person for person, _, _ in rows],
            "at": [NOON + timedelta(hours=hours) for _, hours, _ in rows],
            "page": [page for _, _, page in rows],
            **{name: more.get(name, [1] * len(rows)) for name in names},
        },
        "parts": {"part_id": [], "person": [], "at": [], "basket": [], "n": []},
    }


def _case(text: str, tables: Tables) -> Case:
    return Case(CATALOGUE, datetime(2026, 6, 10, tzinfo=UTC), text, tables)


def test_more_columns_of_with_same_than_are_looked_up() -> None:
    same = ", ".join(f"p{number}" for number in range(8))
    rows = [("a", 0, "x"), ("a", 1, "y"), ("b", 0, "x"), ("b", 1, "y"), ("c", 0, "x"), ("c", 1, "y")]
    tables = _visits(*rows, p7=[1, 1, 1, 2, 1, None], p2=[1, 1, 1, 1, None, 2])
    case = _case(f"segment s where did visit then visit with same {same}\n", tables)
    assert_equal(case)
    outcome = by_engine(case.bound(), case.data(), case.as_of, ["s"])
    assert not isinstance(outcome, frozenset)
    assert outcome.qualifying["s"] == (True, False, None, False)


def test_a_chain_of_as_many_steps_as_are_allowed() -> None:
    steps = " ".join(["then visit"] * 20)
    rows = [("a", hour, "x") for hour in range(21)] + [("b", hour, "x") for hour in range(20)]
    case = _case(f"segment s where did visit {steps}\n", _visits(*rows))
    outcome = by_engine(case.bound(), case.data(), case.as_of, ["s"])
    assert not isinstance(outcome, frozenset)
    assert outcome.qualifying["s"] == (True, False, False)
    _, findings = bind_text(f"segment s where did visit {steps} then visit", case.typed_catalogue, {})
    assert [item.code.name for item in findings] == ["bad-count"]


def test_a_customer_with_many_rows_takes_pieces_and_little_memory() -> None:
    rows = [("a", -number / 100, f"page {number % 7}") for number in range(3000)]
    case = _case(
        "segment s where did visit as a then visit where (page != a.page) within 1 hour\n"
        "  then visit where (page = a.page)\n"
        "segment t where did visit as a then visit where (visit_id > a.visit_id)\n",
        _visits(*rows),
    )
    outcome = by_engine(case.bound(), case.data(), case.as_of, ["s", "t"])
    assert not isinstance(outcome, frozenset)
    # The larger the number of a visit is here, the earlier it was.
    assert (outcome.qualifying["s"], outcome.qualifying["t"]) == ((True, False), (False, False))


def test_grouped_events_are_rows_of_their_own() -> None:
    at: list[Cell] = [NOON + timedelta(hours=hours) for hours in (0, 0, 5, 5, 0)]
    tables: Tables = {
        **_visits(("a", 1, "start"), ("b", 1, "start")),
        "parts": {
            "part_id": [1, 2, 3, 4, 5],
            "person": ["a", "a", "a", "a", "b"],
            "at": at,
            "basket": [1, 1, 2, 2, 3],
            "n": [1, 2, 1, None, 1],
        },
    }
    text = """\
segment again where did basket then basket
segment alone where did basket without basket
segment fuller where did basket as a then basket where (pieces != a.pieces)
segment started where did basket then start then basket
segment start_is_a_visit where did start without visit
"""
    case = _case(text, tables)
    assert_equal(case)
    outcome = by_engine(case.bound(), case.data(), case.as_of, list(case.bound().segments))
    assert not isinstance(outcome, frozenset)
    found = outcome.qualifying
    assert found["again"] == (True, False, False)
    # The last basket of each is followed by none.
    assert found["alone"] == (True, True, False)
    assert found["fuller"] == (None, False, False)
    assert found["started"] == (True, False, False)
    # A row that two events share is a row of each: the visit lies at the time of the start, and so counts against.
    assert found["start_is_a_visit"] == (False, False, False)
