"""What people write beside an assessment: a file that segrules makes once and then only reads signatures from."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from segrules.workspace.markdown import code, prose

_MEANT = re.compile(r"\s*(?:[-*+]\s+)?signed by\b", re.IGNORECASE)
_SIGNED = re.compile(r'\s*(?:[-*+]\s+)?signed by "([^"]*\S[^"]*)" on (\d{4}-\d{2}-\d{2}) for ([0-9a-f]{12})\s*', re.I)


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody who answers for a segment as it was on a day: for the mark of its material parts."""

    by: str
    on: date
    mark: str
    line: int


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signatures of a file, and the lines that look like one and are none."""

    good: tuple[Signature, ...] = ()
    wrong: tuple[int, ...] = ()

    def last(self, day: date, mark: str | None = None) -> Signature | None:
        """The last one that was given by `day`, for `mark` where one is asked for."""
        given = [item for item in self.good if item.on <= day and mark in (None, item.mark)]
        return max(given, key=lambda item: item.on, default=None)


def signature(by: str, on: date, mark: str) -> str:
    """The line with which somebody signs.

    >>> signature("dpo@shop.example", date(2026, 11, 22), "3f2a9c01d2ab")
    'signed by "dpo@shop.example" on 2026-11-22 for 3f2a9c01d2ab'
    """
    return f'signed by "{by}" on {on} for {mark}'


def read_signatures(text: str) -> Signatures:
    """The signatures in a file of decisions."""
    good: list[Signature] = []
    wrong: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        if _MEANT.match(line) is None:
            continue
        found = _SIGNED.fullmatch(line)
        day = None if found is None else _day(found[2])
        if found is None or day is None:
            wrong.append(number)
        else:
            good.append(Signature(found[1], day, found[3].lower(), number))
    return Signatures(tuple(good), tuple(wrong))


def template(segment: str, title: str | None, document: str) -> str:
    """The file of decisions as it is first written."""
    return "\n".join(_template(segment, title, document)) + "\n"


def _template(segment: str, title: str | None, document: str) -> Iterator[str]:
    yield f"# Decision about {code(segment)}{f': {prose(title)}' if title else ''}"
    yield ""
    yield f"What the rule does stands in [{document}]({document}); what people think of it stands here."
    yield "This file is yours: it is not written again."
    for heading, question in _QUESTIONS:
        yield from ("", f"## {heading}", "", f"*{question}*")


_QUESTIONS = (
    ("Why it is needed", "What the business gains, what customers gain, and why less data would not do."),
    (
        "What could go wrong",
        "Whom it may hurt, how badly and how likely: being left out, found out, or pressed.",
    ),
    ("What is done against it", "Safeguards, who watches them, and how long the data are kept."),
    ("Who took part", "Who gave facts, who was asked for advice, and who decides."),
    ("Signatures", "One line each, as the assessment shows it at its end. Earlier ones stay."),
)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
