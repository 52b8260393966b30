"""A rule set in hand: what Python users, the command line and later tools check, show and run."""

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segrules import __version__
from segrules.diagnostics.codes import BAD_LOCK_FILE, UNREADABLE_DATA
from segrules.diagnostics.errors import BadData, BadInput, BadRules, Cancelled, UnknownName
from segrules.diagnostics.finding import Finding, Severity
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Table
from segrules.ir.rules import CutMethod, Rules
from segrules.text.source import Source
from segrules.workspace.checked import Checked, checked, without_silenced
from segrules.workspace.fit import FitResult, fit, ranks_to_fit, write_lock
from segrules.workspace.frozen import Lines, with_cuts
from segrules.workspace.lock import NAME
from segrules.workspace.named import Named, kind_of
from segrules.workspace.project import LANGUAGE, Project, with_levels
from segrules.workspace.remembered import Remembered

if TYPE_CHECKING:
    from segrules.evaluation.held import HeldTables
    from segrules.evaluation.request import Request
    from segrules.evaluation.result import Result
    from segrules.evaluation.run import Prepared
    from segrules.lowering.plan import Plan
    from segrules.proofs.statements import Proofs
    from segrules.testing.result import TestRun
    from segrules.workspace.assessment.assess import Assessed
    from segrules.workspace.diffs.result import Diff
    from segrules.workspace.overlap import Overlap

