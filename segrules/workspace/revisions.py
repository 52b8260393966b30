"""Versions of a project in git into rule sets, read from the object store: work tree and index are never touched."""

import os
import posixpath
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.nearest import did_you_mean
from segrules.workspace.files import SUFFIX
from segrules.workspace.lists import LARGEST_LIST
from segrules.workspace.load import Texts, load_through
from segrules.workspace.lock import NAME as LOCK
from segrules.workspace.project import NAME as SETTINGS
from segrules.workspace.ruleset import RuleSet

_LISTED = re.compile(r'\blist\s+"((?:\\.|[^"\\\n])*)"')
_FOREIGN = re.compile(r"dubious ownership in repository at ('.*')$")
_POINTER = b"version https://git-lfs.github.com/spec/"
_LINK, _TREE_LINK = "120000", "160000"
_MOST_LINKS = 40
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX")
"""What git sets in its hooks, and what would lead to another repository than that of the folder that was named."""
_HELD = LARGEST_LIST
"""Bytes of a file that are read; of a larger one only its size, which the project then refuses."""

RANGE = re.compile(r"(?P<before>.*?)(?P<dots>\.{2,3})(?P<after>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository, seen from a folder in it: `root` is its work tree, `prefix` the folder's path from there."""

    git: str
    root: Path
    prefix: str

    def commit(self, revision: str) -> str:
        """The commit that a revision names.

        Raises:
            BadInput: there is none.
        """
        if not revision or revision.startswith("-") or any(not sign.isprintable() for sign in revision):
            raise BadInput(f"`{revision}` cannot be a revision", help="name a branch, a tag, a commit or a folder")
        found = self._run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.decode().strip()
        raise self._unknown(revision)

    def merge_base(self, one: str, other: str) -> str:
        """The commit at which two revisions parted.

        Raises:
            BadInput: a revision does not exist, or they have nothing in common.
        """
        found = self._run("merge-base", self.commit(one), self.commit(other))
        if found.returncode != 0:
            help_ = self._deeper() or "compare two commits with `..` instead"
            raise BadInput(f"`{one}` and `{other}` have no commit in common here", help=help_)
        return found.stdout.decode().split()[0]

    def commits(self, before: str, after: str) -> tuple[str, ...]:
        """The commits on the first line of parents from `before`, left out, to `after`, the oldest first."""
        listed = self._checked("rev-list", "--first-parent", "--reverse", f"{before}..{after}")
        return tuple(listed.decode().split())

    def about(self, commit: str) -> tuple[str, str, str]:
        """The day of a commit in its own zone, its short name, and its first line."""
        told = self._checked("show", "--no-patch", "--no-show-signature", "--format=%cs%x00%h%x00%s", commit)
        day, short, subject = told.decode("utf-8", "replace").rstrip("\n").split("\0", 2)
        return day, short, subject

    def files(self, commit: str) -> dict[str, "_Entry"]:
        """Every file of a commit by its path from the root of the repository."""
        found: dict[str, _Entry] = {}
        for line in self._checked("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0"):
            if line:
                about, _, path = line.partition(b"\t")
                mode, _, name = about.decode("ascii").split(" ")
                shown = path.decode("utf-8", "surrogateescape")
                # No tree that git makes has such names, and nothing may be written elsewhere for one that has.
                if ".." not in shown.split("/") and not shown.startswith("/"):
                    found[shown] = _Entry(mode, name)
        return found

    def contents(self, names: Iterable[str]) -> dict[str, bytes | int]:
        """What objects hold; of one that is too large only how many bytes."""
        wanted = sorted(set(names))
        if not wanted:
            return {}
        asked = "".join(f"{name}\n" for name in wanted).encode()
        sizes = {}
        for line in self._checked("cat-file", "--batch-check", asked=asked).decode("ascii", "replace").splitlines():
            parts = line.split(" ")
            if len(parts) == 3:
                sizes[parts[0]] = int(parts[2])
        found: dict[str, bytes | int] = {name: size for name, size in sizes.items() if size > _HELD}
        small = [name for name in wanted if sizes.get(name, _HELD + 1) <= _HELD]
        told = self._checked("cat-file", "--batch", asked="".join(f"{name}\n" for name in small).encode())
        at = 0
        for name in small:
            start = told.index(b"\n", at) + 1
            found[name] = told[start : start + sizes[name]]
            at = start + sizes[name] + 1
        return found

    def _unknown(self, revision: str) -> BadInput:
        deeper = self._deeper()
        if deeper is not None:
            return BadInput(f"the commit of `{revision}` is not in this shallow clone", help=deeper)
        listed = self._run("for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes")
        known = listed.stdout.decode("utf-8", "replace").split()
        # Of `main~9` the branch is there, and not so many commits.
        meant = None if set("~^@").intersection(revision) else did_you_mean(revision, known)
        advice = meant or "name a branch, a tag, a commit or a folder"
        return BadInput(f"there is no revision `{revision}`, and no project in a folder of that name", help=advice)

    def _deeper(self) -> str | None:
        """How to get what a shallow clone lacks; None for a whole one."""
        if self._run("rev-parse", "--is-shallow-repository").stdout.strip() != b"true":
            return None
        return "fetch the history: `git fetch --unshallow`, or `fetch-depth: 0` for the checkout of a GitHub workflow"

    def _run(self, *arguments: str, asked: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
        return _run(self.git, self.root, *arguments, asked=asked)

    def _checked(self, *arguments: str, asked: bytes = b"") -> bytes:
        found = self._run(*arguments, asked=asked)
        if found.returncode != 0:
            raise BadInput(f"`git {arguments[0]}` failed: {_said(found)}", help="try `git fsck` in the repository")
        return found.stdout


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file of a commit: its mode, and the name of its object."""

    mode: str
    name: str


def repository(folder: Path) -> Repository:
    """The repository that a folder lies in.

    Raises:
        BadInput: there is no git, no such folder, or no repository.
    """
    git = shutil.which("git")
    if git is None:
        raise BadInput("`git` is not installed, so that no revision can be read", help="compare two folders instead")
    if not folder.is_dir():
        raise BadInput(f"`{folder}` is not a folder", help="name the folder of the project with `--project`")
    found = _run(git, folder, "rev-parse", "--show-toplevel", "--show-prefix")
    if found.returncode != 0:
        said = _said(found)
        if "not a git repository" in said:
            help_ = "name two folders, or give the folder of the project with `--project`"
            raise BadInput(f"`{folder}` is in no git repository, so that it has no revisions", help=help_)
        foreign = _FOREIGN.search(said)
        trust = foreign and f"where it is to be trusted: `git config --global --add safe.directory {foreign[1]}`"
        raise BadInput(f"git cannot read the repository of `{folder}`: {said}", help=trust)
    root, prefix, *_ = [*os.fsdecode(found.stdout).split("\n"), "", ""]
    return Repository(git, Path(root), prefix.rstrip("/"))


def _run(git: str, folder: Path, *arguments: str, asked: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    # Neither pagers nor locks, and messages that can be told apart.
    inherited = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    environment = {**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command = [git, "--no-pager", "--literal-pathspecs", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, input=asked, capture_output=True, check=False)


def _said(found: "subprocess.CompletedProcess[bytes]") -> str:
    lines = found.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"exit code {found.returncode}"


def load_revision(
    at: Repository, revision: str, texts: Texts, *, prefix: str | None = None, commit: str | None = None
) -> RuleSet:
    """The project as it was at a revision; `prefix` is its folder, from the root of the repository.

    Data are looked for where the project lies now. `texts` are what was read before.

    Raises:
        BadInput: there is no such revision or no project in it, or a file that it needs is not kept by git.
    """
    made = _Checkout(at, revision, at.prefix if prefix is None else prefix, commit or at.commit(revision))
    with tempfile.TemporaryDirectory(prefix="segrules-") as scratch:
        # The names of temporary folders may be links themselves.
        root = Path(os.path.realpath(scratch))
        made.write(root)
        try:
            rules = load_through(root / made.prefix, known=texts)
        except BadInput as error:
            message = f"the project at `{revision}` cannot be read"
            raise BadInput(message, error.findings, help=error.help, sources=error.sources) from None
    return replace(rules, project=replace(rules.project, root=at.root / made.prefix))


@dataclass
class _Checkout:
    """The files of one commit that a project is read from."""

    at: Repository
    revision: str
    prefix: str
    commit: str
    _files: dict[str, _Entry] = field(init=False)
    _links: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._files = self.at.files(self.commit)
        names = {path: entry.name for path, entry in self._files.items() if entry.mode == _LINK}
        held = self.at.contents(names.values())
        self._links = {
            path: os.fsdecode(target) for path, name in names.items() if isinstance(target := held[name], bytes)
        }

    def write(self, root: Path) -> None:
        """Write what the project needs below a folder: settings, catalogue, rules, lock file and lists."""
        settings = self._joined(SETTINGS)
        if settings is None or settings not in self._files:
            for path, entry in self._files.items():
                if entry.mode == _TREE_LINK and f"{self.prefix}/".startswith(f"{path}/"):
                    raise self._submodule(path)
            where = f"in `{self.prefix}` " if self.prefix else ""
            help_ = f"name its folder there, as in `{self.revision}:path/to/project`"
            raise BadInput(f"there is no project {where}at `{self.revision}`", help=help_)
        named = self._named(self._put(root, self._below([settings])))
        for name in named:
            if self._joined(name) is None and not posixpath.isabs(name):
                # From where the files are written it would lead to whatever lies there.
                help_ = "keep it in the repository, or compare two folders"
                raise BadInput(f"`{name}` of the project leads out of the repository", help=help_)
        places = [inside for place in named if (inside := self._joined(place)) is not None]
        texts = self._put(root, self._below(places))
        lists = {found[1] for text in texts.values() for found in _LISTED.finditer(_text(text))}
        self._put(root, self._below(inside for name in sorted(lists) if (inside := self._joined(name)) is not None))

    def _named(self, settings: Mapping[str, bytes | int]) -> list[str]:
        """The paths that the settings name, as far as they can be read; what is wrong in them the loader says."""
        content: Mapping[str, object] = {}
        with suppress(ValueError, RecursionError):
            content = tomllib.loads(_text(*settings.values()))
        rules = content.get("rules", ["."])
        catalogue = content.get("catalogue", "catalog.yaml")
        found = [LOCK, *(rules if isinstance(rules, list) else []), catalogue]
        return [item for item in found if isinstance(item, str)]

    def _joined(self, path: str) -> str | None:
        """A path of the project as one of the repository; None for one that leads out of it."""
        if posixpath.isabs(path):
            return None
        joined = posixpath.normpath(posixpath.join(self.prefix, path))
        return None if joined == ".." or joined.startswith("../") else joined

    def _below(self, places: Iterable[str]) -> set[str]:
        """The files at these places, and the rule files below them; links are followed within the repository."""
        found: set[str] = set()
        waiting = [(place, _MOST_LINKS) for place in places]
        while waiting:
            place, left = waiting.pop()
            if place in self._files and place not in self._links and self._files[place].mode != _TREE_LINK:
                found.add(place)
                continue
            inside = "" if place == "." else f"{place}/"
            for path in self._files:
                linked = path in self._links
                if place == path or place.startswith(f"{path}/"):
                    if self._files[path].mode == _TREE_LINK:
                        raise self._submodule(path)
                    found.add(path)
                    if linked and left and (target := self._target(path)) is not None:
                        waiting.append((posixpath.normpath(f"{target}{place[len(path) :]}"), left - 1))
                elif path.startswith(inside) and not _hidden(path[len(inside) :]):
                    if path.lower().endswith(SUFFIX) or linked:
                        found.add(path)
                    if linked and left and (target := self._target(path)) is not None:
                        waiting.append((target, left - 1))
        return found

    def _target(self, link: str) -> str | None:
        """Where a link leads; None where that is outside of the repository."""
        target = self._links[link]
        if posixpath.isabs(target) or "\0" in target:
            return None
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(link), target))
        return None if joined == ".." or joined.startswith("../") else joined

    def _put(self, root: Path, paths: Iterable[str]) -> dict[str, bytes | int]:
        """Write files; what they hold, by path."""
        wanted = [path for path in sorted(paths) if self._files[path].mode != _TREE_LINK]
        held = self.at.contents(self._files[path].name for path in wanted if path not in self._links)
        texts: dict[str, bytes | int] = {}
        for path in wanted:
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if path in self._links:
                # What leads out of the repository would lead somewhere else from here.
                target = self._target(path)
                if target is None and path.lower().endswith(SUFFIX):
                    help_ = "keep the rules in the repository, or compare two folders"
                    raise BadInput(f"`{path}` is a link out of the repository, where git keeps nothing", help=help_)
                if target is not None and not os.path.lexists(place):
                    place.symlink_to(root / target)
                continue
            content = texts[path] = held[self._files[path].name]
            if isinstance(content, bytes) and content.startswith(_POINTER):
                help_ = "compare two folders into which the files were fetched, or keep rules and lists in git itself"
                raise BadInput(f"`{path}` is kept by Git LFS, and git has only a pointer to it", help=help_)
            with place.open("wb") as file:
                if isinstance(content, bytes):
                    file.write(content)
                else:
                    file.truncate(content)
        return texts

    def _submodule(self, path: str) -> BadInput:
        message = f"`{path}` is a submodule, whose files are not in the commit `{self.revision}`"
        return BadInput(message, help="compare two folders in which the submodule is checked out")


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _text(*contents: bytes | int) -> str:
    return "\n".join(content.decode("utf-8", "replace") for content in contents if isinstance(content, bytes))


def parts_of_range(text: str) -> tuple[str, str, str] | None:
    """The two ends and the dots of `A..B` or `A...B`; None for anything else.

    >>> parts_of_range("main..")
    ('main', '..', '')
    """
    found = RANGE.fullmatch(text)
    if found is None or found["before"].endswith("/") or found["after"].startswith("/"):
        return None
    if not (found["before"] or found["after"]):
        return None
    return found["before"], found["dots"], found["after"]
