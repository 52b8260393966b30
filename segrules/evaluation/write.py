"""A finished run into its output folder: tables first, then the summary, the manifest last."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from segrules.evaluation import tables
from segrules.evaluation.as_of import AsOf
from segrules.evaluation.engines import Evaluated, Progress
from segrules.evaluation.folder import MANIFEST, new_folder
from segrules.evaluation.report import Inputs, manifest_json
from segrules.evaluation.request import Request
from segrules.ir.rules import Rules

SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class Output:
    """All that is written down about one run."""

    rules: Rules
    inputs: Inputs
    as_of: AsOf
    segments: tuple[str, ...]
    evaluated: Evaluated
    summary: dict[str, Any]


def write_output(output: Output, request: Request, tell: Progress) -> tuple[str, ...]:
    """Write the folder `request.out`, whole or not at all; the names of the files in it.

    What `tell` raises between two files ends it, too, and nothing is left behind.

    Raises:
        OutputProblem: the folder is refused or cannot be written; what stood there before still stands.
    """
    assert request.out is not None
    with new_folder(request.out, overwrite=request.overwrite, keep=request.keep) as folder:
        files = _write_tables(output, request, folder, tell)
        files |= _write_json(output.summary, folder / SUMMARY)
        tell("hashing data", 0, 1)
        hashes = output.evaluated.hashes()
        tell("hashing data", 1, 1)
        manifest = manifest_json(
            output.rules,
            output.evaluated.found,
            output.inputs,
            output.as_of,
            hashes,
            output.evaluated.clock_changes,
            _options(output, request),
            files,
        )
        _write_json(manifest, folder / MANIFEST)
    return (*files, MANIFEST)


def _write_tables(output: Output, request: Request, folder: Path, tell: Progress) -> dict[str, dict[str, Any]]:
    made = {"membership": tables.membership, "partitions": tables.partitions}
    if request.wide:
        made["wide"] = partial(tables.wide, by_key=True, with_arms=True)
    files: dict[str, dict[str, Any]] = {}
    for done, (name, table) in enumerate(made.items()):
        tell("writing", done, len(made))
        files |= tables.write_table(table(output.evaluated.found), folder, name, request.file_format)
    tell("writing", len(made), len(made))
    return files


def _options(output: Output, request: Request) -> dict[str, Any]:
    return {
        "engine": request.engine,
        "segments": list(output.segments),
        "include_draft": request.drafts,
        "format": request.file_format,
        "wide": request.wide,
        "replaced_data": sorted(request.data),
    }


def _write_json(content: Any, path: Path) -> dict[str, dict[str, Any]]:
    data = (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
    path.write_bytes(data)
    return {path.name: {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}}
