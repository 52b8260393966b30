"""Random rules as text, random rows and random instants over the catalogue `shop` of the conformance cases."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from segrules.reference.evaluate import evaluate
from segrules.reference.outcome import Outcome
from segrules.types.cells import Tables
from tests.conformance.cases import bind_text, columns_of, errors, shared_catalogue

SHOP = shared_catalogue("shop")
ZONE = ZoneInfo(SHOP.zone)
AS_OF = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEYS = ("a", "b", "c")

_DAYS = [date(2026, 11, 1) + timedelta(days=offset) for offset in (-400, -31, -30, -8, -7, -1, 0, 1, 30, 365)]
_TIMES = [
    (AS_OF + offset).isoformat()
    for offset in (
        timedelta(days=-400),
        timedelta(days=-30, hours=-13),
        timedelta(days=-30),
        timedelta(days=-7),
        timedelta(hours=-3),
        timedelta(microseconds=-1),
        timedelta(0),
        timedelta(days=2),
    )
]


def rows(columns: Mapping[str, SearchStrategy[Any]]) -> SearchStrategy[dict[str, Any]]:
    """Rows in which any of `columns` may be null."""
    return st.fixed_dictionaries({name: st.none() | of for name, of in columns.items()})


_number = st.sampled_from([-1, 0, 1, 2, 3, 10])
_word = st.sampled_from(["", "web", "shop", "DE"])
_customer = rows(
    {
        "country": _word,
        "home": _word,
        "age": _number,
        "points": _number,
        "credit": _number,
        "ratio": st.sampled_from([0.1, 1.0, float("inf"), float("-inf")]),
        "staff": st.booleans(),
        "vip": st.booleans(),
        "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
        "shirt": st.sampled_from(["S", "M", "L", "XL"]),
        "birth_date": st.sampled_from([*_DAYS, date(2000, 2, 29), date(1, 1, 1), date(9999, 12, 31)]),
        "joined": st.sampled_from(_DAYS),
        "called": st.sampled_from(_TIMES),
        "account_id": st.sampled_from(["x", "y", "nowhere"]),
    }
)
_account = rows(
    {
        "plan": st.sampled_from(["business", "free"]),
        "seats": _number,
        "frozen": st.booleans(),
        "contract_end": st.sampled_from(_DAYS),
    }
)
_purchase = rows(
    {
        "amount": _number,
        "items": _number,
        "weight": st.sampled_from(["0.1", "2", "-3.5"]),
        "share": st.sampled_from([0.1, 0.25]),
        "kind": _word,
        "product": _word,
        "state": _word,
        "gift": st.booleans(),
        "size_bought": st.sampled_from(["S", "M", "L"]),
    }
)


@st.composite
def data(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows of three customers, of their accounts, purchases and refunds, as a conformance case writes them."""
    customers = [{"id": key, **draw(_customer)} for key in KEYS]
    purchases = [
        {"purchase_id": number, "buyer": draw(st.sampled_from(KEYS)), "at": draw(st.sampled_from(_TIMES)), **row}
        for number, row in enumerate(draw(st.lists(_purchase, max_size=7)))
    ]
    refunds = [
        {"refund_id": number, "buyer": draw(st.sampled_from(KEYS)), "day": day, "kind": draw(st.none() | _word)}
        for number, day in enumerate(draw(st.lists(st.sampled_from(_DAYS), max_size=3)))
    ]
    accounts = [{"account_id": key, **draw(_account)} for key in draw(st.sampled_from([("x", "y"), ("x",), ()]))]
    return {"customers": customers, "accounts": accounts, "purchases": purchases, "refunds": refunds}


