"""Two versions of a project and the same data into which customers enter and leave; small counts are hidden."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segrules.diagnostics.errors import BadData, BadInput, BadRules, SegrulesError
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Catalogue
from segrules.text.source import Source
from segrules.workspace.diffs.moves_text import moves_text
from segrules.workspace.frozen import with_cuts
from segrules.workspace.ruleset import RuleSet

if TYPE_CHECKING:
    from segrules.backends.arrow.found import Found
    from segrules.evaluation.moved import PartitionMoves, SegmentMoves
    from segrules.evaluation.versions import Version

MIN_CELL = 11
"""The smallest count that is shown unless another is asked for."""

_SIDES = ("before", "after")
_LABELS = ("before", "after", "entered", "left")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing was counted: which version, `before` or `after`, cannot be run on the data, and what is wrong."""

    version: str
    message: str
    findings: tuple[Finding, ...] = ()
    help: str | None = None
    sources: Mapping[str, Source] | None = None

    @property
    def text(self) -> str:
        """The same in one line, with the first finding."""
        first = self.findings[0] if self.findings else None
        return self.message if first is None else f"{self.message}; {first.code}: {first.message}"

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "version": self.version,
            "message": self.message,
            "findings": [{"code": item.code.number, "message": item.message} for item in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Moves:
    """Who entered and left segments, and who went from which stage of a partition to which.

    Numbers are None where they are hidden. `customers` is how many there are; without counts there is a `problem`.
    """

    as_of: datetime
    min_cell: int
    customers: int | None
    segments: "tuple[SegmentMoves, ...]" = ()
    partitions: "tuple[PartitionMoves, ...]" = ()
    problem: Problem | None = None

    def __str__(self) -> str:
        return self.text()

    def numbers(self, name: str) -> dict[str, int | None]:
        """`before`, `after`, `entered` and `left` of a segment, or of a stage as `partition.stage`.

        Segments have the name of the later version, or of the earlier one where they were removed. None is a number
        that is hidden, that has no meaning there, or that was not counted.
        """
        segment = self._segment(name)
        if segment is not None:
            return {label: getattr(segment, label) for label in _LABELS}
        partition, _, stage = name.partition(".")
        return next((item.numbers(stage) for item in self.partitions if item.name_after == partition), {})

    def shown(self, name: str) -> dict[str, str]:
        """The same as text: `hidden` for a number that is, nothing where it has no meaning; empty without counts."""
        told = self.numbers(name)
        hidden = self._hidden(name)
        absent = {label for label, number in told.items() if number is None and label not in hidden}
        return {
            label: "" if label in absent else "hidden" if number is None else f"{number:,}"
            for label, number in told.items()
        }

    def _hidden(self, name: str) -> tuple[str, ...]:
        """Which of the numbers are hidden."""
        segment = self._segment(name)
        if segment is not None:
            return segment.suppressed
        partition, _, stage = name.partition(".")
        return next((item.hidden(stage) for item in self.partitions if item.name_after == partition), ())

    def _segment(self, name: str) -> "SegmentMoves | None":
        return next((item for item in self.segments if name == (item.name_after or item.name_before)), None)

    def of(self, before: str | None, after: str | None) -> "SegmentMoves | None":
        """What is counted of one pair of segments; None where that pair was not asked for."""
        return next((item for item in self.segments if (item.name_before, item.name_after) == (before, after)), None)

    def text(self) -> str:
        """The counts as text: sizes, why people moved, and stages."""
        return moves_text(self)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "as_of": self.as_of.isoformat(),
            "min_cell": self.min_cell,
            "customers": self.customers,
            "segments": [item.to_json() for item in self.segments],
            "partitions": [item.to_json() for item in self.partitions],
            "problem": None if self.problem is None else self.problem.to_json(),
        }


Count = Callable[[Sequence[tuple[str | None, str | None]]], Moves]
"""Counts the moves of pairs of segments."""


def counter(
    before: RuleSet,
    after: RuleSet,
    data: Mapping[str, Any] | None,
    as_of: str | date | datetime | None,
    min_cell: int,
    progress: Callable[[str, int, int], None],
) -> Count | None:
    """What counts pairs of segments of two versions, as `counted` does; None without an instant.

    Raises:
        BadInput: what is asked cannot be counted.
    """
    _check_min_cell(min_cell)
    if as_of is None:
        if data is not None:
            raise BadInput("data are counted at an instant", help="give `as_of`, too (`--as-of`)")
        return None
    from segrules.evaluation.as_of import resolve_as_of

    resolve_as_of(as_of, "UTC")
    _check_tables(_catalogues(before, after), data or {})
    return lambda pairs: counted(before, after, pairs, data, as_of=as_of, min_cell=min_cell, progress=progress)


