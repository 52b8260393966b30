"""A report into Markdown, for a comment on a pull request or the summary of a step."""

import re

from segrules.cli.formats.report import EVIDENCE, Report, by_weight, detail_lines, evidence_lines
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.render import excerpt, summary_line
from segrules.text.span import Span
from segrules.workspace.markdown import code, prose

COMMENT = 60_000
"""Bytes of a comment, somewhat fewer than GitHub takes."""
SUMMARY = 1_000_000
"""Bytes of the summary of one step, somewhat fewer than GitHub takes."""

_ROOM = 200
"""Bytes for the line that says how much is left out."""
_TICKS = re.compile(r"`+")


def render(report: Report, limit: int = COMMENT) -> str:
    """Errors first, each finding with its line of the file; as many as fit in `limit` bytes, and how many do not."""
    text = _head(report)
    size = len(text.encode())
    items = by_weight(report.findings)
    for number, item in enumerate(items):
        part = _item(item, report)
        size += len(part.encode())
        if size > limit - _ROOM:
            return f"{text}\n{len(items) - number:,} more are not shown here.\n"
        text += part
    return text


def _head(report: Report) -> str:
    where = f" in {code(report.project)}" if report.project else ""
    lines = [f"### segrules {report.command}{where}: {'' if report.refusal else summary_line(report.findings)}"]
    if report.refusal is not None:
        lines[0] += "could not be done"
        lines += ["", *(f"{prose(line)}  " for line in (report.refusal.message, report.refusal.help) if line)]
    if report.told is not None:
        lines += ["", prose(report.told)]
    return "\n".join((*lines, ""))


def _item(item: Finding, report: Report) -> str:
    place = "" if item.span is None else f" {code(_place(item.span))}"
    message, *others = detail_lines(item)
    lines = [f"**{item.severity.value}**{place} {item.code.number} {prose(item.code.name)}: {prose(message)}"]
    lines += [f"<br>{prose(line)}" for line in others]
    lines += [f"<br>{code(_place(other.span))}: {prose(other.message)}" for other in item.related]
    shown = "".join(piece.text for piece in excerpt(item.span, report.sources, ""))
    if shown:
        lines += ["", *_block("text", shown.rstrip("\n"))]
    customer = "\n".join(evidence_lines(item))
    if customer:
        lines += ["", EVIDENCE, "", *_block("seg", customer)]
    # An item of a list: what belongs to it stands below its first letter.
    return "\n- " + "\n".join(lines).replace("\n", "\n  ").replace("\n  \n", "\n\n") + "\n"


def _block(language: str, text: str) -> list[str]:
    fence = "`" * max([3, *(len(run) + 1 for run in _TICKS.findall(text))])
    return [f"{fence}{language}", text, fence]


def _place(span: Span) -> str:
    return f"{span.path}:{span.line}"
