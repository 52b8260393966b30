"""A small shop as a project in a git repository, and the pull requests that it gets."""

import os
import subprocess
from pathlib import Path

CATALOGUE = """\
format: 1
time_zone: Europe/Berlin
tables:
  customers:
    path: data/customers.csv
    key: id
    columns:
      id: {type: integer}
      age: {type: integer, range: [0, 120]}
      country: {type: text, values: [DE, AT, CH]}
      mail_domain: {type: text}
      staff: {type: boolean}
  purchases:
    path: data/purchases.csv
    key: number
    columns:
      number: {type: integer}
      customer_id: {type: integer, nullable: false}
      at: {type: timestamp, nullable: false}
      amount: {type: money, currency: EUR}
  consents:
    path: data/consents.csv
    columns:
      customer_id: {type: integer, nullable: false}
      channel: {type: text, values: [email, sms], nullable: false}
      status: {type: text, values: [granted, withdrawn], nullable: false}
      at: {type: timestamp, nullable: false}
customers:
  table: customers
events:
  purchase: {table: purchases, customer: customer_id, time: at, id: number}
consents:
  table: {table: consents, customer: customer_id, channel: channel, status: status, time: at}
"""

RULES = """\
ruleset mail "Mail"
  owner   "crm@shop.example"
  purpose email_marketing
  channel email

define big_spender "Spent well"
  as total of purchase.amount in the last 12 months >= 500 EUR

segment loyal "Buys often"
  where   did purchase at least 3 times in the last 90 days
  except  staff
  consent email

segment lapsed "Big spenders who lapsed"
  where   big_spender
      and last purchase was more than 180 days ago
  except  staff
  consent email

segment young "Young customers"
  where   age between 18 and 25
  consent email

segment partners "At partners"
  where   mail_domain in list "partners.txt"
  consent email

partition stage "One stage each"
  stage fresh where did purchase in the last 30 days
  stage often where did purchase at least 3 times in the last 365 days
  otherwise rest

group season "Nobody gets two offers"
  exclusive loyal, lapsed

policy consent_needed "No mail without consent"
  applies to segments with channel email
  require consent email

policy grown_ups "Adults only"
  applies to all segments except loyal, lapsed, partners
  require age >= 18
"""

FILES = {
    "segrules.toml": 'language = 1\ncatalogue = "catalog.yaml"\n',
    "catalog.yaml": CATALOGUE,
    "mail.seg": RULES,
    "partners.txt": "a.example\nb.example\n",
}


def write(folder: Path, changes: dict[str, tuple[str, str]] | None = None) -> Path:
    """Write the shop, with one text put in the place of another in some of its files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in FILES.items():
        old, new = (changes or {}).get(name, ("", ""))
        assert not old or text.count(old) == 1, (name, old)
        (folder / name).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return folder


def git(folder: Path, *arguments: str) -> str:
    """Run git with nobody's settings but ours."""
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}
    for who in ("AUTHOR", "COMMITTER"):
        settings |= {f"GIT_{who}_NAME": "A", f"GIT_{who}_EMAIL": "a@shop.example"}
        settings[f"GIT_{who}_DATE"] = "2026-11-01T12:00:00Z"
    command = ["git", *arguments]
    done = subprocess.run(command, cwd=folder, env={**os.environ, **settings}, capture_output=True, check=True)
    return done.stdout.decode()


def commit(folder: Path, subject: str) -> None:
    """Commit everything in a folder."""
    git(folder, "add", "-A", ".")
    git(folder, "commit", "-q", "-m", subject)