def counted(
    before: RuleSet,
    after: RuleSet,
    matched: Sequence[tuple[str | None, str | None]],
    data: Mapping[str, Any] | None = None,
    *,
    as_of: str | date | datetime,
    min_cell: int = MIN_CELL,
    partitions: Collection[str] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Moves:
    """Count who moves between two versions of a project, over the same data at the same instant.

    Segments are counted by their rules, whatever their status.

    Args:
        before: the version before.
        after: the version after.
        matched: the segments to be counted, by their names before and after; None where there is none in a version.
        data: tables or paths of tables by their names in either catalogue, as for `RuleSet.evaluate`. All others are
            read from where the version after says.
        as_of: the instant, as for `RuleSet.run`.
        min_cell: counts of fewer customers than this, but for none, are hidden, and so is what would tell them.
        partitions: names of partitions that both versions have, None for all of those.
        progress: told what is being done, how many steps of it are done, and how many there are (0: not known).

    Raises:
        BadInput: an argument names what is not there, or customers cannot be followed from one version to the other.
        BadRules: a version has errors.
        Cancelled: `progress` said so.
    """
    _check_min_cell(min_cell)
    # The engine and its data libraries are loaded here.
    from segrules.evaluation.moves import count_moves
    from segrules.evaluation.reasons import reasons
    from segrules.evaluation.versions import both as both_customers

    versions = _versions(before, after, data or {}, as_of)
    both = _partitions(versions, partitions)
    names = [sorted({name for pair in matched if (name := pair[side]) is not None}) for side in (0, 1)]
    _check_names(versions, names)
    tell = progress or _silent
    found: list[Found] = []
    for side, version in enumerate(versions):
        try:
            found.append(version.members(names[side], both, tell))
        except (BadData, BadRules) as error:
            problem = _problem(_SIDES[side], error, version.sources)
            return Moves(versions[1].as_of, min_cell, None, problem=problem)
    same = [(name, name) for name in both]
    pair = found[0], found[1]
    customers = both_customers(found[0].keys, found[1].keys)
    why = reasons(versions, pair, customers, matched, min_cell, tell)
    made = count_moves(pair, customers, matched, same, why, min_cell)
    return Moves(made.as_of, min_cell, made.customers, made.segments, made.partitions)


def _versions(
    before: RuleSet, after: RuleSet, data: Mapping[str, Any], as_of: str | date | datetime
) -> "tuple[Version, Version]":
    from segrules.evaluation.as_of import resolve_as_of
    from segrules.evaluation.versions import Version

    # Both are looked at the same moment, but each in its own time zone.
    now = datetime.now(UTC)
    # Its errors are told before anything is looked up in it.
    paths = {**before.table_paths(), **after.table_paths()}
    _check_tables(_catalogues(before, after), data)
    # A reader of batches can be read once only.
    given = {name: item.read_all() if hasattr(item, "read_all") else item for name, item in data.items()}
    made = []
    for rules in (before, after):
        assert rules.typed is not None
        typed = with_cuts(rules.typed, rules.lock.lines)
        tables = typed.catalogue.tables
        asked = {name: os.fspath(item) for name, item in given.items() if isinstance(item, str | os.PathLike)}
        own = {name: str(Path.cwd() / path) if "://" not in path else path for name, path in asked.items()}
        made.append(
            Version(
                typed,
                rules.sources,
                resolve_as_of(as_of, typed.catalogue.zone, now=now).instant,
                after.project.root,
                {name: path for name, path in {**paths, **own}.items() if name in tables},
                {name: item for name, item in given.items() if name not in asked and name in tables},
            )
        )
    return made[0], made[1]


def _catalogues(before: RuleSet, after: RuleSet) -> tuple[Catalogue, ...]:
    return tuple(rules.typed.catalogue for rules in (before, after) if rules.typed is not None)


def _check_tables(catalogues: Sequence[Catalogue], data: object) -> None:
    from segrules.evaluation.described import described

    if not isinstance(data, Mapping):
        raise BadInput(f"`data` is {described(data)}, expected a mapping from names of tables to tables")
    known = sorted({name for catalogue in catalogues for name in catalogue.tables})
    for name in data:
        if name not in known:
            listed = "their tables are " + ", ".join(f"`{item}`" for item in known)
            raise BadInput(f"neither version has a table `{name}`", help=did_you_mean(str(name), known) or listed)


def _partitions(versions: "tuple[Version, Version]", asked: Collection[str] | None) -> list[str]:
    before, after = (set(version.rules.partitions) for version in versions)
    both = sorted(before & after)
    for name in asked or ():
        if name not in both:
            raise BadInput(f"there is no partition `{name}` in both versions", help=did_you_mean(name, both))
    return both if asked is None else sorted(set(asked))


def _check_names(versions: "tuple[Version, Version]", names: Sequence[Sequence[str]]) -> None:
    for side, version in enumerate(versions):
        for name in names[side]:
            if name not in version.rules.segments:
                raise BadInput(f"the version {_SIDES[side]} has no segment `{name}`")


def _check_min_cell(min_cell: object) -> None:
    if not isinstance(min_cell, int) or isinstance(min_cell, bool) or min_cell < 1:
        raise BadInput(f"the smallest count to be shown is {min_cell}, expected a whole number from 1 on")


def _problem(side: str, error: SegrulesError, sources: Mapping[str, Source]) -> Problem:
    reason = error.message.removeprefix("nothing was run: ")
    message = f"nobody was counted: the version {side} cannot be run on these data, {reason}"
    return Problem(side, message, error.findings, error.help, {**sources, **error.sources})


def _silent(what: str, done: int, total: int) -> None:
    """Tell nobody."""
