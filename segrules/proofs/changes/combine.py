"""Two versions of a rule set into one, in which what is asked of both can be asked of one customer.

Definitions of the earlier version have names that no rule can have, such as `(before) win_back`. A score, a list file
or a partition that both versions have alike is one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from segrules.ir import nodes as ir
from segrules.ir.catalogue import Cap, Catalogue
from segrules.ir.meaning import Meanings
from segrules.ir.membership import caps
from segrules.ir.rewrite import rewritten
from segrules.ir.rules import Definition, Partition, Rules, Score, Segment
from segrules.ir.testcases import Expectation, GivenCustomer, Test
from segrules.ir.things import Thing
from segrules.proofs.changes.catalogues import AFTER, BEFORE, marked, united
from segrules.proofs.verdict import Reason
from segrules.types.types import Type

Node = TypeVar("Node", bound=ir.Expression)
PREFIX = "(before) "


@dataclass
class Combined:
    """The rules of both versions, as far as some segments, stages and conditions rest on them.

    `rules` are over what either version's catalogue allows.
    """

    before: Meanings
    after: Meanings
    rules: Rules = field(init=False)
    conflicts: dict[Thing, str] = field(init=False)
    _old: "_Renaming" = field(init=False)
    _new: "_Renaming" = field(init=False)
    _caps_differ: bool = field(init=False)
    _suppressions_differ: bool = field(init=False)
    _loose: frozenset[Thing] = field(init=False)
    alone: tuple[Rules, Rules] = field(init=False)
    """Each version by itself, as far as is asked."""

    def __init__(self, before: Meanings, after: Meanings, old: Iterable[Thing], new: Iterable[Thing]) -> None:
        """Bring together what `old` things of the earlier version and `new` ones of the later rest on."""
        self.before, self.after = before, after
        made = united(before, after)
        self.conflicts = made.conflicts
        self._suppressions_differ = made.suppressions_differ
        self._caps_differ = _caps_text(before) != _caps_text(after)
        catalogue = replace(made.catalogue, caps={}) if self._caps_differ else made.catalogue
        olds = before.things.reached(old)
        self._old = _Renaming(made.types, {thing: self._name(thing) for thing in olds if thing[0] in _RENAMED})
        shared = [(kind, name) for (kind, _), name in self._old.names.items() if kind == "score"]
        news = after.things.reached([*new, *(thing for thing in shared if not thing[1].startswith(PREFIX))])
        self._new = _Renaming(made.types, {})
        self._loose = frozenset(self._free(olds))
        self.rules = self._rules(catalogue, olds, news)
        self.alone = _part(before.rules, olds), _part(after.rules, news)

    def earlier(self, condition: ir.Condition) -> ir.Condition:
        """A condition of the earlier version, as it is asked here."""
        return self._old.node(condition)

    def later(self, condition: ir.Condition) -> ir.Condition:
        """A condition of the later version, as it is asked here."""
        return self._new.node(condition)

    def conflict(self, old: Iterable[Thing], new: Iterable[Thing]) -> str | None:
        """Why rules that rest on these cannot be compared; None where they can."""
        reached = sorted({*self.before.things.reached(old), *self.after.things.reached(new)})
        return next((self.conflicts[thing] for thing in reached if thing in self.conflicts), None)

    def unsure(self, old: Iterable[Thing]) -> Reason | None:
        """Why a customer who is found may be none: bands of a score that was another one go by who else there is."""
        return Reason.POPULATION if self._loose.intersection(self.before.things.reached(old)) else None

    def as_later(self, test: Test) -> Test:
        """What a test says of the later version alone."""
        catalogue = self.after.rules.catalogue
        return self._of(test, catalogue, lambda name: None if name.startswith(PREFIX) else name)

    def as_earlier(self, test: Test) -> Test:
        """What a test says of the earlier version alone, in its own names."""
        known = {new: old for (kind, old), new in self._old.names.items() if kind in ("score", "list")}
        made = self._of(test, self.before.rules.catalogue, known.get)
        return replace(made, expectations=tuple(self._back(item) for item in test.expectations if _is_old(item)))

    # --- making one of two

    def _name(self, thing: Thing) -> str:
        """The name of an earlier thing here: that of the same thing of the later version, if there is one."""
        kind, name = thing
        if kind == "score":
            mine = self.before.key(thing)
            alike = sorted(
                (other != name, other)
                for other in self.after.rules.scores
                if self.after.key(("score", other)) == mine and self._same_below(thing, ("score", other))
            )
            return alike[0][1] if alike else PREFIX + name
        if kind == "list":
            listed = name in self.after.lists and self.after.key(thing) == self.before.key(thing)
            return name if listed else PREFIX + name
        return PREFIX + name

    def _same_below(self, one: Thing, other: Thing) -> bool:
        ranks = self.before.rules.scores[one[1]].ranks
        return all(self.before.rank(one[1], rank) == self.after.rank(other[1], rank) for rank in ranks)

    def _free(self, olds: Iterable[Thing]) -> Iterable[Thing]:
        for kind, name in olds:
            if kind == "score" and self._old.names[kind, name].startswith(PREFIX):
                score = self.before.rules.scores[name]
                newer = self.after.rules.scores.get(name)
                ranks = [*score.ranks.values(), *(() if newer is None else newer.ranks.values())]
                if any(rank.bands.cuts is None for rank in ranks):
                    yield kind, name

    def _rules(self, catalogue: Catalogue, olds: Iterable[Thing], news: Iterable[Thing]) -> Rules:
        definitions: dict[str, Definition] = {}
        scores: dict[str, Score] = {}
        segments: dict[str, Segment] = {}
        partitions: dict[str, Partition] = {}
        for side, things, renaming, version in (
            (self.after, news, self._new, AFTER),
            (self.before, olds, self._old, BEFORE),
        ):
            rules = side.rules
            for thing in sorted(things):
                kind, old = thing
                name = renaming.name(kind, old)
                if kind == "define":
                    body = renaming.node(rules.definitions[old].body)
                    definitions[name] = replace(rules.definitions[old], name=name, body=body)
                elif kind == "score" and name not in scores:
                    scores[name] = self._score(rules.scores[old], name, renaming)
                elif kind == "partition":
                    stages = rules.partitions[old].stages
                    made = tuple(replace(item, condition=renaming.node(item.condition)) for item in stages)
                    partitions[name] = replace(rules.partitions[old], name=name, stages=made)
                elif kind == "segment":
                    segments[name] = self._segment(rules, rules.segments[old], name, renaming, version)
        # The tests say at which instant customers are looked for first.
        return Rules(catalogue, definitions, scores, segments, partitions, tests=self.after.rules.tests)

    def _segment(self, rules: Rules, segment: Segment, name: str, renaming: "_Renaming", version: str) -> Segment:
        own = caps(rules.catalogue, segment) if self._caps_differ else segment.caps
        made = replace(
            segment,
            name=name,
            where=None if segment.where is None else renaming.node(segment.where),
            excepts=tuple(replace(item, condition=renaming.node(item.condition)) for item in segment.excepts),
            eligible=tuple(replace(item, condition=renaming.node(item.condition)) for item in segment.eligible),
            caps=tuple(Cap(None, item.channels, renaming.node(item.condition), item.span) for item in own),
        )
        return marked(made, version) if self._suppressions_differ else made

    def _score(self, score: Score, name: str, renaming: "_Renaming") -> Score:
        ranks = {
            rank: replace(
                item,
                by=renaming.node(item.by),
                bands=replace(item.bands, ties=None if item.bands.ties is None else renaming.node(item.bands.ties)),
            )
            for rank, item in score.ranks.items()
        }
        among = None if score.among is None else renaming.node(score.among)
        return replace(score, name=name, among=among, ranks=ranks)

    # --- a test of one version

    def _of(self, test: Test, catalogue: Catalogue, name: Callable[[str], str | None]) -> Test:
        customers = tuple(_within(given, catalogue, name) for given in test.customers)
        lists = {new: entries for path, entries in test.lists.items() if (new := name(path)) is not None}
        rows = tuple(row for row in test.rows if row.table in catalogue.tables)
        rows = tuple(
            replace(row, values={key: value for key, value in row.values.items() if key in _held(catalogue, row.table)})
            for row in rows
        )
        expectations = tuple(item for item in test.expectations if not _is_old(item))
        return replace(test, customers=customers, lists=lists, rows=rows, expectations=expectations)

    def _back(self, item: Expectation) -> Expectation:
        match item.target:
            case ir.InSegment(name):
                target: ir.Condition = ir.InSegment(name.removeprefix(PREFIX))
            case ir.InStage(partition, stage):
                target = ir.InStage(partition.removeprefix(PREFIX), stage)
            case _:
                target = item.target
        return replace(item, target=target)


_RENAMED = ("segment", "define", "partition", "score", "list")


@dataclass
class _Renaming:
    """Nodes of one version into nodes over both."""

    types: dict[Type, Type]
    names: dict[Thing, str]

    def name(self, kind: str, name: str) -> str:
        return self.names.get((kind, name), name)

    def node(self, node: Node) -> Node:
        if not self.names and not self.types:
            return node
        return rewritten(node, self._change)

    def _change(self, node: Any) -> Any:
        of = getattr(node, "type", None)
        if of in self.types and not isinstance(node, ir.Literal):
            node = replace(node, type=self.types[of])
        match node:
            case ir.Defined(name) | ir.DefinedValue(name):
                return replace(node, name=self.name("define", name))
            case ir.InSegment(name):
                return replace(node, name=self.name("segment", name))
            case ir.InStage(partition):
                return replace(node, partition=self.name("partition", partition))
            case ir.Band(score):
                return replace(node, score=self.name("score", score))
            case ir.InListFile(path=path):
                return replace(node, path=self.name("list", path))
            case _:
                return node


def _part(rules: Rules, things: frozenset[Thing]) -> Rules:
    """The rules with those definitions alone."""
    return replace(
        rules,
        definitions={name: item for name, item in rules.definitions.items() if ("define", name) in things},
        scores={name: item for name, item in rules.scores.items() if ("score", name) in things},
        segments={name: item for name, item in rules.segments.items() if ("segment", name) in things},
        partitions={name: item for name, item in rules.partitions.items() if ("partition", name) in things},
        groups={},
        policies={},
        tests=(),
    )


def _caps_text(meanings: Meanings) -> dict[str, str]:
    return {name: meanings.key(("cap", name)) for name in meanings.rules.catalogue.caps}


def _is_old(item: Expectation) -> bool:
    match item.target:
        case ir.InSegment(name) | ir.InStage(name):
            return name.startswith(PREFIX)
        case _:
            return False


def _held(catalogue: Catalogue, table: str) -> Iterable[str]:
    return catalogue.tables[table].columns


def _within(given: GivenCustomer, catalogue: Catalogue, name: Callable[[str], str | None]) -> GivenCustomer:
    """A customer without what a version has no words for."""
    attributes = catalogue.customers.attributes
    bands = {(known, rank): value for (score, rank), value in given.bands.items() if (known := name(score)) is not None}
    events = tuple(
        replace(event, properties={key: value for key, value in event.properties.items() if key in of.properties})
        for event in given.events
        if (of := catalogue.events.get(event.event)) is not None
    )
    return replace(
        given,
        attributes={
            key: value
            for key, value in given.attributes.items()
            if key in attributes or key == catalogue.customers.key.name
        },
        bands=bands,
        events=events,
        consents=tuple(item for item in given.consents if item.channel in catalogue.consents.channels),
        suppressions=frozenset(item for item in given.suppressions if item in catalogue.suppressions),
    )
