"""A shop whose catalogue has labels of every kind, and rules bound to it."""

from datetime import date
from functools import cache

from segrules.diagnostics.finding import Finding
from segrules.governance.flow import Flow, Read
from segrules.governance.sensitive import check_labels, expired_justifications
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source
from tests.conformance.cases import bind_text, errors

DAY = date(2026, 11, 22)

CATALOGUE = """\
format: 1
time_zone: Europe/London
labels: [spend]
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, labels: {identifiability: identifier}}
      diagnosis: {type: text, labels: {category: health}}
      faith: {type: text, labels: {category: religion_philosophy}}
      postcode: {type: text, labels: {category: postal_code, proxy_for: [race_ethnicity], identifiability: quasi}}
      birth_date: {type: date, labels: {category: age, origin: provided}}
      age: {derive: years since birth_date}
      senior: {derive: age >= 65}
      income: {type: integer, labels: {category: financial_status, origin: inferred}}
      outlay: {type: integer, labels: {category: spend}}
      country: {type: text, values: [GB, IE, DE]}
      club: {type: text, value_labels: {church_choir: {category: religion_philosophy}, gym: {origin: observed}}}
      in_choir: {derive: club = "church_choir"}
      interests: {type: list of text, value_labels: {yoga_for_backs: {category: health}}}
      severity:
        type: text
        values: [none, mild, strong, severe]
        ordered: true
        value_labels: {strong: {category: health}, severe: {category: health}}
      account_id: integer
      email_ok: {type: boolean, labels: {category: message_contents}}
      staff: boolean
      logins: integer
  accounts:
    path: accounts.csv
    key: account_id
    columns:
      account_id: integer
      plan: text
      sector: {type: text, value_labels: {union: {category: union_membership}}}
  orders:
    path: orders.csv
    columns:
      order_id: {type: text, nullable: false}
      invoice: text
      customer_id: integer
      ordered_at: timestamp
      amount: {type: money, currency: GBP, scale: 2}
      category: {type: text, value_labels: {pharmacy: {category: health}, Bibles: {category: religion_philosophy}}}
      is_shoes: {derive: category = "shoes"}
      note: {type: text, labels: {category: health}}
  calls:
    path: calls.csv
    columns:
      call_id: {type: text, nullable: false}
      customer_id: integer
      at: timestamp
customers:
  table: people
events:
  purchase: {table: orders, customer: customer_id, time: ordered_at, id: order_id}
  remedy: {table: orders, customer: customer_id, time: ordered_at, id: order_id, where: 'category = "pharmacy"'}
  basket:
    table: orders
    customer: customer_id
    time: ordered_at
    id: order_id
    group:
      by: invoice
      time: first
      properties:
        amount: total of amount
        kind: first category
        kinds: distinct category
  hotline: {table: calls, customer: customer_id, time: at, id: call_id, labels: {category: health}}
relations:
  account: {table: accounts, column: account_id, back: users}
consents:
  columns:
    email: {state: email_ok}
"""


@cache
def catalogue() -> Catalogue:
    """The catalogue; it has to be right."""
    found, findings = read_catalogue(Source("catalog.yaml", CATALOGUE))
    assert found is not None, [item.message for item in findings]
    return found


def shop(text: str) -> Rules:
    """The rules bound to the shop; they have to be right."""
    rules, findings = bind_text(text, catalogue(), {"some.csv": ["pharmacy", "hats"], "plain.csv": ["hats"]})
    assert errors(findings) == [], text
    return rules


def reads(text: str, name: str) -> tuple[Read, ...]:
    """What a definition reads."""
    return Flow(shop(text)).reads(name)


def categories(where: str, before: str = "") -> set[str]:
    """The categories that a segment with this condition reads."""
    found = reads(f"{before}\nsegment s where {where}\n", "s")
    return {read.fact.word for read in found if read.fact.axis == "category"}


def findings(text: str, *, day: date = DAY, **packs: str) -> list[Finding]:
    """What packs and policies say about the rules."""
    rules = shop(text)
    return [*check_labels(rules, packs), *expired_justifications(rules, packs, day)]


def said(text: str, *, day: date = DAY, **packs: str) -> list[str]:
    """The numbers of the codes and the messages of what is found."""
    return [f"{item.code.number} {item.severity}: {item.message}" for item in findings(text, day=day, **packs)]
