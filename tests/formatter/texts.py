"""Rule files to lay out: all that the project has, made up ones, and ways to spoil their layout."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from random import Random

from segrules.formatter.format import format_source
from segrules.syntax.concrete import read_concrete
from segrules.syntax.nodes import Block
from segrules.syntax.parse import parse_file
from segrules.text.source import Source
from tests.docs.blocks import blocks, pages
from tests.engine.case import seeded_catalogue
from tests.engine.picking import by_seed
from tests.engine.rules import chains, rules
from tests.language.cases import PAGES, cases

ROOT = Path(__file__).parents[2]
RULESETS = tuple(sorted((ROOT / "rulesets").glob("*/*.seg")))
EVERYTHING = ROOT / "tests" / "language" / "everything.seg"
_AS_OF = datetime(2026, 11, 1)
_LETTERS = "abc and or where # \" ` ' é 😀 segment x \u2028 \x85 \\"


@cache
def corpus() -> tuple[str, ...]:
    """Every rule file of the project, of its documentation and of the language's tests that can be read."""
    found = [path.read_text(encoding="utf-8") for path in [*RULESETS, EVERYTHING]]
    for page in pages(ROOT):
        found += [b.text for b in blocks(page.name, page.read_text(encoding="utf-8")) if b.language == "seg"]
    found += [text for page in PAGES for case in cases(page) for text in case.files]
    return tuple(dict.fromkeys(text for text in found if read_concrete(text) is not None))


def made_up(seed: int) -> str:
    """The rules that the engines are compared with, over a random catalogue."""
    make = chains if seed % 4 == 0 else rules
    return make(by_seed(seed), seeded_catalogue(seed % 12), _AS_OF)


def formatted(text: str) -> str:
    """The text as the formatter lays it out; it has to be one that can be read."""
    made, findings = format_source(Source("rules.seg", text))
    assert made is not None, [item.message for item in findings]
    return made


def tree(text: str) -> tuple[Block, ...]:
    """The blocks of a file, as lark and the builder make them; compared without places."""
    return parse_file(Source("rules.seg", text))[0].blocks


def comments(text: str) -> list[str]:
    """The comments of a file in order, without blanks at their ends."""
    return [comment.text.rstrip(" \t\f") for comment in parse_file(Source("rules.seg", text))[0].comments]


def on_one_line(text: str) -> str:
    """The tokens of a file alone, with one space between them."""
    read = read_concrete(text)
    assert read is not None
    return " ".join(read.words)


def spoiled(text: str, random: Random, *, commented: float) -> str | None:
    """The same tokens with other white space, and with comments between some of them; None where that is no file.

    It is none where a column's name comes to stand where only the word of a clause can.
    """
    read = read_concrete(text)
    assert read is not None
    made = _between(random, commented, first=True)
    for word in read.words:
        made += word + _between(random, commented)
    return made if read_concrete(made) is not None else None


def _between(random: Random, commented: float, *, first: bool = False) -> str:
    if random.random() < commented:
        lines = []
        for number in range(random.choice((1, 1, 1, 2, 3))):
            before = random.choice((" ", "  ", "")) if number or first else random.choice((" ", "", "\n", "\n\n   "))
            blank = random.choice(("", "", "\n", "\n\n\n"))
            text = "".join(random.choices(_LETTERS, k=random.choice((0, 3, 12, 60))))
            lines.append(f"{before}#{random.choice(('', ' '))}{text}{random.choice(('', '  '))}\n{blank}")
        return "".join(lines) + random.choice(("", "  ", "            "))
    return random.choice((" ", " ", "  ", "\n", "\n    ", "\t", " \n\t ", "\f"))


def without_comments(text: str) -> str:
    """The text without its comments and without blank lines; what stands in quotes stays."""
    kept = []
    for line in text.split("\n"):
        code = re.match(r'(?:"(?:\\.|[^"\\\n])*"|`[^`\n]*`|[^#"`])*', line)
        kept.append((code.group() if code else line).rstrip())
    return "\n".join(line for line in kept if line) + "\n"
