"""What a command found, as every format reads it: findings whose places start at one folder, sorted."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from segrules.diagnostics.finding import Finding, Related, Severity, in_order
from segrules.diagnostics.render import printable
from segrules.text.source import Source
from segrules.text.span import Span

PROJECT_FILE = "segrules.toml"
"""Where tools that insist on a place show what has none."""

EVIDENCE = "this customer shows it; as a test it can be pasted into the rules:"
"""What stands before the customer who shows a finding."""

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command could not do what it was asked."""

    message: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of one command over one project.

    Paths of findings, and the keys of `sources`, start at the folder that holds everything, such as a repository;
    `project` is the path of the project in it, empty where it is that folder itself. Every place has lines and columns
    from 1 and is at least one character wide. `fail_on` is the least severity that makes the command fail, and `told`
    a line that people should read beside the findings.
    """

    command: str
    project: str
    findings: tuple[Finding, ...]
    sources: Mapping[str, Source]
    fail_on: str = "error"
    refusal: Refusal | None = None
    told: str | None = None

    @property
    def home(self) -> str:
        """The path of the project's own file: the place of what has no other."""
        return posixpath.join(self.project, PROJECT_FILE)

    def place(self, item: Finding) -> Span:
        """Where the finding is shown by a tool that insists on a place."""
        return item.span or Span(self.home, 1, 1, 1, 2)

    def line(self, span: Span) -> str | None:
        """The text of the first line of a place, None where the file is not known."""
        source = self.sources.get(span.path)
        return None if source is None else source.line(span.line)


def make_report(
    command: str,
    findings: Iterable[Finding],
    sources: Mapping[str, Source],
    *,
    project: str = "",
    anywhere: bool = False,
    fail_on: str = "error",
    refusal: Refusal | None = None,
    told: str | None = None,
) -> Report:
    """A report with places that start where `project` starts.

    A place outside that folder is told in the message instead, unless places may be `anywhere`.
    """
    moved = {_joined(project, path): source for path, source in sources.items()}
    shown = [_moved(item, project, anywhere=anywhere) for item in findings]
    return Report(command, project, in_order(shown), moved, fail_on, refusal, told)


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then warnings, then notes; each of them by place."""
    return tuple(sorted(in_order(findings), key=lambda item: _WEIGHT[item.severity]))


def detail_lines(item: Finding) -> Iterator[str]:
    """The message, examples and the remedy, a line each, with nothing in them that a terminal would obey."""
    yield printable(item.message)
    if item.examples:
        yield f"for example: {', '.join(printable(example) for example in item.examples)}"
    if item.help:
        yield f"help: {printable(item.help)}"


def evidence_lines(item: Finding) -> Iterator[str]:
    """The customer who shows what the finding says, as a test of the language; nothing where there is none."""
    if item.evidence is not None:
        yield from (printable(line) for line in item.evidence.test.splitlines())


def full_lines(item: Finding) -> Iterator[str]:
    """The details and, if there is one, the customer who shows them, for formats without markup."""
    yield from detail_lines(item)
    for number, line in enumerate(evidence_lines(item)):
        if not number:
            yield EVIDENCE
        yield f"  {line}"


def _moved(item: Finding, project: str, *, anywhere: bool) -> Finding:
    span = _span(item.span, project)
    message = item.message
    if span is not None and not anywhere and not _is_inside(span.path):
        message, span = f"{message} (at `{span}`)", None
    related = []
    for other in item.related:
        place = _span(other.span, project)
        if place is not None and (anywhere or _is_inside(place.path)):
            related.append(Related(place, other.message))
    return replace(item, span=span, message=message, related=tuple(related))


def _span(span: Span | None, project: str) -> Span | None:
    if span is None or not span.path:
        return None
    line, column = max(span.line, 1), max(span.column, 1)
    end_line, end_column = max(span.end_line, line), max(span.end_column, 1)
    if end_line == line:
        end_column = max(end_column, column + 1)
    return Span(_joined(project, span.path), line, column, end_line, end_column)


def _joined(project: str, path: str) -> str:
    return path if _DRIVE.match(path) else posixpath.normpath(posixpath.join(project, path))


def _is_inside(path: str) -> bool:
    return not (path == ".." or path.startswith(("../", "/")) or _DRIVE.match(path))
