"""A report into the JSON that GitLab shows as code quality beside the lines of a merge request."""

import json
from collections import Counter
from typing import Any

from segrules.cli.formats.fingerprint import digest
from segrules.cli.formats.report import Refusal, Report, detail_lines
from segrules.diagnostics.finding import Finding, Severity
from segrules.diagnostics.render import printable

_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """A list with an entry for each finding; one that has no place stands at the project's own file."""
    seen: Counter[tuple[str, ...]] = Counter()
    entries = [_entry(item, report, seen) for item in report.findings]
    if report.refusal is not None:
        entries.append(_refusal(report.refusal, report.home))
    return json.dumps(entries, indent=2) + "\n"


def _entry(item: Finding, report: Report, seen: Counter[tuple[str, ...]]) -> dict[str, Any]:
    place = report.place(item)
    line = report.line(place)
    # Neither the number of the line nor the wording takes part, so that the entry stays the same when the line moves.
    key = (item.code.number, place.path, item.message if line is None else line.strip())
    seen[key] += 1
    return {
        "description": "; ".join((f"{item.code.name}: {printable(item.message)}", *list(detail_lines(item))[1:])),
        "check_name": item.code.number,
        "fingerprint": digest(*key, str(seen[key])),
        "severity": _SEVERITY[item.severity],
        "location": {"path": printable(place.path), "lines": {"begin": place.line, "end": place.end_line}},
    }


def _refusal(refusal: Refusal, path: str) -> dict[str, Any]:
    return {
        "description": printable(refusal.message + (f"; help: {refusal.help}" if refusal.help else "")),
        "check_name": "segrules",
        "fingerprint": digest("segrules", path, refusal.message),
        "severity": "blocker",
        "location": {"path": printable(path), "lines": {"begin": 1}},
    }
