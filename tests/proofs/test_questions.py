"""What the prover says of pairs of rules, one line each: how two segments lie to each other, for every customer."""

from datetime import timedelta
from functools import cache

import pytest

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import InSegment, Literal
from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenCustomer, GivenEvent
from segrules.proofs.prover import Prover
from segrules.proofs.prover import Question as Asked
from segrules.proofs.verdict import Answer
from segrules.proofs.witnesses.realise import Proposal
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from segrules.types.types import IntegerType
from segrules.types.zones import local_day
from tests.conformance.cases import bind_text, errors
from tests.proofs import asking

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: id
    columns:
      id: {type: integer, nullable: false}
      age: {type: integer, range: [0, 120]}
      country: text
      home: text
      staff: boolean
      vip: boolean
      tier: {type: text, values: [web, shop, trade], ordered: true}
      limit: {type: money, currency: GBP, scale: 2}
      visits: {type: integer, range: [0, 1000], nullable: false}
      points: integer
      birth_date: date
      years_old: {derive: years since birth_date}
      born: {type: date, range: [1900-01-01, 2030-01-01]}
      joined: {type: date, nullable: false}
      seen_at: timestamp
      tags: list of text
  orders:
    path: orders.csv
    columns:
      id: {type: integer, nullable: false}
      person: {type: integer, nullable: false}
      day: {type: date, nullable: false}
      amount: {type: money, currency: GBP, scale: 2, range: [0, 10000]}
      pieces: {type: integer, range: [1, 100], nullable: false}
      kind: {type: text, values: [shoes, hats, gloves]}
      note: text
  clicks:
    path: clicks.csv
    columns:
      id: {type: integer, nullable: false}
      person: {type: integer, nullable: false}
      at: {type: timestamp, nullable: false}
      page: text
  consents:
    path: consents.csv
    columns:
      person: integer
      channel: {type: text, values: [email, sms]}
      purpose: {type: text, values: [offers, news]}
      status: text
      at: {type: timestamp, nullable: false}
  robinson:
    path: robinson.csv
    columns:
      person: integer
customers: {table: people, since: joined}
events:
  buy: {table: orders, customer: person, time: day, id: id}
  gift: {table: orders, customer: person, time: day, id: id, where: "amount = 0 GBP"}
  click: {table: clicks, customer: person, time: at, id: id}
consents:
  table: {table: consents, customer: person, channel: channel, purpose: purpose, status: status, time: at}
  channels: [email, sms]
  purposes: [offers, news]
suppressions:
  robinson: {table: robinson, customer: person}
"""

DISJOINT, OVERLAP, INSIDE, AROUND, EQUAL = "disjoint", "overlap", "inside", "around", "equal"
NOBODY = "nobody"
"""Nobody can be in the first."""

SHARED = """
define grown as age >= 18

score rfm
  rank recency by days since last buy into bands at [30, 90], low is best
  rank spent by total of buy.amount into 3 bands, high is best

score few among vip
  rank spent by total of buy.amount into 3 bands, high is best

partition stages
  stage new where did buy at most 1 times
  stage loyal where rfm.recency >= 2
  stage rich where total of buy.amount >= 500 GBP
  otherwise rest
