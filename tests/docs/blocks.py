"""Markdown pages into their code blocks, each with the instructions that stand before it as HTML comments."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

_COMMENT = re.compile(r"<!--\s*([a-z]+)(?::\s*(.*?))?\s*-->")
_STAYS = "project"
"""The one instruction that holds for the rest of the page; all others are for the next block."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the words after it, its text and the line of its first fence (from 1)."""

    page: str
    line: int
    language: str
    words: tuple[str, ...]
    text: str
    instructions: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, markdown: str) -> Iterator[Block]:
    """Code blocks in the order of the page; those inside lists and quotes too."""
    pending: dict[str, str] = {}
    lasting: dict[str, str] = {}
    for token in MarkdownIt().parse(markdown):
        if token.type == "html_block":
            for name, value in _COMMENT.findall(token.content):
                (lasting if name == _STAYS else pending)[name] = value
        elif token.type == "fence":
            assert token.map is not None, "a fence has a place"
            language, *words = token.info.split() or [""]
            yield Block(page, token.map[0] + 1, language, tuple(words), token.content, lasting | pending)
            pending = {}
        elif token.type == "code_block":
            raise AssertionError(f"{page}: a block by indentation cannot say its language: {token.content!r}")


def pages(root: Path) -> list[Path]:
    """README and every page under docs; the pages about findings have a test of their own."""
    apart = root / "docs" / "reference" / "findings"
    found = [path for path in sorted((root / "docs").rglob("*.md")) if apart not in path.parents]
    return [root / "README.md", root / "CONTRIBUTING.md", *found]
