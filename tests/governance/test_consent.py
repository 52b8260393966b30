"""Segments that use a channel and do not ask for consent to it."""

from pathlib import Path

import pytest

from tests.governance.kept import check, said

NO_CONSENT = "segment `a` uses `email` and does not ask for consent to it"
OTHERS = "segment `a` uses `email` also for people who consented to another channel alone"


@pytest.mark.parametrize(
    ("clauses", "messages"),
    [
        ("channel email\n  where staff", [NO_CONSENT]),
        ("where staff", []),
        ("channel email\n  where staff\n  consent email", []),
        ("channel email\n  where staff\n  consent email given in the last 3 months", []),
        ("channel email\n  where staff\n  consent email and sms", []),
        ("channel email\n  where staff\n  consent email or sms", [OTHERS]),
        ("channel email, sms\n  where staff\n  consent email or sms", []),
        ("channel email, sms\n  where staff\n  consent sms", [NO_CONSENT]),
        ("channel email\n  where staff\n  consent sms", [NO_CONSENT]),
        ('channel email\n  where consent.email = "granted"', [NO_CONSENT]),
        ("channel email\n  status draft\n  where staff", [NO_CONSENT]),
        ("channel email\n  status retired\n  where staff", []),
        (
            "channel post\n  where staff",
            ["segment `a` uses `post`, and the catalogue does not say where consent to it stands"],
        ),
    ],
)
def test_each_channel_needs_its_consent(tmp_path: Path, clauses: str, messages: list[str]) -> None:
    assert said(tmp_path, "SEG345", f"segment a\n  {clauses}\n") == [(1, message) for message in messages]


def test_the_ruleset_may_name_the_channel_and_ask_for_consent(tmp_path: Path) -> None:
    assert said(tmp_path, "SEG345", "ruleset r channel email consent email\nsegment a where staff\n") == []
    assert said(tmp_path, "SEG345", "ruleset r channel email\nsegment a where staff\n") == [(2, NO_CONSENT)]


@pytest.mark.parametrize(("purpose", "number"), [("service", 0), ("service, billing", 0), ("service, ads", 1)])
def test_purposes_that_need_no_consent_are_spared(tmp_path: Path, purpose: str, number: int) -> None:
    settings = '[checks]\nmissing-consent = {unless_purpose = ["service", "billing"]}\n'
    rules = f"segment a\n  purpose {purpose}\n  channel email\n  where staff\n"
    assert len(said(tmp_path, "SEG345", rules, settings)) == number


def test_a_project_may_make_it_an_error_or_switch_it_off(tmp_path: Path) -> None:
    rules = "segment a channel email where staff\n"
    as_error = check(tmp_path, rules, '[checks]\nmissing-consent = "error"\n').findings
    assert [(item.code.number, item.severity.value) for item in as_error] == [("SEG345", "error")]
    assert check(tmp_path, rules, '[checks]\nmissing-consent = "off"\n').findings == ()
