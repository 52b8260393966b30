"""A small project for editors: it has no data, since nothing here reads any."""

from pathlib import Path

from segrules.editor.buffers import Buffer, Buffers
from segrules.editor.project import ProjectView, State
from segrules.text.source import Source

SETTINGS = 'language = 1\ncatalogue = "catalog.yaml"\n'

CATALOGUE = """\
format: 1
time_zone: Europe/London
labels: [vip_data]
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      country: {type: text, values: [DE, GB, IE], description: Where parcels go, labels: {category: postal_code}}
      weight: {type: decimal, unit: kg, range: [1, 300], synonyms: [mass]}
      tier: {type: text, values: [web, gold], ordered: true}
      staff: {type: boolean, description: Works for the shop}
      old_country: {type: text, deprecated: use country}
      signup: date
      last: integer
      email_ok: text
      account_id: text
  accounts:
    path: accounts.csv
    key: account_id
    columns:
      account_id: text
      plan: {type: text, values: [free, business]}
  orders:
    path: orders.csv
    columns:
      order_id: {type: integer, nullable: false}
      customer_id: integer
      ordered_at: timestamp
      amount: {type: money, currency: GBP, scale: 2, description: What was paid}
      kind: {type: text, values: [gift, own]}
customers:
  table: people
events:
  purchase: {table: orders, customer: customer_id, time: ordered_at, id: order_id, description: A paid order}
  refund: {table: orders, customer: customer_id, time: ordered_at, id: order_id}
relations:
  account: {table: accounts, column: account_id, back: users}
consents:
  columns:
    email: {state: email_ok}
  statuses: {granted: "yes", withdrawn: "no"}
"""

RULES = """\
# 🎁 what the shop sends
define big_spender "Spent well"
  as total of purchase.amount in the last 24 months >= 500 GBP

score rfm
  rank recency by days since last purchase into 5 bands, low is best

segment vip "Very 🙂 important"
  where big_spender and rfm.recency = 5 and country in ["DE", "GB"]
  consent email

segment gifts
  where did purchase as bought where (kind = "gift") then refund where (amount = bought.amount) within 7 days
    and not in segment vip
  except staff, vip
  consent email

partition reach
  stage loyal where rfm.recency = 5
  otherwise other

group apart
  exclusive vip, gifts

test "a gift"
  as of 2026-11-01
  given customer with country = "DE", staff = false
  expect not in vip
"""


def write_shop(folder: Path, **files: str) -> Path:
    """Write the project into `folder`; `files` replace or add, by name with `_` for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"segrules.toml": SETTINGS, "catalog.yaml": CATALOGUE, "rules.seg": RULES}
    contents |= {name.replace("_", "."): text for name, text in files.items()}
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder.resolve()


def state_of(folder: Path) -> State:
    """What an editor knows of the project as it is on disk."""
    return ProjectView(folder, Buffers()).state()


def with_text(folder: Path, text: str, name: str = "rules.seg") -> tuple[State, Buffers]:
    """What an editor knows where the file has another text that is not saved."""
    buffers = Buffers()
    buffers.put(Buffer(folder / name, (folder / name).as_uri(), text))
    return ProjectView(folder, buffers).state(), buffers


def caret(text: str) -> tuple[str, int, int]:
    """Text without its mark `¦`, with the line and column of the mark."""
    before, found, after = text.partition("¦")
    assert found
    return before + after, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def at_caret(text: str, path: str = "new.seg") -> tuple[Source, int, int]:
    """The same as a source."""
    plain, line, column = caret(text)
    return Source(path, plain), line, column
