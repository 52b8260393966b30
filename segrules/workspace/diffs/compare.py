"""Two versions of a project into what changed: rules, what is promised, and what rules rest on."""

import gc
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from segrules.diagnostics.errors import BadRules
from segrules.diagnostics.finding import Evidence
from segrules.explain.english import explain
from segrules.ir import nodes as ir
from segrules.ir.meaning import Meanings, untouched
from segrules.ir.rules import ConsentClause, Rules
from segrules.ir.things import Thing
from segrules.proofs.changes.change import Judged, Kind
from segrules.text.span import NOWHERE, Span
from segrules.workspace.diffs.catalogue import catalogue_changes
from segrules.workspace.diffs.lines import Written, changed_lines, words_between
from segrules.workspace.diffs.match import Pair, matched
from segrules.workspace.diffs.metadata import Labels, metadata
from segrules.workspace.diffs.promises import Promises, settings_changes
from segrules.workspace.diffs.result import Diff, FieldChange, Line, PromiseChange, SegmentChange
from segrules.workspace.frozen import with_cuts

if TYPE_CHECKING:
    from segrules.proofs.changes.questions import Changes
    from segrules.workspace.diffs.moves import Moves
    from segrules.workspace.ruleset import RuleSet

Progress = Callable[[str, int, int], None]
Count = Callable[[Sequence[Pair]], "Moves"]
"""Counts the members of pairs of segments in data."""

_WORDS = {
    "attribute": "column",
    "related": "column",
    "contact": "segment",
    "lock": "cut points of",
    "calendar": "catalogue",
    "customers": "catalogue",
}


def compare(
    before: "RuleSet",
    after: "RuleSet",
    names: tuple[str, str],
    progress: Progress,
    count: Count | None = None,
) -> Diff:
    """What changed from one rule set to another; `names` are what the two are called.

    Raises:
        BadRules: one of them has errors.
        Cancelled: `progress` said so.
    """
    with _seldom_collected():
        return _Comparison(before, after, names, progress).diff(count)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Two versions of many rules are many objects that stay: looking through them for garbage often finds none."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


