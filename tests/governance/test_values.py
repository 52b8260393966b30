"""Labels of single values: which tests read them, whichever way they are said."""

import pytest

from tests.governance.shop import categories

HEALTH, RELIGION = {"health"}, {"religion_philosophy"}
BOTH = HEALTH | RELIGION
NOTHING: set[str] = set()


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ('category = "pharmacy"', HEALTH),
        ('category = "shoes"', NOTHING),
        ('"pharmacy" = category', HEALTH),
        ('"shoes" = category', NOTHING),
        ('category != "shoes"', BOTH),
        ('category != "pharmacy"', BOTH),
        ('not category = "shoes"', BOTH),
        ('not category != "shoes"', NOTHING),
        ('not (not (category = "shoes"))', NOTHING),
        ('not (category != "pharmacy")', HEALTH),
        ('category in ["shoes", "hats"]', NOTHING),
        ('category in ["shoes", "pharmacy"]', HEALTH),
        ('category not in ["shoes", "hats"]', BOTH),
        ('not (category not in ["shoes", "hats"])', NOTHING),
        ('not (category in ["shoes"])', BOTH),
        ('category in list "some.csv"', HEALTH),
        ('category in list "plain.csv"', NOTHING),
        ('category not in list "plain.csv"', BOTH),
        ('category contains "pharm"', HEALTH),
        ('category contains "shoe"', NOTHING),
        ('category starts with "Bib"', RELIGION),
        ('category starts with "bib"', NOTHING),
        ('category starts with "bib" ignoring case', RELIGION),
        ('category = "bibles" ignoring case', RELIGION),
        ('category ends with "les"', RELIGION),
        ('not (category contains "shoe")', BOTH),
        ('category matches "^shoe"', BOTH),
        ("category is known", BOTH),
        ("category is unknown", BOTH),
        ('category = "shoes" or category = "pharmacy"', HEALTH),
        ('category = "shoes" and amount > 5 GBP', NOTHING),
        ("amount > 5 GBP", NOTHING),
        ("note is known", HEALTH),
        ("is_shoes", NOTHING),
        ("not is_shoes", BOTH),
        ("is_shoes = true", NOTHING),
        ("is_shoes = false", BOTH),
        ("is_shoes != false", NOTHING),
        ("is_shoes != true", BOTH),
        ("is_shoes is known", BOTH),
        ("category = customer.club", BOTH),
    ],
)
def test_a_test_in_a_row_reads_the_values_that_it_looks_for(where: str, read: set[str]) -> None:
    assert categories(f"did purchase where ({where})") == read


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("did purchase", NOTHING),
        ("number of purchase in the last 30 days >= 2", NOTHING),
        ("total of purchase.amount >= 5 GBP", NOTHING),
        ('did not purchase where (category = "shoes")', NOTHING),
        ('not (did purchase where (category = "shoes"))', NOTHING),
        ('did not purchase where (category = "pharmacy")', HEALTH),
        ('number of purchase where (category = "pharmacy") = 0', HEALTH),
        ('most frequent purchase.category = "shoes"', NOTHING),
        ('most frequent purchase.category = "pharmacy"', HEALTH),
        ('not (most frequent purchase.category = "shoes")', BOTH),
        ('first purchase.category in ["shoes", "Bibles"]', RELIGION),
        ("distinct purchase.category >= 3", BOTH),
        ('last purchase was (category = "shoes")', NOTHING),
        ('last purchase was (category != "shoes")', BOTH),
        ('not (last purchase was (category = "shoes"))', BOTH),
        ("last purchase.is_shoes", NOTHING),
        ("not last purchase.is_shoes", BOTH),
        ("did purchase then purchase with same category within 7 days", BOTH),
        ('did purchase then purchase where (category = "pharmacy")', HEALTH),
        ('did purchase where (category = "shoes") without purchase where (category = "hats")', NOTHING),
        ("did purchase as a then purchase where (category = a.category)", BOTH),
        ('first basket.kind = "shoes"', NOTHING),
        ('first basket.kind = "pharmacy"', HEALTH),
        ("largest of basket.kinds >= 2", BOTH),
        ("total of basket.amount > 5 GBP", NOTHING),
        ("did remedy", HEALTH),
        ("did not remedy", HEALTH),
        ('did any of purchase, remedy where (category = "shoes")', HEALTH),
    ],
)
def test_events_and_aggregates(where: str, read: set[str]) -> None:
    assert categories(where) == read


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ('club = "chess"', NOTHING),
        ('not (club = "chess")', RELIGION),
        ("in_choir", RELIGION),
        ('interests has any of ["tea", "yoga_for_backs"]', HEALTH),
        ('interests has all of ["tea"]', NOTHING),
        ('interests has none of ["tea"]', HEALTH),
        ('not (interests has none of ["tea"])', NOTHING),
        ('not (interests has any of ["tea"])', HEALTH),
        ('severity = "mild"', NOTHING),
        ('severity >= "strong"', HEALTH),
        ('severity < "strong"', NOTHING),
        ('not (severity < "strong")', HEALTH),
        ('"strong" > severity', NOTHING),
        ('"strong" < severity', HEALTH),
        ('severity between "none" and "mild"', NOTHING),
        ('severity between "mild" and "strong"', HEALTH),
        ('not (severity between "none" and "mild")', HEALTH),
        ('account.sector = "trade"', NOTHING),
        ('account.sector = "union"', {"union_membership"}),
        ('any of account.users (club = "chess")', NOTHING),
        ('all of account.users (club = "chess")', NOTHING),
        ('none of account.users (club = "chess")', RELIGION),
        ('not (any of account.users (club = "chess"))', RELIGION),
        ('number of account.users (club = "church_choir") >= 2', RELIGION),
        ('number of account.users (club = "chess") >= 2', NOTHING),
        ('top 10% by logins among (club = "chess")', NOTHING),
        ('not (top 10% by logins among (club = "chess"))', RELIGION),
    ],
)
def test_attributes_and_relations(where: str, read: set[str]) -> None:
    assert categories(where) == read


