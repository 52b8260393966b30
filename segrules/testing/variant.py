"""Rules as a kind of tests sees them, and what tests ask of them as segments that both engines can evaluate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from segrules.evaluation.needed import Root, reach
from segrules.explain.literals import literal_words
from segrules.explain.reads import Reads, reads_of
from segrules.ir import nodes as ir
from segrules.ir.rewrite import rewritten
from segrules.ir.rules import Definition, Header, Rules, Segment
from segrules.testing.apart import asks_for_others
from segrules.testing.catalogue import Outright, band_column, for_tests
from segrules.types.types import IntegerType, Type

Node = TypeVar("Node", bound=ir.Expression)

Lists = frozenset[tuple[str, frozenset[str]]]
"""Entries of list files by path."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about one segment, stage or value.

    `qualifies` names the segment that says whether it holds; `contact`, for a segment, one that says who may be
    contacted.
    """

    qualifies: str
    contact: str | None
    reached: tuple[Root, ...]
    apart: bool
    reads: Reads

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments to evaluate."""
        return (self.qualifies,) if self.contact is None else (self.qualifies, self.contact)


@dataclass
class Variant:
    """The rules with the entries of lists, and the scores, that some tests give.

    Bands of these scores are attributes here. `asked` grows with what tests ask for.
    """

    rules: Rules
    lists: Lists
    scores: frozenset[str]
    _seen: Rules = field(init=False)
    _asked: dict[ir.Condition, Asked] = field(default_factory=dict)
    _segments: dict[str, Segment] = field(default_factory=dict)
    _catalogues: dict[tuple[Type, Outright], Rules] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._seen = _changed(self.rules, dict(self.lists), self.scores)

    def ask(self, target: ir.Condition) -> Asked:
        """What to evaluate for a target."""
        found = self._asked.get(target)
        if found is None:
            found = self._asked[target] = self._new(target)
        return found

    def given(self, node: Node) -> Node:
        """A condition or value of the rules as it is here."""
        return _with_given(node, dict(self.lists), self.scores)

    def with_catalogue(self, key: Type, outright: Outright) -> Rules:
        """The rules, with all that is asked so far, over the catalogue of tests."""
        made = self._catalogues.get((key, outright))
        if made is None:
            scores = [self.rules.scores[name] for name in sorted(self.scores)]
            made = replace(self._seen, catalogue=for_tests(self._seen.catalogue, key, scores, outright))
            self._catalogues[key, outright] = made
        return replace(made, segments=self._all())

    def with_real_catalogue(self) -> Rules:
        """The rules, with all that is asked so far, over the catalogue that they were written for."""
        return replace(self._seen, segments=self._all())

    def _all(self) -> Mapping[str, Segment]:
        return {**self._seen.segments, **self._segments}

    def _new(self, target: ir.Condition) -> Asked:
        changed = self.given(target)
        if isinstance(changed, ir.InSegment):
            qualifies, contact = changed.name, f"(contact {changed.name})"
            segment = self._seen.segments[changed.name]
            self._segments[contact] = replace(segment, name=contact, where=None, excepts=(), eligible=())
        else:
            qualifies, contact = f"({target_words(target, self.rules)})", None
            while qualifies in self._segments:  # two targets may read alike
                qualifies += " "
            self._segments[qualifies] = Segment(qualifies, None, Header(), changed, span=target.span)
        rules = self.with_real_catalogue()
        reached = reach(rules, [qualifies] if contact is None else [qualifies, contact], ())
        read = rules if contact is not None else _as_define(rules, qualifies, changed)
        return Asked(qualifies, contact, reached, asks_for_others(rules, reached), reads_of(read, qualifies))


def _as_define(rules: Rules, name: str, condition: ir.Condition) -> Rules:
    """The rules with a condition as a define, which no cap binds as it would a segment."""
    segments = {other: segment for other, segment in rules.segments.items() if other != name}
    made = Definition(name, None, condition, is_condition=True)
    return replace(rules, segments=segments, definitions={**rules.definitions, name: made})


def target_words(target: ir.Condition, rules: Rules) -> str:
    """What an expectation is about, as the test has it: `win_back`, `lifecycle_stage.loyal`, `rfm.recency = 5`."""
    match target:
        case ir.InSegment(name) | ir.Defined(name):
            return name
        case ir.InStage(partition, stage):
            return f"{partition}.{stage}"
        case ir.Not(item):
            return f"{target_words(item, rules)} = false"
        case ir.Compare(_, left, ir.Literal() as right):
            return f"{value_name(left)} = {literal_words(right, rules.catalogue.zone)}"
        case _:
            return "this condition"


def value_name(value: ir.Value) -> str:
    """The name of a value that a test can ask for."""
    match value:
        case ir.Band(score, rank):
            return f"{score}.{rank}"
        case ir.Attribute(name) | ir.DefinedValue(name):
            return name
        case ir.ConsentState(channel):
            return f"consent.{channel}"
        case _:
            return "the value"


def _changed(rules: Rules, lists: Mapping[str, frozenset[str]], scores: frozenset[str]) -> Rules:
    def new(node: ir.Expression) -> ir.Expression:
        return _with_given(node, lists, scores)

    def condition(node: ir.Condition) -> ir.Condition:
        return _with_given(node, lists, scores)

    def segment(item: Segment) -> Segment:
        return replace(
            item,
            where=None if item.where is None else condition(item.where),
            excepts=tuple(replace(part, condition=condition(part.condition)) for part in item.excepts),
            eligible=tuple(replace(part, condition=condition(part.condition)) for part in item.eligible),
            caps=tuple(replace(part, condition=condition(part.condition)) for part in item.caps),
            size=None,
            holdout=None,
        )

    caps = {name: replace(cap, condition=condition(cap.condition)) for name, cap in rules.catalogue.caps.items()}
    return replace(
        rules,
        catalogue=replace(rules.catalogue, caps=caps),
        definitions={name: replace(item, body=new(item.body)) for name, item in rules.definitions.items()},
        scores={
            name: replace(
                item,
                among=None if item.among is None else condition(item.among),
                ranks={
                    rank: replace(
                        part,
                        by=_with_given(part.by, lists, scores),
                        bands=replace(
                            part.bands,
                            ties=None if part.bands.ties is None else _with_given(part.bands.ties, lists, scores),
                        ),
                    )
                    for rank, part in item.ranks.items()
                },
            )
            for name, item in rules.scores.items()
            if name not in scores
        },
        segments={name: segment(item) for name, item in rules.segments.items()},
        partitions={
            name: replace(
                item, stages=tuple(replace(stage, condition=condition(stage.condition)) for stage in item.stages)
            )
            for name, item in rules.partitions.items()
        },
        groups={},
        policies={},
        tests=(),
    )


def _with_given(node: Node, lists: Mapping[str, frozenset[str]], scores: frozenset[str]) -> Node:
    def change(part: ir.Expression | ir.Events) -> ir.Expression | ir.Events:
        match part:
            case ir.InListFile(path=path):
                return replace(part, entries=lists.get(path, frozenset()))
            case ir.Band(score, rank) if score in scores:
                return ir.Attribute(band_column(score, rank), IntegerType(), part.span)
            case _:
                return part

    return rewritten(node, change)
