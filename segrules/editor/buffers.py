"""Texts that an editor holds, saved or not, in place of what is on disk."""

import os
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from segrules.diagnostics.finding import Finding
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.files import LARGEST, TextFile, read_text, text_of


@dataclass(frozen=True, slots=True)
class Buffer:
    """An open text: where it belongs, how the editor names it, and its number of changes as the editor counts them."""

    path: Path
    uri: str
    text: str
    version: int | None = None


class Buffers:
    """The open texts by path; `changes` grows with every change. Read from other threads while it changes."""

    def __init__(self) -> None:
        self._open: dict[str, Buffer] = {}
        self._lock = Lock()
        self.changes = 0

    def put(self, buffer: Buffer) -> None:
        """Open a text, or replace it."""
        with self._lock:
            self._open[_key(buffer.path)] = buffer
            self.changes += 1

    def close(self, path: Path) -> None:
        """Forget a text: from now on what is on disk counts."""
        with self._lock:
            self._open.pop(_key(path), None)
            self.changes += 1

    def touch(self) -> None:
        """Note that something changed on disk."""
        with self._lock:
            self.changes += 1

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