"""

Question = tuple[str, str, str, str]

COUNTS_AND_SUMS: list[Question] = [
    (
        "parts against the whole",
        'did buy where (kind = "shoes") at least 3 times and did buy where (kind = "hats") at least 3 times',
        "did buy at most 5 times",
        DISJOINT,
    ),
    (
        "parts within the whole",
        'did buy where (kind = "shoes") at least 3 times and did buy where (kind = "hats") at least 2 times',
        "did buy at most 5 times",
        OVERLAP,
    ),
    (
        "three of 100 are 300",
        "did buy where (amount >= 100 GBP) at least 3 times",
        "total of buy.amount < 300 GBP",
        DISJOINT,
    ),
    (
        "three of 100 need not be 301",
        "did buy where (amount >= 100 GBP) at least 3 times",
        "total of buy.amount <= 300 GBP",
        OVERLAP,
    ),
    ("an average below all values", "average of buy.amount < 50 GBP", "did not buy where (amount < 100 GBP)", DISJOINT),
    ("an average among the values", "average of buy.amount < 150 GBP", "did not buy where (amount < 100 GBP)", OVERLAP),
    ("kinds beyond a filter", "distinct buy.kind >= 3", 'did not buy where (kind = "hats")', DISJOINT),
    ("kinds within a filter", "distinct buy.kind >= 2", 'did not buy where (kind = "hats")', OVERLAP),
    (
        "different texts in rows of different kinds",
        "distinct buy.note >= 2",
        'did buy where (kind = "shoes") exactly 1 times and did buy exactly 2 times',
        OVERLAP,
    ),
    (
        "different numbers in rows of different times",
        "distinct buy.pieces >= 3",
        "did buy exactly 1 times in the last 7 days and did buy exactly 3 times",
        OVERLAP,
    ),
    (
        "many rows with one text",
        "distinct buy.note < 2",
        'did buy where (note is known) exactly 3 times and did buy where (kind = "hats") exactly 1 times',
        OVERLAP,
    ),
    ("more kinds than there are", "distinct buy.kind >= 4", "vip", NOBODY),
    (
        "often lately, seldom in longer",
        "did buy at least 5 times in the last 30 days",
        "did buy at most 2 times in the last 90 days",
        DISJOINT,
    ),
    ("a narrower window", "did buy in the last 30 days", "did buy in the last 90 days", INSIDE),
    ("a stronger filter", "did buy where (amount > 50 GBP)", "did buy", INSIDE),
    (
        "a stronger filter in a narrower window",
        'did buy where (kind = "hats") in the last 7 days',
        'did buy where (kind in ["hats", "gloves"]) in the last 7 days',
        INSIDE,
    ),
    ("the largest against a total", "largest of buy.amount >= 500 GBP", "total of buy.amount < 500 GBP", DISJOINT),
    ("the smallest against a count", "smallest of buy.amount >= 100 GBP", "did buy where (amount < 100 GBP)", DISJOINT),
    (
        "a median against a count",
        "median of buy.pieces >= 10 and did buy exactly 3 times",
        "did buy where (pieces < 10) at least 2 times",
        DISJOINT,
    ),
    ("an event of its own kind", "did gift", "did not buy", OVERLAP),
    ("a count of nothing is 0", "did not buy", "number of buy = 0", EQUAL),
    ("a total of nothing is 0", "did not buy", "total of buy.amount <= 0 GBP", INSIDE),
    ("no more of it than rows", "total of buy.pieces < 3", "did buy at least 3 times", DISJOINT),
    (
        "counts add up",
        "number of buy in the last 30 days + number of click >= 5",
        "did not click and did buy at most 4 times",
        DISJOINT,
    ),
    ("aggregate against attribute", "number of buy > visits", "visits >= 10 and did buy at most 10 times", DISJOINT),
]

TIME: list[Question] = [
    (
        "it takes an earlier year",
        "last buy was in this year",
        "last buy was before 2023-01-01",
        OVERLAP,
    ),
    ("the last day is the nearest", "did buy in the last 30 days", "days since last buy <= 30", EQUAL),
    ("also under not", "did not buy in the last 30 days", "not days since last buy <= 30", EQUAL),
    (
        "windows tile the past: near and middle",
        "last buy was in the last 30 days",
        "last buy was between 30 and 60 days ago",
        DISJOINT,
    ),
    (
        "windows tile the past: middle and far",
        "last buy was between 30 and 60 days ago",
        "last buy was more than 60 days ago",
        DISJOINT,
    ),
    (
        "windows tile the past: no gap",
        "did buy",
        """last buy was in the last 30 days or last buy was between 30 and 60 days ago
           or last buy was more than 60 days ago""",
        EQUAL,
    ),
    (
        "days and instants tile alike",
        "last click was in the last 30 days",
        "last click was between 30 and 60 days ago",
        DISJOINT,
    ),
    ("hours within days", "did click in the last 5 hours", "did click in the last 3 days", INSIDE),
    ("hours of yesterday", "last click was more than 30 hours ago", "last click was in the last 1 day", OVERLAP),
    ("a month is at least 28 days", "did buy in the last 28 days", "did buy in the last 1 month", INSIDE),
    ("a month is at most 31 days", "did buy in the last 1 month", "did buy in the last 31 days", INSIDE),
    ("a month may be 30 days or not", "did buy in the last 1 month", "did buy in the last 30 days", OVERLAP),
    ("last month and 32 days ago", "last buy was in the last 1 month", "last buy was more than 31 days ago", DISJOINT),
    ("last month and 30 days ago", "last buy was in the last 1 month", "last buy was more than 30 days ago", OVERLAP),
    ("a year may have 366 days", "last buy was in the last 12 months", "last buy was more than 365 days ago", OVERLAP),
    (
        "that year had 365 days",
        "last buy was in the last 12 months",
        "last buy was more than 365 days ago and last buy was on 2025-03-01",
        DISJOINT,
    ),
    (
        "the last day of a leap year",
        "joined was in this year and last buy was in the last 12 months",
        "known for at least 365 days and last buy was more than 365 days ago",
        OVERLAP,
    ),
    ("twelve months are a year", "did buy in the last 12 months", "did buy in the last 1 year", EQUAL),
    (
        "three months against 88 days",
        "last buy was in the last 88 days",
        "last buy was more than 3 months ago",
        DISJOINT,
    ),
    ("whole months and this one", "last buy was in the last 1 whole month", "last buy was in this month", DISJOINT),
    ("first and last", "first buy was in the last 7 days", "last buy was more than 7 days ago", DISJOINT),
    ("first after last", "days since first buy < 10", "days since last buy >= 10", DISJOINT),
    ("a day of the calendar", "did buy on 2026-02-03", "did buy from 2026-02-01 to 2026-02-05", INSIDE),
    ("before and since", "joined was before 2026-01-01", "joined was since 2026-01-01", DISJOINT),
    ("known for a time", "known for at least 30 days", "joined was in the last 29 days", DISJOINT),
]

RHYTHM: list[Question] = [
    (
        "three weeks of three",
        "did buy at least 3 times per week in at least 3 of the last 4 whole weeks",
        "did buy at most 8 times in the last 4 whole weeks",
        DISJOINT,
    ),
    (
        "three weeks of three are nine",
        "did buy at least 3 times per week in at least 3 of the last 4 whole weeks",
        "did buy at most 9 times in the last 4 whole weeks",
        OVERLAP,
    ),
    (
        "weeks before the last one",
        "did click at least 3 times per week in at least 3 of the last 4 whole weeks",
        "last click was more than 19 days ago",
        OVERLAP,
    ),
    (
        "no weeks left",
        "did click at least 3 times per week in at least 3 of the last 4 whole weeks",
        "last click was more than 20 days ago",
        DISJOINT,
    ),
    (
        "weeks without any",
        "did not buy",
        "did buy at most 2 times per week in at least 3 of the last 4 whole weeks",
        INSIDE,
    ),
    (
        "weeks in doubt",
        'did buy where (kind = "hats") exactly 2 times per week in at least 3 of the last 4 whole weeks',
        'did buy where (kind = "hats" or kind is unknown) at most 5 times',
        DISJOINT,
    ),
    (
        "whole months",
        "did buy at least 2 times per month in at least 2 of the last 2 whole months",
        "did buy at most 3 times in the last 3 months",
        DISJOINT,
    ),
    (
        "rows close together, and one long ago",
        "median days between buy < 10",
        "did buy more than 90 days ago and did buy in the last 30 days and did not buy between 30 and 90 days ago",
        OVERLAP,
    ),
]

UNKNOWN: list[Question] = [
    ("not equal and not: of a missing value", 'country != "DE"', 'not country = "DE"', EQUAL),
    ("not equal and not: of no value", "days since last buy != 3", "not days since last buy = 3", INSIDE),
    ("missing is neither", "country is unknown", 'country = "DE" or country != "DE"', DISJOINT),
    ("known is one or the other", "country is known", 'country = "DE" or country != "DE"', EQUAL),
    ("none is unknown", "did not buy", "days since last buy is unknown", EQUAL),
    ("arithmetic with none", "days since last buy + points > 3", "did not buy", DISJOINT),
    (
        "a row in doubt is not counted",
        "did not buy where (amount >= 10 GBP)",
        "did buy where (amount is unknown)",
        DISJOINT,
    ),
    ("a total lacks nothing", "total of buy.amount >= 10 GBP", "did buy where (amount is unknown)", DISJOINT),
    ("staff or not", "staff or not staff", "staff is unknown", DISJOINT),
    ("ranges of the catalogue", "age > 120", "vip", NOBODY),
    ("a closed list", 'tier = "web" or tier = "shop" or tier = "trade"', "tier is known", EQUAL),
    ("a list in order", 'tier < "shop"', 'tier = "web"', EQUAL),
    ("prefixes", 'country starts with "D"', 'country ends with "E" and country = "FR"', DISJOINT),
    ("text contains", 'country contains "EU"', 'country starts with "EU"', AROUND),
    ("a pattern", 'country matches "^D.$"', 'country = "DE"', AROUND),
    ("linear arithmetic", "points + visits >= 10", "points <= 3 and visits <= 6", DISJOINT),
    ("money to the penny", "limit > 9.99 GBP", "limit < 10 GBP", DISJOINT),
]

GUESSES: list[Question] = [
    ("no row at all rather than one followed", "not did buy without click within 2 days", "points > 3", OVERLAP),
    ("a row to go by", "did buy where (kind != note or amount > 5 GBP)", "did buy at most 1 times", OVERLAP),
]

REFERENCES: list[Question] = [
    ("a define", "grown", "age >= 18", EQUAL),
    ("cut points: a cut is better", "rfm.recency = 3", "days since last buy <= 30", EQUAL),
    ("cut points: the middle", "rfm.recency = 2", "days since last buy between 31 and 90", EQUAL),
    ("cut points: none", "rfm.recency is unknown", "did not buy", EQUAL),
    ("bands of a score", "rfm.spent = 3", "rfm.spent <= 2", DISJOINT),
    ("bands whatever the cut points", "rfm.spent = 1", "total of buy.amount > 500 GBP", OVERLAP),
    ("a band with cut points beside one without", "rfm.spent = 1", "rfm.recency = 2", OVERLAP),
    ("a score among some", "few.spent >= 1", "vip", INSIDE),
    ("stages are apart", "in segment stages.new", "in segment stages.loyal", DISJOINT),
    ("a stage that is taken", "in segment stages.new", "did buy at most 1 times", EQUAL),
    ("otherwise is the rest", "in segment stages.rest", "in segment stages.rich", DISJOINT),
    ("in sample widens", 'in sample 10% salt "a"', 'in sample 20% salt "a"', INSIDE),
]

QUESTIONS = [*COUNTS_AND_SUMS, *TIME, *RHYTHM, *UNKNOWN, *GUESSES, *REFERENCES]

CLAUSES = """
segment staff_members where staff
segment no_staff where visits >= 0
  except staff_members
