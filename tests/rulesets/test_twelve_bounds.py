"""The data of `rulesets/twelve` tell each bound from its neighbour: rules that are a little off give other members."""

import shutil
from pathlib import Path

import pytest

import segrules
from segrules.evaluation.request import Request
from tests.rulesets import twelve_expected as by_hand
from tests.rulesets.test_twelve import DATA, FOLDER, Table, cells

LITTLE_OFF = {
    "engaged_90": [
        (
            "email_open where (not machine_open) in the last 90 days",
            "email_open where (not machine_open) in the last 89 days",
        ),
        (
            "email_open where (not machine_open) in the last 90 days",
            "email_open where (not machine_open) in the last 91 days",
        ),
        ("email_open where (not machine_open) in", "email_open in"),
        ("where (not machine_open)", "where (machine_open is unknown or not machine_open)"),
        ("or did email_click in the last 90 days", ""),
        ("did email_receive and showed", "showed"),
        ("or did spam_complaint", ""),
        ("or did hard_bounce", ""),
        ("except  do_not_contact", ""),
        ('consent.email = "withdrawn"\n  or did spam', "did spam"),
    ],
    "sunset_90": [
        ("at least 10 times", "at least 9 times"),
        ("at least 10 times", "more than 10 times"),
        ("and did not purchase in the last 90 days", "and did not purchase in the last 89 days"),
        ("and did not purchase in the last 90 days", "and did not purchase in the last 91 days"),
        ("known for at least 90 days", "known for at least 91 days"),
        ("known for at least 90 days", "known for at least 89 days"),
        ("where   not showed_interest_90\n      and", "where  "),
    ],
    "vip": [
        ("in the last 4 months", "in the last 3 months"),
        ("in the last 4 months", "in the last 124 days"),
        ("did purchase at least 3 times\n      and spend", "did purchase at least 2 times\n      and spend"),
        ("spend > population", "spend >= population"),
        ("average of purchase.amount", "median of purchase.amount"),
        ("<= 20% of spend", "< 20% of spend"),
        ("<= 20% of spend", "<= 21% of spend"),
        ("consent email or sms", "consent email and sms"),
        ("consent email or sms", "consent email"),
    ],
    "lapsed_buyers": [
        ("more than 180 days ago", "more than 181 days ago"),
        ("more than 180 days ago", "more than 179 days ago"),
        ("in the last 60 days", "in the last 59 days"),
        ("in the last 60 days", "in the last 61 days"),
        ('where (kind = "win_back") in', "in"),
        ("except  open_support_ticket", ""),
    ],
    "one_and_done": [
        ("exactly once", "at least 1 times"),
        ("more than 60 days ago", "more than 61 days ago"),
        ("more than 60 days ago", "more than 59 days ago"),
        ('status != "cancelled" and not gift_cards_only', 'status != "cancelled"'),
        ('status != "cancelled" and not gift_cards_only', "not gift_cards_only"),
    ],
    "at_risk_high_value": [
        ("top 25%", "top 24%"),
        ("top 25%", "top 27%"),
        ("by predicted_value among (did purchase)", "by predicted_value"),
        ("> 2 * own_gap", ">= 2 * own_gap"),
        ("> 2 * usual_gap", ">= 2 * usual_gap"),
        ("as median days between", "as average days between"),
        ("or did purchase fewer than 3 times and days since last purchase > 2 * usual_gap", ""),
        ("population median of own_gap among (did purchase at least 3 times)", "population average of own_gap"),
    ],
    "slipping_away": [
        ("between 30 and 90 days ago", "between 31 and 90 days ago"),
        ("between 30 and 90 days ago", "between 30 and 89 days ago"),
        ("between 30 and 90 days ago", "between 30 and 91 days ago"),
        (
            "did none of session, email_click, purchase in the last 30 days",
            "did none of session, email_click, purchase in the last 31 days",
        ),
        ("did none of session, email_click,", "did none of session,"),
        ("did none of session, email_click,", "did none of email_click,"),
        ("did any of session, email_click,", "did any of session,"),
        ("did any of session, email_click,", "did any of email_click,"),
    ],
    "abandoned_checkout": [
        ("cart_value >= 50 GBP", "cart_value > 50 GBP"),
        ("cart_value >= 50 GBP", "cart_value >= 49 GBP"),
        ("between 1 hour and 7 days ago", "between 2 hours and 7 days ago"),
        ("between 1 hour and 7 days ago", "between 59 minutes and 7 days ago"),
        ("between 1 hour and 7 days ago", "between 1 hour and 8 days ago"),
        ("between 1 hour and 7 days ago", "between 1 hour and 168 hours ago"),
        ("without purchase  #", "#"),
    ],
    "power_users": [
        (">= 5\n", ">= 4\n"),
        (">= 5\n", ">= 6\n"),
        ("in the last 7 whole days", "in the last 6 whole days"),
        ("in the last 7 whole days", "in the last 8 whole days"),
        ("distinct days of app_open", "number of app_open"),
    ],
    "steady_users": [
        ("at least 3 times per week", "at least 2 times per week"),
        ("at least 3 times per week", "at least 4 times per week"),
        ("at least 3 of the last 4", "at least 2 of the last 4"),
        ("at least 3 of the last 4", "at least 4 of the last 4"),
        ("of the last 4 whole weeks", "of the last 3 whole weeks"),
    ],
    "sleeping_accounts": [
        ("seats >= 5", "seats > 5"),
        ("seats >= 5", "seats >= 4"),
        ('role = "admin"\n    and', ""),
        ('    and account.plan = "business"\n', ""),
        ("contract_end is in the next 90 days", "contract_end is in the next 89 days"),
        ("contract_end is in the next 90 days", "contract_end is in the next 91 days"),
        ("contract_end is in the next 90 days", "contract_end is more than 1 day ahead"),
        ("did login in the last 30 days", "did login in the last 29 days"),
        ("did login in the last 30 days", "did login in the last 31 days"),
        ("none of account.users (did login", "not all of account.users (did login"),
    ],
    "odd_buyers_returned": [
        ("price >= customer.own_average", "price > customer.own_average"),
        ("state != customer.home_state or", ""),
        ("or price >= customer.own_average", ""),
        ("own_average) in the last 30 days", "own_average) in the last 29 days"),
        ("own_average) in the last 30 days", "own_average) in the last 31 days"),
        ("within 5 days", "within 4 days"),
        ("within 5 days", "within 6 days"),
        ("with same order_id ", ""),
    ],
    "birthday_offer": [
        ("in the next 7 days", "in the next 6 days"),
        ("in the next 7 days", "in the next 8 days"),
        ("age >= 18", "age > 18"),
        ("age >= 18", "age >= 17"),
        ('["DE", "AT", "CH"]', '["DE", "AT"]'),
        ('country in ["DE", "AT", "CH"]', 'country != "IE"'),
        ("except   staff,", "except  "),
        ('or consent.sms = "withdrawn"', ""),
        ("sms given in the last 24 months", "sms given in the last 23 months"),
        ("sms given in the last 24 months", "sms given in the last 25 months"),
        ("  purpose  sms_marketing\n", ""),
        ("holdout  10%", "holdout  9.99%"),
        ("holdout  10%", "holdout  10.01%"),
    ],
    "rfm_stage": [
        ("among did purchase in the last 24 months", "among did purchase in the last 25 months"),
        ("among did purchase in the last 24 months", "among did purchase in the last 23 months"),
        ("low is best", "high is best"),
        (
            "frequency by number of purchase in the last 24 months       into 4",
            "frequency by number of purchase in the last 24 months into 3",
        ),
        ("rfm.frequency between 1 and 2", "rfm.frequency between 1 and 3"),
        ("rfm.recency between 1 and 2 and", "rfm.recency <= 2 and"),
    ],
}

