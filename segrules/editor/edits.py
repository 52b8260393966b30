"""Changes of texts, as an editor makes them."""

from collections.abc import Iterable
from dataclasses import dataclass

from segrules.editor.positions import offset
from segrules.text.source import Source
from segrules.text.span import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands at `span` becomes `text`."""

    span: Span
    text: str


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """The text with edits made, which do not overlap.

    >>> edited(Source("a", "one two"), [Edit(Span("a", 1, 1, 1, 4), "1"), Edit(Span("a", 1, 8, 1, 8), "!")])
    '1 two!'
    """
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        span = edit.span
        start, end = offset(source, span.line, span.column), offset(source, span.end_line, span.end_column)
        text = text[:start] + edit.text + text[end:]
    return text


def text_at(source: Source, span: Span) -> str:
    """The text that stands at a span."""
    return source.text[offset(source, span.line, span.column) : offset(source, span.end_line, span.end_column)]
