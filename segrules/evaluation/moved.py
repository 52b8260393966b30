"""What a comparison of two versions counted: who was and is in each segment and stage, and who moved."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segrules.evaluation.causes import Cause

Pair = tuple[str | None, str | None]
"""A name before and after; None where there is none in that version."""


@dataclass(frozen=True, slots=True)
class SegmentMoves:
    """How many were and are in a segment, and moved. None is hidden, or has no meaning for a segment of one version.

    `suppressed` names the numbers that are hidden. What let people in stands in the version before, what keeps them
    out in the version after.
    """

    name_before: str | None
    name_after: str | None
    before: int | None
    after: int | None
    entered: int | None
    left: int | None
    stayed: int | None
    suppressed: tuple[str, ...] = ()
    entered_because: tuple[Cause, ...] = ()
    left_because: tuple[Cause, ...] = ()

    @property
    def moved(self) -> bool:
        """Whether anybody entered or left."""
        return any(number != 0 for number in (self.entered, self.left))

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "name_before": self.name_before,
            "name_after": self.name_after,
            "before": self.before,
            "after": self.after,
            "entered": self.entered,
            "left": self.left,
            "stayed": self.stayed,
            "suppressed": list(self.suppressed),
            "entered_because": [cause.to_json() for cause in self.entered_because],
            "left_because": [cause.to_json() for cause in self.left_because],
        }


@dataclass(frozen=True, slots=True)
class StageSizes:
    """How many were and are in a stage: None where that is hidden, or where a version does not have the stage.

    `name` is None for customers whom one version alone knows.
    """

    name: str | None
    before: int | None
    after: int | None
    suppressed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"name": self.name, "before": self.before, "after": self.after, "suppressed": list(self.suppressed)}


@dataclass(frozen=True, slots=True)
class StageMove:
    """How many went from one stage to another, or stayed where they were; None is hidden, and nobody is left out."""

    before: str | None
    after: str | None
    customers: int | None

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {"before": self.before, "after": self.after, "customers": self.customers}


@dataclass(frozen=True, slots=True)
class PartitionMoves:
    """How many went from which stage of a partition to which."""

    name_before: str
    name_after: str
    stages: tuple[StageSizes, ...]
    moves: tuple[StageMove, ...]

    def numbers(self, stage: str) -> dict[str, int | None]:
        """Who was and is in a stage, and who came from others and went to others; None is hidden, or has no meaning."""
        size = next((item for item in self.stages if item.name == stage), None)
        if size is None:
            return {}
        came, went = self._came(stage), self._went(stage)
        return {"before": size.before, "after": size.after, "entered": _added(came), "left": _added(went)}

    def hidden(self, stage: str) -> tuple[str, ...]:
        """Which of the numbers of a stage are hidden; `entered` and `left` are where a part of them is."""
        sizes = next((item.suppressed for item in self.stages if item.name == stage), ())
        moves = (("entered", self._came(stage)), ("left", self._went(stage)))
        return (*sizes, *(label for label, numbers in moves if None in numbers))

    def _came(self, stage: str) -> list[int | None]:
        return [move.customers for move in self.moves if move.after == stage != move.before]

    def _went(self, stage: str) -> list[int | None]:
        return [move.customers for move in self.moves if move.before == stage != move.after]

    @property
    def moved(self) -> bool:
        """Whether anybody changed the stage."""
        return any(move.before != move.after for move in self.moves)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "name_before": self.name_before,
            "name_after": self.name_after,
            "stages": [stage.to_json() for stage in self.stages],
            "moves": [move.to_json() for move in self.moves],
        }


@dataclass(frozen=True, slots=True)
class Counted:
    """All that is counted: `customers` is None where that number is hidden."""

    as_of: datetime
    min_cell: int
    customers: int | None
    segments: tuple[SegmentMoves, ...]
    partitions: tuple[PartitionMoves, ...]


def _added(numbers: list[int | None]) -> int | None:
    """What numbers come to, where all of them are told."""
    return None if None in numbers else sum(number for number in numbers if number is not None)