segment maybe_staff where staff is unknown
segment written
  purpose offers
  where vip
  consent email
segment by_text
  purpose offers
  where vip
  consent sms
segment vips where vip
segment grown_ups where vip
  eligible grown
segment children where age < 18
segment buyers where did buy
segment readers where in segment written
"""
_NAMED = [
    ("an exclusion that is unknown keeps out", "no_staff", "maybe_staff", DISJOINT),
    ("an exclusion", "no_staff", "staff_members", DISJOINT),
    ("consent narrows", "written", "vips", INSIDE),
    ("consent is not read by references", "written", "readers", INSIDE),
    ("a reference to one with consent", "readers", "vips", EQUAL),
    ("consents are independent", "written", "by_text", OVERLAP),
    ("a floor", "grown_ups", "children", DISJOINT),
]


@cache
def catalogue() -> Catalogue:
    """The catalogue of the shop."""
    found, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert found is not None, findings
    return found


def bound(text: str) -> Rules:
    """The rules of a text over the shop's catalogue, which must be without errors."""
    rules, findings = bind_text(text, catalogue(), {})
    assert not errors(findings), (errors(findings), text)
    return rules


def relation(prover: Prover, one: str, other: str) -> str:
    """How two segments lie to each other."""
    if asking.nobody(prover, one).answer is Answer.PROVED:
        return NOBODY
    apart = asking.disjoint(prover, one, other).answer
    within, around = (asking.inside(prover, *pair).answer for pair in ((one, other), (other, one)))
    if Answer.UNDECIDED in (apart, within, around):
        return "undecided"
    if apart is Answer.PROVED:
        return DISJOINT
    if within is Answer.PROVED:
        return EQUAL if around is Answer.PROVED else INSIDE
    return AROUND if around is Answer.PROVED else OVERLAP


