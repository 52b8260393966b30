"""A rule set in hand: what Python users, the command line and later tools check, show and run."""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segrules import __version__
from segrules.diagnostics.errors import BadInput, BadRules, Cancelled
from segrules.diagnostics.finding import Finding, Severity
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.rules import Rules
from segrules.text.source import Source
from segrules.workspace.named import Named, kind_of
from segrules.workspace.project import LANGUAGE, Project, with_levels

if TYPE_CHECKING:
    from segrules.evaluation.request import Request
    from segrules.evaluation.result import Result
    from segrules.evaluation.run import Prepared
    from segrules.lowering.plan import Plan

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Hashes:
    """`sha256:` and digest of every file that the rules were read from, by path relative to the project."""

    rules: Mapping[str, str]
    catalogue: Mapping[str, str]
    lists: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of one project, read and checked.

    `findings` are all findings about rules and catalogue, in the weights of the project; `sound` says that there
    is no error among them but what the project made one, so that the rules can be shown and run. `sources` has the
    text of every file that was read, by path relative to the project. `typed` is the typed tree; it is None where the
    catalogue could not be read, and incomplete where there are errors.
    """

    project: Project
    findings: tuple[Finding, ...]
    sound: bool
    sources: Mapping[str, Source] = field(repr=False)
    hashes: Hashes = field(repr=False)
    typed: Rules | None = field(repr=False)
    _ready: "dict[Any, Prepared]" = field(default_factory=dict, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all segments, partitions, scores and defines, sorted: what `show` can show."""
        if self.typed is None:
            return ()
        typed = self.typed
        return tuple(sorted({*typed.segments, *typed.partitions, *typed.scores, *typed.definitions}))

    @property
    def segments(self) -> tuple[str, ...]:
        """The names of all segments, whatever their status, sorted."""
        return tuple(sorted(self.typed.segments)) if self.typed is not None else ()

    def __iter__(self) -> Iterator[str]:
        """The names that `show` can show."""
        return iter(self.names)

    def __getitem__(self, name: str) -> Named:
        """A segment, partition, score or define.

        Raises:
            BadInput: nothing has this name.
        """
        kind = None if self.typed is None else kind_of(self.typed, name)
        if kind is None:
            raise BadInput(f"there is no `{name}`", help=did_you_mean(name, self.names) or self._listed())
        return Named(name, kind, self._sound)

    def check(self) -> tuple[Finding, ...]:
        """Everything that is wrong or worth knowing about rules and catalogue, sorted by place."""
        return self.findings

    def show(self, name: str) -> str:
        """A segment, partition, score or define in plain English, with the columns and events that it reads.

        Raises:
            BadInput: nothing has this name.
            BadRules: the rules have errors.
        """
        from segrules.explain.english import explain

        rules = self._sound()
        if name not in self.names:
            raise BadInput(f"there is no `{name}` to show", help=did_you_mean(name, self.names) or self._listed())
        explanation = explain(rules, name)
        return "\n".join((*explanation.lines, *explanation.reads)) + "\n"

    def plan(self, segment: str | None = None) -> "Plan":
        """What a run of all active segments, or of one, reads, shares and works out, with an estimate of its cost.

        Raises:
            BadInput: no segment has this name.
            BadRules: the rules have errors, or need what this version does not evaluate.
        """
        from segrules.lowering.plan import plan

        rules = self._sound()
        if segment is not None and segment not in rules.segments:
            help_ = did_you_mean(segment, self.segments) or self._listed()
            raise BadInput(f"there is no segment `{segment}` to plan", help=help_)
        return plan(rules, segment)

    def run(
        self,
        as_of: str | date | datetime,
        out: str | os.PathLike[str] | None = None,
        *,
        data: Mapping[str, str | os.PathLike[str]] | None = None,
        segments: Collection[str] | None = None,
        format: str = "parquet",  # noqa: A002  the name of the option on the command line
        wide: bool = False,
        include: str | Collection[str] = (),
        overwrite: bool = False,
        strict: bool = False,
        fail_on: str = "error",
        engine: str = "arrow",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> "Result":
        """Evaluate segments over the data and write their members.

        Args:
            as_of: the instant of the run: a date (its first instant in the catalogue's zone), a timestamp, or one of
                `today`, `yesterday`, `now`.
            out: the folder to write, made whole or not at all; with None nothing is written.
            data: paths that replace those of the catalogue, by table; relative ones from the working folder.
            segments: names of the segments to run, None for all active ones; partitions are always run.
            format: `parquet`, `csv` or `arrow`.
            wide: whether to write also one row per customer with one column per segment.
            include: `draft` runs draft segments, too.
            overwrite: whether an earlier output at `out` may be replaced.
            strict: whether to write nothing where a finding weighs `fail_on` or more.
            fail_on: `error` or `warning`.
            engine: `arrow`, or `reference` for the interpreter that defines what rules mean: slow, and with the same
                members.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).

        Raises:
            BadInput: an argument names what is not there, or `out` cannot be written.
            BadRules: the rules have errors, or need what this version does not evaluate.
            BadData: the data cannot be read or do not fit the catalogue.
            StrictRefusal: the run is strict and a finding weighs too much.
        """
        # The engine and its data libraries are loaded here and in `evaluate`, and nowhere else.
        from segrules.evaluation.request import ENGINE_NAMES, FORMATS, Request

        request = Request(
            as_of,
            None if out is None else Path(out),
            self._data({} if data is None else data),
            _names(segments),
            _one_of("format", format, FORMATS),
            wide,
            "draft" in [_one_of("include", item, ("draft",)) for item in _names(include) or ()],
            overwrite,
            strict,
            Severity(_one_of("fail_on", fail_on, ("error", "warning"))),
            (self.project.root, Path.cwd()),
            _one_of("engine", engine, ENGINE_NAMES),
        )
        return self._run(request, progress)

    def evaluate(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        as_of: str | date | datetime,
        segments: Collection[str] | None = None,
        include: str | Collection[str] = (),
        three_valued: bool = False,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Result":
        """Who is in which segment, over tables in memory or in files; nothing is written.

        A rule set can be evaluated by several threads at once.

        Args:
            data: tables by the catalogue's names: a pyarrow Table, RecordBatch, RecordBatchReader or Dataset, a pandas
                or polars frame, anything with `__arrow_c_stream__`, a mapping of columns, or a path. Columns have their
                names in the data. A table that is not given is read from where the project or the catalogue says.
            as_of: the instant: a date (its first instant in the catalogue's zone), a timestamp, or one of `today`,
                `yesterday`, `now`.
            segments: names of the segments to evaluate, None for all active ones; partitions are always evaluated.
            include: `draft` evaluates draft segments, too.
            three_valued: whether `Result.qualifying` tells apart who is in doubt from who does not qualify.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).
            cancelled: asked now and then whether to stop, from the thread that evaluates.

        Raises:
            BadInput: an argument names what is not there, or what was given as a table is none.
            BadRules: the rules have errors, or need what this version does not evaluate.
            BadData: the data cannot be read or do not fit the catalogue.
            Cancelled: `cancelled` said so.
        """
        from segrules.evaluation.request import Request

        given = dict(data or {})
        self._check_tables(given)
        paths = {name: item for name, item in given.items() if isinstance(item, str | os.PathLike)}
        request = Request(
            as_of,
            data=self._data(paths),
            segments=_names(segments),
            drafts="draft" in [_one_of("include", item, ("draft",)) for item in _names(include) or ()],
            given={name: item for name, item in given.items() if name not in paths},
            three_valued=three_valued,
        )

        def tell(what: str, done: int, total: int) -> None:
            if cancelled is not None and cancelled():
                raise Cancelled("the evaluation was cancelled")
            if progress is not None:
                progress(what, done, total)

        return self._run(request, tell)

    def _run(self, request: "Request", progress: Callable[[str, int, int], None] | None) -> "Result":
        from segrules.evaluation.report import Inputs
        from segrules.evaluation.run import run

        return run(
            self._sound(),
            Inputs(__version__, LANGUAGE, self.hashes.rules, self.hashes.catalogue, self.hashes.lists),
            request,
            base=(self.project.root / self.project.catalogue).parent,
            known=self.findings,
            weigh=self._weigh,
            progress=progress,
            prepared=self._prepared,
        )

    def _prepared(self, segments: tuple[str, ...], drafts: bool, three_valued: bool) -> "Prepared":
        """What can be made ready before data are read; two threads that ask at the same time may both make it."""
        from segrules.evaluation.run import prepare

        key = (segments, drafts, three_valued)
        if key not in self._ready:
            self._ready[key] = prepare(self._sound(), *key)
        return self._ready[key]

    def _sound(self) -> Rules:
        if self.typed is None or not self.sound:
            raise BadRules("the rules have errors", self.findings)
        return self.typed

    def _weigh(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(with_levels(list(findings), self.project.levels))

    def _data(self, asked: Mapping[str, str | os.PathLike[str]]) -> dict[str, str]:
        """Paths of tables, made absolute: the project's from its folder, those asked for from the working folder."""
        paths = {name: _absolute(path, self.project.root) for name, path in self.project.data.items()}
        self._check_tables(asked)
        return paths | {name: _absolute(os.fspath(path), Path.cwd()) for name, path in asked.items()}

    def _check_tables(self, asked: Iterable[str]) -> None:
        known = self.typed.catalogue.tables if self.typed is not None else {}
        for name in asked:
            if self.typed is not None and name not in known:
                listed = "its tables are " + ", ".join(f"`{table}`" for table in sorted(known))
                raise BadInput(f"the catalogue has no table `{name}`", help=did_you_mean(name, known) or listed)

    def _listed(self) -> str:
        return "there are " + ", ".join(f"`{name}`" for name in self.names) if self.names else "the project is empty"


def _absolute(path: str, base: Path) -> str:
    return path if _REMOTE.match(path) else str((base / path).absolute())


def _names(given: str | Collection[str] | None) -> tuple[str, ...] | None:
    """Names given one by one, or in one text with commas between."""
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(part.strip() for part in parts)


def _one_of(option: str, given: str, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        listed = ", ".join(f"`{item}`" for item in allowed)
        raise BadInput(f"`{given}` is no {option}", help=did_you_mean(given, allowed) or f"there is {listed}")
    return given
