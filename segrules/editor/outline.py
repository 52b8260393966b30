"""A rule file into its outline and the stretches that can be folded."""

from collections.abc import Iterator
from dataclasses import dataclass

from segrules.editor.names import kind_of_block
from segrules.syntax import nodes
from segrules.text.span import Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A block or a part of one: what it is, its title, all of it, and its name."""

    name: str
    kind: str
    title: str
    span: Span
    name_span: Span
    parts: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that can be folded into the first; `comment` where they are comments."""

    line: int
    end_line: int
    comment: bool = False


def outline(file: nodes.File) -> tuple[Entry, ...]:
    """The blocks of a file, with the ranks of scores and the stages of partitions."""
    return tuple(_entry(block) for block in file.blocks)


def folds(file: nodes.File) -> tuple[Fold, ...]:
    """Blocks of several lines, and comments on lines one after the other."""
    found = [Fold(b.span.line, b.span.end_line) for b in file.blocks if b.span.end_line > b.span.line]
    return tuple(sorted([*found, *_comments(file)], key=lambda fold: fold.line))


def _entry(block: nodes.Block) -> Entry:
    title = "" if block.title is None else block.title.value
    if isinstance(block, nodes.TestBlock):
        return Entry(title or "test", "test", "", block.span, block.title.span)
    return Entry(block.name.text, kind_of_block(block), title, block.span, block.name.span, tuple(_parts(block)))


def _parts(block: nodes.Block) -> Iterator[Entry]:
    match block:
        case nodes.ScoreBlock(ranks=ranks):
            for rank in ranks:
                yield Entry(rank.name.text, "rank", "", rank.span, rank.name.span)
        case nodes.PartitionBlock(stages=stages, otherwise=otherwise):
            for stage in stages:
                title = "" if stage.title is None else stage.title.value
                yield Entry(stage.name.text, "stage", title, stage.span, stage.name.span)
            if otherwise is not None:
                yield Entry(otherwise.text, "stage", "everybody else", otherwise.span, otherwise.span)
        case _:
            pass


def _comments(file: nodes.File) -> Iterator[Fold]:
    lines = [comment.span.line for comment in file.comments]
    start = None
    for number, line in enumerate(lines):
        start = line if start is None else start
        if number + 1 == len(lines) or lines[number + 1] != line + 1:
            if line > start:
                yield Fold(start, line, comment=True)
            start = None
