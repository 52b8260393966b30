"""What segments say of themselves beside their conditions, in two versions, into what changed."""

from collections.abc import Iterable, Iterator, Mapping

from segrules.explain.consents import consent_words
from segrules.explain.lines import one_line
from segrules.explain.literals import exact, percent_words
from segrules.governance.flow import Flow
from segrules.governance.vocabulary import Fact, is_sensitive, labelled, what
from segrules.ir.catalogue import Catalogue
from segrules.ir.fingerprint import text_of
from segrules.ir.rules import Bound, Rules, Segment
from segrules.workspace.diffs.result import FieldChange


def metadata(before: Rules, old: Segment, after: Rules, new: Segment) -> Iterator[FieldChange]:
    """The fields that two versions of a segment have otherwise; what is dropped of consent is sensitive."""
    one, other = _fields(before, old), _fields(after, new)
    for field in one:
        if one[field] != other[field]:
            gone = one[field] is not None and (other[field] is None or field in ("justified", "consent"))
            sensitive = field in ("consent", "justified", "purpose") and (gone or field == "purpose")
            yield FieldChange(field, one[field], other[field], sensitive)


def _fields(rules: Rules, segment: Segment) -> dict[str, str | None]:
    header, size, holdout = segment.header, segment.size, segment.holdout
    zone = rules.catalogue.zone
    consents = [consent_words(clause, zone) for clause in segment.consents]
    given = segment.justifications
    justified = [f"until {item.until} by {one_line(item.by)}: {one_line(item.reason)}" for item in given]
    bounds = [] if size is None else [("at least", size.least), ("at most", size.most)]
    sizes = [f"{word} {_bound(bound)}" for word, bound in bounds if bound is not None]
    return {
        "title": _said(segment.title),
        "description": _said(header.description),
        "owner": _said(header.owner),
        "purpose": _listed(header.purposes),
        "channel": _listed(header.channels),
        "tags": _listed(header.tags),
        "status": header.status.value,
        "priority": None if header.priority is None else str(header.priority),
        "consent": _listed(sorted(consents), " and "),
        "size": _listed(sizes, ", "),
        "holdout": None if holdout is None else f"{percent_words(holdout.share)} drawn by the salt `{holdout.salt}`",
        "justified": _listed(sorted(justified), "; "),
        "review": None if segment.review is None else segment.review.isoformat(),
    }


def _said(text: str | None) -> str | None:
    return None if text is None else one_line(text)


def _listed(items: Iterable[str], between: str = ", ") -> str | None:
    return between.join(items) or None


def _bound(bound: Bound) -> str:
    return f"{bound.number} customers" if bound.share is None else f"{exact(bound.share * 100)}% of all customers"


class Labels:
    """The labels that segments of two versions read."""

    def __init__(self, before: Rules, after: Rules) -> None:
        self._flows = Flow(before), Flow(after)
        self.differ = _text(before.catalogue) != _text(after.catalogue)
        self.any = any(True for rules in (before, after) for _ in labelled(rules.catalogue))

    def changes(self, old: str | None, new: str) -> Iterator[FieldChange]:
        """The labels that a segment newly reads, and those that it reads no longer."""
        if not self.any:
            return
        one = self._read(0, old) if old is not None else {}
        other = self._read(1, new)
        for words, fact in other.items():
            if words not in one:
                yield FieldChange("reads", None, words, is_sensitive(fact))
        yield from (FieldChange("reads", words, None) for words in one if words not in other)

    def _read(self, version: int, name: str) -> Mapping[str, Fact]:
        found: dict[str, Fact] = {}
        for read in self._flows[version].reads(name):
            if is_sensitive(read.fact) or read.fact.word == "identifier":
                found.setdefault(what(read.fact), read.fact)
        return dict(sorted(found.items()))


def _text(catalogue: Catalogue) -> list[str]:
    return [f"{name} {text_of(labels)}" for name, labels in labelled(catalogue)]
