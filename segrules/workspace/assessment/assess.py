"""Segments into the files of their assessments, and into what became of each file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from segrules.diagnostics.errors import BadInput, OutputProblem
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.flow import Flow
from segrules.governance.schedules import Duties, duties
from segrules.governance.sensitive import live_segments
from segrules.ir.meaning import Meanings
from segrules.ir.rules import Rules, Segment, Status
from segrules.workspace.assessment.bands import Measured, band
from segrules.workspace.assessment.decision import read_signatures, template
from segrules.workspace.assessment.document import document
from segrules.workspace.assessment.facts import Facts, gather
from segrules.workspace.assessment.files import DECISION, DOCUMENT, INDEX, RECORD, Folder, digest, stem_of
from segrules.workspace.assessment.index import index
from segrules.workspace.assessment.marks import Marks, marks_of
from segrules.workspace.assessment.record import Assessment, record_text
from segrules.workspace.files import why

if TYPE_CHECKING:
    from segrules.evaluation.result import Result

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What `assess` did: the assessments by segment, the folder, and the names of the files in it.

    `leftover` are files about segments that there are no more; they stay, since assessments are kept for years.
    """

    assessments: Mapping[str, Assessment]
    out: Path
    written: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    leftover: tuple[str, ...] = ()


class Static:
    """What can be said of the segments of sound rules without proofs or data."""

    def __init__(self, rules: Rules, packs: Mapping[str, str]) -> None:
        self.rules = rules
        self.flow = Flow(rules)
        self._duties = duties(packs)
        self._meanings = Meanings(rules, as_written=True)

    def of(self, segment: Segment) -> tuple[Facts, Marks, Duties]:
        """The facts of a segment, what they rest on, and what packs ask of its assessment."""
        asked = self.asked(segment)
        facts = gather(self.rules, segment, self.flow)
        return facts, marks_of(self.rules, segment, facts, self.flow, asked, self._meanings), asked

    def asked(self, segment: Segment) -> Duties:
        """What packs ask of the assessment of a segment."""
        return self._duties.of(segment.header, self.flow.reads(segment.name))


def chosen(rules: Rules, names: Sequence[str] | None) -> tuple[Segment, ...]:
    """The segments to assess: those named, or all that are not retired.

    Raises:
        BadInput: there is no such segment, it is retired, or there is none at all.
    """
    live = {segment.name: segment for segment in live_segments(rules)}
    for name in names or ():
        if name in rules.segments and rules.segments[name].header.status is Status.RETIRED:
            raise BadInput(f"the segment `{name}` is retired", help="the assessment that it has is to be kept as it is")
        if name not in live:
            listed = "there are " + ", ".join(f"`{item}`" for item in sorted(live)) if live else None
            raise BadInput(f"there is no segment `{name}` to assess", help=did_you_mean(name, live) or listed)
    found = tuple(live[name] for name in sorted(set(live if names is None else names)))
    if not found:
        raise BadInput("there is no segment to assess", help="write one, or make one active that is retired")
    return found


def assess(
    rules: Rules,
    packs: Mapping[str, str],
    segments: Sequence[Segment],
    folder: Folder,
    day: date,
    measured: Mapping[str, Measured],
    tell: Progress,
    *,
    write: bool,
) -> Assessed:
    """Assess segments, and write the files of those that changed.

    Args:
        rules: sound rules, without cut points of frozen bands: what is proved holds for any.
        packs: the levels of packs that the project gives.
        segments: those to assess.
        folder: where assessments lie, and are written.
        day: the day that an assessment bears where one of its material parts is new.
        measured: the bands of sizes that were counted.
        tell: told how many segments are done.
        write: whether files are written.

    Raises:
        OutputProblem: a file cannot be written, or is none of ours; every other file is whole.
    """
    # Z3 is loaded where something is proved.
    from segrules.proofs.prover import Prover
    from segrules.workspace.assessment.promises import promises

    if write:
        folder.check()
    static, prover = Static(rules, packs), Prover(rules)
    made: dict[str, Assessment] = {}
    for done, segment in enumerate(segments):
        tell("assessing", done, len(segments))
        facts, marks, asked = static.of(segment)
        since, unsigned, size = _kept(folder, segment.name, marks, day)
        promised = promises(prover, segment, static.flow)
        size = measured.get(segment.name, size)
        made[segment.name] = Assessment(facts, marks, promised, asked, since, unsigned, size)
    tell("assessing", len(segments), len(segments))
    leftover = _leftover(folder, rules)
    if not write:
        return Assessed(made, folder.path, leftover=leftover)
    files = [item for assessment in made.values() for item in _files(assessment)]
    everything = len(made) == sum(1 for _ in live_segments(rules))
    if everything:
        files.append((INDEX, index(list(made.values()))))
    for name, _ in files:
        folder.refuse_strange(name)
    turned = {name: folder.write(name, text) for name, text in files}
    for assessment in made.values():
        name = f"{stem_of(assessment.segment)}{DECISION}"
        if not (folder.path / name).exists():
            text = template(assessment.segment, assessment.facts.title, f"{stem_of(assessment.segment)}{DOCUMENT}")
            turned[name] = folder.write(name, text)
    written = tuple(sorted(name for name, new in turned.items() if new))
    unchanged = tuple(sorted(name for name, new in turned.items() if not new))
    return Assessed(made, folder.path, written, unchanged, leftover)


def measure(result: "Result", min_cell: int) -> dict[str, Measured]:
    """The bands of the sizes of all segments that were evaluated."""
    summary = result.summary()
    as_of = result.as_of.date().isoformat()
    return {name: band(size["members"], as_of, min_cell) for name, size in summary["segments"].items()}


def _files(made: Assessment) -> Iterator[tuple[str, str]]:
    stem = stem_of(made.segment)
    text = document(made, f"{stem}{DECISION}")
    yield f"{stem}{DOCUMENT}", text
    # The record is written last: where it is not there yet, the document counts as changed, and is written anew.
    yield f"{stem}{RECORD}", record_text(made, digest(text))


def _kept(folder: Folder, segment: str, marks: Marks, day: date) -> tuple[date, date, Measured | None]:
    """Since when a segment is as it is, since when nobody signed, and its size, from the assessment before this one."""
    try:
        standing = folder.standing(segment)
    except OSError as error:
        raise OutputProblem(f"`{folder.path}` cannot be read: {why(error)}") from error
    earlier = standing.earlier
    if earlier is None or earlier.segment != segment:
        return day, day, None
    if earlier.material == marks.material:
        return earlier.since, earlier.unsigned, earlier.measurement()
    # One change after the other does not put off the day on which somebody has to look.
    signed = read_signatures(standing.decision or "").last(day, earlier.material) is not None
    return day, day if signed else earlier.unsigned, None


def _leftover(folder: Folder, rules: Rules) -> tuple[str, ...]:
    try:
        records = folder.records()
    except OSError as error:
        raise OutputProblem(f"`{folder.path}` cannot be read: {why(error)}") from error
    return tuple(name for segment, name in records.items() if segment not in rules.segments)
