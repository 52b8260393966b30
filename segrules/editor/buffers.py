"""Texts that an editor holds, saved or not, in place of what is on disk."""

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from segrules.diagnostics.finding import Finding
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import LARGEST, SUFFIX, TextFile, read_text, text_of


@dataclass(frozen=True, slots=True)
class Buffer:
    """An open text: where it belongs, how the editor names it, and its number of changes as the editor counts them."""

    path: Path
    uri: str
    text: str
    version: int | None = None


Stamp = tuple[object, ...]
"""A value that is another one after each change that a project may see."""


class Buffers:
    """The open texts by path. Read from other threads while it changes."""

    def __init__(self) -> None:
        self._open: dict[str, Buffer] = {}
        self._changed: dict[str, int] = {}
        self._lock = Lock()
        self._changes = 0
        self._on_disk = 0

    def put(self, buffer: Buffer) -> None:
        """Open a text, or replace it."""
        with self._lock:
            self._changes += 1
            self._open[_key(buffer.path)] = buffer
            self._changed[_key(buffer.path)] = self._changes

    def close(self, path: Path) -> None:
        """Forget a text: from now on what is on disk counts."""
        with self._lock:
            self._open.pop(_key(path), None)
            self._changed.pop(_key(path), None)

    def touch(self) -> None:
        """Note that something changed on disk."""
        with self._lock:
            self._on_disk += 1

    def stamp(self, root: Path) -> Stamp:
        """What changes whenever the project at `root` may have changed: rule files elsewhere are none of its own."""
        below = _key(root) + os.sep
        with self._lock:
            seen = [
                (key, number)
                for key, number in sorted(self._changed.items())
                if key.startswith(below) or not key.endswith(SUFFIX)
            ]
            return self._on_disk, *seen

    def get(self, path: Path) -> Buffer | None:
        """The open text of a file, if there is one."""
        with self._lock:
            return self._open.get(_key(path))

    def all(self) -> tuple[Buffer, ...]:
        """Every open text, by path."""
        with self._lock:
            return tuple(self._open[key] for key in sorted(self._open))

    def copy(self) -> "Buffers":
        """The same texts, to try a change on."""
        copied = Buffers()
        for buffer in self.all():
            copied.put(buffer)
        return copied

    def read(self, path: Path, shown: str, *, at: Span | None = None, limit: int = LARGEST) -> TextFile | Finding:
        """The text of a file as the editor has it, else as it is on disk."""
        buffer = self.get(path)
        if buffer is None:
            return read_text(path, shown, at=at, limit=limit)
        return text_of(buffer.text.encode("utf-8", "replace"), shown, at=at)

    def source(self, path: Path, shown: str) -> Source | None:
        """The text of a file; None where it cannot be read."""
        file = self.read(path, shown)
        return None if isinstance(file, Finding) else file.source


def _key(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
