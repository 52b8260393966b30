"""A report into the workflow commands by which GitHub Actions annotates lines of a pull request."""

from collections.abc import Iterable, Iterator, Sequence

from segrules.cli.formats.concise import concise_line
from segrules.cli.formats.report import Refusal, Report, by_weight, full_lines
from segrules.diagnostics.finding import Finding, Severity
from segrules.diagnostics.render import printable, summary_line

SHOWN = 10
"""So many annotations of each level GitHub shows for one step; what comes after them is dropped."""

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """Commands for the weightiest findings, the others as lines of the log, then how many there are."""
    left = dict.fromkeys(Severity, SHOWN)
    lines: list[str] = []
    if report.refusal is not None:
        lines.append(_refusal(report.refusal))
        left[Severity.ERROR] -= 1
    others: list[Finding] = []
    for item in by_weight(report.findings):
        if left[item.severity]:
            left[item.severity] -= 1
            lines.append(_command(item))
        else:
            others.append(item)
    lines += _rest(others)
    if report.refusal is None or report.findings:
        lines.append(summary_line(report.findings))
    if report.told is not None:
        lines.append(printable(report.told))
    return "\n".join((*lines, ""))


def _refusal(refusal: Refusal) -> str:
    told = [refusal.message, *([f"help: {refusal.help}"] if refusal.help else [])]
    return f"::error title=segrules::{_data(told)}"


def _command(item: Finding) -> str:
    properties = {**_place(item), "title": f"{item.code.number} {item.code.name}"}
    told = ",".join(f"{name}={printable(value).translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{_LEVEL[item.severity]} {told}::{_data(full_lines(item))}"


def _place(item: Finding) -> dict[str, str]:
    span = item.span
    if span is None:
        return {}
    if span.end_line == span.line:
        columns = {"col": str(span.column), "endColumn": str(span.end_column - 1)}
        return {"file": span.path, "line": str(span.line), "endLine": str(span.line), **columns}
    # Columns are refused where there are several lines; a place that ends before the first character of a line
    # does not reach it.
    last = span.end_line - (span.end_column == 1)
    return {"file": span.path, "line": str(span.line), "endLine": str(last)}


def _data(lines: Iterable[str]) -> str:
    return "\n".join(printable(line) for line in lines).translate(_DATA)


def _rest(items: Sequence[Finding]) -> Iterator[str]:
    """A group of the log that is folded; no line of it may be taken for a command, in the old form `##[` either."""
    if items:
        yield f"::group::{len(items):,} more not annotated: {summary_line(items)}"
        for item in items:
            yield f"- {concise_line(item)}".replace("##[", "## [")
        yield "::endgroup::"
