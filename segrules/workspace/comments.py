"""The comments of rule files and of the catalogue, each with the line that it speaks of."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from segrules.governance.silencers import Comment
from segrules.schema.document import Block, Items, Node, Scalar
from segrules.schema.load import load
from segrules.syntax.parse import comments_of
from segrules.text.source import Source
from segrules.text.span import Span

_ALONE = re.compile(r"\s*#")
_IN_YAML = re.compile(r"(?:^|(?<=[ \t]))#")


def seg_comments(source: Source) -> Iterator[Comment]:
    """The comments of a rule file, in order."""
    for comment in comments_of(source):
        yield Comment(comment.text, comment.span, _about(source, comment.span))


def yaml_comments(source: Source) -> Iterator[Comment]:
    """The comments of a YAML file, in order; none where it cannot be read.

    A `#` within a key or a value is no comment, and only a tree of the file tells what stands within one.
    """
    document, _ = load(source)
    if document is None:
        return
    taken = sorted(_taken(document.root))
    starts = [(span.line, span.column) for span in taken]
    for number, line in enumerate(source.lines, start=1):
        for match in _IN_YAML.finditer(line):
            at = number, match.start() + 1
            before = bisect_right(starts, at) - 1
            within = before >= 0 and at < (taken[before].end_line, taken[before].end_column)
            if not within:
                span = Span(source.path, number, match.start() + 1, number, len(line) + 1)
                yield Comment(line[match.start() :], span, _about(source, span))
                break


def _about(source: Source, span: Span) -> int:
    """The line of the comment; where nothing else stands there, the next line that is not such a comment, too."""
    if not _ALONE.match(source.line(span.line)):
        return span.line
    line = span.line + 1
    while _ALONE.match(source.line(line)):
        line += 1
    return line


def _taken(node: Node) -> Iterator[Span]:
    """Where keys and single values stand."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Scalar(span):
                yield span
            case Items(items=items):
                waiting += items
            case Block(entries):
                for entry in entries.values():
                    yield entry.key
                    waiting.append(entry.value)
