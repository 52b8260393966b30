"""Labels flow through whatever names what they stand at, and the path says how."""

import pytest

from segrules.governance.flow import Read
from tests.governance.shop import CATALOGUE, categories, findings, reads

RULES = """\
define sick as did purchase where (category = "pharmacy")
define heavy_use as logins * 2
score fit "Fit"
  among logins >= 1
  rank effort by income into 5 bands, high is best
  rank calm   by days since birth_date into 5 bands, high is best
partition life
  stage ill    where sick
  stage choir  where club = "church_choir"
  stage modest where income < 1000
  otherwise rest
segment base
  where country = "GB"
  eligible age >= 18
segment ill_base
  where sick and in segment base
segment well
  where country = "IE"
  except ill_base
"""


def words(text: str, name: str) -> set[str]:
    """Categories, proxies as `~category`, and origins as `=origin`, that are read."""
    marks = {"category": "", "proxy_for": "~", "origin": "=", "identifiability": "?"}
    return {marks[read.fact.axis] + read.fact.word for read in reads(RULES + text, name)}


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("sick", {"health"}),
        ("heavy_use > 3", set()),
        ("outlay + income > 3", {"spend", "financial_status", "=inferred"}),
        ("senior", {"age", "=derived", "=provided"}),
        ("birth_date has anniversary in the next 7 days", {"age", "=provided"}),
        ("month of birth_date = 5", {"age", "=provided"}),
        ('postcode = "E1"', {"postal_code", "~race_ethnicity", "?quasi"}),
        ("customer_id > 5", {"?identifier"}),
        ('in sample 10% salt "x"', {"?identifier"}),
        ('club = "gym"', {"=observed"}),
        ("fit.effort = 5", {"financial_status", "=inferred"}),
        ("fit.calm = 5", {"age", "=provided"}),
        ("in segment base", {"age", "=derived", "=provided"}),
        ("in segment ill_base", {"health", "age", "=derived", "=provided"}),
        ("in segment well", {"health", "age", "=derived", "=provided"}),
        ("in segment life.ill", {"health"}),
        ("in segment life.choir", {"health", "religion_philosophy"}),
        ("in segment life.rest", {"health", "religion_philosophy", "=observed", "financial_status", "=inferred"}),
        ("population average of income > 5", {"financial_status", "=inferred"}),
        ("income > population median of income among (sick)", {"financial_status", "=inferred", "health"}),
        ("top 10% by income among (senior)", {"financial_status", "=inferred", "age", "=derived", "=provided"}),
        ("top 10% by fit.calm among (logins > 3)", {"age", "=provided"}),
        ("did hotline", {"health"}),
        ("days since last hotline > 3", {"health"}),
        ("distinct weeks of hotline >= 3", {"health"}),
        ("average days between hotline > 3", {"health"}),
        ("did hotline at least 3 times per week in at least 3 of the last 4 whole weeks", {"health"}),
        ("did purchase then hotline within 7 days", {"health"}),
        ("any of account.users (senior)", {"age", "=derived", "=provided"}),
        ("number of account.users (sick) > 1", {"health"}),
        ('consent.email = "granted"', {"message_contents"}),
        ("did purchase where (customer.faith is known)", {"religion_philosophy"}),
        ("did purchase where (category = customer.faith)", {"religion_philosophy", "health"}),
        ("total of basket.amount > 5 GBP", {"=derived"}),
    ],
)
def test_labels_flow_through(where: str, read: set[str]) -> None:
    assert words(f"segment s where {where}\n", "s") == read


def test_scores_partitions_stages_and_defines_have_labels_too() -> None:
    assert words("", "sick") == {"health"}
    assert words("", "fit") == {"financial_status", "=inferred", "age", "=provided"}
    assert words("", "life") == {"health", "religion_philosophy", "=observed", "financial_status", "=inferred"}
    assert words("", "life.ill") == {"health"}
    assert words("", "life.choir") == {"health", "religion_philosophy"}


def test_everything_below_not_is_read() -> None:
    assert categories("not (diagnosis is known)") == {"health"}
    assert categories('not (not (diagnosis = "x") or logins > 3)') == {"health"}


