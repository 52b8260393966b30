"""`segrules.toml` into the settings of a project."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from segrules.diagnostics.codes import BAD_PROJECT_FILE, NEWER_LANGUAGE
from segrules.diagnostics.finding import Finding, Severity, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.settings import OptionValue
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.checks import levels_of, options_of, wrong_checks
from segrules.workspace.files import Reader, file_span, read_text
from segrules.workspace.packs import wrong_packs

NAME = "segrules.toml"
LANGUAGE = 1
"""The newest version of the language that this package knows."""

SMALLEST = 'language = 1\ncatalogue = "catalog.yaml"'


class _Settings(BaseModel):
    """The keys of `segrules.toml`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    language: int
    catalogue: str = "catalog.yaml"
    rules: list[str] = ["."]
    data: dict[str, str] = {}
    checks: dict[str, Any] = {}
    retired: list[str] = []
    packs: dict[str, str] = {}
    assessments: str | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a project.

    `catalogue`, `rules` and the paths in `data` (by table, replacing those of the catalogue) are relative to `root`.
    `levels` says for the names of codes how much their findings weigh; None switches them off. `options` are those of
    checks, by the names of their codes. `retired` are names of segments and partitions that are not to come back.
    `packs` says the levels of packs about sensitive data. `assessments` is the folder of privacy assessments, from
    `root`; where it is None they are not looked at.
    """

    root: Path
    catalogue: str = "catalog.yaml"
    rules: tuple[str, ...] = (".",)
    data: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, Severity | None] = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, OptionValue]] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    packs: Mapping[str, str] = field(default_factory=dict)
    assessments: str | None = None


def read_project(root: Path, read: Reader = read_text) -> tuple[Project | None, list[Finding], Source | None]:
    """Read the project in folder `root`: its settings (None where there are errors), findings, and the text."""
    path = root / NAME
    if not path.exists():
        return None, [_missing(root)], None
    file = read(path, NAME)
    if isinstance(file, Finding):
        return None, [file], None
    project, findings = build_project(root, file.source)
    return project, findings, file.source


def build_project(root: Path, source: Source) -> tuple[Project | None, list[Finding]]:
    """The settings that the text of `segrules.toml` gives, with everything wrong in it at once."""
    try:
        content = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax(error, source)]
    except RecursionError:
        return None, [finding(BAD_PROJECT_FILE, "lists or tables are nested too deeply", file_span(source.path))]
    except ValueError:  # Python refuses numbers of thousands of digits and days that do not exist
        message = "a number or a date is out of range"
        return None, [finding(BAD_PROJECT_FILE, message, file_span(source.path))]
    newer = _newer_language(content, source)
    if newer is not None:
        return None, [newer]
    try:
        settings = _Settings.model_validate(content)
    except ValidationError as error:
        return None, [_wrong_key(detail["loc"], detail["type"], content, source) for detail in error.errors()]
    findings = [*_wrong_values(settings, source)]
    if findings:
        return None, findings
    places = {
        key: _key_span(source, (key,)) for key in ("catalogue", "rules", "data", "checks", "retired", "assessments")
    }
    places |= {f"data.{name}": _key_span(source, ("data", name)) for name in settings.data}
    places |= {f"checks.{name}": _key_span(source, ("checks", name)) for name in settings.checks}
    return Project(
        root,
        settings.catalogue,
        tuple(settings.rules),
        settings.data,
        levels_of(settings.checks),
        places,
        options_of(settings.checks),
        tuple(settings.retired),
        settings.packs,
        settings.assessments,
    ), []


def with_levels(findings: list[Finding], levels: Mapping[str, Severity | None]) -> list[Finding]:
    """The findings with the weights of the project; those switched off, or not switched on, are left out."""
    kept = []
    for item in findings:
        level = levels.get(item.code.name, None if item.code.optional else item.severity)
        if level is not None:
            kept.append(item if level is item.severity else replace(item, severity=level))
    return kept


def _missing(root: Path) -> Finding:
    if not root.exists():
        return finding(BAD_PROJECT_FILE, f"the folder `{root}` does not exist")
    if not root.is_dir():
        return finding(BAD_PROJECT_FILE, f"`{root}` is not a folder", help="name the folder that holds `segrules.toml`")
    return finding(
        BAD_PROJECT_FILE,
        f"`{root}` has no `{NAME}`",
        help="the smallest one is two lines: " + " and ".join(f"`{line}`" for line in SMALLEST.splitlines()),
    )


def _syntax(error: tomllib.TOMLDecodeError, source: Source) -> Finding:
    """The parser tells the place in its message: `... (at line 3, column 5)` or `(at end of document)`."""
    text = str(error)
    found = re.search(r"\s*\(at line (\d+), column (\d+)\)$", text)
    line, column = (int(found[1]), int(found[2])) if found else (len(source.lines), len(source.lines[-1]) + 1)
    reason = re.sub(r"\s*\(at [^()]*\)$", "", text)
    return finding(
        BAD_PROJECT_FILE, f"not TOML: {reason[:1].lower()}{reason[1:]}", file_span(source.path, line, column)
    )


def _newer_language(content: Mapping[str, Any], source: Source) -> Finding | None:
    """Whether the file asks for a language that this version does not know; nothing else is looked at before."""
    asked = content.get("language")
    if not isinstance(asked, int) or isinstance(asked, bool) or asked <= LANGUAGE:
        return None
    return finding(
        NEWER_LANGUAGE,
        f"the project is written in language version {asked}, this segrules knows versions up to {LANGUAGE}",
        _key_span(source, ("language",)),
        help="install a newer segrules",
    )


_EXPECTED = {
    "language": "a whole number",
    "catalogue": "a path in quotes",
    "rules": 'a list of paths such as `["."]`',
    "data": "a table of paths",
    "checks": "a table of levels",
    "retired": 'a list of names such as `["old_name"]`',
    "packs": "a table of levels",
    "assessments": "the path of a folder in quotes",
}


def _wrong_key(loc: tuple[int | str, ...], kind: str, content: Mapping[str, Any], source: Source) -> Finding:
    keys = tuple(str(part) for part in loc if not isinstance(part, int))
    name = ".".join(keys)
    if kind == "missing":
        return finding(
            BAD_PROJECT_FILE,
            f"`{name}` is missing",
            file_span(source.path),
            help=f"start the file with `{name} = {LANGUAGE}`" if name == "language" else None,
        )
    span = _key_span(source, keys)
    if kind == "extra_forbidden":
        known = tuple(_Settings.model_fields)
        listed = "known are " + ", ".join(f"`{key}`" for key in known)
        return finding(BAD_PROJECT_FILE, f"unknown key `{name}`", span, help=did_you_mean(name, known) or listed)
    expected = _EXPECTED[keys[0]] if len(keys) == 1 else "text in quotes"
    return finding(BAD_PROJECT_FILE, f"`{name}` must be {expected}", span)


def _wrong_values(settings: _Settings, source: Source) -> list[Finding]:
    findings = []
    if settings.language < 1:
        span = _key_span(source, ("language",))
        findings.append(finding(BAD_PROJECT_FILE, f"there is no language version {settings.language}", span))
    if not settings.catalogue:
        findings.append(finding(BAD_PROJECT_FILE, "`catalogue` is empty", _key_span(source, ("catalogue",))))
    if settings.assessments is not None and not settings.assessments.strip("/."):
        message = "`assessments` must name a folder of its own"
        span = _key_span(source, ("assessments",))
        findings.append(finding(BAD_PROJECT_FILE, message, span, help='write `assessments = "assessments"`'))
    findings += wrong_checks(settings.checks, lambda keys: _key_span(source, keys))
    findings += wrong_packs(settings.packs, lambda keys: _key_span(source, keys))
    return findings


def _key_span(source: Source, keys: tuple[str, ...]) -> Span:
    """Where a key is written: searched in the text, since tomllib keeps no places; the file's start if not found."""
    section: tuple[str, ...] = ()
    for number, line in enumerate(source.lines, 1):
        header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
        if header:
            section = _parts(header[1])
            if section == keys:
                return Span(source.path, number, header.start(1) + 1, number, header.end(1) + 1)
            continue
        written = re.match(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=", line)
        if written and section + _parts(written[1]) == keys:
            return Span(source.path, number, written.start(1) + 1, number, written.end(1) + 1)
    return _key_span(source, keys[:-1]) if len(keys) > 1 else file_span(source.path)


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[\w-]+", dotted))
