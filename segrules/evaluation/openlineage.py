"""A finished run into run events of OpenLineage: which columns of which tables each segment rests on.

The run is a job, and so is each segment and partition within it. A segment is a dataset of its own: the tables of the
catalogue go into it, and it goes into the files of the run. What a rule reads is INDIRECT: it decides who is in, and
stands in no column of the output; the customer's key alone is DIRECT. No number of members is told.

The ids of runs are made of the manifest, so that the same rules, data and instant give the same ids; the times of
events are those of a clock, as the standard asks, and so stand in no other output.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, UUID, uuid5

from segrules.diagnostics.errors import OutputProblem
from segrules.explain.lineage import Lineage, Source, Use, lineage
from segrules.ir.catalogue import Column, Labels
from segrules.ir.rules import Header, Rules
from segrules.types.types import describe

_FIRST = b'{"eventType":'
_NAME_ANOTHER = "name another file, or remove that one by hand"

EVENT = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_FACET = "https://openlineage.io/spec/facets/{version}/{name}.json#/$defs/{name}"
_KEY, _ARM, _ENTRY, _ENTRY_OF_LIST = "customer_id", "arm", "entry", "value"
_TEXT, _KEY_TYPE = "text", "as in the data"
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_SCHEMES = {"gcs": "gs", "abfs": "abfss"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where events are to be written, and the name of the project that they speak of."""

    path: Path
    project: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has written its folder.

    `paths` replace those of the catalogue, by table; `base` is the folder that the others are relative to, and `lists`
    the one of list files.
    """

    rules: Rules
    segments: tuple[str, ...]
    partitions: tuple[str, ...]
    as_of: datetime
    base: Path
    lists: Path
    paths: Mapping[str, str]
    out: Path
    manifest: bytes
    version: str
    started: datetime
    ended: datetime


def now() -> datetime:
    """The time, for events alone."""
    return datetime.now(UTC)


def check_lineage(wanted: Wanted, out: Path | None) -> None:
    """Refuse early what could not be written.

    Raises:
        OutputProblem: the file cannot be written there, or would lie in the output folder.
    """
    path = wanted.path
    if out is None:
        raise OutputProblem("a run that writes nothing has no lineage", help="give `out`, too")
    real, folder = Path(os.path.realpath(path)), Path(os.path.realpath(out))
    if real == folder or folder in real.parents:
        message = f"`{path}` lies in the output folder, which holds what the run lists in its manifest alone"
        raise OutputProblem(message, help="name a file beside it")
    if real.is_dir():
        raise OutputProblem(f"`{path}` is a folder", help="name a file in it")
    if not real.parent.is_dir():
        raise OutputProblem(f"the folder of `{path}` does not exist", help="make it, or name another file")
    if not _replaceable(real):
        raise OutputProblem(f"`{path}` holds something else than lineage, so it is not replaced", help=_NAME_ANOTHER)


def _replaceable(path: Path) -> bool:
    """Whether a file is not there yet, is empty, or begins as the first event does; rules or data do not."""
    if not path.is_file():
        return True
    with suppress(OSError), path.open("rb") as file:
        start = file.read(len(_FIRST))
        return start in (b"", _FIRST)
    return False


def write_lineage(wanted: Wanted, ran: Ran) -> None:
    """Write the events, a line for each, whole or not at all.

    Raises:
        OutputProblem: the file cannot be written; what stood there still stands.
    """
    path = Path(os.path.realpath(wanted.path))
    building = path.parent / f".{path.name}.{secrets.token_hex(6)}.tmp"
    try:
        with building.open("x", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(f"{json.dumps(event, ensure_ascii=False)}\n" for event in events(wanted.project, ran))
            file.flush()
            os.fsync(file.fileno())
        building.replace(path)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise OutputProblem(f"`{wanted.path}` cannot be written: {reason}") from error
    finally:
        with suppress(OSError):
            building.unlink()


def events(project: str, ran: Ran) -> Iterator[Json]:
    """START and COMPLETE of the run, and between them those of each partition and segment, by name."""
    return _Events(project, ran).all()


class _Events:
    def __init__(self, project: str, ran: Ran) -> None:
        self._ran = ran
        self._project = project
        self._namespace = f"segrules://{project}"
        self._producer = f"urn:segrules:{ran.version}"
        self._run = uuid5(NAMESPACE_URL, f"segrules:{hashlib.sha256(ran.manifest).hexdigest()}")

    def all(self) -> Iterator[Json]:
        ran = self._ran
        run, job = self._of_run(self._run, {}), self._job(self._project, "RUN", None, None)
        yield self._event("START", ran.started, run, job)
        for name in sorted(ran.partitions):
            partition = ran.rules.partitions[name]
            yield from self._within(name, "PARTITION", partition.title, partition.header)
        for name in sorted(ran.segments):
            segment = ran.rules.segments[name]
            yield from self._within(name, "SEGMENT", segment.title, segment.header)
        made = [self._made(name) for name in sorted({*ran.partitions, *ran.segments})]
        yield self._event("COMPLETE", ran.ended, run, job, made, [*self._files()])

    def _within(self, name: str, kind: str, title: str | None, header: Header) -> Iterator[Json]:
        """The events of a segment or a partition."""
        ran, known = self._ran, lineage(self._ran.rules, name)
        parent = {"run": {"runId": str(self._run)}, "job": {"namespace": self._namespace, "name": self._project}}
        run = self._of_run(uuid5(self._run, name), {"parent": self._facet("ParentRunFacet", "1-2-0", **parent)})
        described = header.description or title
        job = self._job(f"{self._project}.{name}", kind, described, header.owner)
        inputs = [*self._inputs(known)]
        whole = kind == "PARTITION"
        fields = [(_KEY, _KEY_TYPE), (_ENTRY if whole else _ARM, _TEXT)]
        facets = {
            "schema": self._facet("SchemaDatasetFacet", "1-2-0", fields=[_field(*item) for item in fields]),
            "columnLineage": self._columns(known, whole=whole, held=not whole and self._is_held_out(name)),
        }
        if described:
            facets["documentation"] = self._facet("DocumentationDatasetFacet", "1-1-0", description=described)
        yield self._event("START", ran.started, run, job)
        yield self._event("COMPLETE", ran.ended, run, job, inputs, [{**self._made(name), "facets": facets}])

    def _is_held_out(self, name: str) -> bool:
        return self._ran.rules.segments[name].holdout is not None

    # --- runs and jobs

    def _event(
        self, kind: str, at: datetime, run: Json, job: Json, inputs: Sequence[Json] = (), outputs: Sequence[Json] = ()
    ) -> Json:
        return {
            "eventType": kind,
            "eventTime": at.isoformat(),
            "run": run,
            "job": job,
            "inputs": list(inputs),
            "outputs": list(outputs),
            "producer": self._producer,
            "schemaURL": EVENT,
        }

    def _of_run(self, run: UUID, facets: Json) -> Json:
        instant = self._ran.as_of.isoformat()
        engine = {"name": "segrules", "version": self._ran.version}
        return {
            "runId": str(run),
            "facets": {
                "nominalTime": self._facet("NominalTimeRunFacet", "1-0-1", nominalStartTime=instant),
                "processing_engine": self._facet("ProcessingEngineRunFacet", "1-1-1", **engine),
                **facets,
            },
        }

    def _job(self, name: str, kind: str, description: str | None, owner: str | None) -> Json:
        of = {"processingType": "BATCH", "integration": "SEGRULES", "jobType": kind}
        facets = {"jobType": self._facet("JobTypeJobFacet", "2-0-4", **of)}
        if description:
            facets["documentation"] = self._facet("DocumentationJobFacet", "1-1-0", description=description)
        if owner:
            facets["ownership"] = self._facet("OwnershipJobFacet", "1-0-1", owners=[{"name": owner, "type": "OWNER"}])
        return {"namespace": self._namespace, "name": name, "facets": facets}

    def _facet(self, name: str, version: str, /, **content: Any) -> Json:
        return {"_producer": self._producer, "_schemaURL": _FACET.format(version=version, name=name), **content}

    # --- datasets

    def _made(self, name: str) -> Json:
        """The dataset that a segment or partition is."""
        return {"namespace": self._namespace, "name": name, "facets": {}}

    def _inputs(self, known: Lineage) -> Iterator[Json]:
        """The tables and list files that are read, each table with the columns and their labels."""
        catalogue = self._ran.rules.catalogue
        for table in known.tables:
            columns = [catalogue.tables[table].columns[item.column] for item in known.sources if item.table == table]
            fields = [_field(column.physical, describe(column.type), column.description) for column in columns]
            facets = {"schema": self._facet("SchemaDatasetFacet", "1-2-0", fields=fields)}
            tags = [tag for column in columns for tag in _tags(column)]
            if tags:
                facets["tags"] = self._facet("TagsDatasetFacet", "1-0-0", tags=tags)
            yield {**self._table(table), "facets": facets}
        for path in known.lists:
            yield {**_local(self._ran.lists / path), "facets": {}}

    def _table(self, name: str) -> Json:
        path = self._ran.paths.get(name) or self._ran.rules.catalogue.tables[name].path
        return _place(path) if _REMOTE.match(path) else _local(self._ran.base / path)

    def _columns(self, known: Lineage, *, whole: bool, held: bool) -> Json:
        """The facet of column lineage; with `whole` every customer is there, and columns decide on the entry."""
        keys = [item for item in known.sources if Use.IDENTITY in item.uses]
        decisive = [(item, tuple(use for use in item.uses if use is not Use.IDENTITY)) for item in known.sources]
        read = [self._read(item, [_indirect(use, whole=whole) for use in uses]) for item, uses in decisive if uses]
        read += [
            {
                **_local(self._ran.lists / path),
                "field": _ENTRY_OF_LIST,
                "transformations": [_indirect(Use.FILTER, whole=whole)],
            }
            for path in known.lists
        ]
        drawn = [
            {"type": "INDIRECT", "subtype": "CONDITIONAL", "description": "drawn by the holdout", "masking": False}
        ]
        fields = {_KEY: {"inputFields": [self._read(item, [_IDENTITY]) for item in keys]}}
        if whole:
            fields[_ENTRY] = {"inputFields": read}
        elif held:
            fields[_ARM] = {"inputFields": [self._read(item, drawn) for item in keys]}
        return self._facet("ColumnLineageDatasetFacet", "1-2-0", fields=fields, dataset=[] if whole else read)

    def _read(self, item: Source, transformations: Sequence[Json]) -> Json:
        return {**self._table(item.table), "field": item.physical, "transformations": list(transformations)}

    def _files(self) -> Iterator[Json]:
        """The files of the run, with the segments and partitions that go into them."""
        ran = self._ran
        parts = {"membership": (ran.segments, (_KEY, _ARM)), "partitions": (ran.partitions, (_KEY, _ENTRY))}
        names = json.loads(ran.manifest)["files"]
        for file in sorted(names):
            of, columns = parts.get(file.partition(".")[0], ((), ()))
            if of and "rows" in names[file]:
                fields = {
                    column: {
                        "inputFields": [
                            {**self._plain(name), "field": column, "transformations": [_IDENTITY]}
                            for name in sorted(of)
                        ]
                    }
                    for column in columns
                }
                facet = self._facet("ColumnLineageDatasetFacet", "1-2-0", fields=fields, dataset=[])
                yield {**_local(ran.out / file), "facets": {"columnLineage": facet}}
            else:
                yield {**_local(ran.out / file), "facets": {}}

    def _plain(self, name: str) -> Json:
        return {"namespace": self._namespace, "name": name}


_IDENTITY: Json = {"type": "DIRECT", "subtype": "IDENTITY", "description": "the customer's key", "masking": False}


def _indirect(use: Use, *, whole: bool) -> Json:
    subtype = "CONDITIONAL" if whole and use is Use.FILTER else use.name
    return {"type": "INDIRECT", "subtype": subtype, "description": use.value, "masking": False}


def _field(name: str, of: str, description: str | None = None) -> Json:
    return {"name": name, "type": of, **({"description": description} if description else {})}


def _tags(column: Column) -> Iterator[Json]:
    """The labels of a column, and of single values of it, as tags."""
    for key, word in _words(column.labels):
        yield {"key": key, "value": word, "source": "SEGRULES", "field": column.physical}
    for value, labels in column.value_labels.items():
        for key, word in _words(labels):
            yield {"key": f"{key} where {value}", "value": word, "source": "SEGRULES", "field": column.physical}


def _words(labels: Labels) -> Iterator[tuple[str, str]]:
    yield from (("category", word) for word in labels.category)
    yield from (("proxy_for", word) for word in labels.proxy_for)
    if labels.origin is not None:
        yield "origin", labels.origin
    if labels.identifiability is not None:
        yield "identifiability", labels.identifiability


def _local(path: Path) -> Json:
    # Links are part of the name that people know a file by.
    return _place(os.path.abspath(path))  # noqa: PTH100


def _place(path: str) -> Json:
    """The name of a dataset by where it lies, as OpenLineage names places; without options and credentials.

    >>> _place("s3://shop/orders.parquet?region=eu-west-1")
    {'namespace': 's3://shop', 'name': 'orders.parquet'}
    >>> _place("/data/orders.csv")
    {'namespace': 'file', 'name': '/data/orders.csv'}
    """
    if _REMOTE.match(path) is None:
        return {"namespace": "file", "name": Path(path).as_posix()}
    parts = urlsplit(path)
    scheme = _SCHEMES.get(parts.scheme.lower(), parts.scheme.lower())
    user, at, host = parts.netloc.rpartition("@")
    # Before the `@` stand a container, or a key and a secret.
    container = user if scheme == "abfss" and ":" not in user else ""
    return {"namespace": f"{scheme}://{container}{at if container else ''}{host}", "name": parts.path.strip("/")}
