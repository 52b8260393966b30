"""What is asked of a run. Loads nothing heavy."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segrules.diagnostics.finding import Severity

if TYPE_CHECKING:
    from segrules.evaluation.openlineage import Wanted

ENGINE_NAMES = ("arrow", "reference")
"""The engines; they find the same members."""

FORMATS = ("parquet", "csv", "arrow")
"""The formats in which tables are written, which are also the endings of the files."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a run.

    `given` has tables in memory by name, `data` replaces paths of tables. `segments` are the names to run, None for
    all. With `out` None nothing is written; `keep` must not be overwritten whatever happens. A strict run writes
    nothing where a finding weighs `fail_on` or more. `lineage` says where events of OpenLineage are written.
    """

    as_of: str | date | datetime
    out: Path | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    segments: Collection[str] | None = None
    file_format: str = "parquet"
    wide: bool = False
    drafts: bool = False
    overwrite: bool = False
    strict: bool = False
    fail_on: Severity = Severity.ERROR
    keep: tuple[Path, ...] = ()
    engine: str = "arrow"
    given: Mapping[str, Any] = field(default_factory=dict)
    three_valued: bool = False
    lineage: "Wanted | None" = None
