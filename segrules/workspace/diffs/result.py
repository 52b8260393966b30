"""What changed between two versions of a project, for people and programs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from segrules.diagnostics.errors import UnknownName
from segrules.diagnostics.finding import Evidence
from segrules.diagnostics.nearest import did_you_mean
from segrules.proofs.changes.change import GAINS, LOSES, Judged, Kind
from segrules.text.span import Span

if TYPE_CHECKING:
    from segrules.workspace.diffs.moves import Moves


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file that was added or removed: one of the later version, or one of the earlier."""

    path: str
    number: int
    added: bool
    text: str

    def to_json(self) -> dict[str, Any]:
        """The line as JSON values."""
        change = "added" if self.added else "removed"
        return {"path": self.path, "line": self.number, "change": change, "text": self.text}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Something that a segment says about itself and that is no condition; None where it says nothing.

    `sensitive` is what a privacy officer has to see: a label newly read, a justification or a consent that is gone.
    """

    field: str
    before: str | None
    after: str | None
    sensitive: bool = False

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {"field": self.field, "before": self.before, "after": self.after, "sensitive": self.sensitive}


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """What became of a segment, or of a stage as `partition.stage`.

    `judged` says how members change. `renamed_from` is its earlier name where that was another one. `lines` are those
    that changed in the segment and in what it rests on; `through` names the parts of it outside of the segment. `words`
    are the lines of plain English that went (`-`), came (`+`) and stayed (` `). `span` is where it stands, in the
    earlier version where it was removed.
    """

    name: str
    judged: Judged
    span: Span
    renamed_from: str | None = None
    gained: Evidence | None = None
    lost: Evidence | None = None
    lines: tuple[Line, ...] = ()
    through: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    metadata: tuple[FieldChange, ...] = ()
    is_stage: bool = False

    @property
    def kind(self) -> Kind:
        """How members change."""
        return self.judged.kind

    @property
    def told(self) -> bool:
        """Whether there is anything for a reviewer to see: more than other words for the same."""
        return self.kind is not Kind.SAME or bool(self.metadata)

    @property
    def touched(self) -> bool:
        """Whether anything that it rests on is written in another way."""
        return self.told or bool(self.lines)

    @property
    def sensitive(self) -> bool:
        """Whether something changed that a privacy officer has to see."""
        return any(item.sensitive for item in self.metadata)


@dataclass(frozen=True, slots=True)
class PromiseChange:
    """A change to what the project promises or checks: a policy, a group, a silencer, the level of a check.

    `change` is `added`, `removed`, `weaker`, `stronger`, `changed` or `undecided`; `loosened` says that less is
    promised or told than before, or that this is not proved.
    """

    kind: str
    name: str
    change: str
    detail: str
    loosened: bool
    span: Span | None = None
    in_later: bool = True
    lines: tuple[Line, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "change": self.change,
            "detail": self.detail,
            "loosened": self.loosened,
            "lines": [line.to_json() for line in self.lines],
            **_place(self.span),
        }


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """A change to the catalogue, a list file or the lock file, with the segments that it reaches."""

    kind: str
    name: str
    change: str
    detail: str
    segments: tuple[str, ...] = ()
    sensitive: bool = False
    span: Span | None = None

    def to_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {
            "kind": self.kind,
            "name": self.name,
            "change": self.change,
            "detail": self.detail,
            "segments": list(self.segments),
            "sensitive": self.sensitive,
            **_place(self.span),
        }


FAIL_WORDS = (
    "any", "wider", "narrower", "shifted", "disjoint", "added", "removed", "renamed", "undecided",
    "metadata", "sensitive", "policy", "catalog",
)  # fmt: skip
"""What `--fail-on` can name."""


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed from `before` to `after`, the names of two versions; as text it is what `segrules diff` prints.

    `segments` has every segment of either version, sorted by name, and every stage of a partition that changed.
    `policies` are changes to what is promised and checked, `catalog` those to catalogue, lists and cut points. `moves`
    are counts in data, None where none were asked for.
    """

    before: str
    after: str
    segments: tuple[SegmentChange, ...]
    policies: tuple[PromiseChange, ...] = ()
    catalog: tuple[CatalogChange, ...] = ()
    moves: "Moves | None" = None
    project: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.text()

    def __bool__(self) -> bool:
        """Whether there is anything for a reviewer to see."""
        return bool(self.policies or self.catalog or any(item.told for item in self.segments))

    def __getitem__(self, name: str) -> SegmentChange:
        """What became of a segment, or of a stage as `partition.stage`.

        Raises:
            UnknownName: neither version has a segment of this name, or the stage did not change.
        """
        for item in self.segments:
            if item.name == name:
                return item
        known = [item.name for item in self.segments]
        raise UnknownName(f"there is no `{name}` in either version", help=did_you_mean(str(name), known))

    @property
    def counts(self) -> Mapping[Kind, int]:
        """How many segments there are of each kind of change, stages left out."""
        counted = Counter(item.kind for item in self.segments if not item.is_stage)
        return {kind: counted[kind] for kind in Kind}

    def failing(self, words: "frozenset[str]") -> tuple[str, ...]:
        """The names of what changed in a way that `words` name, each once; see `FAIL_WORDS`."""
        found = [item.name for item in self.segments if self._words_of(item) & words]
        for promise in self.policies:
            found += [promise.name] if words & ({"any", "policy"} if promise.loosened else {"any"}) else []
        for change in self.catalog:
            named = {"any", "catalog", "sensitive"} if change.sensitive else {"any", "catalog"}
            found += [change.name] if words & named else []
        return tuple(dict.fromkeys(found))

    @staticmethod
    def _words_of(item: SegmentChange) -> set[str]:
        words = {item.kind.value} - {"same"}
        words |= {"wider"} if item.kind in GAINS else set()
        words |= {"narrower"} if item.kind in LOSES else set()
        words |= {"renamed"} if item.renamed_from is not None else set()
        words |= {"metadata"} if item.metadata else set()
        words |= {"sensitive"} if item.sensitive else set()
        return words | ({"any"} if item.told else set())

    def text(self) -> str:
        """The text for a terminal."""
        from segrules.workspace.diffs.text import diff_text

        return diff_text(self)

    def markdown(self, limit: int | None = None) -> str:
        """The text of a comment on a pull request, of at most so many characters; left out, what GitHub takes."""
        from segrules.workspace.diffs.markdown import diff_markdown

        return diff_markdown(self) if limit is None else diff_markdown(self, limit)

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values; the four counts are null where no data were asked for."""
        return {
            "before": self.before,
            "after": self.after,
            "counts": {kind.value: count for kind, count in self.counts.items()},
            "segments": [self._segment_json(item) for item in self.segments],
            "policies": [item.to_json() for item in self.policies],
            "catalog": [item.to_json() for item in self.catalog],
            "moves": None if self.moves is None else self.moves.to_json(),
        }

    def _segment_json(self, item: SegmentChange) -> dict[str, Any]:
        return {
            "name": item.name,
            "kind": "stage" if item.is_stage else "segment",
            "change": item.kind.value,
            "renamed_from": item.renamed_from,
            "gained": None if item.gained is None else dict(item.gained.content),
            "lost": None if item.lost is None else dict(item.lost.content),
            **self.numbers(item.name),
            "proved": item.judged.proved,
            "reason": item.judged.reason,
            "premises": list(item.judged.premises),
            "by_earlier": list(item.judged.by_earlier),
            "lines": [line.to_json() for line in item.lines],
            "through": list(item.through),
            "english": list(item.words),
            "metadata": [part.to_json() for part in item.metadata],
            **_place(item.span),
        }

    def numbers(self, name: str) -> dict[str, int | None]:
        """The counts of a segment in data, all None where none were made."""
        found = {} if self.moves is None else self.moves.numbers(name)
        return {key: found.get(key) for key in ("before", "after", "entered", "left")}


def _place(span: Span | None) -> dict[str, Any]:
    return {
        "path": None if span is None else span.path,
        "line": None if span is None else span.line,
        "column": None if span is None else span.column,
    }
