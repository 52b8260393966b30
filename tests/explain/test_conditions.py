"""Every kind of condition and value in words, negated and not."""

from fractions import Fraction
from pathlib import Path
from typing import get_args

import pytest

from segrules.explain.conditions import Teller
from segrules.explain.lines import Item, indented
from segrules.ir import nodes as ir
from segrules.ir.build import negation
from segrules.ir.rules import Rules
from segrules.ir.windows import Ever, InLast, Period, Unit, WholeUnits
from segrules.types.types import BooleanType, DateType, DecimalType, IntegerType, MoneyType, TextType, TimestampType
from tests.explain.project import explained, rules_of

PHRASES = [
    ('country = "GB"', '`country` is "GB"'),
    ('country != "GB"', '`country` is not "GB" (and is recorded)'),
    ('not country = "GB"', '`country` is not "GB" (and is recorded)'),
    ('not country != "GB"', '`country` is "GB"'),
    ('country = "a" ignoring case', '`country` is "a", upper and lower case alike'),
    ("customer_id != 3", "`customer_id` is not 3"),
    ('tier > "bronze"', '`tier` is more than "bronze"'),
    ("signup < 2026-01-01", "`signup` is before 2026-01-01"),
    ("weight = 0.1 kg", "`weight` is 0.1 kg"),
    ("weight >= 100000000000000000000000 kg", "`weight` is at least 100000000000000000000000 kg"),
    ("staff", "`staff` is true"),
    ("not staff", "`staff` is false"),
    ("age between 18 and 30", "`age` is between 18 and 30, both included"),
    ("not age between 18 and 30", "`age` is not between 18 and 30, both included"),
    ('country in ["GB"]', '`country` is "GB"'),
    ('country in ["GB", "IE"]', '`country` is one of "GB" and "IE"'),
    ('country not in ["GB", "IE"]', '`country` is none of "GB" and "IE" (and is recorded)'),
    ('not country not in ["GB", "IE"]', '`country` is one of "GB" and "IE"'),
    ("age in [1,2,3,4,5,6,7,8,9,10,11,12]", "`age` is one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, … and 2 more"),
    ('country in list "vip.csv"', "`country` is in the list `vip.csv` (2 entries)"),
    ('country not in list "vip.csv"', "`country` is not in the list `vip.csv` (2 entries) (and is recorded)"),
    ('country contains "a"', '`country` contains "a"'),
    ('not country matches "^a"', '`country` does not match the pattern "^a"'),
    ('tags has any of ["a", "b"]', '`tags` has any of "a" and "b"'),
    ('not tags has all of ["a", "b"]', '`tags` lacks at least one of "a" and "b"'),
    ("country is known", "`country` is known"),
    ("country is unknown", "`country` is unknown"),
    ("last purchase is unknown", "the last `purchase` is unknown (not recorded, or there is none)"),
    ("signup is in the last 4 whole weeks", "`signup` is in the last 4 whole weeks, this week left out"),
    ("signup is from 2026-01-01 to 2026-01-31", "`signup` is from 2026-01-01 to 2026-01-31, both days included"),
    ("seen_at is since 2026-07-01T10:00", "`seen_at` is since 2026-07-01 10:00+01:00"),
    ("last purchase was more than 30 days ago", "the last `purchase` was more than 30 days ago"),
    ("not last purchase was more than 1 day ago", "the last `purchase` was not more than 1 day ago (or there is none)"),
    (
        "birth_date has anniversary in the next 7 days",
        "an anniversary of `birth_date` lies in the next 7 days, today first",
    ),
    ("known for at least 90 days", "has been known for at least 90 days, counted from `signup`"),
    ("not known for at least 90 days", "has been known for less than 90 days, counted from `signup`"),
    ("days since last purchase > 30", "number of days since the last `purchase` is more than 30"),
    ("not days since signup > 30", "number of days since `signup` is at most 30"),
    ("not days since last purchase > 30", "number of days since the last `purchase` is at most 30 (or there is none)"),
    ('weekday of signup = "monday"', 'weekday of `signup` is "monday"'),
    ("did purchase", "has at least 1 `purchase` event"),
    ("did not purchase in the last 30 days", "has no `purchase` event in the last 30 days"),
    ("did purchase once", "has exactly 1 `purchase` event"),
    ("did any of purchase, mail at most 3 times", "has at most 3 `purchase` or `mail` events"),
    (
        'did mail where (kind = "x") between 1 week and 60 days ago',
        'has at least 1 `mail` event between 1 week and 60 days ago, counting only rows where `kind` is "x"',
    ),
    (
        "did purchase in the last 7 days then mail within 2 days",
        (
            "has at least 1 `purchase` event in the last 7 days, counting only those followed within 2 days by a"
            " `mail` event"
        ),
    ),
    (
        "not did purchase where (items > 1) then mail with same kind",
        (
            "has no `purchase` event, counting only rows where `items` is more than 1 and only those followed at any"
            " time by a `mail` event with the same `kind`"
        ),
    ),
    (
        "did purchase at least 2 times without mail with same kind within 1 day without purchase",
        (
            "has at least 2 `purchase` events, counting only those not followed within 1 day by any `mail` event with"
            " the same `kind` and not followed at any time by any `purchase` event"
        ),
    ),
    (
        "did purchase as a then mail then purchase where (kind != a.kind)",
        (
            "has at least 1 `purchase` event, counting only those followed at any time by a `mail` event, which is"
            " followed at any time by a `purchase` event where `kind` is not `kind` of the first row of the chain (and"
            " both are recorded)"
        ),
    ),
    ("number of purchase in this month >= 3", "number of `purchase` events in this month so far is at least 3"),
    ("distinct days of mail >= 3", "number of different days with `mail` events is at least 3"),
    ("distinct weeks of mail >= 3", "number of different weeks with `mail` events is at least 3"),
    (
        "longest streak of days of mail in the last 30 days >= 7",
        "longest run of days, one after the other, each with `mail` events in the last 30 days is at least 7",
    ),
    (
        "did mail at least 3 times per week in at least 3 of the last 4 whole weeks",
        "has at least 3 `mail` events per week in at least 3 of the last 4 whole weeks, this week left out",
    ),
    (
        "not did any of mail, purchase at most 0 times per day in exactly 2 of the last 7 whole days",
        "has no `mail` or `purchase` event in any number but 2 of the last 7 whole days, today left out",
    ),
    (
        'did mail where (kind = "x") once per month in more than 1 of the last 3 whole months',
        (
            "has exactly 1 `mail` event per month in more than 1 of the last 3 whole months, this month left out,"
            ' counting only rows where `kind` is "x"'
        ),
    ),
    (
        "average days between purchase > 30",
        "average number of days from each `purchase` event to the next is more than 30",
    ),
    (
        "not median days between purchase > 30",
        "median number of days from each `purchase` event to the next is at most 30 (or there is none)",
    ),
    ("distinct purchase.kind >= 3", "number of different `purchase.kind` is at least 3"),
    ("total of purchase.amount >= 12.5 GBP", "total of `purchase.amount` is at least 12.50 GBP"),
    ("not median of purchase.items > 2", "median of `purchase.items` is at most 2 (or there is none)"),
    ("largest of purchase.amount > 5 GBP", "largest `purchase.amount` is more than 5 GBP"),
    (
        'first purchase.kind where (items > 1) = "x"',
        'first `purchase.kind`, counting only rows where `items` is more than 1, is "x"',
    ),
    ('most frequent purchase.kind = "x"', 'most frequent `purchase.kind` is "x"'),
    ("last purchase was (items > 1)", "of the last `purchase` event, this holds: `items` is more than 1"),
    (
        "last purchase was not (items > 1)",
        "there is no `purchase` event, or of the last one this holds: `items` is at most 1",
    ),
    ('consent.email = "granted"', 'state of the consent for `email` is "granted"'),
    (
        'not consent.email = "withdrawn"',
        'state of the consent for `email` is not "withdrawn" (or there is none)',
    ),
    ("age + 2 * age > 3", "`age` plus (2 times `age`) is more than 3"),
    ("20% of age - age / 4 > 3", "(20% of `age`) minus (`age` divided by 4) is more than 3"),
    ("top 10% by age", "is in the top 10% by `age` of all customers"),
    ("not bottom 100 by age", "is not in the bottom 100 by `age` of all customers"),
    (
        "age > 2 * population average of age",
        "`age` is more than 2 times population average of `age` over all customers",
    ),
    (
        "age > population percentile 90 of purchase.items where (items > 1)",
        (
            "`age` is more than population percentile 90 of `purchase.items` over everybody's rows,"
            " counting only rows where `items` is more than 1"
        ),
    ),
    ("true", "is any customer"),
    ('in sample 10% salt "x"', 'is in the 10% of all customers that the salt "x" draws'),
    ('not in sample 2.25% salt "x"', 'is not in the 2.25% of all customers that the salt "x" draws'),
]


