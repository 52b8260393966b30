from pathlib import Path

from tests.explain.project import explained

RULES = """\
define spend as total of purchase.amount
score rfm
  among staff
  rank recency by days since last purchase into 5 bands, low is best
  rank visits by number of mail into 5 bands, high is best
define likes_mail as did mail where (kind = "x" and customer.country = "GB")
segment inner
  where age > 18
  consent email
segment outer
  where rfm.recency = 5 and likes_mail and in segment inner and country in list "vip.csv"
segment spenders
  where spend > 5 GBP and consent.email = "granted"
segment everybody
segment chained
  where did mail then purchase as a where (items > 1) with same kind then purchase where (amount > a.amount)
"""


def reads(folder: Path, name: str) -> tuple[str, ...]:
    return explained(folder, RULES, name, vip_csv="a\n").reads


def test_reads_go_through_defines_scores_and_segments(tmp_path: Path) -> None:
    # Of a score only the rank that is named; of a segment who qualifies, not its consent.
    assert reads(tmp_path, "outer") == (
        "reads columns: age (computed from birth_date), country, staff",
        "  country: Where they live",
        "reads events: mail (kind, time), purchase (time)",
        "  purchase: A paid order",
        "reads suppression lists: bounced",
        "reads lists: vip.csv",
    )


def test_consent_is_read_by_its_clause_and_as_a_value(tmp_path: Path) -> None:
    expected = "reads consent: email (kept in email_state)"
    assert expected in reads(tmp_path, "inner")
    tmp_path.joinpath("two").mkdir()
    assert expected in reads(tmp_path / "two", "spenders")


def test_properties_have_their_descriptions(tmp_path: Path) -> None:
    assert reads(tmp_path, "spend") == (
        "reads events: purchase (amount, time)",
        "  purchase: A paid order",
        "  purchase.amount: With tax",
    )


def test_a_score_reads_all_its_ranks(tmp_path: Path) -> None:
    assert reads(tmp_path, "rfm")[:2] == ("reads columns: staff", "reads events: mail (time), purchase (time)")


def test_regularity_reads_times_and_what_chooses_rows(tmp_path: Path) -> None:
    text = """\
segment regular
  where did mail where (kind = "x") at least once per week in at least 3 of the last 4 whole weeks
     or distinct weeks of purchase where (items > customer.age) >= 3
     or days since last mail > median days between purchase
"""
    assert explained(tmp_path, text, "regular").reads == (
        "reads columns: age (computed from birth_date)",
        "reads events: mail (kind, time), purchase (items, time)",
        "  purchase: A paid order",
        "reads suppression lists: bounced",
    )


def test_a_definition_may_read_nothing(tmp_path: Path) -> None:
    assert explained(tmp_path, "define all_of_them as true", "all_of_them").reads == ("reads nothing of the data",)


def test_a_chain_reads_every_step_and_what_steps_are_compared_by(tmp_path: Path) -> None:
    assert reads(tmp_path, "chained")[0] == "reads events: mail (kind, time), purchase (amount, items, kind, time)"
