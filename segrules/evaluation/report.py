"""A finished evaluation into `summary.json` and `manifest.json`, as JSON values.

The same rules, data and `as_of` give the same bytes: no time of writing, no user, no machine stands in them.
"""

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from segrules.backends.arrow.found import Found
from segrules.evaluation.arms import holdouts_json, sizes
from segrules.evaluation.as_of import AsOf
from segrules.evaluation.cells import cell_json
from segrules.evaluation.folder import MADE_BY
from segrules.ir.nodes import Top
from segrules.ir.rules import Partition, Rules
from segrules.lowering.print import crowd_line
from segrules.reference.outcome import FigureReport, Ignored, RankReport
from segrules.sources.loaded import ClockChange
from segrules.types.types import Type

SUMMARY_FORMAT = 1
MANIFEST_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Inputs:
    """What rules were read from: versions, and by path (relative to the project) `sha256:` and the file's digest."""

    segrules: str
    language: int
    rules: Mapping[str, str]
    catalogue: Mapping[str, str]
    lists: Mapping[str, str]
    root: Path = Path()
    """The folder of the project."""


def summary_json(rules: Rules, found: Found) -> dict[str, Any]:
    """Sizes of all segments and partitions; `share` is members over customers, 0 where there are no customers.

    A segment with a holdout has its `arms`, too.
    Entries of a partition stand in the order of its stages, `otherwise` last, those that nobody is in included.
    """
    segments: dict[str, dict[str, Any]] = {}
    for name in sorted(found.members):
        members = found.count(found.members[name])
        segments[name] = {
            "qualifying": found.count(found.qualifying[name]),
            "members": members,
            "share": members / found.customers if found.customers else 0.0,
        }
        if name in found.held_out:
            segments[name]["arms"] = sizes(found, name)
    return {
        "format": SUMMARY_FORMAT,
        "as_of": found.as_of.isoformat(),
        "customers": found.customers,
        "segments": segments,
        "partitions": {
            name: _entries(rules.partitions[name], entries) for name, entries in sorted(found.entries.items())
        },
    }


def _entries(partition: Partition, entries: pa.DictionaryArray) -> dict[str, int]:
    counted = pc.value_counts(entries)
    counts = dict(zip(counted.field(0).to_pylist(), counted.field(1).to_pylist(), strict=True))
    names = (*(stage.name for stage in partition.stages), partition.otherwise)
    return {name: counts.get(name, 0) for name in names}


def figures_json(rules: Rules, figures: Iterable[FigureReport]) -> list[dict[str, Any]]:
    """Population figures and `top` in the order of the rules: what they came to, and how many were left out."""
    ordered = sorted(figures, key=lambda item: (item.node.span, repr(item.node)))
    return [
        {
            "words": crowd_line(rules, item.node),
            "value": cell_json(item.value, item.node.by.type if isinstance(item.node, Top) else item.node.type),
            "counted": item.counted,
            "without_value": item.without_value,
            "in_doubt": item.in_doubt,
        }
        for item in ordered
    ]


def manifest_json(
    rules: Rules,
    found: Found,
    inputs: Inputs,
    as_of: AsOf,
    data: Mapping[str, str],
    clock_changes: Iterable[ClockChange],
    options: Mapping[str, Any],
    files: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """All that a run was made of, so that it can be told whether another one had the same rules and data."""
    return {
        "format": MANIFEST_FORMAT,
        "made_by": MADE_BY,
        "versions": {
            "segrules": inputs.segrules,
            "language": inputs.language,
            "python": platform.python_version(),
            "pyarrow": pa.__version__,
        },
        "as_of": {
            "given": as_of.given,
            "resolved": as_of.instant.isoformat(),
            "zone": rules.catalogue.zone,
            "notes": [note.message for note in as_of.notes],
        },
        "options": dict(options),
        "rules": _sorted(inputs.rules),
        "catalogue": _sorted(inputs.catalogue),
        "lists": _sorted(inputs.lists),
        "data": _sorted(data),
        "cut_points": {
            score: {rank: _rank(report, rules.scores[score].ranks[rank].by.type) for rank, report in ranks.items()}
            for score, ranks in found.ranks.items()
        },
        "holdouts": holdouts_json(rules, found),
        "population_figures": figures_json(rules, found.figures),
        "ignored_events": [_ignored(item) for item in found.ignored],
        "clock_changes": [_clock_change(item) for item in clock_changes],
        "files": {name: dict(about) for name, about in files.items()},
    }


def _sorted(hashes: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(hashes.items()))


def _rank(report: RankReport, of: Type) -> dict[str, Any]:
    return {
        "scored": report.scored,
        "without_value": report.without_value,
        "frozen": report.frozen,
        "cuts": [cell_json(cut, of) for cut in report.cuts],
        "bands": [
            {
                "band": cut.band,
                "customers": cut.customers,
                "smallest": cell_json(cut.smallest, of),
                "largest": cell_json(cut.largest, of),
            }
            for cut in report.bands
        ],
    }


def _ignored(item: Ignored) -> dict[str, Any]:
    return {
        "event": item.event,
        "reason": item.reason.value,
        "count": item.count,
        "examples": list(item.examples),
    }


def _clock_change(item: ClockChange) -> dict[str, Any]:
    return {
        "table": item.table,
        "column": item.column,
        "kind": item.kind,
        "count": item.count,
        "how": item.how,
        "examples": list(item.examples),
    }