class _Comparison:
    def __init__(self, before: "RuleSet", after: "RuleSet", names: tuple[str, str], progress: Progress) -> None:
        self._sets = before, after
        self._names = names
        self._progress = progress
        one, other = (_sound(rules, name) for rules, name in zip(self._sets, names, strict=True))
        self._before, self._after = Meanings(one), Meanings(other)
        self._old, self._new = Written(before), Written(after)
        self._labels = Labels(one, other)
        self._untouched = untouched(self._before, self._after)
        self._reaching: dict[Thing, list[str]] | None = None
        self._blocks: dict[tuple[Thing, Thing], tuple[Line, ...]] = {}

    def diff(self, count: Count | None) -> Diff:
        """Everything that changed."""
        self._progress("comparing", 0, 0)
        pairs = matched(self._before, self._after, self._old, self._new, self._same)
        renamed = {old: new for old, new in pairs if old is not None and new is not None and old != new}
        judged = self._judged(pairs)
        segments = [self._segment(old, new, judged.get((old, new))) for old, new in pairs]
        segments += self._stages()
        promises = Promises(self._before, self._after, renamed, self._implies).changes()
        return Diff(
            *self._names,
            tuple(sorted(segments, key=lambda item: (item.name, item.kind is Kind.REMOVED))),
            (*map(self._with_lines, promises), *settings_changes(*self._sets, self._old, self._new)),
            tuple(catalogue_changes(self._before, self._after, self._rest_on)),
            None if count is None else count(pairs),
        )

    # --- what is asked

    def _judged(self, pairs: Sequence[Pair]) -> dict[Pair, Judged]:
        """How members changed, for each segment of both versions whose meaning is another text."""
        asked = [(old, new) for old, new in pairs if old is not None and new is not None and not self._alike(old, new)]
        if not asked:
            return {}
        olds = [thing for old, _ in asked for thing in (("segment", old), ("contact", old))]
        news = [thing for _, new in asked for thing in (("segment", new), ("contact", new))]
        changes = self._changes(olds, news)
        found: dict[Pair, Judged] = {}
        for done, (old, new) in enumerate(asked):
            self._progress("proving", done, len(asked))
            found[old, new] = changes.judge(ir.InSegment(old), ir.InSegment(new))
        self._progress("proving", len(asked), len(asked))
        return found

    def _alike(self, old: str, new: str) -> bool:
        """Whether two segments mean the same without any proof."""
        return (old == new and new in self._untouched) or self._before.segment(old) == self._after.segment(new)

    def _changes(self, olds: Iterable[Thing], news: Iterable[Thing]) -> "Changes":
        # The solver is loaded here: where nothing changed, nothing is asked.
        from segrules.proofs.changes.combine import Combined
        from segrules.proofs.changes.questions import Changes
        from segrules.proofs.prover import Prover

        combined = Combined(self._before, self._after, olds, news)
        return Changes(combined, Prover(combined.rules))

    def _same(self, old: str, new: str) -> bool:
        """Whether a segment that is gone and one that came are proved to have the same members."""
        self._progress("comparing", 0, 0)
        roots = [[("segment", name), ("contact", name)] for name in (old, new)]
        return self._changes(*roots).same(ir.InSegment(old), ir.InSegment(new))

    def _implies(self, given: Sequence[ir.Condition | ConsentClause], wanted: ir.Condition, later: bool) -> bool | None:
        from segrules.proofs.verdict import Answer

        conditions = [item for item in given if isinstance(item, ir.Condition)]
        old, new = ([wanted], conditions) if later else (conditions, [wanted])
        things = self._before.of_conditions(old), self._after.of_conditions(new)
        changes = self._changes(*things)
        if changes.combined.conflict(*things) is not None:
            return None
        first, second = changes.combined.later, changes.combined.earlier
        here, there = (first, second) if later else (second, first)
        answer = changes.implies([here(item) for item in conditions], there(wanted))
        return None if answer is Answer.UNDECIDED else answer is Answer.PROVED

    # --- segments

    def _segment(self, old: str | None, new: str | None, judged: Judged | None) -> SegmentChange:
        one, other = self._before.rules, self._after.rules
        if old is None:
            assert new is not None
            words = tuple(f"+ {line}" for line in explain(other, new).lines)
            lines = changed_lines(None, self._new.of(("segment", new)))
            read = tuple(self._labels.changes(None, new))
            span = other.segments[new].span
            return SegmentChange(new, Judged(Kind.ADDED), span, lines=lines, words=words, metadata=read)
        if new is None:
            words = tuple(f"- {line}" for line in explain(one, old).lines)
            lines = changed_lines(self._old.of(("segment", old)), None)
            return SegmentChange(old, Judged(Kind.REMOVED), one.segments[old].span, lines=lines, words=words)
        if judged is None:
            judged = Judged(Kind.SAME, proved=True)
        if judged.kind is Kind.SAME and old != new:
            judged = Judged(Kind.RENAMED, proved=judged.proved, premises=judged.premises)
        lines = self._lines(old, new)
        fields: list[FieldChange] = []
        if lines or self._labels.differ:
            fields = [*metadata(one, one.segments[old], other, other.segments[new]), *self._labels.changes(old, new)]
        told = judged.kind is not Kind.SAME
        return SegmentChange(
            new,
            judged,
            other.segments[new].span,
            None if old == new else old,
            self._evidence(judged, "gained"),
            self._evidence(judged, "lost"),
            lines,
            tuple(self._through(old, new)) if told and judged.kind is not Kind.RENAMED else (),
            self._words(old, new) if told else (),
            tuple(fields),
        )

    def _evidence(self, judged: Judged, which: str) -> Evidence | None:
        """The customer who shows a change, as a test of the version that has words for it."""
        from segrules.proofs.findings import evidence

        test = judged.gained if which == "gained" else judged.lost
        version = self._before if which in judged.by_earlier else self._after
        return None if test is None else evidence(test, version.rules)

    def _lines(self, old: str, new: str) -> tuple[Line, ...]:
        """The lines that changed in a segment and in all that it rests on."""
        own = ("segment", old), ("segment", new)
        found = list(self._changed(*own))
        rulesets = self._old.ruleset_of(old), self._new.ruleset_of(new)
        if rulesets[0] is not None or rulesets[1] is not None:
            found += self._changed(rulesets[0] or ("ruleset", ""), rulesets[1] or ("ruleset", ""))
        if old != new or new not in self._untouched:
            for thing in self._things(old, new):
                found += self._changed(thing, thing)
        return tuple(dict.fromkeys(found))

    def _changed(self, old: Thing, new: Thing) -> tuple[Line, ...]:
        if (old, new) not in self._blocks:
            self._blocks[old, new] = changed_lines(self._old.of(old), self._new.of(new))
        return self._blocks[old, new]

    def _things(self, old: str, new: str) -> Iterator[Thing]:
        """What a segment rests on in either version, itself left out, with the lines of the lock file."""
        own = {("segment", old), ("segment", new), ("contact", old), ("contact", new)}
        for thing in sorted((self._before.of_segment(old) | self._after.of_segment(new)) - own):
            yield thing
            for meanings in (self._before, self._after):
                score = meanings.rules.scores.get(thing[1]) if thing[0] == "score" else None
                for rank in () if score is None else score.ranks.values():
                    if rank.bands.frozen:
                        yield "lock", f"{thing[1]}.{rank.name}"

    def _through(self, old: str, new: str) -> Iterator[str]:
        """What a segment rests on and what says something else now."""
        seen: set[str] = set()
        for thing in self._things(old, new):
            kind, name = thing
            if kind == "list":
                there = name in self._before.lists and name in self._after.lists
            else:
                there = _has(self._before.rules, thing) and _has(self._after.rules, thing)
            if not there:
                continue
            words = f"{_WORDS.get(kind, kind)} `{name}`" if name else _WORDS.get(kind, kind)
            if words not in seen and self._before.key(thing) != self._after.key(thing):
                seen.add(words)
                yield words

    def _words(self, old: str, new: str) -> tuple[str, ...]:
        """The plain English of a segment, and of the defines and scores that it rests on, where that changed."""
        one, other = self._before.rules, self._after.rules
        found = list(words_between(explain(one, old).lines, explain(other, new).lines))
        for kind, name in self._things(old, new) if not found else ():
            if kind in ("define", "score", "segment", "partition"):
                lines = [explain(rules, name).lines if _has(rules, (kind, name)) else () for rules in (one, other)]
                if all(lines):
                    found += words_between(*lines)
        return tuple(found)

    def _with_lines(self, item: PromiseChange) -> PromiseChange:
        """A changed policy or group with its lines."""
        thing = item.kind, item.name
        return replace(item, lines=self._changed(thing, thing))

    # --- stages

    def _stages(self) -> Iterator[SegmentChange]:
        one, other = self._before.rules.partitions, self._after.rules.partitions
        for name in sorted({*one, *other}):
            if name in one and name in other:
                if self._partition_key(self._before, name) != self._partition_key(self._after, name):
                    yield from self._of_partition(name)
                continue
            meanings, kind = (self._after, Kind.ADDED) if name in other else (self._before, Kind.REMOVED)
            partition = meanings.rules.partitions[name]
            for stage in _stage_names(meanings.rules, name):
                yield SegmentChange(f"{name}.{stage}", Judged(kind), partition.span, is_stage=True)

    @staticmethod
    def _partition_key(meanings: Meanings, name: str) -> list[tuple[str, str]]:
        return [(stage, meanings.stage(name, stage)) for stage in _stage_names(meanings.rules, name)]

    def _of_partition(self, name: str) -> Iterator[SegmentChange]:
        """How each stage of a partition changed that is not the same chain of conditions."""
        thing = "partition", name
        changes = self._changes([thing], [thing])
        one, other = (_stage_names(meanings.rules, name) for meanings in (self._before, self._after))
        lines = list(self._changed(thing, thing))
        below = (self._before.things.reached([thing]) | self._after.things.reached([thing])) - {thing}
        for part in sorted(below):
            lines += self._changed(part, part)
        words = words_between(explain(self._before.rules, name).lines, explain(self._after.rules, name).lines)
        for stage in dict.fromkeys((*other, *one)):
            if stage not in other:
                judged = Judged(Kind.REMOVED)
            elif stage not in one:
                judged = Judged(Kind.ADDED)
            elif self._before.stage(name, stage) == self._after.stage(name, stage):
                judged = Judged(Kind.SAME, proved=True)
            else:
                judged = changes.judge(ir.InStage(name, stage), ir.InStage(name, stage))
            version = self._before if stage not in other else self._after
            yield SegmentChange(
                f"{name}.{stage}",
                judged,
                _stage_span(version.rules, name, stage),
                gained=self._evidence(judged, "gained"),
                lost=self._evidence(judged, "lost"),
                lines=() if judged.kind is Kind.SAME else tuple(dict.fromkeys(lines)),
                words=() if judged.kind is Kind.SAME else words,
                is_stage=True,
            )

    # --- what rests on what

    def _rest_on(self, thing: Thing) -> tuple[str, ...]:
        """The segments that rest on a thing in either version."""
        if self._reaching is None:
            self._reaching = {}
            for meanings in (self._before, self._after):
                for name in meanings.rules.segments:
                    for part in meanings.of_segment(name):
                        self._reaching.setdefault(part, []).append(name)
        return tuple(sorted(set(self._reaching.get(thing, ()))))


