from dataclasses import replace
from pathlib import Path

import pytest

from segrules.explain.english import explain
from segrules.ir.nodes import Attribute, Compare, CompareOp, Literal, Or
from segrules.types.types import IntegerType
from tests.explain.project import explained, rules_of

RULES = """\
ruleset crm "CRM"
  owner "crm@shop.example"
  purpose email_marketing
  channel email
  except blocked
  eligible age >= 18

define spend "All the money"
  as total of purchase.amount in the last 24 months

define big_spender "Spent well"
  as spend >= 500 GBP

score rfm "Five is best"
  among did purchase in the last 24 months
  rank recency  by days since last purchase into 5 bands, low is best
  rank monetary by spend into 4 equal bands from 0, high is best, ties by number of purchase
  rank gap      by days since last purchase into bands at [30, 90.5], low is best

segment champions "Champions"
  describe "Bought lately."
  tags     best, dear
  status   draft
  priority 3
  where    rfm.recency = 5 and big_spender and not big_spender
  except   staff
  consent  email given in the last 24 months
  size     at least 100, at most 30%
  holdout  12.5% salt "x"
  justified "they asked" by "dpo@shop.example" until 2027-01-01
  review   by 2027-06-30

segment others
  where not in segment champions and in segment stages.loyal
  except champions

partition stages "Stages"
  stage new   "Newcomers" where did purchase once in the last 30 days
  stage loyal where did purchase at least 3 times and known for at least 90 days
  otherwise rest
"""


def test_a_segment_with_all_its_clauses(tmp_path: Path) -> None:
    told = explained(tmp_path, RULES, "champions")
    assert (
        "\n".join(told.lines)
        == """\
segment `champions`: Champions
  Bought lately.
  status: draft
  owner: crm@shop.example
  purpose: email_marketing
  channel: email
  tags: best, dear
  priority: 3
  takes customers for whom all of these hold:
    - `recency` band of `rfm` (1 to 5, 5 is best) is 5
      - `rfm.recency` ranks by: number of days since the last `purchase`, in 5 bands from 1 to 5; \
5 is best and has the lowest values
      - `rfm` ranks only customers for whom this holds: has at least 1 `purchase` event in the last 24 months
    - `big_spender` (Spent well), that is: `spend` is at least 500 GBP
      - `spend` (All the money) is: total of `purchase.amount` in the last 24 months
    - not `big_spender`, as told above
  leaves out customers for whom any of these holds or may hold (its own):
    - `staff` is true
  leaves out customers for whom any of these holds or may hold (from the ruleset):
    - `blocked` is true
  takes only customers who are eligible (from the ruleset):
    - `age` is at least 18
  a value that is not recorded lets nobody in
  may be contacted only with consent for `email`, given in the last 24 months (its own)
  consent that names purposes has to cover `email_marketing`
  may not be contacted: who is on the suppression list `bounced`
  expects at least 100 customers and at most 30% of all customers as members; \
another size is reported, and nobody is trimmed
  holds out 12.5% of its members, drawn by the salt "x": not contacted, to measure against
  justified until 2027-01-01 by dpo@shop.example: they asked
  to be reviewed by 2027-06-30"""
    )


def test_a_segment_that_names_others(tmp_path: Path) -> None:
    told = explained(tmp_path, RULES, "others")
    assert told.lines[5:8] == (
        "  takes customers for whom all of these hold:",
        "    - does not qualify for `champions` (Champions)",
        "    - stands in `loyal` of the partition `stages`",
    )
    assert "    - qualifies for `champions` (Champions)" in told.lines


def test_a_partition(tmp_path: Path) -> None:
    assert explained(tmp_path, RULES, "stages").lines == (
        "partition `stages`: Stages",
        "  status: active",
        "  puts every customer into the first of these that holds, all before it being known not to hold:",
        "  1. `new` (Newcomers): has exactly 1 `purchase` event in the last 30 days",
        "  2. `loyal`: all of these hold:",
        "    - has at least 3 `purchase` events",
        "    - has been known for at least 90 days, counted from `signup`",
        "  otherwise `rest`: everybody else, those in doubt too",
    )


