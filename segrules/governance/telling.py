"""Names, titles and descriptions of segments that suggest something sensitive, against the word lists of the packs."""

from collections.abc import Iterator, Sequence

from segrules.diagnostics.codes import TELLING_NAME
from segrules.diagnostics.finding import Finding, finding
from segrules.governance.packs import Naming, telling_words
from segrules.governance.weights import heaviest
from segrules.ir.rules import Segment


def telling_names(segment: Segment, namings: Sequence[Naming]) -> Iterator[Finding]:
    """One finding for each text of a segment and each category that a word in it suggests."""
    binding = [naming for naming in namings if naming.scope.binds(segment.header)]
    if not binding:
        return
    texts = (("name", segment.name), ("title", segment.title), ("description", segment.header.description))
    for place, text in texts:
        for category, pattern in telling_words():
            found = pattern.search(text or "")
            asked = [naming for naming in binding if category in naming.suggests]
            if found is None or not asked:
                continue
            naming = heaviest(asked)
            word = " ".join(found[1].replace("_", " ").split())
            yield finding(
                TELLING_NAME,
                f"the {place} of segment `{segment.name}` says `{word}`, which suggests `{category}`",
                segment.span,
                help=f"choose words that tell nothing about a person; the pack `{naming.pack}`: {naming.because}",
                severity=naming.level,
            )
