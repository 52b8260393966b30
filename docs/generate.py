"""Writes the pages of the documentation that are made from the code: `make docs`.

With `--check` nothing is written, and the pages that differ are named.
"""

import sys
from pathlib import Path

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Code
from segrules.resources import finding_page
from segrules.schema.models import json_schema

REFERENCE = Path(__file__).parent / "reference"

HUNDREDS = {
    "0": "Files and projects",
    "1": "Syntax",
    "2": "Names",
    "3": "Types and meaning",
    "4": "The catalogue",
    "5": "Data against the catalogue",
    "6": "Results",
    "7": "What this version does not evaluate",
    "8": "Tests",
    "9": "Proofs",
}


def findings_index() -> str:
    """A page that lists every finding, with links to their pages."""
    lines = [
        "<!-- Written by `make docs` from `segrules/diagnostics/codes.py` and the pages that it links to. -->",
        "",
        "# Findings",
        "",
        "Everything that segrules says about rules, catalogues and data has a code.",
        "`segrules finding SEG201` shows the page of one on the terminal.",
        "A code never changes its meaning: one that is no longer given is retired, not used again.",
        "",
        "The severity is the usual one.",
        "Under `[checks]` in `segrules.toml` a project may set that of a warning, a note or a finding about results.",
    ]
    for digit, title in HUNDREDS.items():
        codes = [code for code in all_codes() if code.number[3] == digit]
        lines += ["", f"## {title}", "", "| code | name | severity | |", "|---|---|---|---|"]
        lines += [_row(code) for code in codes]
    return "\n".join(lines) + "\n"


def _row(code: Code) -> str:
    link = f"[{code.number}](findings/{code.number}.md)"
    return f"| {link} | `{code.name}` | {code.severity.value} | {_first_sentence(finding_page(code.number))} |"


def _first_sentence(page: str) -> str:
    """The first line of prose on a page; pages are written with one sentence to a line."""
    prose = [line for line in page.splitlines() if line[:1].isalnum() or line[:1] == "`"]
    return prose[0].replace("|", "\\|")


def pages() -> dict[Path, str]:
    """Every generated file with the text that it should have."""
    return {
        REFERENCE / "catalog.schema.json": json_schema(),
        REFERENCE / "findings.md": findings_index(),
    }


def main() -> int:
    """Write what differs, or with `--check` only say so; the exit code is 1 if a check finds a difference."""
    checking = sys.argv[1:] == ["--check"]
    differ = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in differ:
        if not checking:
            path.write_text(pages()[path], encoding="utf-8", newline="\n")
        print(f"{path.name} {'is not what `make docs` writes' if checking else 'written'}")
    return int(checking and bool(differ))


if __name__ == "__main__":
    sys.exit(main())
