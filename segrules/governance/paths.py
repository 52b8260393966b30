"""A path of what is read into places that a finding points at, and into words."""

from collections.abc import Iterator

from segrules.diagnostics.finding import Related
from segrules.governance.flow import Read
from segrules.text.span import NOWHERE, Span

_MOST = 12
"""So many steps of a path are told."""


def start_of(read: Read, otherwise: Span) -> Span:
    """Where a definition begins to read: the first place of the path that is one."""
    return next((step.span for step in read.path[:-1] if step.span != NOWHERE), otherwise)


def related_places(read: Read) -> Iterator[Related]:
    """The places behind the first, each with what it reads; the last is where the label stands."""
    *steps, label = read.path
    places = [step for step in steps if step.span != NOWHERE][1:]
    for step in places[:_MOST]:
        yield Related(step.span, f"which reads {step.what} here")
    if label.span != NOWHERE:
        yield Related(label.span, label.what)


def through(read: Read) -> str:
    """The path in words: `the define x, the property y.z`."""
    words = [step.what for step in read.path[:-1]]
    shown = [*words[:3], "…", *words[-2:]] if len(words) > _MOST else words
    return ", ".join(dict.fromkeys(shown))
