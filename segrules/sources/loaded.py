"""What reading the data gives back: plain columns by table, hashes and findings. Loads nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from segrules.diagnostics.finding import Finding
from segrules.types.cells import Tables

if TYPE_CHECKING:
    import pyarrow as pa

ClockKind = Literal["skipped", "repeated"]
"""What a clock change does to a local time: it never shows on the clock, or it shows twice."""

HOW_READ: Mapping[ClockKind, str] = {
    "skipped": "read with the offset before the change",
    "repeated": "read as the first of the two",
}
"""How local times at a clock change become instants."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Local times of a column that a clock change skips or repeats: in how many rows, and how they were read.

    `examples` are up to five different local times, as `2026-03-29 01:30:00`.
    """

    table: str
    column: str
    kind: ClockKind
    count: int
    examples: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The data as the reference interpreter reads them.

    `tables` and `hashes` have the catalogue's table names; a table with an error among its findings has no columns.
    A hash is `sha256:` and the digest of the file's bytes; for a folder it is the digest of what `sha256sum`
    would print for its files in the order of their names: digest, two spaces, name, line feed.
    `types` are the columns' types in the data (dictionaries undone), for who writes keys out as they came.
    """

    tables: Tables
    hashes: Mapping[str, str]
    findings: tuple[Finding, ...]
    clock_changes: tuple[ClockChange, ...]
    types: Mapping[str, "Mapping[str, pa.DataType]"] = field(default_factory=dict)
