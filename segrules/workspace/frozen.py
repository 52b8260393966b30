"""Rules and the lines of the lock file into rules with cut points, and what does not fit between the two."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from segrules.diagnostics.codes import BAD_LOCK_FILE, STALE_LOCK, UNUSED_LOCK
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.explain.lines import listed
from segrules.ir.meaning import Meanings
from segrules.ir.rules import Cut, Rank, Rules, Score
from segrules.text.span import Span
from segrules.types.types import (
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MoneyType,
    TextType,
    TimestampType,
    Type,
    describe,
)
from segrules.workspace.lock import Locked, RawCut, typed_number

Lines = Mapping[tuple[str, str], Locked]
"""The lines of a lock file by score and rank."""


def by_rank(lines: Iterable[Locked]) -> Lines:
    """Lines by score and rank."""
    return {(item.score, item.rank): item for item in lines}


def frozen_ranks(rules: Rules) -> Iterator[tuple[Score, Rank]]:
    """The ranks whose cut points stand in the lock file."""
    for score in rules.scores.values():
        for rank in score.ranks.values():
            if rank.bands.frozen:
                yield score, rank


def with_cuts(rules: Rules, lines: Lines) -> Rules:
    """The rules with the cut points of all frozen ranks for which there is a sound line."""
    scores = dict(rules.scores)
    for score, rank in frozen_ranks(rules):
        line = lines.get((score.name, rank.name))
        if line is None or stale(rules, score, rank, lines):
            continue
        cuts = typed_cuts(line.cuts, rank.by.type)
        if cuts is not None and not _problem(line, cuts, rank):
            made = scores[score.name]
            changed = replace(rank, bands=replace(rank.bands, cuts=cuts))
            scores[score.name] = replace(made, ranks={**made.ranks, rank.name: changed})
    return replace(rules, scores=scores)


def definition_of(rules: Rules, score: str, rank: str) -> str:
    """What a rank of frozen bands is by, as a short text: its cut points and entries of list files are no part."""
    return Meanings(rules, as_written=True).rank(score, rank, lists=False)[:16]


def stale(rules: Rules, score: Score, rank: Rank, lines: Lines) -> bool:
    """Whether a rank has no line, or one that was made for another definition."""
    line = lines.get((score.name, rank.name))
    return line is None or line.definition != definition_of(rules, score.name, rank.name)


def lock_findings(rules: Rules, lines: Lines) -> list[Finding]:
    """What does not fit: ranks without a line, lines for other definitions or other names, cuts of another type."""
    found = []
    for score in rules.scores.values():
        ranks = [rank for rank in score.ranks.values() if rank.bands.frozen]
        lacking = [rank for rank in ranks if (score.name, rank.name) not in lines]
        if lacking:
            message = f"the lock file has no cut points for the frozen bands of {_named(score, lacking)}"
            found.append(finding(STALE_LOCK, message, lacking[0].span, help="find them with `segrules fit`"))
        changed = [rank for rank in ranks if rank not in lacking and stale(rules, score, rank, lines)]
        if changed:
            verb = "has" if len(changed) == 1 else "have"
            message = f"{_named(score, changed)} {verb} changed since the cut points were frozen"
            related = [Related(lines[score.name, rank.name].span, "they were frozen here") for rank in changed[:1]]
            help_ = "find them again with `segrules fit`"
            found.append(finding(STALE_LOCK, message, changed[0].span, help=help_, related=related))
        for rank in ranks:
            line = lines.get((score.name, rank.name))
            if line is not None and rank not in changed:
                problem = _problem(line, typed_cuts(line.cuts, rank.by.type), rank)
                if problem:
                    message = f"the cut points of `{score.name}.{rank.name}` {problem}"
                    found.append(finding(BAD_LOCK_FILE, message, line.span, help="find them again with `segrules fit`"))
    return [*found, *(_unused(rules, line) for line in lines.values() if not _is_used(rules, line))]


def _named(score: Score, ranks: Sequence[Rank]) -> str:
    return listed([f"`{score.name}.{rank.name}`" for rank in ranks])


def _is_used(rules: Rules, line: Locked) -> bool:
    score = rules.scores.get(line.score)
    return score is not None and line.rank in score.ranks and score.ranks[line.rank].bands.frozen


def _unused(rules: Rules, line: Locked) -> Finding:
    score = rules.scores.get(line.score)
    place: Span = line.span
    if score is None:
        message, help_ = f"there is no score `{line.score}`", did_you_mean(line.score, rules.scores)
    elif line.rank not in score.ranks:
        message = f"the score `{line.score}` has no rank `{line.rank}`"
        help_ = did_you_mean(line.rank, score.ranks)
    else:
        message, help_ = f"the bands of `{line.score}.{line.rank}` are not frozen", "write `bands frozen` in the score"
    return finding(UNUSED_LOCK, message, place, help=help_ or "`segrules fit` takes the line out")


def _problem(line: Locked, cuts: tuple[Cut, ...] | None, rank: Rank) -> str | None:
    """What is wrong with the cut points of a rank."""
    of = rank.by.type
    if cuts is None:
        return f"are not all of the type of its values, {describe(of)}"
    if len(cuts) >= rank.bands.count:
        return f"are {len(cuts)}, for {rank.bands.count} bands"
    places: list[Any] = [_place(cut, of) for cut in cuts]
    return "do not rise" if any(one > other for one, other in pairwise(places)) else None


def _place(cut: Any, of: Type) -> Any:
    return of.values.index(cut) if isinstance(of, TextType) and of.values is not None else cut


def typed_cuts(raw: Iterable[RawCut], of: Type) -> tuple[Cut, ...] | None:
    """Cuts as values of a type; None where one is none."""
    found = [_typed(cut, of) for cut in raw]
    return None if any(cut is None for cut in found) else tuple(cut for cut in found if cut is not None)


def _typed(raw: RawCut, of: Type) -> Cut | None:
    match of:
        case IntegerType() | DecimalType() | MoneyType() | FloatType():
            number = typed_number(raw)
            if isinstance(number, float) or number is None:
                return number if isinstance(of, FloatType) else None
            if isinstance(of, FloatType):
                return _double(number)
            return int(number) if number.denominator == 1 else None if isinstance(of, IntegerType) else number
        case DateType():
            return raw if isinstance(raw, date) and not isinstance(raw, datetime) else None
        case TimestampType():
            return raw.astimezone(UTC) if isinstance(raw, datetime) and raw.tzinfo is not None else None
        case TextType():
            return raw if isinstance(raw, str) and raw in (of.values or ()) else None
        case _:
            return None


def _double(number: Fraction) -> Fraction | None:
    try:
        return Fraction(float(number))
    except OverflowError:
        return None


def raw_cut(cut: Cut, of: Type) -> RawCut:
    """A cut as the lock file writes it: decimals where they end, doubles as the shortest that stand for them."""
    if isinstance(of, FloatType) and isinstance(cut, int | Fraction | float):
        return Decimal(repr(float(cut)))
    if isinstance(cut, Fraction):
        if cut.denominator == 1:
            return int(cut)
        places, rest = 0, cut.denominator
        for factor in (2, 5):
            while rest % factor == 0:
                rest, places = rest // factor, places + 1
        if rest != 1 or places > 30:
            return f"{cut.numerator}/{cut.denominator}"
        scaled = cut * 10**places
        digits = str(abs(int(scaled))).rjust(places + 1, "0")
        text = f"{digits[:-places]}.{digits[-places:]}".rstrip("0")
        return Decimal(f"-{text}" if cut < 0 else text)
    assert not isinstance(cut, float)
    return cut
