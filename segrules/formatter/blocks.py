"""Blocks into lines: the head, then the clauses with their words in columns."""

from dataclasses import dataclass

from segrules.formatter.lines import INDENT, WIDTH, Lines
from segrules.syntax.concrete import Group, Part

_COLUMNS = frozenset({"ruleset", "define", "score", "segment", "fixture", "test"})
"""Blocks in whose clauses what follows the word begins in one column; others have words of very different lengths."""
_APART = frozenset({"justified"})
"""Clauses that do not widen the column: with a rare and long word, all others would move when it comes or goes."""
_HEADER = frozenset({"describe", "owner", "purpose", "channel", "tags", "status", "priority"})
_CONDITIONS = frozenset({"where", "eligible", "as", "among", "require"})
"""Clauses that are a word and a condition or value."""
_INLINE = {"AS": "as", "AMONG": "among", "APPLIES": "applies"}
"""Clauses that the grammar writes as tokens of their block."""


@dataclass(slots=True)
class Clause:
    """A clause: its kind, its parts (the first is its word) and its tokens."""

    name: str
    parts: list[Part]
    start: int
    end: int


def put_block(lines: Lines, block: Group) -> None:
    """Lay out one block."""
    head, clauses = _clauses(lines, block)
    lines.newline(0, level=0)
    lines.put(block.start, head)
    in_columns = [c for c in clauses if (block.name in _COLUMNS or c.name in _HEADER) and c.name not in _APART]
    width = max((_word_width(lines, clause) for clause in in_columns), default=0)
    stages = _stage_column(lines, clauses)
    ranks = _rank_columns(lines, clauses, width)
    for clause in clauses:
        lines.newline(INDENT, level=1)
        if clause.name == "stage":
            _put_stage(lines, clause, stages)
        elif clause.name == "rank":
            _put_rank(lines, clause, width, ranks)
        else:
            column = INDENT + width + 1 if block.name in _COLUMNS or clause.name in _HEADER else 0
            _put_clause(lines, clause, column)


def _clauses(lines: Lines, block: Group) -> tuple[int, list[Clause]]:
    """Where the head of a block ends, and its clauses."""
    clauses: list[Clause] = []
    head = block.end
    inline: Clause | None = None
    for part in block.parts:
        start, end = (part, part + 1) if isinstance(part, int) else (part.start, part.end)
        if isinstance(part, int) and lines.kinds[part] in _INLINE:
            inline = Clause(_INLINE[lines.kinds[part]], [part], start, end)
            clauses.append(inline)
        elif inline is not None:
            inline.parts.append(part)
            inline.end = end
            inline = None if isinstance(part, Group) else inline
        elif isinstance(part, Group) and part.name != "name":
            clauses.append(Clause(part.name, part.parts, start, end))
    if clauses:
        head = clauses[0].start
    return head, clauses


def _word_width(lines: Lines, clause: Clause) -> int:
    """Columns of a clause's word; those of an `and` below it where that is longer."""
    width = lines.width(clause.start, _behind_word(clause))
    if clause.name in _CONDITIONS:
        operator = lines.breaks(clause.parts[1], INDENT + width + 1)
        width = max(width, len(operator or ""))
    return width


def _behind_word(clause: Clause) -> int:
    """The token behind the word that a clause begins with; `as of` is two."""
    return clause.start + (2 if clause.name == "as_of" else 1)


def _put_clause(lines: Lines, clause: Clause, column: int) -> None:
    """A clause whose value begins at `column`, or right behind its word."""
    word = _behind_word(clause)
    lines.put(clause.start, word)
    lines.pad(column)
    if clause.name in _CONDITIONS:
        lines.condition(clause.parts[1])
    elif clause.name == "cap":
        *before, condition = clause.parts[1:]
        lines.fill(before, 0, lines.column)
        lines.condition(condition)
    else:
        lines.fill(clause.parts[word - clause.start :], 0, lines.column)


def _stage_column(lines: Lines, clauses: list[Clause]) -> int | None:
    """The column of `where` where every stage of a partition stands on one line; None where one does not."""
    stages = [clause for clause in clauses if clause.name == "stage"]
    # A stage is `stage NAME where CONDITION`, or with a title before `where`.
    if not stages or any(len(stage.parts) > 4 or lines.gaps.any_between(stage.start, stage.end) for stage in stages):
        return None
    column = INDENT + 1 + max(lines.width(stage.start, _where(stage)) for stage in stages)
    fits = all(column + lines.width(_where(stage), stage.end) <= WIDTH for stage in stages)
    return column if fits else None


def _where(stage: Clause) -> int:
    where = stage.parts[-2]
    assert isinstance(where, int)
    return where


def _put_stage(lines: Lines, stage: Clause, column: int | None) -> None:
    where = _where(stage)
    lines.put(stage.start, where)
    if column is not None:
        lines.pad(column)
        lines.put(where, stage.end)
        return
    lines.newline(2 * INDENT)
    lines.put(where, where + 1)
    lines.condition(stage.parts[-1], WIDTH)


def _rank_columns(lines: Lines, clauses: list[Clause], width: int) -> tuple[int, int]:
    """The columns of `by` and `into` in a score; `into` has none (0) where a rank would become too long."""
    ranks = [clause for clause in clauses if clause.name == "rank"]
    if not ranks:
        return 0, 0
    marks = [_rank_marks(rank) for rank in ranks]
    by = INDENT + width + 2 + max(lines.width(name, by) for name, by, _ in marks)
    into = by + 1 + max(lines.width(by_, into_) for _, by_, into_ in marks)
    fits = all(into + lines.width(mark[2], rank.end) <= WIDTH for rank, mark in zip(ranks, marks, strict=True))
    return by, into if fits and not any(lines.gaps.any_between(rank.start, rank.end) for rank in ranks) else 0


def _rank_marks(rank: Clause) -> tuple[int, int, int]:
    """The tokens of a rank's name, `by` and `into`."""
    _, name, by, _, into, _ = rank.parts
    assert isinstance(name, Group)
    assert isinstance(by, int)
    assert isinstance(into, int)
    return name.start, by, into


def _put_rank(lines: Lines, rank: Clause, width: int, columns: tuple[int, int]) -> None:
    name, by, into = _rank_marks(rank)
    lines.put(rank.start, name)
    lines.pad(INDENT + width + 1)
    lines.put(name, by)
    lines.pad(columns[0])
    if columns[1]:
        lines.put(by, into)
        lines.pad(columns[1])
        lines.put(into, rank.end)
    else:
        lines.fill(rank.parts[2:], 0, lines.column)
