"""What somebody names on the command line, or gives in Python, into two versions of a project."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from segrules.diagnostics.errors import BadInput
from segrules.workspace.diffs.result import Diff
from segrules.workspace.load import Texts, load_through
from segrules.workspace.project import NAME as SETTINGS
from segrules.workspace.revisions import Repository, load_revision, parts_of_range, repository
from segrules.workspace.ruleset import RuleSet

WORK_TREE = "work tree"
"""What the files as they lie there are called beside a revision."""

Named = str | os.PathLike[str] | RuleSet


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a project: what it is called, and what gives its rules."""

    name: str
    load: Callable[[Texts], RuleSet]


def diff(
    before: Named,
    after: Named | None = None,
    *,
    project: str | os.PathLike[str] = ".",
    data: Mapping[str, Any] | None = None,
    as_of: str | date | datetime | None = None,
    min_cell: int = 11,
    progress: Callable[[str, int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Diff:
    """What changed between two versions of a project, in what it means for every customer who could exist.

    >>> import segrules
    >>> segrules.diff("main..HEAD").markdown()  # doctest: +SKIP
    >>> segrules.diff("main", project="rules")["win_back"].kind  # doctest: +SKIP

    Args:
        before: a folder, a git revision such as `main` or `HEAD~3`, two as `main..HEAD`, or a loaded rule set.
        after: the same; left out, the project as it lies in `project`.
        project: the folder of the project, of which revisions are read.
        data: tables or paths of tables, as for `RuleSet.evaluate`, by their names in either version. All others are
            read from where the later version says.
        as_of: the instant at which members are counted in the data, as for `RuleSet.run`; None counts nothing.
        min_cell: counts of fewer customers than this, but for none, are hidden, and so is what would tell them.
        progress: told what is being done, how many segments are done, and how many there are.
        cancelled: asked now and then whether to stop, from the thread that works.

    Raises:
        BadInput: there is no such folder or revision, no project in it, or what is to be counted is not there.
        BadRules: one of the two versions has errors.
        Cancelled: `cancelled` said so.
    """
    one, other = versions(before, after, Path(project))
    texts = Texts()
    return RuleSet.diff(
        one.load(texts),
        other.load(texts),
        names=(one.name, other.name),
        data=data,
        as_of=as_of,
        min_cell=min_cell,
        progress=progress,
        cancelled=cancelled,
    )


def versions(before: Named, after: Named | None, project: Path) -> tuple[Version, Version]:
    """The two versions that are named.

    Raises:
        BadInput: one is no folder with a project, and no revision either.
    """
    if isinstance(before, str) and not is_project(before):
        parts = parts_of_range(before)
        if parts is not None:
            if after is not None:
                help_ = "name a range, or two versions"
                raise BadInput(f"`{before}` names two versions, and a third one was given", help=help_)
            return _range(*parts, project)
    if after is None:
        if not isinstance(before, RuleSet) and is_project(before):
            raise BadInput(
                f"`{os.fspath(before)}` is a folder, and nothing was given to compare it with",
                help="name a second folder; to compare with a revision, name that one: `segrules diff main`",
            )
        name = WORK_TREE if project == Path() else project.as_posix()
        return _version(before, project), Version(name, lambda texts: load_through(Path(project), known=texts))
    return _version(before, project), _version(after, project)


def _range(before: str, dots: str, after: str, project: Path) -> tuple[Version, Version]:
    at = repository(project)
    one, other = before or "HEAD", after or "HEAD"
    if dots == "...":
        base = at.merge_base(one, other)
        return Version(
            f"{base[:12]} (where {other} left {one})", lambda texts: load_revision(at, base, texts)
        ), _revision(at, other)
    return _revision(at, one), _revision(at, other)


def _version(named: Named, project: Path) -> Version:
    if isinstance(named, RuleSet):
        return Version(named.project.root.as_posix(), lambda _texts: named)
    text = os.fspath(named)
    if is_project(named) or not isinstance(named, str):
        return Version(text, lambda texts: load_through(Path(text), known=texts))
    if os.path.isdir(text) and text.startswith((".", "/")):  # noqa: PTH112  it refuses no name
        return Version(text, lambda texts: load_through(Path(text), known=texts))
    return _revision(repository(project), text)


def _revision(at: Repository, text: str) -> Version:
    revision, colon, folder = text.partition(":")
    # A commit that is looked for by its message begins with a colon, and names no folder.
    if not (colon and revision):
        commit = at.commit(text)
        return Version(text, lambda texts: load_revision(at, text, texts, commit=commit))
    commit = at.commit(revision)
    prefix = folder.strip("/")
    if ".." in prefix.split("/"):
        raise BadInput(f"`{folder}` is no folder of a commit", help="name it from the root of the repository")
    return Version(
        text, lambda texts: load_revision(at, revision, texts, prefix="" if prefix == "." else prefix, commit=commit)
    )


def is_project(named: str | os.PathLike[str]) -> bool:
    """Whether a folder of that name holds a project."""
    try:
        return (Path(named) / SETTINGS).exists()
    except (OSError, ValueError):
        return False
