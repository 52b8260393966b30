"""What a page shows of a command's output, against what the command said."""

import re


def agrees(shown: str, said: str) -> bool:
    """Whether the output is as shown.

    A line `...` stands for any number of lines, `...` within a line for any text in it.
    Spaces at the end of lines and blank lines at both ends do not count.
    """
    return re.fullmatch(_pattern(shown), _tidy(said)) is not None


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")


def _pattern(shown: str) -> str:
    made = ""
    lines = _tidy(shown).split("\n")
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        if line.strip() == "...":
            made += r"(?:.*(?:\n|\Z))*"
        else:
            made += ".*".join(re.escape(part) for part in line.split("...")) + ("" if last else r"(?:\n|\Z)")
    return made
