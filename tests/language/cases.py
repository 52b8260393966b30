"""Language cases: Markdown pages with rules, and what is said of each line of them.

A case is a heading, prose, and one or more `seg` blocks, which are the files `1.seg`, `2.seg` of one project over
`catalog.yaml` beside this module. Below a line stand comments with what is said of it:

    # ^9 SEG201 `agee` is not the name of an attribute or a define (did you mean `age`?)
    #    2.seg:3 the first one stands here

that is the column, code, message and help of a finding, and the places that belong to it, their lines counted
without these comments.
`python -m tests.language.cases` writes these comments anew, to be read as a diff.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from segrules.diagnostics.codes import BAD_LIST_FILE
from segrules.diagnostics.finding import Finding, finding, in_order
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Rules
from segrules.semantics.bind import bind
from segrules.semantics.catalogue import read_catalogue
from segrules.syntax.parse import parse_file
from segrules.text.source import Source

HERE = Path(__file__).parent
PAGES = tuple(sorted(HERE.glob("*.md")))

_CASE = re.compile(r"^## (?P<title>[^\n]+)\n(?P<body>(?:(?!^## ).*\n)*)", re.M)
_BLOCK = re.compile(r"^```seg\n(?P<text>.*?)^```$", re.M | re.S)
_SAID = re.compile(r"^ *# (?:\^\d+ SEG\d{3} |   \S+:\d+ ).*\n", re.M)


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its title, and its rule files with the comments on what is said of them."""

    title: str
    files: tuple[str, ...]


def cases(page: Path) -> list[Case]:
    """The cases of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Case(case["title"], tuple(block["text"] for block in _BLOCK.finditer(case["body"])))
        for case in _CASE.finditer(text)
    ]


@cache
def catalogue() -> Catalogue:
    """The catalogue that all cases share."""
    path = HERE / "catalog.yaml"
    found, findings = read_catalogue(Source(path.name, path.read_text(encoding="utf-8")))
    assert found is not None
    assert not findings
    return found


def read(files: Sequence[str]) -> tuple[Rules, tuple[Finding, ...]]:
    """Rule files parsed and bound: the typed rules, and all findings in order."""
    parsed = [parse_file(Source(f"{number}.seg", text)) for number, text in enumerate(files, start=1)]
    rules, bound = bind([tree for tree, _ in parsed], catalogue(), _entries)
    return rules, in_order([item for _, findings in parsed for item in findings] + bound)


def commented(files: Sequence[str]) -> tuple[str, ...]:
    """The files with comments on what is said of them, in place of those that they have."""
    plain = [_SAID.sub("", text) for text in files]
    _, findings = read(plain)
    made = []
    for number, text in enumerate(plain, start=1):
        lines = []
        for line, code in enumerate(text.split("\n"), start=1):
            lines.append(code)
            lines += [said for item in findings if _stands(item, f"{number}.seg", line) for said in _said(item)]
        made.append("\n".join(lines))
    unplaced = [item for item in findings if item.span is None or item.span.line == 0]
    assert not unplaced
    return tuple(made)


def _stands(item: Finding, path: str, line: int) -> bool:
    return item.span is not None and (item.span.path, item.span.line) == (path, line)


def _said(item: Finding) -> list[str]:
    assert item.span is not None
    help_ = f" ({item.help})" if item.help else ""
    related = [f"#    {other.span.path}:{other.span.line} {other.message}" for other in item.related]
    return [f"# ^{item.span.column} {item.code.number} {item.message}{help_}", *related]


def _entries(path: str) -> frozenset[str] | Finding:
    if path == "names.csv":
        return frozenset({"Ann", "Bob"})
    return finding(BAD_LIST_FILE, f"there is no `{path}`")


def _rewrite(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    def anew(case: re.Match[str]) -> str:
        files = iter(commented([block["text"] for block in _BLOCK.finditer(case["body"])]))
        body = _BLOCK.sub(lambda _: f"```seg\n{next(files)}```", case["body"])
        return f"## {case['title']}\n{body}"

    page.write_text(_CASE.sub(anew, text), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for chosen in PAGES:
        _rewrite(chosen)
