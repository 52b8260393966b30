"""Commits of a project into what changed in what its rules mean, commit by commit, for an audit file."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from segrules.diagnostics.errors import BadInput, Cancelled
from segrules.workspace.diffs.compare import compare
from segrules.workspace.diffs.result import Diff
from segrules.workspace.diffs.words import field_words, meaning
from segrules.workspace.load import Texts
from segrules.workspace.markdown import code, prose
from segrules.workspace.revisions import Repository, load_revision, parts_of_range, repository
from segrules.workspace.ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit: its day, short name and first line, and what it changed.

    `diff` is None where nothing can be said, and `problem` says why.
    """

    day: str
    commit: str
    subject: str
    diff: Diff | None
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON values."""
        told = {"day": self.day, "commit": self.commit, "subject": self.subject, "problem": self.problem}
        return {**told, "diff": None if self.diff is None else self.diff.to_json()}


@dataclass(frozen=True, slots=True)
class Changelog:
    """The commits between two revisions that changed something, the newest first."""

    before: str
    after: str
    entries: tuple[Entry, ...]

    def __str__(self) -> str:
        return self.markdown()

    def markdown(self) -> str:
        """The entries as Markdown, each below its day and its first line."""
        lines = ["# What changed in what the rules mean", "", f"From {code(self.before)} to {code(self.after)}."]
        if not self.entries:
            lines += ["", "Nothing that a rule means changed."]
        for entry in self.entries:
            lines += ["", f"## {entry.day}: {prose(entry.subject)} ({code(entry.commit)})", ""]
            lines += [f"- {line}" for line in _told(entry)]
        return "\n".join((*lines, ""))

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "before": self.before,
            "after": self.after,
            "entries": [entry.to_json() for entry in self.entries],
        }


def changelog(
    revisions: str,
    *,
    project: str | os.PathLike[str] = ".",
    progress: Callable[[str, int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Changelog:
    """What each commit changed in what the rules mean, along the first parents from one revision to another.

    A merged pull request is one commit on that line. A commit after which the rules have errors is told as such, and
    the next one is compared with the last one before it.

    >>> import segrules
    >>> segrules.changelog("v1.0..HEAD", project="rules").markdown()  # doctest: +SKIP

    Args:
        revisions: two git revisions as `main..HEAD`; the end that is left out is the last commit.
        project: the folder of the project.
        progress: told what is being done, how many commits are done, and how many there are.
        cancelled: asked now and then whether to stop, from the thread that works.

    Raises:
        BadInput: there is no such revision, or no project in the earlier one.
        Cancelled: `cancelled` said so.
    """
    parts = parts_of_range(revisions)
    if parts is None or parts[1] != "..":
        raise BadInput(f"`{revisions}` is no range of commits", help="write two revisions as in `v1.0..HEAD`")
    before, after = parts[0] or "HEAD", parts[2] or "HEAD"
    at = repository(Path(project))
    start, end = at.commit(before), at.commit(after)
    known = load_revision(at, before, Texts(), commit=start)

    def tell(what: str, done: int, total: int) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled("the comparison was cancelled")
        if progress is not None:
            progress(what, done, total)

    return Changelog(before, after, tuple(_entries(at, known, at.commits(start, end), tell))[::-1])


def _entries(
    at: Repository, known: RuleSet, commits: tuple[str, ...], tell: Callable[[str, int, int], None]
) -> Iterator[Entry]:
    texts = Texts()
    last: RuleSet | None = known if known.sound else None
    for done, commit in enumerate(commits):
        tell("comparing commits", done, len(commits))
        day, short, subject = at.about(commit)
        try:
            rules = load_revision(at, short, texts, commit=commit)
        except BadInput as error:
            yield Entry(day, short, subject, None, str(error))
            continue
        if not rules.sound:
            yield Entry(day, short, subject, None, "the rules have errors after this commit")
            continue
        if last is None:
            yield Entry(day, short, subject, None, "the first commit without errors: there is nothing to compare with")
        else:
            found = compare(last, rules, ("before", short), partial(_passed_on, tell))
            if found:
                yield Entry(day, short, subject, found)
        last = rules


def _passed_on(tell: Callable[[str, int, int], None], _what: str, _done: int, _total: int) -> None:
    """Within a commit nothing is told but that the work goes on, so that it can be stopped."""
    tell("comparing commits", 0, 0)


def _told(entry: Entry) -> Iterator[str]:
    if entry.diff is None:
        yield prose(str(entry.problem))
        return
    for item in entry.diff.segments:
        if item.told:
            was = f" (was {code(item.renamed_from)})" if item.renamed_from else ""
            through = f", through {prose(' and '.join(item.through))}" if item.through else ""
            yield f"{code(item.name)}{was}: {prose(meaning(item))}{through}"
            yield from (f"{code(item.name)}: {prose(field_words(field))}" for field in item.metadata)
    for promise in entry.diff.policies:
        yield f"{promise.kind} {code(promise.name)} {promise.change}: {prose(promise.detail)}"
    for change in entry.diff.catalog:
        yield f"{change.kind} {code(change.name)} {change.change}: {prose(change.detail)}"
