"""Labels that nobody knows: in the catalogue they protect nothing, in a policy they forbid nothing."""

from collections.abc import Iterator

from segrules.diagnostics.codes import UNKNOWN_LABEL, UNKNOWN_NAME
from segrules.diagnostics.finding import Finding, finding
from segrules.diagnostics.nearest import did_you_mean
from segrules.governance.flow import CLAUSES
from segrules.governance.vocabulary import IDENTIFIABILITY, NOT_IDENTIFYING, known_categories, labelled, words
from segrules.ir.catalogue import Catalogue
from segrules.ir.rules import Ban, Rules

_DECLARE = "a name of the project's own is declared under `labels` at the top of the catalogue"


def unknown_in_catalogue(catalogue: Catalogue) -> Iterator[Finding]:
    """Categories and degrees of identifiability that are neither in the vocabulary nor declared."""
    categories = known_categories(catalogue)
    degrees = (*IDENTIFIABILITY, NOT_IDENTIFYING)
    for thing, labels in labelled(catalogue):
        for key, given in (("category", labels.category), ("proxy_for", labels.proxy_for)):
            for word in given:
                if word not in categories:
                    message = f"`{key}` of {thing} says `{word}`, which is no known category"
                    help_ = did_you_mean(word, categories) or _DECLARE
                    yield finding(UNKNOWN_LABEL, message, labels.span, help=help_)
        degree = labels.identifiability
        if degree is not None and degree not in degrees:
            message = f"`identifiability` of {thing} says `{degree}`"
            listed = "it takes " + ", ".join(f"`{item}`" for item in degrees)
            yield finding(UNKNOWN_LABEL, message, labels.span, help=did_you_mean(degree, degrees) or listed)


def unknown_in_policies(rules: Rules) -> Iterator[Finding]:
    """Labels and clauses that `forbid reading` names and that there are not."""
    known = (*words(), *rules.catalogue.labels)
    for policy in rules.policies.values():
        for ban in policy.rules:
            if not isinstance(ban, Ban):
                continue
            for word in ban.labels:
                if word not in known:
                    message = f"the policy `{policy.name}` forbids `{word}`, which is no known label"
                    yield finding(UNKNOWN_LABEL, message, ban.span, help=did_you_mean(word, known) or _DECLARE)
            for clause in ban.outside:
                if clause not in CLAUSES:
                    message = f"`outside` names `{clause}`, which is no clause of a segment that reads anything"
                    listed = "there is " + ", ".join(f"`{item}`" for item in CLAUSES)
                    yield finding(UNKNOWN_NAME, message, ban.span, help=did_you_mean(clause, CLAUSES) or listed)
