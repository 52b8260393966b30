"""The folder of assessments against the rules: what is missing, stale, due, wrong or left over on a day."""

from collections.abc import Iterator
from datetime import date

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, finding
from segrules.explain.lines import listed
from segrules.governance.schedules import Duties, days_later, years_later
from segrules.governance.sensitive import live_segments
from segrules.governance.weights import heaviest
from segrules.ir.rules import Rules, Segment, Status
from segrules.text.span import Span
from segrules.workspace.assessment.assess import Static
from segrules.workspace.assessment.decision import read_signatures
from segrules.workspace.assessment.files import DECISION, DOCUMENT, RECORD, Folder, Standing, digest, stem_of
from segrules.workspace.assessment.marks import MATERIAL, PARTS, Marks
from segrules.workspace.assessment.record import Earlier
from segrules.workspace.files import file_span, shown_path, why
from segrules.workspace.project import Project

_AHEAD = 60
"""So many days before a review it is told of."""
_AGAIN = "write it anew with `segrules assess`"


def assessment_findings(project: Project, rules: Rules, day: date) -> list[Finding]:
    """What is to be said of the assessments of a project on a day; nothing where it names no folder of them."""
    if project.assessments is None:
        return []
    return list(_Checking(project, project.assessments, rules, day).findings())


class _Checking:
    def __init__(self, project: Project, place: str, rules: Rules, day: date) -> None:
        self._folder = Folder(project.root / place)
        self._shown = shown_path(self._folder.path, project.root)
        self._place = project.places.get("assessments")
        self._static = Static(rules, project.packs)
        self._day = day

    def findings(self) -> Iterator[Finding]:
        rules = self._static.rules
        try:
            records = self._folder.records()
            for segment in live_segments(rules):
                yield from self._of(segment, self._folder.standing(segment.name))
        except (OSError, ValueError) as error:
            reason = why(error) if isinstance(error, OSError) else "it cannot be the name of a folder"
            message = f"the assessments in `{self._shown}` cannot be read: {reason}"
            yield finding(codes.BAD_ASSESSMENT, message, self._place)
            return
        for name, file in records.items():
            if name not in rules.segments:
                message = f"`{self._shown}/{file}` is about `{name}`, and there is no such segment any more"
                help_ = "keep it for as long as it is asked for, in another folder, then remove it"
                yield finding(codes.LEFTOVER_ASSESSMENT, message, self._file(file), help=help_)

    def _of(self, segment: Segment, standing: Standing) -> Iterator[Finding]:
        stem = stem_of(segment.name)
        yield from self._wrong_signatures(segment, standing)
        if standing.record is None:
            yield from self._missing(segment)
            return
        earlier = standing.earlier
        if earlier is None or earlier.segment != segment.name:
            message = f"`{self._shown}/{stem}{RECORD}` is no assessment of `{segment.name}` that can be read"
            help_ = "remove the file, then write it anew with `segrules assess`"
            yield finding(codes.BAD_ASSESSMENT, message, self._file(f"{stem}{RECORD}"), help=help_)
            return
        _, marks, asked = self._static.of(segment)
        changed = marks.changed(earlier.parts)
        if changed:
            yield _stale(segment, changed, asked)
        elif standing.document is None or digest(standing.document) != earlier.document:
            what = "is not there" if standing.document is None else "is not as `segrules assess` wrote it"
            message = f"the document of the assessment of `{segment.name}` {what}"
            help_ = f"{_AGAIN}; what people decide stands in `{stem}{DECISION}`"
            yield finding(codes.BAD_ASSESSMENT, message, self._file(f"{stem}{DOCUMENT}"), help=help_)
        if not set(changed).intersection(MATERIAL):
            yield from self._due(segment, standing, earlier, marks, asked)

    def _missing(self, segment: Segment) -> Iterator[Finding]:
        asked = self._static.asked(segment)
        if asked.asks and segment.header.status is Status.ACTIVE:
            ask = heaviest(asked.asks)
            message = f"segment `{segment.name}` has no privacy assessment"
            help_ = f"write one with `segrules assess`; the pack `{ask.pack}`: {ask.because}"
            yield finding(codes.MISSING_ASSESSMENT, message, segment.span, help=help_, severity=ask.level)

    def _wrong_signatures(self, segment: Segment, standing: Standing) -> Iterator[Finding]:
        file = f"{stem_of(segment.name)}{DECISION}"
        for line in read_signatures(standing.decision or "").wrong:
            message = f"line {line} of `{self._shown}/{file}` is no signature"
            help_ = "write it as the assessment shows it at its end, with a name in quotes, a day and the mark"
            yield finding(codes.BAD_ASSESSMENT, message, self._file(file, line), help=help_)

    def _due(
        self, segment: Segment, standing: Standing, earlier: Earlier, marks: Marks, asked: Duties
    ) -> Iterator[Finding]:
        """Whether somebody has signed for the segment as it is, and whether it is time to look again."""
        if not asked.asks:
            return
        signatures, day = read_signatures(standing.decision or ""), self._day
        signed = signatures.last(day, marks.material)
        if signed is not None:
            review = asked.strictest_review
            if review is not None and review.review_years is not None:
                by = years_later(signed.on, review.review_years)
                if day > by:
                    yield _told(
                        segment, f"was to be reviewed by {by}", "look at it again and sign it anew", review.because
                    )
                elif day >= days_later(by, -_AHEAD):
                    yield _told(segment, f"is to be reviewed by {by}", "look at it again", review.because, due=True)
            return
        if signatures.last(day) is None:
            ask = heaviest(asked.asks)
            due = segment.header.status is not Status.ACTIVE
            yield _told(segment, "is not signed", _sign(segment), ask.because, due=due)
            return
        change = asked.strictest_change
        if change is None or change.change_days is None:
            told = f"is not signed as it is since {earlier.since}"
            yield _told(segment, told, _sign(segment), asked.schedules[0].because if asked.schedules else "", due=True)
            return
        by = days_later(earlier.unsigned, change.change_days)
        told = f"{'was' if day > by else 'is'} to be signed anew by {by}, after the change of {earlier.unsigned}"
        yield _told(segment, told, _sign(segment), change.because, due=day <= by)

    def _file(self, name: str, line: int = 0) -> Span:
        shown = f"{self._shown}/{name}"
        return file_span(shown, line) if line else Span(shown, 0, 0, 0, 0)


def _stale(segment: Segment, changed: tuple[str, ...], asked: Duties) -> Finding:
    words = listed([PARTS[name] for name in changed])
    verb = "has" if len(changed) == 1 and changed[0] not in _MANY else "have"
    material = bool(set(changed).intersection(MATERIAL))
    message = f"the assessment of `{segment.name}` is stale: {words} {verb} changed"
    change = asked.strictest_change
    within = f" within {change.change_days} days" if change is not None else ""
    sign = f", and have it signed anew{within}" if material else "; it need not be signed anew"
    return finding(codes.STALE_ASSESSMENT, message, segment.span, help=f"{_AGAIN}{sign}")


_MANY = ("labels", "purposes", "channels", "policies", "sources", "names")


def _sign(segment: Segment) -> str:
    return f"whoever answers for it signs in `{stem_of(segment.name)}{DECISION}`"


def _told(segment: Segment, what: str, do: str, because: str, *, due: bool = False) -> Finding:
    code = codes.ASSESSMENT_DUE if due else codes.ASSESSMENT_OVERDUE
    help_ = f"{do}; {because}" if because else do
    return finding(code, f"the assessment of `{segment.name}` {what}", segment.span, help=help_)
