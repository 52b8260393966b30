"""Each axiom is needed: without it something that is proved is proved no longer."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from segrules.ir.catalogue import Column
from segrules.proofs.encoding import attributes, cells, problem
from segrules.proofs.encoding.encode import Encoder
from segrules.proofs.encoding.values import Presence, Truth
from segrules.proofs.formulas.calendar import Calendar
from segrules.proofs.formulas.logic import TRUE, Formula, Var, no
from segrules.proofs.formulas.sums import Number
from segrules.proofs.prover import Prover
from segrules.proofs.verdict import Answer
from segrules.types.types import Type
from tests.proofs import asking
from tests.proofs.test_questions import bound, rules_of

Patch = pytest.MonkeyPatch
Removal = Callable[[Patch], None]


class _Forgetful(dict[str, list[Formula]]):
    """Axioms of which those of some names are not found."""

    def __init__(self, beginnings: tuple[str, ...]) -> None:
        super().__init__()
        self._beginnings = beginnings

    def get(self, name: str, default: Any = None) -> Any:
        """Nothing where a name begins so."""
        return default if name.startswith(self._beginnings) else super().get(name, default)


def _about(*beginnings: str) -> Removal:
    """Without what always holds of the unknowns whose names begin so."""

    def remove(patch: Patch) -> None:
        made = Encoder.__post_init__

        def forgetful(self: Encoder) -> None:
            made(self)
            self.axioms = _Forgetful(beginnings)

        patch.setattr(Encoder, "__post_init__", forgetful)

    return remove


def _nothing_from(owner: object, name: str) -> Removal:
    """Without the formulas that a function gives."""

    def remove(patch: Patch) -> None:
        patch.setattr(owner, name, lambda *_: iter(()))

    return remove


def _no_calendar(patch: Patch) -> None:
    def nothing(self: Calendar, used: Iterable[Var]) -> Formula:
        return TRUE

    patch.setattr(Calendar, "axioms", nothing)
    patch.setattr(Calendar, "against", lambda self, used, wanted, days: [])


def _room_everywhere(patch: Patch) -> None:
    patch.setattr(cells._Event, "_open", lambda self, stretch: TRUE)


def _no_texts(patch: Patch) -> None:
    patch.setattr(problem, "_texts", lambda flags: ({}, [], set()))


def _no_ranges(patch: Patch) -> None:
    number = attributes._number

    def boundless(
        encoder: Encoder, name: str, of_type: Type, column: Column | None, meaning: object
    ) -> tuple[Var, Number]:
        var, factor = number(encoder, name, of_type, column, meaning)
        return Var(name, var.whole, None, None, meaning), factor

    patch.setattr(attributes, "_number", boundless)


def _always_there(patch: Patch) -> None:
    def judged(self: Presence, holds: Formula) -> Truth:
        return Truth(holds, no(holds))

    patch.setattr(Presence, "judged", judged)


def _no_own_filter(patch: Patch) -> None:
    patch.setattr(cells, "shared_filter", lambda where, conditions: None)


def _rows_apart_from_customers(patch: Patch) -> None:
    kinds = cells._Event._kinds

    def forgotten(self: Any) -> Any:
        return [replace(kind, linked={}) for kind in kinds(self) or ()]

    patch.setattr(cells._Event, "_kinds", forgotten)


REMOVED: dict[str, tuple[Removal, str, str]] = {
    "what lengths of months go together": (
        _no_calendar,
        "did buy in the last 12 months",
        "not did buy in the last 1 year",
    ),
    "where months begin": (
        _no_calendar,
        "did buy in the last 1 whole month",
        "not did buy in the last 2 months",
    ),
    "room in a stretch of time": (
        _room_everywhere,
        "did buy in the last 1 whole month",
        "not did buy in the last 2 months",
    ),
    "totals within the values of rows": (
        _nothing_from(cells, "_total_within"),
        "did buy where (amount >= 100 GBP) at least 3 times",
        "total of buy.amount < 300 GBP",
    ),
    "which tests of a text go together": (
        _no_texts,
        'country starts with "EU"',
        'not country contains "U"',
    ),
    "equal texts": (
        _nothing_from(problem, "_same_text"),
        'country = home and country = "DE"',
        'home = "FR"',
    ),
    "distinct values": (
        _nothing_from(cells._Event, "_distinct"),
        "distinct buy.kind >= 3",
        'did not buy where (kind = "hats")',
    ),
    "first and last rows": (
        _nothing_from(cells._Event, "_edge_rows"),
        'last buy was (kind = "hats")',
        'did not buy where (kind = "hats")',
    ),
    "chains": (_about("value "), "did buy then click within 3 days", "did not click"),
    "chains without others": (
        _about("value "),
        "did buy without click within 3 days",
        "did not buy",
    ),
    "cut points": (_about("rfm.recency"), "rfm.recency = 3", "did not buy in the last 30 days"),
    "states of consent": (_about("consent.email"), 'consent.email = "granted"', 'consent.email = "withdrawn"'),
    "an instant lies on its day": (
        _about("seen_at "),
        "days since seen_at > 40",
        "seen_at was in the last 5 hours",
    ),
    "ranges": (_no_ranges, "age > 120", "age > 0"),
    "ranges of dates": (_about("born age"), "born is known", "born was before 1900-01-01"),
    "values that are not there": (_always_there, 'country = "DE"', "country is unknown"),
    "days of events": (_about("value "), "distinct days of buy in the last 7 days >= 3", "did buy at most 2 times"),
    "years": (_about("value "), "years_old >= 30", "days since birth_date < 9000"),
    "an event's own filter": (_no_own_filter, "did gift where (amount > 0 GBP)", "vip"),
    "true and false at once": (_about("true ", "false "), "top 10% by points", "not top 10% by points"),
    "who is at the top has a value": (_about("true "), "top 10% by points", "points is unknown"),
    "small and capital letters": (
        _about("tags has"),
        'tags has any of ["web"]',
        'tags has none of ["WEB"] ignoring case',
    ),
    "what rows read of their customer": (_rows_apart_from_customers, "did buy where (customer.vip)", "not vip"),
}


@pytest.mark.parametrize("axiom", REMOVED)
def test_without_it_less_is_proved(axiom: str, monkeypatch: Patch) -> None:
    remove, one, other = REMOVED[axiom]
    rules = bound(rules_of(one, other))
    assert asking.disjoint(Prover(rules), "one", "other").answer is Answer.PROVED
    remove(monkeypatch)
    assert asking.disjoint(Prover(rules), "one", "other").answer is not Answer.PROVED