@pytest.mark.parametrize(("condition", "words"), PHRASES)
def test_a_condition_in_words(condition: str, words: str, tmp_path: Path) -> None:
    told = explained(tmp_path, f"segment one where {condition}", "one", vip_csv="a\nb\n")
    assert told.lines[2:4] == ("  takes customers for whom this holds:", f"    - {words}")


def test_conditions_inside_one_another(tmp_path: Path) -> None:
    text = """\
segment one
  where not (staff or not blocked)
    and not (staff and blocked)
    and total of purchase.amount where (items > 3 and (kind != "c" or customer.country = "GB")) > 5 GBP
    and top 10% by age among (did purchase)
    and last purchase was (items > 1 and kind = "z")
"""
    assert (
        "\n".join(explained(tmp_path, text, "one").lines[2:-1])
        == """\
  takes customers for whom all of these hold:
    - none of these holds:
      - `staff` is true
      - `blocked` is false
    - not all of these hold:
      - `staff` is true
      - `blocked` is true
    - total of `purchase.amount`, counting only rows as below, is more than 5 GBP
      - rows are counted where all of these hold:
        - `items` is more than 3
        - any of these holds:
          - `kind` is not "c" (and is recorded)
          - `customer.country` is "GB"
    - is in the top 10% by `age` of customers as below
      - the top 10% by `age` counts only customers for whom this holds: has at least 1 `purchase` event
    - of the last `purchase` event, all of these hold:
      - `items` is more than 1
      - `kind` is "z"
  a value that is not recorded lets nobody in"""
    )


