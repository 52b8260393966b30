"""One rule set into what each segment rests on, and a short text of its meaning that two versions can compare.

Two segments with one text have the same members in the same data, whichever version they stand in. Texts that differ
prove nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b

from segrules.ir import nodes as ir
from segrules.ir.canonical import Canonical
from segrules.ir.catalogue import Event
from segrules.ir.fingerprint import text_of
from segrules.ir.membership import caps, suppressions
from segrules.ir.rules import Bands, Rules, Score
from segrules.ir.walk import conditions_of, descendants, event_names, expressions_of
from segrules.proofs.witnesses.expected import entries_of_lists
from segrules.types.types import ListType, TextType, Type

Thing = tuple[str, str]
"""Something that a segment rests on: its kind, and its name.

Kinds are `segment`, `define`, `score`, `partition` and `list` of the rules, and `attribute`, `event`, `relation`,
`consent`, `suppression`, `cap` and `catalogue` (its zone, and who its customers are) of the catalogue. `contact` is
what says whom a segment may contact.
"""

FOLLOWED = ("segment", "define", "contact")
"""Kinds that the canonical text follows: what they are called says nothing."""


class Meanings:
    """The meanings of one sound rule set, cut points included; what was asked once is remembered."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._canonical = Canonical(rules)
        self._direct: dict[Thing, tuple[Thing, ...]] = {}
        self._of_segments: dict[str, frozenset[Thing]] = {}
        self._keys: dict[Thing, str] = {}
        self._whole: dict[str, str] = {}
        self._entries: dict[str, frozenset[str]] | None = None
        self._lists: dict[str, str] | None = None

    def segment(self, name: str) -> str:
        """The meaning of a segment: who its members are."""
        if name not in self._whole:
            text = self._canonical.members(self.rules.segments[name])
            self._whole[name] = self._with_leaves(text, self.of_segment(name))
        return self._whole[name]

    def stage(self, partition: str, stage: str) -> str:
        """The meaning of a stage, or of the `otherwise`: its place in the chain included."""
        stages = self.rules.partitions[partition].stages
        texts = []
        for item in stages:
            texts.append(self._canonical.condition(item.condition))
            if item.name == stage:
                break
        else:
            texts.append("otherwise")
        parts = [item.condition for item in stages[: len(texts)]]
        return self._with_leaves(_short(*texts), self.reached(self._named(parts)))

    def condition(self, condition: ir.Condition) -> str:
        """The meaning of a condition."""
        return self._with_leaves(self._canonical.condition(condition), self.reached(self._named([condition])))

    def rank(self, score: str, rank: str) -> str:
        """The meaning of one rank of a score."""
        scored = self.rules.scores[score]
        return self._with_leaves(self._rank(scored, rank), self.reached([("score", score)]) - {("score", score)})

    def of_segment(self, name: str) -> frozenset[Thing]:
        """All that a segment rests on, itself included."""
        if name not in self._of_segments:
            self._of_segments[name] = self.reached([("segment", name), ("contact", name)])
        return self._of_segments[name]

    def of_conditions(self, conditions: Iterable[ir.Expression]) -> frozenset[Thing]:
        """All that some expressions rest on."""
        return self.reached(self._named(conditions))

    def reached(self, things: Iterable[Thing]) -> frozenset[Thing]:
        """These things and all that they rest on."""
        found = {("catalogue", "")}
        waiting = list(things)
        while waiting:
            thing = waiting.pop()
            if thing not in found:
                found.add(thing)
                waiting += self._below(thing)
        return frozenset(found)

    def key(self, thing: Thing) -> str:
        """What a thing says itself, as a short text; what it rests on is not followed."""
        if thing not in self._keys:
            self._keys[thing] = self._key(thing)
        return self._keys[thing]

    # --- what rests on what

    def _with_leaves(self, text: str, things: Iterable[Thing]) -> str:
        leaves = sorted(thing for thing in things if thing[0] not in FOLLOWED)
        return _short(text, *(part for thing in leaves for part in (*thing, self.key(thing))))

    def _below(self, thing: Thing) -> tuple[Thing, ...]:
        if thing not in self._direct:
            self._direct[thing] = tuple(dict.fromkeys(self._named_by(thing)))
        return self._direct[thing]

    def _named_by(self, thing: Thing) -> Iterator[Thing]:
        kind, name = thing
        rules = self.rules
        match kind:
            case "segment":
                yield from self._named(conditions_of(rules.segments[name]))
            case "contact":
                segment = rules.segments[name]
                asked = (item.channel for clause in segment.consents for way in clause.any_of for item in way)
                yield from (("consent", channel) for channel in asked)
                yield from (("suppression", item) for item in suppressions(rules.catalogue, segment))
                for cap in caps(rules.catalogue, segment):
                    yield from [] if cap.name is None else [("cap", cap.name)]
                    yield from self._named([cap.condition])
            case "define":
                yield from self._named([rules.definitions[name].body])
            case "score":
                yield from self._named(expressions_of(rules.scores[name]))
            case "partition":
                yield from self._named(stage.condition for stage in rules.partitions[name].stages)
            case "attribute":
                column = rules.catalogue.customers.attributes.get(name)
                if column is not None and column.derive is not None:
                    yield from self._named([column.derive])
            case "relation":
                yield "attribute", rules.catalogue.relations[name].column
            case "consent":
                kept = rules.catalogue.consents.columns.get(name)
                if kept is not None:
                    columns = (kept.state, kept.time, kept.expiry)
                    yield from (("attribute", column) for column in columns if column is not None)
            case _:
                pass

    def _named(self, roots: Iterable[ir.Expression]) -> Iterator[Thing]:
        for root in roots:
            for node in descendants(root):
                match node:
                    case ir.Defined(name) | ir.DefinedValue(name):
                        yield "define", name
                    case ir.InSegment(name):
                        yield "segment", name
                    case ir.InStage(name):
                        yield "partition", name
                    case ir.Band(name):
                        yield "score", name
                    case ir.Attribute(name):
                        yield "attribute", name
                    case ir.InListFile(path=path):
                        yield "list", path
                    case ir.Events():
                        yield from (("event", name) for name in event_names(node))
                    case ir.ConsentState(channel):
                        yield "consent", channel
                    case ir.RelatedColumn(relation=name) | ir.NumberOfRelated(relation=name):
                        yield "relation", name
                    case ir.Quantified(relation=name):
                        yield "relation", name
                    case _:
                        pass

    # --- what each says itself

    def _key(self, thing: Thing) -> str:
        kind, name = thing
        rules, catalogue = self.rules, self.rules.catalogue
        match kind:
            case "segment":
                return self._canonical.members(rules.segments[name])
            case "score":
                score = rules.scores[name]
                return _short(*(part for rank in sorted(score.ranks) for part in (rank, self._rank(score, rank))))
            case "partition":
                partition = rules.partitions[name]
                stages = [(stage.name, self._canonical.condition(stage.condition)) for stage in partition.stages]
                return _short(text_of(stages), partition.otherwise)
            case "define":
                body = rules.definitions[name].body
                return self._canonical.value(body) if isinstance(body, ir.Value) else self._canonical.condition(body)
            case "list":
                return self.lists[name]
            case "attribute":
                column = catalogue.customers.attributes.get(name, catalogue.customers.key)
                return _short(text_of(open_type(column.type)), text_of(column.derive), str(column.zone))
            case "event":
                return event_key(catalogue.events[name])
            case "relation":
                relation = catalogue.relations[name]
                return _short(relation.table, relation.column, str(relation.back))
            case "consent":
                consents = catalogue.consents
                kept = consents.columns.get(name)
                return _short(text_of(consents.table if kept is None else kept), text_of(consents.statuses))
            case "suppression":
                return _short(*sorted(catalogue.suppressions[name].channels))
            case "cap":
                cap = catalogue.caps[name]
                return _short(*sorted(cap.channels), self._canonical.condition(cap.condition))
            case "catalogue":
                customers = catalogue.customers
                parts = (customers.key.type, customers.since, customers.derivation, catalogue.leap_day)
                return _short(catalogue.zone, text_of(parts))
            case _:
                return ""

    @property
    def entries(self) -> dict[str, frozenset[str]]:
        """What each list file holds, by path."""
        if self._entries is None:
            self._entries = entries_of_lists(self.rules)
        return self._entries

    @property
    def lists(self) -> dict[str, str]:
        """A short text of what each list file holds, by path."""
        if self._lists is None:
            self._lists = {name: _short(*sorted(held)) for name, held in self.entries.items()}
        return self._lists

    def _rank(self, score: Score, rank: str) -> str:
        among = "" if score.among is None else self._canonical.condition(score.among)
        of = score.ranks[rank]
        ties = "" if of.bands.ties is None else self._canonical.value(of.bands.ties)
        return _short(among, self._canonical.value(of.by), ties, bands_key(of.bands))


