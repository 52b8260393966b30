"""Reading, checking and explaining rules loads no heavy library: editors and commit hooks wait for it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"duckdb", "numpy", "pandas", "polars", "pyarrow", "z3"}

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: customer_id
    columns:
      customer_id: {type: integer, nullable: false}
      country: {type: text, values: [GB, IE, NO]}
      nickname: text
      signup: date
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
    where: amount > 0 GBP
"""

RULES = """\
define big_spender
  as total of purchase.amount in the last 24 months >= 500 GBP

score recent
  rank recency by days since last purchase into 5 bands, low is best

segment win_back "Lapsed big spenders"
  where last purchase was more than 180 days ago
    and big_spender
    and country in ["IE", "GB"]
    and nickname matches "^A.*"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a pattern, money, events and a score; it has no data at all."""
    (tmp_path / "segrules.toml").write_text('language = 1\ncatalogue = "catalog.yaml"\n', encoding="utf-8")
    (tmp_path / "catalog.yaml").write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "rules.seg").write_text(RULES, encoding="utf-8")
    return tmp_path


def loaded_by(code: str, project: Path) -> set[str]:
    """Top-level names of all modules that a fresh Python holds after running the code, which must succeed."""
    (loaded,) = loaded_by_each([code], project)
    return loaded


def loaded_by_each(codes: Sequence[str], project: Path) -> list[set[str]]:
    """The same after each of several codes, which run one after the other in one Python."""
    report = project / "modules.json"
    script = f"""
import json, sys
loaded = []
for code in {list(codes)!r}:
    try:
        exec(code, {{}})
    except SystemExit as end:
        assert not end.code, end.code
    loaded.append(sorted({{name.partition(".")[0] for name in sys.modules}}))
with open({str(report)!r}, "w", encoding="utf-8") as file:
    json.dump(loaded, file)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [set(names) for names in json.loads(report.read_text(encoding="utf-8"))]


def command(*arguments: str) -> str:
    return f"from segrules.cli.main import main\nmain({list(arguments)!r})"


LIGHT = {
    "import": "import segrules",
    "version": command("--version"),
    "help": command("--help"),
    "help of run": command("run", "--help"),
    "check": command("check", ".", "--no-prove"),
    "check as json": command("check", ".", "--no-prove", "--output-format", "json"),
    "check for GitHub": command("check", ".", "--no-prove", "--output-format", "github"),
    "check as SARIF": command("check", ".", "--no-prove", "--output-format", "sarif", "--output-file", "x"),
    "show": command("show", ".", "win_back"),
    "finding": command("finding", "SEG201"),
    "fmt": command("fmt", "."),
    "load": "import segrules\nrules = segrules.load('.')",
    "python": "import segrules\nrules = segrules.load('.')\nrules.check()\nrules.show('win_back')",
    "show of one": "import segrules\nsegrules.load('.')['win_back'].show()",
    "error": "import segrules\ntry:\n    segrules.load('x')\nexcept segrules.BadInput: pass",
    "request": "from segrules.evaluation.request import Request",
}
"""What loads no heavy library, by what it is."""


def test_no_heavy_library_is_loaded(project: Path) -> None:
    """All in one Python: what one of them loads stands in the list of all that come after it, too."""
    loaded = loaded_by_each([*LIGHT.values()], project)
    assert {what: sorted(names & HEAVY) for what, names in zip(LIGHT, loaded, strict=True) if names & HEAVY} == {}


@pytest.mark.parametrize("code", [command("fmt", "."), "import segrules\nsegrules.format_text('segment a')"])
def test_laying_out_rules_loads_neither_parser_nor_models(code: str, project: Path) -> None:
    assert loaded_by(code, project) & {*HEAVY, "lark", "pydantic", "rich", "ruamel"} == set()


def test_a_plan_is_made_without_the_library_of_tables(project: Path) -> None:
    assert loaded_by(command("plan", "."), project) & HEAVY <= {"numpy"}


def test_a_run_loads_numpy_and_pyarrow(project: Path) -> None:
    (project / "people.csv").write_text("customer_id,country,nickname,signup\n1,GB,Al,2020-01-01\n", encoding="utf-8")
    (project / "orders.csv").write_text(
        "order_id,customer_id,ordered_at,amount\na,1,2020-02-01 10:00:00,500.00\n", encoding="utf-8"
    )
    loaded = loaded_by(command("run", ".", "--as-of", "2021-01-01", "--out", "out"), project) & HEAVY
    # pyarrow itself looks for pandas where it makes arrays.
    assert loaded - {"pandas"} == {"numpy", "pyarrow"}


def test_importing_segrules_loads_neither_parser_nor_models(project: Path) -> None:
    assert loaded_by("import segrules", project) & {"lark", "pydantic", "ruamel", "rich", "click"} == set()


def test_the_test_would_notice_a_heavy_library(project: Path) -> None:
    assert loaded_by("import numpy", project) & HEAVY == {"numpy"}
    assert loaded_by("import pyarrow.compute", project) & HEAVY >= {"pyarrow"}
