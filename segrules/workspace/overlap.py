"""What segments have to do with each other: what holds for any customers, and what they share in the data."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segrules.diagnostics.errors import BadInput, UnknownName
from segrules.diagnostics.finding import Evidence, Finding, Severity
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.rules import Rules
from segrules.proofs.findings import evidence
from segrules.proofs.pairs.pair import Pair, PairVerdict
from segrules.proofs.verdict import Clause
from segrules.text.source import Source
from segrules.text.span import Span
from segrules.workspace.overlap_text import WIDTH, Alone, overlap_text

if TYPE_CHECKING:
    from segrules.evaluation.overlap import OverlapCounts
    from segrules.evaluation.result import Result


MOST_SHOWN = 300
"""Of so many pairs JSON has what shows each; it takes about a tenth of a second for one."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How segments lie to each other, two by two; as text it is what `segrules overlap` prints.

    `pairs` has each two `segments` once, in their order; what shows a pair, `shown` looks for when it is asked.
    `counts` are those of the data, None where none were asked for, and `findings` those about the data. `places` has
    where each segment is defined, `sources` the texts by path.
    """

    segments: tuple[str, ...]
    pairs: tuple[Pair, ...]
    counts: "OverlapCounts | None" = None
    findings: tuple[Finding, ...] = ()
    places: Mapping[str, Span] = field(default_factory=dict, repr=False)
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)
    _rules: Rules | None = field(default=None, repr=False)
    _shown: Callable[[str, str], Pair] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return self.text()

    def text(self, width: int | None = None) -> str:
        """The text for a window so many characters wide; left out, for 100."""
        alone = self.shown(*self.segments) if len(self.pairs) == 1 else None
        shown = None if alone is None else self._evidence(alone)
        known = Alone(None if shown is None else shown.test, self.places, self.sources)
        pairs = self.pairs if alone is None else (alone,)
        return overlap_text(self.segments, pairs, self.counts, known, width or WIDTH)

    def __getitem__(self, names: tuple[str, str]) -> Pair:
        """What is known of two segments, named in either order; the pair has them in its own.

        Raises:
            UnknownName: no such pair was looked at.
        """
        for pair in self.pairs:
            if {pair.a, pair.b} == set(names):
                return pair
        missing = next((name for name in names if name not in self.segments), None)
        if missing is None:
            raise UnknownName("a pair takes two different segments")
        raise UnknownName(f"`{missing}` was not looked at", help=did_you_mean(str(missing), self.segments))

    def shown(self, one: str, other: str) -> Pair:
        """What is known of two segments, with what shows it: a customer in both, or the clauses that conflict.

        Raises:
            UnknownName: no such pair was looked at.
        """
        pair = self[one, other]
        return pair if self._shown is None else self._shown(pair.a, pair.b)

    def witness(self, one: str, other: str) -> str | None:
        """A customer who is in both segments, as a `test` block of the language.

        None where none is known, or where the language has no words for one.

        Raises:
            UnknownName: no such pair was looked at.
        """
        shown = self._evidence(self.shown(one, other))
        return None if shown is None else shown.test

    @property
    def verdicts(self) -> Mapping[PairVerdict, int]:
        """How many pairs there are of each verdict, those that do not occur included."""
        counted = Counter(pair.verdict for pair in self.pairs)
        return {verdict: counted[verdict] for verdict in PairVerdict}

    @property
    def undecided(self) -> Mapping[str, int]:
        """How many pairs are undecided, by reason; the most frequent first."""
        counted = Counter(str(pair.reason) for pair in self.pairs if pair.reason is not None)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))

    def to_json(self) -> dict[str, Any]:
        """The same as JSON values; `counts` is null where no data were asked for.

        Of more pairs than `MOST_SHOWN` none has its witness, or the clauses that conflict: name fewer segments.
        """
        few = len(self.pairs) <= MOST_SHOWN
        pairs = [self.shown(pair.a, pair.b) for pair in self.pairs] if few else list(self.pairs)
        return {
            "segments": list(self.segments),
            "verdicts": {str(verdict): count for verdict, count in self.verdicts.items()},
            "undecided": dict(self.undecided),
            "pairs": [self._pair_json(pair) for pair in pairs],
            "shown": few,
            "counts": None if self.counts is None else self.counts.to_json(),
        }

    def _evidence(self, pair: Pair) -> Evidence | None:
        return None if pair.witness is None or self._rules is None else evidence(pair.witness, self._rules)

    def _pair_json(self, pair: Pair) -> dict[str, Any]:
        shown = self._evidence(pair)
        return {
            "a": pair.a,
            "b": pair.b,
            "verdict": str(pair.verdict),
            "witness": None if shown is None else dict(shown.content),
            "reason": None if pair.reason is None else pair.reason.value,
            "core": [_clause_json(clause) for clause in pair.core],
        }


def _clause_json(clause: Clause) -> dict[str, Any]:
    return {
        "segment": clause.segment,
        "what": clause.what,
        "path": clause.span.path,
        "line": clause.span.line,
        "column": clause.span.column,
    }


def find_overlap(
    rules: Rules,
    sources: Mapping[str, Source],
    names: tuple[str, ...],
    evaluate: Callable[[], "Result"] | None,
    min_cell: int,
    progress: Callable[[str, int, int], None],
    cache: Path | None,
) -> Overlap:
    """Look at each two of these segments, for any customers, and in the data where `evaluate` looks there.

    What is proved is remembered in the file `cache`, if there is one, for pairs that do not change.

    Raises:
        BadInput, BadRules, BadData: what `evaluate` raises.
        Cancelled: `progress` said so.
    """
    # The solver is loaded here, and the engine and its data libraries where there is something to count.
    from segrules.proofs.pairs.all_pairs import all_pairs
    from segrules.proofs.pairs.cache import Cache

    counts: OverlapCounts | None = None
    findings: tuple[Finding, ...] = ()
    if evaluate is not None:
        from segrules.evaluation.overlap import overlap_counts

        result = evaluate()
        counts = overlap_counts(result, names, min_cell=min_cell)
        findings = tuple(_about_data(result))
    pairs = all_pairs(rules, names, progress, cache=Cache(cache))
    places = {name: rules.segments[name].span for name in names}
    return Overlap(names, tuple(pairs), counts, findings, places, sources, rules, pairs.shown)


def _about_data(result: "Result") -> Iterator[Finding]:
    """What is wrong with the data: not the sizes of segments, nor notes, both of which may tell of a few people."""
    for item in result.findings:
        if item.code.number.startswith("SEG5") and item.severity is not Severity.NOTE:
            yield item


def check_asked(names: tuple[str, ...], min_cell: object, *, data: bool, as_of: bool) -> None:
    """Check what was asked of an overlap.

    Raises:
        BadInput: there are not two segments, the smallest count is no positive number, or data came without an instant.
    """
    if len(names) < 2:
        found = f"`{names[0]}` is the only segment" if names else "there is no segment"
        raise BadInput(f"an overlap takes two segments, and {found} to look at", help="name two or more")
    if not isinstance(min_cell, int) or isinstance(min_cell, bool) or min_cell < 1:
        raise BadInput(f"the smallest count to be shown is {min_cell}, expected a whole number from 1 on")
    if data and not as_of:
        raise BadInput("data are counted at an instant", help="give `as_of`, too (`--as-of`)")