# Conditions of the first are shared with others, or bind them all; so its changes are tried one by one.
_ALONE = [{"engaged_90": change} for change in LITTLE_OFF["engaged_90"]]
_OTHERS = {name: changes for name, changes in LITTLE_OFF.items() if name != "engaged_90"}
# All others are independent of each other: one of each is tried at a time.
ROUNDS = _ALONE + [
    {name: changes[number] for name, changes in _OTHERS.items() if number < len(changes)}
    for number in range(max(map(len, _OTHERS.values())))
]


@pytest.fixture(scope="module")
def expected() -> Table:
    return by_hand.expected()


def changed(rules: str, name: str, written: str, instead: str) -> str:
    """The rules with one change: in the segment of that name where it stands there, else wherever it stands."""
    first, found, rest = rules.partition(f"segment {name} ")
    body, end, others = rest.partition("\nsegment")
    if written in body:
        return first + found + body.replace(written, instead) + end + others
    assert written in rules, written
    return rules.replace(written, instead)


@pytest.mark.parametrize("changes", ROUNDS, ids=map(str, range(len(ROUNDS))))
def test_rules_that_are_a_little_off_are_told_apart(
    changes: dict[str, tuple[str, str]], tmp_path: Path, expected: Table
) -> None:
    rules = (FOLDER / "twelve.seg").read_text(encoding="utf-8")
    for name, (written, instead) in changes.items():
        rules = changed(rules, name, written, instead)
    (tmp_path / "twelve.seg").write_text(rules, encoding="utf-8")
    for path in ("catalog.yaml", "segrules.toml"):
        shutil.copy(FOLDER / path, tmp_path)
    shutil.copytree(DATA, tmp_path / "data")

    segments = [name for name in changes if name in by_hand.SEGMENTS]
    request = Request(by_hand.AS_OF, segments=segments, three_valued=True)
    found = cells(segrules.load(tmp_path)._run(request, None, None), list(changes))
    as_written = {
        name: change
        for name, change in changes.items()
        if all(row[name] == expected[key][name] for key, row in found.items())
    }
    assert as_written == {}, "nobody stands where these rules differ"
