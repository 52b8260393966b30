"""Explanations as a tree of lines, and the tree into indented text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_ITEMS = 40
"""So many lines of one list are shown; of the others, how many they are."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line, and the lines that belong below it."""

    text: str
    below: tuple["Item", ...] = ()


def indented(items: Sequence[Item], level: int = 0) -> Iterator[str]:
    """The lines of items, two spaces a level; from the second level on they are bulleted.

    >>> list(indented([Item("a", (Item("b", (Item("c"),)),))]))
    ['a', '  b', '    - c']
    """
    for item in items:
        yield "  " * level + ("- " if level > 1 else "") + item.text
        yield from indented(item.below, level + 1)


def listed(words: Sequence[str], last: str = "and", most: int = 10) -> str:
    """Words in a row: `a, b and c`; of a long row its start and how many there are beyond.

    >>> listed(["a", "b", "c"], "or")
    'a, b or c'
    >>> listed(["a", "b", "c", "d"], most=2)
    'a, b, … and 2 more'
    """
    if len(words) > most + 1:
        return f"{', '.join(words[:most])}, … and {len(words) - most} more"
    return f" {last} ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def head(kind: str, name: str, title: str | None) -> str:
    """The first line about a definition.

    >>> head("segment", "vip", "Very important")
    'segment `vip`: Very important'
    """
    return f"{kind} `{name}`" + (f": {one_line(title)}" if title else "")


def quoted(names: Sequence[str]) -> list[str]:
    """Names in backticks."""
    return [f"`{name}`" for name in names]


def one_line(text: str) -> str:
    """A title or description without line breaks."""
    return " ".join(text.split())
