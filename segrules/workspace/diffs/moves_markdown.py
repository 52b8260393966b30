"""What moved in the data as Markdown, for a comment on a pull request."""

from collections.abc import Iterator, Sequence

from segrules.workspace.diffs.moves import Moves
from segrules.workspace.diffs.moves_text import (
    STAGES,
    Row,
    cause_blocks,
    hidden_line,
    move_rows,
    move_title,
    stage_rows,
    stage_title,
    title,
)
from segrules.workspace.markdown import code, prose


def moves_markdown(moves: Moves) -> str:
    """Why people moved and between which stages; how many is told of each segment elsewhere. Ends with a line end."""
    return "\n".join(_lines(moves)) + "\n"


def _lines(moves: Moves) -> Iterator[str]:
    if moves.problem is not None:
        yield prose(moves.problem.text)
        if moves.problem.help is not None:
            yield from ("", prose(moves.problem.help))
        return
    yield f"{_sentence(title(moves))}."
    for heading, causes in cause_blocks(moves, code, code):
        yield from ("", f"{_sentence(heading)}:", "")
        yield from _causes(causes)
    for partition in moves.partitions:
        if partition.moved:
            yield from ("", f"{_sentence(stage_title(partition))}:")
            yield from _table(STAGES, stage_rows(partition))
            yield from ("", f"{_sentence(move_title(partition))}:", "")
            yield from (f"- {_item(number, prose(words))}" for number, words in move_rows(partition))
    hidden = hidden_line(moves)
    if hidden is not None:
        yield from ("", f"{prose(hidden)}.")


def _causes(rows: Sequence[Row]) -> Iterator[str]:
    """A list; a row without a number belongs to the item above it."""
    for place, (number, words) in enumerate(rows):
        yield f"- {_item(number, words)}" if number or not place else f"  <br>{words}"


def _item(number: str, words: str) -> str:
    return f"{prose(number)}: {words}" if number else words


def _table(header: Row, rows: Sequence[Row]) -> Iterator[str]:
    """A table whose first column is text and whose others are numbers; nothing where it has no rows."""
    if rows:
        yield from ("", f"| {' | '.join(header)} |", f"| --- |{' ---: |' * (len(header) - 1)}")
        yield from (f"| {' | '.join(map(prose, row))} |" for row in rows)


def _sentence(line: str) -> str:
    return prose(line[:1].upper() + line[1:])
