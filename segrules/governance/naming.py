"""Names against what the project agreed on: a pattern for names and titles, and names that are not to come back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from segrules.diagnostics.codes import REUSED_NAME, UNUSUAL_NAME
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.settings import Settings, Words
from segrules.ir.rules import Rules, Segment, Status

FREE = {
    "name": "words joined by `_`",
    "word": "one word without `_`",
    "number": "digits",
}
"""Placeholders that take any text of a shape."""

OF_SEGMENT = ("channel", "purpose", "tag", "file", "stage")
"""Placeholders that take what the segment says of itself, where it stands, or a stage of a partition."""

_PART = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_IN_NAMES = {"name": r"[^\W_]+(?:_[^\W_]+)*", "word": r"[^\W_]+", "number": r"\d+"}
_IN_TITLES = {"name": r"\S(?:.*\S)?", "word": r"\S+", "number": r"\d+"}


@dataclass(frozen=True, slots=True)
class BadPattern(Exception):
    """A pattern cannot be used, for the reason in `message`."""

    message: str
    help: str


def parts_of(pattern: str, words: Words) -> tuple[tuple[str, bool], ...]:
    """The parts of a pattern: text as it stands, and placeholders (True), which `words` may add to.

    Raises:
        BadPattern: there is no such placeholder, a brace stands alone, two placeholders touch, or there is none.

    >>> parts_of("{channel}_{name}", {})
    (('channel', True), ('_', False), ('name', True))
    """
    known = [*OF_SEGMENT, *FREE, *words]
    found: list[tuple[str, bool]] = []
    for match in _PART.finditer(pattern):
        placeholder, text, brace = match.groups()
        if brace:
            raise BadPattern(f"a `{brace}` stands alone in the pattern `{pattern}`", "write placeholders as `{name}`")
        if placeholder is None:
            found.append((text, False))
            continue
        if placeholder not in known:
            listed = "there are " + ", ".join(f"`{{{item}}}`" for item in known) + "; `words` adds others"
            raise BadPattern(
                f"`{{{placeholder}}}` is not a placeholder of a pattern", did_you_mean(placeholder, known) or listed
            )
        if found and found[-1][1]:
            raise BadPattern(f"two placeholders touch in the pattern `{pattern}`", "put `_` between them")
        found.append((placeholder, True))
    if not any(is_placeholder for _, is_placeholder in found):
        raise BadPattern(f"the pattern `{pattern}` has no placeholder", "write one such as `{channel}_{name}`")
    return tuple(found)


def unusual_names(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """The segments whose name, or title, is not built as the project agreed.

    A segment's name is also what stands for it in every output.
    """
    words = settings.words(UNUSUAL_NAME.name, "words")
    stages = tuple(
        name for item in rules.partitions.values() for name in (*(one.name for one in item.stages), item.otherwise)
    )
    patterns = [(which, settings.text(UNUSUAL_NAME.name, which)) for which in ("name", "title")]
    for segment in rules.segments.values():
        if segment.header.status is Status.RETIRED:
            continue
        taken = {**_said_by(segment), "stage": stages, **words}
        for which, pattern in patterns:
            if pattern is None:
                continue
            shown = segment.name if which == "name" else segment.title
            parts = parts_of(pattern, words)
            if shown is None:
                message = f"segment `{segment.name}` has no title, which should be like `{pattern}`"
            elif not _fits(shown, parts, taken, in_title=which == "title"):
                message = f"the {which} `{shown}` is not like `{pattern}`"
            else:
                continue
            yield finding(UNUSUAL_NAME, message, segment.span, help=_help(parts, taken, segment))


def reused_names(rules: Rules, settings: Settings) -> Iterator[Finding]:
    """The segments and partitions that bear the name of an earlier one, which outputs of that time still have."""
    retired = {name.casefold(): name for name in settings.retired}
    place = settings.place("retired")
    for kind, items in (("segment", rules.segments), ("partition", rules.partitions)):
        for item in items.values():
            name = retired.get(item.name.casefold())
            if name is None or item.header.status is Status.RETIRED:
                continue
            message = f"the {kind} `{item.name}` has the name of an earlier one"
            related = [] if place is None else [Related(place, "the names that are not to be used again")]
            help_ = "choose another name: who reads earlier outputs would take them for the same"
            yield finding(REUSED_NAME, message, item.span, help=help_, related=related)


def _said_by(segment: Segment) -> Mapping[str, tuple[str, ...]]:
    header = segment.header
    file = PurePosixPath(segment.span.path).stem
    return {"channel": header.channels, "purpose": header.purposes, "tag": header.tags, "file": (file,)}


def _fits(shown: str, parts: tuple[tuple[str, bool], ...], taken: Words, *, in_title: bool) -> bool:
    shapes = _IN_TITLES if in_title else _IN_NAMES
    made = ""
    for text, is_placeholder in parts:
        if not is_placeholder:
            made += re.escape(text)
        elif text in taken:
            # Longer words first, so that `email_de` is tried before `email`.
            ordered = sorted(taken[text], key=lambda word: (-len(word), word))
            made += f"(?:{'|'.join(map(re.escape, ordered))})" if ordered else "(?!)"
        else:
            made += shapes[text]
    return re.fullmatch(made, shown, re.IGNORECASE if in_title else 0) is not None


def _help(parts: tuple[tuple[str, bool], ...], taken: Words, segment: Segment) -> str:
    """What the placeholders stand for in this segment."""
    said = []
    for placeholder in dict.fromkeys(text for text, is_placeholder in parts if is_placeholder):
        if placeholder not in taken:
            said.append(f"`{{{placeholder}}}` is {FREE[placeholder]}")
        elif taken[placeholder]:
            said.append(f"`{{{placeholder}}}` is " + " or ".join(f"`{word}`" for word in taken[placeholder]))
        else:
            said.append(f"`{{{placeholder}}}` is its {placeholder}, and `{segment.name}` has none")
    return "; ".join(said)
