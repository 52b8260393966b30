"""Bytes of a file into text: one encoding, one kind of line end."""

from dataclasses import dataclass
from functools import cached_property


class NotText(Exception):
    """The bytes are not UTF-8; carries the line and column of the first wrong byte (both from 1)."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__(f"not UTF-8 at line {line}, column {column}")
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Source:
    r"""A file's path, as people see it, and its text with `\n` as the only line end."""

    path: str
    text: str

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines without their ends."""
        return tuple(self.text.split("\n"))

    def line(self, number: int) -> str:
        """Line `number`, counted from 1; empty beyond the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def decode(path: str, data: bytes) -> Source:
    """Read UTF-8 with or without a byte order mark, and any of the usual line ends.

    Raises:
        NotText: the bytes are not UTF-8.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        raise NotText(line, column) from None
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))
