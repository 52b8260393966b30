"""Comments that silence findings of a line: which tokens they speak of, before and after a layout."""

import re
from bisect import bisect_left, bisect_right

from segrules.syntax.concrete import Concrete, Group
from segrules.text.span import Span

_SILENCER = re.compile(r"#\s*segrules\s*:", re.IGNORECASE)
_ALONE = re.compile(r"\s*#")
_NOT_COMMENT = re.compile(r'(?:"(?:\\.|[^"\\\n])*"|`[^`\n]*`|[^#"`\n])*')


def widened(text: str, read: Concrete, made: str, again: Concrete) -> Span | None:
    """The first silencer that would speak of more tokens in the text that was made than it does; None if none does.

    One that speaks of fewer is loud: `check` then gives the finding, and says that the silencer is of no use. That is
    so within one block; where it would speak of fewer blocks, see `parted`.
    """
    if not _SILENCER.search(text):
        return None
    for (place, before), (_, after) in zip(_spoken_of(text, read), _spoken_of(made, again), strict=True):
        if not set(after) <= set(before):
            return place
    return None


def parted(text: str, read: Concrete, made: str, again: Concrete) -> Span | None:
    """The first silencer that speaks of several blocks on one line, and of fewer in the text that was made."""
    if not _SILENCER.search(text):
        return None
    starts = [block.start for block in read.root().parts if isinstance(block, Group)]
    for (place, before), (_, after) in zip(_spoken_of(text, read), _spoken_of(made, again), strict=True):
        blocks = [{bisect_right(starts, token) for token in tokens} for tokens in (before, after)]
        if len(blocks[0]) > 1 and blocks[0] != blocks[1]:
            return place
    return None


def _spoken_of(text: str, read: Concrete) -> list[tuple[Span, range]]:
    """The place of each silencer, and the tokens that begin on the line that it speaks of."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    found = []
    for number, line in enumerate(lines):
        code = _NOT_COMMENT.match(line)
        at = code.end() if code else 0
        if not _SILENCER.match(line, at):
            continue
        about = number
        while _ALONE.match(lines[about]) and about + 1 < len(lines):
            about += 1
        tokens = range(bisect_left(read.starts, starts[about]), bisect_left(read.starts, starts[about + 1]))
        found.append((Span("", number + 1, at + 1, number + 1, len(line) + 1), tokens))
    return found