def _sound(rules: "RuleSet", name: str) -> Rules:
    if rules.typed is None or not rules.sound:
        message = f"the rules of `{name}` have errors, so that nothing can be compared with them"
        raise BadRules(message, rules.findings, sources=rules.sources)
    return with_cuts(rules.typed, rules.lock.lines)


def _has(rules: Rules, thing: Thing) -> bool:
    kind, name = thing
    catalogue = rules.catalogue
    of, _, column = name.partition(".")
    match kind:
        case "property":
            return of in catalogue.events and column in catalogue.events[of].properties
        case "related":
            relation = catalogue.relations.get(of)
            return relation is not None and column in catalogue.tables[relation.table].columns
        case "attribute":
            return name in catalogue.customers.attributes or name == catalogue.customers.key.name
        case "calendar" | "customers":
            return True
        case _:
            held: dict[str, Container[str]] = {
                "segment": rules.segments,
                "define": rules.definitions,
                "score": rules.scores,
                "partition": rules.partitions,
                "event": catalogue.events,
                "relation": catalogue.relations,
                "consent": catalogue.consents.channels,
                "suppression": catalogue.suppressions,
                "cap": catalogue.caps,
            }
            return name in held.get(kind, ())


def _stage_names(rules: Rules, partition: str) -> tuple[str, ...]:
    of = rules.partitions[partition]
    return (*(stage.name for stage in of.stages), of.otherwise)


def _stage_span(rules: Rules, partition: str, stage: str) -> Span:
    of = rules.partitions[partition]
    return next((item.span for item in of.stages if item.name == stage), of.span or NOWHERE)
