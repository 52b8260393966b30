"""Workflow commands as the runner of GitHub Actions reads them from the output of a step."""

import re

Command = tuple[str, dict[str, str], str]


def commands(text: str) -> list[Command]:
    """Every line that the runner takes for a command: of the form `::name key=value,…::data`."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        stripped = line.lstrip()
        if not stripped.startswith("::"):
            assert "##[" not in line, "the old form of a command"
            continue
        head, _, data = stripped[2:].partition("::")
        name, _, told = head.partition(" ")
        pairs = [pair.partition("=")[::2] for pair in told.split(",") if pair]
        found.append((name, {key: _property(value) for key, value in pairs}, _data(data)))
    return found


def _data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _property(text: str) -> str:
    return _data(text.replace("%3A", ":").replace("%2C", ","))
