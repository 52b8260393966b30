"""The published JSON Schema, and what it says of the catalogues in the documentation."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from segrules.schema.document import plain
from segrules.schema.load import load
from segrules.schema.models import json_schema
from segrules.text.source import Source

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
BLOCKS = re.findall(r"```yaml\n(.*?)```", (REFERENCE / "catalogue.md").read_text(encoding="utf-8"), re.DOTALL)
WHOLE = [block for block in BLOCKS if block.startswith("format:")]


def as_json(text: str) -> Any:
    document, findings = load(Source("catalog.yaml", text))
    assert document is not None
    assert findings == []
    return json.loads(json.dumps(plain(document.root), default=float))


def test_the_published_schema_is_that_of_the_models() -> None:
    published = (REFERENCE / "catalog.schema.json").read_text(encoding="utf-8")
    assert published == json_schema(), "run `make docs`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(json_schema()))


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_the_page_is_yaml(block: str) -> None:
    as_json(block)


@pytest.mark.parametrize("block", WHOLE)
def test_whole_catalogues_of_the_page_satisfy_the_schema(block: str) -> None:
    jsonschema.validate(as_json(block), json.loads(json_schema()))


@pytest.mark.parametrize(
    "text",
    [
        "time_zone: UTC",
        "format: 2\ntime_zone: UTC\ntables: {}\ncustomers: {}",
        "format: 1\ntime_zone: UTC\ntables: {a: {path: x, columns: {b: integr}}}\ncustomers: {}",
        "format: 1\ntime_zone: UTC\ntables: {a: {path: x, columns: {b: {type: text, valeus: [a]}}}}\ncustomers: {}",
    ],
)
def test_the_schema_refuses_what_the_models_refuse(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(as_json(text), json.loads(json_schema()))


def test_the_page_names_every_key() -> None:
    page = (REFERENCE / "catalogue.md").read_text(encoding="utf-8")
    schema = json.loads(json_schema())
    parts = [schema, *schema["$defs"].values()]
    blocks = [option for part in parts for option in (part, *part.get("anyOf", [])) if "properties" in option]
    keys = {key for block in blocks for key in block["properties"]}
    assert {key for key in keys if not re.search(rf"`{key}`|\b{key}:", page)} == set()
