"""A project that was read into what `check` says on a day: findings, hygiene included, and what is silenced."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from segrules.diagnostics.codes import all_codes
from segrules.diagnostics.finding import Code, Finding, in_order
from segrules.governance.hygiene import hygiene
from segrules.governance.sensitive import expired_justifications
from segrules.governance.silencers import (
    Comment,
    Silenced,
    Silencer,
    Silencing,
    read_silencers,
    silence,
    stale_silencers,
)
from segrules.ir.rules import Rules
from segrules.text.source import Source
from segrules.workspace.assessment.check import assessment_findings
from segrules.workspace.checks import settings_of
from segrules.workspace.comments import seg_comments, yaml_comments
from segrules.workspace.files import SUFFIX
from segrules.workspace.project import Project, with_levels

_WORTH_READING = re.compile(r"#\s*segrules", re.IGNORECASE)
_BY_DATA = ("SEG5", "SEG6", "SEG8")
"""Codes that a check never gives, since it reads no data, by their first characters."""
_BY_PROOF = "SEG9"
"""Those that it gives where it proves."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check says: findings, sorted by place, and those that comments silence, with reason and end."""

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...] = ()


def checked(
    project: Project,
    sources: Mapping[str, Source],
    known: Iterable[Finding],
    sound: Rules | None,
    day: date,
    proved: Iterable[Finding] | None = None,
) -> Checked:
    """Everything that is to be said on `day`.

    `known` are findings of reading, `sound` the rules without errors, and `proved` what proofs found, where something
    was proved. Where there are errors, hygiene is not looked at, and silencers that seem unused may well be needed.
    """
    silencers, bad = silencers_of(project, sources)
    found = list(known)
    if sound is not None:
        kept = hygiene(sound, settings_of(project), day)
        expired = expired_justifications(sound, project.packs, day)
        assessed = assessment_findings(project, sound, day)
        found += with_levels([*kept, *expired, *assessed, *(proved or ())], project.levels)
    told = silence(in_order(found), silencers, day)
    looked_for = () if sound is None else _looked_for(proofs=proved is not None)
    stale = stale_silencers(silencers, found, day, looked_for)
    heard = in_order((*told.findings, *with_levels([*bad, *stale], project.levels)))
    return Checked(heard, told.silenced)


def without_silenced(
    project: Project, sources: Mapping[str, Source], findings: Iterable[Finding], day: date
) -> Silencing:
    """Findings of a run told apart, where the run is of this day."""
    return silence(findings, silencers_of(project, sources)[0], day)


def silencers_of(project: Project, sources: Mapping[str, Source]) -> tuple[list[Silencer], list[Finding]]:
    """The silencers in rule files and catalogue, and findings about those that are written wrongly."""
    comments: list[Comment] = []
    for path, source in sorted(sources.items()):
        if _WORTH_READING.search(source.text) is None:
            continue
        if path == project.catalogue:
            comments += yaml_comments(source)
        elif path.lower().endswith(SUFFIX):
            comments += seg_comments(source)
    return read_silencers(comments)


def _looked_for(*, proofs: bool) -> tuple[Code, ...]:
    """The codes that a check gives, with proofs or without."""
    others = _BY_DATA if proofs else (*_BY_DATA, _BY_PROOF)
    return tuple(code for code in all_codes() if not code.number.startswith(others))