def rules_of(one: str, other: str) -> str:
    """The text of a question."""
    return f"{SHARED}\nsegment one\n  where {one}\n\nsegment other\n  where {other}\n"


@pytest.mark.parametrize(
    ("one", "other", "verdict"), [item[1:] for item in QUESTIONS], ids=[item[0] for item in QUESTIONS]
)
def test_two_rules(one: str, other: str, verdict: str) -> None:
    assert relation(Prover(bound(rules_of(one, other))), "one", "other") == verdict


@pytest.mark.parametrize(("one", "other", "verdict"), [item[1:] for item in _NAMED], ids=[item[0] for item in _NAMED])
def test_two_segments(one: str, other: str, verdict: str) -> None:
    assert relation(Prover(bound(SHARED + CLAUSES)), one, other) == verdict


@pytest.mark.parametrize(("band", "shown"), [(2, True), (3, False)])
def test_a_band_with_cut_points_is_that_of_the_value(band: int, shown: bool) -> None:
    prover = Prover(bound(f"{SHARED}\nsegment banded where rfm.recency = {band}\n"))
    sixty_days_ago = local_day(prover.usual, prover.encoder.calendar.zone) - timedelta(days=60)
    required = {"id": 1, "pieces": 1}
    row = GivenEvent("buy", sixty_days_ago, {name: Literal(value, IntegerType()) for name, value in required.items()})
    bands = {("rfm", "recency"): Literal(band, IntegerType())}
    given = GivenCustomer(None, {"visits": Literal(0, IntegerType())}, bands, (row,), (), frozenset())
    question = Asked("", prover.encoder.clauses("banded"), inside=(InSegment("banded"),))
    assert (prover.witness(Proposal(prover.usual, given), question) is not None) is shown
