"""A small project with data, and the command line run over it in a process of its own or in this one."""

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.within import segrules_within

ROOT = Path(__file__).parents[2]

PROJECT = 'language = 1\ncatalogue = "catalog.yaml"\n'

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      country: {type: text, values: [GB, IE, "NO"]}
      age: integer
  orders:
    path: orders.csv
    columns:
      order_id: {type: text, nullable: false}
      customer_id: integer
      ordered_at: {type: timestamp, zone: Europe/London}
      amount: {type: money, currency: GBP, scale: 2}
customers:
  table: people
events:
  purchase:
    table: orders
    customer: customer_id
    time: ordered_at
    id: order_id
"""

RULES = """\
define buyer "Bought at all"
  as did purchase

segment british "From Great Britain"
  where country = "GB"

segment big "Spent a lot"
  where total of purchase.amount in the last 12 months >= 100 GBP
  size at least 1, at most 50%

segment trial "Being tried"
  status draft
  where country = "NO"

partition reach "Who buys"
  stage lately where did purchase in the last 30 days
  stage once where buyer
  otherwise never
"""

PEOPLE = "customer_id,country,age\n10,GB,30\n2,GB,\n3,IE,17\n4,NO,50\n"

ORDERS = """\
order_id,customer_id,ordered_at,amount
a,10,2026-10-20 10:00:00,60.00
b,10,2026-09-20 10:00:00,45.50
c,3,2025-01-20 10:00:00,500.00
d,,2026-10-20 10:00:00,5.00
e,77,2026-10-20 10:00:00,5.00
"""


def write_project(folder: Path, *, rules: str = RULES, **files: str) -> Path:
    """Write the project into the new `folder`; `files` replace what stands there, by name with `_` for the dot."""
    folder.mkdir(parents=True)
    contents = {
        "segrules.toml": PROJECT,
        "catalog.yaml": CATALOGUE,
        "rules.seg": rules,
        "people.csv": PEOPLE,
        "orders.csv": ORDERS,
    }
    contents |= {name.replace("_", "."): text for name, text in files.items()}
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def segrules(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line, with its output as text."""
    return segrules_within(arguments, cwd)


def segrules_apart(
    *arguments: str | Path, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in a fresh process, with its output as text."""
    return subprocess.run(
        [sys.executable, "-c", "from segrules.cli.main import main; main()", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environment,
        capture_output=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        check=False,
    )
