"""What a plan consists of: plain data, which prints itself as lines and as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segrules.lowering.costs import Cost
from segrules.lowering.plan_text import plan_json, plan_lines


@dataclass(frozen=True, slots=True)
class Scan:
    """A table that is read, and the columns of it, by their names in the catalogue."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventScan:
    """A kind of event that is read, the table it is in, and the windows that rules ask for."""

    event: str
    table: str
    windows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A value, aggregate, threshold or other test that several segments need: worked out once."""

    kind: str
    words: str
    segments: int


@dataclass(frozen=True, slots=True)
class Worked:
    """What is worked out before the program runs: values of events, then scores, stage by stage."""

    stage: int
    kind: str
    words: str
    cost: Cost


@dataclass(frozen=True, slots=True)
class Size:
    """How large the program is: leaves by kind, operations, rows of bits."""

    leaves: Mapping[str, int]
    ands: int
    ors: int
    nots: int
    rows: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a segment; `shared` is how many other segments of the plan need all of its tests, too."""

    segment: str
    kind: str
    words: str
    cost: Cost
    shared: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of some segments does. `cost` is that of the whole program, each shared part counted once.

    `partitions` are those that the plan is about, `besides` those that every run evaluates as well.
    """

    segments: tuple[str, ...]
    partitions: tuple[str, ...]
    besides: tuple[str, ...]
    scans: tuple[Scan, ...]
    events: tuple[EventScan, ...]
    shared: tuple[Shared, ...]
    worked: tuple[Worked, ...]
    size: Size
    clauses: tuple[Clause, ...]
    cost: Cost
    operations: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(plan_lines(self)) + "\n"

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values, without the program's operations."""
        return plan_json(self)