# --- every node of the unions

AGE = ir.Attribute("age", IntegerType())
DAY = ir.Attribute("signup", DateType())
TEXT = ir.Attribute("country", TextType())
WINDOW = InLast(Period(3, Unit.DAY))
EVENTS = ir.Events(("purchase",), ir.IsTrue(ir.Property("x", BooleanType())), WINDOW)
TRUE = ir.Fixed(True)

VALUES: list[ir.Value] = [
    ir.Literal(Fraction(1, 3), MoneyType("GBP")),
    AGE,
    ir.Property("items", IntegerType()),
    ir.StepProperty(11, "items", IntegerType()),
    ir.ConsentState("email", TextType()),
    ir.Band("rfm", "recency", IntegerType()),
    ir.DefinedValue("spend", MoneyType("GBP")),
    ir.Aggregate(ir.AggregateKind.NUMBER, EVENTS, None, IntegerType()),
    ir.EventTime(ir.AggregateKind.LAST, EVENTS, TimestampType()),
    ir.UnitsOf(ir.UnitsKind.LONGEST_STREAK, Unit.WEEK, EVENTS, IntegerType("weeks")),
    ir.UnitsWith(ir.Events(("purchase",), None, WholeUnits(Period(4, Unit.WEEK))), ir.CompareOp.GE, 3, IntegerType()),
    ir.DaysBetween(ir.AggregateKind.MEDIAN, EVENTS, IntegerType("days")),
    ir.DaysSince(DAY, IntegerType("days")),
    ir.YearsSince(DAY, IntegerType("years")),
    ir.PartOf(ir.DatePart.MONTH, DAY, IntegerType()),
    ir.Arithmetic(ir.ArithmeticOp.ADD, AGE, AGE, IntegerType()),
    ir.RelatedColumn("account", "plan", TextType()),
    ir.NumberOfRelated("account", ir.IsTrue(ir.Attribute("staff", BooleanType())), IntegerType()),
    ir.Figure(ir.FigureKind.AVERAGE, AGE, None, TRUE, None, DecimalType()),
]
CONDITIONS: list[ir.Condition] = [
    TRUE,
    ir.IsTrue(ir.Attribute("staff", BooleanType())),
    ir.Compare(ir.CompareOp.LT, AGE, AGE),
    ir.Between(AGE, AGE, AGE),
    ir.OneOf(AGE, ()),
    ir.InListFile(TEXT, "a.csv", frozenset({"x"})),
    ir.TextTest(ir.TextOp.ENDS, TEXT, 'x"\n'),
    ir.ListTest(ir.ListOp.NONE, ir.Attribute("tags", TextType()), ("a",)),
    ir.IsKnown(AGE),
    ir.InWindow(DAY, Ever()),
    ir.Anniversary(DAY, WINDOW),
    ir.Did(EVENTS, ir.CompareOp.NE, 3),
    ir.EdgeRow(ir.AggregateKind.FIRST, EVENTS, TRUE),
    ir.KnownFor(DAY, Period(1, Unit.YEAR)),
    ir.InSample(AGE, Fraction(1, 10), "x\n"),
    ir.Defined("big"),
    ir.InSegment("one"),
    ir.InStage("stages", "new"),
    ir.Quantified(ir.Quantifier.ALL, "account", TRUE),
    ir.Not(TRUE),
    ir.And((TRUE, TRUE)),
    ir.Or((TRUE, TRUE)),
    ir.Top(ir.End.TOP, AGE, 10, None, None),
]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    text = """\
define spend as total of purchase.amount
define big as staff
segment one
partition stages stage new where staff otherwise rest
score rfm rank recency by days since last purchase into 5 bands, low is best
"""
    return rules_of(tmp_path, text)


