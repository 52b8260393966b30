"""What `fit` finds into the lock file, and what changes in it."""

import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from segrules.diagnostics.errors import BadInput, OutputProblem
from segrules.diagnostics.finding import Finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.rules import Rules
from segrules.workspace.files import why
from segrules.workspace.frozen import Lines, definition_of, frozen_ranks, raw_cut, stale, with_cuts
from segrules.workspace.lock import NAME, Locked, RawCut, lock_text

if TYPE_CHECKING:
    from segrules.evaluation.fit import FitRequest, Progress, Ranks


class Turn(StrEnum):
    """What became of a line of the lock file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One rank: its cut points before and after, as the lock file writes them; None where there is no line."""

    score: str
    rank: str
    turn: Turn
    before: tuple[RawCut, ...] | None
    after: tuple[RawCut, ...] | None


@dataclass(frozen=True, slots=True)
class FitResult:
    """What `fit` did: a change for each rank, by name; `written` says whether the file had to be written."""

    as_of: datetime
    changes: tuple[Change, ...]
    lock: Path
    written: bool
    findings: tuple[Finding, ...]


def ranks_to_fit(rules: Rules, scores: Sequence[str] | None) -> list[tuple[str, str]]:
    """The frozen ranks of some scores, or of all.

    Raises:
        BadInput: there is no such score, or none with frozen bands.
    """
    frozen = [(score.name, rank.name) for score, rank in frozen_ranks(rules)]
    names = {score for score, _ in frozen}
    for name in scores or ():
        if name not in rules.scores:
            listed = "there are " + ", ".join(f"`{item}`" for item in rules.scores) if rules.scores else None
            raise BadInput(f"there is no score `{name}` to fit", help=did_you_mean(name, rules.scores) or listed)
        if name not in names:
            raise BadInput(f"the bands of `{name}` are not frozen", help="write `bands frozen` above its ranks")
    if not frozen:
        raise BadInput("no score has frozen bands", help="write `bands frozen` above the ranks of a score")
    return [item for item in frozen if scores is None or item[0] in scores]


@dataclass(frozen=True, slots=True)
class Made:
    """The lines of a lock file after `fit`, what is different in it, the instant, and findings about the data."""

    as_of: datetime
    lines: tuple[Locked, ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]


def fit(
    rules: Rules, before: Lines, request: "FitRequest", base: Path, progress: "Progress", *, keep_others: bool
) -> Made:
    """Find the cut points that are asked for; other lines stay only where `keep_others` says so.

    A line stays as it is where its cut points, its method and the definition do.

    Raises:
        BadInput: what is fitted reads another frozen score, whose cut points are not known; and as `find_cuts`.
        BadRules: as `find_cuts`.
        BadData: as `find_cuts`.
    """
    from segrules.evaluation.fit import find_cuts

    _check_read(rules, before, request.ranks)
    found = find_cuts(with_cuts(rules, before), request, base, progress)
    lines = {key: line for key, line in before.items() if keep_others}
    for (score, rank), cuts in found.cuts.items():
        ranked = rules.scores[score]
        raw = tuple(raw_cut(cut, ranked.ranks[rank].by.type) for cut in cuts)
        mark = definition_of(rules, score, rank)
        line = Locked(score, rank, request.method, found.as_of, found.customers[score, rank], raw, mark)
        known = before.get((score, rank))
        same = known is not None and (known.cuts, known.method, known.definition) == (raw, line.method, mark)
        lines[score, rank] = known if same and known is not None else line
    return Made(found.as_of, tuple(lines.values()), _changes(before, lines), found.findings)


def _check_read(rules: Rules, before: Lines, ranks: "Ranks") -> None:
    from segrules.evaluation.needed import reach

    reached = {
        name for kind, name in reach(rules, (), (), dict.fromkeys(score for score, _ in ranks)) if kind == "score"
    }
    lacking = [
        f"`{score.name}.{rank.name}`"
        for score, rank in frozen_ranks(rules)
        if score.name in reached and (score.name, rank.name) not in ranks and stale(rules, score, rank, before)
    ]
    if lacking:
        message = f"what is fitted reads {', '.join(lacking)}, whose cut points are not frozen"
        raise BadInput(message, help="fit these scores as well")


def _changes(before: Lines, after: Lines) -> tuple[Change, ...]:
    """What is different between two lock files, by score and rank; unchanged lines included."""
    found = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None:
            turn = Turn.NEW
        elif new is None:
            turn = Turn.REMOVED
        else:
            turn = Turn.UNCHANGED if old == new else Turn.CHANGED
        found.append(Change(*key, turn, None if old is None else old.cuts, None if new is None else new.cuts))
    return tuple(found)


def write_lock(root: Path, lines: Iterable[Locked]) -> bool:
    """Write the lock file whole or not at all; whether it had to be written.

    Raises:
        OutputProblem: the file cannot be written; what stood there still stands.
    """
    path, text = root / NAME, lock_text(lines)
    building = root / f".{NAME}.{secrets.token_hex(6)}.tmp"
    try:
        with suppress(FileNotFoundError):
            if path.read_bytes() == text.encode():
                return False
        with building.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        building.replace(path)
    except OSError as error:
        raise OutputProblem(f"`{path}` cannot be written: {why(error)}") from error
    finally:
        with suppress(OSError):
            building.unlink()
    return True
