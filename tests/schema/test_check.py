"""Wrong keys and values: where they stand, what is said, and that all of it is said at once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from segrules.schema.check import check
from segrules.schema.load import load
from segrules.schema.models import CatalogueModel
from segrules.schema.report import Report
from segrules.text.source import Source
from tests.schema.cases import Case, cases, shape, shown

HEAD = "format: 1\ntime_zone: UTC\n"


def checked(text: str) -> tuple[CatalogueModel | None, str]:
    document, findings = load(Source("catalog.yaml", text))
    assert document is not None
    report = Report(document)
    return check(report), shown([*findings, *report.findings])


PAGE = Path(__file__).parent / "wrong_keys.md"


@pytest.mark.parametrize("case", cases(PAGE), ids=lambda case: case.title)
def test_wrong_keys_and_values(case: Case) -> None:
    assert shown(shape(case.text)) == case.expected


def test_everything_wrong_is_reported_at_once_and_the_rest_is_kept() -> None:
    model, said = checked(
        """\
format: 1
time_zone: 3
tables:
  broken: {path: [x], columns: {a: integer}}
  lines:
    path: lines.csv
    csv: {delimiter: ";;", nulls: [NA]}
    columns: {a: {type: integer, scale: x}, b: txt, c: date}
events: {e: {table: lines, customer: a}}
"""
    )
    places = re.findall(r"^\d+:\d+", said, re.MULTILINE)
    assert places == ["2:12", "4:18", "7:22", "8:41", "8:48", "9:10"]
    assert model is not None
    assert list(model.tables) == ["lines"]
    assert list(model.tables["lines"].columns) == ["a", "c"]
    assert model.tables["lines"].csv is not None
    assert model.tables["lines"].csv.nulls == ["NA"]


def test_short_forms_stand_for_blocks() -> None:
    model, said = checked(
        HEAD
        + """\
tables: {a: {path: x, columns: {b: integer, c: {type: integer}}}}
customers:
  derive: {table: a, key: b, time: c, order_by: b, attributes: {d: only, e: {column: b, choose: most frequent}}}
"""
    )
    assert said == ""
    assert model is not None
    columns = model.tables["a"].columns
    assert columns["b"].type == columns["c"].type == "integer"
    assert model.customers is not None
    assert model.customers.derive is not None
    assert model.customers.derive.order_by == ["b"]
    assert {name: chosen.choose for name, chosen in model.customers.derive.attributes.items()} == {
        "d": "only",
        "e": "most frequent",
    }


def test_no_message_speaks_of_the_machinery() -> None:
    page = PAGE.read_text(encoding="utf-8").casefold()
    assert not re.search(r"pydantic|model|dict|\bstr\b|\bbool\b|input|valid", page)


def test_the_package_loads_neither_library_by_itself() -> None:
    code = "import segrules, segrules.schema, sys; print([m for m in ('ruamel.yaml', 'pydantic') if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
