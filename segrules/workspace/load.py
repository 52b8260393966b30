"""A project folder into a rule set: settings, catalogue, rule files and lists, with all findings at once."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from segrules.diagnostics.codes import BAD_PROJECT_FILE, NO_RULES, TOO_LARGE
from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.finding import Finding, finding, has_errors, in_order
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.sensitive import check_labels
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.nodes import File
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.workspace.files import Reader, file_span, read_text, rule_files, shown_path
from segrules.workspace.frozen import Lines, by_rank, lock_findings
from segrules.workspace.lists import ListReader
from segrules.workspace.lock import NAME, parse_lock
from segrules.workspace.project import Project, read_project, with_levels
from segrules.workspace.ruleset import Hashes, Lock, RuleSet


@dataclass(slots=True)
class Texts:
    """What was read from texts, by path and hash: two versions of a project have most files in common."""

    rules: dict[tuple[str, str], tuple[File, list[Finding]]] = field(default_factory=dict)
    catalogues: dict[tuple[str, str], tuple[Catalogue | None, list[Finding]]] = field(default_factory=dict)


def load(path: str | os.PathLike[str]) -> RuleSet:
    """Read the project in the folder `path`: everything in it is checked, no data are read.

    Mistakes in the rules and in the catalogue do not raise: `RuleSet.check` gives them.

    Raises:
        BadInput: there is no such folder, it has no `segrules.toml`, or that file is wrong.
    """
    return load_through(Path(path))


def load_through(root: Path, read: Reader = read_text, known: Texts | None = None) -> RuleSet:
    """What `load` gives, of texts that `read` gives: those of an editor need not be saved.

    What is `known` from texts that were read before is not worked out again; what is read is added to it.

    Raises:
        BadInput: as for `load`.
    """
    project, findings, settings = read_project(root, read)
    if project is None:
        sources = {} if settings is None else {settings.path: settings}
        raise BadInput(f"`{root}` is not a project that can be read", findings, sources=sources)
    with _no_collection():
        return _Loading(project, settings, read, Texts() if known is None else known).ruleset()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Rules become many small objects that all stay: looking through them for garbage again and again finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Loading:
    """Collects texts, hashes and findings while a project is read."""

    def __init__(self, project: Project, settings: Source | None, read: Reader, texts: Texts) -> None:
        self.project = project
        self.read = read
        self.texts = texts
        self.findings: list[Finding] = []
        self.sources: dict[str, Source] = {}
        if settings is not None:
            self.sources[settings.path] = settings
        self.lists = ListReader(project.root, read)

    def ruleset(self) -> RuleSet:
        catalogue, catalogue_hashes = self._catalogue()
        files, rule_hashes = self._files()
        rules: Rules | None = None
        if catalogue is not None:
            self._check_data_names(catalogue)
            rules, findings = bind(files, catalogue, self.lists)
            self.findings += findings
        sound = not has_errors(self.findings)
        lines, wrong = self._lock(rule_hashes)
        if rules is not None and sound and not wrong:
            wrong = lock_findings(rules, lines)
        if rules is not None and sound:
            self.findings += check_labels(rules, self.project.packs)
        return RuleSet(
            self.project,
            in_order(with_levels([*self.findings, *wrong], self.project.levels)),
            sound,
            self.sources,
            Hashes(rule_hashes, catalogue_hashes, dict(sorted(self.lists.hashes.items()))),
            rules,
            Lock(lines, tuple(wrong)),
        )

    def _lock(self, hashes: dict[str, str]) -> tuple[Lines, list[Finding]]:
        """The lock file, which need not be there."""
        path = self.project.root / NAME
        if not os.path.lexists(path):
            return {}, []
        file = self.read(path, NAME)
        if isinstance(file, Finding):
            return {}, [file]
        self.sources[NAME] = file.source
        hashes[NAME] = file.hash
        lines, findings = parse_lock(file.source)
        return by_rank(lines), findings

    def _catalogue(self) -> tuple[Catalogue | None, dict[str, str]]:
        shown = self.project.catalogue
        file = self.read(self.project.root / shown, shown, at=self.project.places.get("catalogue"))
        if isinstance(file, Finding):
            self.findings.append(file)
            return None, {}
        self.sources[shown] = file.source
        known = self.texts.catalogues.get((shown, file.hash))
        catalogue, findings = known or read_catalogue(file.source)
        self.texts.catalogues[shown, file.hash] = catalogue, findings
        self.findings += findings
        return catalogue, {shown: file.hash}

    def _files(self) -> tuple[list[File], dict[str, str]]:
        project = self.project
        paths, findings = rule_files(project.root, project.rules, project.places.get("rules"))
        self.findings += findings
        if not paths and not findings:
            self.findings.append(_no_rules(project))
        parsed = []
        hashes = {}
        for path in paths:
            shown = shown_path(path, project.root)
            file = self.read(path, shown)
            if isinstance(file, Finding):
                self.findings.append(file)
                continue
            self.sources[shown] = file.source
            hashes[shown] = file.hash
            try:
                tree, found = self.texts.rules.get((shown, file.hash)) or parse_file(file.source)
            except RecursionError:
                self.findings.append(_too_deep(shown))
                continue
            self.texts.rules[shown, file.hash] = tree, found
            self.findings += found
            parsed.append(tree)
        return parsed, hashes

    def _check_data_names(self, catalogue: Catalogue) -> None:
        for name in self.project.data:
            if name not in catalogue.tables:
                self.findings.append(
                    finding(
                        BAD_PROJECT_FILE,
                        f"`[data]` names the table `{name}`, which the catalogue does not have",
                        self.project.places.get(f"data.{name}"),
                        help=did_you_mean(name, catalogue.tables),
                    )
                )


def _no_rules(project: Project) -> Finding:
    where = ", ".join(f"`{place}`" for place in project.rules) or "the empty list `rules`"
    return finding(
        NO_RULES,
        f"there is no rule file at or below {where}",
        project.places.get("rules"),
        help="write the first segment into a file that ends in `.seg`",
    )


def _too_deep(shown: str) -> Finding:
    return finding(
        TOO_LARGE,
        f"`{shown}` nests conditions too deeply to be read",
        file_span(shown),
        help="give parts of the condition names with `define`",
    )