def test_a_score(tmp_path: Path) -> None:
    assert explained(tmp_path, RULES, "rfm").lines == (
        "score `rfm`: Five is best",
        "  ranks only customers for whom this holds:",
        "    - has at least 1 `purchase` event in the last 24 months",
        (
            "  `recency` ranks by: number of days since the last `purchase`, in 5 bands from 1 to 5;"
            " 5 is best and has the lowest values"
        ),
        "  `monetary` ranks by: `spend`, in 4 equally large bands from 0 to 3; 3 is best and has the highest values",
        "    - `spend` (All the money) is: total of `purchase.amount` in the last 24 months",
        "    - ties are broken by: number of `purchase` events, then by customer key",
        (
            "  `gap` ranks by: number of days since the last `purchase`, in 3 bands from 1 to 3, cut at 30 and 90.5,"
            " each cut in the better band; 3 is best and has the lowest values"
        ),
    )


def test_defines_of_a_value_and_of_a_condition(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, RULES)
    assert explain(rules, "spend").lines == (
        "define `spend`: All the money",
        "  is: total of `purchase.amount` in the last 24 months",
    )
    assert explain(rules, "big_spender").lines == (
        "define `big_spender`: Spent well",
        "  means that this holds:",
        "    - `spend` is at least 500 GBP",
        "      - `spend` (All the money) is: total of `purchase.amount` in the last 24 months",
    )


def test_an_unknown_name_is_a_key_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        explain(rules_of(tmp_path, RULES), "nobody")


def test_a_segment_that_takes_everybody(tmp_path: Path) -> None:
    assert explained(tmp_path, "segment all_of_them", "all_of_them").lines[2] == "  takes every customer"


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "segment many where staff")
    age = Attribute("age", IntegerType())
    terms = tuple(Compare(CompareOp.EQ, age, Literal(number, IntegerType())) for number in range(20_000))
    many = replace(rules.segments["many"], where=Or(terms))
    told = explain(replace(rules, segments={"many": many}), "many")
    assert told.lines[2] == "  takes customers for whom any of these holds:"
    assert told.lines[43] == "    - … and 19960 more"
    assert len(told.lines) < 60


def test_defines_inside_defines_end_somewhere(tmp_path: Path) -> None:
    values = "\n".join(f"define v{number} as v{number - 1} + v{number - 1}" for number in range(1, 500))
    conditions = "\n".join(f"define c{number} as not c{number - 1} and staff" for number in range(1, 500))
    text = f"define v0 as age\n{values}\ndefine c0 as blocked\n{conditions}\nsegment deep where v499 != 1 and c499"
    told = explained(tmp_path, text, "deep")
    assert told.lines[3].startswith("    - `v499` is not 1")
    assert told.reads[0] == "reads columns: age (computed from birth_date), blocked, staff"


def test_nesting_as_deep_as_the_language_allows(tmp_path: Path) -> None:
    nested = "staff"
    for _ in range(22):
        nested = f"(blocked and (staff or {nested}))"
    sums = " + ".join(["age"] * 45)
    text = f"define total_age as {sums}\nsegment deep where {nested} and total_age > 3"
    assert "staff" in "\n".join(explained(tmp_path, text, "deep").lines)


def test_an_otherwise_takes_in_those_in_doubt(tmp_path: Path) -> None:
    text = """\
partition home stage here "At home" where country = "GB" otherwise elsewhere
segment abroad where in segment home.elsewhere
segment at_home where in segment home.here
"""
    rules = rules_of(tmp_path, text)
    assert explain(rules, "at_home").lines[3:5] == (
        "    - stands in `here` (At home) of the partition `home`",
        "  a value that is not recorded lets nobody in",
    )
    told = explain(rules, "abroad").lines
    assert told[3] == "    - stands in `elsewhere`, where those in doubt are too, of the partition `home`"
    assert not any("lets nobody in" in line for line in told)
