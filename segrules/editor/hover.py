"""A place in a rule file into what stands there: the use of a name, or a word of the language."""

import re
from dataclasses import dataclass

from segrules.editor.describe import about
from segrules.editor.keywords import keywords
from segrules.editor.names import Use
from segrules.editor.positions import covers
from segrules.editor.project import State
from segrules.text.source import Source
from segrules.text.span import Span

_WORD = re.compile(r"[^\W\d]\w*")
_NO_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"?|`[^`\n]*`?|#.*')


@dataclass(frozen=True, slots=True)
class Hover:
    """What to say of a stretch of text, as Markdown."""

    span: Span
    text: str


def hover(state: State | None, source: Source, line: int, column: int) -> Hover | None:
    """What there is to say of the place; `state` is None outside a project."""
    for use in () if state is None else uses_at(state, source.path, line, column):
        told = None if state is None else about(state, use.target)
        if told is not None:
            return Hover(use.span, told)
    return _keyword(source, line, column)


def uses_at(state: State, path: str, line: int, column: int) -> tuple[Use, ...]:
    """The uses of names that a caret touches: several where a name may stand for several, such as a shared property."""
    return tuple(use for use in state.uses if use.span.path == path and covers(use.span, line, column))


def _keyword(source: Source, line: int, column: int) -> Hover | None:
    text = source.line(line)
    if any(match.start() < column - 1 < match.end() for match in _NO_CODE.finditer(text)):
        return None
    for match in _WORD.finditer(text):
        if match.start() <= column - 1 <= match.end():
            start, end = match.span()
            word = match.group()
            if word in ("starts", "ends") and (two := re.match(r"\s+with\b", text[end:])):
                word, end = f"{word} with", end + two.end()
            known = keywords().get(word)
            if known is not None:
                return Hover(Span(source.path, line, start + 1, line, end + 1), f"**{word}**\n\n{known.about}")
    return None
