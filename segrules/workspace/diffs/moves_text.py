"""What moved in the data as text; the sentences are those of the comment on a pull request, too."""

from collections.abc import Callable, Iterator, Sequence
from datetime import time
from typing import TYPE_CHECKING

from segrules.diagnostics.render import printable

if TYPE_CHECKING:
    from segrules.evaluation.causes import Cause, Flip, Written
    from segrules.evaluation.moved import PartitionMoves, SegmentMoves, StageMove
    from segrules.workspace.diffs.moves import Moves

HIDDEN = "hidden"
"""What stands for a hidden number."""

MOST = 50
"""So many segments, and so many moves between stages, are listed."""

_MOST_WHY = 20
"""Of so many segments is told why somebody entered, or left."""

Quote = Callable[[str], str]
"""Puts a piece of a rule between marks that say where it begins and ends."""

Row = tuple[str, ...]


def moves_text(moves: "Moves") -> str:
    """The text, which ends with a line end."""
    if moves.problem is not None:
        return "\n".join(printable(line) for line in (moves.problem.text, moves.problem.help) if line) + "\n"
    blocks = [[title(moves), *_table(SIZES, size_rows(moves)), *(f"  {line}" for line in rest_lines(moves))]]
    blocks += [[heading, *_listed(rows)] for heading, rows in cause_blocks(moves, _ticked, str)]
    for partition in moves.partitions:
        if partition.moved:
            blocks.append([stage_title(partition), *_table(STAGES, stage_rows(partition))])
            blocks.append([move_title(partition), *_listed(move_rows(partition))])
    if (line := hidden_line(moves)) is not None:
        blocks.append([line])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


SIZES: Row = ("segment", "before", "after", "entered", "left")
STAGES: Row = ("stage", "before", "after")


def title(moves: "Moves") -> str:
    """What the table of segments is about."""
    moment = moves.as_of.date() if moves.as_of.time() == time.min else moves.as_of
    of = "" if moves.customers is None else f", of {moves.customers:,} customers"
    return f"members in the data as of {moment.isoformat()}{of}"


def size_rows(moves: "Moves") -> list[Row]:
    """The segments that somebody entered or left, or may have, in the order in which they were asked for."""
    return [
        (
            _named(item),
            _cell(item, "before", item.before),
            _cell(item, "after", item.after),
            _cell(item, "entered", item.entered),
            _cell(item, "left", item.left),
        )
        for item in _told(moves)[:MOST]
    ]


def rest_lines(moves: "Moves") -> list[str]:
    """How many segments are not in the table, and why."""
    told = _told(moves)
    same = len(moves.segments) - len(told)
    more = len(told) - MOST
    lines = [] if more <= 0 else [f"and {_counted(more, 'segment')} more that somebody entered or left"]
    if same:
        number = "segment" if same == 1 else f"{same:,} segments"
        lines.append(f"nobody entered or left {'the other' if told else 'any of the' if same > 1 else 'the'} {number}")
    return lines


def cause_blocks(moves: "Moves", quote: Quote, place: Quote) -> Iterator[tuple[str, list[Row]]]:
    """Why people entered or left: a heading, and how many with what kept them out, each sentence a row of its own.

    `quote` and `place` set off words of rules and their places.
    """
    moved = [
        (f"why {number:,} {verb} {_named(item)}", verb, causes)
        for item in moves.segments
        for verb, number, causes in (
            ("entered", item.entered, item.entered_because),
            ("left", item.left, item.left_because),
        )
        if number and causes
    ]
    for heading, verb, causes in moved[:_MOST_WHY]:
        yield heading, [row for cause in causes for row in _cause_rows(cause, verb, (quote, place))]
    if len(moved) > _MOST_WHY:
        yield "why others moved", [("", f"`--output-format json` has {len(moved) - _MOST_WHY:,} more")]


def _cause_rows(cause: "Cause", verb: str, marks: tuple[Quote, Quote]) -> Iterator[Row]:
    number = _number(cause.customers)
    if not cause.flips:
        yield number, "for other reasons"
    for place, flip in enumerate(cause.flips):
        yield ("" if place else number), _flip_words(flip, verb, marks)


