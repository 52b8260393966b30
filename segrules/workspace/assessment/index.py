"""Assessments into the page that lists them."""

from collections.abc import Sequence

from segrules.workspace.assessment.document import HEAD, cell, codes, sensitive, standing_of
from segrules.workspace.assessment.files import DOCUMENT, stem_of
from segrules.workspace.assessment.record import Assessment
from segrules.workspace.markdown import code, prose


def index(assessments: Sequence[Assessment]) -> str:
    """The page, a row for each segment, by name."""
    lines = [HEAD, "", "# Privacy assessments", ""]
    lines += ["| Segment | Purposes | Channels | Sensitive data | Consent | Policies |", "|---|---|---|---|---|---|"]
    for made in sorted(assessments, key=lambda item: item.segment):
        facts = made.facts
        link = f"[{prose(facts.title or facts.segment)}]({stem_of(facts.segment)}{DOCUMENT})<br>{code(facts.segment)}"
        cells = (
            link,
            codes(facts.purposes) or "none is named",
            codes(facts.channels) or "none is named",
            sensitive(facts) or "none labelled",
            standing_of([item for item in made.promises if item.kind == "consent"], "no channel"),
            standing_of([item for item in made.promises if item.kind == "policy"], "none"),
        )
        lines.append(f"| {' | '.join(map(cell, cells))} |")
    return "\n".join(lines) + "\n"
