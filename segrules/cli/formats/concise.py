"""A report into lines that editors and `grep` understand: `path:line:column: SEG201 error message`."""

from segrules.cli.formats.report import Report
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.render import printable


def render(report: Report) -> str:
    """One line for each finding, by place; nothing where there is none."""
    return "".join(f"{concise_line(item)}\n" for item in report.findings)


def concise_line(item: Finding) -> str:
    """The finding on one line."""
    place = "" if item.span is None else f"{printable(str(item.span))}: "
    return f"{place}{item.code.number} {item.severity.value} {printable(item.message)}"
