"""A report into SARIF 2.1.0, with all that GitHub's code scanning asks for beyond the schema.

Places are regions of code points whose ends are exclusive, in files whose paths start at the root of the repository.
"""

import json
import posixpath
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from segrules import __version__
from segrules.cli.formats.fingerprint import digest, line_hashes
from segrules.cli.formats.pages import kind_of
from segrules.cli.formats.report import Report, by_weight, full_lines
from segrules.diagnostics.finding import Code, Finding, Related, Severity, in_order
from segrules.diagnostics.render import printable
from segrules.text.span import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
"""The address by which GitHub's own tools name the schema."""

MOST = 25_000
"""So many results GitHub takes; a file with more is refused whole."""

_ROOT = "%SRCROOT%"
_WEIGHT = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}


def render(report: Report) -> str:
    """One run with the rules that were broken and a result for each finding; of too many the weightiest."""
    kept = in_order(by_weight(report.findings)[:MOST])
    codes = sorted({item.code for item in kept}, key=lambda code: (code.number, code.name))
    index = {code: number for number, code in enumerate(codes)}
    hashes = _Hashes(report)
    run = {
        "tool": {
            "driver": {
                "name": "segrules",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in codes],
            }
        },
        "automationDetails": {"id": f"{posixpath.join('segrules', report.command, report.project)}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "the root of the repository"}}},
        "invocations": [_invocation(report)],
        "results": [_result(item, report, index[item.code], hashes) for item in kept],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _invocation(report: Report) -> dict[str, Any]:
    refusal = report.refusal
    hidden = len(report.findings) - MOST
    told = []
    if refusal is not None:
        text = refusal.message + (f"; help: {refusal.help}" if refusal.help else "")
        told.append({"level": "error", "message": {"text": printable(text)}})
    if hidden > 0:
        told.append({"level": "warning", "message": {"text": f"{hidden:,} more findings are left out"}})
    return {"executionSuccessful": refusal is None, **({"toolExecutionNotifications": told} if told else {})}


def _rule(code: Code) -> dict[str, Any]:
    kind = kind_of(code)
    return {
        "id": code.number,
        "name": "".join(word.capitalize() for word in code.name.split("-")),
        "shortDescription": {"text": kind.short},
        "fullDescription": {"text": kind.full},
        "help": {"text": kind.page, "markdown": kind.page},
        "defaultConfiguration": {"level": code.severity.value},
        "properties": {
            "precision": "very-high",
            "problem.severity": _WEIGHT[code.severity],
            "tags": ["segrules", code.name],
        },
    }


def _result(item: Finding, report: Report, rule: int, hashes: "_Hashes") -> dict[str, Any]:
    place = report.place(item)
    result: dict[str, Any] = {
        "ruleId": item.code.number,
        "ruleIndex": rule,
        "level": item.severity.value,
        "message": {"text": _message(item)},
        "locations": [{"physicalLocation": _physical(place)}],
        "partialFingerprints": {"primaryLocationLineHash": hashes.of(item, place)},
    }
    if item.related:
        result["relatedLocations"] = [_related(number, other) for number, other in enumerate(item.related, 1)]
    return result


def _message(item: Finding) -> str:
    """The details, and for each related place a link to it; nothing that users wrote may become a link."""
    lines = [line.replace("](", "] (") for line in full_lines(item)]
    lines += [f"[{_link_text(other)}]({number})" for number, other in enumerate(item.related, 1)]
    return "\n".join(lines)


def _link_text(related: Related) -> str:
    return printable(related.message).replace("[", "(").replace("]", ")")


def _related(number: int, related: Related) -> dict[str, Any]:
    return {
        "id": number,
        "physicalLocation": _physical(related.span),
        "message": {"text": printable(related.message).replace("](", "] (")},
    }


def _physical(span: Span) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": quote(span.path.encode("utf-8", "surrogatepass"), safe="/"), "uriBaseId": _ROOT},
        "region": {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        },
    }


class _Hashes:
    """Fingerprints of lines; each file is gone through once."""

    def __init__(self, report: Report) -> None:
        self._sources = report.sources
        self._by_path: dict[str, Sequence[str]] = {}

    def of(self, item: Finding, place: Span) -> str:
        path = place.path
        if path not in self._by_path:
            source = self._sources.get(path)
            self._by_path[path] = () if source is None else line_hashes(source.text)
        lines = self._by_path[path]
        if place.line <= len(lines):
            return lines[place.line - 1]
        return f"{digest(path, item.code.number, item.message)[:16]}:1"
