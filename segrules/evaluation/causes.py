"""Parts of rules that keep movers out into what a reader is told of them: words, place, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from segrules.ir.parts import Part
from segrules.text.source import Source
from segrules.text.span import Span

_ALIKE = 0.5
"""How alike two parts have to be, from 0 to 1, for one to be what became of the other."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a rule as it is written: in which clause, its words on one line, and where it begins."""

    what: str
    text: str
    path: str
    line: int

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"what": self.what, "text": self.text, "path": self.path, "line": self.line}


class Turn(StrEnum):
    """What is different about a part that keeps somebody out in one version, and not in the other."""

    CHANGED = "changed"
    """It is written otherwise."""
    ALONE = "alone"
    """The other version does not have it."""
    SAME = "same"
    """The words are the same: what they name, or the data of a list, changed."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A part that does not hold of some movers in one version, false or not known, and what the other has instead."""

    part: Written
    truth: bool | None
    turn: Turn
    other: Written | None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            **self.part.to_json(),
            "truth": "unknown" if self.truth is None else "false",
            "turn": str(self.turn),
            "other": None if self.other is None else self.other.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some customers moved: of all of them the same parts did not hold. `customers` is None where it is hidden.

    Without `flips` these are all who moved for other reasons.
    """

    customers: int | None
    flips: tuple[Flip, ...]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"customers": self.customers, "clauses": [flip.to_json() for flip in self.flips]}


def written(part: Part, sources: Mapping[str, Source]) -> Written:
    """A part as it is written."""
    text = part.words
    if text is None:
        text = _words(part.span, sources)
        if part.what != "where" and not text.startswith(f"{part.what} "):
            text = f"{part.what} {text}"
    return Written(part.what, text, part.span.path, part.span.line)


def flip(part: Written, truth: bool | None, own: Sequence[Written], others: Sequence[Written]) -> Flip:
    """What became of a part among the `others`; both versions have parts that are not about it, too."""
    same = next((item for item in others if (item.what, item.text) == (part.what, part.text)), None)
    if same is not None:
        return Flip(part, truth, Turn.SAME, same)
    known = {(item.what, item.text) for item in own}
    new = [item for item in others if item.what == part.what and (item.what, item.text) not in known]
    likeness = [SequenceMatcher(None, part.text, item.text, autojunk=False).ratio() for item in new]
    best = max(range(len(new)), key=lambda number: (likeness[number], -number), default=None)
    if best is None or likeness[best] < _ALIKE:
        return Flip(part, truth, Turn.ALONE, None)
    return Flip(part, truth, Turn.CHANGED, new[best])


def _words(span: Span, sources: Mapping[str, Source]) -> str:
    """What stands there, on one line and without comments."""
    source = sources.get(span.path)
    if source is None:
        return ""
    lines = list(source.lines[span.line - 1 : span.end_line])
    if not lines:
        return ""
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(" ".join(_uncommented(line).split()) for line in lines).strip()


def _uncommented(line: str) -> str:
    """A line up to its comment; a `#` in quotes is none."""
    quoted = False
    for place, letter in enumerate(line):
        if letter == '"' and (place == 0 or line[place - 1] != "\\"):
            quoted = not quoted
        elif letter == "#" and not quoted:
            return line[:place]
    return line
