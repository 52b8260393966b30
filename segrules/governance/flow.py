"""Typed rules into the labels that each definition reads, with the path along which each is read.

Labels flow through derived columns, events and their filters, defines, scores, stages and segments, and through `not`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from segrules.governance.choice import Holds, opposite, ranked
from segrules.governance.readings import At, Reader, Reading, Spot, Step, gives_one_of_the_values
from segrules.governance.vocabulary import Axis, Fact, facts_of, what
from segrules.ir.catalogue import Column, Labels
from segrules.ir.membership import caps
from segrules.ir.nodes import Expression
from segrules.ir.rules import Partition, Rules, Score, Segment
from segrules.text.span import NOWHERE, Span

CLAUSES = ("where", "except", "eligible", "cap", "consent", "holdout")
"""The clauses of a segment in which something can be read, as `forbid reading … outside` names them."""

CUSTOMERS = "customers"
"""In place of a clause: what makes somebody a customer at all, where customers are derived from events."""

Path = tuple[Step, ...]
"""From the definition down to the label: each step is a place and what it reads; the last one is the label."""

Key = tuple[Fact, str | None]
"""A fact, and the clause of the segment in which it is read."""


@dataclass(frozen=True, slots=True)
class Read:
    """A label that is read: in which clause (of a segment), and along which path."""

    fact: Fact
    clause: str | None
    path: Path


class Flow:
    """The labels of one rule set; what was asked once is remembered."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._reader = Reader(rules.catalogue)
        self._known: dict[Spot, Mapping[Key, Path]] = {}

    def reads(self, name: str) -> tuple[Read, ...]:
        """What a segment, partition, stage, score or define reads, in the order in which it is written."""
        found: dict[Key, Path] = {}
        for spot in self._spots(name):
            found |= self._solved(spot)
        return tuple(Read(fact, clause, path) for (fact, clause), path in found.items())

    def _spots(self, name: str) -> tuple[Spot, ...]:
        rules = self._rules
        partition, _, stage = name.partition(".")
        if name in rules.segments:
            return Spot("segment", name), Spot("contact", name)
        if partition in rules.partitions:
            return (Spot("stage", partition, stage) if stage else Spot("partition", name),)
        return (Spot("score" if name in rules.scores else "define", name),)

    def _solved(self, start: Spot) -> Mapping[Key, Path]:
        """The labels that a thing reads. What it names is solved first, without recursion."""
        # Invariant: nothing names itself, which sound rules do not.
        waiting: dict[Spot, list[tuple[str | None, Reading]]] = {}
        stack = [start]
        while stack:
            spot = stack[-1]
            if spot not in self._known and spot not in waiting:
                waiting[spot] = list(self._edges(spot))
                stack.extend(to for _, (to, _) in waiting[spot] if to not in self._known)
                continue
            stack.pop()
            if spot in waiting:
                self._known[spot] = self._gathered(spot, waiting.pop(spot))
        return self._known[start]

    def _gathered(self, spot: Spot, edges: list[tuple[str | None, Reading]]) -> Mapping[Key, Path]:
        found: dict[Key, Path] = {(fact, None): (step,) for fact, step in self._labels(spot)}
        for clause, (to, step) in edges:
            for (fact, inner), path in self._known[to].items():
                key = (fact, _clause(clause, inner, to.holds))
                longer = (step, *path)
                if key not in found or len(longer) < len(found[key]):
                    found[key] = longer
        return found

    # --- what each thing reads itself

    def _labels(self, spot: Spot) -> Iterator[tuple[Fact, Step]]:
        """The labels that stand at a thing of the catalogue."""
        catalogue = self._rules.catalogue
        match spot.kind:
            case "event":
                event = catalogue.events[spot.name]
                yield from _stated(event.labels, f"event {spot.name}", event.span)
            case "column":
                column = catalogue.tables[spot.name].columns[spot.part]
                source = f"{spot.name}.{spot.part}"
                yield from _stated(column.labels, source, column.span)
                for value, labels in column.value_labels.items():
                    if spot.choice is None or spot.choice.admits(value):
                        yield from _stated(labels, source, column.span, value)
                if column.derive is not None and column.labels.origin is None:
                    yield _derived(source, column)
            case "combined":
                combined = catalogue.events[spot.name].properties[spot.part]
                of = catalogue.events[spot.name].grouping
                if of is not None and not gives_one_of_the_values(of.properties[spot.part].kind):
                    yield _derived(f"{spot.name}.{spot.part}", combined)
            case _:
                pass

    def _edges(self, spot: Spot) -> Iterator[tuple[str | None, Reading]]:
        """What a thing reads one step far, each with the clause in which it stands."""
        match spot.kind:
            case "segment":
                yield from self._of_segment(self._rules.segments[spot.name], spot.holds)
            case "contact":
                yield from self._of_contact(self._rules.segments[spot.name])
            case _:
                yield from ((None, reading) for reading in self._of(spot))

    def _of_segment(self, segment: Segment, holds: Holds) -> Iterator[tuple[str, Reading]]:
        """Who qualifies."""
        parts: list[tuple[str, Expression]] = [("where", segment.where)] if segment.where is not None else []
        parts += [("except", item.condition) for item in segment.excepts]
        parts += [("eligible", item.condition) for item in segment.eligible]
        for clause, expression in parts:
            yield from ((clause, reading) for reading in self._reader.readings(expression, At(holds)))

    def _of_contact(self, segment: Segment) -> Iterator[tuple[str, Reading]]:
        """Whom a segment may contact, and who is a customer at all; who names the segment reads none of it."""
        catalogue = self._rules.catalogue
        for cap in caps(catalogue, segment):
            readings = self._reader.readings(cap.condition, At())
            placed = readings if cap.name is None else _placed(readings, cap.span)
            yield from (("cap", reading) for reading in placed)
        for consent in segment.consents:
            for channel in dict.fromkeys(item.channel for group in consent.any_of for item in group):
                yield "consent", (Spot("consent", channel), Step(consent.span, f"the consent for `{channel}`"))
        if segment.holdout is not None:
            yield "holdout", self._reader.attribute(catalogue.customers.key.name, segment.holdout.span)
        derivation = catalogue.customers.derivation
        if derivation is not None and derivation.where is not None:
            at = At(True, None, (("table", derivation.table),))
            readings = _placed(self._reader.readings(derivation.where, at), catalogue.customers.span)
            yield from ((CUSTOMERS, reading) for reading in readings)

    def _of(self, spot: Spot) -> Iterator[Reading]:
        rules, read = self._rules, self._reader.readings
        match spot.kind:
            case "define":
                yield from read(rules.definitions[spot.name].body, At(spot.holds, spot.choice))
            case "rank":
                yield from self._of_ranks(rules.scores[spot.name], [spot.part], spot.holds)
            case "score":
                score = rules.scores[spot.name]
                yield from self._of_ranks(score, list(score.ranks), holds=True)
            case "stage":
                yield from self._of_stage(rules.partitions[spot.name], spot.part, spot.holds)
            case "partition":
                for stage in rules.partitions[spot.name].stages:
                    yield from read(stage.condition, At(None))
            case "event":
                yield from self._of_event(spot.name)
            case "combined":
                yield from self._of_combined(spot)
            case "column":
                column = rules.catalogue.tables[spot.name].columns[spot.part]
                if column.derive is not None:
                    at = At(spot.holds, spot.choice, (("table", spot.name),))
                    yield from _placed(read(column.derive, at), column.span)
            case "consent":
                yield from self._of_consent(spot.name)
            case _:
                raise ValueError(spot)

    def _of_ranks(self, score: Score, ranks: list[str], holds: Holds) -> Iterator[Reading]:
        """A band says that somebody is among those who are ranked, and something of what they are ranked by."""
        if score.among is not None:
            yield from self._reader.readings(score.among, At(ranked(holds)))
        for name in ranks:
            rank = score.ranks[name]
            yield from self._reader.readings(rank.by, At(None))
            if rank.bands.ties is not None:
                yield from self._reader.readings(rank.bands.ties, At(None))

    def _of_stage(self, partition: Partition, name: str, holds: Holds) -> Iterator[Reading]:
        """A stage holds where its own condition does and none before it."""
        for stage in partition.stages:
            if stage.name == name:
                yield from self._reader.readings(stage.condition, At(holds))
                return
            yield from self._reader.readings(stage.condition, At(opposite(holds)))

    def _of_event(self, name: str) -> Iterator[Reading]:
        """Every row of an event satisfies its filter, and has its time."""
        event = self._rules.catalogue.events[name]
        yield Spot("column", event.table, event.time, None), Step(event.span, f"the time of the event `{name}`")
        if event.where is not None:
            at = At(True, None, (("table", event.table),))
            yield from _placed(self._reader.readings(event.where, at), event.span)

    def _of_combined(self, spot: Spot) -> Iterator[Reading]:
        """A property that is made of several lines."""
        event = self._rules.catalogue.events[spot.name]
        combined = event.grouping.properties[spot.part] if event.grouping is not None else None
        if combined is None or combined.of is None:
            return
        passes = gives_one_of_the_values(combined.kind)
        at = At(spot.holds if passes else None, spot.choice if passes else None, (("table", event.table),))
        place = event.properties[spot.part].span
        yield from _placed(self._reader.readings(combined.of, at), place)

    def _of_consent(self, channel: str) -> Iterator[Reading]:
        consents = self._rules.catalogue.consents
        kept, table = consents.columns.get(channel), consents.table
        if kept is not None:
            for name in (kept.state, kept.time, kept.expiry):
                if name is not None:
                    yield self._reader.attribute(name, NOWHERE)
        elif table is not None:
            for name in (table.channel, table.status, table.time, table.purpose, table.expiry):
                if name is not None:
                    yield Spot("column", table.table, name, None), Step(NOWHERE, f"the column `{table.table}.{name}`")


