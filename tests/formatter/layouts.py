"""Cases of `layouts.md`: rules before and after they are laid out.

`python -m tests.formatter.layouts` writes what stands after anew, to be read as a diff.
"""

import re
from pathlib import Path

from segrules.workspace.layout import format_text

PAGE = Path(__file__).parent / "layouts.md"
CASE = re.compile(
    r"^## (?P<title>[^\n]+)\n(?:(?!^##? )[^\n]*\n)*?"
    r"```seg before\n(?P<before>.*?)```\n\n```seg after\n(?P<after>.*?)```\n",
    re.M | re.S,
)


def cases() -> list[tuple[str, str, str]]:
    """Title, rules before and rules after, of each case."""
    found = CASE.finditer(PAGE.read_text(encoding="utf-8"))
    return [(case["title"], case["before"], case["after"]) for case in found]


def main() -> None:
    """Write what stands after in each case."""

    def anew(case: re.Match[str]) -> str:
        head = case.group()[: case.start("after") - case.start()]
        return f"{head}{format_text(case['before'])}```\n"

    PAGE.write_text(CASE.sub(anew, PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
