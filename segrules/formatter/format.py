"""Rule text into rule text of one layout, or the findings that say why it cannot be read."""

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace

from segrules.diagnostics.codes import BAD_SILENCER
from segrules.diagnostics.finding import Finding, finding
from segrules.formatter.assemble import Assembled
from segrules.formatter.blocks import put_block
from segrules.formatter.comments import Gaps, gaps_of
from segrules.formatter.lines import Lines
from segrules.formatter.silencers import parted, widened
from segrules.syntax.concrete import Concrete, Group, read_concrete
from segrules.text.source import Source
from segrules.text.span import Span

_PASSES = 20
"""A comment that moves to the end of its line may let the next layout be another one; it settles at once or so."""


class LayoutChangedMore(Exception):
    """The new layout would change more than layout: a mistake in the formatter, which so does no harm."""


def format_source(source: Source) -> tuple[str | None, list[Finding]]:
    """The text of a rule file in the one layout; None where it cannot be read, with findings that say why.

    Raises:
        LayoutChangedMore: the new text would not be the same rules with the same comments.
    """
    read = read_concrete(source.text)
    if read is None:
        return None, _findings(source)
    try:
        gaps = gaps_of(source.text, read)
        made = _laid_out(source.text, read, gaps)
    except RecursionError:
        if not (findings := _findings(source)):
            raise
        return None, findings  # nested more deeply than rules may be
    if made != source.text:
        again = _check(read, gaps, made)
        place = widened(source.text, read, made, again)
        if place is not None:
            return None, [_silencer_widened(replace(place, path=source.path))]
        place = parted(source.text, read, made, again)
        if place is not None:
            return None, [_silencer_parted(replace(place, path=source.path))]
    return made, []


def _laid_out(text: str, read: Concrete, gaps: Gaps) -> str:
    columns = _columns(text, read)
    blocks = read.root().parts
    made = ""
    for _ in range(_PASSES):
        lines = Lines(read, gaps)
        for block in blocks:
            assert isinstance(block, Group)
            put_block(lines, block)
        lines.finish()
        assembled = Assembled(lines.lines, gaps, columns, len(read.words))
        made, gaps = assembled.text, assembled.gaps
        if not assembled.moved:
            break
    return made


def _columns(text: str, read: Concrete) -> Callable[[int], int]:
    """The column of each token in the text as it was, from 0."""
    line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def column(token: int) -> int:
        start = read.starts[token]
        return start - line_starts[bisect_right(line_starts, start) - 1]

    return column


def _silencer_widened(place: Span) -> Finding:
    message = "laid out, this silencer would speak of more than it does now"
    help_ = "put it on a line of its own above the clause that it is for, or mend what it silences"
    return finding(BAD_SILENCER, message, place, help=help_)


def _silencer_parted(place: Span) -> Finding:
    message = "laid out, this silencer would speak of only one of the blocks on its line"
    help_ = "put each block on a line of its own, with a silencer above each that it is for"
    return finding(BAD_SILENCER, message, place, help=help_)


def _check(read: Concrete, gaps: Gaps, made: str) -> Concrete:
    """Read the new text, and hold its rules and comments against those there were."""
    again = read_concrete(made)
    if again is None or not read.same_as(again):
        raise LayoutChangedMore("the rules would be others")
    if gaps.all_comments() != gaps_of(made, again).all_comments():
        raise LayoutChangedMore("the comments would be others")
    return again


def _findings(source: Source) -> list[Finding]:
    from segrules.syntax.parse import parse_file

    findings = parse_file(source)[1]
    # Invariant: the table made beforehand and lark refuse the same texts; a test compares them.
    assert findings or read_concrete(source.text) is not None, "no finding says why the text cannot be read"
    return findings
