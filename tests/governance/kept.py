"""A small project, and what a check says about rules that are put into it."""

from pathlib import Path

import segrules
from segrules.workspace.checked import Checked

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      account_id: integer
      country: {type: text, values: [GB, IE, DE]}
      tier: {type: text, values: [basic, silver, gold], ordered: true}
      nickname: text
      age: {type: integer, range: [0, 120]}
      height: {type: integer}
      rating: {type: decimal, range: [0.5, 5]}
      born: {type: date, range: [1900-01-01, 2020-12-31]}
      joined: {type: timestamp, range: [2010-01-01, 2030-12-31]}
      staff: boolean
      email_ok: boolean
      sms_ok: boolean
      home_market: {type: text, deprecated: use `country`}
      # segrules: ignore[deprecated-column] "it goes when the column goes" until 2099-12-31
      market: {type: text, derive: home_market}
  accounts:
    path: accounts.csv
    key: account_id
    columns:
      account_id: {type: integer, nullable: false}
      seats: {type: integer, range: [1, 100]}
      old_plan: {type: text, deprecated: use `seats`}
  orders:
    path: orders.csv
    columns:
      order_id: {type: text, nullable: false}
      customer_id: integer
      ordered_at: timestamp
      amount: {type: money, currency: GBP, scale: 2, range: [0, 10000]}
      pieces: {type: integer, range: [1, 99]}
      shop: {type: text, deprecated: there is one}
customers:
  table: people
events:
  purchase:
    table: orders
    customer: customer_id
    time: ordered_at
    id: order_id
relations:
  account: {table: accounts, column: account_id, back: users}
consents:
  columns:
    email: {state: email_ok}
    sms: {state: sms_ok}
"""

DAY = "2026-11-01"


def check(folder: Path, rules: str, settings: str = "", *, as_of: str = DAY, catalogue: str = CATALOGUE) -> Checked:
    """What a check says of these rules, with these lines added to `segrules.toml`."""
    folder.mkdir(exist_ok=True)
    (folder / "segrules.toml").write_text(f"language = 1\n{settings}", encoding="utf-8")
    (folder / "catalog.yaml").write_text(catalogue, encoding="utf-8")
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    return segrules.load(folder).checked(as_of)


def said(folder: Path, code: str, rules: str, settings: str = "", *, as_of: str = DAY) -> list[tuple[int, str]]:
    """Line and message of the findings of one code, with nothing else there but what is said of unused definitions."""
    told = check(folder, rules, settings, as_of=as_of).findings
    assert {item.code.number for item in told} <= {code, "SEG352"}
    return [(item.span.line if item.span else 0, item.message) for item in told if item.code.number == code]
