"""One rule set into a short text of what each thing in it means, which other versions can be compared with.

Two segments with one text have the same members in the same data, whichever version they stand in. Texts that differ
prove nothing. Ways of writing that mean the same give one text (see `canonical.py`); titles, comments, places in files,
and the files in which the data lie do not count. Entries of list files count: they are reviewed like rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from segrules.ir import nodes as ir
from segrules.ir.canonical import Canonical
from segrules.ir.catalogue import Column
from segrules.ir.fingerprint import short, text_of
from segrules.ir.membership import caps, qualifying, suppressions
from segrules.ir.rules import Bands, Rules, Score
from segrules.ir.things import Thing, Things, conditions_on_rows
from segrules.ir.walk import entries_of_lists
from segrules.types.types import ListType, TextType, Type

FOLLOWED = ("segment", "define", "contact")
"""Kinds that the canonical text follows: what they are called says nothing."""


class Meanings:
    """The meanings of one sound rule set; what was asked once is remembered.

    With `as_written`, cut points of frozen bands do not count: they are not in the rules, and change when they are
    fitted again.
    """

    def __init__(self, rules: Rules, *, as_written: bool = False) -> None:
        self.rules = rules
        self.things = Things(rules)
        self._as_written = as_written
        self._canonical = Canonical(rules)
        self._of_segments: dict[str, frozenset[Thing]] = {}
        self._keys: dict[Thing, str] = {}
        self._whole: dict[str, str] = {}
        self._entries: dict[str, frozenset[str]] | None = None
        self._lists: dict[str, str] | None = None

    def segment(self, name: str) -> str:
        """The meaning of a segment: who its members are, and whom of them it may contact."""
        if name not in self._whole:
            text = self._canonical.members(self.rules.segments[name])
            self._whole[name] = self._with_leaves(text, self.of_segment(name))
        return self._whole[name]

    def qualifies(self, name: str) -> str:
        """The meaning of a segment but for consent: who qualifies, and which caps and suppression lists bind them."""
        catalogue, segment = self.rules.catalogue, self.rules.segments[name]
        conditions = [qualifying(segment), *(cap.condition for cap in caps(catalogue, segment))]
        texts = [self._canonical.condition(item) for item in conditions]
        lists = suppressions(catalogue, segment)
        channels = [(name, sorted(catalogue.suppressions[name].channels)) for name in lists]
        things = self.of_conditions(conditions, (("suppression", name) for name in lists))
        return self._with_leaves(short(texts[0], *sorted(texts[1:]), text_of(channels)), things)

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
        return self._with_leaves(short(*texts), self.of_conditions(item.condition for item in stages[: len(texts)]))

    def condition(self, condition: ir.Condition) -> str:
        """The meaning of a condition."""
        return self._with_leaves(self._canonical.condition(condition), self.of_conditions([condition]))

    def rank(self, score: str, rank: str, *, lists: bool = True) -> str:
        """The meaning of one rank of a score; without `lists`, entries of list files do not count."""
        scored = self.rules.scores[score]
        ranked = scored.ranks[rank]
        parts = [part for part in (scored.among, ranked.by, ranked.bands.ties) if part is not None]
        things = (thing for thing in self.of_conditions(parts) if lists or thing[0] != "list")
        return self._with_leaves(self._rank(scored, rank), things)

    def of_segment(self, name: str) -> frozenset[Thing]:
        """All that a segment rests on, itself included."""
        if name not in self._of_segments:
            self._of_segments[name] = self.things.reached([("segment", name), ("contact", name)])
        return self._of_segments[name]

    def of_conditions(self, conditions: Iterable[ir.Expression], more: Iterable[Thing] = ()) -> frozenset[Thing]:
        """All that some expressions, and some things besides, rest on."""
        return self.things.reached([*self.things.named(conditions), *more])

    def key(self, thing: Thing) -> str:
        """What a thing says itself, as a short text; what it rests on is not followed, but for derived columns."""
        if thing not in self._keys:
            self._keys[thing] = self._key(thing)
        return self._keys[thing]

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
            self._lists = {name: short(*sorted(held)) for name, held in self.entries.items()}
        return self._lists

    def _with_leaves(self, text: str, things: Iterable[Thing]) -> str:
        leaves = sorted(thing for thing in things if thing[0] not in FOLLOWED)
        return short(text, *(part for thing in leaves for part in (*thing, self.key(thing))))

    def _key(self, thing: Thing) -> str:
        kind, name = thing
        rules = self.rules
        match kind:
            case "segment":
                return self._canonical.members(rules.segments[name])
            case "define":
                return self._canonical.expression(rules.definitions[name].body)
            case "score":
                score = rules.scores[name]
                return short(*(part for rank in sorted(score.ranks) for part in (rank, self._rank(score, rank))))
            case "partition":
                partition = rules.partitions[name]
                stages = [(stage.name, self._canonical.condition(stage.condition)) for stage in partition.stages]
                return short(text_of(stages), partition.otherwise)
            case "list":
                return self.lists[name]
            case _:
                return short(text_of(self._said(thing)), self._made_of(thing))

    def _said(self, thing: Thing) -> tuple[object, ...]:
        """What the catalogue says of a thing, its columns left out."""
        kind, name = thing
        catalogue = self.rules.catalogue
        customers = catalogue.customers
        of, _, column = name.partition(".")
        match kind:
            case "attribute":
                attribute = customers.attributes.get(name, customers.key)
                chosen = None if customers.derivation is None else customers.derivation.attributes.get(name)
                return open_type(attribute.type), attribute.zone, self.things.table_of(name), chosen
            case "event":
                event = catalogue.events[name]
                grouping = None if event.grouping is None else (event.grouping.by, event.grouping.time)
                return event.table, event.customer, event.time, event.order_by, grouping
            case "property":
                event = catalogue.events[of]
                combined = None if event.grouping is None else event.grouping.properties.get(column)
                return open_type(event.properties[column].type), None if combined is None else combined.kind
            case "relation":
                relation = catalogue.relations[name]
                return relation.table, catalogue.tables[relation.table].key, relation.column, relation.back
            case "consent":
                consents = catalogue.consents
                return consents.columns.get(name, consents.table), consents.statuses
            case "suppression":
                return catalogue.suppressions[name].table, catalogue.suppressions[name].customer
            case "cap":
                cap = catalogue.caps[name]
                return sorted(cap.channels), self._canonical.condition(cap.condition)
            case "calendar":
                return catalogue.zone, catalogue.leap_day
            case "customers":
                made = customers.derivation
                place = None if made is None else (made.table, made.key, made.time, made.order_by)
                return customers.key.type, customers.since, customers.table, place
            case _:
                return ()

    def _made_of(self, thing: Thing) -> str:
        """The columns of which a thing of the catalogue is made, how they are computed, and what is asked of rows."""
        columns = [
            (name, open_type(column.type), column.zone, computed(column))
            for name, column in self.things.columns(thing).items()
        ]
        asked = [self._canonical.expression(item) for item in conditions_on_rows(self.rules.catalogue, thing)]
        return short(text_of((columns, asked)))

    def _rank(self, score: Score, rank: str) -> str:
        among = "" if score.among is None else self._canonical.condition(score.among)
        of = score.ranks[rank]
        bands = replace(of.bands, cuts=None) if self._as_written and of.bands.frozen else of.bands
        ties = "" if bands.ties is None else self._canonical.value(bands.ties)
        return short(among, self._canonical.value(of.by), ties, bands_key(bands))


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


def computed(column: Column) -> str:
    """How a column is computed, as a short text; nothing for one that is stored."""
    return "" if column.derive is None else Canonical().expression(column.derive)


def open_type(of: Type) -> Type:
    """The type without its closed list: another value in the list changes nothing for those who have none of it."""
    match of:
        case TextType(ordered=False):
            return TextType()
        case ListType():
            return ListType()
        case _:
            return of
