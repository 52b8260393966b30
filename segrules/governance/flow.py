"""Typed rules into the labels that each definition reads, with the path along which each is read.

Labels flow through derived columns, events and their filters, defines, scores, stages and segments, and through `not`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from segrules.governance.choice import Holds, opposite
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
        rules = self._rules
        partition, _, stage = name.partition(".")
        if name in rules.segments:
            spot = Spot("members", name)
        elif partition in rules.partitions:
            spot = Spot("stage", partition, stage) if stage else Spot("partition", name)
        elif name in rules.scores:
            spot = Spot("score", name)
        else:
            spot = Spot("define", name)
        return tuple(Read(fact, clause, path) for (fact, clause), path in self._solved(spot).items())

    def _solved(self, start: Spot) -> Mapping[Key, Path]:
        """The labels that a thing reads. What it names is solved first, without recursion."""
        # Invariant: nothing names itself, which sound rules do not.
        stack = [start]
        while stack:
            spot = stack[-1]
            if spot in self._known:
                stack.pop()
                continue
            edges = list(self._edges(spot))
            waiting = [to for _, (to, _) in edges if to not in self._known]
            if waiting:
                stack.extend(waiting)
                continue
            self._known[spot] = self._gathered(spot, edges)
            stack.pop()
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
                yield from _stated(catalogue.events[spot.name].labels, f"event {spot.name}", NOWHERE)
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
        if spot.kind in ("segment", "members"):
            yield from self._of_segment(self._rules.segments[spot.name], spot)
        else:
            yield from ((None, reading) for reading in self._of(spot))

    def _of_segment(self, segment: Segment, spot: Spot) -> Iterator[tuple[str | None, Reading]]:
        """Who qualifies; for the segment's own members also whom it may contact, and who is a customer at all."""
        parts: list[tuple[str, Expression]] = [("where", segment.where)] if segment.where is not None else []
        parts += [("except", item.condition) for item in segment.excepts]
        parts += [("eligible", item.condition) for item in segment.eligible]
        catalogue = self._rules.catalogue
        if spot.kind == "members":
            parts += [("cap", cap.condition) for cap in caps(catalogue, segment)]
        for clause, expression in parts:
            yield from ((clause, reading) for reading in self._reader.readings(expression, At(spot.holds)))
        if spot.kind == "members":
            for consent in segment.consents:
                for channel in dict.fromkeys(item.channel for group in consent.any_of for item in group):
                    yield "consent", (Spot("consent", channel), Step(consent.span, f"the consent for `{channel}`"))
            if segment.holdout is not None:
                yield "holdout", self._reader.attribute(catalogue.customers.key.name, segment.holdout.span)
            derivation = catalogue.customers.derivation
            if derivation is not None and derivation.where is not None:
                at = At(True, None, (("table", derivation.table),))
                yield from ((CUSTOMERS, reading) for reading in self._reader.readings(derivation.where, at))

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
                    yield from read(column.derive, at)
            case "consent":
                yield from self._of_consent(spot.name)
            case _:
                raise ValueError(spot)

    def _of_ranks(self, score: Score, ranks: list[str], holds: Holds) -> Iterator[Reading]:
        """A band says that somebody is among those who are ranked, and something of what they are ranked by."""
        if score.among is not None:
            yield from self._reader.readings(score.among, At(holds))
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
            yield from self._reader.readings(event.where, At(True, None, (("table", event.table),)))

    def _of_combined(self, spot: Spot) -> Iterator[Reading]:
        """A property that is made of several lines."""
        event = self._rules.catalogue.events[spot.name]
        combined = event.grouping.properties[spot.part] if event.grouping is not None else None
        if combined is None or combined.of is None:
            return
        passes = gives_one_of_the_values(combined.kind)
        at = At(spot.holds if passes else None, spot.choice if passes else None, (("table", event.table),))
        yield from self._reader.readings(combined.of, at)

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
    shown = f"`{source}`" if value is None else f"`{value}` of `{source}`"
    for fact in facts_of(labels, source, value):
        yield fact, Step(span, f"{shown} is {_as_labelled(fact)} here")


def _as_labelled(fact: Fact) -> str:
    return f"labelled `{fact.word}`" if fact.axis is Axis.CATEGORY else f"labelled as {what(fact)}"


def _derived(source: str, column: Column) -> tuple[Fact, Step]:
    return Fact(Axis.ORIGIN, "derived", source), Step(column.span, f"`{source}` is computed here")
