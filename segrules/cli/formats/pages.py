"""The page of a finding into what a format says of its kind."""

from dataclasses import dataclass

from segrules.diagnostics.finding import Code
from segrules.resources import finding_page

_LONGEST = 1024
"""Characters of a description that GitHub takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding: its first sentence, its first paragraph, and its whole page as Markdown."""

    short: str
    full: str
    page: str


def kind_of(code: Code) -> Kind:
    """What the page of the code says; its name where it has none."""
    try:
        page = finding_page(code.number)
    except LookupError:
        words = code.name.replace("-", " ")
        return Kind(words, words, words)
    # Pages open with a heading and have one sentence to a line.
    first = page.split("\n\n")[1].splitlines()
    return Kind(_cut(first[0]), _cut(" ".join(first)), page.rstrip("\n"))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
