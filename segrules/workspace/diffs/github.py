"""What changed between two versions, as annotations of the lines of a pull request."""

import posixpath
from collections.abc import Iterator, Sequence

from segrules.diagnostics.render import printable
from segrules.proofs.changes.change import GAINS, Kind
from segrules.text.span import Span
from segrules.workspace.diffs.result import Diff, Line, SegmentChange
from segrules.workspace.diffs.words import field_words, meaning, shown, summary

SHOWN = 10
"""So many annotations of each level GitHub shows for one step."""

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def diff_github(diff: Diff, folder: str = "") -> str:
    """Workflow commands, warnings first, then what does not fit as lines of the log, then the summary.

    `folder` is the path of the project from the root of the repository.
    """
    found = sorted(_annotations(diff), key=lambda item: item[0] != "warning")
    left = {"warning": SHOWN, "notice": SHOWN}
    lines: list[str] = []
    others: list[str] = []
    for level, title, place, told in found:
        if not left[level]:
            others.append(f"- {title}: {told.splitlines()[0]}")
            continue
        left[level] -= 1
        properties = {"title": title}
        if place is not None:
            path = posixpath.normpath(posixpath.join(folder, place.path))
            properties = {"file": path, "line": str(max(place.line, 1)), **properties}
        shown = ",".join(f"{key}={printable(value).translate(_PROPERTY)}" for key, value in properties.items())
        text = "\n".join(printable(line) for line in told.splitlines())
        lines.append(f"::{level} {shown}::{text.translate(_DATA)}")
    if others:
        lines.append(f"::group::{len(others):,} more not annotated")
        lines += [printable(line).replace("##[", "## [") for line in others]
        lines.append("::endgroup::")
    return "\n".join((*lines, printable(summary(diff)), ""))


def _annotations(diff: Diff) -> Iterator[tuple[str, str, Span | None, str]]:
    for item in diff.segments:
        if item.told:
            heavy = item.kind in GAINS or item.kind is Kind.UNDECIDED or item.sensitive
            yield "warning" if heavy else "notice", f"{item.name}: {item.kind.value}", _place(item), _told(item)
    for promise in diff.policies:
        place = _line_that_came(promise.lines) or promise.span if promise.in_later else None
        title = f"{promise.kind} {promise.name} {promise.change}"
        yield "warning" if promise.loosened else "notice", title, place, promise.detail
    for change in diff.catalog:
        reached = f"\nreaches {', '.join(change.segments)}" if change.segments else ""
        title = f"{change.kind} {change.name} {change.change}"
        yield "warning" if change.sensitive else "notice", title, change.span, f"{change.detail}{reached}"


def _place(item: SegmentChange) -> Span | None:
    """The first line that came; where lines only went, the segment's own. What was removed has no line any more."""
    if item.kind is Kind.REMOVED:
        return None
    return _line_that_came(item.lines) or item.span


def _line_that_came(lines: Sequence[Line]) -> Span | None:
    came = next((line for line in lines if line.added), None)
    return None if came is None else Span(came.path, came.number, 1, came.number, len(came.text) + 1)


def _told(item: SegmentChange) -> str:
    lines = [meaning(item)]
    lines += [f"through {', '.join(item.through)}"] if item.through else []
    lines += [field_words(part) for part in item.metadata]
    for title, found, earlier in shown(item):
        head = f"{title}{', as a test of the earlier version' if earlier else ''}:"
        lines += [head, *(f"  {line}" for line in found.test.splitlines())]
    return "\n".join(lines)
