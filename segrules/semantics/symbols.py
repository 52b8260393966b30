"""Names of a rule set: who owns which, clashes, and what a mistyped one most likely means.

Attributes, events, relations, defines, scores, segments, partitions and the like share one namespace.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from segrules.diagnostics import codes
from segrules.diagnostics.finding import Finding, Related, finding
from segrules.diagnostics.nearest import did_you_mean, nearest
from segrules.ir.catalogue import Catalogue
from segrules.syntax import nodes
from segrules.text.span import Span

BUILT_IN = frozenset({"customer", "consent"})
"""Names that the language itself owns."""

Named = (
    nodes.RulesetBlock
    | nodes.DefineBlock
    | nodes.ScoreBlock
    | nodes.SegmentBlock
    | nodes.PartitionBlock
    | nodes.GroupBlock
    | nodes.PolicyBlock
    | nodes.FixtureBlock
)


_FEW = 12
"""As many names a help lists where none is close."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name: what it is (`attribute`, `event`, `segment`, …), where it is defined, and its block if it has one."""

    name: str
    kind: str
    span: Span
    block: Named | None = None


@dataclass
class Symbols:
    """All names of a rule set by kind; `broken` are names whose definitions could not be read."""

    catalogue: Catalogue
    by_name: dict[str, Symbol] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    def kind(self, name: str) -> str | None:
        """What a name is, or None where nobody defines it."""
        found = self.by_name.get(name)
        return found.kind if found else None

    def of_kind(self, *kinds: str) -> list[str]:
        """Names of these kinds, in the order of their definition."""
        return [symbol.name for symbol in self.by_name.values() if symbol.kind in kinds]

    def unknown(self, name: str, span: Span, expected: str, known: Collection[str]) -> Finding | None:
        """A finding for a name that is none of `known`; None where its definition is there but could not be read."""
        if name in self.broken:
            return None
        synonym = nearest(name, self._synonyms())
        help_ = did_you_mean(name, known)
        if help_ is None and synonym is not None:
            help_ = f"did you mean `{self._synonyms()[synonym]}`, which is also called `{synonym}`?"
        listed = list(known)
        if help_ is None and 0 < len(listed) <= _FEW:
            help_ = "known are " + ", ".join(f"`{item}`" for item in listed)
        return finding(codes.UNKNOWN_NAME, f"`{name}` is not the name of {expected}", span, help=help_)

    def _synonyms(self) -> Mapping[str, str]:
        return {
            synonym: column.name
            for column in self.catalogue.customers.attributes.values()
            for synonym in column.synonyms
        }


def collect(files: Sequence[nodes.File], catalogue: Catalogue) -> tuple[Symbols, list[Finding]]:
    """All names of the catalogue and the rule files, with findings for those that clash."""
    symbols = Symbols(catalogue)
    findings: list[Finding] = []
    for name, column in catalogue.customers.attributes.items():
        symbols.by_name[name] = Symbol(name, "attribute", column.span)
    for name, event in catalogue.events.items():
        symbols.by_name[name] = Symbol(name, "event", event.span)
    for name, relation in catalogue.relations.items():
        symbols.by_name[name] = Symbol(name, "relation", relation.span)
    for file in files:
        symbols.broken |= file.broken
        for block in file.blocks:
            if not isinstance(block, nodes.TestBlock):
                findings += _add(symbols, block)
    findings += _case_clashes(symbols)
    return symbols, findings


def kind_of(block: Named) -> str:
    """What a block defines, in a word."""
    match block:
        case nodes.RulesetBlock():
            return "ruleset"
        case nodes.DefineBlock():
            return "define"
        case nodes.ScoreBlock():
            return "score"
        case nodes.SegmentBlock():
            return "segment"
        case nodes.PartitionBlock():
            return "partition"
        case nodes.GroupBlock():
            return "group"
        case nodes.PolicyBlock():
            return "policy"
        case nodes.FixtureBlock():
            return "fixture"


def _add(symbols: Symbols, block: Named) -> list[Finding]:
    name, span, kind = block.name.text, block.name.span, kind_of(block)
    if kind == "ruleset":  # a ruleset's name is a heading: nothing refers to it
        return []
    if name in BUILT_IN:
        return [finding(codes.DUPLICATE_NAME, f"`{name}` is a name of the language itself", span, help="rename it")]
    before = symbols.by_name.get(name)
    if before is None:
        symbols.by_name[name] = Symbol(name, kind, span, block)
        return []
    message = f"the name `{name}` is defined twice: as {_article(before.kind)} and as {_article(kind)}"
    related = [Related(before.span, f"{_article(before.kind)} of this name stands here")]
    return [finding(codes.DUPLICATE_NAME, message, span, help="rename one of them", related=related)]


def _case_clashes(symbols: Symbols) -> list[Finding]:
    first: dict[str, Symbol] = {}
    findings = []
    for symbol in symbols.by_name.values():
        before = first.setdefault(symbol.name.casefold(), symbol)
        if before is not symbol:
            message = f"the names `{before.name}` and `{symbol.name}` differ only in case"
            related = [Related(before.span, f"`{before.name}` stands here")]
            findings.append(finding(codes.CASE_CLASH, message, symbol.span, help="rename one of them", related=related))
    return findings


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