def test_a_define_of_a_value_passes_on_what_is_looked_for() -> None:
    favourite = "define favourite as most frequent purchase.category"
    assert categories('favourite = "shoes"', favourite) == NOTHING
    assert categories('favourite = "pharmacy"', favourite) == HEALTH
    assert categories('favourite != "shoes"', favourite) == BOTH


def test_a_define_of_a_condition_is_turned_by_not() -> None:
    shoes = 'define chess_player as club = "chess"'
    assert categories("chess_player", shoes) == NOTHING
    assert categories("not chess_player", shoes) == RELIGION
    assert categories('country = "GB" except chess_player', shoes) == RELIGION


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ('did purchase where (customer.club = "chess")', NOTHING),
        ('did purchase where (customer.club = "chess") at least 2 times', NOTHING),
        ('number of purchase where (customer.club = "chess") >= 2', NOTHING),
        ('0 < number of purchase where (customer.club = "chess")', NOTHING),
        ('did not purchase where (customer.club = "chess")', RELIGION),
        ('not (did purchase where (customer.club = "chess"))', RELIGION),
        ('not (not (did purchase where (customer.club = "chess")))', NOTHING),
        ('did purchase where (customer.club = "chess") fewer than 3 times', RELIGION),
        ('not (did purchase where (customer.club = "chess") fewer than 3 times)', NOTHING),
        ('number of purchase where (customer.club = "chess") = 0', RELIGION),
        ('number of purchase where (customer.club = "chess") < logins', RELIGION),
        ('last purchase where (customer.club = "chess") is unknown', RELIGION),
        ('not (last purchase was (customer.club = "chess"))', RELIGION),
        ('did purchase then purchase where (customer.club = "chess")', NOTHING),
        ('did purchase without purchase where (customer.club = "chess")', RELIGION),
        ('did purchase where (any of account.users (club = "chess"))', NOTHING),
        ('did not purchase where (any of account.users (club = "chess"))', RELIGION),
        ('did not purchase where (number of account.users (club = "chess") > 0)', RELIGION),
        ('did not purchase where (top 10% by logins among (club = "chess"))', RELIGION),
        ('did not purchase where (category = "shoes")', NOTHING),
    ],
)
def test_the_customer_is_the_same_whether_or_not_there_are_rows(where: str, read: set[str]) -> None:
    # Who buys, and does not where they are in the chess club, is in another club.
    assert categories(where) == read


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ('number of account.users (club = "chess") = 0', RELIGION),
        ('number of account.users (club = "chess") < 3', RELIGION),
        ('number of account.users (club = "chess") > 0', NOTHING),
        ('not (number of account.users (club = "chess") < 3)', NOTHING),
    ],
)
def test_a_number_that_may_be_zero_says_what_those_who_are_related_are_instead(where: str, read: set[str]) -> None:
    assert categories(where) == read


def test_who_is_not_high_up_may_be_ranked_all_the_same() -> None:
    score = 'score r "R"\n  among club != "chess"\n  rank x by logins into 5 bands, high is best\n'
    assert categories("not (r.x != 5)", score) == RELIGION
    assert categories('not (top 10% by logins among (club != "chess"))') == RELIGION
