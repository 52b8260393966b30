"""An assessment as JSON, and back as far as it is read again: by the next one, and by `check`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from segrules.governance.schedules import Duties
from segrules.workspace.assessment.bands import Measured
from segrules.workspace.assessment.facts import Facts
from segrules.workspace.assessment.marks import Marks
from segrules.workspace.assessment.promise import Promise

FORMAT = 1
MADE_BY = "segrules assess"


@dataclass(frozen=True, slots=True)
class Assessment:
    """All that segrules says about one segment.

    `since` is the day on which it was first assessed as it is now, as far as the material parts go, and `unsigned` that
    of the first such change after which nobody signed; `measured` is the band of its size, where it was counted.
    """

    facts: Facts
    marks: Marks
    promises: tuple[Promise, ...]
    duties: Duties
    since: date
    unsigned: date
    measured: Measured | None = None

    @property
    def segment(self) -> str:
        """The segment's name."""
        return self.facts.segment


class Earlier(BaseModel):
    """What is read of an assessment that was written before; everything else in it is for people and programs."""

    model_config = ConfigDict(extra="ignore")

    format: int = Field(le=FORMAT)
    made_by: str = Field(pattern=f"^{MADE_BY}$")
    segment: str
    material: str
    since: date
    unsigned: date
    parts: dict[str, str]
    document: str
    measured: dict[str, str | int] | None = None

    def measurement(self) -> Measured | None:
        """The band that was measured."""
        if self.measured is None:
            return None
        found = self.measured
        return Measured(str(found["as_of"]), int(found["least"]), int(found["most"]))


def read_record(text: str) -> Earlier | None:
    """An assessment that was written before; None for what is none."""
    try:
        found = Earlier.model_validate_json(text)
        found.measurement()
    except (ValidationError, KeyError, ValueError):
        return None
    return found


def record_text(made: Assessment, document: str) -> str:
    """The text of the JSON file of an assessment; `document` is the digest of its Markdown."""
    return json.dumps(facts_json(made) | {"document": document}, indent=2, ensure_ascii=False) + "\n"


def facts_json(made: Assessment) -> dict[str, Any]:
    """An assessment as JSON values, without the digest of its document."""
    measured = made.measured
    return {
        "format": FORMAT,
        "made_by": MADE_BY,
        "segment": made.segment,
        "content": made.marks.content,
        "material": made.marks.material,
        "since": made.since.isoformat(),
        "unsigned": made.unsigned.isoformat(),
        "parts": dict(made.marks.parts),
        "measured": None if measured is None else _plain(measured) | {"words": measured.words},
        "facts": _plain(made.facts),
        "promises": [_plain(item) for item in made.promises],
        "asked": [
            {"pack": item.pack, "because": item.because, "source": item.source, "reviewed": item.reviewed.isoformat()}
            for item in made.duties.asks
        ],
        "schedules": [_plain(item) for item in made.duties.schedules],
    }


def _plain(part: Any) -> Any:
    """Dataclasses, tuples and dates as JSON values."""
    match part:
        case tuple():
            return [_plain(item) for item in part]
        case Mapping():
            return {key: _plain(value) for key, value in part.items()}
        case date():
            return part.isoformat()
        case _ if hasattr(part, "__dataclass_fields__"):
            return {name: _plain(getattr(part, name)) for name in part.__dataclass_fields__}
        case _:
            return part