def _flip_words(flip: "Flip", verb: str, marks: tuple[Quote, Quote]) -> str:
    """One part of a rule that did not hold before, or does not hold after."""
    entered = verb == "entered"
    part = _marked(flip.part, marks)
    if entered:
        failed = "did not hold" if flip.truth is False else "was not known to hold"
    else:
        failed = "does not hold" if flip.truth is False else "is not known to hold"
    other = "" if flip.other is None else _marked(flip.other, marks)
    match str(flip.turn):
        case "changed":
            became = f"it became {other}" if entered else f"it was {other}"
        case "alone":
            became = "it is gone" if entered else "it is new"
        case _:
            became = "what it reads changed"
    return f"{part} {failed}; {became}"


def stage_title(partition: "PartitionMoves") -> str:
    """What the table of stages is about."""
    return f"stages of {partition.name_after}"


def stage_rows(partition: "PartitionMoves") -> list[Row]:
    """How many were and are in each stage; nothing where a version does not have it."""
    return [
        (
            "not a customer" if stage.name is None else stage.name,
            _number(stage.before) if stage.before is not None or "before" in stage.suppressed else "",
            _number(stage.after) if stage.after is not None or "after" in stage.suppressed else "",
        )
        for stage in partition.stages
    ]


def move_title(partition: "PartitionMoves") -> str:
    """What the list of moves is about."""
    return f"who changed the stage of {partition.name_after}"


def move_rows(partition: "PartitionMoves") -> list[Row]:
    """How many went from one stage to another, most first; those whose number is hidden come last."""
    moved = sorted(
        (move for move in partition.moves if move.before != move.after), key=lambda move: -(move.customers or 0)
    )
    rows: list[Row] = [(_number(move.customers), _move_words(move)) for move in moved[:MOST]]
    return rows if len(moved) <= MOST else [*rows, ("", f"and {_counted(len(moved) - MOST, 'move')} more")]


def _move_words(move: "StageMove") -> str:
    if move.before is None:
        return f"came to {move.after}, who were no customers before"
    if move.after is None:
        return f"were in {move.before}, and are no customers any more"
    return f"from {move.before} to {move.after}"


def hidden_line(moves: "Moves") -> str | None:
    """What the mark of hidden numbers means, where there is one."""
    told = _told(moves)[:MOST]
    sizes = any(item.suppressed != ("stayed",) and item.suppressed for item in told)
    causes = any(cause.customers is None for item in told for cause in (*item.entered_because, *item.left_because))
    changed = [partition for partition in moves.partitions if partition.moved]
    stages = any(stage.suppressed for partition in changed for stage in partition.stages)
    between = any(move.customers is None for item in changed for move in item.moves if move.before != move.after)
    if not (sizes or causes or stages or between):
        return None
    return f"{HIDDEN}: the number, or a difference with it, would tell of 1 to {moves.min_cell - 1} customers"


def _told(moves: "Moves") -> "list[SegmentMoves]":
    return [item for item in moves.segments if item.moved]


def _named(item: "SegmentMoves") -> str:
    if item.name_before is None:
        return f"{item.name_after} (new)"
    if item.name_after is None:
        return f"{item.name_before} (removed)"
    return item.name_after if item.name_before == item.name_after else f"{item.name_after} (was {item.name_before})"


def _cell(item: "SegmentMoves", label: str, number: int | None) -> str:
    return "" if number is None and label not in item.suppressed else _number(number)


def _marked(part: "Written", marks: tuple[Quote, Quote]) -> str:
    quote, place = marks
    return f"{quote(printable(part.text))} ({place(printable(f'{part.path}:{part.line}'))})"


def _ticked(text: str) -> str:
    return f"`{text}`"


def _number(number: int | None) -> str:
    return HIDDEN if number is None else f"{number:,}"


def _listed(rows: Sequence[Row]) -> list[str]:
    width = max(len(row[0]) for row in rows)
    return [f"  {number:>{width}}  {words}" for number, words in rows]


def _table(header: Row, rows: Sequence[Row]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(line[index]) for line in (header, *rows)) for index in range(len(header))]
    return [
        "  ".join(
            (
                "  " + line[0].ljust(widths[0]),
                *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)),
            )
        ).rstrip()
        for line in (header, *rows)
    ]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