def _clause(outer: str | None, inner: str | None, holds: Holds) -> str | None:
    """The clause in which something is read that another definition reads.

    What a segment reads in `eligible` stays a floor for a segment that takes only its customers.
    """
    if inner == "eligible" and holds is True and outer in (None, "where", "eligible"):
        return "eligible"
    return outer


def _stated(labels: Labels, source: str, place: Span, value: str | None = None) -> Iterator[tuple[Fact, Step]]:
    span = labels.span if labels.span != NOWHERE else place
    kind, _, name = source.rpartition(" ")
    thing = f"the {kind} `{name}`" if kind else f"`{source}`"
    shown = thing if value is None else f"`{value}` of {thing}"
    for fact in facts_of(labels, source, value):
        yield fact, Step(span, f"{shown} is {_as_labelled(fact)} here")


def _as_labelled(fact: Fact) -> str:
    return f"labelled `{fact.word}`" if fact.axis is Axis.CATEGORY else f"labelled as {what(fact)}"


def _derived(source: str, column: Column) -> tuple[Fact, Step]:
    return Fact(Axis.ORIGIN, "derived", source), Step(column.span, f"`{source}` is computed here")


def _placed(readings: Iterator[Reading], span: Span) -> Iterator[Reading]:
    """Readings of an expression of the catalogue, at the entry that has it: its nodes do not know their places."""
    return ((spot, Step(span, step.what)) for spot, step in readings)
