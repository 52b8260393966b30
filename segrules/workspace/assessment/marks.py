"""What an assessment rests on, part by part, each as a short text that changes with it.

An assessment is stale where one of its parts has another text. Some parts are material: who is in, what is read, what
for and by which way people are contacted. Where one of those changes, somebody has to decide again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from segrules.governance.flow import Flow
from segrules.governance.schedules import Duties
from segrules.ir.fingerprint import short, text_of
from segrules.ir.meaning import Meanings
from segrules.ir.membership import channels_of
from segrules.ir.rules import ConsentClause, Policy, Requirement, Rules, Segment
from segrules.workspace.assessment.facts import Facts

PARTS = {
    "meaning": "who is in it",
    "labels": "the labels of what it reads",
    "purposes": "its purposes",
    "channels": "its channels",
    "consent": "its consent",
    "justification": "its justification",
    "policies": "the policies that bind it",
    "packs": "what packs ask",
    "sources": "the columns that it rests on",
    "names": "the names of what it reads through",
    "owner": "its owner",
    "wording": "its title or description",
    "status": "its status",
    "size": "its size",
    "review": "its review date",
    "holdout": "its holdout",
}
"""The parts, in words."""

MATERIAL = ("meaning", "labels", "purposes", "channels", "consent")
"""The parts after whose change somebody has to decide again."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The texts of all parts; `material` is one for those that are, and `content` one for all."""

    parts: Mapping[str, str]

    @property
    def material(self) -> str:
        """What a signature is given for: twelve characters."""
        return short(text_of([self.parts.get(name, "") for name in MATERIAL]))[:12]

    @property
    def content(self) -> str:
        """What the document shows, but for proofs and sizes, which follow from it and from the data."""
        return short(text_of(sorted(self.parts.items())))

    def changed(self, before: Mapping[str, str]) -> tuple[str, ...]:
        """The parts that are not as they were, in order."""
        return tuple(name for name in PARTS if self.parts.get(name) != before.get(name))


def marks_of(rules: Rules, segment: Segment, facts: Facts, flow: Flow, duties: Duties, meanings: Meanings) -> Marks:
    """The marks of one segment; `duties` are those of the segment."""
    catalogue, header = rules.catalogue, segment.header
    reads = flow.reads(segment.name)
    records = [meanings.key(("consent", channel)) for channel in sorted(channels_of(segment))]
    consents = {text_of(sorted({_way(way) for way in clause.any_of})) for clause in segment.consents}
    columns = [catalogue.tables[item.table].columns[item.column] for item in facts.origins]
    parts = {
        "meaning": meanings.qualifies(segment.name),
        "labels": (sorted(text_of((read.fact, read.clause)) for read in reads), catalogue.customers.key.labels),
        "purposes": sorted(header.purposes),
        "channels": sorted(header.channels),
        "consent": (sorted(consents), records, catalogue.consents.purposes),
        "justification": segment.justifications,
        "policies": [
            _policy(policy, meanings) for policy in rules.policies.values() if segment.name in policy.segments
        ],
        "packs": _asked(duties),
        "sources": (
            facts.origins,
            [(column.type, column.nullable, column.minimum, column.maximum) for column in columns],
        ),
        "names": (facts.through, facts.lists, [(reading.data, reading.paths) for reading in facts.readings]),
        "owner": header.owner,
        "wording": (segment.title, header.description),
        "status": header.status,
        "size": segment.size,
        "review": segment.review,
        "holdout": segment.holdout,
    }
    return Marks({name: short(text_of(part)) for name, part in parts.items()})


def _asked(duties: Duties) -> tuple[object, ...]:
    """What packs ask, without the days on which somebody last looked at their lines."""
    asks = [(item.pack, sorted(item.labels), item.scope, item.because, item.source) for item in duties.asks]
    times = [
        (item.pack, item.review_years, item.change_days, item.because, item.source, item.also)
        for item in duties.schedules
    ]
    return asks, times


def _way(way: object) -> str:
    return text_of(sorted(text_of(item) for item in way)) if isinstance(way, tuple) else text_of(way)


def _policy(policy: Policy, meanings: Meanings) -> tuple[object, ...]:
    return policy.name, policy.title, [_rule(rule, meanings) for rule in policy.rules]


def _rule(rule: object, meanings: Meanings) -> object:
    if isinstance(rule, Requirement) and not isinstance(rule.demand, ConsentClause):
        return meanings.condition(rule.demand)
    return rule
