"""The rules that the documentation shows, in the layout that `segrules fmt` gives.

`python -m tests.docs.laid_out` lays them out anew; pages about findings may then print other columns, which
`python -m tests.findings.pages` writes.
"""

from pathlib import Path

from segrules.syntax.concrete import read_concrete
from segrules.workspace.layout import format_text
from tests.docs.blocks import Block, blocks, pages

ROOT = Path(__file__).parents[2]


def all_pages() -> list[Path]:
    """Every page that shows rules, pages about findings included."""
    return [*pages(ROOT), *sorted((ROOT / "docs" / "reference" / "findings").glob("*.md"))]


def rule_blocks(page: Path) -> list[Block]:
    """The blocks of a page that are rule files: neither parts of one nor wrong on purpose."""
    found = blocks(page.name, page.read_text(encoding="utf-8"))
    return [b for b in found if b.language == "seg" and not b.words and read_concrete(b.text) is not None]


def laid_out(text: str) -> str:
    """The text of a block as it should be; an empty line at its start parts it from the file that it goes on with."""
    return "\n" * text.startswith("\n") + format_text(text)


def main() -> None:
    """Write the pages whose rules stand otherwise."""
    for page in all_pages():
        before = after = page.read_text(encoding="utf-8")
        for block in rule_blocks(page):
            after = after.replace(f"```seg\n{block.text}```", f"```seg\n{laid_out(block.text)}```")
        if after != before:
            page.write_text(after, encoding="utf-8", newline="\n")
            print(page.relative_to(ROOT))  # noqa: T201  what a developer wants to know


if __name__ == "__main__":
    main()
