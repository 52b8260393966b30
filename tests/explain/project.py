"""A small project of every kind of column, event and consent, and its rules read with `segrules.load`."""

from pathlib import Path

import segrules
from segrules.explain.english import Explanation, explain
from segrules.ir.rules import Rules

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      country: {type: text, description: Where they live}
      tier: {type: text, values: [bronze, silver, gold], ordered: true}
      staff: boolean
      blocked: boolean
      weight: {type: float, unit: kg}
      tags: {type: list of text}
      signup: date
      birth_date: date
      seen_at: timestamp
      age: {derive: years since birth_date}
      account_id: text
      email_state: text
  accounts:
    path: accounts.csv
    key: account_id
    columns: {account_id: {type: text, nullable: false}, plan: text}
  orders:
    path: orders.csv
    columns:
      order_id: {type: text, nullable: false}
      customer_id: integer
      ordered_at: timestamp
      amount: {type: money, currency: GBP, scale: 2, description: With tax}
      items: integer
      kind: text
  mails:
    path: mails.csv
    columns: {mail_id: {type: text, nullable: false}, customer_id: integer, sent_on: date, kind: text}
  bounced:
    path: bounced.csv
    columns: {customer_id: integer}
customers:
  table: people
  since: signup
events:
  purchase:
    description: A paid order
    table: orders
    customer: customer_id
    time: ordered_at
    id: order_id
  mail: {table: mails, customer: customer_id, time: sent_on, id: mail_id}
relations:
  account: {table: accounts, column: account_id, back: users}
consents:
  channels: [email]
  columns:
    email: {state: email_state}
  statuses: {granted: ["yes"], withdrawn: ["no"]}
suppressions:
  bounced: {table: bounced, customer: customer_id}
"""


def rules_of(folder: Path, rules: str, **files: str) -> Rules:
    """The typed rules of a project in `folder` that holds `rules`, which are sound."""
    (folder / "segrules.toml").write_text('language = 1\ncatalogue = "catalog.yaml"\n', encoding="utf-8")
    (folder / "catalog.yaml").write_text(CATALOGUE, encoding="utf-8")
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    loaded = segrules.load(folder)
    assert loaded.sound, loaded.findings
    assert loaded.typed is not None
    return loaded.typed


def explained(folder: Path, rules: str, name: str, **files: str) -> Explanation:
    """What `explain` makes of one definition of `rules`."""
    return explain(rules_of(folder, rules, **files), name)