def clauses(text: str, name: str) -> set[tuple[str, str | None]]:
    return {(read.fact.word, read.clause) for read in reads(text, name) if read.fact.axis == "category"}


def test_a_reading_knows_its_clause() -> None:
    text = """\
ruleset shop
  cap require income > 0
segment s
  where    diagnosis is known
  except   staff, senior_choir
  eligible age >= 18
  consent  email
define senior_choir as in_choir
"""
    assert clauses(text, "s") == {
        ("health", "where"),
        ("religion_philosophy", "except"),
        ("age", "eligible"),
        ("message_contents", "consent"),
        ("financial_status", "cap"),
    }


@pytest.mark.parametrize(
    ("clause", "stands_in"),
    [
        ("where in segment adults", "eligible"),
        ('where country = "GB" and in segment adults', "eligible"),
        ("where grown", "eligible"),
        ("eligible in segment adults", "eligible"),
        ("where not (in segment adults)", "where"),
        ('where country = "GB" except adults', "except"),
        ("where any of account.users (not (in segment adults))", "where"),
        ("where age >= 18", "where"),
    ],
)
def test_a_floor_stays_a_floor_where_customers_are_taken_from_a_segment_that_has_it(
    clause: str, stands_in: str
) -> None:
    text = f"segment adults eligible age >= 18\ndefine grown as in segment adults\nsegment s {clause}\n"
    assert clauses(text, "s") == {("age", stands_in)}


def test_consent_and_caps_of_a_segment_are_not_read_by_who_names_it() -> None:
    text = """\
ruleset shop
  cap require income > 0
segment asked
  where logins > 1
  consent email
define out as in segment asked
"""
    assert clauses(text, "asked") == {("message_contents", "consent"), ("financial_status", "cap")}
    assert clauses(text, "out") == set()


def path(read: Read) -> list[str]:
    return [f"{step.span.path}:{step.span.line} {step.what}" for step in read.path]


def test_a_path_leads_from_the_segment_to_the_label() -> None:
    (read,) = (
        read for read in reads(RULES + "segment s where in segment ill_base\n", "s") if read.fact.word == "health"
    )
    *steps, label = path(read)
    assert steps == [
        "case.seg:20 the segment `ill_base`",
        "case.seg:16 the define `sick`",
        "case.seg:1 the property `purchase.category`",
    ]
    assert label.startswith("catalog.yaml:")
    assert label.endswith("`pharmacy` of `orders.category` is labelled `health` here")


def test_a_path_through_a_derived_column_and_an_event_filter_stands_in_the_catalogue() -> None:
    (read,) = (read for read in reads("segment s where senior", "s") if read.fact.word == "age")
    assert [step.what for step in read.path] == [
        "the attribute `senior`",
        "the column `people.age`",
        "the column `people.birth_date`",
        "`people.birth_date` is labelled `age` here",
    ]
    lines = CATALOGUE.splitlines()
    assert read.path[0].span.path == "case.seg"
    assert [lines[step.span.line - 1].split()[0] for step in read.path[1:]] == ["senior:", "age:", "birth_date:"]
    (read,) = reads("segment s where did remedy", "s")
    assert [step.what for step in read.path[:-1]] == ["the event `remedy`", "the column `orders.category`"]


def test_the_label_of_an_event_is_told_as_such() -> None:
    (read,) = reads("segment s where did hotline", "s")
    assert [step.what for step in read.path] == ["the event `hotline`", "the event `hotline` is labelled `health` here"]


def test_of_several_paths_the_shortest_is_told() -> None:
    text = "define sick as diagnosis is known\nsegment s where sick or diagnosis is known\n"
    (read,) = reads(text, "s")
    assert [step.what for step in read.path[:-1]] == ["the attribute `diagnosis`"]


def test_definitions_nested_deeper_than_the_stack_are_followed() -> None:
    lines = ["define d0 as diagnosis is known"]
    lines += [f"define d{number} as not d{number - 1}" for number in range(1, 1500)]
    found = findings("\n".join([*lines, "segment s where d1499"]))
    assert [item.code.name for item in found] == ["unjustified-reading"]