def untouched(before: Meanings, after: Meanings) -> frozenset[str]:
    """Segments of both versions that are alike to the letter, in themselves and in all that they rest on.

    Those that are not may mean the same all the same.
    """
    one, other = before.rules, after.rules
    if one.catalogue is not other.catalogue and one.catalogue != other.catalogue:
        return frozenset()
    changed: set[Thing] = set()
    kinds: tuple[tuple[str, Mapping[str, object], Mapping[str, object]], ...] = (
        ("define", one.definitions, other.definitions),
        ("score", one.scores, other.scores),
        ("segment", one.segments, other.segments),
        ("partition", one.partitions, other.partitions),
    )
    for kind, old, new in kinds:
        changed |= {(kind, name) for name in {*old, *new} if old.get(name) != new.get(name)}
    if not changed:
        return frozenset(other.segments)
    return frozenset(
        name for name in other.segments if name in one.segments and changed.isdisjoint(after.of_segment(name))
    )


def bands_key(bands: Bands) -> str:
    """How a rank is cut into bands; what breaks ties is told apart."""
    return text_of(replace(bands, ties=None))


def event_key(event: Event) -> str:
    """What makes rows of the data an event."""
    derived = {name: column.derive for name, column in event.properties.items() if column.derive is not None}
    return _short(text_of((event.customer, event.time, event.order_by, event.where, event.grouping, derived)))


def open_type(of: Type) -> Type:
    """The type without its closed list: another value in the list changes nothing for those who have none of it."""
    match of:
        case TextType(ordered=False):
            return TextType()
        case ListType():
            return ListType()
        case _:
            return of


def _short(*parts: str) -> str:
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()
