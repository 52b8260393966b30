"""A small shop, its rules and its customers, for examples of witnesses."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache

from segrules.ir.catalogue import Catalogue
from segrules.ir.nodes import Literal
from segrules.ir.rules import Rules
from segrules.ir.testcases import GivenConsent, GivenCustomer, GivenEvent
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from segrules.types.types import IntegerType, MoneyType, TextType
from tests.conformance.cases import bind_text, errors

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)

CATALOGUE = """
format: 1
time_zone: Europe/London
tables:
  people:
    path: p.csv
    key: id
    columns:
      id: integer
      country: {type: text, nullable: false}
      age: {type: integer, range: [18, 120]}
      tier: {type: text, values: [web, trade]}
  orders:
    path: o.csv
    columns:
      order_id: text
      id: integer
      at: timestamp
      amount: {type: money, currency: GBP, scale: 2}
      note: text
  records: {path: r.csv, columns: {id: integer, channel: text, status: text, at: timestamp}}
customers: {table: people}
events:
  purchase: {table: orders, customer: id, time: at, id: order_id}
consents:
  channels: [email]
  table: {table: records, customer: id, channel: channel, status: status, time: at}
"""

RULES = """
score rf
  among did purchase
  rank frequency by number of purchase into 5 bands, high is best
define big as total of purchase.amount >= 500 GBP
segment good where rf.frequency >= 3
segment buyers where did purchase and country in list "countries.csv"
  consent email
segment rich where big except buyers
partition life
  stage first where number of purchase = 1
  stage later where number of purchase > 1
  otherwise other
"""

LISTS: Mapping[str, list[str]] = {"countries.csv": ["DE", "AT", "GB"]}


@cache
def catalogue() -> Catalogue:
    """The catalogue of the shop."""
    found, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert found is not None, findings
    assert errors(findings) == []
    return found


def rules(text: str = RULES) -> Rules:
    """Rules of the shop."""
    bound, findings = bind_text(text, catalogue(), LISTS)
    assert errors(findings) == []
    return bound


def text(value: str) -> Literal:
    """A text."""
    return Literal(value, TextType())


def whole(value: int) -> Literal:
    """A whole number."""
    return Literal(value, IntegerType())


def purchase(days_ago: int, amount: int | Fraction, note: str | None = None) -> GivenEvent:
    """A purchase at half past nine, so many days ago."""
    noted = {} if note is None else {"note": text(note)}
    at = AS_OF - timedelta(days=days_ago) + timedelta(hours=9, minutes=30)
    return GivenEvent("purchase", at, {"amount": Literal(amount, MoneyType("GBP")), **noted})


def customer(*events: GivenEvent, consent: str | None = None, **attributes: Literal) -> GivenCustomer:
    """A customer without a key."""
    consents = () if consent is None else (GivenConsent("email", consent, None),)
    return GivenCustomer(None, attributes, {}, events, consents, frozenset())
