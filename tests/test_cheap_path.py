"""Reading, checking and explaining rules loads no heavy library: editors and commit hooks wait for it."""

import json
import os
import subprocess
import sys
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
    report = project / "modules.json"
    script = f"""
import json, sys
try:
    {code.replace(chr(10), chr(10) + "    ")}
except SystemExit as end:
    assert not end.code, end.code
with open({str(report)!r}, "w", encoding="utf-8") as file:
    json.dump(sorted({{name.partition(".")[0] for name in sys.modules}}), file)
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
    return set(json.loads(report.read_text(encoding="utf-8")))


def command(*arguments: str) -> str:
    return f"from segrules.cli.main import main\nmain({list(arguments)!r})"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("import segrules", id="import"),
        pytest.param(command("--version"), id="version"),
        pytest.param(command("--help"), id="help"),
        pytest.param(command("run", "--help"), id="help of run"),
        pytest.param(command("check", ".", "--no-prove"), id="check"),
        pytest.param(command("check", ".", "--no-prove", "--output-format", "json"), id="check as json"),
        pytest.param(command("check", ".", "--no-prove", "--output-format", "github"), id="check for GitHub"),
        pytest.param(
            command("check", ".", "--no-prove", "--output-format", "sarif", "--output-file", "x"), id="check as SARIF"
        ),
        pytest.param(command("show", ".", "win_back"), id="show"),
        pytest.param(command("finding", "SEG201"), id="finding"),
        pytest.param(command("fmt", "."), id="fmt"),
        pytest.param("import segrules\nrules = segrules.load('.')", id="load"),
        pytest.param("import segrules\nrules = segrules.load('.')\nrules.check()\nrules.show('win_back')", id="python"),
        pytest.param("import segrules\nsegrules.load('.')['win_back'].show()", id="show of one"),
        pytest.param("import segrules\ntry:\n    segrules.load('x')\nexcept segrules.BadInput: pass", id="error"),
        pytest.param("from segrules.evaluation.request import Request", id="request"),
    ],
)
def test_no_heavy_library_is_loaded_by(code: str, project: Path) -> None:
    assert loaded_by(code, project) & HEAVY == set()


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
