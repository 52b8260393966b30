"""Wrong catalogues as data: Markdown pages with a catalogue and the findings that it deserves.

A page's block before the first heading holds what a case leaves out: each of its keys is added below a case that
does not have it. `python -m tests.schema.cases` writes the findings of all pages anew, to be read as a diff.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from segrules.diagnostics.finding import Finding, in_order
from segrules.schema.check import check
from segrules.schema.load import load
from segrules.schema.report import Report
from segrules.semantics.catalogue import read_catalogue
from segrules.text.source import Source

Judge = Callable[[str], Iterable[Finding]]

_CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n(?P<prose>[^`]*?)```yaml\n(?P<text>.*?)```\n\n```text\n(?P<expected>.*?)```\n", re.M | re.S
)
_BLOCK = re.compile(r"^\w.*\n(?:(?!\w).*\n)*", re.M)


@dataclass(frozen=True, slots=True)
class Case:
    """One catalogue of a page, completed from the page's first block."""

    title: str
    text: str
    expected: str


def cases(page: Path) -> list[Case]:
    """The cases of a page, in order."""
    markdown = page.read_text(encoding="utf-8")
    base = _base(markdown)
    return [Case(m["title"], _complete(m["text"], base), m["expected"]) for m in _CASE.finditer(markdown)]


def shown(findings: Iterable[Finding]) -> str:
    """Findings as pages show them: place, code and message, below it the help and related places."""
    lines = []
    for item in in_order(findings):
        place = f"{item.span.line}:{item.span.column}" if item.span else "-"
        lines.append(f"{place} {item.code.number} {item.message}\n")
        lines += [f"    {related.span.line}:{related.span.column} {related.message}\n" for related in item.related]
        lines += [f"    help: {item.help}\n"] if item.help else []
    return "".join(lines)


def shape(text: str) -> list[Finding]:
    """Findings about keys and values alone."""
    document, findings = load(Source("catalog.yaml", text))
    if document is None:
        return findings
    report = Report(document)
    check(report)
    return [*findings, *report.findings]


def whole(text: str) -> list[Finding]:
    """All findings."""
    return read_catalogue(Source("catalog.yaml", text))[1]


HERE = Path(__file__).parent
PAGES: dict[Path, Judge] = {
    HERE / "wrong_keys.md": shape,
    HERE.parent / "semantics" / "wrong_catalogues.md": whole,
}


def _base(markdown: str) -> dict[str, str]:
    head = markdown.split("\n## ", 1)[0]
    block = re.search(r"```yaml\n(.*?)```", head, re.S)
    return {part.split(":")[0]: part for part in _BLOCK.findall(block[1])} if block else {}


def _complete(text: str, base: dict[str, str]) -> str:
    return text + "".join(part for key, part in base.items() if not re.search(rf"^{key}:", text, re.M))


def _rewrite(page: Path, judge: Judge) -> None:
    markdown = page.read_text(encoding="utf-8")
    base = _base(markdown)

    def anew(match: re.Match[str]) -> str:
        found = shown(judge(_complete(match["text"], base)))
        start, end = match.span("expected")
        return match[0][: start - match.start()] + found + match[0][end - match.start() :]

    page.write_text(_CASE.sub(anew, markdown), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for page, judge in PAGES.items():
        _rewrite(page, judge)
