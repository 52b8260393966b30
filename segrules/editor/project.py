"""The project that a file belongs to, read through the texts that an editor holds: what is known of it right now."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock

from segrules.diagnostics.codes import BAD_PROJECT_FILE
from segrules.diagnostics.errors import BadInput
from segrules.diagnostics.finding import Finding, Severity, finding, in_order
from segrules.editor.buffers import Buffers, Stamp
from segrules.editor.names import Use, uses
from segrules.ir.rules import Rules
from segrules.syntax import nodes
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import SUFFIX, shown_path
from segrules.workspace.load import load_through
from segrules.workspace.project import NAME
from segrules.workspace.ruleset import RuleSet

_KEPT = 2_000


@dataclass(frozen=True, eq=False)
class State:
    """What is known of a project at one moment.

    `rules` is None where `segrules.toml` cannot be read; `findings` are all that there are, and `sources` the texts
    that they point into, by path relative to `root`. `sound` are the typed rules, those of an earlier moment where
    there are mistakes now. `day` is the day for which review dates were looked at, None for today.
    """

    root: Path
    rules: RuleSet | None
    findings: tuple[Finding, ...]
    sources: Mapping[str, Source]
    sound: RuleSet | None = None
    day: date | None = None

    @cached_property
    def files(self) -> tuple[nodes.File, ...]:
        """The trees of the rule files, without what could not be read."""
        return tuple(tree(source) for path, source in sorted(self.sources.items()) if path.lower().endswith(SUFFIX))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Every place where a name stands."""
        return uses(self.files, self.typed.catalogue if self.typed is not None else None, self.sources)

    @cached_property
    def typed(self) -> Rules | None:
        """The typed rules, of now or the last that there were; with mistakes not all of them: for names alone."""
        if self.rules is not None and self.rules.typed is not None:
            return self.rules.typed
        return self.sound.typed if self.sound is not None else None

    def path(self, shown: str) -> Path:
        """Where a file lies that findings call so."""
        return Path(os.path.normpath(self.root / shown))


@dataclass
class ProjectView:
    """One project, read again whenever a text changed. May be asked from several threads."""

    root: Path
    buffers: Buffers
    _lock: Lock = field(default_factory=Lock)
    _state: State | None = None
    _read_at: tuple[Stamp, date | None] | None = None

    def state(self, day: date | None = None) -> State:
        """What is known now; `day` is the day for which review dates are looked at, None for today."""
        with self._lock:
            now = self.buffers.stamp(self.root), day
            if self._state is None or self._read_at != now:
                before = self._state.sound if self._state is not None else None
                self._state = read_state(self.root, self.buffers, before, day)
                self._read_at = now
            return self._state

    def last(self, day: date | None = None) -> State:
        """What was known when the project was read last: good enough for names while somebody types."""
        known = self._state
        return known if known is not None else self.state(day)


def read_state(root: Path, buffers: Buffers, before: RuleSet | None = None, day: date | None = None) -> State:
    """Read a project through texts that are open; `before` are the last rules without mistakes."""
    try:
        rules = load_through(root, buffers.read)
        found = rules.checked(day).findings
    except BadInput as error:
        return State(root, None, error.findings, error.sources, before, day)
    return State(root, rules, found, rules.sources, rules if rules.sound else before, day)


@lru_cache(maxsize=_KEPT)
def parsed(source: Source) -> tuple[nodes.File, tuple[Finding, ...]]:
    """The tree of a rule file and what is wrong with its syntax; that of the same text is made once."""
    try:
        made, findings = parse_file(source)
    except RecursionError:
        return nodes.File(source.path, (), ()), ()
    return made, in_order(findings)


def tree(source: Source) -> nodes.File:
    """The tree of a rule file, without what could not be read."""
    return parsed(source)[0]


def root_of(path: Path) -> Path | None:
    """The nearest folder around a file that has a `segrules.toml`; None where there is none."""
    for folder in path.parents:
        try:
            if (folder / NAME).is_file():
                return folder
        except OSError:
            return None
    return None


def alone(source: Source, root: Path | None) -> tuple[Finding, ...]:
    """What there is to say of a rule file that no project reads, or that `root` has but does not read."""
    if root is None:
        message = "this file belongs to no project, so only its syntax is checked"
        help_ = f"put a `{NAME}` into its folder or one above; the smallest one says `language = 1`"
    else:
        message = f"the project in `{root.name}` does not read this file, so only its syntax is checked"
        help_ = f"save it with a name that ends in `{SUFFIX}` at a place that `rules` in `{NAME}` names"
    note = finding(BAD_PROJECT_FILE, message, Span(source.path, 1, 1, 1, 1), help=help_)
    return (replace(note, severity=Severity.NOTE), *parsed(source)[1])


def shown_in(root: Path | None, path: Path) -> str:
    """A file's path as findings of its project show it; its name alone outside a project."""
    return path.name if root is None else shown_path(Path(os.path.realpath(path)), Path(os.path.realpath(root)))