_op = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
_equal = st.sampled_from(["=", "!="])
_digit = st.integers(min_value=0, max_value=4).map(str)
_text = _word.map(lambda word: f'"{word}"')
_window = st.sampled_from(
    [
        "",
        "in the last 7 days",
        "in the last 30 days",
        "more than 30 days ago",
        "between 7 and 30 days ago",
        "in the last 2 whole weeks",
        "in the last 1 whole month",
        "in this year",
        "since 2026-10-25",
        "before 2026-10-25",
        "on 2026-10-25",
        "after 2026-10-02",
        "from 2026-10-01 to 2026-10-31",
        "in the last 1 month",
    ]
)
_ahead = st.sampled_from(["in the next 30 days", "more than 30 days ahead", "in the next 1 year"])
_said_window = _window.filter(bool)
_row_tests = st.sampled_from(
    [
        'kind = "web"',
        'kind != "web"',
        "items > 1",
        "amount >= 1 GBP or gift",
        "not gift",
        "state = customer.home",
        'kind in ["web", "shop"] and items <= 2',
        'product starts with "w"',
    ]
)
_filter = st.just("") | _row_tests.map(lambda test: f"where ({test})")


def _join(*parts: SearchStrategy[str] | str) -> SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map(" ".join)


_integers = st.one_of(
    st.sampled_from(["age", "points", "age + points", "2 * age - points", "-points", "age / 2"]),
    _join("number of purchase", _filter, _window),
    _join("total of purchase.items", _filter, _window),
    _join(
        st.sampled_from(["average of", "median of", "smallest of", "largest of"]), "purchase.items", _filter, _window
    ),
    _join(st.sampled_from(["first", "last", "distinct", "most frequent"]), "purchase.items", _filter, _window),
    _join(st.sampled_from(["distinct days of", "longest streak of days of"]), "purchase", _filter, _window),
    _join(st.sampled_from(["average", "median"]), "days between purchase", _filter, _window),
    _join("days since", st.sampled_from(["first", "last"]), "purchase", _filter, _window),
    st.sampled_from(
        ["days since birth_date", "days since called", "number of any of purchase, refund", "month of joined"]
    ),
)
_texts = st.one_of(
    st.sampled_from(["country", "home"]),
    _join(st.sampled_from(["first", "last", "most frequent"]), "purchase.kind", _filter, _window),
)
_times = st.one_of(st.sampled_from(["joined", "called"]), _join(st.sampled_from(["first purchase", "last refund"])))

_link = _join(
    st.sampled_from(["then purchase", "without purchase", "then purchase as b"]),
    st.sampled_from(["", "where (gift)", 'where (kind != "web" and items > 1)', "where (state = customer.home)"]),
    st.sampled_from(["", "with same kind", "with same product, gift"]),
    st.sampled_from(["", "within 1 day", "within 30 days", "within 12 hours", "within 1 year"]),
)
_links = st.one_of(
    _link,
    _link.map(lambda link: f"{link.replace(' as b', '')} then refund with same kind"),
    _link.map(lambda link: f"{link.replace(' as b', '')} without refund within 30 days"),
    st.just("then purchase as c where (items > 1 or product = purchase.product)"),
    st.just(
        "then purchase as c where (kind != purchase.kind) then purchase where (kind = purchase.kind and gift = c.gift)"
    ),
)
_users_who = st.sampled_from(
    ["vip", "age > 1", 'country = "DE"', "did purchase", 'did purchase where (kind = "web")', "account.frozen"]
)

