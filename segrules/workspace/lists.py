"""List files (`in list "vip.csv"`) into the texts that they hold.

One value per line, UTF-8, blank lines ignored, nothing trimmed or folded. In a file that ends in `.csv` a value
may stand in quotes, and of several columns the first counts. There is no header: a line is a value.
"""

import csv
import os
from dataclasses import replace
from pathlib import Path, PurePosixPath, PureWindowsPath

from segrules.diagnostics.codes import BAD_LIST_FILE
from segrules.diagnostics.finding import Finding, finding
from segrules.workspace.files import Reader, file_span, read_text

LARGEST_LIST = 200_000_000
"""Bytes of a list file that are still read."""


class ListReader:
    """Reads the list files of one project, each once, and keeps the hashes of what it read in `hashes`."""

    def __init__(self, root: Path, read: Reader = read_text) -> None:
        self._root = root
        self._reader = read
        self._read: dict[str, frozenset[str] | Finding] = {}
        self.hashes: dict[str, str] = {}

    def __call__(self, path: str) -> frozenset[str] | Finding:
        """The values in the file at `path`, relative to the project, or the reason why there are none."""
        if path not in self._read:
            self._read[path] = self._values(path)
        return self._read[path]

    def _values(self, path: str) -> frozenset[str] | Finding:
        refused = _outside(path, self._root)
        if refused is not None:
            return refused
        file = self._reader(self._root / path, path, limit=LARGEST_LIST)
        if isinstance(file, Finding):
            # What is wrong with the whole file is told where a rule names it; what is wrong in it, there.
            return file if file.span is not None and file.span.line else replace(file, span=None)
        self.hashes[path] = file.hash
        if not path.lower().endswith(".csv"):
            return frozenset(line for line in file.source.lines if line.strip())
        values = set()
        for number, line in enumerate(file.source.lines, 1):
            if not line.strip():
                continue
            try:
                values.add(next(csv.reader([line], strict=True))[0])
            except csv.Error as error:
                return finding(
                    BAD_LIST_FILE,
                    f"line {number} of `{path}` is not CSV: {error}",
                    file_span(path, number),
                    help="a value with a comma or a quote stands in quotes, a quote inside is doubled",
                )
        return frozenset(values)


def _outside(path: str, root: Path) -> Finding | None:
    """A rule may read files of its own project only, named so that every system finds them."""
    if "\\" in path:
        return finding(BAD_LIST_FILE, f"`{path}` has a backslash", help="write `/` between folders on every system")
    absolute = PurePosixPath(path).is_absolute() or PureWindowsPath(path).drive != ""
    real_root = os.path.realpath(root)
    inside = not absolute and _within(os.path.realpath(root / path), real_root)
    if inside:
        return None
    return finding(
        BAD_LIST_FILE,
        f"`{path}` lies outside the project",
        help="copy the list into the project folder and name it from there",
    )


def _within(real: str, root: str) -> bool:
    try:
        return os.path.commonpath([real, root]) == root
    except ValueError:
        return False
