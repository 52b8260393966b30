"""A segment of sound rules into the facts of its privacy assessment: all that can be said without proofs or data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from segrules.explain.consents import consent_words
from segrules.explain.english import meaning_of, size_words, who_is_in
from segrules.explain.lineage import Lineage, Use, lineage
from segrules.explain.lines import Item, one_line
from segrules.explain.literals import percent_words
from segrules.governance.flow import Flow, Read
from segrules.governance.paths import through
from segrules.governance.readings import Step
from segrules.governance.vocabulary import Axis, Fact, facts_of, groups_of, is_sensitive
from segrules.ir.catalogue import Labels
from segrules.ir.membership import caps, suppressions
from segrules.ir.rules import Rules, Segment
from segrules.text.span import NOWHERE

_AXES = {Axis.CATEGORY: "", Axis.PROXY: "a proxy for ", Axis.ORIGIN: "", Axis.IDENTIFIABILITY: ""}
_CUSTOMERS, _MEMBERS = "customers", "the names of members"

Lines = tuple[tuple[int, str], ...]
"""Lines of English, each with its depth."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of what is read: its axis, its word, and the laws that know it, in words."""

    axis: str
    word: str
    laws: str
    sensitive: bool

    @property
    def words(self) -> str:
        """The label as a reader finds it: `a proxy for race_ethnicity`."""
        return f"{_AXES[Axis(self.axis)]}{self.word}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Labelled data that a segment reads: the column or event, the value where only that has the labels.

    `paths` say in which clause it is read and through what, such as `where: the define remedies`.
    """

    data: str
    value: str | None
    labels: tuple[Label, ...]
    paths: tuple[str, ...]

    @property
    def sensitive(self) -> bool:
        """Whether one of the labels is worth telling first."""
        return any(label.sensitive for label in self.labels)

    @property
    def computed(self) -> bool:
        """Whether all that is known is that the catalogue computes it."""
        return all((label.axis, label.word) == (Axis.ORIGIN, "derived") for label in self.labels)


@dataclass(frozen=True, slots=True)
class Reason:
    """A justification that the segment gives."""

    reason: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom the segment leaves out, or does not contact: by `except`, a suppression list or a cap."""

    kind: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Origin:
    """A stored column that the segment rests on, by table, name and name in the data, and what it is used for."""

    table: str
    path: str
    column: str
    physical: str
    uses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a segment's assessment says of its rule.

    `who` are lines of English; `named` has them for the scores, partitions and segments that those name and do not
    spell out. `unlabelled` are columns that it reads of which the catalogue says nothing.
    """

    segment: str
    title: str | None
    description: str | None
    status: str
    owner: str | None
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    review: date | None
    size: str | None
    holdout: str | None
    who: Lines
    named: tuple[tuple[str, Lines], ...]
    readings: tuple[Reading, ...]
    unlabelled: tuple[str, ...]
    justifications: tuple[Reason, ...]
    consents: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    origins: tuple[Origin, ...]
    events: tuple[str, ...]
    lists: tuple[str, ...]
    through: tuple[str, ...]


def gather(rules: Rules, segment: Segment, flow: Flow) -> Facts:
    """The facts of one segment."""
    header, zone = segment.header, rules.catalogue.zone
    known = lineage(rules, segment.name)
    readings = tuple(_readings([*flow.reads(segment.name), *_key(rules, known)]))
    return Facts(
        segment.name,
        segment.title,
        header.description,
        header.status.value,
        header.owner,
        header.purposes,
        header.channels,
        segment.review,
        None if segment.size is None else size_words(segment.size),
        None if segment.holdout is None else percent_words(segment.holdout.share),
        tuple(_lines(who_is_in(rules, segment.name))),
        tuple(_named(rules, known)),
        readings,
        tuple(_unlabelled(rules, known)),
        tuple(Reason(one_line(item.reason), one_line(item.by), item.until) for item in segment.justifications),
        tuple(dict.fromkeys(consent_words(clause, zone) for clause in segment.consents)),
        tuple(_left_out(rules, segment)),
        tuple(_origins(rules, known)),
        known.events,
        known.lists,
        known.through,
    )


def _lines(items: Iterable[Item], level: int = 0) -> Iterator[tuple[int, str]]:
    for item in items:
        yield level, item.text
        yield from _lines(item.below, level + 1)


def _named(rules: Rules, known: Lineage) -> Iterator[tuple[str, Lines]]:
    """What stands behind the names of scores, partitions and segments."""
    names = (name.split(" ", 1)[1].partition(".")[0] for name in known.through if not name.startswith("define "))
    for name in sorted(set(names)):
        items = who_is_in(rules, name) if name in rules.segments else meaning_of(rules, name)
        yield name, tuple(_lines(items))


def _readings(reads: Iterable[Read]) -> Iterator[Reading]:
    """Reads gathered by what is read, what is sensitive first."""
    labels: dict[tuple[str, str], set[Fact]] = {}
    paths: dict[tuple[str, str], set[str]] = {}
    for read in reads:
        key = read.fact.source, read.fact.value or ""
        labels.setdefault(key, set()).add(read.fact)
        way = through(read)
        paths.setdefault(key, set()).add(f"{read.clause or _CUSTOMERS}: {way}" if way else read.clause or _CUSTOMERS)
    made = [
        Reading(data, value or None, tuple(map(_label, sorted(facts))), tuple(sorted(paths[data, value])))
        for (data, value), facts in labels.items()
    ]
    yield from sorted(made, key=lambda item: (not item.sensitive, item.data, item.value or ""))


def _label(fact: Fact) -> Label:
    return Label(fact.axis.value, fact.word, groups_of(fact), is_sensitive(fact))


def _key(rules: Rules, known: Lineage) -> Iterator[Read]:
    """The labels of the customers' key, by which members are named, whatever the rule reads."""
    for source in known.sources:
        if Use.IDENTITY in source.uses:
            labels = rules.catalogue.tables[source.table].columns[source.column].labels
            step = Step(NOWHERE, f"`{source.table}.{source.column}`")
            yield from (Read(fact, _MEMBERS, (step,)) for fact in facts_of(labels, f"{source.table}.{source.column}"))


def _unlabelled(rules: Rules, known: Lineage) -> Iterator[str]:
    for source in known.sources:
        column = rules.catalogue.tables[source.table].columns[source.column]
        if column.labels == Labels() and not column.value_labels:
            yield f"{source.table}.{source.column}"


def _left_out(rules: Rules, segment: Segment) -> Iterator[LeftOut]:
    origins = {False: "its own", True: "from the ruleset"}
    for exclusion in segment.excepts:
        yield LeftOut("except", exclusion.name, origins[exclusion.inherited])
    for name in suppressions(rules.catalogue, segment):
        yield LeftOut("suppression list", name, "from the catalogue")
    for cap in caps(rules.catalogue, segment):
        yield LeftOut("cap", cap.name or "", "from the ruleset" if cap.name is None else "from the catalogue")


def _origins(rules: Rules, known: Lineage) -> Iterator[Origin]:
    for source in known.sources:
        path = rules.catalogue.tables[source.table].path
        uses = tuple(use.name.lower() for use in source.uses)
        yield Origin(source.table, path, source.column, source.physical, uses)