ATOMS = st.one_of(
    _join(_integers, _op, _digit),
    _join(st.sampled_from(["account.seats", "account.seats + age", "days since account.contract_end"]), _op, _digit),
    _join("account.plan", _equal, st.sampled_from(['"business"', '"free"'])),
    st.sampled_from(["account.frozen", "account.contract_end is in the next 30 days"]),
    _join(st.sampled_from(["any", "all", "none"]), "of account.users (", _users_who, ")"),
    _join("number of account.users (", _users_who, ")", _op, _digit),
    _join("did purchase where ( items <= customer.account.seats )", _window),
    _join(_integers, _op, _integers),
    _join(_integers, "between 0 and 3"),
    _join(
        st.sampled_from(["distinct", "longest streak of"]),
        st.sampled_from(["weeks of", "months of"]),
        "purchase",
        _filter,
        _window,
        _op,
        _digit,
    ),
    _join(_integers, st.sampled_from(["in", "not in"]), "[0, 1, 3]"),
    _join(_texts, _equal, _text),
    _join(_texts, _equal, _texts),
    _join(_texts, st.sampled_from(["in", "not in"]), '["web", "DE"]', st.sampled_from(["", "ignoring case"])),
    _join(_texts, st.sampled_from(["contains", "starts with", "ends with", "matches"]), '"w"'),
    _join("total of purchase.amount", _filter, _window, _op, "1 GBP"),
    _join("credit", _op, "50% of largest of purchase.amount", _filter),
    _join("ratio", _op, "0.5"),
    _join("total of purchase.share", _op, "0.3"),
    _join(_times, st.sampled_from(["is", "was", "is not"]), _said_window),
    _join(st.sampled_from(["joined", "called", "birth_date"]), "is", _ahead),
    _join("birth_date has anniversary", st.sampled_from(["in the next 30 days", "in this year", "on 2026-11-01"])),
    _join("did purchase", _filter, st.sampled_from(["", "once", "at least 2 times", "at most 1 times"]), _window),
    _join("did purchase", _filter, st.sampled_from(["", "once", "at least 2 times"]), _window, _links),
    _join(
        "did purchase",
        _filter,
        st.sampled_from(["at least once", "at most once", "exactly 2 times"]),
        "per week in",
        st.sampled_from(["at least 1", "at most 1", "exactly 2"]),
        "of the last 2 whole weeks",
    ),
    _join(st.sampled_from(["did not purchase", "did not refund", "did none of purchase, refund"]), _window),
    _join("last purchase", _window, st.sampled_from(["was", "was not"]), "(", _row_tests, ")"),
    st.sampled_from(["staff", "vip", "staff = vip", "known for at least 30 days", 'shirt >= "M"']),
    _join("tags has", st.sampled_from(["any", "all", "none"]), 'of ["a", "b"]'),
    _join("smallest of purchase.size_bought", _filter, _op, '"M"'),
    _join("in sample", st.sampled_from(["50%", "33.33%", "90%"]), "salt", st.sampled_from(['"x"', '"spring"'])),
)
"""Conditions of one piece, without `is known` and `is unknown`."""

_everyone = st.sampled_from(["", "among (staff)", "among (age > 1 and not vip)", "among (did purchase)"])
EVERYBODY = st.one_of(
    _join(
        st.sampled_from(["top", "bottom"]),
        st.sampled_from(["1", "2", "34%", "100%"]),
        st.sampled_from(["by age", "by ratio", "by joined", "by shirt"]),
        _everyone,
    ),
    _join(
        _integers,
        _op,
        st.sampled_from(["population average of age", "population percentile 60 of points", "population total of age"]),
        _everyone,
    ),
    _join("did purchase where (items", _op, "population median of purchase.items", _filter, _window, _everyone, ")"),
    _join("ratio", _op, "population average of ratio", _everyone),
)
"""Conditions that compare a customer with everybody: hiding a value of one changes what is true of another."""

CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map(lambda text: f"not ({text})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
    ),
    max_leaves=4,
)
"""Conditions without `is known` and `is unknown`."""


def tables(given: Mapping[str, list[dict[str, Any]]]) -> Tables:
    """Rows of `data()` as columns of plain cells."""
    return {name: columns_of(table.columns, given.get(name, []), ZONE) for name, table in SHOP.tables.items()}


def outcome(rules: str, given: Mapping[str, list[dict[str, Any]]], as_of: datetime = AS_OF) -> Outcome:
    """Evaluate the text of one rule file; the rules have to be right."""
    bound, findings = bind_text(rules, SHOP, {})
    assert errors(findings) == [], rules
    return evaluate(bound, tables(given), as_of, list(bound.segments))
