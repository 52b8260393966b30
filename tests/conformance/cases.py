"""Conformance files into cases: catalogue, plain cells, typed rules and what is expected of them.

The form of the files is described in `README.md` beside this file. No engine is needed here, and no data file is read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding, has_errors
from segrules.ir.catalogue import Catalogue, Column
from segrules.ir.rules import Rules
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.types.cells import Cell, Tables
from segrules.types.types import (
    BooleanType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    ListType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    UnknownType,
)

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """One case as it stands in its file."""

    name: str
    file: str
    point: int
    as_of: str
    catalogue: str | Mapping[str, Any]
    tables: Mapping[str, list[Mapping[str, Any]]]
    lists: Mapping[str, list[str]]
    rules: str
    expect: Mapping[str, Any]


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every file, in order."""
    return tuple(case for path in sorted(HERE.glob("[0-9][0-9]_*.yaml")) for case in read_cases(path))


def read_cases(path: Path) -> list[Case]:
    """The cases of one file; anything that a case does not know is refused."""
    known = {"name", "point", "as_of", "catalogue", "tables", "lists", "rules", "expect"}
    cases = []
    for entry in load_yaml(path):
        strange = set(entry) - known
        assert not strange, f"{path.name}: {entry.get('name')}: unknown keys {sorted(strange)}"
        cases.append(
            Case(
                entry["name"],
                path.name,
                entry["point"],
                str(entry["as_of"]),
                entry["catalogue"],
                entry.get("tables", {}),
                entry.get("lists", {}),
                entry["rules"],
                entry["expect"],
            )
        )
    return cases


class _Texts(SafeConstructor):
    """Dates, timestamps and decimals stay text, so that nothing is rounded or shifted on the way."""


for _tag in ("timestamp", "float"):
    _Texts.add_constructor(f"tag:yaml.org,2002:{_tag}", _Texts.construct_scalar)


def load_yaml(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Texts
    return yaml.load(path)


# --- catalogue and rules --------------------------------------------------------------------------


def catalogue_of(case: Case) -> Catalogue:
    """The shared catalogue that a case names, with the top-level keys that the case replaces."""
    if isinstance(case.catalogue, str):
        return shared_catalogue(case.catalogue)
    changes = dict(case.catalogue)
    return shared_catalogue(str(changes.pop("base", "")), json.dumps(changes))


@cache
def shared_catalogue(base: str, changes: str = "{}") -> Catalogue:
    """The catalogue of `catalogues/BASE.yaml` with top-level keys replaced by those of `changes`, a JSON."""
    document = load_yaml(HERE / "catalogues" / f"{base}.yaml") if base else {"format": 1}
    # JSON is YAML, so a catalogue that was put together here reads like any other.
    text = json.dumps({**document, **json.loads(changes)}, indent=1)
    catalogue, findings = read_catalogue(Source(f"{base or 'inline'}.yaml", text))
    assert catalogue is not None, [f"{item.message} ({item.help})" for item in findings]
    return catalogue


def bind_rules(case: Case) -> tuple[Rules, list[Finding]]:
    """The rules of a case, typed once, and what is wrong with them."""
    place = case.file, case.name
    if place not in _BOUND:
        _BOUND[place] = bind_text(case.rules, catalogue_of(case), case.lists)
    return _BOUND[place]


_BOUND: dict[tuple[str, str], tuple[Rules, list[Finding]]] = {}


def bind_text(text: str, catalogue: Catalogue, lists: Mapping[str, list[str]]) -> tuple[Rules, list[Finding]]:
    """The text of one rule file, parsed and bound; `lists` holds the entries of list files by path."""

    def entries(path: str) -> frozenset[str] | Finding:
        if path in lists:
            return frozenset(lists[path])
        return finding(codes.BAD_LIST_FILE, f"there is no list `{path}`")

    file, findings = parse_file(Source("case.seg", text))
    rules, more = bind([file], catalogue, entries)
    return rules, [*findings, *more]


def errors(findings: list[Finding]) -> list[str]:
    """The findings that are errors, by name, with their messages."""
    return [f"{item.code.name}: {item.message}" for item in findings if has_errors([item])]


# --- cells ----------------------------------------------------------------------------------------


def tables_of(case: Case, catalogue: Catalogue) -> Tables:
    """All tables of the catalogue as columns of plain cells; what a row leaves out is null."""
    unknown = set(case.tables) - set(catalogue.tables)
    assert not unknown, f"no such tables: {sorted(unknown)}"
    return {
        name: columns_of(table.columns, case.tables.get(name, []), ZoneInfo(catalogue.zone))
        for name, table in catalogue.tables.items()
    }


def columns_of(
    columns: Mapping[str, Column], rows: Sequence[Mapping[str, Any]], zone: ZoneInfo
) -> dict[str, list[Cell]]:
    """Rows of YAML scalars into columns; derived columns are the engine's to compute."""
    stored = {name: column for name, column in columns.items() if column.derive is None}
    for row in rows:
        assert set(row) <= set(stored), f"no such columns: {sorted(set(row) - set(stored))}"
    return {name: [cell(row.get(name), column.type, zone) for row in rows] for name, column in stored.items()}


def cell(value: Any, of: Type, zone: ZoneInfo) -> Cell:
    """A YAML scalar as a plain cell of a column of type `of`; null and NaN are None."""
    if value is None:
        return None
    match of:
        case BooleanType():
            assert isinstance(value, bool)
            return value
        case IntegerType():
            assert isinstance(value, int)
            return value
        case DecimalType() | MoneyType():
            return Fraction(str(value))
        case FloatType():
            return _float(float(str(value).replace(".inf", "inf").replace(".nan", "nan")))
        case TextType():
            assert isinstance(value, str), f"{value!r} is not text"
            return value
        case DateType():
            return date.fromisoformat(str(value))
        case TimestampType():
            return instant(str(value), zone)
        case ListType():
            return tuple(value)
        case UnknownType():
            raise AssertionError("a column without a type")


def _float(value: float) -> Cell:
    if value != value:
        return None
    return value if value in (float("inf"), float("-inf")) else Fraction(value)


def instant(text: str, zone: ZoneInfo) -> datetime:
    """A timestamp in UTC; without an offset it is local time of `zone`, a day alone is that day's first instant.

    Of two equal local times the first is meant.
    """
    if len(text) == 10:
        return datetime.combine(date.fromisoformat(text), time(), zone).astimezone(UTC)
    read = datetime.fromisoformat(text)
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
