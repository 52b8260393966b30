"""Comments that silence a finding of one line, for a reason and until a day.

# segrules: ignore[missing-consent] "service calls, no advertising" until 2027-03-31
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from segrules.diagnostics.codes import (
    BAD_SILENCER,
    EXPIRED_SILENCER,
    UNUSED_SILENCER,
    all_codes,
    by_text,
    may_be_lowered,
)
from segrules.diagnostics.finding import Code, Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.text.span import Span

EXAMPLE = '# segrules: ignore[missing-consent] "service calls, no advertising" until 2027-03-31'
_OWN = (BAD_SILENCER, EXPIRED_SILENCER, UNUSED_SILENCER)

_MEANT = re.compile(r"#\s*segrules\s*(?::|:?\s*ignore\b)\s*", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*segrules\s*:\s*ignore\b\s*")
_CODES = re.compile(r"\[([^\[\]]*)\]\s*")
_REASON = re.compile(r'"((?:\\.|[^"\\])*)"\s*')
_UNTIL = re.compile(r"until\s+(\S+)\s*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment of a rule file or of the catalogue; `line` is the line that it speaks of."""

    text: str
    span: Span
    line: int


@dataclass(frozen=True, slots=True)
class Silencer:
    """What a comment silences: findings of these codes whose place begins on `line` of its file."""

    codes: tuple[Code, ...]
    reason: str
    until: date
    line: int
    span: Span


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that a comment silences: why, until when, and where the comment stands."""

    finding: Finding
    reason: str
    until: date
    span: Span


@dataclass(frozen=True, slots=True)
class Silencing:
    """Findings told apart: those that are heard, and those that are silenced."""

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...]


def read_silencers(comments: Iterable[Comment]) -> tuple[list[Silencer], list[Finding]]:
    """The silencers among the comments, and findings about those that are not written as they should be."""
    silencers, findings = [], []
    for comment in comments:
        if _MEANT.match(comment.text):
            read = _read(comment)
            if isinstance(read, Silencer):
                silencers.append(read)
            else:
                findings.append(read)
    return silencers, findings


def silence(findings: Iterable[Finding], silencers: Iterable[Silencer], day: date) -> Silencing:
    """Tell apart the findings that are silenced on `day`."""
    by_line: dict[tuple[str, int], list[Silencer]] = {}
    for silencer in silencers:
        if day <= silencer.until:
            by_line.setdefault((silencer.span.path, silencer.line), []).append(silencer)
    heard: list[Finding] = []
    silenced: list[Silenced] = []
    for item in findings:
        on_its_line = [] if item.span is None else by_line.get((item.span.path, item.span.line), [])
        by = next((one for one in on_its_line if item.code in one.codes), None)
        if by is None:
            heard.append(item)
        else:
            silenced.append(Silenced(item, by.reason, by.until, by.span))
    return Silencing(tuple(heard), tuple(silenced))


def stale_silencers(
    silencers: Iterable[Silencer], findings: Collection[Finding], day: date, looked_for: Collection[Code]
) -> Iterator[Finding]:
    """The silencers whose day has passed, and those that silence nothing; codes not `looked_for` are left out."""
    there = {(item.span.path, item.span.line, item.code) for item in findings if item.span is not None}
    for silencer in silencers:
        if silencer.until < day:
            message = f"this silencer ended on {silencer.until}"
            help_ = "mend what it silenced and delete it, or give it a new reason and a later date"
            yield finding(EXPIRED_SILENCER, message, silencer.span, help=help_)
            continue
        for code in silencer.codes:
            if code in looked_for and (silencer.span.path, silencer.line, code) not in there:
                message = f"line {silencer.line} has no finding `{code}` that could be silenced"
                help_ = "delete the silencer, or put it on the line of the finding or on the line above"
                yield finding(UNUSED_SILENCER, message, silencer.span, help=help_)


def _read(comment: Comment) -> Silencer | Finding:
    text, span = comment.text, comment.span
    start = _IGNORE.match(text)
    if start is None:
        return _bad("a comment that begins with `segrules:` was expected to go on with `ignore[`", span)
    listed = _CODES.match(text, start.end())
    if listed is None or not listed[1].strip():
        return _bad("the silencer does not say which findings it silences", span)
    codes = []
    for written in listed[1].split(","):
        code = by_text(written)
        if code is None:
            known = [name for item in all_codes() for name in (item.number, item.name)]
            help_ = did_you_mean(written.strip(), known) or "`segrules finding` lists all of them"
            return finding(BAD_SILENCER, f"there is no finding `{written.strip()}`", span, help=help_)
        if code in _OWN or not may_be_lowered(code):
            help_ = "mend what it is about"
            return finding(BAD_SILENCER, f"`{code}` cannot be silenced", span, help=help_)
        codes.append(code)
    reason = _REASON.match(text, listed.end())
    if reason is None or not reason[1].strip():
        return _bad("the silencer gives no reason in quotes", span)
    until = _UNTIL.match(text, reason.end())
    if until is None:
        return _bad("the silencer does not say until when", span)
    day = _day(until[1])
    if day is None:
        return _bad(f"`{until[1]}` is not a day such as `2027-03-31`", span)
    if until.end() < len(text):
        return _bad(f"`{text[until.end() :].strip()}` stands behind the end of the silencer", span)
    return Silencer(tuple(dict.fromkeys(codes)), reason[1].strip(), day, comment.line, span)


def _bad(message: str, span: Span) -> Finding:
    return finding(BAD_SILENCER, message, span, help=f"write it like `{EXAMPLE}`")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
