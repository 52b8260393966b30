"""A small project with labels, packs, policies and every way of reading, whose assessments are written down.

`python -m tests.assessment.shop` writes the expected files in `golden/` anew, to be read as a diff.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import segrules
from segrules.diagnostics.finding import Finding

GOLDEN = Path(__file__).parent / "golden"
DAY = "2026-11-22"
FOLDER = "assessments"

SETTINGS = """\
language = 1
assessments = "assessments"

[packs]
cpra = "on"
"""

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false, labels: {identifiability: identifier}}
      postcode: {type: text, labels: {category: postal_code, proxy_for: [race_ethnicity]}}
      birth_date: {type: date, labels: {category: age}}
      age: {derive: years since birth_date}
      income: {type: integer, labels: {category: financial_status, origin: inferred}}
      nickname: {type: text, column: nick}
      email_ok: boolean
      sms_ok: boolean
      staff: boolean
  orders:
    path: orders.csv
    columns:
      order_id: {type: text, nullable: false}
      customer_id: integer
      ordered_at: timestamp
      department: {type: text, value_labels: {pharmacy: {category: health}}}
  robinson:
    path: robinson.csv
    columns: {customer_id: {type: integer, nullable: false}}
customers:
  table: people
events:
  purchase: {table: orders, customer: customer_id, time: ordered_at, id: order_id}
suppressions:
  robinson_list: {table: robinson, customer: customer_id}
consents:
  columns:
    email: {state: email_ok}
    sms: {state: sms_ok}
"""

RULES = """\
ruleset spring
  owner   "crm@shop.example"
  purpose email_marketing
  channel email
  except  staff
  cap     email require did purchase at most 9 times in the last 7 days

define remedies
  as did purchase where (department = "pharmacy") in the last 90 days

segment regulars "Comes back | often"
  describe  "Repeat buyers of remedies, <b>whom</b> we remind."
  channel   email, sms
  where     remedies
        and did purchase at least 3 times in the last 90 days
        and postcode in list "near.csv"
  eligible  age >= 18
  consent   email or sms
  size      at least 100
  justified "They asked to be reminded of refills" by "dpo@shop.example" until 2099-12-31
  review    by 2099-06-30

segment shoes "Shoes"
  where   did purchase where (department = "shoes") in the last 30 days
  consent email

policy adults_only "Adults only"
  applies to all segments
  require age >= 18

policy no_income "Nothing about money"
  applies to all segments
  forbid reading financial_status, proxy
"""

FILES = {"segrules.toml": SETTINGS, "catalog.yaml": CATALOGUE, "rules.seg": RULES, "near.csv": "E1\nE2\n"}

DATA = {
    "people.csv": "customer_id,postcode,birth_date,income,nick,email_ok,sms_ok,staff\n"
    + "".join(f"{number},E1,1980-01-01,,,true,true,false\n" for number in range(1, 41)),
    "orders.csv": "order_id,customer_id,ordered_at,department\n"
    + "".join(
        f"{number}-{nth},{number},2026-11-10 10:00:00,{department}\n"
        for number in range(1, 31)
        for nth, department in enumerate(("pharmacy", "pharmacy", "shoes" if number < 6 else "books"))
    ),
    "robinson.csv": "customer_id\n1\n",
}


def write(folder: Path, **changes: str) -> Path:
    """Write the project into a new folder; `changes` replace files, by name with `_` for the dot."""
    folder.mkdir(parents=True)
    for name, text in (FILES | {name.replace("_", "."): text for name, text in changes.items()}).items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def change(folder: Path, file: str, before: str, after: str) -> None:
    """Replace a piece of a file that stands in it once."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, (file, before)
    path.write_text(text.replace(before, after), encoding="utf-8", newline="")


def about(folder: Path, day: str = DAY) -> list[Finding]:
    """What a check says of assessments."""
    return [item for item in segrules.load(folder).check(day) if item.code.number.startswith("SEG37")]


def said(folder: Path, day: str = DAY) -> list[str]:
    """The same as number, severity and message."""
    return [f"{item.code.number} {item.severity}: {item.message}" for item in about(folder, day)]


def sign(folder: Path, line: str, segment: str = "regulars") -> None:
    """Add a line to the decisions about a segment."""
    path = folder / FOLDER / f"{segment}.decision.md"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8", newline="")


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        root = write(Path(made) / "shop")
        segrules.load(root).assess(on=DAY)
        shutil.rmtree(GOLDEN, ignore_errors=True)
        shutil.copytree(root / FOLDER, GOLDEN)
