"""Rules and catalogues shown in the documentation, read the way a project's own are."""

from dataclasses import replace
from pathlib import Path

from segrules.diagnostics.finding import Finding, Severity
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.nodes import Block as RuleBlock
from segrules.syntax.nodes import File, TestBlock
from segrules.syntax.parse import parse_expression, parse_file
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import rule_files
from segrules.workspace.lists import ListReader
from segrules.workspace.project import read_project
from tests.docs.blocks import Block


def problems_of_catalogue(block: Block) -> list[str]:
    """Errors in a catalogue that stands on a page as a whole."""
    _, findings = read_catalogue(Source(block.page, block.text))
    return _errors(findings)


def problems_of_rules(block: Block, folder: Path) -> list[str]:
    """Errors in rules, or, for a block that is wrong on purpose, the lack of the finding that it names."""
    if block.words[:1] == ("expression",):
        return [problem for line in block.text.splitlines() for problem in _of_expression(line, block, folder)]
    text = f"segment shown_here\n{block.text}" if block.words[:1] == ("clauses",) else block.text
    findings = _findings(text, block, folder)
    if block.words[:1] == ("wrong",):
        found = {finding.code.number for finding in findings}
        return [f"does not give {code} but {sorted(found)}" for code in block.words[1:] if code not in found]
    return _errors(findings)


def _of_expression(line: str, block: Block, folder: Path) -> list[str]:
    code = line.partition(" #")[0].strip()
    if not code or code.startswith("#"):
        return []
    if "project" not in block.instructions:
        _, findings = parse_expression(code, Span(block.page, block.line, 1, block.line, 1))
        return _errors(findings)
    return _errors(_findings(f"define shown_here as {code}\n", block, folder))


def _findings(text: str, block: Block, folder: Path) -> list[Finding]:
    shown, findings = parse_file(Source(block.page, text))
    if "project" not in block.instructions:
        return findings
    root = folder / block.instructions["project"]
    project, wrong, _ = read_project(root)
    assert project is not None, wrong
    catalogue, wrong = read_catalogue(_source(root / project.catalogue))
    assert catalogue is not None, wrong
    paths, wrong = rule_files(root, project.rules)
    assert not wrong, wrong
    others = [_without(parse_file(_source(path))[0], {_name(rule) for rule in shown.blocks}) for path in paths]
    _, bound = bind([*others, shown], catalogue, ListReader(root))
    # What the page replaced may be missed elsewhere in the project; only the page is looked at here.
    return findings + [finding for finding in bound if finding.span is None or finding.span.path == block.page]


def _without(file: File, names: set[str | None]) -> File:
    return replace(file, blocks=tuple(rule for rule in file.blocks if _name(rule) not in names))


def _name(rule: RuleBlock) -> str | None:
    return None if isinstance(rule, TestBlock) else rule.name.text


def _source(path: Path) -> Source:
    return Source(path.as_posix(), path.read_text(encoding="utf-8"))


def _errors(findings: list[Finding]) -> list[str]:
    return [
        f"{finding.code}: {finding.message} (line {finding.span.line if finding.span else '-'} of the block)"
        for finding in findings
        if finding.severity is Severity.ERROR
    ]