def test_the_samples_have_every_node() -> None:
    assert {type(value) for value in VALUES} == set(get_args(ir.Value))
    assert {type(condition) for condition in CONDITIONS} == set(get_args(ir.Condition))


@pytest.mark.parametrize("node", [*VALUES, *CONDITIONS], ids=lambda node: type(node).__name__)
def test_every_node_has_words(node: ir.Expression, rules: Rules) -> None:
    items: list[Item] = [Teller(rules).expression(node)]
    if not isinstance(node, ir.Value):
        items.append(Teller(rules).item(negation(node)))
        assert items[0].text != items[1].text
    for item in items:
        for line in indented([item]):
            assert line
            assert "\n" not in line
            assert "Fraction" not in line
            assert "Type(" not in line


@pytest.mark.parametrize("kind", list(ir.AggregateKind))
def test_every_aggregate_has_words(kind: ir.AggregateKind, rules: Rules) -> None:
    value = ir.Aggregate(kind, EVENTS, ir.Property("items", IntegerType()), IntegerType())
    assert "`purchase" in Teller(rules).value(value).text


USERS = "`account.users` (customers with the same `account_id`)"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('account.plan = "x"', '`account.plan` is "x"'),
        ('not account.plan = "x"', '`account.plan` is not "x" (or there is none)'),
        ("account.plan is unknown", "`account.plan` is unknown (not recorded, or there is none)"),
        ("any of account.users (staff)", f"for at least one of {USERS} this holds: `staff` is true"),
        ("not any of account.users (staff)", f"for none of {USERS} this holds: `staff` is true"),
        ("all of account.users (staff)", f"for all of {USERS} this holds: `staff` is true"),
        ("not all of account.users (staff)", f"for not all of {USERS} this holds: `staff` is true"),
        ("none of account.users (not staff)", f"for none of {USERS} this holds: `staff` is false"),
        ("number of account.users >= 3", f"number of {USERS} is at least 3"),
        (
            "number of account.users (did mail) != 3",
            f"number of {USERS} for whom this holds (has at least 1 `mail` event) is not 3 (and is recorded)",
        ),
        (
            "number of account.users (staff and blocked) = 0",
            (
                f"number of {USERS} counted as below is 0\n"
                "  they are counted where all of these hold:\n"
                "    - `staff` is true\n"
                "    - `blocked` is true"
            ),
        ),
        (
            "none of account.users (staff or big)",
            f"for none of {USERS} any of these holds:\n  `staff` is true\n  `big`, that is: `weight` is more than 5 kg",
        ),
        (
            "did mail where (kind = customer.account.plan and any of account.users (staff))",
            (
                "has at least 1 `mail` event, counting only rows where `kind` is `customer.account.plan` and "
                f"for at least one of {USERS} this holds: `staff` is true"
            ),
        ),
    ],
)
def test_relations(tmp_path: Path, text: str, told: str) -> None:
    rules = rules_of(tmp_path, f"define big as weight > 5 kg\ndefine it as {text}\n")
    body = rules.definitions["it"].body
    assert "\n".join(indented([Teller(rules).expression(body)])) == told
