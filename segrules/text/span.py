"""Places in a file: what every node and every finding carries."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text in one file.

    `path` is written as people see it: relative to the project, with forward slashes.
    Lines and columns count from 1, in characters; the end column is the one behind the last character.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def to(self, other: "Span") -> "Span":
        """The stretch from the start of this span to the end of `other`."""
        return Span(self.path, self.line, self.column, other.end_line, other.end_column)


NOWHERE = Span("", 0, 0, 0, 0)
"""The place of what nobody wrote, such as the column that a derived table adds."""
