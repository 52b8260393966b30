"""Syntax trees and a catalogue into typed rules: names resolved, types checked, defaults merged in."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.ir import nodes as ir_nodes
from segrules.ir import rules as ir
from segrules.ir.build import negation
from segrules.ir.catalogue import Cap, Catalogue
from segrules.ir.testcases import Test
from segrules.ir.walk import conditions_of, descendants, expressions_of
from segrules.semantics import caps, clauses, newcomers, order, sampling, symbols, testcases
from segrules.semantics.expressions import Binder, Bound, ListReader
from segrules.semantics.population import ORDERED_HELP, has_order
from segrules.semantics.typing import is_number
from segrules.semantics.windows import WindowBinder
from segrules.syntax import nodes
from segrules.text.span import NOWHERE, Span
from segrules.types.types import BooleanType, FloatType, UnknownType
from segrules.types.zones import zone

T = TypeVar("T")

_MOST_BANDS = 1000
_FARTHEST_BAND = 1_000_000


def bind(files: Sequence[nodes.File], catalogue: Catalogue, lists: ListReader) -> tuple[ir.Rules, list[Finding]]:
    """Bind all rule files of a project against its catalogue.

    The typed rules lack what could not be bound; they are fit for running only where no finding is an error.
    `lists` gives the entries of a list file, or a finding that says why there are none.
    """
    names, findings = symbols.collect(files, catalogue)
    return _Binding(files, names, lists, findings).rules(), findings


@dataclass
class _Defaults:
    """What the ruleset of a file says for its segments."""

    header: tuple[nodes.Clause, ...] = ()
    guards: tuple[nodes.Clause, ...] = ()
    caps: tuple[nodes.Clause, ...] = ()


@dataclass
class _Made:
    definitions: dict[str, ir.Definition] = field(default_factory=dict)
    scores: dict[str, ir.Score] = field(default_factory=dict)
    segments: dict[str, ir.Segment] = field(default_factory=dict)
    partitions: dict[str, ir.Partition] = field(default_factory=dict)


class _Binding:
    """One rule set on its way into types."""

    def __init__(
        self, files: Sequence[nodes.File], names: symbols.Symbols, lists: ListReader, findings: list[Finding]
    ) -> None:
        self._files = files
        self._names = names
        self._findings = findings
        self._bound = Bound()
        self._binder = Binder(names, self._bound, lists, findings)
        self._windows = WindowBinder(zone(names.catalogue.zone), findings)
        self._made = _Made()
        self._defaults: dict[str, _Defaults] = {}

    def rules(self) -> ir.Rules:
        """Bind everything, what others need first; keep the order of the files."""
        for file in self._files:
            self._defaults[file.path] = self._defaults_of(file)
        for name in self._names.of_kind("score", "partition"):
            self._announce(self._names.by_name[name].block)
        ordered, cycles = order.in_order(self._names)
        self._findings += cycles
        for name in ordered:
            self._bind_block(self._names.by_name[name].block)
        self._check_unused_guards()
        bound_caps = self._caps()
        made = self._made
        groups = {block.name.text: self._group(block) for block in self._blocks(nodes.GroupBlock)}
        policies = {block.name.text: self._policy(block) for block in self._blocks(nodes.PolicyBlock)}
        tests = self._tests(bound_caps)
        self._findings += sampling.reused_salts(made.segments.values(), self._roots(bound_caps))
        self._findings += newcomers.caught(made.segments, made.definitions, self._names.catalogue)
        written = list(self._names.by_name)
        return ir.Rules(
            self._names.catalogue,
            {name: made.definitions[name] for name in written if name in made.definitions},
            {name: made.scores[name] for name in written if name in made.scores},
            {name: made.segments[name] for name in written if name in made.segments},
            {name: made.partitions[name] for name in written if name in made.partitions},
            groups,
            policies,
            tests,
        )

    def _tests(self, bound_caps: Sequence[Cap]) -> tuple[Test, ...]:
        lists = [
            node.path
            for root in self._roots(bound_caps)
            for node in descendants(root)
            if isinstance(node, ir_nodes.InListFile)
        ]
        binder = testcases.TestBinder(self._names, self._binder, frozenset(lists), self._findings)
        for fixture in self._blocks(nodes.FixtureBlock):
            binder.fixture(fixture)
        blocks = [block for file in self._files for block in file.blocks if isinstance(block, nodes.TestBlock)]
        return tuple(test for block in blocks if (test := binder.test(block)) is not None)

    def _blocks(self, kind: type[T]) -> list[T]:
        found = (symbol.block for symbol in self._names.by_name.values())
        return [block for block in found if isinstance(block, kind)]

    # --- rulesets

    def _defaults_of(self, file: nodes.File) -> _Defaults:
        rulesets = [block for block in file.blocks if isinstance(block, nodes.RulesetBlock)]
        for again in rulesets[1:]:
            related = [Related(rulesets[0].name.span, "the first one stands here")]
            message = "a second `ruleset` found in one file"
            help_ = "put its segments into a file of their own"
            self._findings.append(
                finding(codes.DUPLICATE_CLAUSE, message, again.name.span, help=help_, related=related)
            )
        if not rulesets:
            return _Defaults()
        all_clauses = rulesets[0].clauses
        self._findings += clauses.check_once(all_clauses)
        guards = (nodes.ExceptClause, nodes.EligibleClause, nodes.ConsentClauseText)
        return _Defaults(
            tuple(clause for clause in all_clauses if not isinstance(clause, (*guards, nodes.CapClause))),
            tuple(clause for clause in all_clauses if isinstance(clause, guards)),
            tuple(clause for clause in all_clauses if isinstance(clause, nodes.CapClause)),
        )

    def _check_unused_guards(self) -> None:
        """Bind the guards of rulesets that have no segment, where nothing else would find their mistakes."""
        for file in self._files:
            if not any(isinstance(block, nodes.SegmentBlock) for block in file.blocks):
                for clause in self._defaults[file.path].guards:
                    match clause:
                        case nodes.ExceptClause(refs):
                            for ref in refs:
                                self._exclusion(ref, inherited=True)
                        case nodes.EligibleClause(test):
                            self._binder.condition(test)
                        case nodes.ConsentClauseText():
                            clauses.consent(clause, self._binder, self._windows, inherited=True)
                        case _:
                            pass

    def _caps(self) -> tuple[Cap, ...]:
        """Bind the caps of all rulesets, when every name is known, and put them to the segments that they bind.

        Gives all caps, those of the catalogue too.
        """
        by_file = {path: caps.bind_caps(of.caps, self._binder) for path, of in self._defaults.items()}
        self._made.segments = caps.capped(self._made.segments, by_file)
        clauses_ = [clause for of in self._defaults.values() for clause in of.caps]
        consents = self._names.catalogue.consents.channels
        caps.check_channels(clauses_, self._made.segments.values(), consents, self._findings)
        return (*self._names.catalogue.caps.values(), *(cap for found in by_file.values() for cap in found))

    # --- blocks

    def _announce(self, block: symbols.Named | None) -> None:
        """Names inside scores and partitions, before anything refers to them."""
        match block:
            case nodes.ScoreBlock(ranks=ranks):
                self._bound.ranks[block.name.text] = self._unique([rank.name for rank in ranks], "rank")
            case nodes.PartitionBlock(stages=stages, otherwise=otherwise):
                names = [stage.name for stage in stages] + ([otherwise] if otherwise else [])
                self._bound.stages[block.name.text] = self._unique(names, "stage")
            case _:
                pass

    def _unique(self, names: Sequence[nodes.Name], kind: str) -> tuple[str, ...]:
        first: dict[str, nodes.Name] = {}
        for name in names:
            before = first.setdefault(name.text.casefold(), name)
            if before is not name:
                related = [Related(before.span, "the first one stands here")]
                same = before.text == name.text
                message = f"the {kind} `{name.text}` is defined twice" if same else f"two {kind}s differ only in case"
                code = codes.DUPLICATE_NAME if same else codes.CASE_CLASH
                self._findings.append(finding(code, message, name.span, help="rename one of them", related=related))
        return tuple(name.text for name in first.values())

    def _bind_block(self, block: symbols.Named | None) -> None:
        match block:
            case nodes.DefineBlock():
                self._define(block)
            case nodes.ScoreBlock():
                self._made.scores[block.name.text] = self._score(block)
            case nodes.SegmentBlock():
                self._made.segments[block.name.text] = self._segment(block)
            case nodes.PartitionBlock():
                self._made.partitions[block.name.text] = self._partition(block)
            case _:
                pass

    def _define(self, block: nodes.DefineBlock) -> None:
        name = block.name.text
        body = self._binder.expression(block.body)
        if isinstance(body, ir_nodes.Value) and isinstance(body.type, BooleanType):
            body = self._binder.condition(block.body)
        if isinstance(body, ir_nodes.Value) and isinstance(body.type, UnknownType):
            self._names.broken.add(name)
        is_condition = isinstance(body, ir_nodes.Condition)
        self._bound.definitions[name] = None if isinstance(body, ir_nodes.Condition) else body.type
        title = block.title.value if block.title else None
        self._made.definitions[name] = ir.Definition(name, title, body, is_condition, block.name.span)

    def _score(self, block: nodes.ScoreBlock) -> ir.Score:
        among = None if block.among is None else self._binder.condition(block.among)
        ranks = {rank.name.text: self._rank(rank, frozen=block.frozen is not None) for rank in block.ranks}
        if block.frozen is not None and not any(rank.bands.frozen for rank in ranks.values()):
            self._bad_bands("no bands found that could be frozen", block.frozen.span, "take `bands frozen` out")
        title = block.title.value if block.title else None
        description = block.description.text.value if block.description else None
        return ir.Score(block.name.text, title, description, among, ranks, block.name.span)

    def _rank(self, node: nodes.RankText, *, frozen: bool) -> ir.Rank:
        by = self._binder.value(node.by)
        self._rankable(by, node.by.span)
        bands = self._bands(node.bands, by)
        if frozen and bands.equal:
            help_ = "write `5 bands`, or a score of its own without `bands frozen`"
            self._bad_bands("equal bands have no cut points that could be frozen", node.bands.span, help_)
        elif frozen and bands.cuts is None:
            bands = replace(bands, frozen=True)
        return ir.Rank(node.name.text, by, bands, node.name.span)

    def _rankable(self, by: ir_nodes.Value, span: Span) -> None:
        if not has_order(by.type):
            message = "these values have no order to rank by"
            self._findings.append(finding(codes.NO_ORDER, message, span, help=ORDERED_HELP))

    def _bands(self, node: nodes.BandsText, by: ir_nodes.Value) -> ir.Bands:
        start = int(node.start.value) if node.start else 1
        if node.start is not None and node.start.value != start:
            self._bad_bands("bands are numbered in whole numbers", node.start.span, "write `from 0` or leave it out")
        elif abs(start) > _FARTHEST_BAND:
            message = f"bands are numbered from {start}"
            self._bad_bands(message, node.start.span if node.start else node.span, "write `from 0` or leave it out")
            start = 1
        ties = None if node.ties is None else self._binder.value(node.ties)
        if ties is not None and node.ties is not None:
            self._rankable(ties, node.ties.span)
            if not node.equal:
                help_ = "take `ties by` out, or write `equal bands`"
                self._bad_bands("equal values share a band, so that there are no ties", node.ties.span, help_)
        direction = ir.Direction(node.direction)
        if node.cuts is not None:
            cuts = tuple(Fraction(cut.value) for cut in node.cuts)
            if not is_number(by.type) and not isinstance(by.type, UnknownType):
                self._bad_bands("cuts are numbers, and the value is not", node.span, "write `into 5 bands` instead")
            if any(one >= other for one, other in pairwise(cuts)):
                self._bad_bands("the cuts do not rise", node.span, "write them from small to large, each once")
            if isinstance(by.type, FloatType):
                cuts = tuple(Fraction(float(cut)) for cut in cuts)
            return ir.Bands(direction, len(cuts) + 1, start, cuts=cuts)
        assert node.count is not None
        count = node.count.value
        if count != int(count) or not 2 <= count <= _MOST_BANDS:
            self._bad_bands(f"{count} bands are not possible", node.count.span, f"write 2 to {_MOST_BANDS} bands")
            count = node.count.value.__class__(2)
        return ir.Bands(direction, int(count), start, node.equal, ties)

    def _bad_bands(self, message: str, span: Span, help_: str) -> None:
        self._findings.append(finding(codes.BAD_BANDS, message, span, help=help_))

    def _segment(self, block: nodes.SegmentBlock) -> ir.Segment:
        own = block.clauses
        self._findings += clauses.check_once(own)
        defaults = self._defaults.get(block.span.path, _Defaults())
        where: ir_nodes.Condition | None = None
        excepts: list[ir.Exclusion] = []
        eligible: list[ir.Eligibility] = []
        consents: list[ir.ConsentClause] = []
        size: ir.Size | None = None
        holdout: ir.Holdout | None = None
        justified: list[ir.Justification] = []
        review, review_span = None, NOWHERE
        for clause, inherited in [(item, False) for item in own] + [(item, True) for item in defaults.guards]:
            match clause:
                case nodes.WhereClause(test):
                    where = self._binder.condition(test)
                case nodes.ExceptClause(refs):
                    excepts += [self._exclusion(ref, inherited=inherited) for ref in refs]
                case nodes.EligibleClause(test):
                    eligible.append(ir.Eligibility(self._binder.condition(test), inherited, clause.span))
                case nodes.ConsentClauseText():
                    consents.append(clauses.consent(clause, self._binder, self._windows, inherited=inherited))
                case nodes.SizeClause():
                    size = clauses.size(clause, self._findings)
                case nodes.HoldoutClause():
                    holdout = sampling.holdout(clause, self._findings)
                case nodes.JustifiedClause(reason, by, until) if until.value is not None:
                    justified.append(ir.Justification(reason.value, by.value, until.value, clause.span))
                case nodes.ReviewClause(by):
                    review, review_span = by.value, clause.span
                case _:
                    pass
        return ir.Segment(
            block.name.text,
            block.title.value if block.title else None,
            clauses.header(own, defaults.header, self._findings),
            where,
            tuple(excepts),
            tuple(eligible),
            tuple(consents),
            size,
            holdout,
            tuple(justified),
            review,
            span=block.name.span,
            review_span=review_span,
        )

    def _exclusion(self, ref: nodes.Ref, *, inherited: bool) -> ir.Exclusion:
        return ir.Exclusion(ref.text, negation(self.named(ref), ref.span), inherited, ref.span)

    def named(self, ref: nodes.Ref) -> ir_nodes.Condition:
        """A segment, a stage, a define or a true-or-false attribute, by its name."""
        kind = self._names.kind(ref.parts[0].text)
        if kind in ("segment", "partition"):
            return self._binder.membership(ref, ref.span)
        if kind is None and ref.parts[0].text not in symbols.BUILT_IN:
            known = self._names.of_kind("segment", "partition", "define", "attribute")
            found = self._names.unknown(ref.text, ref.span, "a segment, a define or an attribute", known)
            self._findings += [found] if found else []
            return ir_nodes.Fixed(False, ref.span)
        return self._binder.condition(ref)

    def _partition(self, block: nodes.PartitionBlock) -> ir.Partition:
        self._findings += clauses.check_once(block.clauses)
        stages = tuple(
            ir.Stage(
                stage.name.text,
                stage.title.value if stage.title else None,
                self._binder.condition(stage.test),
                stage.name.span,
            )
            for stage in block.stages
        )
        if block.otherwise is None:
            help_ = "end it with `otherwise NAME`, so that every customer has a place"
            self._findings.append(
                finding(
                    codes.SYNTAX, f"the partition `{block.name.text}` has no `otherwise`", block.name.span, help=help_
                )
            )
        return ir.Partition(
            block.name.text,
            block.title.value if block.title else None,
            clauses.header(block.clauses, (), self._findings),
            stages,
            block.otherwise.text if block.otherwise else "",
            block.name.span,
        )

    # --- declared intent and promises

    def _group(self, block: nodes.GroupBlock) -> ir.Group:
        declarations: list[ir.Declaration] = []
        for item in block.declarations:
            members = tuple(self.named(ref) for ref in item.refs)
            match item.kind:
                case "exclusive":
                    declarations.append(ir.Exclusive(members, item.span))
                case "covers everyone":
                    declarations.append(ir.CoversEveryone(members, item.span))
                case _:
                    declarations.append(ir.Subset(members[0], members[1], item.span))
        title = block.title.value if block.title else None
        return ir.Group(block.name.text, title, tuple(declarations), block.name.span)

    def _policy(self, block: nodes.PolicyBlock) -> ir.Policy:
        if block.scope is None:
            help_ = (
                "write `applies to all segments`, `applies to segments with channel email` or `applies to segment x`"
            )
            message = f"the policy `{block.name.text}` does not say what it applies to"
            self._findings.append(finding(codes.SYNTAX, message, block.name.span, help=help_))
        demands: list[ir.Requirement | ir.Ban] = []
        for rule in block.rules:
            match rule:
                case nodes.ForbidText(labels, outside):
                    words = tuple(label.text for label in labels)
                    demands.append(ir.Ban(words, tuple(name.text for name in outside), rule.span))
                case nodes.RequireText(nodes.ConsentClauseText() as consent):
                    bound = clauses.consent(consent, self._binder, self._windows, inherited=False)
                    demands.append(ir.Requirement(bound, rule.span))
                case nodes.RequireText(demand):
                    assert not isinstance(demand, nodes.ConsentClauseText)
                    demands.append(ir.Requirement(self._binder.condition(demand), rule.span))
        title = block.title.value if block.title else None
        reached = self._in_scope(block.scope) if block.scope else ()
        return ir.Policy(block.name.text, title, reached, tuple(demands), block.name.span)

    def _in_scope(self, scope: nodes.Scope) -> tuple[str, ...]:
        named = tuple(ref.text for ref in scope.refs)
        for ref in scope.refs:
            self._binder.membership(ref, ref.span)
        wanted = {name.text for name in scope.names}
        segments = self._made.segments
        match scope.kind:
            case "all":
                return tuple(name for name in segments if name not in named)
            case "named":
                return named
            case "channel":
                return tuple(name for name, item in segments.items() if wanted.intersection(item.header.channels))
            case "purpose":
                return tuple(name for name, item in segments.items() if wanted.intersection(item.header.purposes))
            case "tag":
                return tuple(name for name, item in segments.items() if wanted.intersection(item.header.tags))
            case _:
                return tuple(name for name, item in segments.items() if item.header.owner in wanted)

    def _roots(self, bound_caps: Sequence[Cap]) -> list[ir_nodes.Expression]:
        """Every expression of every definition, and of the caps."""
        made = self._made
        roots: list[ir_nodes.Expression] = [definition.body for definition in made.definitions.values()]
        for score in made.scores.values():
            roots += expressions_of(score)
        for segment in made.segments.values():
            roots += conditions_of(segment)
        for partition in made.partitions.values():
            roots += [stage.condition for stage in partition.stages]
        return roots + [cap.condition for cap in bound_caps]