CACHE = ".segrules_cache/pairs.json"
"""Where what is proved of pairs is kept, in the folder of the project."""
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True, slots=True)
class Hashes:
    """`sha256:` and digest of every file that the rules were read from, by path relative to the project."""

    rules: Mapping[str, str]
    catalogue: Mapping[str, str]
    lists: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lock:
    """What the lock file holds, and what is wrong with it."""

    lines: Lines = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of one project, read and checked.

    `findings` are what reading rules and catalogue found, in the weights of the project; `check` adds what depends on
    the day and on how rules are kept. `sound` says that there is no error among them but what the project made one, so
    that the rules can be shown and run. `sources` has the
    text of every file that was read, by path relative to the project. `typed` is the typed tree; it is None where the
    catalogue could not be read, and incomplete where there are errors. `lock` has the cut points of frozen bands.
    """

    project: Project
    findings: tuple[Finding, ...]
    sound: bool
    sources: Mapping[str, Source] = field(repr=False)
    hashes: Hashes = field(repr=False)
    typed: Rules | None = field(repr=False)
    lock: Lock = field(default_factory=Lock, repr=False)
    _ready: "Remembered[Prepared]" = field(default_factory=Remembered, repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all segments, partitions, scores and defines, sorted; `show` knows groups and policies, too."""
        if self.typed is None:
            return ()
        typed = self.typed
        return tuple(sorted({*typed.segments, *typed.partitions, *typed.scores, *typed.definitions}))

    @property
    def segments(self) -> tuple[str, ...]:
        """The names of all segments, whatever their status, sorted."""
        return tuple(sorted(self.typed.segments)) if self.typed is not None else ()

    def __repr__(self) -> str:
        held = [] if self.typed is None else [_counted(len(self.segments), "segment")]
        if self.typed is not None and self.typed.partitions:
            held.append(_counted(len(self.typed.partitions), "partition"))
        weights = Counter(item.severity for item in self.findings)
        held += [_counted(weights[severity], severity) for severity in Severity if weights[severity]]
        return f"RuleSet({str(self.project.root)!r}: {', '.join(held)})"

    def __iter__(self) -> Iterator[str]:
        """The names of all segments, partitions, scores and defines, sorted."""
        return iter(self.names)

    def __len__(self) -> int:
        """How many segments, partitions, scores and defines there are."""
        return len(self.names)

    def __bool__(self) -> bool:
        """A rule set is true, even one without rules."""
        return True

    def __contains__(self, name: object) -> bool:
        """Whether a segment, partition, score or define has this name."""
        return isinstance(name, str) and self.typed is not None and kind_of(self.typed, name) is not None

    def __getitem__(self, name: str) -> Named:
        """A segment, partition, score or define.

        Raises:
            UnknownName: nothing has this name; it is a `BadInput` and a `KeyError`.
        """
        kind = None if self.typed is None else kind_of(self.typed, name)
        if kind is None:
            raise UnknownName(f"there is no `{name}`", help=did_you_mean(str(name), self.names) or self._listed())
        return Named(name, kind, self._sound)

    def check(self, as_of: str | date | datetime | None = None) -> tuple[Finding, ...]:
        """Everything that is wrong or worth knowing about rules and catalogue, sorted by place.

        What comments silence is left out; `checked` has it.

        Args:
            as_of: the day on which review dates and the ends of silencers are looked at, as `run` takes it; None for
                today.

        Raises:
            BadInput: `as_of` is no day.
        """
        return self.checked(as_of).findings

    def checked(self, as_of: str | date | datetime | None = None, *, proofs: "Proofs | None" = None) -> Checked:
        """What `check` gives, and beside it the findings that comments silence, with reason and end.

        Args:
            as_of: the day, as for `check`.
            proofs: what `prove` gave; its findings are added.

        Raises:
            BadInput: `as_of` is no day.
        """
        sound = self.typed if self.sound else None
        proved = None if proofs is None else proofs.findings
        return checked(self.project, self.sources, self.findings, sound, self._day(as_of), proved)

    def show(self, name: str, *, prove: bool = False) -> str:
        """A segment, partition, score, define, group or policy in plain English, with what it reads of the data.

        Args:
            name: what to show.
            prove: whether to say what is proved: of a segment whether anyone can be in it, which clauses change
                nothing, and what happens where a value is not recorded; of a partition which stages never win, and a
                customer whom none of them takes; of a group or a policy what is kept, and a customer who shows what
                is not.

        Raises:
            UnknownName: nothing has this name.
            BadRules: the rules have errors.
        """
        from segrules.explain.english import explain
        from segrules.governance.shown import sensitive_lines

        rules = self._sound()
        promises = {*rules.groups, *rules.policies} - {*self.names}
        if name not in self.names and name not in promises:
            help_ = did_you_mean(str(name), [*self.names, *sorted(promises)]) or self._listed()
            raise UnknownName(f"there is no `{name}` to show", help=help_)
        rules = with_cuts(rules, self.lock.lines)
        explanation = explain(rules, name)
        lines = [*explanation.lines, *explanation.reads]
        if name not in promises:
            lines += sensitive_lines(rules, name)
        if prove:
            from segrules.proofs.told import told

            lines += told(rules, name)
        return "\n".join(lines) + "\n"

    def plan(self, segment: str | None = None) -> "Plan":
        """What a run of all active segments, or of one, reads, shares and works out, with an estimate of its cost.

        Raises:
            UnknownName: no segment has this name.
            BadRules: the rules have errors.
        """
        from segrules.lowering.plan import plan

        rules = self._sound()
        if segment is not None and segment not in rules.segments:
            help_ = did_you_mean(str(segment), self.segments) or self._listed()
            raise UnknownName(f"there is no segment `{segment}` to plan", help=help_)
        return plan(rules, segment)

    def prove(
        self,
        as_of: str | date | datetime | None = None,
        *,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Proofs":
        """What holds of every customer who could exist: segments, groups, partitions and policies; no data are read.

        `check` on the command line turns the answers into findings; so does `Proofs.findings`.

        Args:
            as_of: the instant for which to prove, as `run` takes it; None for every instant from 1971 to 2199.
            progress: told what is being done, how many segments are done, and how many there are.
            cancelled: asked now and then whether to stop, from the thread that proves.

        Raises:
            BadRules: the rules have errors.
            Cancelled: `cancelled` said so.
        """
        # Z3 is loaded where something is proved, and nowhere else.
        from segrules.evaluation.as_of import resolve_as_of
        from segrules.proofs.prove import prove

        rules = with_cuts(self._sound(), self.lock.lines)
        instant = None if as_of is None else resolve_as_of(as_of, rules.catalogue.zone).instant
        return prove(rules, instant, self._teller(progress, cancelled))

    def test(
        self,
        select: str | None = None,
        *,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "TestRun":
        """Run the tests that stand in the rules, on both engines; no data are read.

        Args:
            select: run only the tests whose titles contain this, in upper or lower case; None for all.
            progress: told what is being done, how many tests are done, and how many there are.
            cancelled: asked now and then whether to stop, from the thread that runs.

        Raises:
            BadInput: no test has such a title.
            BadRules: the rules have errors.
            Cancelled: `cancelled` said so.
        """
        # The engines and their data libraries are loaded here, as in `run`.
        from segrules.testing.results import run_tests
        from segrules.testing.select import select_tests

        rules = with_cuts(self._sound(), self.lock.lines)
        tests = select_tests(rules.tests, select)
        # A test is of no day: whether a silencer has ended is for `check` to say, and so is what is sensitive.
        known = tuple(item for item in self._heard(self.findings, date.min) if not item.code.number.startswith("SEG36"))
        return run_tests(rules, tests, known, self._teller(progress, cancelled))

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
        lineage: str | os.PathLike[str] | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
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
                members, by key.
            lineage: a file to which events of OpenLineage are written, a line for each; needs `out`.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).
            cancelled: asked now and then whether to stop, from the thread that runs.

        Raises:
            BadInput: an argument names what is not there, or `out` cannot be written.
            BadRules: the rules have errors.
            BadData: the data cannot be read or do not fit the catalogue.
            StrictRefusal: the run is strict and a finding weighs too much.
            Cancelled: `cancelled` said so; nothing was written.
        """
        # The engine and its data libraries are loaded here and in `evaluate`, and nowhere else.
        from segrules.evaluation.openlineage import Wanted
        from segrules.evaluation.request import ENGINE_NAMES, FORMATS, Request

        request = Request(
            as_of,
            None if out is None else Path(out),
            self._data(self._tables(data, files=True)),
            _names("segments", segments),
            _one_of("format", format, FORMATS),
            wide,
            _drafts(include),
            overwrite,
            strict,
            Severity(_one_of("fail_on", fail_on, ("error", "warning"))),
            (self.project.root, Path.cwd()),
            _one_of("engine", engine, ENGINE_NAMES),
            lineage=None if lineage is None else Wanted(Path(lineage), self.project.root.resolve().name or "project"),
        )
        return self._run(request, progress, cancelled)

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
                or polars frame, anything with `__arrow_c_stream__`, a mapping of columns, a path, or what `hold` made
                of these. Columns have their names in the data. A table that is not given is read from where the project
                or the catalogue says.
            as_of: the instant: a date (its first instant in the catalogue's zone), a timestamp, or one of `today`,
                `yesterday`, `now`.
            segments: names of the segments to evaluate, None for all active ones; partitions are always evaluated.
            include: `draft` evaluates draft segments, too.
            three_valued: whether `Result.qualifying` tells apart who is in doubt from who does not qualify.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).
            cancelled: asked now and then whether to stop, from the thread that evaluates.

        Raises:
            BadInput: an argument names what is not there, or what was given as a table is none.
            BadRules: the rules have errors.
            BadData: the data cannot be read or do not fit the catalogue.
            Cancelled: `cancelled` said so.
        """
        from segrules.evaluation.request import Request

        given = self._tables(data)
        paths = {name: item for name, item in given.items() if isinstance(item, str | os.PathLike)}
        request = Request(
            as_of,
            data=self._data(paths),
            segments=_names("segments", segments),
            drafts=_drafts(include),
            given={name: item for name, item in given.items() if name not in paths},
            three_valued=three_valued,
        )
        try:
            return self._run(request, progress, cancelled)
        except BadData as error:
            # Who gives tables and forgot one is told so, not only that there is no such file.
            error.findings = tuple(self._or_give_it(item, given) for item in error.findings)
            raise

    def hold(self, data: Mapping[str, Any]) -> "HeldTables":
        """Tables for many evaluations: each column is read, checked and encoded once, when it is first needed.

        `evaluate` takes the result in place of the tables, or as a part of them: `{**held, "orders": newer}`.

        Args:
            data: tables by the catalogue's names, all that `evaluate` takes; files are read into memory. They must not
                be changed while they are held.

        Raises:
            BadInput: a name is not in the catalogue, or what was given as a table is none.
            BadRules: the rules have errors.
        """
        from segrules.evaluation.held import HeldTables

        return HeldTables(self._sound().catalogue, self._tables(data))

    def fit(
        self,
        as_of: str | date | datetime,
        *,
        data: Mapping[str, Any] | None = None,
        scores: str | Collection[str] | None = None,
        method: str = "rank",
        write: bool = True,
        engine: str = "arrow",
        progress: Callable[[str, int, int], None] | None = None,
    ) -> FitResult:
        """Find the cut points of scores with `bands frozen` over the data, and write them to `segrules.lock`.

        Load the project again to run it with the new cut points.

        Args:
            as_of: the instant at which the data are looked at, as for `run`.
            data: tables or paths of tables by the catalogue's names, as for `evaluate`.
            scores: names of scores, None for all with frozen bands. With names the lines of all other scores stay.
            method: `rank` (the cut points of fresh bands), `type7` (quantiles as R and numpy have them) or `qcut`
                (the same as pandas.qcut cuts there: a value that equals a quantile lies below it).
            write: whether to write the file, or only to say what would change.
            engine: `arrow`, or `reference`, which reads files alone.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).

        Raises:
            BadInput: an argument names what is not there, nobody has a value to be cut, or the file cannot be written.
            BadRules: the rules have errors.
            BadData: the data cannot be read or do not fit the catalogue.
        """
        from segrules.evaluation.fit import FitRequest
        from segrules.evaluation.request import ENGINE_NAMES

        _check_function("progress", progress)
        rules = self._sound()
        chosen = _names("scores", scores)
        given = self._tables(data)
        paths = {name: item for name, item in given.items() if isinstance(item, str | os.PathLike)}
        request = FitRequest(
            as_of,
            ranks_to_fit(rules, chosen),
            CutMethod(_one_of("method", method, tuple(CutMethod))),
            self._data(paths),
            {name: item for name, item in given.items() if name not in paths},
            _one_of("engine", engine, ENGINE_NAMES),
        )
        if request.given and request.engine == "reference":
            raise BadInput("the reference interpreter reads files", help="give paths, or leave `engine` out")
        unread = [item for item in self.lock.findings if item.code is BAD_LOCK_FILE]
        if chosen is not None and unread:
            raise BadInput("the lock file is wrong, so that no single score can be fitted", unread)
        made = fit(rules, self.lock.lines, request, self._base, progress or _silent, keep_others=chosen is not None)
        written = write and write_lock(self.project.root, made.lines)
        lock = self.project.root / NAME
        return FitResult(made.as_of, made.changes, lock, written, self._weigh(made.findings))

    def overlap(
        self,
        segments: str | Collection[str] | None = None,
        *,
        as_of: str | date | datetime | None = None,
        data: Mapping[str, Any] | None = None,
        min_cell: int = 11,
        include: str | Collection[str] = (),
        cache: bool = False,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Overlap":
        """Whether anybody can be in two segments at once, for any customers; with `as_of` also how many are.

        Args:
            segments: names of the segments to look at, None for all active ones.
            as_of: the instant at which members are counted in the data, as for `run`; None counts nothing.
            data: tables or paths of tables by the catalogue's names, as for `evaluate`.
            min_cell: counts of fewer customers than this, but for none, are hidden, and so is what would tell them.
            include: `draft` looks at draft segments, too.
            cache: whether to keep what is proved in `.segrules_cache` of the project, so that pairs that do not change
                cost nothing the next time. No answer depends on it, and it can be removed at any time.
            progress: told what is being done, how many steps of it are done, and how many there are (0: not known).
            cancelled: asked now and then whether to stop, from the thread that works.

        Raises:
            BadInput: an argument names what is not there, or there are not two segments.
            BadRules: the rules have errors.
            BadData: the data cannot be read or do not fit the catalogue.
            Cancelled: `cancelled` said so.
        """
        from segrules.evaluation.select import select
        from segrules.workspace.overlap import check_asked, find_overlap

        rules = with_cuts(self._sound(), self.lock.lines)
        names = select(rules, _names("segments", segments), drafts=_drafts(include))
        check_asked(names, min_cell, data=data is not None, as_of=as_of is not None)

        def evaluate() -> "Result":
            assert as_of is not None
            told: dict[str, Any] = {"progress": progress, "cancelled": cancelled}
            return self.evaluate(data, as_of=as_of, segments=names, include=include, **told)

        counted = None if as_of is None else evaluate
        told = self._teller(progress, cancelled)
        kept = self.project.root / CACHE if cache else None
        return find_overlap(rules, self.sources, names, counted, min_cell, told, kept)

    def assess(
        self,
        segments: str | Collection[str] | None = None,
        *,
        out: str | os.PathLike[str] | None = None,
        on: str | date | datetime | None = None,
        as_of: str | date | datetime | None = None,
        data: Mapping[str, Any] | None = None,
        min_cell: int = 11,
        write: bool = True,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Assessed":
        """Write a privacy assessment of each segment, as Markdown and JSON, from the rules and from what is proved.

        A file of decisions beside each is made once, for people to write in, and never replaced.

        Args:
            segments: names of the segments to assess, None for all that are not retired.
            out: the folder to write to; None for the one that `assessments` in `segrules.toml` names.
            on: the day that an assessment bears where it says something new, as `check` takes it; None for today.
            as_of: the instant at which members are counted in the data, as for `run`; None counts nothing. An earlier
                count stays as long as the rule means the same.
            data: tables or paths of tables by the catalogue's names, as for `evaluate`; needs `as_of`.
            min_cell: of fewer members than this, but for none, it is only said that they are fewer. Of others a band is
                told, such as 100 to 999.
            write: whether to write files, or only to give back what would stand in them.
            progress: told what is being done, how many steps of it are done, and how many there are.
            cancelled: asked now and then whether to stop, from the thread that works.

        Raises:
            BadInput: an argument names what is not there, or there is no folder to write to.
            OutputProblem: the folder cannot be written, or holds a file of that name that segrules did not write.
            BadRules: the rules have errors.
            BadData: the data cannot be read or do not fit the catalogue.
            Cancelled: `cancelled` said so.
        """
        from segrules.workspace.assessment.assess import assess, chosen, measure
        from segrules.workspace.assessment.files import Folder, check_asked

        rules = self._sound()
        picked = chosen(rules, _names("segments", segments))
        place = check_asked(self.project, out, min_cell, data=data is not None, as_of=as_of is not None)
        counted = {}
        if as_of is not None:
            names = [segment.name for segment in picked]
            told: dict[str, Any] = {"progress": progress, "cancelled": cancelled}
            counted = measure(self.evaluate(data, as_of=as_of, segments=names, include="draft", **told), min_cell)
        tell = self._teller(progress, cancelled)
        return assess(rules, self.project.packs, picked, Folder(place), self._day(on), counted, tell, write=write)

    def diff(
        self,
        after: "RuleSet",
        *,
        names: tuple[str, str] = ("before", "after"),
        data: Mapping[str, Any] | None = None,
        as_of: str | date | datetime | None = None,
        min_cell: int = 11,
        progress: Callable[[str, int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> "Diff":
        """What changes from these rules to others, in what it means for every customer who could exist.

        `segrules.diff` takes folders and git revisions.

        Args:
            after: the later version of the same project.
            names: what the two versions are called in what is told.
            data: tables or paths of tables, as for `RuleSet.evaluate`, by their names in either version. All others are
                read from where the later version says.
            as_of: the instant at which members are counted in the data, as for `RuleSet.run`; None counts nothing.
            min_cell: counts of fewer customers than this, but for none, are hidden, and so is what would tell them.
            progress: told what is being done, how many segments are done, and how many there are.
            cancelled: asked now and then whether to stop, from the thread that works.

        Raises:
            BadInput: an argument names what is not there, or data came without an instant.
            BadRules: one of the two has errors.
            Cancelled: `cancelled` said so.
        """
        from segrules.workspace.diffs.compare import compare
        from segrules.workspace.diffs.moves import counter

        tell = self._teller(progress, cancelled)
        return compare(self, after, names, tell, counter(self, after, data, as_of, min_cell, tell))

    def _run(
        self,
        request: "Request",
        progress: Callable[[str, int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> "Result":
        from segrules.evaluation.report import Inputs
        from segrules.evaluation.run import run

        rules = with_cuts(self._sound(), self.lock.lines)
        day = self._day(request.as_of)
        return run(
            rules,
            Inputs(
                __version__,
                LANGUAGE,
                self.hashes.rules,
                self.hashes.catalogue,
                self.hashes.lists,
                self.project.root.absolute(),
            ),
            request,
            base=self._base,
            known=self._heard(self.findings, day),
            weigh=lambda found: self._heard(self._weigh(found), day),
            progress=self._teller(progress, cancelled),
            prepared=self._prepared,
            unlocked=self.lock.findings,
        )

    @staticmethod
    def _teller(
        progress: Callable[[str, int, int], None] | None, cancelled: Callable[[], bool] | None
    ) -> Callable[[str, int, int], None]:
        """What is told about every step, and stops where the caller says so."""
        _check_function("progress", progress)
        _check_function("cancelled", cancelled)

        def tell(what: str, done: int, total: int) -> None:
            if cancelled is not None and cancelled():
                raise Cancelled("the evaluation was cancelled")
            if progress is not None:
                progress(what, done, total)

        return tell

    def _prepared(self, segments: tuple[str, ...], drafts: bool, three_valued: bool) -> "Prepared":
        """What can be made ready before data are read."""
        from segrules.evaluation.run import prepare

        asked = (segments, drafts, three_valued)
        return self._ready.answer(asked, lambda: prepare(with_cuts(self._sound(), self.lock.lines), *asked))

    def _sound(self) -> Rules:
        if self.typed is None or not self.sound:
            raise BadRules("the rules have errors", self.findings)
        return self.typed

    def _weigh(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return tuple(with_levels(list(findings), self.project.levels))

    def _heard(self, findings: Iterable[Finding], day: date) -> tuple[Finding, ...]:
        """The findings that no comment silences on that day."""
        return without_silenced(self.project, self.sources, findings, day).findings

    def _day(self, as_of: str | date | datetime | None) -> date:
        """The local day of an instant; today by the clock of this machine where there is none."""
        from segrules.evaluation.as_of import resolve_as_of

        if as_of is None:
            return date.today()
        zone = "UTC" if self.typed is None else self.typed.catalogue.zone
        return resolve_as_of(as_of, zone).instant.date()

    def _data(self, asked: Mapping[str, str | os.PathLike[str]]) -> dict[str, str]:
        """Paths of tables, made absolute: the project's from its folder, those asked for from the working folder."""
        paths = {name: _absolute(path, self.project.root) for name, path in self.project.data.items()}
        for name, path in asked.items():
            if not os.fsdecode(path):
                raise BadInput(f"the path of table `{name}` is empty", help="name a file, or leave the table out")
        return paths | {name: _absolute(os.fsdecode(path), Path.cwd()) for name, path in asked.items()}

    def _tables(self, data: object, *, files: bool = False) -> dict[str, Any]:
        """What was given as tables, by names that the catalogue has; with `files` all of them paths."""
        from segrules.evaluation.described import described

        if data is None:
            return {}
        known = self._known_tables()
        listed = "the catalogue's tables are " + ", ".join(f"`{table}`" for table in known)
        named = f'name the table, as in `{{"{known[0] if known else "name"}": ...}}`; {listed}'
        if not isinstance(data, Mapping):
            what = f"`data` is {described(data)}, expected a mapping from names of tables to tables"
            raise BadInput(what, help=named)
        columns = self.typed.catalogue.tables[known[0]].columns if self.typed is not None and known else {}
        for name, table in data.items():
            if self.typed is not None and name not in known:
                # A mapping of columns, which is one table, is easily given for the mapping of tables.
                advice = did_you_mean(str(name), known) if name not in columns else named
                raise BadInput(f"the catalogue has no table `{name}`", help=advice or listed)
            if files and not isinstance(table, str | os.PathLike):
                raise BadInput(
                    f"what was given for table `{name}` is {described(table)}, expected a path",
                    help="give tables in memory to `evaluate`",
                )
        return dict(data)

    def _known_tables(self) -> tuple[str, ...]:
        """The catalogue's tables, the one with customers (or the one they come from) first."""
        if self.typed is None:
            return ()
        customers = self.typed.catalogue.customers
        first = customers.table or (customers.derivation and customers.derivation.table)
        return tuple(sorted(self.typed.catalogue.tables, key=lambda name: (name != first, name)))

    def _or_give_it(self, item: Finding, given: Collection[str]) -> Finding:
        """A finding with the advice to give a table, where it was not given and has no file; all others as they are."""
        tables = self._sound().catalogue.tables.values()
        table = next((table for table in tables if table.span == item.span), None)
        if table is None or table.name in given or item.code is not UNREADABLE_DATA or self._lies_there(table):
            return item
        advice = f"give `{table.name}` to `evaluate`, or correct its path"
        return replace(item, help=f"{advice}; {item.help}" if item.help else advice)

    def _lies_there(self, table: Table) -> bool:
        """Whether there is a file or folder where the project or the catalogue says; not asked of remote ones."""
        path = self._data({}).get(table.name) or _absolute(table.path, self._base)
        return _REMOTE.match(path) is not None or os.path.exists(path)  # noqa: PTH110  it refuses no name

    def table_paths(self) -> dict[str, str]:
        """Where each table of the catalogue lies, as the project or the catalogue says; absolute, but for remote ones.

        Raises:
            BadRules: the rules have errors.
        """
        own = self._data({})
        tables = self._sound().catalogue.tables
        return {name: own.get(name) or _absolute(table.path, self._base) for name, table in tables.items()}

    @property
    def _base(self) -> Path:
        """The folder that paths in the catalogue are relative to."""
        return (self.project.root / self.project.catalogue).parent

    def _listed(self) -> str:
        return "there are " + ", ".join(f"`{name}`" for name in self.names) if self.names else "the project is empty"


def _absolute(path: str, base: Path) -> str:
    return path if _REMOTE.match(path) else str((base / path).absolute())


def _names(option: str, given: str | Collection[str] | None) -> tuple[str, ...] | None:
    """Names given one by one, or in one text with commas between."""
    if given is None:
        return None
    parts = given.split(",") if isinstance(given, str) else given
    if not isinstance(parts, Collection) or not all(isinstance(part, str) for part in parts):
        from segrules.evaluation.described import described

        held = (
            f"{described(given)} that does not hold text alone" if isinstance(parts, Collection) else described(given)
        )
        raise BadInput(f"`{option}` is {held}", help='expected names, as in `["one", "other"]` or `"one,other"`')
    return tuple(part.strip() for part in parts)


def _drafts(include: str | Collection[str]) -> bool:
    return "draft" in [_one_of("include", item, ("draft",)) for item in _names("include", include) or ()]


def _one_of(option: str, given: str, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        listed = ", ".join(f"`{item}`" for item in allowed)
        raise BadInput(f"`{given}` is no {option}", help=did_you_mean(str(given), allowed) or f"there is {listed}")
    return given


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""


def _check_function(option: str, given: object) -> None:
    if given is None or callable(given):
        return
    from segrules.evaluation.described import described

    advice = "give its `is_set`, as in `cancelled=event.is_set`" if hasattr(given, "is_set") else None
    raise BadInput(f"`{option}` is {described(given)}, expected a function", help=advice)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
