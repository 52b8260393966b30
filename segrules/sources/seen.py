"""Files that must stay as they are while they are read, which takes several passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
from pyarrow import fs

from segrules.sources.unreadable import Unreadable

_Identity: TypeAlias = tuple[object, ...]


class Changed(Unreadable):
    """A file is another than when it was first opened."""

    def __init__(self, shown: str) -> None:
        super().__init__(
            f"`{shown}` changed while it was read",
            "run again when nobody writes it; write a new file and rename it before the run",
        )


class Seen:
    """What identified each file of a filesystem when it was first opened."""

    def __init__(self) -> None:
        self._first: dict[str, _Identity] = {}

    @contextmanager
    def watched(self, filesystem: fs.FileSystem, path: str, shown: str) -> Iterator[None]:
        """Hold while a file is read: it must be the same before and afterwards, and the same as every other time.

        Raises:
            Changed: it is another one.
        """
        self.compare(filesystem, path, shown)
        try:
            yield
        except Unreadable:
            # What looks damaged may be two files, one after the other.
            self.compare(filesystem, path, shown)
            raise
        self.compare(filesystem, path, shown)

    def compare(self, filesystem: fs.FileSystem, path: str, shown: str) -> None:
        """Refuse a file that changed since it was first seen; one that is gone is left to whoever opens it.

        Raises:
            Changed: it is another one.
        """
        found = _identity(filesystem, path)
        if found is not None and self._first.setdefault(path, found) != found:
            raise Changed(shown)


def _identity(filesystem: fs.FileSystem, path: str) -> _Identity | None:
    try:
        if isinstance(filesystem, fs.LocalFileSystem):
            told = Path(path).stat()
            return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns
        info = filesystem.get_file_info(path)
    except (OSError, ValueError, pa.ArrowException):
        return None
    return (info.size, info.mtime_ns) if info.type is fs.FileType.File else None
